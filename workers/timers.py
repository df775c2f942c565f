"""Timers are commands: lease what is due and give it through the one door.

A lease runs out after `LEASE_MS`, so a worker that dies between leasing and
acting is followed by another; the recorded outcome of (timer, version) makes
the second lease harmless. A final outcome deletes the timer in the same script.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from redis.exceptions import RedisError

from hub.commit import Due
from hub.contract import TIMER
from hub.dispatch import Dispatch
from hub.errors import StoreError
from hub.store import Store

log = logging.getLogger("kentongan.timers")

LEASE_MS: Final = 5_000
POLL_S: Final = 0.1
BATCH: Final = 32
LANES: Final = ("urgent", "normal", "bulk")


class Timers:
    """Leases and runs the due timers of one city, each lane on its own."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store, self._dispatch = store, dispatch
        self.acted = 0

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in LANES:
                group.create_task(self._lane(lane), name=f"timers {lane}")

    async def _lane(self, lane: str) -> None:
        """Late is what a timer waited for us: one that was set for a time gone by waits only since it was set."""
        late, all_taken_at = self._dispatch.figures.late[lane], 0
        while True:
            try:
                now, _, due = await self._store.lease(lane, BATCH, LEASE_MS)
            except (StoreError, RedisError) as exc:
                log.warning("timers %s: %s", lane, exc)
                await asyncio.sleep(0.5)
                continue
            for timer in due:
                late.add(max(0, now - max(timer.due, all_taken_at)) / 1000)
            if len(due) < BATCH:
                all_taken_at = now
            if due:
                await asyncio.gather(*(self._act(timer) for timer in due))
            if len(due) < BATCH:
                await asyncio.sleep(POLL_S)

    async def _act(self, timer: Due) -> None:
        id_ = f"{timer.id}@{timer.version}"
        with contextlib.suppress(StoreError, RedisError):
            answer = await self._dispatch.run(timer.cmd, timer.data, TIMER, id_, done=timer)
            if answer.ok:
                self.acted += 1
            elif answer.code in ("internal", "unknown_command", "bad_data", "not_allowed"):
                log.error("timer %s: %s %s", id_, answer.code, answer.message)
