"""When a van may be at a stop at the earliest: the one place that reminders and queues ask."""

from __future__ import annotations

from typing import Final

from channels.van_things import Stop, Trip

CLOSED: Final = frozenset({"departed", "skipped", "cancelled"})
"""States of a visit in which nobody need wait there any more."""


def lower_bound(trip: Trip, stop: str, now: int) -> int:
    """The earliest time at which the van may come to a stop, ms; never before now.

    The timetable, shifted by how late the van was at the last stop where it arrived. A van that is early waits for no
    timetable, so the shift may go either way.
    """
    at = trip.of(stop)
    if at is None:
        return now
    if at.arrived_at is not None and at.state == "arrived":
        return at.arrived_at
    return max(now, at.scheduled_at + _late_ms(trip))


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
