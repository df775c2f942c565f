"""What workers count, told through the store: a worker has no socket of its own that could be asked.

Each worker writes its figures into one hash every 5 s, and takes them out when it ends; every hub prints those of
all workers that told something in the last minute. They are read without a guarantee and decide nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct
from redis.exceptions import RedisError

from hub.dispatch import Dispatch
from hub.errors import StoreError
from hub.figures import BOUNDS_S, Histogram
from hub.store import Store

TELL_S: Final = 5.0
FRESH_MS: Final = 60_000
FORGET_MS: Final = 3_600_000


class Archived(Struct, frozen=True):
    """How the long memory stands: `level_at` when it last held all that was logged, `length` of the audit log."""

    up: bool = False
    level_at: int = 0
    rows: int = 0
    head_at: int = 0
    length: int = 0


class Sent(Struct):
    """What became of requests to push services, or to the city's gateway.

    Args:
        sent: tries. accepted: taken. failed: no answer, or one that may be another the next time.
        dead: the push service has given the device up. refused: the same would be refused again.
        late: given up, because its time was over before it was taken.
    """

    sent: int = 0
    accepted: int = 0
    failed: int = 0
    dead: int = 0
    refused: int = 0
    late: int = 0


class Told(Struct, frozen=True):
    """One worker's figures since its start; `at`: when it told them (the city's time, ms).

    `archive` None: this worker archives nothing; `push`, `gateway`: it wakes no phones, tells no gateway.
    """

    at: int
    commits: int
    conflicts: int
    commands: dict[str, int]
    late: dict[str, Histogram]
    archive: Archived | None = None
    push: Sent | None = None
    gateway: Sent | None = None


_told = msgspec.msgpack.Decoder(Told)


class Teller:
    """Tells one worker's figures until cancelled."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store, self._dispatch = store, dispatch
        self.archive: Callable[[], Archived] | None = None
        self.push: Sent | None = None
        self.gateway: Sent | None = None
        self.name = f"worker-{secrets.token_hex(3)}"
        self.told = 0

    async def run(self) -> None:
        """Work until cancelled; a store that is away is told later."""
        with contextlib.suppress(StoreError, RedisError):
            await forget_stale(self._store)
        try:
            while True:
                with contextlib.suppress(StoreError, RedisError):
                    await self.tell()
                await asyncio.sleep(TELL_S)
        finally:
            if self._store.up:
                with contextlib.suppress(StoreError, RedisError):
                    await self._store.many("watch", [["HDEL", self._store.keys.workers, self.name]])

    async def tell(self) -> None:
        """Write them once.

        Raises:
            StoreError, RedisError: they could not be written.
        """
        dispatch = self._dispatch
        figures = dispatch.figures
        archive = self.archive() if self.archive is not None else None
        counted = (dispatch.commits, dispatch.conflicts, figures.commands, figures.late)
        told = Told(self._store.now(), *counted, archive, self.push, self.gateway)
        await self._store.many("watch", [["HSET", self._store.keys.workers, self.name, msgspec.msgpack.encode(told)]])
        self.told += 1


async def forget_stale(store: Store) -> None:
    """Drop what workers left behind that were killed.

    Raises:
        StoreError, RedisError: the store could not be asked.
    """
    oldest = store.now() - FORGET_MS
    stale = [name for name, told in (await _read(store)).items() if told is None or told.at < oldest]
    if stale:
        await store.many("watch", [["HDEL", store.keys.workers, *stale]])


async def workers(store: Store) -> dict[str, Told]:
    """The workers that told their figures in the last minute; none when the store cannot be asked."""
    if not store.up:
        return {}
    try:
        found = await _read(store)
    except (StoreError, RedisError):
        return {}
    oldest = store.now() - FRESH_MS
    return {name: told for name, told in sorted(found.items()) if told is not None and told.at >= oldest}


async def _read(store: Store) -> dict[str, Told | None]:
    (flat,) = await store.many("watch", [["HGETALL", store.keys.workers]])
    return {flat[place].decode(): _parsed(flat[place + 1]) for place in range(0, len(flat), 2)}


def _parsed(value: bytes) -> Told | None:
    """None for what another version told."""
    try:
        told = _told.decode(value)
    except msgspec.MsgspecError:
        return None
    fits = all(len(histogram.counts) == len(BOUNDS_S) + 1 for histogram in told.late.values())
    return told if fits else None
