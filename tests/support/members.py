"""A fan-out over tables that a test writes, and its sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from hub import wire
from hub.bus import BusChange, Entry
from hub.commit import pack
from hub.contract import Lane
from hub.fanout import Fanout
from hub.outbox import Limits, Outbox
from hub.pump import LiveTopic
from hub.store import Snapshot
from hub.wire import Since

Frame = dict[str, Any]


class Member:
    """A socket as the fan-out sees it: `read` is what its client has read.

    Attributes:
        quick: whether its transport takes what is written; else all waits in the outbox until it is read.
        written: what its transport took.
    """

    def __init__(self, fmt: wire.Format = "msgpack", limits: Limits | None = None) -> None:
        self.fmt: wire.Format = fmt
        self.outbox = Outbox(limits) if limits else Outbox()
        self.topics: dict[str, LiveTopic] = {}
        self.flushes = 0
        self.overflowed = 0
        self.quick = False
        self.written: list[bytes] = []

    def write_through(self, pieces: Sequence[bytes]) -> int:
        if not self.quick or not self.outbox.empty:
            return 0
        self.written += pieces
        return len(pieces)

    def flush_soon(self) -> None:
        self.flushes += 1

    def flush(self) -> None:
        self.flushes += 1

    def overflow(self) -> None:
        self.overflowed += 1

    def reads(self, fanout: Fanout | None = None) -> list[Frame]:
        """All frames that wait, decoded; with a fan-out, folds are made as a connection makes them."""
        frames = []
        while True:
            data = b"".join(self.written) or self.outbox.take()
            self.written.clear()
            more = bool(data)
            while data:
                size, start = data[1], 2
                if size == 126:
                    size, start = int.from_bytes(data[2:4], "big"), 4
                elif size == 127:
                    size, start = int.from_bytes(data[2:10], "big"), 10
                frames.append(wire.decode(data[start : start + size], self.fmt))
                data = data[start + size :]
            if more:
                continue
            behind = self.outbox.take_behind() if fanout is not None else None
            if behind is None or fanout is None:
                return frames
            topic = self.topics[behind[0]]
            self.outbox.push(topic.number, fanout.folded(topic, behind[1], self.fmt))


class World:
    """A fan-out over tables that the test writes."""

    def __init__(self) -> None:
        self.tables: dict[str, Snapshot] = {}
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Exception | None = None
        self.delivered: list[str] = []
        self.fanout = Fanout(self.read, lambda topic, change: self.delivered.append(change.id))
        self.fanout.reset("e1")

    async def read(self, lane: Lane, name: str) -> Snapshot:
        self.reads += 1
        snapshot = self.tables.get(name, Snapshot("e1", 0, {}, {}))
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        return snapshot

    async def joined(self, name: str, lane: Lane, member: Member | None = None, since: Since | None = None) -> Member:
        member = member or Member()
        await self.fanout.join(member, 1, name, lane, since)
        return member


def entry(lane: Lane, commit: int, prev: int, topic: str, **views: Any) -> Entry:
    changes = [
        BusChange(topic, prev, id_, "k", None if view is None else pack({"v": view})) for id_, view in views.items()
    ]
    return Entry(lane, commit, "e1", 0, commit, changes)
