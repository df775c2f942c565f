"""One hub: its sockets and everything they share.

Owns every task it starts. Sockets are opened, greeted, beaten and closed here;
what they ask goes to dispatch, what they follow comes from the fan-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import secrets
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from hub import closing
from hub.bus import Bus, BusChange, Entry
from hub.connection import Connection
from hub.contract import Actor, Lane
from hub.dispatch import Answer, Dispatch, refused
from hub.errors import StoreError
from hub.fanout import Fanout
from hub.identity import Identity, SignedIn
from hub.limits import Buckets
from hub.looks import Looks
from hub.members import DESKS
from hub.outbox import Limits
from hub.presence import Presence
from hub.proxies import subscriber
from hub.pump import URGENT_CHUNK, LiveTopic, stand_aside
from hub.recent import Keep
from hub.revoking import REVOKED_TOPIC
from hub.services import Services, Topic
from hub.settings import Settings
from hub.sightings import Sightings
from hub.store import Store
from hub.traces import Traces

if TYPE_CHECKING:
    from hub.border import Border

log = logging.getLogger("kentongan.hub")

Kind = Literal["help", "public"]
LANES_OF: Final[dict[Kind, tuple[Lane, ...]]] = {"help": ("urgent",), "public": ("urgent", "normal", "bulk")}
BEAT_SLOTS: Final = 32
SLICE: Final = 256
REPLY_MARGIN_S: Final = 0.15
SENT_REMEMBERED: Final = 50_000
REVOKED_REMEMBERED: Final = 1_000
SAFE_CHECK_S: Final = 5.0
SEEN_CHECKS: Final = 2.5
"""Checks of a live sign-in that a hub may miss before others take it for gone."""


class Face(Struct, frozen=True):
    """The two fields of any view that the machinery looks at."""

    type: str = ""
    state: str = ""


_face = msgspec.msgpack.Decoder(Face)


class Node:
    """One hub process's shared parts.

    Args:
        kind: `help` follows the urgent lane alone; `public` follows all.
    """

    def __init__(self, kind: Kind, settings: Settings, services: Services, store: Store) -> None:
        self.kind, self.settings, self.services, self.store = kind, settings, services, store
        self.name = f"{kind}-{secrets.token_hex(3)}"
        self.loop = asyncio.get_running_loop()
        self.dispatch = Dispatch(store, services)
        self.figures = self.dispatch.figures
        self.identity = Identity(store)
        self.outbox_limits = Limits(settings.outbox_kb * 1024, settings.outbox_urgent_kb * 1024)
        keep = Keep(settings.resume_keep_mb * 1024 * 1024, settings.resume_keep_min * 60_000)
        self.fanout = Fanout(store.table, self._delivered, keep, self.figures)
        self.fanout.pump.busy = lambda: self.dispatch.under_way > 0
        self.bus = Bus(
            store, LANES_OF[kind], on_entry=self._receive_entry, on_moved=self.fanout.receive_moved,
            on_reset=self._reset,
        )  # fmt: skip
        self.presence = Presence(store, self.dispatch, services, self.name)
        self.looks = Looks(store, services)
        self.sightings = Sightings(store, self.name, int(SEEN_CHECKS * 1000 * settings.session_check_s))
        self.reply_s = max(0.05, settings.deadline_s - REPLY_MARGIN_S)
        limited = settings.limit_loopback and not store.demo
        self._limit_loopback = limited
        self._new_devices = Buckets(settings.new_device_burst, settings.new_device_per_s)
        self._devices = Buckets(settings.device_burst, settings.device_per_s)
        self.connections: set[Connection] = set()
        self._by_digest: dict[str, set[Connection]] = {}
        self._revoked: dict[str, None] = {}
        self._slots: list[dict[Connection, None]] = [{} for _ in range(BEAT_SLOTS)]
        self._next_slot = 0
        self._unheard: deque[tuple[float, Connection]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()
        self._sent: dict[tuple[str, str, str], None] = {}
        self.border: Border | None = None
        """The other cities of this process, into which a call may fall."""
        self.desks: tuple[str, ...] = DESKS
        """Those that this city has."""
        self.draining = False
        self.started = False
        self.frames_in = 0
        self.opened_total = 0
        self.longest_pause_s = 0.0

    # -- life ---------------------------------------------------------------------

    async def start(self) -> None:
        """Follow the bus, then serve."""
        before = await self.bus.open()
        self.fanout.reset(self.bus.epoch)
        for entry in before:
            self.fanout.remember(entry)
        self.bus.follow()
        self.presence.start()
        for work in (self._beat(), self._check_sessions(), self._watch(), self.sightings.run(), self.looks.run()):
            self.spawn(work)
        if self.settings.traces_url:
            traces = Traces(self.settings.traces_url, self.store.city, self.name, lambda: self.store.epoch)
            self.figures.traces = traces
            self.spawn(traces.run())
        self.started = True

    async def close(self) -> None:
        await self.presence.close()
        await self.bus.close()
        for task in list(self.tasks):
            task.cancel()
        for task in list(self.tasks):
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that this hub owns; a fault is logged once, here."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task failed", exc_info=error)

    def unready(self) -> str | None:
        """Why this hub is not ready, in one sentence; None when it is."""
        if not self.started:
            return "starting"
        if self.draining:
            return "draining"
        if self.store.unsafe is not None:
            return str(self.store.unsafe)
        if not self.store.up or self.bus.store_gone_since is not None:
            return "the store cannot be reached"
        if not self.bus.well:
            return f"the bus is {self.bus.behind_s():.1f} s behind"
        return None

    async def drain(self, over_s: float) -> None:
        """Say `bye` to everybody, spread over `over_s`; staff may come back first."""
        self.draining = True
        waiting = list(self.connections)
        waiting.sort(key=lambda c: c.signed_in is None or c.actor.role == "resident")
        slices = [waiting[start : start + SLICE] for start in range(0, len(waiting), SLICE)]
        for some in slices:
            for connection in some:
                self._come_back(connection, closing.DRAINING)
            await asyncio.sleep(over_s / len(slices))

    def _come_back(self, connection: Connection, code: int) -> None:
        staff = connection.signed_in is not None and connection.actor.role in ("medic", "dispatcher")
        connection.close(code, after_ms=int(random.uniform(0, 200) if staff else random.uniform(200, 2000)))

    # -- sockets ------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self.connections.add(connection)
        self.opened_total += 1
        self._unheard.append((self.loop.time() + self.settings.hello_timeout_s, connection))
        self._signed_in(connection)

    def greeted(self, connection: Connection) -> None:
        assert connection.signed_in is not None
        self._slots[self._next_slot % BEAT_SLOTS][connection] = None
        self._next_slot += 1
        if self.kind == "public" and connection.actor.role == "resident":
            connection.beat_turns = max(1, round(self.settings.beat_resident_s / self.settings.beat_s))
            connection.beat_left = 1 + self._next_slot // BEAT_SLOTS % connection.beat_turns
        self.sightings.came(connection.signed_in.digest, connection.actor.role)
        self._signed_in(connection)

    def _signed_in(self, connection: Connection) -> None:
        """Whom a revocation closes; one that came while the sign-in was looked at counts as well."""
        if connection.signed_in is None:
            return
        self._by_digest.setdefault(connection.signed_in.digest, set()).add(connection)
        if connection.signed_in.digest in self._revoked:
            connection.close(closing.SIGNED_OUT)

    def closed(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for slot in self._slots:
            slot.pop(connection, None)
        if connection.signed_in is not None:
            self.presence.gone(connection)
            same = self._by_digest.get(connection.signed_in.digest)
            if same is not None:
                same.discard(connection)
                if not same:
                    del self._by_digest[connection.signed_in.digest]
                    self.sightings.left(connection.signed_in.digest)

    async def run(
        self,
        cmd: str,
        data: dict[str, Any],
        signed_in: SignedIn,
        id_: str,
        age_ms: int,
        deadline: float,
        address: str,
        came: float | None = None,
    ) -> Answer:
        """A person's command, from a socket or `POST /v1/commands`; `came` as `Dispatch.run` takes it."""
        wait_ms = self._limited(cmd, signed_in, address)
        if wait_ms:
            return refused("too_many", "too many commands; wait a little", retry=True, data={"after_ms": wait_ms})
        answer = await self._elsewhere(cmd, data, signed_in, id_, age_ms, deadline, address, came)
        if answer is not None:
            return answer
        answer = await self.dispatch.run(
            cmd, data, signed_in.actor, id_, age_ms=age_ms, deadline=deadline, sign_in=signed_in.sign_in, came=came
        )
        if answer.ok:
            self.looks.answered(cmd, data, signed_in.actor)
        return answer

    async def _elsewhere(
        self,
        cmd: str,
        data: dict[str, Any],
        signed_in: SignedIn,
        id_: str,
        age_ms: int,
        deadline: float,
        address: str,
        came: float | None,
    ) -> Answer | None:
        """The answer of the other city in which a resident's command lies; None when it is this one's."""
        known = self.services.command(cmd)
        if self.border is None or signed_in.actor.role != "resident" or known is None or known[1].crossing is None:
            return None
        other = self.border.across(self, known[1].crossing, data)
        if other is None:
            return None
        try:
            return await self.border.run(other, cmd, data, signed_in, id_, age_ms, deadline, address, came)
        except StoreError:
            return refused("unavailable", "the store of the city where it lies cannot be reached", retry=True)

    def _limited(self, cmd: str, signed_in: SignedIn, address: str) -> int:
        known = self.services.command(cmd, signed_in.actor.desk)
        if signed_in.actor.role != "resident" or known is None or not known[1].limited:
            return 0
        return self.slowed(signed_in, address)

    def slowed(self, signed_in: SignedIn, address: str) -> int:
        """How long a resident's device has to wait before it has another durable act, in ms; 0: not at all."""
        if not self._limit_loopback and address in ("127.0.0.1", "::1", ""):
            return 0
        if signed_in.sign_in is not None:
            return self._new_devices.take(subscriber(address), self.loop.time())
        return self._devices.take(signed_in.actor.person, self.loop.time())

    async def known(self, topic: Topic, actor: Actor) -> bool:
        """Whether an allowed actor may join by what the store knows (a seller of that category).

        Raises:
            StoreError: it could not be asked.
        """
        needs = topic.needs(actor)
        return not needs or topic.known(actor, await self.store.found("normal", needs))

    # -- what the bus brings ----------------------------------------------------------------

    def _receive_entry(self, entry: Entry) -> None:
        self.store.seen_commit = max(self.store.seen_commit, entry.commit)
        took_s = max(0, self.store.now() - entry.at) / 1000
        self.figures.carried[entry.lane].add(took_s)
        if self.figures.traces is not None:
            self.figures.traces.carried(entry.commit, entry.lane, took_s)
        self.fanout.receive_entry(entry)
        for change in entry.changes:
            if change.topic == REVOKED_TOPIC:
                self._revoked[change.id] = None
                if len(self._revoked) > REVOKED_REMEMBERED:
                    del self._revoked[next(iter(self._revoked))]
                for connection in list(self._by_digest.get(change.id, ())):
                    connection.close(closing.SIGNED_OUT)

    def _reset(self, why: str) -> None:
        self.fanout.reset(self.bus.epoch)
        for connection in list(self.connections):
            connection.topics.clear()
            self._come_back(connection, closing.NODE_UNWELL)

    # -- receipts: `sent` is what the hub itself can prove --------------------------------------

    def _delivered(self, topic: LiveTopic, change: BusChange) -> None:
        if topic.lane != "bulk" and change.view is not None:
            self._sent_to(topic, change.view, list(topic.members))

    def joined(self, connection: Connection, name: str) -> None:
        """A table was given whole: what waits in it was sent as well."""
        topic = connection.topics.get(name)
        if topic is not None and topic.lane != "bulk":
            for view in topic.things.values():
                self._sent_to(topic, view, [connection])

    def _sent_to(self, topic: LiveTopic, view: bytes, members: list[Any]) -> None:
        face = _face.decode(view)
        self.looks.shown(face.type, view, (member.actor for member in members))
        receipt = self.services.receipts.get(face.type)
        if receipt is None or face.state not in receipt.states:
            return
        value = msgspec.msgpack.decode(view)[receipt.key]
        for member in members:
            actor: Actor = member.actor
            key = (actor.person, receipt.cmd, value)
            if key in self._sent:
                continue
            self._sent[key] = None
            if len(self._sent) > SENT_REMEMBERED:
                del self._sent[next(iter(self._sent))]
            hub = Actor(person=actor.person, role="hub", name=actor.name, shop=actor.shop, van=actor.van)
            self.spawn(self._receipt(receipt.cmd, {receipt.field: value, "level": "sent"}, hub, topic.name))

    async def _receipt(self, cmd: str, data: dict[str, Any], actor: Actor, topic: str) -> None:
        id_ = f"sent:{topic}:{data[next(iter(data))]}"
        for _ in range(3):
            answer = await self.dispatch.run(cmd, data, actor, id_)
            if not answer.retry:
                return
            await asyncio.sleep(0.3)

    # -- the wheel ---------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """One slot of sockets each tick, so that every socket hears a beat every `beat_s`."""
        tick_s = self.settings.beat_s / BEAT_SLOTS
        due = self.loop.time()
        place = 0
        while True:
            due += tick_s
            await asyncio.sleep(max(0.0, due - self.loop.time()))
            late = self.loop.time() - due
            self.longest_pause_s = max(self.longest_pause_s, late)
            if late > 1.0:
                due = self.loop.time()
            for number, connection in enumerate(list(self._slots[place])):
                connection.beat_left -= 1
                if connection.beat_left <= 0:
                    connection.beat_left = connection.beat_turns
                    connection.beat()
                if number % URGENT_CHUNK == URGENT_CHUNK - 1:
                    await stand_aside(self.fanout.pump.busy, due + tick_s)  # and they are written
            place = (place + 1) % BEAT_SLOTS
            self._close_unheard()

    def _close_unheard(self) -> None:
        now = self.loop.time()
        while self._unheard and self._unheard[0][0] <= now:
            _, connection = self._unheard.popleft()
            if connection.session.state == "waiting":
                connection.close(closing.BAD_PROTOCOL, "no hello in time")

    async def _check_sessions(self) -> None:
        """Every live session against the store, once a minute: a lost revocation is found."""
        while True:
            await asyncio.sleep(self.settings.session_check_s)
            self.sightings.renew()
            digests = list(self._by_digest)
            for start in range(0, len(digests), SLICE):
                some = digests[start : start + SLICE]
                with contextlib.suppress(StoreError):
                    for digest, valid in zip(some, await self.identity.valid(some), strict=True):
                        if not valid:
                            for connection in list(self._by_digest.get(digest, ())):
                                connection.close(closing.SIGNED_OUT)

    async def _watch(self) -> None:
        """A hub that is deaf for 5 s sends its sockets elsewhere; a store made safe is noticed."""
        checked_at = self.loop.time()
        while True:
            await asyncio.sleep(0.5)
            if self.loop.time() - checked_at > SAFE_CHECK_S:
                checked_at = self.loop.time()
                with contextlib.suppress(StoreError):
                    await self.store.check_safe()
            if not self.bus.well and self.bus.store_gone_since is None:
                for connection in list(self.connections):
                    self._come_back(connection, closing.NODE_UNWELL)
