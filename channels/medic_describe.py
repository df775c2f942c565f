"""What the caller says after the tap: the place, the patient, a phone."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels.geo import City
from channels.medic_commit import Draft
from channels.medic_data import Describe
from channels.medic_state import Request, rung, with_line
from channels.medic_steps import (
    asked_more,
    bad_data,
    bad_kelurahan,
    gather_request,
    known,
    located,
    of_caller,
    read,
    started,
    step,
    wave_search,
)
from channels.offers import open_ids
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State


def gather_describe(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Describe = command.data
    yield from gather_request(state, data.request)
    request = known(state, data.request)
    if request is not None and request.rings:
        yield from search.needs(state, wave_search(city, _described(city, request, data, 0)))


def decide_describe(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Say more about a call. A first place, or a red answer, asks more medics at once."""
    data: Describe = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return request
    if not of_caller(request, actor):
        return Refusal("not_allowed", "this request is somebody else's")
    rule = step(request, "describe", actor)
    if isinstance(rule, Refusal):
        return rule
    if data.note is not None and len(data.note.encode()) > 1000:
        return bad_data("expected at most 1000 bytes of UTF-8", "note")
    unknown = bad_kelurahan(city, data.kelurahan)
    if unknown is not None:
        return unknown
    after = _described(city, request, data, now)
    after = _red(request, after, now)
    after = _asks_more(city, state, request, after, now)
    if after == request:
        return Decision(answer={"request": request.id, "priority": request.priority})
    draft = Draft(now, "medic.described")
    draft.request(request, after)
    return draft.decision({"request": request.id, "priority": after.priority})


def _described(city: City, request: Request, data: Describe, now: int) -> Request:
    fields = {
        key: value
        for key in ("answers", "note", "landmark", "phone", "for_", "patients")
        if (value := getattr(data, key)) is not None
    }
    if data.location is not None or data.kelurahan:
        place, kelurahan, outside = located(city, data.location, data.kelurahan or request.kelurahan, now)
        better = place is not None and not outside
        fields["place"] = place if better or request.place is None else request.place
        fields["kelurahan"] = kelurahan or request.kelurahan
        fields["outside_city"] = (outside and not request.kelurahan) if data.location else request.outside_city
        if data.kelurahan:
            fields["outside_city"] = False
            if request.outside_city and not better:
                fields["place"] = None
    if data.same and request.maybe_same:
        fields["linked"] = tuple(dict.fromkeys((*request.linked, request.maybe_same[0])))
        fields["maybe_same"] = ()
    if data.same is False:
        fields["maybe_same"] = ()
    return msgspec.structs.replace(request, **fields)


def _red(before: Request, after: Request, now: int) -> Request:
    if after.priority == "red" != before.priority and after.urgency == "now":
        return rung(with_line(after, now, "red"), "red", now)
    return after


def _asks_more(city: City, state: State, before: Request, after: Request, now: int) -> Request:
    """Red in the first wave asks five; a first place asks the nearest, who were not known before."""
    if after.drill or after.urgency == "visit" or not before.rings:
        return after
    if before.outside_city and not after.outside_city and not before.wave:
        alarms = {key: alarm for key, alarm in after.alarms.items() if key != "outside_city"}
        after = msgspec.structs.replace(after, alarms=alarms, advice=False, ladder_at=now)
        return started(city, state, after, now)
    if after.wave != 1:
        return after
    wanted = 0
    if search.origin_of(city, before.place, before.kelurahan) is None and (after.place or after.kelurahan):
        wanted = after.rules.wave_size
    if after.priority == "red":
        wanted = max(wanted, after.rules.red_size - len(open_ids(after.offers)))
    if wanted <= 0:
        return after
    return asked_more(state, after, wave_search(city, after, wanted=wanted), 1, now)
