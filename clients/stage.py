"""What the simulated people of one city share: its ground, chance, a clock, and what they saw of each other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any, Final

from clients.client import Client, Refused, SignedOut, Unanswered
from clients.paths import Ground

Event = dict[str, Any]

ROUND_S: Final = 3.0
"""How often somebody on the move says where they are."""

PHONES_KEPT: Final = 200

SIM_PHONE: Final = "0800000000"
"""A number that nobody has: simulated buyers and callers give it."""

VISITOR_SHOP: Final = "s01"
"""The shop that a visitor of the demo keeps: no simulated buyer disturbs it."""


class Stage:
    """One simulated city.

    Args:
        base: the public hub's address.
        config: its `/v1/config`.
        now: seconds of a clock that only goes forward, the same for all people.
        now_ms: milliseconds since the epoch.
        emit: prints one event.
    """

    def __init__(
        self,
        base: str,
        config: dict[str, Any],
        ground: Ground,
        rng: random.Random,
        *,
        now: Callable[[], float],
        now_ms: Callable[[], int],
        emit: Callable[[Event], None],
    ) -> None:
        self.base, self.config, self.ground, self.rng = base, config, ground, rng
        self.now, self.now_ms, self._emit = now, now_ms, emit
        self.rang: dict[str, dict[str, float]] = {}
        """Request -> medic -> when the offer reached that phone."""
        self.offers: dict[str, dict[str, Any]] = {}
        """Request -> simulated medic -> that medic, while the offer is open."""
        self.holders: dict[str, bool] = {}
        """Ticket of a simulated holder -> whether they come when it is called."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: list[Client] = []

    @property
    def zone_ms(self) -> int:
        """How far the city's clock is ahead of UTC."""
        hours: int = self.config.get("zone", {}).get("hours", 7)
        return hours * 3_600_000

    async def client(self, **credentials: Any) -> Client:
        """A signed-in client that closes with the city."""
        client = Client(self.base, config=self.config, chance=self.rng.random, **credentials)
        await client.__aenter__()
        self._clients.append(client)
        return client

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run something that ends with the city. A hub that is away for long, or says no, ends it quietly."""
        task = asyncio.create_task(_quiet(work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self._clients))

    def emit(self, event: Event) -> None:
        self._emit({**event, "at": self.now_ms()})

    def phone_rang(self, request: str, medic: str) -> None:
        """A simulated medic's phone has an offer; the first time counts."""
        self.rang.setdefault(request, {}).setdefault(medic, self.now())
        while len(self.rang) > PHONES_KEPT:
            del self.rang[next(iter(self.rang))]

    def name(self, kelurahan: str | None) -> str:
        return self.ground.names.get(kelurahan or "", "")


async def _quiet(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except (Refused, Unanswered, SignedOut, OSError):
        return
