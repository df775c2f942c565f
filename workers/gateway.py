"""The ladder's next step: what nobody's device has, or nobody took, goes to the city's own gateway.

Which views are told there, when and to whom, the services say (`hub.contract.Notice`). The gateway sends an SMS or a
message, or has a machine call; whose number a person's or a desk's id is, it knows and the hub does not. What it is
told is signed, and names nobody, no place and no need. A gateway that is slow, wrong or gone delays no timer and
nothing in a hub.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Final

import msgspec
from msgspec import Struct
from redis.exceptions import RedisError

from hub.commit import unpack
from hub.contract import Lane, Notice
from hub.errors import StoreError
from hub.hook_urls import target
from hub.names import Names
from hub.services import Services
from hub.settings import Settings
from hub.store import Store
from hub.worker_figures import Sent
from workers.bell import Bell
from workers.post import Answer, Poster
from workers.push_feed import LINK, Feed, Remembered, Shown, said
from workers.push_send import TRY_S, Send
from workers.receiver import signature

log = logging.getLogger("kentongan.gateway")

LOOK_S: Final = 1.0
TRIED_MS: Final = 60_000
"""How long a notice is tried from the moment at which it is due."""
RECENT_MS: Final = 150_000
LEASE_MS: Final = 15_000
DONE_MS: Final = 600_000
AT_ONCE: Final = 16
MOST_TASKS: Final = 2_000


class Due(Struct, frozen=True):
    """A notice, and where the view stands that says so."""

    topic: str
    thing: str
    notice: Notice

    @property
    def name(self) -> str:
        """The same at every try."""
        notice = self.notice
        whom = [notice.to[key] for key in sorted(notice.to) if key != "phone"]
        return ".".join([notice.kind, notice.id, *whom, str(notice.at)])


class Gateway:
    """Tells one city's gateway.

    Args:
        send: instead of real requests, in tests.
        after_ms: instead of what each notice says, in tests.
    """

    def __init__(
        self,
        store: Store,
        services: Services,
        settings: Settings,
        send: Send | None = None,
        after_ms: int | None = None,
    ) -> None:
        self._store, self._services, self._after_ms = store, services, after_ms
        self._where, self._secret = target(settings.notify_url), settings.notify_secret
        self._send = send or Poster(Names(), private=True)  # the operator chose the address, no stranger
        self._tasks: set[asyncio.Task[None]] = set()
        self._known = Remembered()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._me = f"going {uuid.uuid4().hex}"
        self.figures = Sent()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._services.ringing_lanes:
                    group.create_task(self._follow(lane), name=f"gateway {lane}")
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, lane: Lane) -> None:
        bell, feed = Bell(self._store, lane), Feed(self._store, self._services, lane, RECENT_MS)
        try:
            while True:
                try:
                    shown = await feed.step()
                    for one in shown:
                        self._begin(one)
                    if not shown:
                        await bell.rung(feed.read_to, LOOK_S)
                except (StoreError, RedisError) as exc:
                    log.warning("gateway: %s", exc)
                    feed.anew()
                    await asyncio.sleep(LOOK_S)
        finally:
            await bell.close()

    def _begin(self, shown: Shown) -> None:
        for notice in said(self._services.notices, shown.topic, shown.view):
            due = Due(shown.topic, shown.id, notice)
            if len(self._tasks) >= MOST_TASKS or not self._known.new(due.name):
                continue
            task = asyncio.create_task(self._try(due), name=f"gateway {due.name}")
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("gateway failed", exc_info=error)

    async def _try(self, due: Due) -> None:
        """From when it is due until the gateway took it or it is over, for a minute."""
        notice, tried = due.notice, False
        since = notice.at + (notice.after_ms if self._after_ms is None else self._after_ms)
        await asyncio.sleep(max(0, since - self._store.now()) / 1000)
        wait_s = 1.0
        while since + TRIED_MS > self._store.now():
            try:
                worth, mine = await self._look(due)
                if not worth:
                    return
                tried = tried or mine
                if mine and (await self._attempt(due)).ok:
                    name = self._store.keys.pushed(f"gateway.{due.name}")
                    await self._store.many(LINK, [["SET", name, "done", "PX", DONE_MS]])
                    return
            except (StoreError, RedisError) as exc:
                log.warning("gateway: %s", exc)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, 8.0)
        if tried:
            self.figures.late += 1

    async def _look(self, due: Due) -> tuple[bool, bool]:
        """Whether it is worth it still, and whether it is this worker that tries."""
        keys = self._store.keys
        name = keys.pushed(f"gateway.{due.name}")
        view, claim = await self._store.many(LINK, [["HGET", keys.table(due.topic), due.thing], ["GET", name]])
        if claim == b"done" or view is None or due.notice not in said(self._services.notices, due.topic, unpack(view)):
            return False, False
        mine = claim is not None and claim.decode() == self._me
        (taken,) = await self._store.many(LINK, [["SET", name, self._me, "PX", LEASE_MS, *([] if mine else ["NX"])]])
        return True, bool(taken)

    async def _attempt(self, due: Due) -> Answer:
        body = told(due.notice, self._store.city)
        timestamp = str(self._store.now() // 1000)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Kentongan",
            "Kentongan-Id": due.name,
            "Kentongan-Timestamp": timestamp,
            "Kentongan-Signature": signature(self._secret, timestamp, body),
        }
        async with self._turns:
            self.figures.sent += 1
            answer = await self._send(self._where, headers, body, TRY_S)
        self.figures.accepted += answer.ok
        self.figures.failed += not answer.ok
        if not answer.ok:
            log.warning("gateway: %s", answer.error)
        return answer


def told(notice: Notice, city: str) -> bytes:
    """What the gateway is told: the same bytes at every try."""
    return msgspec.json.encode({"kind": notice.kind, "id": notice.id, **notice.to, "city": city, "at": notice.at})
