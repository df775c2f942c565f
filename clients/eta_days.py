"""Simulated days of vans, to score predictions on: what happens, and what the hub hears of it.

Times are seconds from the city's midnight. All chance and all misbehaviour is `gps_noise`'s. Three vans drive the
stops of the demo city: all of them in turn, every other one backwards, and a third of them in the seed's own order.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Final, NamedTuple

from clients.gps_noise import M_PER_DEGREE, NOISE, Heard, Noise, Receiver, Roads, Stays, noticed_s

SEED_FILE: Final = Path(__file__).parent / "seed.json"
OPENS_S: Final = 7 * 3600
GAPS_MIN: Final = (25, 30, 40)
"""Minutes from stop to stop, by van."""


class Call(NamedTuple):
    """A stop of a timetable."""

    stop: str
    lat: float
    lon: float
    scheduled_s: float


class Press(NamedTuple):
    """What the hub knows at `known_s`: the van arrived at a stop, or departed (from the depot: None), at `at_s`."""

    known_s: float
    what: str
    stop: str | None
    at_s: float


class Day(NamedTuple):
    """One trip. `arrived`: when the van truly came."""

    calls: tuple[Call, ...]
    heard: tuple[Heard | Press, ...]
    arrived: dict[str, float]


def days(seed: int, noise: Noise = NOISE) -> list[Day]:
    """A day's trips."""
    rng = random.Random(seed)
    return [drive(calls, random.Random(rng.getrandbits(32)), noise) for calls in timetables(rng)]


def timetables(rng: random.Random) -> list[tuple[Call, ...]]:
    stops = json.loads(SEED_FILE.read_text())["stops"]
    plans = (stops, stops[::-2], rng.sample(stops, len(stops) // 3))
    return [
        tuple(
            Call(stop["id"], stop["lat"], stop["lon"], OPENS_S + 3600 + place * gap * 60)
            for place, stop in enumerate(plan)
        )
        for plan, gap in zip(plans, GAPS_MIN, strict=True)
    ]


def drive(calls: Sequence[Call], rng: random.Random, noise: Noise = NOISE) -> Day:
    """What a van does on its trip, and what is heard of it in the order in which it is heard."""
    trip = _Trip(rng, noise)
    first = calls[0]
    depot = (first.lat + rng.uniform(-0.012, 0.012), first.lon + rng.uniform(-0.012, 0.012))
    trip.stand(depot, first.scheduled_s - 1200, first.scheduled_s - _usual_s(depot, first[1:3], noise))
    trip.stand(depot, trip.now, trip.now + trip.stays.set_out_late_s())
    trip.know("depart", None)
    place, arrived = depot, {}
    for call, then in pairwise((*calls, None)):
        assert call is not None
        here = (call.lat, call.lon)
        trip.leg(place, here)
        arrived[call.stop] = trip.now
        trip.know("arrive", call.stop)
        if then is None:
            break
        usual = _usual_s(here, (then.lat, then.lon), noise)
        work = trip.stays.work_s(max(0.0, then.scheduled_s - call.scheduled_s - usual))
        trip.stand(here, trip.now, max(trip.now + work, then.scheduled_s - usual - noise.hold_early_s))
        trip.know("depart", call.stop)
        place = here
    return Day(tuple(calls), tuple(sorted(trip.heard, key=lambda one: one[0])), arrived)


class _Trip:
    """A van on its way: where it is is heard every few seconds."""

    def __init__(self, rng: random.Random, noise: Noise) -> None:
        self.rng, self.noise, self.now = rng, noise, 0.0
        self.roads, self.stays = Roads(rng, noise), Stays(rng, noise)
        self.receiver = Receiver(rng, noise)
        self.heard: list[Heard | Press] = []
        self._next_fix = 0.0

    def know(self, what: str, stop: str | None) -> None:
        self.heard.append(Press(self.now + noticed_s(self.rng, self.noise), what, stop, self.now))

    def stand(self, place: tuple[float, float], since: float, until: float) -> None:
        self._pass(place, place, since, until)

    def leg(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A way with one bend, as much longer than the straight line as the road is."""
        detour, speed = self.roads.detour(), self.roads.leg()
        half, side = 0.5, self.rng.choice((-1, 1)) * (detour**2 - 1) ** 0.5 / 2
        scale = cos(radians(start[0]))
        north, east = end[0] - start[0], (end[1] - start[1]) * scale
        bend = (start[0] + north * half + east * side, start[1] + (east * half - north * side) / scale)
        for a, b in ((start, bend), (bend, end)):
            pieces = max(1, round(_metres(a, b) / self.noise.piece_m))
            points = [(a[0] + (b[0] - a[0]) * n / pieces, a[1] + (b[1] - a[1]) * n / pieces) for n in range(pieces + 1)]
            for one, other in pairwise(points):
                taken = self.roads.piece_s(_metres(one, other), speed, self.now / 3600)
                self._pass(one, other, self.now, self.now + taken)

    def _pass(self, a: tuple[float, float], b: tuple[float, float], since: float, until: float) -> None:
        self._next_fix = max(self._next_fix, since)
        while self._next_fix < until:
            part = (self._next_fix - since) / (until - since)
            lat, lon = a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
            self.heard += self.receiver.hear(self._next_fix, lat, lon)
            self._next_fix += self.noise.fix_every_s
        self.now = max(since, until)


def _usual_s(a: tuple[float, float], b: tuple[float, float], noise: Noise) -> float:
    """How long the timetable grants for a leg."""
    return _metres(a, b) * noise.detour_mean / (noise.speed_kmh / 3.6)


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return M_PER_DEGREE * hypot(b[0] - a[0], (b[1] - a[1]) * cos(radians(a[0])))
