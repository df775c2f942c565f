"""Wakes phones: an open offer of somebody whom no page reaches goes to each device that can be woken.

Each device is a task of its own, with bounds of its own: a push service that is slow, wrong or gone delays no other,
no timer and nothing in a hub. One offer is taken once by one device: a claim in the store is leased while somebody
tries, so that another worker goes on where one died. An offer that was answered meanwhile, or that a page received,
is not sent. A subscription that its push service calls gone is forgotten, and the service of its role is told.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from typing import Final, Literal

from redis.exceptions import RedisError

from hub.commit import unpack
from hub.dispatch import Dispatch
from hub.errors import DataError, StoreError
from hub.hook_urls import target
from hub.identity import recorded_base
from hub.names import Names
from hub.push import ROLES, Subscription, Subscriptions, stands
from hub.settings import Settings
from hub.store import Store
from workers.bell import Bell
from workers.post import Answer, Poster
from workers.push_feed import LINK, TTL_MS, Feed, Offered, waits
from workers.push_send import TRY_S, Note, Send, Signer, push

log = logging.getLogger("kentongan.push")

LOOK_S: Final = 1.0
SWEEP_S: Final = 60.0
PATIENCE_S: Final = 3.0
"""A page that the hub believes to be heard has so long to say that it received the offer."""
LEASE_MS: Final = 15_000
DONE_MS: Final = 600_000
MOST_TASKS: Final = 2_000
PER_SERVICE: Final = 16
REMEMBERED: Final = 10_000
GONE: Final = (404, 410)
REFUSED: Final = (400, 401, 403, 413)
"""Answers that are the same the next time."""

What = Literal["send", "wait", "over"]


class Pushes:
    """Wakes phones for one city.

    Args:
        send: instead of real requests, in tests.
        patience_s: `PATIENCE_S`, but in tests.
    """

    def __init__(
        self,
        store: Store,
        dispatch: Dispatch,
        settings: Settings,
        send: Send | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store, self._settings, self._patience_s = store, settings, patience_s
        self._kept = Subscriptions(store, dispatch)
        self._send = send or Poster(Names(), private=settings.webhook_private)
        self._bell, self._feed = Bell(store, "urgent"), Feed(store)
        self._signer: tuple[bytes, Signer] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._services: dict[str, asyncio.Semaphore] = {}
        self._sweep_at = 0.0
        self._me = f"going {uuid.uuid4().hex}"

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    await self._step()
                except (StoreError, RedisError) as exc:
                    log.warning("push: %s", exc)
                    self._feed.anew()
                    await asyncio.sleep(LOOK_S)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._bell.close()

    async def _step(self) -> None:
        """Without anybody to wake the log is left alone: a quiet city costs one question a second."""
        if not await self._kept.people():
            self._feed.anew()
            await asyncio.sleep(LOOK_S)
            return
        offered = await self._feed.step()
        for role in ROLES:
            await self._begin(role, [one for one in offered if one.role == role])
        await self._sweep()
        if not offered:
            await self._bell.rung(self._feed.read_to, LOOK_S)

    async def _begin(self, role: str, offered: list[Offered]) -> None:
        if not offered:
            return
        found = await self._kept.of_all(role, sorted({one.person for one in offered}))
        for offer in offered:
            for device in found[offer.person]:
                name = f"{device.digest[:32]}.{offer.id}.{offer.at}"
                if name in self._known:
                    continue
                if len(self._tasks) >= MOST_TASKS:
                    log.warning("push: %d are under way; one was not begun", MOST_TASKS)
                    continue
                self._known.append(name)
                task = asyncio.create_task(self._try(offer, device, name), name=f"push {name}")
                self._tasks.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("push failed", exc_info=error)

    async def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_S
            await self._kept.sweep()

    # -- one offer at one device ------------------------------------------------------

    async def _try(self, offer: Offered, device: Subscription, name: str) -> None:
        """Until it was taken, is not worth it any more, or can never be."""
        wait_s, believed = 1.0, True
        while offer.at + TTL_MS > self._store.now():
            try:
                what = await self._look(offer, device, name, believed=believed)
                if what == "send":
                    answer = await self._attempt(offer, device)
                    if await self._settled(offer, device, name, answer):
                        return
                    await asyncio.sleep(max(wait_s, answer.retry_after_s))
                    wait_s = min(2 * wait_s, 8.0)
                elif what == "wait":
                    believed = False
                    await asyncio.sleep(self._patience_s)
                else:
                    return
            except (StoreError, RedisError) as exc:
                log.warning("push: %s", exc)
                await asyncio.sleep(LOOK_S)

    async def _look(self, offer: Offered, device: Subscription, name: str, *, believed: bool) -> What:
        """Whether it is to be sent now.

        Args:
            believed: whether a page that answers its beats is believed to hear; after a while only its receipt is.
        """
        keys = self._store.keys
        view, here, sign_in, claim = await self._store.many(
            LINK,
            [
                ["HGET", keys.table(offer.topic), offer.id],
                ["HGETALL", keys.here(offer.person)],
                self._kept.asked(device),
                ["GET", keys.pushed(name)],
            ],
        )
        now = self._store.now()
        if claim == b"done" or view is None or not waits(unpack(view), offer):
            return "over"
        if not stands(sign_in, now):
            await self._kept.drop(offer.person, device)
            return "over"
        if believed and heard(here, now):
            return "wait"
        mine = claim is not None and claim.decode() == self._me
        (taken,) = await self._store.many(
            LINK, [["SET", keys.pushed(name), self._me, "PX", LEASE_MS, *([] if mine else ["NX"])]]
        )
        return "send" if taken else "wait"

    async def _attempt(self, offer: Offered, device: Subscription) -> Answer:
        """One try, behind at most `PER_SERVICE` others at the same push service."""
        try:
            service = target(device.endpoint).authority
        except DataError as exc:
            return Answer(error=str(exc))
        if len(self._services) > MOST_TASKS:
            self._services = {}
        left_s = max(1, (offer.at + TTL_MS - self._store.now()) // 1000)
        note = Note("drill" if offer.drill else "offer", offer.id, self._store.city)
        try:
            async with asyncio.timeout(2 * TRY_S):
                async with self._services.setdefault(service, asyncio.Semaphore(PER_SERVICE)):
                    return await push(self._send, await self._signing(), device, note, left_s)
        except TimeoutError:
            return Answer(error=f"no answer within {2 * TRY_S:g} s")

    async def _settled(self, offer: Offered, device: Subscription, name: str, answer: Answer) -> bool:
        """Note what came of a try; whether it was the last."""
        gone = answer.status in GONE
        if not answer.ok:
            log.warning("push: %s%s", answer.error, "; the subscription is forgotten" if gone else "")
        if not answer.ok and not gone and answer.status not in REFUSED:
            return False
        await self._store.many(LINK, [["SET", self._store.keys.pushed(name), "done", "PX", DONE_MS]])
        if gone:
            await self._kept.drop(offer.person, device)
        return True

    async def _signing(self) -> Signer:
        """With the city's key as it is now: a store whose data vanished has another."""
        secret = self._store.secret
        if self._signer is None or self._signer[0] != secret:
            base = self._settings.public_url or await recorded_base(self._store) or ""
            self._signer = secret, Signer(secret, base if base.startswith("https://") else "")
        return self._signer[1]


def heard(here: list[bytes], now: int) -> bool:
    """Whether a page of this person answers its beats and its sound works, by the leases of all hubs."""
    leases = [lease.decode().split() for lease in here[1::2]]
    return any(int(until) > now and audible == "1" for until, _, audible, *_ in leases)
