"""What time does to a request: the commands of its timers, and the wave that a desk starts by hand.

A timer that comes too early (a newer one took its place while it was on its
way) changes nothing and is set anew. Escalation is never left out because the
store was away: what is due is done when it is back.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import medic_candidates as search
from channels.alarms import rung_again
from channels.geo import City, distance_m
from channels.medic_commit import Draft, deadlines
from channels.medic_drill import robot_step
from channels.medic_state import (
    ASKED_MS,
    EVERYBODY,
    NEARER_M,
    THERE_M,
    UNHEARD_MS,
    Request,
    rung,
    with_line,
)
from channels.medic_steps import asked_more, gather_request, known, read, started, step, wave_search
from channels.offers import open_ids, unheard, with_offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State


def early(request: Request, timer: str, now: int) -> Decision | None:
    """What to answer when the timer has nothing to do: it is not wanted, or not due."""
    due = deadlines(request).get(timer)
    if due is None:
        return Decision()
    if due[0] <= now:
        return None
    draft = Draft(now, "medic.waits", fired=timer)
    draft.request(request, request)
    return draft.decision()


def _fired(
    state: State, command: Command, actor: Actor, timer: str, name: str, now: int
) -> Request | Decision | Refusal:
    """The request whose timer is really due."""
    request = read(state, command.data.request)
    if isinstance(request, Refusal):
        return request
    rule = step(request, name, actor)
    if isinstance(rule, Refusal):
        return rule
    return early(request, timer, now) or request


# -- waves ------------------------------------------------------------------------------


def gather_wave(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)
    request = known(state, command.data.request)
    if request is not None and not request.ended:
        yield from search.needs(state, wave_search(city, request, everybody=request.wave + 1 >= EVERYBODY))


def decide_wave(city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """Start the next wave."""
    request = _fired(state, command, actor, "ladder", "wave", now)
    if not isinstance(request, Request):
        return request
    draft = Draft(now, "medic.escalated", fired="ladder")
    why = "unanswered" if open_ids(request.offers) else "declined" if request.offers else "nobody"
    draft.request(request, next_wave(city, state, request, now, why))
    return draft.decision()


def next_wave(city: City, state: State, request: Request, now: int, why: str) -> Request:
    """3 more; then everybody, the desk's alarm and 119; then the alarm again and again."""
    wave = request.wave + 1
    if wave == 1:
        return started(city, state, request, now)
    everybody = wave >= EVERYBODY
    if wave <= EVERYBODY + 1:
        request = with_line(request, now, f"wave {wave}", why=why)
    request = msgspec.structs.replace(request, wave=wave, advice=request.advice or (everybody and not request.seeking))
    sought = wave_search(city, request, wanted=request.rules.wave_size, everybody=everybody)
    request = asked_more(state, request, sought, wave, now)
    if everybody:
        request = rung(request, "not_under_way" if request.seeking else "unanswered", now)
    return request


def decide_unheard(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """A phone received nothing in 5 s: ask the next candidate; its own offer stays open."""
    request = _fired(state, command, actor, "unheard", "unheard", now)
    if not isinstance(request, Request):
        return request
    late = unheard(request.offers, UNHEARD_MS, now)
    after = request
    for medic in late:
        after = msgspec.structs.replace(after, offers=with_offer(after.offers, medic, replaced=True))
    after = asked_more(state, after, wave_search(city, after, wanted=len(late)), after.wave, now)
    draft = Draft(now, "medic.unheard", fired="unheard")
    draft.request(request, with_line(after, now, "unheard", ", ".join(request.offers[one].name for one in late[:5])))
    return draft.decision()


# -- not under way ------------------------------------------------------------------------


def decide_under_way(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """90 s after accepting: a holder who does not move is asked for 30 s, then others are asked as well."""
    request = _fired(state, command, actor, "under_way", "not under way", now)
    if not isinstance(request, Request):
        return request
    place = search.place_of(state, request.holder)
    after = msgspec.structs.replace(request, holder_place=place or request.holder_place)
    if comes(after):
        alarms = {reason: alarm for reason, alarm in after.alarms.items() if reason != "not_under_way"}
        after = msgspec.structs.replace(after, under_way=True, asked_until=0, alarms=alarms)
        event = "medic.under_way"
    elif not request.asked_until:
        after = with_line(after, now, "not_under_way", request.holder_name(), asked_until=now + ASKED_MS)
        after, event = rung(after, "not_under_way", now), "medic.not_under_way"
    else:
        after, event = others_too(city, state, after, now), "medic.others_asked"
    draft = Draft(now, event, fired="under_way", first=request.holder)
    draft.request(request, after)
    return draft.decision()


def comes(request: Request) -> bool:
    """Whether the holder's fixes show a way: 50 m nearer than when accepting, or within 100 m."""
    holder, patient = request.holder_place, request.place
    if holder is None or patient is None or holder.fix_at < request.times["accepted"]:
        return False
    metres = distance_m(holder.lat, holder.lon, patient.lat, patient.lon)
    return metres <= THERE_M or (request.accept_m is not None and metres <= request.accept_m - NEARER_M)


def others_too(city: City, state: State, request: Request, now: int) -> Request:
    """Others are asked as well; the holder keeps it until another accepts."""
    request = with_line(request, now, "others_asked", seeking=True, asked_until=0, ladder_at=now, wave=1)
    return asked_more(state, request, wave_search(city, request), 1, now)


# -- alarms, screens, the end ------------------------------------------------------------------


def decide_alarm_again(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """An alarm that somebody took and nobody ended rings again."""
    request = read(state, command.data.request)
    if isinstance(request, Refusal):
        return request
    nothing = early(request, "alarm", now)
    if nothing is not None:
        return nothing
    alarms = rung_again(request.alarms, now)
    if request.held and "red" in alarms and alarms["red"] != request.alarms["red"]:
        del alarms["red"]  # somebody comes: it has done its work
    draft = Draft(now, "alarm.ringing", fired="alarm")
    draft.request(request, msgspec.structs.replace(request, alarms=alarms))
    return draft.decision()


def gather_only(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)


def decide_follow(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Tell the screens for which the last commit had no room."""
    request = known(state, command.data.request)
    if request is None or not request.behind:
        return Decision()
    draft = Draft(now, "medic.followed", fired="follow")
    draft.request(request, request)
    return draft.decision()


def decide_robot(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """The robot medic of a drill acts."""
    request = _fired(state, command, actor, "robot", "robot", now)
    if not isinstance(request, Request):
        return request
    after = robot_step(request, now)
    draft = Draft(now, f"medic.{after.state}", fired="robot")
    draft.request(request, after)
    return draft.decision()


def decide_retire(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Take an ended request from every table; it is deleted when every screen has heard."""
    request = read(state, command.data.request)
    if isinstance(request, Refusal):
        return request
    nothing = early(request, "retire", now)
    if nothing is not None:
        return nothing
    draft = Draft(now, "medic.retired", fired="retire")
    draft.request(request, msgspec.structs.replace(request, retired=True))
    return draft.decision()
