"""What the holder of a request does: advance, release, ask for backup."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels.geo import City
from channels.medic_answer import OLD, taken
from channels.medic_commit import Draft
from channels.medic_data import Advance, OfRequest
from channels.medic_state import ACT_AGE_MS, Request, moved_to, rung, with_line
from channels.medic_steps import freed, gather_request, known, read, started, step, wave_search
from channels.offers import ended, with_offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State


def _held(state: State, id_: str, name: str, actor: Actor) -> Request | Refusal:
    """The request for a step that only its holder may take; a former holder hears who has it."""
    request = read(state, id_)
    if isinstance(request, Refusal):
        return request
    rule = step(request, name, actor)
    if isinstance(rule, Refusal):
        return rule
    if request.holder != actor.person:
        lost = actor.person in request.offers
        return taken(request) if lost else Refusal("not_allowed", f"{name} is for the holder")
    return request


def decide_advance(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Go on to a later state; steps may be left out, never taken back."""
    data: Advance = command.data
    request = _held(state, data.request, data.to, actor)
    if isinstance(request, Refusal):
        return request
    if command.age_ms > ACT_AGE_MS:
        return OLD
    draft = Draft(now, f"medic.{data.to}", first=actor.person)
    place = search.place_of(state, actor.person) or request.holder_place
    offers = ended(request.offers, "stood_down", now, winner=actor.person)
    after = moved_to(request, data.to, now, actor.name, holder_place=place, offers=offers)
    draft.request(request, after)
    if after.ended:
        freed(draft, state, request, now)
    return draft.decision({"request": request.id, "state": after.state})


def gather_release(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)
    request = known(state, command.data.request)
    if request is not None and request.held:
        yield from search.needs(state, wave_search(city, request))


def decide_release(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Give it back: it rings again at once, its waves count from now. A caller who asked to cancel gets it."""
    data: OfRequest = command.data
    request = _held(state, data.request, "release", actor)
    if isinstance(request, Refusal):
        return request
    draft = Draft(now, "medic.released", first=actor.person)
    freed(draft, state, request, now)
    offers = with_offer(request.offers, actor.person, state="declined", ended_at=now)
    request_after = with_line(request, now, "released", actor.name, data.reason, offers=offers)
    if request.cancel_requested:
        offers = ended(offers, "withdrawn", now)
        after = moved_to(request_after, "cancelled", now, actor.name, offers=offers, reason=data.reason)
    else:
        after = _offered_anew(city, state, request_after, now)
    draft.request(request, after)
    return draft.decision({"request": request.id, "state": after.state})


def _offered_anew(city: City, state: State, request: Request, now: int) -> Request:
    kept = {reason: alarm for reason, alarm in request.alarms.items() if reason == "red"}
    candidates, called = request.candidates, request.times["called"]
    request = msgspec.structs.replace(
        request,
        state="offered",
        holder="",
        holder_place=None,
        accept_m=None,
        asked_until=0,
        seeking=False,
        under_way=False,
        ladder_at=now,
        alarms=kept,
        times={"called": called, "offered": now},
    )
    if request.drill:
        return request
    return msgspec.structs.replace(started(city, state, request, now), candidates=candidates)


def gather_backup(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)
    request = known(state, command.data.request)
    if request is not None and request.held:
        yield from search.needs(state, _backup_search(city, request))


def decide_backup(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Ask for a second medic or an ambulance: a linked request with the known place, first on every list."""
    data: OfRequest = command.data
    request = _held(state, data.request, "backup", actor)
    if isinstance(request, Refusal):
        return request
    if request.drill:
        return Refusal("illegal_step", "a drill has no backup", data={"state": request.state})
    id_ = facts.new_ids[0]
    backup = with_line(
        msgspec.structs.replace(
            _backup(request),
            id=id_,
            called_at=now,
            grace_until=now + request.rules.grace_ms,
            ladder_at=now,
            times={"called": now},
            note=data.reason or request.note,
            linked=(request.id,),
        ),
        now,
        "called",
        actor.name,
    )
    backup = rung(started(city, state, backup, now), "red", now)
    draft = Draft(now, "medic.backup", first=actor.person)
    linked = (*request.linked, id_)
    draft.request(request, with_line(request, now, "backup", actor.name, linked=linked))
    draft.request(None, backup)
    return draft.decision({"request": request.id, "backup": id_, "candidates": backup.candidates})


def _backup(request: Request) -> Request:
    """What the second medic has to know; whom it was offered to and who holds it is not taken over."""
    return Request(
        id="",
        caller=request.caller,
        called_at=0,
        grace_until=0,
        source="backup",
        backup=True,
        for_=request.for_,
        place=request.place,
        kelurahan=request.kelurahan,
        landmark=request.landmark,
        phone=request.phone,
        answers=request.answers,
        patients=request.patients,
        rules=request.rules,
    )


def _backup_search(city: City, request: Request) -> search.Search:
    return wave_search(city, _backup(request))
