"""What a feed for other systems (GTFS-Realtime) may say of a van now: where it is, and each stop of today's trip.

Nothing in it is older than `FRESH_MS`. What rests on an older sign of the van is not said: no position, and no time
for a stop to come; what has happened, is skipped or is cancelled stands in the trip itself, so it is always of now.
Every prediction is made for the moment of the answer, from the newest believed fix, never repeated from a screen.
"""

from __future__ import annotations

from math import ceil
from typing import Final, Literal

from msgspec import Struct

from channels.van_days import day_start, later, weekday
from channels.van_eta import Place, foretold
from channels.van_things import Eta, Trip, TripStop, Van
from channels.van_views import FORETOLD_MS
from hub.contract import Fix

FRESH_MS: Final = 90_000
"""GTFS Realtime best practices: vehicle positions and trip updates are not older than 90 seconds."""
CALLED_OFF: Final = {"id": "{name} tidak beroperasi pada {day}", "en": "{name} does not run on {day}"}


class Sight(Struct, frozen=True):
    """Where a van is. `trip` None: it serves none now. `place`: the number of `stop` on its trip, from 1."""

    lat: float
    lon: float
    fix_at: int
    bearing: float | None = None
    speed_m_s: float | None = None
    trip: str | None = None
    stop: str | None = None
    place: int = 0
    stands: bool = False


class Moment(Struct, frozen=True):
    """When something is or was, ms; `within_s`: how far off it may be, 0 for what has happened."""

    at: int
    within_s: int = 0


class Row(Struct, frozen=True):
    """A stop of a trip. With neither moment, and not skipped: nothing is known but the timetable."""

    stop: str
    scheduled_at: int
    skipped: bool = False
    arrival: Moment | None = None
    departure: Moment | None = None


class Run(Struct, frozen=True):
    """Today's trip. `measured_at`: of the sign of the van that the moments to come rest on; None: there are none."""

    trip: str
    day: str
    relation: Literal["scheduled", "added", "canceled"]
    measured_at: int | None = None
    rows: tuple[Row, ...] = ()


class Off(Struct, frozen=True):
    """A trip that does not take place: language -> text; `reason` as the desk wrote it, in Indonesian."""

    trip: str
    day: str
    since: int
    until: int
    texts: dict[str, str]
    reason: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """A van as the feed shows it. `until`: when some of it grows too old to be said; None: never."""

    van: str
    name: str
    sight: Sight | None = None
    run: Run | None = None
    off: Off | None = None
    until: int | None = None


def told(van: Van, trip: Trip | None, fix: Fix | None, now: int, second: int) -> Told:
    """What may be said of a van at `now`.

    Args:
        trip: its trip of today. fix: the newest that is believed.
        second: the whole second that `now` is in; predictions are made for it, so that two hubs make the same.
    """
    live = trip if trip is not None and trip.live else None
    fix = fix if fix is not None and now - fix.fix_at <= FRESH_MS else None
    run = None if live is None else _run(live, van, fix, now, second)
    signs = [] if fix is None else [fix.fix_at]
    signs += [] if run is None or run.measured_at is None else [run.measured_at]
    return Told(
        van=van.id,
        name=van.name,
        sight=None if fix is None else _sight(live, fix),
        run=run,
        off=None if live is None or live.state != "cancelled" else _off(live, van),
        until=min(signs) + FRESH_MS if signs else None,
    )


def _sight(trip: Trip | None, fix: Fix) -> Sight:
    speed, heading = fix.extra.get("speed_kmh"), fix.extra.get("heading")
    bearing, speed_m_s = None if heading is None else heading % 360, None if speed is None else speed / 3.6
    if trip is None or trip.state in ("over", "cancelled") or not trip.stops:
        return Sight(fix.lat, fix.lon, fix.fix_at, bearing, speed_m_s)
    stop = None if trip.state == "planned" else trip.stop or trip.next
    place = next((number for number, one in enumerate(trip.stops, 1) if one.id == stop), 0)
    return Sight(fix.lat, fix.lon, fix.fix_at, bearing, speed_m_s, trip.id, stop, place, trip.stop is not None)


def _run(trip: Trip, van: Van, fix: Fix | None, now: int, second: int) -> Run | None:
    if trip.state == "cancelled":
        return Run(trip.id, trip.day, "canceled")
    if not trip.stops:
        return None
    measured_at = _sign(trip, fix, now)
    found = {} if measured_at is None else _foretold(trip, fix, second)
    rows = tuple(_row(stop, found.get(stop.id)) for stop in trip.stops)
    return Run(trip.id, trip.day, _relation(trip, van), measured_at if found else None, rows)


def _sign(trip: Trip, fix: Fix | None, now: int) -> int | None:
    """When the van was last seen: by a fix, or by what it did on its trip; None when that is too long ago."""
    done_at = trip.event_at if trip.state in ("driving", "at_stop") else 0
    seen_at = max(done_at, 0 if fix is None else fix.fix_at)
    return seen_at if now - seen_at <= FRESH_MS else None


def _foretold(trip: Trip, fix: Fix | None, second: int) -> dict[str, Eta]:
    """As on the screens: of a trip that has not begun only from a quarter of an hour before it."""
    first = trip.of(trip.next)
    if trip.state == "planned" and first is not None and second < first.scheduled_at - FORETOLD_MS:
        return {}
    return foretold(trip, None if fix is None else Place(fix.lat, fix.lon, fix.fix_at), second)


def _row(stop: TripStop, eta: Eta | None) -> Row:
    if stop.state in ("skipped", "cancelled"):
        return Row(stop.id, stop.scheduled_at, skipped=True)
    if stop.state == "expected":
        return Row(stop.id, stop.scheduled_at, arrival=None if eta is None else _guess(eta))
    arrival, departure = (None if at is None else Moment(at) for at in (stop.arrived_at, stop.departed_at))
    return Row(stop.id, stop.scheduled_at, arrival=arrival, departure=departure)


def _guess(eta: Eta) -> Moment:
    return Moment(eta.at, max(1, ceil(max(eta.at - eta.low, eta.high - eta.at) / 1000)))


def _relation(trip: Trip, van: Van) -> Literal["scheduled", "added"]:
    """gtfs-realtime.proto: a trip by "temporary schedule, not reflected in GTFS" is not SCHEDULED "but likely ADDED".

    That is a day on which the desk has added a stop to those of the week's plan, or the whole trip.
    """
    planned = {one.stop for one in van.plan.get(weekday(trip.day), ())}
    added = trip.exception and any(stop.id not in planned for stop in trip.stops if stop.state != "cancelled")
    return "added" if added else "scheduled"


def _off(trip: Trip, van: Van) -> Off:
    texts = {language: text.format(name=van.name, day=trip.day) for language, text in CALLED_OFF.items()}
    return Off(trip.id, trip.day, trip.at, day_start(later(trip.day), trip.zone_ms), texts, trip.reason)
