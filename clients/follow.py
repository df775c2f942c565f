"""Wait for what becomes of one thing in one topic."""

from __future__ import annotations

import asyncio
from typing import Any

from clients.client import Change, Client
from clients.stage import Stage

View = dict[str, Any]


class Follow:
    """One thing in one topic, awaited state by state."""

    def __init__(self, client: Client, topic: str, stage: Stage) -> None:
        self._client, self._topic, self._stage = client, topic, stage
        self._changed = asyncio.Event()
        self._watch = self._hear
        self.left_at: float | None = None
        """When the frame came that ended the first wait."""
        client.watch(topic, self._watch)

    def _hear(self, change: Change) -> None:
        self._changed.set()

    def close(self) -> None:
        watches = self._client.follow(self._topic).watches
        if self._watch in watches:
            watches.remove(self._watch)

    async def until(self, id_: str, states: tuple[str, ...], limit_s: float) -> View | None:
        """Wait until the thing is in none of `states`, at most `limit_s`; its view then."""
        until = self._stage.now() + limit_s
        while True:
            self._changed.clear()
            view = self._client.table(self._topic).things.get(id_)
            if view is not None and view["state"] not in states:
                if self.left_at is None:
                    self.left_at = self._stage.now()
                return view
            left = until - self._stage.now()
            if left <= 0:
                return view
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                return view
