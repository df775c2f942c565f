"""Keep an index in step with the city's normal lane, and make it anew where the log does not reach back.

Entries are applied in small transactions with pauses between them, in the thread that also answers, so
that an answer waits for one of them at most. A rebuild reads every shop's table into a fresh index, and
meanwhile the log goes into that one too; the old one answers and says by `as_of` how old it is. The fresh
one takes its place in one step, once it is as far as every table that it was read from.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

from redis.exceptions import RedisError

from hub.bus import Bus, Entry
from hub.contract import Lane
from hub.errors import StoreError
from hub.store import Store
from workers.remaking import remake
from workers.search import Index, Position
from workers.search_file import checkpoint, journal_bytes, removed

log = logging.getLogger("kentongan.query")

LANE: Final[Lane] = "normal"
BATCH_CHANGES: Final = 64
PAUSE_S: Final = 0.05
"""Between two batches when nothing waits: one transaction for all that came in that time."""

MOST_WAITING: Final = 200_000
"""Changes that may wait. Beyond, they are forgotten and the index is made anew: the tables have it all."""

LOOK_S: Final = 0.25
CARRY_S: Final = 1.0
CARRY_BYTES: Final = 4 * 1024 * 1024


class Follower:
    """Follows one city; `live` is the index to ask, None before the first is whole.

    Args:
        path: where the index is kept; None keeps it in a temporary file.
        tell: hears `query_rebuild` and `query_rebuilt`.
    """

    def __init__(self, store: Store, path: Path | None, tell: Callable[[dict[str, Any]], None]) -> None:
        self._store, self._path, self._tell = store, path, tell
        self._bus = Bus(store, (LANE,), on_entry=self._receive, on_moved=lambda moved: None, on_reset=self._begin)
        self.live: Index | None = None
        self.ready = asyncio.Event()
        self._fresh: Index | None = None
        self._making: asyncio.Task[None] | None = None
        self._waiting: deque[Entry] = deque()
        self._waiting_changes = 0
        self._came = asyncio.Event()
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fault: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._carrying = asyncio.Lock()

    # -- life ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Follow until cancelled.

        Raises:
            StoreError: the store could not be asked where its log ends.
            Exception: the index could not be written; it is not to be trusted any more (`discard`).
        """
        try:
            await self._start()
            await self._fault
        finally:
            await self._close()

    async def _start(self) -> None:
        kept = Index(self._path)
        if kept.position.epoch:
            self.live = kept
            self.ready.set()
        else:
            kept.discard()
        await self._bus.open()
        if kept.position.epoch == self._bus.epoch and kept.position.commit <= self._bus.last[LANE]:
            self._bus.last[LANE] = kept.position.commit  # read on from there, if the log still does
        else:
            self._begin("another epoch" if self.live else "no index yet")
        for work in (self._apply(), self._look_on(), self._carry()):
            _ = self._spawn(work)
        self._bus.follow()

    async def _close(self) -> None:
        await self._bus.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._fresh is not None:
            self._fresh.discard()
        if self.live is not None:
            self.live.close()
        self.live = self._fresh = None

    def discard(self) -> None:
        """Remove what is kept, after `run`: it is made anew at the next start."""
        if self._path is not None:
            removed(self._path)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self._fault.done():
            self._fault.set_exception(error)

    # -- the log ----------------------------------------------------------------------------

    def _receive(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._waiting_changes += len(entry.changes)
        if self._waiting_changes > MOST_WAITING:
            self._begin("too much waits")
        self._came.set()

    @property
    def _target(self) -> Index | None:
        """Where the log goes: the index that is being made, else the one that answers."""
        return None if self._fault.done() else self._fresh or self.live

    async def _apply(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while (index := self._target) is not None and self._waiting:
                index.apply(self._batch())
                self._moved.set()
                await asyncio.sleep(0)
            await asyncio.sleep(PAUSE_S)

    def _batch(self) -> list[Entry]:
        """The next entries that wait, as many as one transaction takes."""
        batch: list[Entry] = []
        changes = 0
        while self._waiting and (not batch or (changes < BATCH_CHANGES and len(batch) < BATCH_CHANGES)):
            batch.append(self._waiting.popleft())
            changes += len(batch[-1].changes)
        self._waiting_changes -= changes
        return batch

    async def _look_on(self) -> None:
        while True:
            with contextlib.suppress(StoreError, RedisError):
                await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        """Where the log's head is our position, everything up to now is in the index."""
        keys = self._store.keys
        # the clock before the head: what is committed between the two only makes us wait for the next look
        clock, (epoch, at), head = await self._store.many(
            "watch", [["TIME"], ["HMGET", keys.head, "epoch", "at"], ["HGET", keys.lanes, LANE]]
        )
        index = self._target
        if index is not None and epoch is not None:
            position = index.position
            if (epoch.decode(), int(head or 0)) == (position.epoch, position.commit):
                index.holds(max(int(clock[0]) * 1000 + int(clock[1]) // 1000, int(at or 0)))
                self._moved.set()

    # -- making it anew ------------------------------------------------------------------------

    def _begin(self, why: str) -> None:
        """Forget what waits and make a fresh index, counted from where the log is now."""
        if self._making is not None:
            self._making.cancel()
        if self._fresh is not None:
            self._fresh.discard()
        self._waiting.clear()
        self._waiting_changes = 0
        self._fresh = None
        try:
            self._fresh = fresh = self._new()
        except Exception as exc:  # the bus calls us: it must go on until `run` has ended it
            self._fail(exc)
            return
        self._tell({"event": "query_rebuild", "why": why})
        self._making = self._spawn(self._make(fresh))

    def _new(self) -> Index:
        path = self._path and self._path.with_suffix(".new.sqlite")
        if path is not None:
            removed(path)
        fresh = Index(path)
        fresh.begin(Position(self._bus.epoch, self._bus.last[LANE]))
        return fresh

    async def _make(self, fresh: Index) -> None:
        highest = await remake(self._store, fresh)
        while fresh.position.commit < highest or not fresh.as_of:
            self._moved.clear()
            await self._moved.wait()  # for the log to bring what the tables show already
        await self._put_in_place(fresh)
        shops, products = fresh.count()
        self._tell({"event": "query_rebuilt", "shops": shops, "products": products})
        self.ready.set()

    async def _put_in_place(self, fresh: Index) -> None:
        async with self._carrying:
            if fresh.path is not None:
                await asyncio.to_thread(checkpoint, fresh.path)
            # from here on without a pause: whoever asks meets the old one or the fresh one
            if self.live is not None:
                self.live.close()
            if self._path is not None:
                fresh.move(self._path)
            self.live, self._fresh, self._making = fresh, None, None

    async def _carry(self) -> None:
        """Carry what was committed into the files, in another thread: it waits for the disk."""
        while True:
            await asyncio.sleep(CARRY_S)
            for index in (self.live, self._fresh):
                if index is not None and index.path is not None and journal_bytes(index.path) > CARRY_BYTES:
                    async with self._carrying:
                        await asyncio.to_thread(checkpoint, index.path)
