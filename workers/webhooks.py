"""Webhooks: every change of a service account's own orders and wants is told to its receiver, signed.

At least once. Changes of one thing arrive in order: a later one waits behind
the earlier; different things go side by side, at most 8 per receiver. A try
ends after 10 s; a failed one is repeated after 1-2 s, 2-4 s and so on up to an
hour, until 24 h after the first; then it is a dead letter, kept for 30 days.

Every receiver is a task with bounds of its own, so that one that is slow, wrong
or gone delays no other, no timer and nothing in a hub. Two workers share the
work by leases in the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from redis.exceptions import RedisError

from hub.errors import StoreError
from hub.hooks import MAX_WAITING, Hooks
from hub.names import Names
from hub.settings import Settings
from hub.store import Store
from workers.bell import Bell
from workers.hook_feed import Feed
from workers.post import Poster
from workers.receiver import Receiver, Send

log = logging.getLogger("kentongan.webhooks")

LOOK_S: Final = 1.0
SWEEP_S: Final = 600.0


class Webhooks:
    """Feeds and delivers for one city.

    Args:
        send: instead of real requests, in tests.
        hooks: the deliveries by another clock, in tests.
    """

    def __init__(self, store: Store, settings: Settings, send: Send | None = None, hooks: Hooks | None = None) -> None:
        self.hooks = hooks or Hooks(store)
        self._send = send or Poster(Names(), private=settings.webhook_private or store.demo)
        self._bell = Bell(store, "normal")
        self._feed = Feed(self.hooks)
        self._receivers: dict[str, tuple[Receiver, asyncio.Task[None]]] = {}
        self._sweep_at = 0.0

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    await self._step()
                except (StoreError, RedisError) as exc:
                    log.warning("webhooks: %s", exc)
                    await asyncio.sleep(LOOK_S)
        finally:
            tasks = [task for _, task in self._receivers.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._bell.close()

    async def _step(self) -> None:
        fed = await self._feed.step()
        self._tend(fed.webhooks)
        for person, waiting in fed.waiting.items():
            self._receivers[person][0].nudge()
            if waiting > MAX_WAITING:
                spilt = await self.hooks.spill(person)
                log.warning("webhook of %s: more than %d wait; %d are dead letters", person, MAX_WAITING, spilt)
        await self._sweep(fed.webhooks)
        if fed.more:
            return
        if fed.webhooks:
            await self._bell.rung(self._feed.read_to, LOOK_S)
        else:
            await asyncio.sleep(LOOK_S)

    def _tend(self, people: Iterable[str]) -> None:
        """A task for every webhook; those of removed ones end by themselves."""
        for person, (_, task) in list(self._receivers.items()):
            if task.done():
                del self._receivers[person]
                if not task.cancelled() and (error := task.exception()) is not None:
                    log.error("webhook of %s failed; it is started again", person, exc_info=error)
        for person in people:
            if person not in self._receivers:
                receiver = Receiver(self.hooks, person, self._send)
                self._receivers[person] = (receiver, asyncio.create_task(receiver.run(), name=f"webhook {person}"))

    async def _sweep(self, people: Iterable[str]) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._sweep_at:
            self._sweep_at = now + SWEEP_S
            await self.hooks.seal()
            for person in people:
                await self.hooks.sweep(person)
