"""What every step of a request shares: read it, look the step up, free its holder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from channels import medic_candidates as search
from channels.geo import City
from channels.medic_candidates import Search
from channels.medic_commit import Draft
from channels.medic_data import Location
from channels.medic_state import ROBOT, Medic, Place, Request, asked, moved_to, rung, with_line
from channels.medic_table import DUTY, TABLE
from channels.offers import Reason, open_ids
from hub import machine
from hub.contract import Actor, FixOf, Need, Refusal, Rule, State, Thing


def gather_request(state: State, id_: str) -> Iterator[Need]:
    """A request and, when somebody holds it, the holder's duty and fix."""
    yield Thing("request", id_)
    request = known(state, id_)
    if request is not None and has_real_holder(request):
        yield from of_medic(request.holder)


def of_medic(medic: str) -> tuple[Need, Need]:
    return Thing("medic", medic), FixOf("medic", medic)


def known(state: State, id_: str) -> Request | None:
    """A request, if it was gathered and exists."""
    return state.thing(Request, "request", id_) if state.has(Thing("request", id_)) else None


def read(state: State, id_: str) -> Request | Refusal:
    request = known(state, id_)
    if request is None or request.retired:
        return Refusal("not_found", "no such request")
    return request


def step(request: Request, name: str, actor: Actor) -> Rule | Refusal:
    return machine.step(TABLE, request.state, name, actor.role)


def changed_hands(request: Request, seen: str | None) -> Refusal | None:
    """`taken` when another holds it than was seen, nobody included; None as `seen` asks nothing."""
    holder = request.holder if request.held else ""
    if seen is None or seen == holder:
        return None
    name = request.holder_name() if holder else ""
    winner = {"person": holder, "name": name}
    return Refusal("taken", f"{name or 'nobody'} has it now", data={"winner": winner, "state": request.state})


def has_real_holder(request: Request) -> bool:
    """Whether a medic's duty is bound to it: a drill binds nobody."""
    return request.held and not request.drill


def of_caller(request: Request, actor: Actor) -> bool:
    return actor.role == "dispatcher" or (actor.role == "resident" and request.caller == actor.person)


def bad_data(message: str, field: str) -> Refusal:
    return Refusal("bad_data", f"data.{field}: {message}")


def busied(draft: Draft, medic: Medic, request: Request, actor: Actor, now: int, place: Place | None) -> Refusal | None:
    """Bind a medic's duty to a request, or say why not."""
    rule = machine.step(DUTY, medic.state, "take", actor.role)
    if isinstance(rule, Refusal):
        if medic.state == "busy":
            return Refusal("busy", f"{medic.name} has a patient", data={"request": medic.request})
        return rule
    fields: dict[str, Any] = {} if place is None else {"place": place}
    draft.medic(medic, msgspec.structs.replace(medic, state="busy", since=now, request=request.id, **fields))
    return None


def freed(draft: Draft, state: State, request: Request, now: int) -> None:
    """Give a request's holder back to the others."""
    if not has_real_holder(request):
        return
    medic = state.thing(Medic, "medic", request.holder)
    if medic is None or medic.request != request.id:
        return
    place = search.place_of(state, medic.id) or medic.place
    draft.medic(medic, msgspec.structs.replace(medic, state="on", since=now, request="", place=place))


def bad_kelurahan(city: City, kelurahan: str | None) -> Refusal | None:
    if kelurahan and not city.has(kelurahan):
        return bad_data("expected a kelurahan of this city", "kelurahan")
    return None


def located(city: City, location: Location | None, kelurahan: str, now: int) -> tuple[Place | None, str, bool]:
    """(place, kelurahan, outside the city). What the person named goes before a fix outside.

    A fix so coarse that the city lies within its circle is no place and no outside.
    """
    if location is None:
        return None, kelurahan, False
    place = Place(location.lat, location.lon, location.accuracy_m, location.taken_at(now))
    found = city.kelurahan_at(place.lat, place.lon)
    if found is not None:
        return place, found, False
    if kelurahan or city.nearest_edge(place.lat, place.lon)[1] <= place.accuracy_m:
        return None, kelurahan, False
    return place, "", True


def wave_search(city: City, request: Request, *, wanted: int | None = None, everybody: bool = False) -> Search:
    """Whom a request would ask next."""
    size = request.rules.red_size if request.priority == "red" else request.rules.wave_size
    return Search(
        origin=search.origin_of(city, request.place, request.kelurahan),
        asked=search.asked_already(request) | {ROBOT, request.holder},
        wanted=size if wanted is None else wanted,
        everybody=everybody,
        drill=request.drill,
    )


def asked_more(state: State, request: Request, sought: Search, wave: int, now: int) -> Request:
    """The request with offers to those found; a called one becomes `offered`."""
    found = search.choose(state, sought, now)
    if found.chosen:
        request = asked(request, found.chosen, wave, now)
        request = moved_to(request, "offered", now, "") if request.state == "called" else request
    return _short(request, found.shortfall, now)


def _short(request: Request, shortfall: Reason | None, now: int) -> Request:
    """Why there were not more; a new reason is in the time line."""
    if shortfall is not None and shortfall != request.shortfall and not request.drill:
        request = with_line(request, now, "short", why=shortfall)
    return msgspec.structs.replace(request, shortfall=shortfall)


def started(city: City, state: State, request: Request, now: int) -> Request:
    """The request with its first wave; with nobody to ask, the desk's alarm and 119 instead."""
    request = asked_more(state, request, wave_search(city, request), 1, now)
    found = len(open_ids(request.offers))
    request = msgspec.structs.replace(request, wave=1, candidates=found)
    if found:
        return moved_to(request, "offered", now, "") if request.state == "called" else request
    return rung(msgspec.structs.replace(request, advice=True), "no_candidates", now)
