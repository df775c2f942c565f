"""The ladder's next step: an offer that no device of a medic has received after 10 s goes to the city's own gateway.

The gateway sends an SMS or a message, or has a machine call; whose number a person's id is, it knows and the hub does
not. What it is told is signed, and names nobody, no place and no need. A gateway that is slow, wrong or gone delays no
timer and nothing in a hub.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from typing import Final

import msgspec
from redis.exceptions import RedisError

from hub.commit import unpack
from hub.errors import StoreError
from hub.hook_urls import target
from hub.names import Names
from hub.settings import Settings
from hub.store import Store
from workers.bell import Bell
from workers.post import Answer, Poster
from workers.push_feed import LINK, TTL_MS, Feed, Offered, waits
from workers.push_send import TRY_S, Send
from workers.receiver import signature

log = logging.getLogger("kentongan.gateway")

LOOK_S: Final = 1.0
AFTER_MS: Final = 10_000
LEASE_MS: Final = 15_000
DONE_MS: Final = 600_000
AT_ONCE: Final = 16
REMEMBERED: Final = 10_000
MOST_TASKS: Final = 2_000


class Gateway:
    """Tells one city's gateway.

    Args:
        send: instead of real requests, in tests.
        after_ms: `AFTER_MS`, but in tests.
    """

    def __init__(self, store: Store, settings: Settings, send: Send | None = None, after_ms: int = AFTER_MS) -> None:
        self._store, self._after_ms = store, after_ms
        self._where, self._secret = target(settings.notify_url), settings.notify_secret
        self._send = send or Poster(Names(), private=True)  # the operator chose the address, no stranger
        self._bell, self._feed = Bell(store, "urgent"), Feed(store)
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._me = f"going {uuid.uuid4().hex}"

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    offered = await self._feed.step()
                    self._begin(offered)
                    if not offered:
                        await self._bell.rung(self._feed.read_to, LOOK_S)
                except (StoreError, RedisError) as exc:
                    log.warning("gateway: %s", exc)
                    self._feed.anew()
                    await asyncio.sleep(LOOK_S)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._bell.close()

    def _begin(self, offered: list[Offered]) -> None:
        for offer in offered:
            name = f"gateway.{offer.person}.{offer.id}.{offer.at}"
            if offer.drill or name in self._known or len(self._tasks) >= MOST_TASKS:
                continue
            self._known.append(name)
            task = asyncio.create_task(self._try(offer, name), name=name)
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("gateway failed", exc_info=error)

    async def _try(self, offer: Offered, name: str) -> None:
        """From 10 s after the offer until the gateway took it, it ended or a device received it, for a minute."""
        await asyncio.sleep(max(0, offer.at + self._after_ms - self._store.now()) / 1000)
        wait_s = 1.0
        while offer.at + TTL_MS + self._after_ms > self._store.now():
            try:
                worth, mine = await self._look(offer, name)
                if not worth:
                    return
                if mine and (await self._attempt(offer)).ok:
                    await self._store.many(LINK, [["SET", self._store.keys.pushed(name), "done", "PX", DONE_MS]])
                    return
            except (StoreError, RedisError) as exc:
                log.warning("gateway: %s", exc)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, 8.0)

    async def _look(self, offer: Offered, name: str) -> tuple[bool, bool]:
        """Whether it is worth it still, and whether it is this worker that tries."""
        keys = self._store.keys
        view, claim = await self._store.many(
            LINK, [["HGET", keys.table(offer.topic), offer.id], ["GET", keys.pushed(name)]]
        )
        if claim == b"done" or view is None or not waits(unpack(view), offer):
            return False, False
        mine = claim is not None and claim.decode() == self._me
        (taken,) = await self._store.many(
            LINK, [["SET", keys.pushed(name), self._me, "PX", LEASE_MS, *([] if mine else ["NX"])]]
        )
        return True, bool(taken)

    async def _attempt(self, offer: Offered) -> Answer:
        body = told(offer, self._store.city)
        timestamp = str(self._store.now() // 1000)
        said = {
            "Content-Type": "application/json",
            "User-Agent": "Kentongan",
            "Kentongan-Id": f"{offer.id}.{offer.person}.{offer.at}",
            "Kentongan-Timestamp": timestamp,
            "Kentongan-Signature": signature(self._secret, timestamp, body),
        }
        async with self._turns:
            answer = await self._send(self._where, said, body, TRY_S)
        if not answer.ok:
            log.warning("gateway: %s", answer.error)
        return answer


def told(offer: Offered, city: str) -> bytes:
    """What the gateway is told: the same bytes at every try."""
    return msgspec.json.encode(
        {"kind": "offer", "id": offer.id, "role": offer.role, "person": offer.person, "city": city, "at": offer.at}
    )
