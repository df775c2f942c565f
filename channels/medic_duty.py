"""A medic's duty: on, off, heard or deaf, where; and how many are on duty."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from channels import geo
from channels import medic_candidates as search
from channels.alarms import Alarm, again
from channels.geo import City
from channels.medic_commit import Draft, medic_deadlines
from channels.medic_data import Duty, Position, Reached, Wakeable
from channels.medic_state import (
    EVERYBODY,
    FIX_COUNTS_MS,
    MEDICS,
    REQUESTS,
    Medic,
    Place,
    Request,
    Tally,
    asked,
    moved_to,
    with_line,
)
from channels.medic_steps import known, of_medic
from channels.medic_table import DUTY
from channels.medic_views import caller_topic
from channels.offers import Candidate, Reason, open_ids, with_offer
from channels.views import change
from hub import machine
from hub.contract import (
    Actor,
    Command,
    Decision,
    Facts,
    Fix,
    GeoEntry,
    Members,
    Need,
    Presence,
    Refusal,
    SetEntry,
    State,
    Thing,
    Timer,
    Write,
)

OPEN = Members(REQUESTS, 100)
EVERY_MEDIC = Members(MEDICS, 100_000)
AT_ONCE = 8
"""Requests that one `rejoin` changes; more follow at once."""


def gather_duty(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from of_medic(actor.person)
    yield Presence(actor.person)


def decide_duty(city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """Go on or off duty; refused while a request is held."""
    data: Duty = command.data
    before = state.thing(Medic, "medic", actor.person)
    medic = before or Medic(id=actor.person, name=actor.name or "Petugas")
    rule = machine.step(DUTY, medic.state, "on" if data.on else "off", actor.role)
    if isinstance(rule, Refusal):
        return rule
    to = rule.to or medic.state
    place = search.place_of(state, actor.person) or medic.place
    after = msgspec.structs.replace(
        medic,
        name=actor.name or medic.name,
        vehicle=actor.vehicle or medic.vehicle,
        state=to,
        drills=medic.drills if data.drills is None else data.drills,
        reachable=state.reach(actor.person).reachable,
        since=medic.since if to == medic.state else now,
        place=place if data.on else None,
        deaf=medic.deaf if data.on else None,
    )
    draft = Draft(now, f"medic.{to}")
    draft.medic(before, after)
    if not data.on:
        draft.index.append(GeoEntry(MEDICS, actor.person))
    elif place is not None and now - place.fix_at <= FIX_COUNTS_MS:
        draft.index.append(GeoEntry(MEDICS, actor.person, place.lat, place.lon))
    return draft.decision({"state": after.state, "since": after.since, "reachable": after.reachable})


# -- reachable ------------------------------------------------------------------------------


def gather_presence(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    data: Reached | Wakeable = command.data
    yield from of_medic(data.person)
    yield Presence(data.person)


def decide_presence(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """A medic's screens answer, or stopped: one who turns deaf on duty is an alarm.

    One hub's news is no truth about a person who has screens at two: the leases of all hubs are.
    """
    data: Reached = command.data
    medic, reachable = state.thing(Medic, "medic", data.person), state.reach(data.person).reachable
    if medic is None or medic.reachable == reachable:
        return Decision()
    place = search.place_of(state, medic.id) or medic.place
    draft = Draft(now, "medic.heard" if reachable else "medic.deaf")
    after = msgspec.structs.replace(medic, reachable=reachable, place=place)
    draft.medic(medic, _alarmed(after, now))
    return draft.decision()


def _alarmed(medic: Medic, now: int) -> Medic:
    """With the desk's alarm exactly while the medic on duty neither hears nor can be woken."""
    well = medic.reachable or medic.wakeable or medic.state == "off"
    return msgspec.structs.replace(medic, deaf=None if well else medic.deaf or Alarm(at=now))


