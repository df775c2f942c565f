"""The phone in a simulated van: true places in, what reaches the hub of them out.

Its receiver is `gps_noise.Receiver` with that file's figures: error and drift, spikes, gaps, late and duplicate fixes,
one each 15 s. Beside it the network goes now and then: the phone keeps its fixes and sends them as one buffer when it
is back. A phone that dies keeps nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from clients.client import Client
from clients.gps_noise import NOISE, Heard, Receiver
from clients.http import request
from clients.paths import Point
from clients.stage import Stage

Send = Callable[[Sequence[Heard]], object]

NO_NETWORK_SHARE: Final = 0.006
"""Of the fixes behind which the network goes: about once in 40 minutes."""
NO_NETWORK_S: Final = (40.0, 150.0)


class Phone:
    """One van's phone."""

    def __init__(self, stage: Stage, send: Send) -> None:
        self._stage, self._send = stage, send
        self._rng = random.Random(stage.rng.getrandbits(32))
        self._receiver = Receiver(self._rng)
        self._on_its_way: list[Heard] = []
        self._next_fix = self._no_network_until = self._dead_until = 0.0

    @property
    def dead(self) -> bool:
        return self._stage.now() < self._dead_until

    def die(self, seconds: float) -> None:
        """The battery is empty: what was not sent is lost, and nothing comes for a while."""
        self._dead_until = self._stage.now() + seconds
        self._on_its_way.clear()

    def carry(self, place: Point) -> None:
        """Be at a place for a round: take a fix when it is time, and send whatever has come through by now."""
        now = self._stage.now()
        if self.dead:
            return
        if now >= self._next_fix:
            self._next_fix = now + NOISE.fix_every_s
            self._on_its_way += self._receiver.hear(now, *place)
            if now >= self._no_network_until and self._rng.random() < NO_NETWORK_SHARE:
                self._no_network_until = now + self._rng.uniform(*NO_NETWORK_S)
        if now < self._no_network_until:
            return
        heard = [fix for fix in self._on_its_way if fix.heard_at <= now]
        if heard:
            self._on_its_way = [fix for fix in self._on_its_way if fix.heard_at > now]
            self._send(sorted(heard, key=lambda fix: fix.heard_at))


def fix_time(stage: Stage, fix: Heard) -> int:
    """When a fix was taken, ms since the epoch."""
    return stage.now_ms() - round((stage.now() - fix.fix_at) * 1000)


def by_page(stage: Stage, van: str, client: Client) -> Send:
    """The crew's page says it over its socket; what does not get through is lost."""

    def send(fixes: Sequence[Heard]) -> None:
        given = [
            {"lat": round(fix.lat, 6), "lon": round(fix.lon, 6), "accuracy_m": fix.accuracy_m}
            | {"fix_at": fix_time(stage, fix)}
            for fix in fixes
        ]
        client.tell("van.position", {"van": van, **({"location": given[0]} if not given[1:] else {"locations": given})})

    return send


def by_tracker(stage: Stage, key: str) -> Send:
    """A tracker app of its own writes it with its key: one fix as OsmAnd does, a buffer as Traccar Client does."""

    def send(fixes: Sequence[Heard]) -> None:
        stage.spawn(_post(stage, key, fixes), "tracker")

    return send


async def _post(stage: Stage, key: str, fixes: Sequence[Heard]) -> None:
    url = f"{stage.base}/v1/trackers/osmand"
    if len(fixes) == 1:
        (fix,) = fixes
        said: dict[str, Any] = {"id": key, "lat": round(fix.lat, 6), "lon": round(fix.lon, 6)}
        said |= {"timestamp": fix_time(stage, fix), "accuracy": fix.accuracy_m}
        await request("GET", f"{url}?{urlencode(said)}")
        return
    places = [
        {
            "timestamp": fix_time(stage, fix),
            "coords": {"latitude": round(fix.lat, 6), "longitude": round(fix.lon, 6), "accuracy": fix.accuracy_m},
        }
        for fix in fixes
    ]
    await request("POST", url, {"device_id": key, "location": places})
