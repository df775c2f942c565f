"""The van desk's commands and the midnight's: decisions over a van's week."""

from __future__ import annotations

from msgspec.structs import replace

from channels import van_news
from channels.draft import Draft
from channels.figures import of_trip
from channels.geo import City
from channels.van_book import Book, followers
from channels.van_days import day_of, is_day, later, trip_id, weekday
from channels.van_drive import begun, ended
from channels.van_foretell import after_event
from channels.van_plan import (
    DAYS_AHEAD,
    cancelled,
    days_of,
    fresh_trip,
    replanned,
    saved,
    saved_stop,
    with_stop,
    wrong_stops,
)
from channels.van_table import TRIP
from channels.van_things import (
    FIRST_MIN,
    MOST_TOUCHED,
    CancelTrip,
    Planned,
    SaveStop,
    SaveTrip,
    SaveVan,
    Seed,
    Stop,
    StopData,
    Trip,
    Van,
)
from channels.van_views import TRIP_KIND, VAN_KIND
from hub.contract import Actor, Decision, Facts, Refusal, State
from hub.machine import step


def seed(state: State, data: Seed, city: City, now: int) -> Decision | Refusal:
    """A van that does the same every day; one that was seeded with the same stops goes on as it is."""
    known = state.thing(Van, "van", data.van.id)
    ids = tuple(stop.id for stop in data.stops)
    if (wrong := _wrong_seed(data, city)) is not None:
        return wrong
    if known is not None and known.seeded == ids:
        return Decision({"van": known.id})
    zone_ms = city.rules.zone_ms
    day = known.day if known is not None and known.today else day_of(now, zone_ms)
    plan = tuple(Planned(stop.id, FIRST_MIN + stop.scheduled_at) for stop in data.stops)
    van = replace(known or Van(id=data.van.id, name=data.van.name), name=data.van.name, services=data.van.services)
    van = replace(
        van,
        plan=dict.fromkeys(range(7), plan),
        today=trip_id(van.id, day),
        day=day,
        planned=day,
        seeded=ids,
        reset_at=0,
        zone_ms=zone_ms,
    )
    draft = Draft(now, "van.seeded")
    draft.put(VAN_KIND, van.id, known, van)
    book = Book(state, draft)
    for stop in data.stops:
        book.put_stop(_seeded(state.thing(Stop, "stop", stop.id), stop, now), "van.seeded")
    before = state.thing(Trip, "trip", van.today) if known is not None and known.today else None
    fresh = replace(fresh_trip(van, day, now, live=True), seq=before.seq + 1 if before else 0)
    trip, _ = saved(fresh, plan, book.stop, now, keep=False)
    book.put_trip(before, trip)
    return book.decision({"van": van.id})


def _wrong_seed(data: Seed, city: City) -> Refusal | None:
    for place, stop in enumerate(data.stops):
        if not city.has(stop.kelurahan):
            return Refusal("bad_data", f"data.stops[{place}].kelurahan: expected a kelurahan of this city")
    if len({stop.id for stop in data.stops}) < len(data.stops):
        return Refusal("bad_data", "data.stops: expected every id once")
    return None


def _seeded(known: Stop | None, data: StopData, now: int) -> Stop:
    fresh = known or Stop(id=data.id, name=data.name, kelurahan=data.kelurahan, lat=data.lat, lon=data.lon)
    services = fresh.services or data.services
    return replace(
        fresh, name=data.name, kelurahan=data.kelurahan, lat=data.lat, lon=data.lon, services=services, at=now
    )


def save_van(state: State, van: Van | None, data: SaveVan, city: City, actor: Actor, now: int) -> Decision | Refusal:
    """A new van, with an empty trip for today, or another name and other services for one that is there."""
    draft = Draft(now, "van.saved")
    if van is None or not van.today:
        if data.name is None:
            return Refusal("bad_data", "data.name: expected for a new van")
        day = day_of(now, city.rules.zone_ms)
        made = Van(
            id=data.van,
            name=data.name,
            services=data.services or (),
            day=day,
            planned=day,
            today=trip_id(data.van, day),
            zone_ms=city.rules.zone_ms,
        )
        draft.put(VAN_KIND, made.id, van, made)
        draft.put(TRIP_KIND, made.today, None, fresh_trip(made, day, now, live=True))
        return draft.decision({"van": made.id})
    if actor.role == "system":
        return Decision({"van": van.id})
    after = replace(
        van,
        name=van.name if data.name is None else data.name,
        services=van.services if data.services is None else data.services,
    )
    trip = state.thing(Trip, "trip", van.today)
    assert trip is not None
    draft.put(VAN_KIND, van.id, van, after)
    draft.put(TRIP_KIND, trip.id, trip, replace(trip, van_name=after.name, services=after.services, at=now))
    return draft.decision({"van": van.id})


