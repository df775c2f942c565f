"""One webhook's deliveries: leased, sent, settled. Each receiver is a task of its own, with bounds of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from redis.exceptions import RedisError

from hub.errors import DataError, StoreError
from hub.hook_urls import Target, target
from hub.hooks import PARALLEL, Delivery, Hooks, Leased, Outcome, Webhook
from workers.post import Answer

log = logging.getLogger("kentongan.webhooks")

POLL_S: Final = 1.0
LEAST_WAIT_S: Final = 0.02
FIRST_WAIT_S, LONGEST_WAIT_S = 2.0, 3600.0
SETTLE_TRIES: Final = 5
SETTLE_WAIT_S: Final = 0.5
NO_SECRET: Final = "its secret does not open with the city's key: `kentongan webhook set` makes a new one"

Send = Callable[[Target, Mapping[str, str], bytes], Awaitable[Answer]]
Chance = Callable[[], float]


def wait_ms(attempt: int, chance: float) -> int:
    """How long after a failed attempt (from 1) the next one is due: 1-2 s, 2-4 s, ... up to half an hour to an hour.

    Args:
        chance: from 0 to 1; spreads the tries of receivers that failed together.
    """
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (min(attempt, 20) - 1))
    return int(longest * (0.5 + chance / 2) * 1000)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 (RFC 2104) of `<timestamp>.<body>`; the key is the secret's own text."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def headers(hook: Webhook, delivery: Delivery, now_ms: int) -> dict[str, str]:
    timestamp = str(now_ms // 1000)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Kentongan",
        "Kentongan-Id": delivery.id,
        "Kentongan-Timestamp": timestamp,
        "Kentongan-Signature": signature(hook.secret, timestamp, delivery.body),
    }


class Receiver:
    """Delivers to one webhook until it is removed.

    At most `PARALLEL` at once over all workers; one at a time while the last attempt failed.
    """

    def __init__(self, hooks: Hooks, person: str, send: Send, chance: Chance = random.random) -> None:
        self._hooks, self.person, self._send, self._chance = hooks, person, send, chance
        self._going: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._healthy = True

    def nudge(self) -> None:
        """There may be something to do."""
        self._bell.set()

    async def run(self) -> None:
        """Work until cancelled, or until there is no such webhook."""
        try:
            while (wait_s := await self._begin()) is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._bell.wait()
        finally:
            for task in self._going:
                task.cancel()
            await asyncio.gather(*self._going, return_exceptions=True)

    async def _begin(self) -> float | None:
        """Begin what is due; how long to wait then, None when the webhook is gone."""
        self._bell.clear()
        room = (PARALLEL if self._healthy else 1) - len(self._going)
        if room <= 0:
            return POLL_S
        try:
            leased = await self._hooks.lease(self.person, room)
        except (StoreError, RedisError) as exc:
            log.warning("webhook of %s: %s", self.person, exc)
            return POLL_S
        if leased is None:
            return None
        for delivery in leased.deliveries:
            task = asyncio.create_task(self.deliver(leased, delivery), name=f"delivery {delivery.id}")
            self._going.add(task)
            task.add_done_callback(self._over)
        if not leased.next_at or len(leased.deliveries) == room:
            return POLL_S
        return min(POLL_S, max(LEAST_WAIT_S, (leased.next_at - leased.now) / 1000))

    def _over(self, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        self.nudge()
        if not task.cancelled() and (error := task.exception()) is not None:
            # its lease runs out and it is tried again
            log.error("webhook of %s: a delivery failed by our own fault", self.person, exc_info=error)

    async def deliver(self, leased: Leased, delivery: Delivery) -> None:
        """Make one attempt and say what came of it."""
        try:
            where = target(leased.webhook.url)
        except DataError as exc:
            answer = Answer(error=str(exc))
        else:
            answer = Answer(error=NO_SECRET)
            if leased.webhook.secret:
                answer = await self._send(where, headers(leased.webhook, delivery, leased.now), delivery.body)
        self._healthy = answer.ok
        # 410: this one is given up at once, the next change is tried all the same, in case it was said in error
        outcome: Outcome = "ok" if answer.ok else "dead" if answer.gone else "again"
        settled = await self._settled(delivery, outcome, answer.error)
        if settled == "dead":
            log.warning("webhook of %s: %s is a dead letter: %s", self.person, delivery.id, answer.error)

    async def _settled(self, delivery: Delivery, outcome: Outcome, error: str) -> str:
        """Settle it, through a short absence of the store; after a long one its lease runs out and it is sent again."""
        wait = wait_ms(delivery.attempt, self._chance())
        for _ in range(SETTLE_TRIES):
            try:
                return await self._hooks.settle(delivery, outcome, error, wait)
            except (StoreError, RedisError) as exc:
                log.warning("webhook of %s: %s", self.person, exc)
                await asyncio.sleep(SETTLE_WAIT_S)
        return "late"
