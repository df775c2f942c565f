"""What somebody else than its crew changed in a van's trip of today: what the crew has to hear.

It is told by a timer that is due at once: the commit of a trip may touch as many topics as a commit can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from channels.van_things import Trip
from hub.contract import Timer

KINDS: Final = {
    "stop.added": "added",
    "stop.moved": "moved",
    "stop.cancelled": "cancelled",
}
"""The kind of a stop's change -> what the crew hears of it."""


def saved(before: Trip | None, after: Trip, events: Mapping[str, str], now: int) -> list[Timer]:
    """A trip was saved: its first stops, that it takes place after all, or which of its stops to come are others.

    Args:
        before: the trip as it was. events: stop -> the kind of its change.
    """
    off = before is not None and before.state == "cancelled"
    if before is None or off or all(stop.state == "cancelled" for stop in before.stops):
        return _timers(after, "again" if off else "given", {}, now) if after.next is not None else []
    kinds = {stop: KINDS[event] for stop, event in events.items() if event in KINDS and _to_come(before, stop)}
    return _timers(after, "changed", kinds, now) if kinds else []


def cancelled(trip: Trip, now: int) -> list[Timer]:
    """The trip does not take place."""
    return _timers(trip, "cancelled", {}, now)


def placed(trip: Trip, stop: str, now: int) -> list[Timer]:
    """A stop of the trip has another place, or another name."""
    at = trip.of(stop)
    return _timers(trip, "changed", {stop: "placed"}, now) if at is not None and at.state == "expected" else []


def _to_come(before: Trip, stop: str) -> bool:
    """Whether the crew would have gone there still; a stop that is new, or was cancelled, is news as well."""
    at = before.of(stop)
    return at is None or at.state in ("expected", "cancelled")


def _timers(trip: Trip, what: str, kinds: Mapping[str, str], now: int) -> list[Timer]:
    """Of another day than today nobody hears: the trip is looked at in the morning."""
    if not trip.live:
        return []
    stops = [{"stop": stop, "kind": kind} for stop, kind in kinds.items()]
    data: dict[str, Any] = {"trip": trip.id, "what": what, "stops": stops}
    # A name of its own: of two changes that come together neither takes the other's place.
    return [Timer("trip", trip.id, f"news.{now}", now, "news.trip", data)]
