"""Vans: a mobile office drives trips of stops; the crew's button and its fixes say where it is.

The van desk plans: stops, the week, single days. A trip is one van's day; at midnight in the city the next one begins
and the one of seven days ahead is made from the week's plan (in a demo a trip that is over begins again soon after).
A position is fleeting; that a van has arrived or left is durable, said by the crew's button, which overrules, or found
in its fixes (`van_arrival`). A trip and its stops change together or not at all.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from channels import van_drive, van_fixes, van_foretell, van_week
from channels.draft import Draft, too_early
from channels.geo import City
from channels.van_book import Book, stops_of
from channels.van_days import later, trip_id, weekday
from channels.van_plan import days_of
from channels.van_table import CREW, DESK, HUB, KEY_MAKERS, STOP, SYSTEM, TIMER, TRIP
from channels.van_things import (
    DEMO_PAUSE_MS,
    CancelTrip,
    OneTrip,
    OneVan,
    Position,
    Press,
    SaveStop,
    SaveTrip,
    SaveVan,
    Seed,
    Skip,
    Stop,
    Tracker,
    Trip,
    Van,
)
from channels.van_views import TRACKER_KIND, VAN_KIND
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    FixOf,
    Lane,
    Need,
    Receipt,
    Refusal,
    Seen,
    State,
    Table,
    Thing,
    TopicRule,
)
from hub.machine import step

KEEP_DAYS: Final = 7
"""How long a trip is kept after its day."""

TIMERS: Final = {"van.turn": "turn", "van.copy": "copy", "van.reset": "reset"}
_FIX_AT: Final = frozenset({"fix_at"})


class Vans(Channel):
    """The vans service over one city's kelurahan."""

    name: ClassVar[str] = "van"
    lane: ClassVar[Lane] = "bulk"

    commands: Mapping[str, CommandSpec] = {
        "van.seed": CommandSpec(Seed, SYSTEM),
        "van.save": CommandSpec(SaveVan, DESK, desk="van", serial="van"),
        "stop.save": CommandSpec(SaveStop, DESK, desk="van", serial="stop"),
        "trip.save": CommandSpec(SaveTrip, DESK, desk="van", serial="van"),
        "trip.cancel": CommandSpec(CancelTrip, DESK, desk="van", serial="van"),
        "van.arrive": CommandSpec(Press, CREW | HUB, serial="van", not_content=_FIX_AT),
        "van.depart": CommandSpec(Press, CREW | HUB, serial="van", not_content=_FIX_AT),
        "van.skip": CommandSpec(Skip, CREW, serial="van"),
        "van.tracker": CommandSpec(OneVan, KEY_MAKERS, desk="van", serial="van"),
        "van.turn": CommandSpec(OneVan, TIMER, serial="van"),
        "van.copy": CommandSpec(OneVan, TIMER, serial="van"),
        "van.reset": CommandSpec(OneVan, TIMER, serial="van"),
        "van.foretell": CommandSpec(OneTrip, TIMER, serial="trip"),
    }
    tells: Mapping[str, CommandSpec] = {"van.position": CommandSpec(Position, CREW | {"tracker"})}
    things: Mapping[str, type[Struct]] = {"van": Van, "trip": Trip, "stop": Stop, "tracker": Tracker}
    tables: Mapping[str, Table] = {"trip": TRIP, "stop": STOP}
    presence: Mapping[str, str] = {}
    plain: Mapping[str, str] = {
        **dict.fromkeys(("van", "stop", "trip", "service", "services", "papers"), "an id"),
        **dict.fromkeys(("SaveVan", "SaveStop", "VanData", "StopData"), "public: it is on the timetable"),
        "Location": "where a public van is: every screen shows it",
        "CancelTrip.reason": "public: everybody is told it",
    }
    receipts: Mapping[str, Receipt] = {}
    topics: Sequence[TopicRule] = (
        TopicRule("vans", "bulk", lambda actor, segments: True),
        TopicRule("van/<id>", "bulk", lambda actor, segments: True),
        TopicRule("stops", "bulk", lambda actor, segments: True),
        TopicRule("stop/<id>", "bulk", lambda actor, segments: True),
        TopicRule("dispatch/van", "normal", lambda actor, segments: actor.role == "dispatcher" and actor.desk == "van"),
    )

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, SaveStop):
            return _needs_of_stop(state, data)
        if isinstance(data, OneTrip):
            return van_foretell.needs(state, data)
        id_ = data.van.id if isinstance(data, Seed) else data.van
        van = state.found.get(Thing("van", id_))
        needs: list[Need] = [Thing("van", id_)]
        if isinstance(data, Seed):
            needs += [Thing("stop", stop.id) for stop in data.stops]
        elif isinstance(data, SaveTrip):
            needs += [Thing("stop", stop.stop) for stop in data.stops]
        if van is None:
            return [*needs, FixOf("van", id_)] if isinstance(data, Position) else needs
        if isinstance(data, Position):
            return [*needs, FixOf("van", id_), Thing("trip", van.today)]
        if command.cmd == "van.tracker":
            return [*needs, Thing("tracker", van.tracker)] if van.tracker else needs
        if command.cmd == "van.turn":
            needs += [FixOf("van", id_), Thing("trip", trip_id(id_, later(van.day, -KEEP_DAYS)))] if van.day else []
        if isinstance(data, Press | SaveTrip):
            needs.append(FixOf("van", id_))
        if command.cmd == "van.copy" and van.planned:
            needs += [Thing("stop", stop.stop) for stop in van.plan.get(weekday(later(van.planned)), ())]
        return [*needs, *stops_of(state, _trips(van, command))]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Seen | Refusal | None:
        return van_fixes.observe(state, command.data, actor, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Seed):
            return van_week.seed(state, data, self._city, now)
        if isinstance(data, SaveStop):
            return van_week.save_stop(state, data, self._city, facts, actor, now)
        if isinstance(data, OneTrip):
            return van_foretell.decide(state, data, now)
        van = state.thing(Van, "van", data.van)
        if isinstance(data, SaveVan):
            return van_week.save_van(state, van, data, self._city, actor, now)
        quiet = actor.role in ("hub", "timer")  # nobody repeats these with the same id
        if van is None or not van.today:
            return Refusal("not_found", f"no van {data.van}", record=not quiet)
        if van.zone_ms != self._city.rules.zone_ms:  # the city's file was mended
            van = replace(van, zone_ms=self._city.rules.zone_ms)
        if isinstance(data, SaveTrip):
            return van_week.save_trip(state, van, data, actor, now)
        if isinstance(data, CancelTrip):
            return van_week.cancel_trip(state, van, data, actor, now)
        if command.cmd == "van.tracker":
            return _tracker(state, van, actor, facts, now)
        if isinstance(data, Press):
            return _press(state, van, command, facts, actor, now)
        timer = TIMERS[command.cmd]
        early = too_early(VAN_KIND, van.id, van, timer, now)
        return early if early is not None else _woken(state, van, timer, now)


