"""Wakes phones: what rings for somebody whom no page reaches goes to each device of theirs that can be woken.

What rings, and for whom, the services say (`hub.contract.Waking`). Each device is a task of its own, with bounds of its
own: a push service that is slow, wrong or gone delays no other, no timer and nothing in a hub. One ring is taken once
by one device: a claim in the store is leased while somebody tries, so that another worker goes on where one died. What
was answered meanwhile, or received by a page, is not sent. A subscription that its push service calls gone is
forgotten, and the services that want to know are told.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Coroutine
from typing import Final, Literal

from redis.exceptions import RedisError

from hub.commit import unpack
from hub.contract import Lane, Wake
from hub.dispatch import Dispatch
from hub.errors import DataError, StoreError
from hub.hook_urls import target
from hub.identity import recorded_base
from hub.names import Names
from hub.push import Device, Subscriptions, stands
from hub.settings import Settings
from hub.store import Store
from hub.worker_figures import Sent
from workers.bell import Bell
from workers.post import Answer, Poster
from workers.push_feed import LINK, Feed, Remembered, Ring, Shown, heard, said
from workers.push_send import TRY_S, Note, Send, Signer, push

log = logging.getLogger("kentongan.push")

LOOK_S: Final = 1.0
SWEEP_S: Final = 60.0
PATIENCE_S: Final = 3.0
"""A page that the hub believes to be heard has so long to say that it received what rings."""
DOUBTS: Final = 4
"""Where no receipt is given, a page is believed when it still answers after so many times that (10 s: see presence)."""
LEASE_MS: Final = 15_000
DONE_MS: Final = 600_000
MOST_TASKS: Final = 2_000
PER_SERVICE: Final = 16
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
        self._doubt_s = patience_s * DOUBTS
        self._services, self._kept = dispatch.services, Subscriptions(store, dispatch)
        self._send = send or Poster(Names(), private=settings.webhook_private)
        self._signer: tuple[bytes, Signer] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._known = Remembered()
        self._limits: dict[tuple[Lane, str], asyncio.Semaphore] = {}
        self._under_way: Counter[Lane] = Counter()
        self._me = f"going {uuid.uuid4().hex}"
        self.sweeping = True
        self.figures = Sent()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sweep(), name="push sweep")
                for lane in self._services.ringing_lanes:
                    group.create_task(self._follow(lane), name=f"push {lane}")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, lane: Lane) -> None:
        bell, feed = Bell(self._store, lane), Feed(self._store, self._services, lane)
        try:
            while True:
                try:
                    await self._step(bell, feed)
                except (StoreError, RedisError) as exc:
                    log.warning("push: %s", exc)
                    feed.anew()
                    await asyncio.sleep(LOOK_S)
        finally:
            await bell.close()

    async def _step(self, bell: Bell, feed: Feed) -> None:
        """Without anybody to wake the log is left alone: a quiet city costs one question a second."""
        if not await self._kept.any():
            feed.anew()
            await asyncio.sleep(LOOK_S)
            return
        shown = await feed.step()
        await self._begin([ring for one in shown for ring in self._rings(feed.lane, one)])
        if not shown:
            await bell.rung(feed.read_to, LOOK_S)

    async def _sweep(self) -> None:
        while True:
            try:
                if self.sweeping:
                    await self._kept.sweep()
            except (StoreError, RedisError) as exc:
                log.warning("push: %s", exc)
            await asyncio.sleep(SWEEP_S)

    # -- what rings ----------------------------------------------------------------------

    def _rings(self, lane: Lane, shown: Shown) -> list[Ring]:
        """Those of a view that are not known yet."""
        wakes = said(self._services.wakes, shown.topic, shown.view)
        found = [Ring(lane, shown.topic, shown.id, wake) for wake in wakes]
        return [ring for ring in found if self._known.new(ring.name)]

    async def _begin(self, rings: list[Ring]) -> None:
        """A task for each device of those that are due, and one for each that is not."""
        now, wakes = self._store.now(), {ring.wake: ring for ring in rings}
        for ring in rings:
            if ring.wake.due > now:
                del wakes[ring.wake]
                self._start(ring.lane, f"push {ring.name}", self._later(ring))
        for device in await self._kept.devices(wakes):
            name = f"{device.one.digest[:32]}.{device.wake.kind}.{device.wake.id}.{device.wake.at}"
            if self._known.new(name):
                ring = wakes[device.wake]
                self._start(ring.lane, f"push {name}", self._try(ring, device, name))

    def _start(self, lane: Lane, name: str, work: Coroutine[None, None, None]) -> None:
        """Each lane has bounds of its own: a test of all phones keeps no medic's waiting."""
        if self._under_way[lane] >= MOST_TASKS:
            work.close()
            log.warning("push: %d of lane %s are under way; one was not begun", MOST_TASKS, lane)
            return
        self._under_way[lane] += 1
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._ended(lane, task))

    def _ended(self, lane: Lane, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._under_way[lane] -= 1
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("push failed", exc_info=error)

    async def _later(self, ring: Ring) -> None:
        await asyncio.sleep(max(0, ring.wake.due - self._store.now()) / 1000)
        while True:
            try:
                return await self._begin([ring])
            except (StoreError, RedisError) as exc:
                log.warning("push: %s", exc)
                await asyncio.sleep(LOOK_S)

    # -- one ring at one device -----------------------------------------------------------

    async def _try(self, ring: Ring, device: Device, name: str) -> None:
        """Until it was taken, is not worth it any more, or can never be."""
        wait_s, believed, tried = 1.0, True, False
        while device.wake.at + device.wake.lasts_ms > self._store.now():
            try:
                what = await self._look(ring, device, name, believed=believed)
                if what == "send":
                    answer, tried = await self._attempt(ring.lane, device), True
                    if await self._settled(device, name, answer):
                        return
                    await asyncio.sleep(max(wait_s, answer.retry_after_s))
                    wait_s = min(2 * wait_s, 8.0)
                elif what == "wait":
                    believed = False
                    await asyncio.sleep(self._doubt_s if device.wake.believed else self._patience_s)
                else:
                    return
            except (StoreError, RedisError) as exc:
                log.warning("push: %s", exc)
                await asyncio.sleep(LOOK_S)
        if tried:
            self.figures.late += 1

    async def _look(self, ring: Ring, device: Device, name: str, *, believed: bool) -> What:
        """Whether it is to be sent now.

        Args:
            believed: whether it is the first look: a page that seems to hear is left alone until the second.
        """
        keys = self._store.keys
        view, here, sign_in, claim = await self._store.many(
            LINK,
            [
                ["HGET", keys.table(ring.topic), ring.thing],
                ["HGETALL", keys.here(device.person)],
                self._kept.asked(device.one),
                ["GET", keys.pushed(name)],
            ],
        )
        now = self._store.now()
        wake = self._still(ring, view)
        if claim == b"done" or wake is None:
            return "over"
        if not stands(sign_in, now):
            await self._kept.drop(device.person, device.one)
            return "over"
        if heard(here, now, sight=wake.sight) and (wake.believed or believed):
            return "wait" if believed else "over"
        mine = claim is not None and claim.decode() == self._me
        (taken,) = await self._store.many(
            LINK, [["SET", keys.pushed(name), self._me, "PX", LEASE_MS, *([] if mine else ["NX"])]]
        )
        return "send" if taken else "wait"

    def _still(self, ring: Ring, view: bytes | None) -> Wake | None:
        """The ring as the view says it now; None when it is over."""
        wakes = () if view is None else said(self._services.wakes, ring.topic, unpack(view))
        return next((one for one in wakes if one.is_(ring.wake)), None)

    async def _attempt(self, lane: Lane, device: Device) -> Answer:
        """One try, behind at most `PER_SERVICE` others at the same push service."""
        try:
            service = target(device.one.endpoint).authority
        except DataError as exc:
            return Answer(error=str(exc))
        if len(self._limits) > MOST_TASKS:
            self._limits = {}
        wake = device.wake
        left_s = max(1, (wake.at + wake.lasts_ms - self._store.now()) // 1000)
        note = Note(wake.kind, wake.id, self._store.city)
        try:
            async with asyncio.timeout(2 * TRY_S):
                async with self._limits.setdefault((lane, service), asyncio.Semaphore(PER_SERVICE)):
                    self.figures.sent += 1
                    return await push(self._send, await self._signing(), device.one, note, left_s)
        except TimeoutError:
            return Answer(error=f"no answer within {2 * TRY_S:g} s")

    async def _settled(self, device: Device, name: str, answer: Answer) -> bool:
        """Note what came of a try; whether it was the last."""
        gone, refused = answer.status in GONE, answer.status in REFUSED
        if not answer.ok:
            log.warning("push: %s%s", answer.error, "; the subscription is forgotten" if gone else "")
        if not (answer.ok or gone or refused):
            self.figures.failed += 1
            return False
        self.figures.accepted += answer.ok
        self.figures.dead += gone
        self.figures.refused += refused
        await self._store.many(LINK, [["SET", self._store.keys.pushed(name), "done", "PX", DONE_MS]])
        if gone:
            await self._kept.drop(device.person, device.one, lost=True)
        return True

    async def _signing(self) -> Signer:
        """With the city's key as it is now: a store whose data vanished has another."""
        secret = self._store.secret
        if self._signer is None or self._signer[0] != secret:
            base = self._settings.public_url or await recorded_base(self._store) or ""
            self._signer = secret, Signer(secret, base if base.startswith("https://") else "")
        return self._signer[1]
