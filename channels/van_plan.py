"""What the van desk plans: vans, stops, the week, and the trips of single days.

A trip of a day that is saved is an exception: the week's plan does not touch it any more, and is not made from it. A
stop that such a day leaves out stays in it as cancelled, so that whoever waits there reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from channels.geo import City
from channels.van_days import MINUTE_MS, day_start, later, trip_id, weekday
from channels.van_things import Planned, SaveStop, SaveTrip, Stop, Trip, TripStop, Van
from hub.contract import Refusal

Saved = tuple[Trip, dict[str, str]]
"""A trip as it was saved, and stop -> the kind of its change."""

DAYS_AHEAD = 60


def fresh_trip(van: Van, day: str, now: int, *, live: bool = False) -> Trip:
    """A trip without stops."""
    return Trip(
        id=trip_id(van.id, day), van=van.id, van_name=van.name, services=van.services, day=day, at=now, live=live,
        zone_ms=van.zone_ms,
    )  # fmt: skip


def wrong_stops(planned: Sequence[Planned], stop: Callable[[str], Stop | None]) -> Refusal | None:
    """What is wrong with a list of stops, by the path of the first that is: unknown, twice, or not later."""
    seen: set[str] = set()
    before = -1
    for place, one in enumerate(planned):
        path = f"data.stops[{place}]"
        if stop(one.stop) is None:
            return Refusal("bad_data", f"{path}.stop: expected a stop that is there, got {one.stop}")
        if one.stop in seen:
            return Refusal("bad_data", f"{path}.stop: expected each stop once, got {one.stop} again")
        if one.minute <= before:
            return Refusal("bad_data", f"{path}.minute: expected later than the stop before it ({before})")
        seen.add(one.stop)
        before = one.minute
    return None


def saved(trip: Trip, planned: Sequence[Planned], stop: Callable[[str], Stop | None], now: int, *, keep: bool) -> Saved:
    """A trip with these stops; where the van was already, it was.

    Args:
        keep: stops that are left out stay as cancelled; else they leave the trip.
    """
    events: dict[str, str] = {}
    rows: list[TripStop] = []
    for one in planned:
        place, known = stop(one.stop), trip.of(one.stop)
        assert place is not None  # `wrong_stops` has seen it
        at = day_start(trip.day, trip.zone_ms) + one.minute * MINUTE_MS
        if known is None or known.state == "cancelled":
            events[one.stop] = "stop.added"
            rows.append(TripStop(place.id, place.name, place.kelurahan, place.lat, place.lon, at, at=now))
        else:
            if at != known.scheduled_at:
                events[one.stop] = "stop.moved"
            rows.append(known if at == known.scheduled_at else replace(known, scheduled_at=at, at=now))
    listed = {one.stop for one in planned}
    for left in trip.stops:
        been = left.state in ("arrived", "departed")
        if left.id in listed or not (keep or been):
            continue
        events |= {} if been or left.state == "cancelled" else {left.id: "stop.cancelled"}
        rows.append(left if been or left.state == "cancelled" else replace(left, state="cancelled", at=now))
    rows.sort(key=lambda row: row.scheduled_at)
    after = replace(trip, stops=tuple(rows), exception=keep or trip.exception, reason="", at=now)
    return settled(after), events


def settled(trip: Trip) -> Trip:
    """The trip's state and next stop, after its stops have changed."""
    coming = next_stop(trip.stops, _last(trip))
    state = trip.state
    if state in ("over", "cancelled"):
        state = "planned" if coming is not None or not trip.stops else "over"
    elif coming is None and trip.stop is None and (trip.stops or state == "driving"):
        state = "over"
    return replace(trip, next=coming, state=state)


def _last(trip: Trip) -> str | None:
    """The stop where the van is or was last."""
    been = [stop for stop in trip.stops if stop.state in ("arrived", "departed")]
    return trip.stop or (max(been, key=lambda stop: stop.at).id if been else None)


def next_stop(stops: Sequence[TripStop], after: str | None) -> str | None:
    """The first expected stop after this one, else the first that was left out before it."""
    place = next((place for place, stop in enumerate(stops) if stop.id == after), 0)
    return next((stop.id for stop in (*stops[place:], *stops[:place]) if stop.state == "expected"), None)


def cancelled(trip: Trip, reason: str, now: int) -> Trip:
    """The trip does not take place; where the van was, it was, and where it is, it leaves."""

    def off(stop: TripStop) -> TripStop:
        if stop.state == "arrived":
            return replace(stop, state="departed", at=now, departed_at=now)
        return replace(stop, state="cancelled", at=now) if stop.state in ("expected", "skipped") else stop

    stops = tuple(off(stop) for stop in trip.stops)
    return replace(
        trip, state="cancelled", stops=stops, stop=None, next=None, reason=reason, exception=True, at=now,
        seq=trip.seq + 1, event_at=now,
    )  # fmt: skip


def days_of(van: Van, data: SaveTrip) -> list[str]:
    """The days whose trips a save changes: one, or of a weekday the one to come within the plan."""
    if data.weekday is None:
        return [data.day or van.day]
    return [van.day, *(day for ahead in range(1, 8) if weekday(day := later(van.day, ahead)) == data.weekday)]


def replanned(van: Van, data: SaveTrip, trips: Mapping[str, Trip | None]) -> tuple[Van, list[Trip]]:
    """The van with its new week, and the trips to make anew: none that has begun or is an exception."""
    assert data.weekday is not None
    van = replace(van, plan={**van.plan, data.weekday: data.stops})
    found = [trip for trip in trips.values() if trip is not None and weekday(trip.day) == data.weekday]
    return van, [trip for trip in found if not trip.exception and (not trip.live or not trip.stops)]


def saved_stop(known: Stop | None, data: SaveStop, id_: str, city: City, now: int) -> Stop | Refusal:
    """The stop as it is saved, or what is wrong with it, by path."""
    for field in ("name", "kelurahan") if known is None else ():
        if getattr(data, field) is None:
            return Refusal("bad_data", f"data.{field}: expected for a new stop")
    if (data.lat is None) != (data.lon is None):
        return Refusal(
            "bad_data", f"data.{'lat' if data.lat is None else 'lon'}: expected both lat and lon, or neither"
        )
    kelurahan = data.kelurahan.lower() if data.kelurahan is not None else known.kelurahan if known else ""
    if not city.has(kelurahan):
        return Refusal("bad_data", "data.kelurahan: expected a kelurahan of this city")
    if data.lat is not None and data.lon is not None:
        if city.kelurahan_at(data.lat, data.lon) is None:
            return Refusal("bad_data", "data.lat: expected a place in the city")
        lat, lon = data.lat, data.lon
    elif known is None or kelurahan != known.kelurahan:
        lat, lon = city.point_in(kelurahan)
    else:
        lat, lon = known.lat, known.lon
    given = {key: value for key in ("name", "address", "services") if (value := getattr(data, key)) is not None}
    base = known or Stop(id=id_, name=data.name or "", kelurahan=kelurahan, lat=lat, lon=lon)
    return replace(base, **given, kelurahan=kelurahan, lat=lat, lon=lon, at=now)


def with_stop(trip: Trip, stop: Stop, now: int) -> Trip:
    """A trip that visits a stop, with the stop's name and place of now."""

    def renewed(one: TripStop) -> TripStop:
        if one.id != stop.id:
            return one
        return replace(one, name=stop.name, kelurahan=stop.kelurahan, lat=stop.lat, lon=stop.lon)

    stops = tuple(renewed(one) for one in trip.stops)
    return trip if stops == trip.stops else replace(trip, stops=stops, at=now)