def _trips(van: Van, command: Command) -> list[str]:
    """The trips that a command may change."""
    data = command.data
    if isinstance(data, SaveTrip):
        return [trip_id(van.id, day) for day in days_of(van, data)]
    if isinstance(data, CancelTrip):
        return [trip_id(van.id, data.day or van.day)]
    if command.cmd == "van.turn" and van.day:
        return [van.today, trip_id(van.id, later(van.day))]
    if command.cmd == "van.copy" and van.planned:
        return [trip_id(van.id, later(van.planned))]
    return [van.today] if van.today else []


def _needs_of_stop(state: State, data: SaveStop) -> list[Need]:
    """A stop, the trips that visit it, and their stops."""
    if data.stop is None:
        return []
    stop = state.found.get(Thing("stop", data.stop))
    trips = [visit.trip for visit in stop.visits] if stop is not None else []
    return [Thing("stop", data.stop), *stops_of(state, trips)]


def _press(state: State, van: Van, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    trip = state.thing(Trip, "trip", van.today)
    assert trip is not None  # a van has a trip every day
    found = van_drive.pressed(trip, command.cmd, command.data, actor, now)
    if isinstance(found, Refusal):
        return found
    after, stop, event = found
    after = van_foretell.after_event(trip, after, state.fix("van", van.id), now)
    draft = Draft(now, event)
    reset_at = now + DEMO_PAUSE_MS if after.state == "over" and facts.demo else 0
    if reset_at != van.reset_at:
        draft.put(VAN_KIND, van.id, van, replace(van, reset_at=reset_at))
    book = Book(state, draft)
    book.put_trip(trip, after)
    said = {"stop": stop.id, "state": stop.state} if stop is not None else {"state": after.state}
    return book.decision({"van": van.id, **said})


def _tracker(state: State, van: Van, actor: Actor, facts: Facts, now: int) -> Decision | Refusal:
    """A new key for the van's tracker; the old one is dead with this commit. It is told once and kept as a digest."""
    if actor.role == "crew" and actor.van != van.id:
        return Refusal("not_allowed", "van.tracker is for the van's crew and the van desk")
    chance = hashlib.sha256("".join(facts.new_ids).encode()).digest()
    key = urlsafe_b64encode(chance[:18]).decode()
    digest = hashlib.sha256(key.encode()).hexdigest()
    draft = Draft(now, "van.tracker")
    if van.tracker:
        draft.put(TRACKER_KIND, van.tracker, state.thing(Tracker, "tracker", van.tracker), None)
    draft.put(TRACKER_KIND, digest, None, Tracker(van.id))
    draft.put(VAN_KIND, van.id, van, replace(van, tracker=digest))
    return draft.decision({"van": van.id}, once={"key": key})


def _woken(state: State, van: Van, timer: str, now: int) -> Decision | Refusal:
    """A timer of the van: a new day, the trip of seven days ahead, or in a demo the same trip again."""
    if timer == "copy":
        return van_week.copy(state, van, now)
    draft = Draft(now, "trip.begun", fired=timer)
    book, trip = Book(state, draft), state.thing(Trip, "trip", van.today)
    assert trip is not None
    if timer == "reset":
        draft.put(VAN_KIND, van.id, van, replace(van, reset_at=0))
        if not isinstance(step(TRIP, trip.state, "van.reset", "timer"), Refusal):
            book.put_trip(trip, van_drive.again(trip, now))
        return book.decision({})
    return van_week.turn(state, van, trip, draft, book, later(van.day, -KEEP_DAYS), now)
