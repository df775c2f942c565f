"""Who could come: the search, and what is known of each medic found.

What a search returns is a hint; that a medic is free is made sure of when the
medic accepts.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from channels.geo import City, distance_m
from channels.medic_state import FIX_COUNTS_MS, MEDICS, MOST_OFFERS, ROBOT, Medic, Place, Request
from channels.offers import Candidate, Pick, pick
from hub.contract import FixOf, Members, Near, Need, Presence, State, Thing

RADIUS_M = 30_000.0
MOST_LAT = 85.0
"""Geo indexes reach to 85.05 degrees of latitude (Redis, GEOADD); beyond it nothing is indexed or searched."""
NEAREST = 12
ON_DUTY = Members(MEDICS)


class Search(Struct, frozen=True):
    """Whom to look for.

    Args:
        origin: where the patient is, as well as it is known.
        asked: medics who are not asked (again).
        wanted: how many; `everybody` asks all on duty, the deaf ones too.
        drill: only medics who opted in to drills.
    """

    origin: Place | None
    asked: frozenset[str]
    wanted: int
    everybody: bool = False
    drill: bool = False


def origin_of(city: City, place: Place | None, kelurahan: str) -> Place | None:
    """The place, or a point inside the kelurahan, or None."""
    if place is not None and on_map(place.lat):
        return place
    if kelurahan and city.has(kelurahan):
        return Place(*city.point_in(kelurahan))
    return None


def asked_already(request: Request) -> frozenset[str]:
    """Who is being asked, holds it, or said no. Who was stood down may be asked again."""
    kept = ("open", "won", "declined")
    return frozenset(person for person, offer in request.offers.items() if offer.state in kept)


def on_map(lat: float) -> bool:
    return abs(lat) <= MOST_LAT


def needs(state: State, search: Search) -> Iterator[Need]:
    """What a search has to know: the nearest first, everybody only when they are too few."""
    near = _near(search)
    if near is not None:
        yield near
        if not state.has(near):
            if search.everybody:
                yield ON_DUTY
            return
    if near is None or search.everybody:
        yield ON_DUTY
    found = _found(state, search)
    for person in found:
        yield from _of(person)
    if not search.everybody and near is not None and all(state.has(need) for one in found for need in _of(one)):
        able = [one for one in _candidates(state, search, 0)[0] if one.reachable]
        if len(able) < search.wanted:
            yield ON_DUTY


def choose(state: State, search: Search, now: int) -> Pick:
    """Pick from what was found."""
    candidates, busy = _candidates(state, search, now)
    wanted = MOST_OFFERS - len(search.asked - {ROBOT, ""}) if search.everybody else search.wanted
    return pick(candidates, max(0, wanted), deaf_too=search.everybody, busy=busy)


def place_of(state: State, medic: str) -> Place | None:
    """A medic's newest fix, if it was gathered and there is one."""
    if not state.has(FixOf("medic", medic)):
        return None
    fix = state.fix("medic", medic)
    return None if fix is None else Place(fix.lat, fix.lon, fix.accuracy_m, fix.fix_at)


def _near(search: Search) -> Near | None:
    if search.origin is None:
        return None
    return Near(MEDICS, search.origin.lat, search.origin.lon, RADIUS_M, NEAREST)


def _of(person: str) -> tuple[Need, Need, Need]:
    return Thing("medic", person), Presence(person), FixOf("medic", person)


def _found(state: State, search: Search) -> list[str]:
    near = _near(search)
    found = [hit.id for hit in state.near(near)] if near is not None and state.has(near) else []
    if state.has(ON_DUTY):
        found += state.members(ON_DUTY)
    return [person for person in dict.fromkeys(found) if person not in search.asked]


def _candidates(state: State, search: Search, now: int) -> tuple[list[Candidate], int]:
    candidates, busy = [], 0
    for person in _found(state, search):
        if not all(state.has(need) for need in _of(person)):
            continue
        medic = state.thing(Medic, "medic", person)
        if medic is None or medic.state == "off" or (search.drill and not medic.drills):
            continue
        if medic.state == "busy":
            busy += 1
            continue
        candidates.append(_candidate(state, search, medic, now))
    return candidates, busy


def _candidate(state: State, search: Search, medic: Medic, now: int) -> Candidate:
    """One second of a fix's age ranks like one metre; without a place the last `here` ranks."""
    reach, place, origin = state.reach(medic.id), place_of(state, medic.id), search.origin
    metres: int | None = None
    rank = float(now - reach.here_at)
    if origin is not None and place is not None and now - place.fix_at <= FIX_COUNTS_MS:
        metres = round(distance_m(place.lat, place.lon, origin.lat, origin.lon))
        rank = metres + max(0, now - place.fix_at) / 1000
    return Candidate(
        id=medic.id,
        name=medic.name,
        vehicle=medic.vehicle,
        reachable=reach.reachable,
        reason="no_location" if origin is None else "stale_fix" if metres is None else "nearest",
        distance_m=metres,
        rank_m=rank,
        wakeable=medic.wakeable,
    )
