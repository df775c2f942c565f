"""Vans: a mobile office drives a trip of stops, and its crew's button says where it is.

A position is fleeting: it is shown to those who follow the van and never
changes a state. Arrived and departed are said by the crew's button, which
overrules everything else. A van and its trip are one thing, so they change
together or not at all.

A trip is over when no stop is expected any more; at midnight in the city (in a
demo soon after) all its stops are expected again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from channels.geo import City, distance_m
from channels.van_things import (
    CREW,
    DAY_MS,
    DEMO_PAUSE_MS,
    FIRST_MS,
    FIX_EARLY_MS,
    FIX_LATE_MS,
    QUARANTINE_M_S,
    STOP,
    SYSTEM,
    TIMER,
    VAN,
    WIB_MS,
    Position,
    Press,
    Reset,
    Seed,
    TripStop,
    Van,
    stop_view,
    trip_view,
    van_view,
)
from hub.contract import (
    Actor,
    Change,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    FixOf,
    Lane,
    Need,
    Receipt,
    Refusal,
    State,
    Table,
    Thing,
    Timer,
    TopicRule,
    Write,
)
from hub.machine import step

PAST: Final = {"van.arrive": "van.arrived", "van.depart": "van.departed", "van.skip": "van.skipped"}


class Vans:
    """The vans service over one city's kelurahan."""

    name: ClassVar[str] = "van"
    lane: ClassVar[Lane] = "bulk"

    commands: Mapping[str, CommandSpec] = {
        "van.seed": CommandSpec(Seed, SYSTEM),
        "van.arrive": CommandSpec(Press, CREW, serial="van"),
        "van.depart": CommandSpec(Press, CREW, serial="van"),
        "van.skip": CommandSpec(Press, CREW, serial="van"),
        "van.reset": CommandSpec(Reset, TIMER, serial="van"),
    }
    tells: Mapping[str, CommandSpec] = {"van.position": CommandSpec(Position, CREW | {"tracker"})}
    things: Mapping[str, type[Struct]] = {"van": Van}
    tables: Mapping[str, Table] = {"van": VAN, "stop": STOP}
    presence: Mapping[str, str] = {}
    receipts: Mapping[str, Receipt] = {}
    topics: tuple[TopicRule, ...] = (
        TopicRule("vans", "bulk", lambda actor, segments: True),
        TopicRule("van/<id>", "bulk", lambda actor, segments: True),
        TopicRule("stop/<id>", "bulk", lambda actor, segments: True),
        TopicRule("dispatch/van", "normal", lambda actor, segments: actor.role == "dispatcher" and actor.desk == "van"),
    )

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Seed):
            return [Thing("van", data.van.id)]
        if isinstance(data, Position):
            return [Thing("van", data.van), FixOf("van", data.van)]
        return [Thing("van", data.van)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        """A position of the actor's own van, unless it is late, early, repeated or impossible."""
        data = command.data
        if actor.van != data.van or state.thing(Van, "van", data.van) is None:
            return None
        place = data.location
        fix_at = now if place.fix_at is None else place.fix_at
        if not now - FIX_LATE_MS <= fix_at <= now + FIX_EARLY_MS:
            return None
        last = state.fix("van", data.van)
        if last is not None:
            gone_s = (fix_at - last.fix_at) / 1000
            metres = distance_m(last.lat, last.lon, place.lat, place.lon)
            if gone_s <= 0 or metres - last.accuracy_m - place.accuracy_m > QUARANTINE_M_S * gone_s:
                return None
        extra = {key: value for key in ("speed_kmh", "heading") if (value := getattr(place, key)) is not None}
        return Fix(
            "van",
            data.van,
            place.lat,
            place.lon,
            fix_at,
            place.accuracy_m,
            topics=(("vans", data.van), (f"van/{data.van}", data.van)),
            extra=extra,
        )

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Seed):
            return self._seed(state, data, now)
        van = state.thing(Van, "van", data.van)
        if van is None:
            return Refusal("not_found", f"no van {data.van}")
        rule = step(VAN, van.state, command.cmd, actor.role)
        if isinstance(rule, Refusal):
            return rule
        if isinstance(data, Reset):
            return _reset(van, now)
        if actor.van != van.id:
            return Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if command.cmd == "van.depart" and van.state == "off":
            return _set_out(van, now)
        return _press(van, command.cmd, data.stop, actor, facts, now)

    def _seed(self, state: State, data: Seed, now: int) -> Decision | Refusal:
        """Write a van and its trip; one that is there with the same stops goes on where it is."""
        for place, stop in enumerate(data.stops):
            if not self._city.has(stop.kelurahan):
                return Refusal("bad_data", f"data.stops[{place}].kelurahan: expected a kelurahan of this city")
        if len({stop.id for stop in data.stops}) < len(data.stops):
            return Refusal("bad_data", "data.stops: expected every id once")
        known = state.thing(Van, "van", data.van.id)
        if known is not None and [stop.id for stop in known.trip] == [stop.id for stop in data.stops]:
            return Decision({"van": known.id})
        day = _day_start(now)
        trip = tuple(
            TripStop(
                stop.id,
                stop.name,
                stop.kelurahan,
                stop.lat,
                stop.lon,
                stop.scheduled_at,
                day + FIRST_MS + stop.scheduled_at * 60_000,
                at=now,
            )
            for stop in data.stops
        )
        van = Van(data.van.id, data.van.name, data.van.services, trip, at=now, next=trip[0].id)
        gone = {stop.id for stop in known.trip} - {stop.id for stop in trip} if known else set()
        changes = (*_shown(van, trip, "van.seeded"), *(Change(f"stop/{id_}", id_, "van.seeded", None) for id_ in gone))
        return Decision(
            {"van": van.id}, (Write("van", van.id, van),), changes=changes, timers=(_reset_at(van, day + DAY_MS),)
        )


