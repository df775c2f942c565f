"""Runs of changes on their way to the sockets of large topics, a slice of sockets at a time, urgent first.

A slice takes about a millisecond; what is urgent is sent between two. Each change
is encoded once per format, and what all sockets lack alike is joined once: a
thousand of them are written the same bytes object. What arrives while a run is
being sent goes along with it to everybody whose turn is yet to come, so that a
burst costs most sockets one write; a second round brings the others the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hub.bus import BusChange
from hub.contract import Lane
from hub.figures import Figures
from hub.moves import Move
from hub.outbox import BULK, LANE_NUMBER, NORMAL, PIECE_BYTES, URGENT, Outbox
from hub.recent import Kept
from hub.wire import Format

log = logging.getLogger("kentongan.fanout")

CHUNK: Final = 64
URGENT_CHUNK: Final = 16
URGENT_TURNS: Final = 4
"""Turns of the loop between two slices of an urgent topic: medics are called in the same loop, and each answer of the
store takes three turns to get from its socket to the command that waits for it."""
REST_S: Final = 0.001
RESTS: Final = 5
HELD_S: Final = 0.5
"""An urgent topic stands still between two slices while a command is under way, 1 ms at a time and five at most: what
the command waits for (the store, the other hub, a phone) finds the loop and the core free, and an alert to 15,000
costs no tap its turn. It stands no more when it is half a second old, so that the alert is everywhere in a second."""
BREATH_S: Final = 20e-6
GATHER_S: Final = 0.002


def breathe() -> None:
    """Leave the core for a moment: the help hub may share it, and would wait for our time slice to end (3-5 ms).

    A real sleep, if the shortest: hubs have sessions of their own, and Linux's `sched_yield` yields inside one only.
    """
    time.sleep(BREATH_S)


async def stand_aside(busy: Callable[[], bool], until: float) -> None:
    """Between two slices of sockets: leave the loop to whoever called for help, while a command is under way.

    Args:
        until: on the monotonic clock; from then on a command no longer holds up what is being sent.
    """
    breathe()
    for _ in range(URGENT_TURNS):
        await asyncio.sleep(0)
    for _ in range(RESTS):
        if not busy() or time.monotonic() >= until:
            return
        await asyncio.sleep(REST_S)


class Member(Protocol):
    """A socket, as the fan-out sees it."""

    fmt: Format
    outbox: Outbox
    topics: dict[str, LiveTopic]

    def write_through(self, pieces: Sequence[bytes]) -> int: ...
    def flush_soon(self) -> None: ...
    def flush(self) -> None: ...
    def overflow(self) -> None: ...


class Run:
    """Changes of one topic that go out together: encoded once, joined once for all who lack the same of them.

    It may grow while it is being sent. `newcomers` are those who joined meanwhile, by how many of the
    changes their table had already.
    """

    __slots__ = ("_encoded", "_ids", "_joined", "kept", "newcomers")

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.newcomers: dict[int, list[Member]] = {}
        self._encoded: dict[Format, list[bytes]] = {}
        self._joined: dict[tuple[Format, int], list[bytes]] = {}
        self._ids: dict[int, list[str]] = {}

    def extend(self, kept: list[Kept]) -> None:
        self.kept += kept
        self._joined.clear()
        self._ids.clear()

    def pieces(self, fmt: Format, seen: int) -> list[bytes]:
        """What a socket lacks that has seen so many, as frames in pieces of at most 16 KB; the same objects for all."""
        found = self._joined.get((fmt, seen))
        if found is None:
            encoded = self._encoded.setdefault(fmt, [])
            encoded += [kept.encode(fmt) for kept in self.kept[len(encoded) :]]
            found = self._joined[fmt, seen] = joined(encoded[seen:])
        return found

    def ids(self, seen: int) -> list[str]:
        """The things that changed in it, for a socket that folds."""
        found = self._ids.get(seen)
        if found is None:
            found = self._ids[seen] = [change.id for kept in self.kept[seen:] for change in kept.changes]
        return found


def joined(parts: Sequence[bytes]) -> list[bytes]:
    """Pieces of at most 16 KB in the same order; a part that is longer is a piece of its own."""
    pieces: list[list[bytes]] = [[]]
    size = 0
    for part in parts:
        if pieces[-1] and size + len(part) > PIECE_BYTES:
            pieces.append([])
            size = 0
        pieces[-1].append(part)
        size += len(part)
    return [b"".join(piece) for piece in pieces]


class LiveTopic:
    """One topic that somebody here follows; `run` is what is on its way to them, `pending` what comes after it."""

    __slots__ = (
        "fixes", "lane", "loading", "members", "name", "number", "offset", "pending", "pending_since", "run", "things",
        "urgent",
    )  # fmt: skip

    def __init__(self, name: str, lane: Lane) -> None:
        self.name, self.lane = name, lane
        self.number = LANE_NUMBER[lane]
        self.urgent = lane == "urgent"
        self.offset = -1
        self.things: dict[str, bytes] = {}
        self.fixes: dict[str, bytes] = {}
        self.members: dict[Member, None] = {}
        self.pending: list[Kept] = []
        self.pending_since = 0.0
        self.run: Run | None = None
        self.loading: asyncio.Future[None] | None = None

    @property
    def settled(self) -> bool:
        """Whether everybody was sent all that the table holds."""
        return self.run is None and not self.pending

    def apply(self, kept: Kept) -> None:
        for change in kept.changes:
            if change.view is None:
                self.things.pop(change.id, None)
                self.fixes.pop(change.id, None)
            else:
                self.things[change.id] = change.view
        self.offset = kept.offset

    def enter(self, member: Member) -> None:
        """This socket was given the table as it is now, and is sent what comes after it."""
        self.members[member] = None
        if self.run is not None:
            self.run.newcomers.setdefault(len(self.run.kept) + len(self.pending), []).append(member)

    def unsent(self) -> set[str]:
        """The things whose changes are in the table and not yet with everybody."""
        sending = self.run.kept if self.run is not None else ()
        return {change.id for kept in (*sending, *self.pending) for change in kept.changes}


class Pump:
    """Sends what is pending, urgent before normal before bulk, in a task that ends when all is sent.

    Args:
        delivered: hears each change that is sent to at least one member.
    """

    def __init__(self, delivered: Callable[[LiveTopic, BusChange], None], figures: Figures | None = None) -> None:
        self._delivered = delivered
        self._figures = figures or Figures()
        self._dirty: dict[int, dict[LiveTopic, None]] = {URGENT: {}, NORMAL: {}, BULK: {}}
        self._moves: dict[tuple[tuple[str, str], ...], Move] = {}
        self._haste = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.deliveries = 0
        self.busy: Callable[[], bool] = lambda: False
        """Whether a command is under way in this hub; set by its owner."""

    @property
    def idle(self) -> bool:
        return self._task is None

    def push(self, topic: LiveTopic, kept: Kept) -> None:
        """Send one entry's changes soon; returns without waiting."""
        if not topic.pending:
            topic.pending_since = time.monotonic()
        topic.pending.append(kept)
        self._dirty[topic.number][topic] = None
        if topic.number != BULK:
            self._haste.set()
        self._start()

    def move(self, move: Move) -> None:
        """Send a position when nothing urgent or normal waits; a newer one of the same thing goes in its stead."""
        self._moves[move.what] = move
        self._start()

    def overtaken(self, move: Move) -> None:
        """A newer position goes out at once, to the few who are left: one that still waits is dropped."""
        self._moves.pop(move.what, None)

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="fanout pump")

    def forget(self) -> None:
        """What is pending belongs to tables that nobody holds any more."""
        self._dirty = {URGENT: {}, NORMAL: {}, BULK: {}}
        self._moves = {}

    def count(self, topic: LiveTopic, changes: Sequence[BusChange]) -> None:
        """Say that these are being sent to all members."""
        if topic.members:
            self.deliveries += len(topic.members) * len(changes)
            for change in changes:
                self._delivered(topic, change)

    async def _run(self) -> None:
        await asyncio.sleep(0)  # whatever else arrives in this turn is joined
        await self._gather()
        while (dirty := self._dirty[URGENT] or self._dirty[NORMAL] or self._dirty[BULK]) or self._moves:
            if dirty:
                await self._send_on(next(iter(dirty)))
            if self._moves and not (self._dirty[URGENT] or self._dirty[NORMAL]):
                await self._send_move(self._moves.pop(next(iter(self._moves))))
        self._task = None

    async def _send_move(self, move: Move) -> None:
        for number, member in enumerate(move.members()):
            if number and number % CHUNK == 0:
                await self._between_slices(BULK, 0.0)
            try:
                move.send(member)
            except Exception:
                log.exception("a position could not be sent on")
                return

    async def _send_on(self, topic: LiveTopic) -> None:
        try:
            await self._send(topic)
        except Exception:
            log.exception("%s could not be sent on", topic.name)  # the other topics are
        topic.run = None

    async def _between_slices(self, lane: int, came: float) -> None:
        """Leave the core and the loop for a moment, then let what is urgent pass."""
        if lane == URGENT:
            await stand_aside(self.busy, came + HELD_S)
            return
        breathe()
        await asyncio.sleep(0)
        while self._dirty[URGENT]:
            await self._send_on(next(iter(self._dirty[URGENT])))

    async def _gather(self) -> None:
        """Let a burst come in, for 2 ms at most: it shows itself by a second entry in the first one's turn.

        One that comes alone never waits, nor does one for few sockets, where a second write costs little.
        """
        bursts = any(len(topic.pending) > 1 and len(topic.members) > CHUNK for topic in self._dirty[BULK])
        if bursts and not (self._dirty[NORMAL] or self._dirty[URGENT]):
            self._haste.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._haste.wait()

    async def _send(self, topic: LiveTopic) -> None:
        run, came = Run(), topic.pending_since
        topic.run = run
        self._take_pending(topic, run)
        members = list(topic.members)
        size = min(CHUNK, URGENT_CHUNK) if topic.urgent else CHUNK
        groups = [members[start : start + size] for start in range(0, len(members), size)]
        served = []
        for number, group in enumerate(groups):
            if number:
                await self._between_slices(topic.number, came)
                self._take_pending(topic, run)
            self._send_slice(topic, group, run, 0)
            served.append((group, len(run.kept)))
        # No more is taken now: the next run brings it, when other topics have had theirs.
        late = [(group, seen) for group, seen in served if seen < len(run.kept)]
        late += [(group, seen) for seen, group in run.newcomers.items() if seen < len(run.kept)]
        for group, seen in late:
            await self._between_slices(topic.number, came)
            self._send_slice(topic, group, run, seen)
        if members:
            self._figures.written[topic.lane].add(time.monotonic() - came)
            if self._figures.traces is not None:
                self._figures.traces.written([kept.offset for kept in run.kept], topic.name, topic.lane, came)

    def _take_pending(self, topic: LiveTopic, run: Run) -> None:
        self._dirty[topic.number].pop(topic, None)
        if topic.pending:
            kept, topic.pending = topic.pending, []
            run.extend(kept)
            self.count(topic, [change for one in kept for change in one.changes])

    def _send_slice(self, topic: LiveTopic, group: Sequence[Member], run: Run, seen: int) -> None:
        fmt, pieces = None, []
        name, whole = topic.name, 0
        for member in group:
            if member.topics.get(name) is not topic:
                continue  # left since the run began
            if member.fmt is not fmt:
                fmt = member.fmt
                pieces = run.pieces(fmt, seen)
                whole = len(pieces)
            written = member.write_through(pieces)
            if written < whole:
                _queue(topic, member, run, seen, pieces[written:])


def _queue(topic: LiveTopic, member: Member, run: Run, seen: int, pieces: Sequence[bytes]) -> None:
    """For a socket that is not empty: what it lacks waits in its outbox, or is folded when too much does."""
    if member.outbox.folds(topic.number, topic.name):
        member.outbox.fold(topic.name, run.kept[seen].prev, run.ids(seen))
        return
    for piece in pieces:
        if not member.outbox.push(topic.number, piece):
            member.overflow()
            return
    member.flush()
