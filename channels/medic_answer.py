"""What a medic does with an offer: accept, decline, and the receipts of the screen."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels.geo import City, distance_m
from channels.medic_commit import Draft
from channels.medic_data import OfRequest, Receipt
from channels.medic_state import ACT_AGE_MS, Medic, Place, Request, moved_to, with_line
from channels.medic_steps import (
    busied,
    freed,
    gather_request,
    of_medic,
    read,
    step,
)
from channels.offers import ended, receipted, with_offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State, Thing

OLD = Refusal("too_late", "the act is older than 30 s", record=False)


def taken(request: Request) -> Refusal:
    """Somebody else won, and who."""
    name = request.holder_name()
    return Refusal("taken", f"{name} has it", data={"winner": {"person": request.holder, "name": name}})


def offered_to(request: Request, actor: Actor) -> Refusal | None:
    if actor.person not in request.offers:
        return Refusal("not_allowed", "this request was not offered to you")
    return None


# -- accept and decline --------------------------------------------------------------


def gather_accept(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)
    yield from of_medic(actor.person)


def decide_accept(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Take a request: it and the medic's duty change together, so nobody holds two.

    Returns:
        ok as well when the actor holds it already; `taken` with the winner;
        `busy` when the actor has another patient.
    """
    data: OfRequest = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return request
    if request.holder == actor.person and (request.held or request.state == "cleared"):
        return Decision(answer={"request": request.id, "state": request.state})
    if request.holder and (request.held or request.state == "cleared") and not request.seeking:
        return taken(request)
    rule = step(request, "accept", actor)
    refusal = rule if isinstance(rule, Refusal) else offered_to(request, actor)
    if refusal is not None:
        return refusal
    if command.age_ms > ACT_AGE_MS:
        return OLD
    draft = Draft(now, "medic.accepted", first=actor.person)
    freed(draft, state, request, now)
    medic = state.thing(Medic, "medic", actor.person)
    if medic is None or medic.state == "off":
        return Refusal("illegal_step", "go on duty first", data={"state": "off"})
    place = search.place_of(state, actor.person)
    if request.drill:
        draft.guard("medic", actor.person)
    else:
        refusal = busied(draft, medic, request, actor, now, place)
        if refusal is not None:
            return refusal
    draft.request(request, accepted(request, actor.person, actor.name or medic.name, now, place))
    return draft.decision({"request": request.id, "state": "accepted"})


def accepted(request: Request, medic: str, name: str, now: int, place: Place | None) -> Request:
    """The request held by this medic; all other phones are stood down, the former holder's too."""
    offers = ended(request.offers, "stood_down", now, winner=medic)
    if request.held and request.holder != medic:
        offers = with_offer(offers, request.holder, state="stood_down", ended_at=now, winner=medic)
    offers = with_offer(offers, medic, state="won", ended_at=now, winner="")
    away = None
    if place is not None and request.place is not None:
        away = round(distance_m(place.lat, place.lon, request.place.lat, request.place.lon))
    return moved_to(
        request,
        "accepted",
        now,
        name,
        offers=offers,
        holder=medic,
        holder_place=place,
        accept_m=away,
        under_way=False,
    )


def gather_decline(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Thing("request", command.data.request)


def decide_decline(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Say no to an offer; saying it twice is no mistake."""
    data: OfRequest = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return request
    if request.holder and request.held and not request.seeking and request.holder != actor.person:
        return taken(request)
    rule = step(request, "decline", actor)
    refusal = rule if isinstance(rule, Refusal) else offered_to(request, actor)
    if refusal is not None:
        return refusal
    if request.holder == actor.person and request.held:
        return Refusal("illegal_step", "the holder releases", data={"state": request.state})
    if request.offers[actor.person].state == "declined":
        return Decision(answer={"request": request.id})
    offers = with_offer(request.offers, actor.person, state="declined", ended_at=now)
    draft = Draft(now, "medic.declined", first=actor.person)
    draft.request(request, with_line(request, now, "declined", actor.name, data.reason, offers=offers))
    return draft.decision({"request": request.id})


# -- receipts --------------------------------------------------------------------------


def decide_receipt(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Note what was proven on a medic's screen; each level counts once per medic."""
    data: Receipt = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return request
    rule = step(request, "receipt", actor)
    refusal = rule if isinstance(rule, Refusal) else offered_to(request, actor)
    if refusal is not None:
        return refusal
    if data.level == "sent" and actor.role != "hub":
        return Refusal("not_allowed", "`sent` is proven by the hub")
    offers = receipted(request.offers, actor.person, data.level, now)
    if offers is None:
        return Decision(answer={"request": request.id})
    draft = Draft(now, f"medic.{data.level}", first=actor.person)
    draft.request(request, msgspec.structs.replace(request, offers=offers))
    return draft.decision({"request": request.id})