def _set_out(van: Van, now: int) -> Decision | Refusal:
    """The trip begins: the van drives to its first expected stop."""
    if van.next is None:
        return Refusal("illegal_step", "no stop is expected any more", data={"state": van.state})
    van = replace(van, state="driving", at=now)
    return Decision(
        {"van": van.id, "state": van.state},
        (Write("van", van.id, van),),
        changes=_shown(van, (), "van.set_out"),
    )


def _press(van: Van, cmd: str, asked: str | None, actor: Actor, facts: Facts, now: int) -> Decision | Refusal:
    """The crew's button at one stop. Arriving elsewhere leaves the stop where the van was."""
    name = asked or (van.stop if cmd == "van.depart" else van.next)
    stop = next((stop for stop in van.trip if stop.id == name), None)
    if stop is None:
        return Refusal("not_found", f"no stop {name} on this trip" if name else "no stop is expected any more")
    rule = step(STOP, stop.state, cmd, actor.role)
    if isinstance(rule, Refusal):
        return rule
    changed = [_moved(stop, str(rule.to), now)]
    at = van.stop
    if cmd == "van.arrive":
        changed += [_moved(left, "departed", now) for left in van.trip if left.id == van.stop]
        at = stop.id
    elif cmd == "van.depart":
        at = None
    fresh = {stop.id: stop for stop in changed}
    trip = tuple(fresh.get(stop.id, stop) for stop in van.trip)
    coming = _next(trip, stop.id)
    # Skipping its last stop ends a trip only for a van on its way; one at a stop ends it by departing.
    state = "at_stop" if at else van.state if cmd == "van.skip" else "driving"
    if coming is None and at is None:
        state = "off"
    van = replace(van, state=state, at=now, stop=at, next=coming, trip=trip)
    due = now + DEMO_PAUSE_MS if state == "off" and facts.demo else _day_start(now) + DAY_MS
    return Decision(
        {"van": van.id, "stop": stop.id, "state": fresh[stop.id].state},
        (Write("van", van.id, van),),
        changes=_shown(van, changed, PAST[cmd]),
        timers=(_reset_at(van, due),),
    )


def _reset(van: Van, now: int) -> Decision:
    """A new day: every stop is expected again, at today's time."""
    day = _day_start(now)
    trip = tuple(
        replace(
            stop,
            state="expected",
            at=now,
            scheduled_at=day + FIRST_MS + stop.minutes * 60_000,
            arrived_at=None,
            departed_at=None,
        )
        for stop in van.trip
    )
    van = replace(van, state="off", at=now, stop=None, next=trip[0].id, trip=trip)
    return Decision(
        writes=(Write("van", van.id, van),),
        changes=_shown(van, trip, "van.reset"),
        timers=(_reset_at(van, day + DAY_MS),),
    )


def _moved(stop: TripStop, to: str, now: int) -> TripStop:
    if to == "arrived":
        return replace(stop, state="arrived", at=now, arrived_at=now, departed_at=None)
    if to == "departed":
        return replace(stop, state="departed", at=now, departed_at=now)
    return replace(stop, state="skipped", at=now)


def _next(trip: tuple[TripStop, ...], after: str) -> str | None:
    """The first expected stop after this one, else the first that was left out before it."""
    place = next(place for place, stop in enumerate(trip) if stop.id == after)
    return next((stop.id for stop in (*trip[place:], *trip[:place]) if stop.state == "expected"), None)


def _shown(van: Van, stops: Iterable[TripStop], kind: str) -> tuple[Change, ...]:
    trip = trip_view(van)
    return (
        Change("vans", van.id, kind, van_view(van)),
        Change(f"van/{van.id}", van.id, kind, trip),
        Change("dispatch/van", van.id, kind, trip),
        *(Change(f"stop/{stop.id}", stop.id, kind, stop_view(van, stop)) for stop in stops),
    )


def _reset_at(van: Van, due: int) -> Timer:
    return Timer("van", van.id, "reset", due, "van.reset", {"van": van.id})


def _day_start(now: int) -> int:
    """The last midnight in the city, ms."""
    return now - (now + WIB_MS) % DAY_MS
