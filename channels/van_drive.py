"""What a van does on its trip: it sets out, arrives, departs, skips; its day ends and the next begins."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from channels.geo import distance_m
from channels.van_arrival import AWAY_M
from channels.van_plan import next_stop
from channels.van_table import STOP, TRIP
from channels.van_things import Press, Skip, SkipReason, Trip, TripStop, Van
from hub.contract import Actor, Fix, Refusal, Rule
from hub.machine import step

PAST: Final = {"van.arrive": "van.arrived", "van.depart": "van.departed", "van.skip": "van.skipped"}


def pressed(trip: Trip, cmd: str, data: Press, actor: Actor, now: int) -> tuple[Trip, TripStop | None, str] | Refusal:
    """The trip after the crew's button, or after what its fixes say; the stop, and the kind of the change.

    A fix speaks of what it saw: where the trip went on since, it is `too_late`.
    """
    by_fix = actor.role == "hub"
    rule = step(TRIP, trip.state, cmd, actor.role)
    if isinstance(rule, Rule) and not by_fix and actor.van != trip.van:
        rule = Refusal("not_allowed", f"{cmd} is for {rule.only}")
    if by_fix and data.seq != trip.seq:
        rule = Refusal("too_late", "the trip has gone on since", record=False)
    if isinstance(rule, Refusal):
        return rule
    at = data.fix_at if by_fix else now
    trip = replace(trip, at=now, seq=trip.seq + 1, event_at=at, pressed=not by_fix, parked="")
    if cmd == "van.depart" and trip.state == "planned":
        return _set_out(trip)
    return _at_stop(trip, cmd, data, actor, now, at)


def _set_out(trip: Trip) -> tuple[Trip, None, str] | Refusal:
    """The trip begins: the van drives to its first expected stop."""
    if trip.next is None:
        return Refusal("illegal_step", "no stop is expected any more", data={"state": trip.state})
    return replace(trip, state="driving"), None, "van.set_out"


def _at_stop(
    trip: Trip, cmd: str, data: Press, actor: Actor, now: int, at: int
) -> tuple[Trip, TripStop, str] | Refusal:
    """At one stop. Arriving elsewhere leaves the stop where the van was."""
    name = data.stop or (trip.stop if cmd == "van.depart" else trip.next)
    stop = trip.of(name)
    if stop is None:
        return Refusal("not_found", f"no stop {name} on this trip" if name else "no stop is expected any more")
    rule = step(STOP, stop.state, cmd, actor.role)
    if isinstance(rule, Refusal):
        return rule
    fresh = {stop.id: replace(_moved(stop, rule.to, now, at), reason=_why(data))}
    here = trip.stop
    if cmd == "van.arrive":
        left = trip.of(trip.stop)
        if left is not None and left.id != stop.id:
            fresh[left.id] = _moved(left, "departed", now, at)
        here = stop.id
    elif cmd == "van.depart":
        here = None
    stops = tuple(fresh.get(one.id, one) for one in trip.stops)
    coming = next_stop(stops, stop.id)
    # Skipping its last stop ends a trip only for a van on its way; one at a stop ends it by departing.
    state = "at_stop" if here else trip.state if cmd == "van.skip" else "driving"
    if coming is None and here is None:
        state = "over"
    after = replace(trip, state=state, stop=here, next=coming, stops=stops)
    return after, fresh[stop.id], PAST[cmd]


def _moved(stop: TripStop, to: str | None, now: int, at: int) -> TripStop:
    if to == "arrived":
        return replace(stop, state="arrived", at=now, arrived_at=at, departed_at=None)
    if to == "departed":
        return replace(stop, state="departed", at=now, departed_at=at)
    return replace(stop, state="skipped", at=now) if to == "skipped" else stop


def _why(data: Press) -> SkipReason | None:
    return data.reason if isinstance(data, Skip) else None


def again(trip: Trip, now: int) -> Trip:
    """A demo's trip from the beginning; what the desk cancelled stays so."""
    stops = tuple(
        stop
        if stop.state == "cancelled"
        else replace(stop, state="expected", at=now, arrived_at=None, departed_at=None)
        for stop in trip.stops
    )
    return replace(
        trip, state="planned", at=now, stop=None, next=next_stop(stops, None), stops=stops, seq=trip.seq + 1,
        event_at=now, pressed=False, parked="",
    )  # fmt: skip


def begun(trip: Trip, van: Van, fix: Fix | None, now: int) -> Trip:
    """A trip whose day begins. A van that stands at a stop overnight has not arrived there."""
    parked = "" if fix is None else _near(trip, fix.lat, fix.lon)
    return replace(trip, live=True, van_name=van.name, services=van.services, parked=parked, at=now, event_at=now)


def _near(trip: Trip, lat: float, lon: float) -> str:
    near = (stop.id for stop in trip.stops if distance_m(lat, lon, stop.lat, stop.lon) <= AWAY_M)
    return next(near, "")


def ended(trip: Trip, now: int) -> Trip:
    """A trip whose day is over."""
    return replace(trip, live=False, state=trip.state if trip.state == "cancelled" else "over", at=now)
