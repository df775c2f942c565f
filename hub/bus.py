"""Follow the city's lanes: pub/sub carries, the log proves.

Every entry names the entry before it in its lane (`lane_prev`). The one that
follows our last is delivered at once; anything else (a hole, a reconnect, a
start) is one routine: read the log from our last entry. Four times a second our
position is compared with the log's head, so that a subscription that went
silent without a close, the commonest failure of real hubs, is noticed: behind
for 1 s is a reconnect, behind for 5 s is unwell.

The subscriber is redis-py's connection with its retries off: resubscribing in
silence is exactly the disease.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import Raw, Struct
from redis.exceptions import RedisError

from hub.contract import Lane
from hub.errors import LogTrimmed, StoreError
from hub.link import subscribed
from hub.store import Store

log = logging.getLogger("kentongan.bus")

WATCH_S: Final = 0.25
RECONNECT_BEHIND_S: Final = 1.0
UNWELL_BEHIND_S: Final = 5.0
PAGE: Final = 500
RECENT_ENTRIES: Final = 1000
NIL: Final = b"\xc0"


class BusChange(Struct, frozen=True):
    """One durable change as the bus carries it; `view` is MessagePack, None for gone."""

    topic: str
    prev: int
    id: str
    kind: str
    view: bytes | None


class Entry(Struct, frozen=True):
    """One commit's changes in one lane, all at once."""

    lane: Lane
    commit: int
    epoch: str
    lane_prev: int
    at: int
    changes: list[BusChange]


class Moved(Struct, frozen=True):
    """A fix and the (topic, id) pairs that hear of it; `fix` is MessagePack."""

    at: int
    fix: bytes
    topics: list[tuple[str, str]]


_changes = msgspec.msgpack.Decoder(list[tuple[str, str, str, Raw]])
_moved = msgspec.msgpack.Decoder(tuple[int, Raw, list[tuple[str, str]]])


def parse(lane: Lane, payload: bytes) -> Entry:
    """Read an entry as `commit.lua` wrote it."""
    head, _, blob = payload.partition(b"\n")
    commit, epoch, lane_prev, at, prevs = head.decode().split(" ")
    changes = [
        BusChange(topic, int(prev), id_, kind, None if bytes(view) == NIL else bytes(view))
        for (topic, id_, kind, view), prev in zip(_changes.decode(blob), prevs.split(","), strict=True)
    ]
    return Entry(lane, int(commit), epoch, int(lane_prev), int(at), changes)


