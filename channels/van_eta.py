"""When a van will be at its stops: a range for each stop that is expected, and one best guess in it.

Pure: trip, place, and `now` come in; no clock, no chance. What it goes by, best first:

1. A fix that is at most 10 minutes old, or a stop at which the van stands: the way to go is the straight lines between
   the stops, times this trip's own seconds per straight metre so far (`pace`: detour and speed in one figure, which
   begins as 1.35 x at 20 km/h), and at each stop between this trip's own share of the planned stay. A van that is
   early waits for its timetable, unless it came over 15 minutes early before: then it keeps none.
2. Else the timetable, later by what the trip was late when it was last seen, in a wider range.
3. Two hours after the last sign of the van, and after the timetable's time: nothing. Nobody is told a time that
   nobody knows.

Guarantees: now <= low <= at <= high; no stop is foretold earlier than the one before it; an older fix never makes a
range narrower. `at` leans to the early side: who comes too late misses the van, who comes too early waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from channels.geo import distance_m
from channels.van_arrival import AWAY_M
from channels.van_things import MOST_STOPS, Eta, Trip, TripStop

FRESH_MS: Final = 60_000
LOST_MS: Final = 600_000
"""A fix that is older says no longer where the van is."""
EARLY_MS: Final = 900_000
"""A van that was earlier than this keeps no timetable, and is not expected to wait for it."""
WAITED_MS: Final = 120_000
"""Who leaves so near to when it must has waited for the timetable."""
UNKNOWN_MS: Final = 2 * 3600 * 1000

PACE: Final = 1.35 / (20 / 3.6)
"""Seconds per straight metre, until the trip has shown its own."""
PACE_WEIGHT_M: Final = 6000.0
STAY_SHARE: Final = 0.82
STAY_WEIGHT: Final = 6.0
SHORTEST_STAY_S: Final = 90.0
SOFT: Final = 0.1
"""Of the expected stay: how gradually "it will leave soon" begins when that is over."""

DRIVE_SPREAD: Final = 0.25
STAY_SPREAD: Final = 0.3
LEAST_SPREAD_S: Final = 20.0
AGE_SPREAD: Final = 0.5
SCHEDULE_SPREAD_S: Final = 360.0
LEAN_S, LEAN_SHARE, LEAN_MOST_S = 30.0, 0.09, 90.0


class Place(Struct, frozen=True):
    """Where the van was seen."""

    lat: float
    lon: float
    fix_at: int


def foretold(trip: Trip, place: Place | None, now: int, most: int = MOST_STOPS) -> dict[str, Eta]:
    """Stop -> when the van will be there, for the expected stops in the order in which it comes, at most so many."""
    coming = _kept_ahead(trip, ahead(trip)[:most])
    if not coming or not trip.live or trip.state in ("over", "cancelled"):
        return {}
    if place is not None and now - place.fix_at > LOST_MS:
        place = None
    here = trip.of(trip.stop)
    if here is not None and place is not None and distance_m(place.lat, place.lon, here.lat, here.lon) > AWAY_M:
        here = None  # it has left, and nobody has said so yet
    if place is None and now > max(trip.event_at, coming[0].scheduled_at) + UNKNOWN_MS:
        return {}
    if here is None and (place is None or trip.state == "planned"):
        return _by_schedule(trip, coming, now)
    return _by_way(trip, coming, here, place, now)


def ahead(trip: Trip) -> list[TripStop]:
    """The expected stops from the next one on; those that were left out before it are not foretold."""
    begins = next((number for number, stop in enumerate(trip.stops) if stop.id == trip.next), len(trip.stops))
    return [stop for stop in trip.stops[begins:] if stop.state == "expected"]


def _kept_ahead(trip: Trip, coming: list[TripStop]) -> list[TripStop]:
    """The stops by the timetable that the trip keeps: far ahead of it, it does not begin to wait now."""
    early = -_delay_ms(trip)
    return [replace(stop, scheduled_at=stop.scheduled_at - early) for stop in coming] if early > EARLY_MS else coming


def pace(trip: Trip) -> float:
    """Seconds per straight metre: what this trip has needed so far, less surely the less it has driven."""
    metres, seconds = PACE_WEIGHT_M, PACE_WEIGHT_M * PACE
    for one, other in pairwise(_been(trip)):
        if one.departed_at is not None and other.arrived_at is not None and other.arrived_at > one.departed_at:
            way = _metres(one, other)
            metres += way
            # A rest on the way is not the road's pace.
            seconds += min((other.arrived_at - one.departed_at) / 1000, 3 * way * PACE + 60)
    return seconds / metres


def stay_share(trip: Trip) -> float:
    """What share of its planned stays the work has taken so far; stays that waited for the timetable say nothing."""
    weight, total = STAY_WEIGHT, STAY_WEIGHT * STAY_SHARE
    for one, other in pairwise(_been(trip)):
        planned = _planned_s(one, other)
        if one.departed_at is None or one.arrived_at is None or planned < SHORTEST_STAY_S:
            continue
        must_leave = other.scheduled_at - _metres(one, other) * PACE * 1000
        if abs(one.departed_at - must_leave) <= WAITED_MS:
            continue
        weight += 1
        total += min(2.0, (one.departed_at - one.arrived_at) / 1000 / planned)
    return total / weight


def _by_way(
    trip: Trip, coming: Sequence[TripStop], here: TripStop | None, place: Place | None, now: int
) -> dict[str, Eta]:
    """From where the van is, stop by stop."""
    each, share, waits = pace(trip), stay_share(trip), -_delay_ms(trip) <= EARLY_MS
    age_s = None if place is None else max(0, now - place.fix_at) / 1000
    spread = LEAST_SPREAD_S**2 + (AGE_SPREAD * max(0.0, (age_s or 0.0) - FRESH_MS / 1000)) ** 2
    first = coming[0]
    if here is not None:
        way = _metres(here, first) * each
        work = _work_s(here, first, share)
        stood = (now - (here.arrived_at or now)) / 1000
        left = _left_s(work, stood)
        leaves = max(now + left * 1000, first.scheduled_at - way * 1000 if waits else 0)
        spread += (STAY_SPREAD * max(left, (leaves - now) / 2000)) ** 2
        at = leaves + way * 1000
    else:
        assert place is not None
        way = distance_m(place.lat, place.lon, first.lat, first.lon) * each
        at = max(now, place.fix_at + way * 1000)
    spread += (DRIVE_SPREAD * way) ** 2
    found = {first.id: _eta(at, spread, now, age_s)}
    for one, other in pairwise(coming):
        way, work = _metres(one, other) * each, _work_s(one, other, share)
        at = max(at + work * 1000, other.scheduled_at - way * 1000 if waits else 0) + way * 1000
        spread += (DRIVE_SPREAD * way) ** 2 + (STAY_SPREAD * work) ** 2
        found[other.id] = _eta(at, spread, now, age_s)
    return _in_order(found)


def _by_schedule(trip: Trip, coming: Sequence[TripStop], now: int) -> dict[str, Eta]:
    """The timetable, later by the last known delay, and never in the past."""
    late = max(0, _delay_ms(trip), now - coming[0].scheduled_at if trip.state == "planned" else 0)
    seen = max(trip.event_at, coming[0].scheduled_at + late)
    blind_s = max(0, now - seen) / 1000
    found = {}
    for number, stop in enumerate(coming):
        spread = (SCHEDULE_SPREAD_S + AGE_SPREAD * blind_s) ** 2 * (1 + number / 4)
        found[stop.id] = _eta(max(now, stop.scheduled_at + late), spread, now, None)
    return _in_order(found)


def _delay_ms(trip: Trip) -> int:
    """By how much the van was late when it last came somewhere; negative when early."""
    been = [stop for stop in _been(trip) if stop.arrived_at is not None]
    last = been[-1] if been else None
    return 0 if last is None else (last.arrived_at or 0) - last.scheduled_at


def _eta(at: float, variance: float, now: int, age_s: float | None) -> Eta:
    """The range: one spread before, one and a half behind, for what delays a van is longer than what hastens it."""
    spread, to_go = variance**0.5, max(0.0, at - now) / 1000
    lean = min(LEAN_S + LEAN_SHARE * to_go, LEAN_MOST_S, to_go)
    low, high = max(float(now), at - (spread + lean) * 1000), at + 1500 * spread
    guess = max(low, at - lean * 1000)
    return Eta(
        round(low),
        round(guess),
        round(high),
        "schedule" if age_s is None else "fix",
        None if age_s is None else round(age_s),
    )


def _in_order(found: dict[str, Eta]) -> dict[str, Eta]:
    """No stop before the one before it."""
    low = guess = high = 0
    kept = {}
    for stop, eta in found.items():
        low, guess, high = max(low, eta.low), max(guess, eta.at), max(high, eta.high)
        kept[stop] = Eta(low, guess, high, eta.source, eta.fix_age_s)
    return kept


def _work_s(one: TripStop, other: TripStop, share: float) -> float:
    return max(SHORTEST_STAY_S, share * _planned_s(one, other))


def _planned_s(one: TripStop, other: TripStop) -> float:
    """What the timetable leaves for the stay between two stops."""
    return max(0.0, (other.scheduled_at - one.scheduled_at) / 1000 - _metres(one, other) * PACE)


def _left_s(work: float, stood: float) -> float:
    """How long a van still stays. When the expected stay is over it may leave any moment, not at once."""
    soft = SOFT * work
    over = (work - stood) / soft
    return work - stood if over > 30 else soft * log(1 + exp(over))


def _been(trip: Trip) -> list[TripStop]:
    """The stops where the van was, in the order in which it came."""
    return sorted((stop for stop in trip.stops if stop.arrived_at is not None), key=lambda stop: stop.arrived_at or 0)


def _metres(one: TripStop, other: TripStop) -> float:
    return distance_m(one.lat, one.lon, other.lat, other.lon)
