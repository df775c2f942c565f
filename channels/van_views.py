"""What each screen sees of vans, trips and stops, and when a van needs waking."""

from __future__ import annotations

from typing import Final

from msgspec import to_builtins
from msgspec.structs import replace

from channels.draft import Deadlines, Kind
from channels.van_days import AHEAD_DAYS, DAY_MS, MINUTE_MS, day_start, later
from channels.van_score import shown
from channels.van_things import Eta, Stop, Trip, TripStop, Van, Visit
from channels.views import Views
from hub.contract import View

SHOWN_VISITS: Final = 4
FORETOLD_MS: Final = 15 * MINUTE_MS
"""From how long before a trip on its arrivals are predicted; earlier the timetable says all that is known."""
VAN_STATE: Final = {"driving": "driving", "at_stop": "at_stop"}
"""A van whose trip is in any other state is off."""


def trip_views(trip: Trip, now: int) -> Views:
    """Today's trip is the face of its van; one to come stands at the van desk."""
    if trip.live:
        whole = live_view(trip)
        own = (f"van/{trip.van}", trip.van)
        desk = {**whole, "eta_score": shown(trip.score)} if trip.score else whole
        return {("vans", trip.van): van_view(trip), own: whole, ("dispatch/van", trip.van): desk}
    return {} if trip.state == "over" else {("dispatch/van", trip.id): planned_view(trip)}


def van_view(trip: Trip) -> View:
    """A van in the list of vans: under 300 bytes."""
    state = VAN_STATE.get(trip.state, "off")
    view: View = {"type": "van", "id": trip.van, "state": state, "at": trip.at, "name": trip.van_name}
    if trip.state == "cancelled":
        view["cancelled"] = True
    for key, found in (("stop", trip.of(trip.stop)), ("next", trip.of(trip.next))):
        if found is not None:
            view |= {key: found.id, f"{key}_name": found.name}
    return view


def live_view(trip: Trip) -> View:
    """A van with its trip and services, as its followers see it."""
    rows = [_row(stop) for stop in trip.stops]
    view = {**van_view(trip), "trip": rows, "services": list(trip.services), "day": trip.day, "trip_state": trip.state}
    if trip.reason:
        view["reason"] = trip.reason
    return view


def planned_view(trip: Trip) -> View:
    """A trip of a day to come."""
    view: View = {
        "type": "trip",
        "id": trip.id,
        "state": trip.state,
        "at": trip.at,
        "van": trip.van,
        "name": trip.van_name,
        "day": trip.day,
        "trip": [_row(stop) for stop in trip.stops],
    }
    return {**view, "reason": trip.reason} if trip.reason else view


def plan_views(van: Van, now: int) -> Views:
    """The van's week at the van desk, a weekday each: the days to come show what was changed for one of them alone."""
    return {
        ("dispatch/van", f"{van.id}.week.{weekday}"): {
            "type": "plan",
            "id": f"{van.id}.week.{weekday}",
            "state": "planned",
            "at": now,
            "van": van.id,
            "weekday": weekday,
            "stops": to_builtins(stops),
        }
        for weekday, stops in sorted(van.plan.items())
        if stops
    }


def _row(stop: TripStop) -> View:
    row: View = {
        "stop": stop.id,
        "name": stop.name,
        "kelurahan": stop.kelurahan,
        "state": stop.state,
        "scheduled_at": stop.scheduled_at,
    }
    for key in ("arrived_at", "departed_at"):
        if (at := getattr(stop, key)) is not None:
            row[key] = at
    if stop.reason is not None and stop.state == "skipped":
        row["reason"] = stop.reason
    return row | _eta(stop.eta, stop.state)


def _eta(eta: Eta | None, state: str) -> View:
    """What is predicted for a stop that is expected; `from`: by a fix, or by the timetable."""
    if eta is None or state != "expected":
        return {}
    view: View = {"low": eta.low, "high": eta.high, "from": eta.source}
    return {"eta": view if eta.fix_age_s is None else {**view, "fix_age_s": eta.fix_age_s}}


def stop_views(stop: Stop, now: int) -> Views:
    return {(f"stop/{stop.id}", stop.id): stop_view(stop), ("stops", stop.id): brief_view(stop)}


def brief_view(stop: Stop) -> View:
    """A stop in the list of all stops: no `eta`, so that foretelling tells it to nobody."""
    view: View = {
        "type": "stop",
        "id": stop.id,
        "state": "unplanned",
        "at": stop.at,
        "name": stop.name,
        "kelurahan": stop.kelurahan,
        "location": {"lat": stop.lat, "lon": stop.lon},
        "services": [one.service for one in stop.services],
    }
    current = visit_now(stop)
    if current is None:
        return view
    shown = ("state", "van", "van_name", "day", "scheduled_at")
    return view | {key: getattr(current, key) for key in shown}


def stop_view(stop: Stop) -> View:
    """One stop, as those who wait there see it: the visit that counts now, and those to come."""
    view: View = {
        "type": "stop",
        "id": stop.id,
        "state": "unplanned",
        "at": stop.at,
        "name": stop.name,
        "kelurahan": stop.kelurahan,
        "location": {"lat": stop.lat, "lon": stop.lon},
        "services": to_builtins(stop.services),
    }
    if stop.address:
        view["address"] = stop.address
    current = visit_now(stop)
    if current is not None:
        view |= _visit(current)
        others = [visit for visit in stop.visits if visit is not current]
        view["visits"] = [_visit(visit) for visit in others[:SHOWN_VISITS]]
    return view


def _visit(visit: Visit) -> View:
    view = to_builtins(replace(visit, eta=None))
    view["state"] = visit.state
    return {**view, **_eta(visit.eta, visit.state)}


def visit_now(stop: Stop) -> Visit | None:
    """The visit that counts: of the first day, the van that is here, else the one that comes, else the last."""
    if not stop.visits:
        return None
    today = [visit for visit in stop.visits if visit.day == stop.visits[0].day]
    for state in ("arrived", "expected"):
        for visit in today:
            if visit.state == state:
                return visit
    return today[-1]


def _deadlines(van: Van) -> Deadlines:
    """At midnight the next trip becomes today's, and the trip of seven days ahead is made."""
    if not van.today:
        return {}  # of a layout before this one: nobody has seeded it anew yet
    due = {
        "turn": (day_start(later(van.day), van.zone_ms), "van.turn"),
        "copy": (day_start(later(van.planned), van.zone_ms) - AHEAD_DAYS * DAY_MS, "van.copy"),
    }
    return {**due, "reset": (van.reset_at, "van.reset")} if van.reset_at else due


def _foretold(trip: Trip) -> Deadlines:
    """A minute after the last time, from a quarter of an hour before the trip on and while it lasts."""
    if not trip.live or trip.next is None or trip.state in ("over", "cancelled"):
        return {}
    due, first = trip.foretold_at + MINUTE_MS, trip.of(trip.next)
    if trip.state == "planned" and first is not None:
        due = max(due, first.scheduled_at - FORETOLD_MS)
    return {"eta": (due, "van.foretell")}


VAN_KIND: Final = Kind("van", plan_views, _deadlines)
TRIP_KIND: Final = Kind("trip", trip_views, _foretold)
STOP_KIND: Final = Kind("stop", stop_views)
TRACKER_KIND: Final = Kind("tracker", lambda tracker, now: {})
