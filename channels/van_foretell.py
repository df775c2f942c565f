"""What a trip does with predictions: shows them, remembers them for a while, and counts how good they were.

A fix alone commits nothing: it carries the next stops' ranges in its own frame (`brief`). They become durable with
arrivals and departures, and at most once a minute by timer, for the stops whose lower bound moved by more than a
minute, whose upper bound by more than three, or that rest on something else now. Every prediction is kept with its
stop, unseen, one a minute and one after each event; when the van is there, what was said in the last 15 minutes is
scored (`van_score`), and the van desk sees the counts of the day.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from channels.draft import Draft, too_early
from channels.van_arrival import Judged
from channels.van_book import Book, stops_of
from channels.van_days import MINUTE_MS
from channels.van_eta import Place, foretold
from channels.van_score import BUCKETS, NONE, counted
from channels.van_things import Eta, OneTrip, Trip, TripStop
from channels.van_views import FORETOLD_MS, TRIP_KIND
from hub.contract import Decision, Fix, FixOf, Need, Refusal, State, Thing

IN_FRAME: Final = 4
"""Of how many stops a fix carries the range."""
WIDER_MS: Final = 3 * MINUTE_MS
"""An upper bound that moved by more is told too: a range that grows with the age of its fix must be seen to grow."""
REMEMBERED: Final = 24
SOON_MS: Final = 2 * BUCKETS[-1][1] * MINUTE_MS
"""What is predicted for later is not remembered: by the time it is scored it is too old to count."""


def needs(state: State, data: OneTrip) -> list[Need]:
    trip = state.found.get(Thing("trip", data.trip))
    return [*stops_of(state, [data.trip]), *([FixOf("van", trip.van)] if trip is not None else [])]


def decide(state: State, data: OneTrip, now: int) -> Decision | Refusal:
    """The timer: predict anew; nobody is told unless it matters."""
    trip = state.thing(Trip, "trip", data.trip)
    if trip is None:
        return Decision()
    early = too_early(TRIP_KIND, trip.id, trip, "eta", now)
    if early is not None:
        return early
    book = Book(state, Draft(now, "van.foretold", fired="eta"))
    book.put_trip(trip, every_minute(trip, state.fix("van", trip.van), now))
    return book.decision({})


def after_event(before: Trip, after: Trip, fix: Fix | None, now: int) -> Trip:
    """A trip that has just gone on or was changed: the stop that was reached is scored, the rest predicted anew."""
    score = after.score
    for stop in before.stops:
        reached = after.of(stop.id)
        if stop.said and reached is not None and reached.state == "arrived":
            score = counted(score or NONE, stop.said, reached.arrived_at or now)
    found = foretold(after, _place(fix), now) if _begun(after, now) else {}
    stops = tuple(_with(_remembering(stop, found.get(stop.id), now), found.get(stop.id)) for stop in after.stops)
    return replace(after, stops=stops, score=score, foretold_at=now)


def every_minute(trip: Trip, fix: Fix | None, now: int) -> Trip:
    """A trip a minute later: the predictions that moved are shown anew."""
    found = foretold(trip, _place(fix), now)
    stops = tuple(_remembering(stop, found.get(stop.id), now) for stop in trip.stops)
    told = any(_moved(stop.eta, found.get(stop.id)) for stop in trip.stops)
    stops = tuple(_with(stop, found.get(stop.id)) for stop in stops)
    return replace(trip, stops=stops, foretold_at=now, at=now if told else trip.at)


def brief(trip: Trip, seen: Judged, now: int) -> dict[str, list[int]]:
    """What a fix carries: next stop -> [low, high] in seconds from now."""
    last = seen.accepted[-1]
    if trip.state == "planned":
        return {}
    found = foretold(trip, Place(last.lat, last.lon, last.fix_at), now, IN_FRAME)
    return {stop: [(eta.low - now) // 1000, (eta.high - now) // 1000] for stop, eta in found.items()}


def _begun(trip: Trip, now: int) -> bool:
    """Whether arrivals are predicted already; of a trip that only waits nobody would renew them."""
    first = trip.of(trip.next)
    return trip.state != "planned" or first is None or now >= first.scheduled_at - FORETOLD_MS


def _place(fix: Fix | None) -> Place | None:
    return None if fix is None else Place(fix.lat, fix.lon, fix.fix_at)


def _with(stop: TripStop, eta: Eta | None) -> TripStop:
    """The stop with what is shown of it; what has hardly changed stays, and wakes nobody."""
    shown = eta if _moved(stop.eta, eta) else stop.eta
    return replace(stop, eta=shown, said=stop.said if stop.state == "expected" else ())


def _remembering(stop: TripStop, eta: Eta | None, now: int) -> TripStop:
    if eta is None or eta.at - now > SOON_MS:
        return stop
    return replace(stop, said=(*stop.said, (now, eta.at))[-REMEMBERED:])


def _moved(shown: Eta | None, eta: Eta | None) -> bool:
    """Whether a prediction is worth telling: it came up, vanished, moved, or rests on something else now."""
    if shown is None or eta is None:
        return shown is not eta
    moved = abs(eta.low - shown.low) > MINUTE_MS or abs(eta.high - shown.high) > WIDER_MS
    return moved or eta.source != shown.source
