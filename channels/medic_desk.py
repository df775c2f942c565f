"""What a dispatcher does: assign, escalate, merge, hand over, close, and take an alarm."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels import phones
from channels.alarms import taken
from channels.geo import City, distance_m
from channels.medic_answer import accepted
from channels.medic_commit import Draft
from channels.medic_data import Assign, Close, Escalate, HandOver, Merge, Take
from channels.medic_state import EVERYBODY, Caller, Medic, Place, Request, moved_to, with_line
from channels.medic_steps import (
    bad_data,
    busied,
    changed_hands,
    freed,
    gather_request,
    known,
    of_medic,
    read,
    started,
    step,
    wave_search,
)
from channels.medic_table import State as RequestState
from channels.medic_waves import next_wave, others_too
from channels.offers import Offer, ended, with_offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State, Thing


def _seen(state: State, id_: str, name: str, actor: Actor) -> Request | Refusal:
    """A request that the desk sees, for this step. A drill is not the desk's."""
    request = read(state, id_)
    if isinstance(request, Refusal):
        return request
    if request.drill:
        return Refusal("not_found", "no such request")
    rule = step(request, name, actor)
    return rule if isinstance(rule, Refusal) else request


def _unchanged(state: State, id_: str, name: str, actor: Actor, holder: str | None) -> Request | Refusal:
    """The same, if who holds it is whom the desk saw: two dispatchers never undo each other silently."""
    request = _seen(state, id_, name, actor)
    return request if isinstance(request, Refusal) else changed_hands(request, holder) or request


# -- assign and escalate ------------------------------------------------------------------


