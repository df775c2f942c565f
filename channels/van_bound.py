"""When a van may be at a stop at the earliest: the one place that reminders and queues ask.

It is the lower end of the range that is foretold (`van_foretell`), as it was last told: within a minute of the truth.
A foretelling is of use while the van is expected at the stop on the trip of today and the foretelling is renewed; else
the timetable counts, shifted by how late the van was at the last stop where it arrived. A van that is early waits for
no timetable, so the shift may go either way.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from channels.van_days import MINUTE_MS
from channels.van_eta import foretold
from channels.van_things import Stop, Trip, TripStop

CLOSED: Final = frozenset({"departed", "skipped", "cancelled"})
"""States of a visit in which nobody need wait there any more."""
STALE_MS: Final = 5 * MINUTE_MS
"""A foretelling is looked at every minute; one that was not for so long is not used any more."""


def lower_bound(trip: Trip, stop: str, now: int) -> int:
    """The earliest time at which the van may come to a stop, ms; never before now. Where it is: since when."""
    at = trip.of(stop)
    if at is None:
        return now
    if at.arrived_at is not None and at.state == "arrived":
        return at.arrived_at
    told = _told(trip, at, now)
    return max(now, at.scheduled_at + _late_ms(trip) if told is None else told)


def least_bound(trip: Trip, stop: str, now: int) -> int:
    """How early the bound becomes without any news of the van; not after `lower_bound`.

    Before the foretelling begins the bound is a time of the timetable; then it is the lower end of a range around that
    time. Whoever asks whether the van comes earlier than was thought compares with this.
    """
    bound, at = lower_bound(trip, stop, now), trip.of(stop)
    if at is None or at.state != "expected" or _told(trip, at, now) is not None:
        return bound
    eta = foretold(replace(trip, live=True), None, now).get(stop)
    return bound if eta is None else min(bound, eta.low)


def kept(known: int, bound: int, now: int) -> int:
    """The bound as those who wait keep it: one that was reached stays, for it moves with now and nothing follows."""
    return known if known <= now and bound <= now else bound


def _told(trip: Trip, at: TripStop, now: int) -> int | None:
    """The lower end of what is foretold, while that is of use."""
    if at.eta is None or at.state != "expected" or not trip.live or trip.state in ("over", "cancelled"):
        return None
    return at.eta.low if now - trip.foretold_at <= STALE_MS else None


def _late_ms(trip: Trip) -> int:
    been = [one for one in trip.stops if one.arrived_at is not None]
    last = max(been, key=lambda one: one.arrived_at or 0, default=None)
    return 0 if last is None or last.arrived_at is None else last.arrived_at - last.scheduled_at


def state_at(trip: Trip | None, stop: str) -> str:
    """What a trip does at a stop; one that no longer goes there has cancelled it."""
    at = trip.of(stop) if trip is not None else None
    if trip is None or at is None or (trip.state == "cancelled" and at.state not in CLOSED):
        return "cancelled"
    return "departed" if trip.state == "over" and at.state in ("expected", "arrived") else at.state


def next_visit(stop: Stop | None, behind: int) -> int:
    """When a van is to come to a stop after a time, 0 when nobody knows."""
    visits = stop.visits if stop is not None else ()
    return next(
        (visit.scheduled_at for visit in visits if visit.scheduled_at > behind and visit.state == "expected"), 0
    )
