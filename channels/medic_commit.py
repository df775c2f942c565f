"""From states before and after to one decision: nothing is forgotten, nothing told twice.

Views, timers, claims and index entries are all functions of the state. A
decision is their difference. A commit touches at most 32 topics, so the offers
of a big wave that do not fit stay `behind` and follow by a timer due at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from channels import medic_drill, medic_views
from channels.alarms import silence_ends
from channels.draft import Deadlines, entries_between, timers_between
from channels.medic_candidates import on_map
from channels.medic_state import (
    CALLS,
    EVERYBODY,
    MEDICS,
    REQUESTS,
    RETIRE_SIM_MS,
    SAME_ACCURACY_M,
    UNDER_WAY_MS,
    UNHEARD_MS,
    Medic,
    Request,
)
from channels.medic_times import counts_in_figures
from channels.offers import open_ids, unheard_due
from channels.views import ROOM, Views, change, differing, same
from hub.contract import Change, Claim, Decision, GeoEntry, Guard, SetEntry, Timer, Write


class Draft:
    """Gathers what one command does to requests and duties, then makes the decision.

    Args:
        event: the kind of the changes (`medic.accepted`).
        fired: the name of the timer that this command is; when it is still
            wanted it is set anew, because a timer that fired is deleted.
        first: the person whose screen must show it with this commit.
    """

    def __init__(self, now: int, event: str, *, fired: str = "", first: str = "") -> None:
        self.now, self.event, self.fired, self.first = now, event, fired, first
        self._requests: dict[str, tuple[Request | None, Request | None]] = {}
        self._medics: dict[str, tuple[Medic | None, Medic]] = {}
        self._writes: list[Write] = []
        self._guards: list[Guard] = []
        self.index: list[SetEntry | GeoEntry] = []
        self.timers: list[Timer] = []
        self._tables: list[tuple[Views, Views]] = []

    def request(self, before: Request | None, after: Request) -> None:
        self._requests[after.id] = (before, after)

    def medic(self, before: Medic | None, after: Medic) -> None:
        self._medics[after.id] = (before, after)

    def write(self, type_: str, id_: str, state: Struct | None) -> None:
        self._writes.append(Write(type_, id_, state))

    def guard(self, type_: str, id_: str) -> None:
        self._guards.append(Guard(type_, id_))

    def tell(self, before: Views, after: Views) -> None:
        """Views of what is neither a request nor a duty, before and after."""
        self._tables.append((before, after))

    def decision(self, answer: dict[str, Any] | None = None) -> Decision:
        changes, timers = self._told(), list(self.timers)
        writes, claims, index = list(self._writes), list[Claim](), list(self.index)
        topics = {one.topic for one in changes}
        for id_, (before, after) in self._requests.items():
            assert after is not None
            behind, offers = self._offers(before, after, topics)
            changes += offers
            after = msgspec.structs.replace(after, behind=behind)
            kept = None if after.retired and not behind else after
            writes.append(Write("request", id_, kept))
            timers += timers_between("request", id_, deadlines(before), deadlines(kept), fired=self.fired)
            timers += self._follow(id_, before, kept)
            claims += _claims(before, after)
            index += entries_between(request_index(before), request_index(after))
        for id_, (was, is_) in self._medics.items():
            writes.append(Write("medic", id_, is_))
            timers += timers_between("medic", id_, medic_deadlines(was), medic_deadlines(is_), fired=self.fired)
            timers += _counted(was, is_, self.now)
            index += entries_between(medic_index(was), medic_index(is_))
        return Decision(
            answer=answer or {},
            writes=tuple(writes),
            guards=tuple(self._guards),
            claims=tuple(claims),
            index=tuple(index),
            changes=tuple(changes),
            timers=tuple(timers),
        )

    def _told(self) -> list[Change]:
        """The changes that every commit must carry: caller, desk, roster, duties."""
        pairs: list[tuple[Views, Views]] = [
            (medic_views.views(before, self.now), medic_views.views(after, self.now))
            for before, after in self._requests.values()
        ]
        pairs += [
            (medic_views.medic_views(was, self.now), medic_views.medic_views(is_, self.now))
            for was, is_ in self._medics.values()
        ]
        pairs += self._tables
        return [change(place, self.event, after) for before, after in pairs for place in differing(before, after)]

    def _offers(self, before: Request | None, after: Request, topics: set[str]) -> tuple[tuple[str, ...], list[Change]]:
        """The offers that changed, as many as there is room for; who is left is behind."""
        due = []
        people = dict.fromkeys((*after.behind, *after.offers))
        for medic in sorted(people, key=lambda one: (one != self.first, one != after.holder)):
            old, new = (medic_views.offer_view(one, medic, self.now) for one in (before, after))
            settled = old is not None and new is not None and old["state"] == new["state"] not in ("open", "won")
            if medic in after.behind or not (settled or same(old, new)):
                due.append((medic, new, old))
        changes, behind = [], []
        for medic, new, old in due:
            topic = f"help/{medic}"
            if topic not in topics and len(topics) >= ROOM:
                behind.append(medic)
                continue
            topics.add(topic)
            kind = self.event
            if new is not None and (old is None or old["state"] != new["state"]):
                kind = f"medic.{'offered' if new['state'] == 'open' else new['state']}"
            changes.append(Change(topic, after.id, kind, new))
        return tuple(behind), changes

    def _follow(self, id_: str, before: Request | None, after: Request | None) -> list[Timer]:
        if after is not None and after.behind:
            return [Timer("request", id_, "follow", self.now, "medic.offers_follow", {"request": id_})]
        if before is not None and before.behind:
            return [Timer("request", id_, "follow", None)]
        return []


def deadlines(request: Request | None) -> Deadlines:
    """What has to happen to a request, by timer name: when, and the command."""
    if request is None or request.retired:
        return {}
    if request.ended:
        soon = request.drill or request.source == "sim"
        over = {"retire": (request.ended_at + (RETIRE_SIM_MS if soon else request.rules.retire_ms), "medic.retire")}
        if counts_in_figures(request) and not request.counted:
            over["count"] = (request.ended_at, "medic.count")
        return over
    due: dict[str, tuple[int, str]] = {}
    ladder = _ladder(request)
    if ladder is not None:
        due["ladder"] = (ladder, "medic.wave")
    unheard = unheard_due(request.offers, UNHEARD_MS)
    if request.rings and unheard is not None and request.wave < EVERYBODY and not request.drill:
        due["unheard"] = (unheard, "medic.unheard")
    if request.state == "accepted" and not (request.under_way or request.seeking or request.drill):
        accepted = request.times["accepted"] + UNDER_WAY_MS
        due["under_way"] = (request.asked_until or accepted, "medic.under_way")
    silent = silence_ends(request.alarms)
    if silent:
        due["alarm"] = (silent, "medic.alarm_again")
    robot = medic_drill.robot_due(request)
    if robot is not None:
        due["robot"] = (robot, "medic.robot")
    return due


def _ladder(request: Request) -> int | None:
    """When the next wave starts.

    It starts early when everybody who was asked said no, and never waits for
    somebody who has already answered.
    """
    if not request.rings or not request.ladder_at or request.drill:
        return None
    waves = request.rules.wave_ms
    if request.wave < len(waves):
        scheduled = request.ladder_at + waves[request.wave]
    else:
        scheduled = request.ladder_at + waves[-1] + request.rules.repeat_ms * (request.wave - len(waves) + 1)
    asked = [offer for offer in request.offers.values() if offer.wave == request.wave and offer.at >= request.ladder_at]
    if 0 < request.wave < EVERYBODY and asked and not open_ids(request.offers):
        return min(scheduled, max(offer.ended_at for offer in asked))
    return scheduled


def medic_deadlines(medic: Medic | None) -> Deadlines:
    if medic is None or medic.deaf is None or not medic.deaf.silent_until:
        return {}
    return {"deaf": (medic.deaf.silent_until, "medic.deaf_again")}


def request_index(request: Request | None) -> Mapping[tuple[str, str], SetEntry | GeoEntry]:
    """By what an open request is found: the phones it may still ring, calls nearby."""
    if request is None or request.ended or request.drill or request.urgency == "visit":
        return {}
    entries: dict[tuple[str, str], SetEntry | GeoEntry] = {
        (REQUESTS, request.id): SetEntry(REQUESTS, request.id),
    }
    place = request.place
    told = not (request.backup or request.outside_city)
    if told and place is not None and place.accuracy_m < SAME_ACCURACY_M and on_map(place.lat):
        entries[CALLS, request.id] = GeoEntry(CALLS, request.id, place.lat, place.lon)
    return entries


def medic_index(medic: Medic | None) -> Mapping[tuple[str, str], SetEntry | GeoEntry]:
    if medic is None or medic.state == "off":
        return {}
    return {(MEDICS, medic.id): SetEntry(MEDICS, medic.id)}


def _claims(before: Request | None, after: Request) -> list[Claim]:
    held = before is not None and not before.ended
    if not after.claim or held == (not after.ended):
        return []
    return [Claim(after.claim, after.id, free=after.ended)]


def _able(medic: Medic) -> bool:
    return medic.reachable or medic.wakeable


def _counted(before: Medic | None, after: Medic, now: int) -> list[Timer]:
    """Who came or went is counted, and open requests hear of it."""
    was, is_ = (before.state if before else "off"), after.state
    timers = []
    if (was == "off") != (is_ == "off"):
        timers.append(Timer("medic", after.id, "tally", now, "medic.tally", {"tally": MEDICS}))
    heard = _able(after) and not (before is not None and _able(before))
    if was != is_ or (is_ == "on" and heard):
        timers.append(Timer("medic", after.id, "rejoin", now, "medic.rejoin", {"medic": after.id}))
    return timers