def gather_assign(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Assign = command.data
    yield from gather_request(state, data.request)
    yield from of_medic(data.medic)


def decide_assign(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Give a request to a medic on duty; a former holder is told who has it now."""
    data: Assign = command.data
    request = _seen(state, data.request, "assign", actor)
    if isinstance(request, Refusal):
        return request
    if request.held and request.holder == data.medic:
        return Decision(answer={"request": request.id, "state": request.state})
    medic = state.thing(Medic, "medic", data.medic)
    refusal = changed_hands(request, data.holder)
    if refusal is not None:
        return refusal
    if medic is None:
        return Refusal("not_found", "no such medic")
    draft = Draft(now, "medic.assigned", first=data.medic)
    freed(draft, state, request, now)
    place = search.place_of(state, medic.id)
    refusal = busied(draft, medic, request, actor, now, place)
    if refusal is not None:
        return refusal
    after = with_line(_offered_by_desk(request, medic, place, now), now, "assigned", actor.name)
    draft.request(request, accepted(after, medic.id, medic.name, now, place))
    return draft.decision({"request": request.id, "state": "accepted"})


def _offered_by_desk(request: Request, medic: Medic, place: Place | None, now: int) -> Request:
    if medic.id in request.offers:
        offers = with_offer(request.offers, medic.id, reason="assigned")
        return msgspec.structs.replace(request, offers=offers)
    away = None
    if place is not None and request.place is not None:
        away = round(distance_m(place.lat, place.lon, request.place.lat, request.place.lon))
    offer = Offer(
        name=medic.name, vehicle=medic.vehicle, wave=max(1, request.wave), at=now, reason="assigned", distance_m=away
    )
    return msgspec.structs.replace(request, offers={**request.offers, medic.id: offer})


def gather_escalate(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)
    request = known(state, command.data.request)
    if request is not None and not request.ended:
        yield from search.needs(state, wave_search(city, request, everybody=request.wave + 1 >= EVERYBODY))


def decide_escalate(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Start the next wave at once: also for a visit, a call from outside, or beside a holder."""
    data: Escalate = command.data
    request = _unchanged(state, data.request, "escalate", actor, data.holder)
    if isinstance(request, Refusal):
        return request
    was_visit = request.was_visit or request.urgency == "visit"
    after = with_line(request, now, "escalated", actor.name, urgency="now", was_visit=was_visit)
    if request.held and not request.seeking:
        after = others_too(city, state, after, now)
    elif not request.wave:
        after = started(city, state, msgspec.structs.replace(after, ladder_at=now), now)
    else:
        after = next_wave(city, state, after, now, "desk")
    draft = Draft(now, "medic.escalated")
    draft.request(request, after)
    return draft.decision({"request": request.id, "wave": after.wave})


# -- the desk's ends ------------------------------------------------------------------------


def gather_close(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Close = command.data
    yield from gather_request(state, data.request)
    request = known(state, data.request)
    if request is not None and data.outcome == "unfounded":
        yield Thing("caller", request.caller)


def decide_close(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """End a request with an outcome; an unfounded one is remembered of its device."""
    data: Close = command.data
    request = _unchanged(state, data.request, "close", actor, data.holder)
    if isinstance(request, Refusal):
        return request
    if len(data.note.encode()) > 1000:
        return bad_data("expected at most 1000 bytes of UTF-8", "note")
    draft = Draft(now, "medic.closed")
    _end(draft, state, request, "closed", actor, now, outcome=data.outcome, note=data.note or request.note)
    if data.outcome == "unfounded" and not request.by_phone:
        known_ = state.thing(Caller, "caller", request.caller) or Caller()
        draft.write("caller", request.caller, Caller((*known_.unfounded, now)[-5:]))
    return draft.decision({"request": request.id, "state": "closed"})


def decide_hand_over(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Hand a request to a named operator; until then the hub stays responsible."""
    data: HandOver = command.data
    request = _unchanged(state, data.request, "hand_over", actor, data.holder)
    if isinstance(request, Refusal):
        return request
    if not data.operator.strip():
        return bad_data("expected the operator's name", "operator")
    draft = Draft(now, "medic.handed_over")
    _end(
        draft,
        state,
        request,
        "handed_over",
        actor,
        now,
        outcome="handed_over",
        operator=data.operator.strip(),
        reference=data.reference,
    )
    return draft.decision({"request": request.id, "state": "handed_over"})


def gather_merge(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Merge = command.data
    yield from gather_request(state, data.request)
    yield Thing("request", data.into)


def decide_merge(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Close a request as a duplicate of another that is open."""
    data: Merge = command.data
    request = _unchanged(state, data.request, "merge", actor, data.holder)
    if isinstance(request, Refusal):
        return request
    into = read(state, data.into)
    if isinstance(into, Refusal) or into.drill:
        return Refusal("not_found", "no such request to merge into")
    if into.id == request.id or into.ended:
        return Refusal("illegal_step", "expected another open request to merge into", data={"state": into.state})
    draft = Draft(now, "medic.merged")
    _end(draft, state, request, "closed", actor, now, outcome="duplicate", merged_into=into.id)
    linked = tuple(dict.fromkeys((*into.linked, request.id)))
    draft.request(into, with_line(into, now, "merged", actor.name, linked=linked))
    return draft.decision({"request": request.id, "state": "closed", "into": into.id})


def _end(draft: Draft, state: State, request: Request, to: RequestState, actor: Actor, now: int, **fields: str) -> None:
    """All phones that still ring fall silent; the holder is free and reads the end."""
    offers = ended(request.offers, "withdrawn", now)
    draft.request(request, moved_to(request, to, now, actor.name, offers=offers, **fields))
    freed(draft, state, request, now)


# -- alarms -----------------------------------------------------------------------------------


def gather_take(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Take = command.data
    id_, _, reason = data.alarm.rpartition(".")
    if phones.taken_here(data.alarm):
        yield from phones.needs_of_take(data.alarm)
        return
    yield Thing("medic" if reason == "deaf" else "request", id_)


def decide_take(city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """Take an alarm: its handler stands on every screen, and it is silent for 60 s."""
    data: Take = command.data
    if phones.taken_here(data.alarm):
        return phones.take(state, data.alarm, actor, now)
    id_, _, reason = data.alarm.rpartition(".")
    draft = Draft(now, "alarm.taken")
    if reason == "deaf":
        medic = state.thing(Medic, "medic", id_)
        alarm = taken(medic.deaf if medic else None, actor, now)
        if isinstance(alarm, Refusal):
            return alarm
        assert medic is not None
        draft.medic(medic, msgspec.structs.replace(medic, deaf=alarm))
    else:
        request = known(state, id_)
        alarm = taken(request.alarms.get(reason) if request else None, actor, now)
        if isinstance(alarm, Refusal):
            return alarm
        assert request is not None
        alarms = {**request.alarms, reason: alarm}
        draft.request(request, with_line(request, now, "alarm_taken", actor.name, alarms=alarms))
    return draft.decision({"alarm": data.alarm, "silent_until": alarm.silent_until})