def save_stop(state: State, data: SaveStop, city: City, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """A stop, and the trips that visit it: whoever follows one of them reads where it is now."""
    known = state.thing(Stop, "stop", data.stop) if data.stop is not None else None
    if known is None and data.stop is not None and actor.role != "system":
        return Refusal("not_found", f"no stop {data.stop}")
    stop = saved_stop(known, data, data.stop or f"h{facts.new_ids[0][-12:]}", city, now)
    if isinstance(stop, Refusal):
        return stop
    if known is not None and replace(stop, at=known.at) == known:
        return Decision({"stop": stop.id})
    moved = known is not None and (known.lat, known.lon) != (stop.lat, stop.lon)
    draft = Draft(now, "stop.moved" if moved else "stop.saved")
    book = Book(state, draft)
    book.put_stop(stop, draft.event)
    quotas = known is not None and known.services != stop.services
    for visit in stop.visits:
        draft.timers += followers(visit.trip, now) if quotas else []
        trip = state.thing(Trip, "trip", visit.trip)
        if trip is not None and (after := with_stop(trip, stop, now)) is not trip:
            draft.put(TRIP_KIND, trip.id, trip, after)
            draft.timers += van_news.placed(after, stop.id, now)
    return book.decision({"stop": stop.id})


def save_trip(state: State, van: Van, data: SaveTrip, actor: Actor, now: int) -> Decision | Refusal:
    """One day, as an exception, or every such weekday from now on."""
    book_stop = Book(state, Draft(now, "")).stop
    wrong = _wrong_day(van, data.day, now) or wrong_stops(data.stops, book_stop)
    if data.day is not None and data.weekday is not None:
        wrong = Refusal("bad_data", "data.weekday: expected a day or a weekday, not both")
    if wrong is not None:
        return wrong
    trips = {day: state.thing(Trip, "trip", trip_id(van.id, day)) for day in days_of(van, data)}
    draft = Draft(now, "trip.saved")
    book = Book(state, draft)
    if data.weekday is not None:
        after, chosen = replanned(van, data, trips)
        draft.put(VAN_KIND, van.id, van, after)
        for trip in chosen:
            made, events = saved(trip, data.stops, book.stop, now, keep=False)
            book.put_trip(trip, made, events=events)
            draft.timers += van_news.saved(trip, made, events, now)
        if van.plan.get(data.weekday) == data.stops:
            return Decision({"van": van.id, "trips": [], "same": True})
        return book.decision({"van": van.id, "trips": [trip.id for trip in chosen]}, plans=True)
    ((day, known),) = trips.items()
    rule = step(TRIP, known.state if known else "planned", "trip.save", actor.role)
    if isinstance(rule, Refusal):
        return rule
    made, events = saved(known or fresh_trip(van, day, now), data.stops, book.stop, now, keep=True)
    if known is not None and replace(made, at=known.at) == known:
        return Decision({"van": van.id, "trips": [], "same": True})
    if len(made.stops) > MOST_TOUCHED:
        message = (
            f"expected at most {MOST_TOUCHED} stops in a trip with those that are cancelled, got {len(made.stops)}"
        )
        return Refusal("bad_data", f"data.stops: {message}")
    if made.live and known is not None:  # what was foretold was of the trip before
        made = after_event(known, made, state.fix("van", van.id), now)
    if van.reset_at and made.state != "over":
        draft.put(VAN_KIND, van.id, van, replace(van, reset_at=0))
    book.put_trip(known, made, events=events)
    draft.timers += van_news.saved(known, made, events, now)
    return book.decision({"van": van.id, "trips": [made.id]}, plans=True)


def cancel_trip(state: State, van: Van, data: CancelTrip, actor: Actor, now: int) -> Decision | Refusal:
    """The trip of one day does not take place."""
    trip = state.thing(Trip, "trip", trip_id(van.id, data.day or van.day))
    if trip is None:
        return Refusal("not_found", f"no trip of {van.id} on {data.day}")
    rule = step(TRIP, trip.state, "trip.cancel", actor.role)
    if isinstance(rule, Refusal):
        return rule
    draft = Draft(now, "trip.cancelled")
    book = Book(state, draft)
    book.put_trip(trip, cancelled(trip, data.reason, now))
    draft.timers += van_news.cancelled(trip, now)
    return book.decision({"van": van.id, "trip": trip.id})


def _wrong_day(van: Van, day: str | None, now: int) -> Refusal | None:
    if day is None:
        return None
    if not is_day(day) or not van.day <= day <= later(day_of(now, van.zone_ms), DAYS_AHEAD):
        return Refusal("bad_data", f"data.day: expected a day from today to {DAYS_AHEAD} days ahead, as 2026-11-27")
    return None


# -- midnight ------------------------------------------------------------------


def turn(state: State, van: Van, trip: Trip, draft: Draft, book: Book, old_day: str, now: int) -> Decision | Refusal:
    """The day's trip ends and the next one begins; a trip of a week ago is forgotten."""
    day = later(van.day)
    known = state.thing(Trip, "trip", trip_id(van.id, day))
    draft.put(VAN_KIND, van.id, van, replace(van, day=day, today=trip_id(van.id, day), reset_at=0))
    if (old := state.thing(Trip, "trip", trip_id(van.id, old_day))) is not None:
        draft.put(TRIP_KIND, old.id, old, None)
    book.put_trip(trip, ended(trip, now), leaves=True)
    book.put_trip(known, begun(known or fresh_trip(van, day, now), van, state.fix("van", van.id), now))
    return replace(book.decision({}), figures=of_trip(trip))


def copy(state: State, van: Van, now: int) -> Decision | Refusal:
    """The trip of seven days ahead is made from the week's plan; a day that was planned by itself stays."""
    day = later(van.planned)
    draft = Draft(now, "trip.planned", fired="copy")
    draft.put(VAN_KIND, van.id, van, replace(van, planned=day))
    book = Book(state, draft)
    known = state.thing(Trip, "trip", trip_id(van.id, day))
    plan = van.plan.get(weekday(day), ())
    if known is None or not (known.exception or known.live):
        made, _ = saved(known or fresh_trip(van, day, now), plan, book.stop, now, keep=False)
        book.put_trip(known, made)
    decision = book.decision({})
    if isinstance(decision, Decision):
        return decision
    # A trip of an older plan with wholly other stops: too many for one commit. It stays, and the days behind it go on.
    alone = Draft(now, "trip.planned", fired="copy")
    alone.put(VAN_KIND, van.id, van, replace(van, planned=day))
    return alone.decision()