def decide_wakeable(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """A device can be woken, or the last one cannot any more; known of who never was on duty, too."""
    data: Wakeable = command.data
    before = state.thing(Medic, "medic", data.person)
    medic = before or Medic(id=data.person, name=actor.name or "Petugas")
    if medic.wakeable == data.wakeable:
        return Decision()
    place = search.place_of(state, medic.id) or medic.place
    after = msgspec.structs.replace(
        medic, wakeable=data.wakeable, reachable=state.reach(data.person).reachable, place=place
    )
    draft = Draft(now, "medic.wakeable" if data.wakeable else "medic.unwakeable")
    draft.medic(before, _alarmed(after, now))
    return draft.decision()


def gather_deaf_again(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Thing("medic", command.data.medic)


def decide_deaf_again(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """A deaf medic whose alarm was taken rings again, if still deaf."""
    medic = state.thing(Medic, "medic", command.data.medic)
    due = medic_deadlines(medic).get("deaf")
    if medic is None or medic.deaf is None or due is None:
        return Decision()
    draft = Draft(now, "alarm.ringing", fired="deaf")
    deaf = again(medic.deaf, now) if due[0] <= now else medic.deaf
    draft.medic(medic, msgspec.structs.replace(medic, deaf=deaf))
    return draft.decision()


def gather_desk_presence(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Presence(command.data.person)


def decide_desk_presence(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Know whether the medic desk is staffed; the hub says whose desk it is when it knows."""
    data: Reached = command.data
    if actor.desk not in (None, "medic"):
        return Decision()
    return Decision(index=(SetEntry("medic_desk", data.person, remove=not state.reach(data.person).connected),))


# -- where ----------------------------------------------------------------------------------


def gather_position(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Thing("medic", actor.person)
    medic = state.thing(Medic, "medic", actor.person) if state.has(Thing("medic", actor.person)) else None
    if medic is not None and medic.request:
        yield Thing("request", medic.request)


def observe_position(state: State, command: Command, actor: Actor, now: int) -> Fix | None:
    """Where a medic on duty is: for the roster, and for the caller whose request the medic holds."""
    data: Position = command.data
    medic = state.thing(Medic, "medic", actor.person)
    if medic is None or medic.state == "off" or not search.on_map(data.location.lat):
        return None
    location, fix_at = data.location, data.location.taken_at(now)
    topics: tuple[tuple[str, str], ...] = (("roster", medic.id),)
    extra: dict[str, object] = {}
    request = known(state, medic.request) if medic.request else None
    if request is not None and request.held and request.holder == medic.id:
        topic = caller_topic(request)
        if topic is not None:
            topics = (*topics, (topic, request.id))
        if request.place is not None:
            metres = geo.distance_m(location.lat, location.lon, request.place.lat, request.place.lon)
            extra = {"distance_m": round(metres)}
            eta = geo.eta_s(metres, now - fix_at)
            if eta is not None:
                extra["eta_s"] = eta
    return Fix("medic", medic.id, location.lat, location.lon, fix_at, location.accuracy_m, topics, MEDICS, extra)


# -- what follows from it -------------------------------------------------------------------


def gather_tally(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    """The tally is read before the members, so that a count never rests on older members than its version."""
    tally = Thing("tally", MEDICS)
    yield tally
    if state.has(tally):
        yield EVERY_MEDIC


def decide_tally(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """Count the medics on duty for everybody to see before the tap."""
    count = len(state.members(EVERY_MEDIC))
    known_ = state.thing(Tally, "tally", MEDICS)
    if known_ is not None and known_.on_duty == count:
        return Decision()
    view = {
        "type": MEDICS,
        "id": MEDICS,
        "state": "available" if count else "none",
        "at": now,
        "on_duty": count,
    }
    place = ("city", MEDICS)
    return Decision(
        writes=(Write("tally", MEDICS, Tally(count)),), changes=(change(place, "medic.counted", {place: view}),)
    )


def gather_rejoin(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    medic = command.data.medic
    yield from of_medic(medic)
    yield Presence(medic)
    yield OPEN
    if state.has(OPEN):
        yield from (Thing("request", id_) for id_ in state.members(OPEN))


def decide_rejoin(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """A medic left or took a patient: the other offers are withdrawn. One came: what waits is offered."""
    medic = state.thing(Medic, "medic", command.data.medic)
    if medic is None:
        return Decision()
    draft, changed = Draft(now, "medic.rejoined", fired="rejoin", first=medic.id), 0
    for id_ in state.members(OPEN):
        request = known(state, id_)
        after = _rejoined(city, state, request, medic, now) if request is not None else None
        if request is None or after is None:
            continue
        if changed == AT_ONCE:
            draft.timers.append(Timer("medic", medic.id, "rejoin", now, "medic.rejoin", {"medic": medic.id}))
            break
        draft.request(request, after)
        changed += 1
    return draft.decision() if changed else Decision()


def _rejoined(city: City, state: State, request: Request, medic: Medic, now: int) -> Request | None:
    """The request without or with this medic, or None when nothing changes for it."""
    offer = request.offers.get(medic.id)
    if not request.rings or request.drill:
        return None
    if medic.state != "on":
        if offer is None or offer.state != "open":
            return None
        offers = with_offer(request.offers, medic.id, state="withdrawn", ended_at=now)
        return with_line(request, now, "left", medic.name, offers=offers)
    starving = request.wave and (request.wave >= EVERYBODY or not open_ids(request.offers))
    if not starving or medic.id in search.asked_already(request) or medic.id == request.holder:
        return None
    reachable = state.reach(medic.id).reachable
    if not (reachable or medic.wakeable) and request.wave < EVERYBODY:
        return None
    origin = search.origin_of(city, request.place, request.kelurahan)
    metres = _away(search.place_of(state, medic.id), origin, now)
    reason: Reason = "no_location" if origin is None else "stale_fix" if metres is None else "nearest"
    found = Candidate(medic.id, medic.name, medic.vehicle, reachable, reason, metres, 0.0, medic.wakeable)
    request = asked(request, (found,), request.wave, now)
    return moved_to(request, "offered", now, "") if request.state == "called" else request


def _away(place: Place | None, origin: Place | None, now: int) -> int | None:
    if place is None or origin is None or now - place.fix_at > FIX_COUNTS_MS:
        return None
    return round(geo.distance_m(place.lat, place.lon, origin.lat, origin.lon))
