"""When the sign-ins of staff were last live at this hub: leases in the store, so that every hub can say it.

Written in batches beside the sockets' work, never in their way. A hub that dies leaves its sign-ins "live" until
their leases run out. A note that is lost is made again with the next check; nothing rests on it but what a desk reads.
"""

from __future__ import annotations

import asyncio
from typing import Final

from redis.exceptions import RedisError

from hub.errors import StoreError
from hub.link import Args
from hub.store import Store

KEPT_MS: Final = 90 * 24 * 3600 * 1000
FLUSH_S: Final = 0.1
BATCH: Final = 256


class Sightings:
    """The live sign-ins of one hub.

    Args:
        node: this hub's name.
        lease_ms: how long a sign-in counts as live without being renewed.
    """

    def __init__(self, store: Store, node: str, lease_ms: int) -> None:
        self._store, self._node, self._lease_ms = store, node, lease_ms
        self._live: set[str] = set()
        self._due: set[str] = set()
        self._wake = asyncio.Event()

    def came(self, digest: str, role: str) -> None:
        """A sign-in has a socket here; a resident's is nobody's to look at."""
        if role != "resident":
            self._live.add(digest)
            self._note(digest)

    def left(self, digest: str) -> None:
        """Its last socket here is gone."""
        if digest in self._live:
            self._live.discard(digest)
            self._note(digest)

    def renew(self) -> None:
        """Those that are still live stay so for another lease."""
        if self._live:
            self._due |= self._live
            self._wake.set()

    def _note(self, digest: str) -> None:
        self._due.add(digest)
        self._wake.set()

    async def run(self) -> None:
        """Write what changed, until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(FLUSH_S)
            self._wake.clear()
            due, self._due = list(self._due), set()
            for start in range(0, len(due), BATCH):
                await self._write(due[start : start + BATCH])

    async def _write(self, digests: list[str]) -> None:
        now = self._store.now()
        commands: list[Args] = []
        for digest in digests:
            key, until = self._store.keys.seen(digest), now + self._lease_ms if digest in self._live else 0
            commands += [["HSET", key, self._node, f"{until} {now}"], ["PEXPIRE", key, KEPT_MS]]
        try:
            await self._store.many("normal", commands)
        except (StoreError, RedisError):
            return


def seen(notes: list[bytes], now: int) -> tuple[bool, int]:
    """(live, last seen; 0 for never) from what all hubs noted: a hash's names and values in turn."""
    live, last = False, 0
    for value in notes[1::2]:
        until, at = (int(part) for part in value.split())
        live, last = live or until > now, max(last, at)
    return live, last
