"""The tap: every call is taken, and rings by its rules in the same commit."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels.geo import City, distance_m
from channels.medic_candidates import Search
from channels.medic_commit import Draft
from channels.medic_data import Call
from channels.medic_drill import robot_offer
from channels.medic_state import (
    CALL_AGE_MS,
    CALLS,
    DESK_FIRST_MS,
    ROBOT,
    SAME_ACCURACY_M,
    SAME_DISTANCE_M,
    SAME_MS,
    UNFOUNDED_CALLS,
    UNFOUNDED_MS,
    Caller,
    Place,
    Request,
    rung,
    with_line,
)
from channels.medic_steps import (
    bad_data,
    bad_kelurahan,
    located,
    started,
)
from hub.contract import Actor, ClaimOf, Command, Decision, Facts, Members, Near, Need, Refusal, State, Thing

DESK_STAFF = Members("medic_desk", 1)
"""Dispatchers whose screens answer."""


def gather_call(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Call = command.data
    name = claim_name(data, actor)
    if name:
        yield ClaimOf(name)
        yield Thing("caller", actor.person)
        holder = state.claim(name) if state.has(ClaimOf(name)) else None
        if holder is not None:
            yield Thing("request", holder)
    place, kelurahan, outside = located(city, data.location, data.kelurahan or "", 0)
    if data.urgency == "visit":
        return
    yield DESK_STAFF
    if data.drill or not outside:
        origin = search.origin_of(city, place, kelurahan)
        yield from search.needs(state, Search(origin, frozenset(), city.rules.medic.wave_size, drill=data.drill))
    if place is not None and place.accuracy_m < SAME_ACCURACY_M and not (data.drill or outside):
        near = nearby(place)
        yield near
        if state.has(near):
            yield from (Thing("request", hit.id) for hit in state.near(near))


def decide_call(city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """Take a call; its first offers are in the same commit.

    Returns:
        The open request of this device instead of a second one (`existing`);
        `too_late` for an act older than 120 s that was not confirmed.
    """
    data: Call = command.data
    refusal = _refused_call(city, data, actor)
    if refusal is not None:
        return refusal
    name = claim_name(data, actor)
    holder = state.claim(name) if name else None
    if holder is not None:
        known = state.thing(Request, "request", holder)
        if known is not None and not known.ended:
            return Decision(answer={"request": known.id, "candidates": known.candidates, "existing": True})
    if command.age_ms > CALL_AGE_MS and not data.confirmed:
        return Refusal("too_late", "the call is older than 120 s; confirm it", record=False)
    # A name still held by a request that is over is a fault somewhere; it must not cost this call.
    fresh = _new(city, command, facts, actor, now, "" if holder is not None else name)
    if data.drill:
        fresh = started(city, state, msgspec.structs.replace(fresh, offers={ROBOT: robot_offer(now)}), now)
    elif data.urgency == "now":
        fresh = msgspec.structs.replace(fresh, maybe_same=_maybe_same(state, fresh, now))
        if fresh.outside_city:
            fresh = rung(msgspec.structs.replace(fresh, advice=True), "outside_city", now)
        elif _desk_first(state, actor, now):
            fresh = rung(with_line(fresh, now, "desk_first", ladder_at=now + DESK_FIRST_MS), "unanswered", now)
        else:
            fresh = started(city, state, msgspec.structs.replace(fresh, ladder_at=now), now)
    draft = Draft(now, "medic.called")
    draft.request(None, fresh)
    return draft.decision({"request": fresh.id, "candidates": fresh.candidates})


def claim_name(data: Call, actor: Actor) -> str:
    """The name that makes two taps of one device one request; none for the desk.

    A drill and a visit hold names of their own: neither may ever absorb a real call.
    """
    if actor.role != "resident":
        return ""
    kind = "drill" if data.drill else "visit" if data.urgency == "visit" else "call"
    return f"open_{kind}/{actor.person}"


def nearby(place: Place) -> Near:
    return Near(CALLS, place.lat, place.lon, SAME_DISTANCE_M, 8)


def _refused_call(city: City, data: Call, actor: Actor) -> Refusal | None:
    phoned = data.source in ("phone_119", "phone_112")
    if (actor.role == "resident") == phoned:
        return bad_data(f"a {actor.role} does not call as {data.source}", "source")
    return bad_kelurahan(city, data.kelurahan)


def _new(city: City, command: Command, facts: Facts, actor: Actor, now: int, claim: str) -> Request:
    data: Call = command.data
    id_ = facts.new_ids[0]
    place, kelurahan, outside = located(city, data.location, data.kelurahan or "", now)
    resident = actor.role == "resident"
    return with_line(
        Request(
            id=id_,
            caller=actor.person if resident else f"phone.{id_}",
            called_at=now,
            grace_until=now + city.rules.medic.grace_ms,
            source="app" if data.source == "sim" and not facts.demo else data.source,
            claim=claim,
            drill=data.drill,
            urgency=data.urgency,
            for_=data.for_,
            place=place,
            kelurahan=kelurahan,
            outside_city=outside,
            landmark=data.landmark,
            phone=data.phone,
            unverified=resident and not actor.verified,
            times={"called": now},
            rules=city.rules.medic,
        ),
        now,
        "called",
        actor.name if not resident else "",
    )


def _maybe_same(state: State, request: Request, now: int) -> tuple[str, ...]:
    """Open calls so near and so recent that they may be about the same patient; marked, never swallowed."""
    place = request.place
    if place is None or place.accuracy_m >= SAME_ACCURACY_M or not state.has(nearby(place)):
        return ()
    same = []
    for hit in state.near(nearby(place)):
        other = state.thing(Request, "request", hit.id) if state.has(Thing("request", hit.id)) else None
        if other is None or other.place is None or other.ended or other.drill or now - other.called_at > SAME_MS:
            continue
        apart = distance_m(place.lat, place.lon, other.place.lat, other.place.lon)
        if apart < SAME_DISTANCE_M and other.place.accuracy_m < SAME_ACCURACY_M:
            same.append(other.id)
    return tuple(same)


def _desk_first(state: State, actor: Actor, now: int) -> bool:
    """Whether a staffed desk hears this device first, because two of its calls were unfounded."""
    if actor.role != "resident" or not state.members(DESK_STAFF):
        return False
    known = state.thing(Caller, "caller", actor.person)
    recent = [at for at in known.unfounded if now - at <= UNFOUNDED_MS] if known else []
    return len(recent) >= UNFOUNDED_CALLS
