"""How a simulated van and its receiver misbehave: the one place where their noise is fixed.

Written before any predictor and tuned for none. Every figure is in `Noise`; chance comes in as a seeded
`random.Random`, so the same seed is the same day. Nothing is measured in Mojokerto: these are plausible figures.

* Roads: a leg is longer than the straight line by the trip's detour and the leg's own; it is driven at the leg's speed
  times the hour's, piece by piece, with traffic lights.
* Stops: work takes a share of the planned stay, now and then far longer. A crew that is early waits for its timetable.
* Crew: presses late or forgets; the fixes notice an arrival or a departure after about half a minute to a minute.
* Receiver: an error of about 8 m that drifts (two fixes in a row err alike), 1 % spikes of 300 m, gaps, late and
  duplicate fixes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import cos, exp, pi, radians, sin, sqrt
from typing import Final, NamedTuple

M_PER_DEGREE: Final = 111_195.0


class Noise(NamedTuple):
    """All figures. Times in seconds, speeds in km/h; `_share`: of one; `_sigma`: of a lognormal."""

    # -- receiver --
    error_m: float = 8.0
    drift: float = 0.95
    """How much of an error is left in that of the next fix."""
    spike_share: float = 0.01
    spike_m: float = 300.0
    fix_every_s: float = 15.0
    gap_share: float = 0.004
    """Of the fixes that begin a gap."""
    gap_mean_s: float = 150.0
    late_share: float = 0.03
    late_mean_s: float = 40.0
    twice_share: float = 0.02

    # -- roads --
    detour_mean: float = 1.35
    detour_trip_sd: float = 0.08
    detour_leg_sd: float = 0.12
    speed_kmh: float = 22.0
    speed_trip_sigma: float = 0.12
    speed_leg_sigma: float = 0.18
    speed_piece_sigma: float = 0.25
    piece_m: float = 120.0
    light_share: float = 0.12
    """Of the pieces that end at a red light."""
    light_s: tuple[float, float] = (8.0, 55.0)
    hours: tuple[tuple[float, float], ...] = ((6.5, 0.72), (8.5, 1.0), (11.5, 0.85), (13.0, 1.05), (15.0, 0.8))
    """(from this hour of the day, times this speed)."""

    # -- stops --
    set_out_late_s: float = 120.0
    work_share: float = 0.78
    work_trip_sigma: float = 0.10
    work_sigma: float = 0.25
    tail_share: float = 0.08
    tail_mean_s: float = 480.0
    shortest_s: float = 90.0
    hold_early_s: float = 60.0
    """A crew leaves at most so much before it must, to be at its next stop by the timetable."""

    # -- crew --
    noticed_s: tuple[float, float] = (25.0, 70.0)
    press_late_mean_s: float = 75.0
    forgets_share: float = 0.1


NOISE: Final = Noise()


class Heard(NamedTuple):
    """A fix as the hub hears it. Times in seconds."""

    heard_at: float
    fix_at: float
    lat: float
    lon: float
    accuracy_m: float


class Receiver:
    """A van's GPS: true places in, what is heard out."""

    def __init__(self, rng: random.Random, noise: Noise = NOISE) -> None:
        self._rng, self._noise = rng, noise
        self._east = self._north = 0.0
        self._silent_until = float("-inf")

    def hear(self, at: float, lat: float, lon: float) -> Iterator[Heard]:
        """What becomes of one fix: nothing in a gap, one as a rule, two that are the same now and then."""
        rng, noise = self._rng, self._noise
        self._drift()
        if at < self._silent_until:
            return
        if rng.random() < noise.gap_share:
            self._silent_until = at + rng.expovariate(1 / noise.gap_mean_s)
            return
        east, north = self._east, self._north
        if rng.random() < noise.spike_share:
            angle = rng.uniform(0, 2 * pi)
            east, north = east + noise.spike_m * cos(angle), north + noise.spike_m * sin(angle)
        late = rng.expovariate(1 / noise.late_mean_s) if rng.random() < noise.late_share else rng.uniform(0.2, 1.5)
        lat, lon = lat + north / M_PER_DEGREE, lon + east / (M_PER_DEGREE * cos(radians(lat)))
        fix = Heard(at + late, at, lat, lon, noise.error_m)
        yield fix
        if rng.random() < noise.twice_share:
            yield fix._replace(heard_at=fix.heard_at + rng.uniform(1, 30))

    def _drift(self) -> None:
        """The next error: what is left of this one, and fresh noise that keeps the size the same."""
        noise = self._noise
        each = noise.error_m / sqrt(2) * sqrt(1 - noise.drift**2)
        self._east = self._east * noise.drift + self._rng.gauss(0, each)
        self._north = self._north * noise.drift + self._rng.gauss(0, each)


class Roads:
    """One trip's roads: what a leg is longer than its straight line, and how fast it is driven."""

    def __init__(self, rng: random.Random, noise: Noise = NOISE) -> None:
        self._rng, self._noise = rng, noise
        self._detour = rng.gauss(noise.detour_mean, noise.detour_trip_sd)
        self._speed = noise.speed_kmh / 3.6 * exp(rng.gauss(0, noise.speed_trip_sigma))

    def detour(self) -> float:
        """Of one leg; at least 1.05."""
        return max(1.05, self._detour + self._rng.gauss(0, self._noise.detour_leg_sd))

    def leg(self) -> float:
        """The speed of one leg, m/s, at an hour that is neither fast nor slow."""
        return self._speed * exp(self._rng.gauss(0, self._noise.speed_leg_sigma))

    def piece_s(self, metres: float, speed: float, hour: float) -> float:
        """How long a piece of a leg takes, its red light included."""
        noise, rng = self._noise, self._rng
        taken = metres / (speed * hour_factor(hour, noise) * exp(rng.gauss(0, noise.speed_piece_sigma)))
        return taken + (rng.uniform(*noise.light_s) if rng.random() < noise.light_share else 0.0)


class Stays:
    """One trip's stays at its stops."""

    def __init__(self, rng: random.Random, noise: Noise = NOISE) -> None:
        self._rng, self._noise = rng, noise
        self._trip = exp(rng.gauss(0, noise.work_trip_sigma))

    def set_out_late_s(self) -> float:
        return self._rng.expovariate(1 / self._noise.set_out_late_s)

    def work_s(self, planned_s: float) -> float:
        """How long the work at a stop takes, by the stay that is planned; with a long tail."""
        noise, rng = self._noise, self._rng
        work = planned_s * noise.work_share * self._trip * exp(rng.gauss(0, noise.work_sigma))
        tail = rng.expovariate(1 / noise.tail_mean_s) if rng.random() < noise.tail_share else 0.0
        return max(noise.shortest_s, work + tail)


def noticed_s(rng: random.Random, noise: Noise = NOISE) -> float:
    """After how long the hub knows of an arrival or departure: by the fixes, or by the crew when it is earlier."""
    by_fix = rng.uniform(*noise.noticed_s)
    late = rng.expovariate(1 / noise.press_late_mean_s)
    return by_fix if rng.random() < noise.forgets_share else min(by_fix, late)


def hour_factor(hour: float, noise: Noise = NOISE) -> float:
    """Times which speed one drives at this hour of the day."""
    return next((factor for since, factor in reversed(noise.hours) if hour >= since), 1.0)