class Bus:
    """Follows lanes for one hub.

    Args:
        on_entry: hears each entry of each lane once, in commit order of the lane.
        on_moved: hears fixes; they may be lost.
        on_reset: hears that positions no longer mean anything (a new epoch, a
            log that no longer reaches back): every table must be read anew.
    """

    def __init__(
        self,
        store: Store,
        lanes: Sequence[Lane],
        *,
        on_entry: Callable[[Entry], None],
        on_moved: Callable[[Moved], None],
        on_reset: Callable[[str], None],
    ) -> None:
        self._store, self.lanes = store, tuple(lanes)
        self._on_entry, self._on_moved, self._on_reset = on_entry, on_moved, on_reset
        self.last: dict[str, int] = {}
        self.epoch = ""
        self._behind: dict[str, tuple[float, int]] = {}
        self._sessions: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self.reconnects = 0
        self.resets = 0
        self.store_gone_since: float | None = None
        self.pong_at = 0.0

    async def open(self) -> list[Entry]:
        """Take the log's head as the position; returns the entries just before it, for resumes."""
        await self._take_head()
        return [entry for lane in self.lanes for entry in await self._recent(lane)]

    def follow(self) -> None:
        """Deliver from the position on, until closed."""
        for lane in self.lanes:
            self._tasks.append(asyncio.create_task(self._keep(lane), name=f"bus {lane}"))
        self._tasks.append(asyncio.create_task(self._keep("moved"), name="bus moved"))
        self._tasks.append(asyncio.create_task(self._watch(), name="bus watch"))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()

    def behind_s(self) -> float:
        """For how long the lane that is furthest behind has been behind, in seconds."""
        now = asyncio.get_running_loop().time()
        return max((now - since for since, _ in self._behind.values()), default=0.0)

    @property
    def well(self) -> bool:
        return self.behind_s() < UNWELL_BEHIND_S and self.store_gone_since is None

    # -- positions -------------------------------------------------------------

    async def _head(self) -> tuple[str, dict[str, int]]:
        keys = self._store.keys
        epoch, lanes = await self._store.many(
            "watch", [["HGET", keys.head, "epoch"], ["HMGET", keys.lanes, *self.lanes]]
        )
        heads: dict[str, int] = {lane: int(value or 0) for lane, value in zip(self.lanes, lanes, strict=True)}
        return (epoch or b"").decode(), heads

    async def _take_head(self) -> None:
        self.epoch, self.last = await self._head()
        self._behind.clear()

    async def _recent(self, lane: Lane) -> list[Entry]:
        last = self.last[lane]
        rows = await self._store.many(
            "watch", [["XREVRANGE", self._store.keys.log(lane), f"{last}-0", "-", "COUNT", RECENT_ENTRIES]]
        )
        entries = [parse(lane, fields[1]) for _, fields in rows[0]]
        return [entry for entry in reversed(entries) if entry.epoch == self.epoch]

    async def _read_on(self, lane: Lane) -> None:
        """Deliver what the log has after our last entry."""
        while True:
            rows, lanes = await self._store.many(
                "watch",
                [
                    ["XRANGE", self._store.keys.log(lane), f"({self.last[lane]}-0", "+", "COUNT", PAGE],
                    ["HGET", self._store.keys.lanes, lane],
                ],
            )
            for _, fields in rows:
                if not self._take(parse(lane, fields[1])):
                    raise LogTrimmed(lane)  # entries between our last and this one are gone
            if len(rows) < PAGE:
                if int(lanes or 0) > self.last[lane] and not rows:
                    raise LogTrimmed(lane)
                return

    def _take(self, entry: Entry) -> bool:
        """Deliver an entry when it is the next one; false for a hole."""
        if entry.epoch != self.epoch:
            raise LogTrimmed("epoch")
        last = self.last[entry.lane]
        if entry.commit <= last:
            return True
        if entry.lane_prev != last:
            return False
        self.last[entry.lane] = entry.commit
        self._on_entry(entry)
        return True

    # -- following ----------------------------------------------------------------

    async def _keep(self, name: Lane | Literal["moved"]) -> None:
        """Keep one subscription alive: a task per connection, so that the watch can end it."""
        while True:
            session = asyncio.create_task(self._moves() if name == "moved" else self._follow(name))
            self._sessions[name] = session
            try:
                await asyncio.wait([session])
            finally:
                session.cancel()
            if not session.cancelled() and (error := session.exception()) is not None:
                if isinstance(error, LogTrimmed):
                    await self._reset(str(error))
                elif not isinstance(error, RedisError | StoreError | OSError | EOFError | TimeoutError):
                    log.error("bus %s failed", name, exc_info=error)
            self.reconnects += 1
            await asyncio.sleep(0.05)

    async def _reset(self, why: str) -> None:
        log.warning("bus: positions start anew (%s)", why)
        self.resets += 1
        with contextlib.suppress(StoreError, RedisError):
            await self._take_head()
            self._on_reset(why)

    async def _follow(self, lane: Lane) -> None:
        connection, replies = await subscribed(self._store.url, self._store.keys.bus(lane))
        try:
            await self._read_on(lane)
            while True:
                for message in await replies.read():
                    if not self._take(parse(lane, message[2])):
                        await self._read_on(lane)
        finally:
            await connection.disconnect(nowait=True)

    async def _moves(self) -> None:
        connection, replies = await subscribed(self._store.url, self._store.keys.moved)
        self.pong_at = asyncio.get_running_loop().time()
        pinger = asyncio.create_task(self._ping(connection))
        try:
            while True:
                for message in await replies.read():
                    if message[0] == b"pong":
                        self.pong_at = asyncio.get_running_loop().time()
                        continue
                    at, fix, topics = _moved.decode(message[2])
                    self._on_moved(Moved(at, bytes(fix), topics))
        finally:
            pinger.cancel()
            await connection.disconnect(nowait=True)

    async def _ping(self, connection: Any) -> None:
        """Fixes leave no log to compare with: ask for a pong, and end a link that gives none."""
        while True:
            await asyncio.sleep(1.0)
            await connection.send_command("PING", check_health=False)
            if asyncio.get_running_loop().time() - self.pong_at > 3.0:
                self._sessions["moved"].cancel()

    # -- watching ------------------------------------------------------------------

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        kicked: dict[str, float] = {}
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                epoch, heads = await self._head()
            except (StoreError, RedisError):
                self.store_gone_since = self.store_gone_since or loop.time()
                continue
            self.store_gone_since = None
            if not epoch:
                self._store.adopt_again()  # the data went while we were connected
                await asyncio.sleep(RECONNECT_BEHIND_S)
                continue
            if epoch != self.epoch:
                await self._reset("epoch")
                continue
            for lane in self.lanes:
                if heads[lane] <= self.last[lane]:
                    self._behind.pop(lane, None)
                    continue
                since, target = self._behind.get(lane, (loop.time(), heads[lane]))
                if self.last[lane] >= target:  # busy, not deaf: it got there
                    since, target = loop.time(), heads[lane]
                self._behind[lane] = (since, target)
                if loop.time() - max(since, kicked.get(lane, 0.0)) >= RECONNECT_BEHIND_S:
                    log.warning("bus %s: deaf at %d, head %d; reconnecting", lane, self.last[lane], heads[lane])
                    kicked[lane] = loop.time()
                    self._sessions[lane].cancel()
