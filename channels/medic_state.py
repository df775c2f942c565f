"""What is kept of a request and of a medic's duty.

A request holds its offers and its alarms: who wins, who is told and what rings
is then decided by one write of one thing. Old records decode: every field that
came later has a default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from channels import alarms
from channels.alarms import Alarm
from channels.medic_data import Answers, For, Source, Urgency
from channels.medic_table import ENDED, HELD, UNANSWERED, State
from channels.offers import Candidate, Offer, Reason, offered
from channels.rules import MEDIC, MedicRules

GRACE_MS: Final = MEDIC.grace_ms
CALL_AGE_MS: Final = 120_000
ACT_AGE_MS: Final = 30_000
FIX_COUNTS_MS: Final = 30 * 60_000
UNHEARD_MS: Final = 5_000
DESK_FIRST_MS: Final = 15_000
UNFOUNDED_MS: Final = 30 * 86_400_000
UNFOUNDED_CALLS: Final = 2
UNDER_WAY_MS: Final = 90_000
ASKED_MS: Final = 30_000
NEARER_M: Final = 50
THERE_M: Final = 100
SAME_ACCURACY_M: Final = 50
SAME_DISTANCE_M: Final = 150
SAME_MS: Final = 10 * 60_000
RETIRE_MS: Final = MEDIC.retire_ms
RETIRE_SIM_MS: Final = 10 * 60_000
"""Requests of simulated callers and drills leave their tables sooner: they come every few seconds, for ever."""

WAVE_MS: Final = MEDIC.wave_ms
REPEAT_MS: Final = MEDIC.repeat_ms
"""These five as they are where a city's file says nothing else."""
EVERYBODY: Final = 3
"""The wave that asks everybody on duty."""
WAVE_SIZE: Final = MEDIC.wave_size
RED_SIZE: Final = MEDIC.red_size
MOST_OFFERS: Final = 150
"""One request asks at most this many (a commit is at most 64 KB)."""
LINE: Final = 60
PAST: Final = 20
"""Offers that are kept of those who were asked anew."""

ROBOT: Final = "robot"
ROBOT_NAME: Final = "Robot latihan"

MEDICS: Final = "medics"
"""Set index and geo index of the medics on duty."""
REQUESTS: Final = "requests"
"""Set index of the open requests that ring phones."""
CALLS: Final = "calls"
"""Geo index of open requests with a place under 50 m."""

AlarmReason = Literal["unanswered", "no_candidates", "not_under_way", "red", "deaf", "outside_city"]
Priority = Literal["red", "yellow", "green"]


class Place(Struct, frozen=True, omit_defaults=True):
    lat: float
    lon: float
    accuracy_m: float = 0.0
    fix_at: int = 0


class Entry(Struct, frozen=True):
    """One line of the time line. `who` is a name, or a role where there is none; `why` a reason by name, or words."""

    at: int
    what: str
    who: str = ""
    why: str = ""


class Request(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A call for a medic.

    Args:
        caller: a person; of a phone call a name of its own, which nobody signs in as.
        claim: the name that keeps this device's calls one request, empty for none.
        place: exact; `kelurahan` may be known without it.
        candidates: how many the first wave found; `shortfall`: why not more.
        wave: the last wave that started; waves count from `ladder_at`. Zero
            with a `ladder_at` waits (desk first), with none rings nobody.
        advice: the caller is told to phone 119.
        holder: who holds it, or last held it: the winner that others hear of.
        holder_place: the holder's position at the last decision that saw it.
        accept_m: how far the holder was when accepting.
        asked_until: "are you under way?" rings until then.
        under_way: the question was answered by a fix; it is not asked again.
        seeking: others are asked as well, while the holder keeps it.
        past: offers to those who were asked anew later, so that no receipt is forgotten.
        was_visit: it began as a visit; what it took to come is no response time.
        counted: it is in the figures of its day.
        behind: medics whose screens do not show the newest yet.
        retired: it leaves the tables; deleted when nobody is behind.
        rules: those of its city when it was made.
    """

    v: int = 1
    id: str
    caller: str
    called_at: int
    grace_until: int
    state: State = "called"
    source: Source | Literal["backup"] = "app"
    claim: str = ""
    drill: bool = False
    urgency: Urgency = "now"
    for_: For = msgspec.field(name="for", default="me")
    place: Place | None = None
    kelurahan: str = ""
    outside_city: bool = False
    landmark: str = ""
    phone: str = ""
    note: str = ""
    patients: int = 1
    answers: Answers = Answers()
    backup: bool = False
    unverified: bool = False
    candidates: int = 0
    shortfall: Reason | None = None
    wave: int = 0
    ladder_at: int = 0
    advice: bool = False
    offers: dict[str, Offer] = {}
    past: tuple[tuple[str, Offer], ...] = ()
    behind: tuple[str, ...] = ()
    holder: str = ""
    holder_place: Place | None = None
    accept_m: int | None = None
    asked_until: int = 0
    under_way: bool = False
    seeking: bool = False
    times: dict[str, int] = {}
    alarms: alarms.Alarms = {}
    line: tuple[Entry, ...] = ()
    cancel_requested: bool = False
    in_grace: bool = False
    reason: str = ""
    outcome: str = ""
    operator: str = ""
    reference: str = ""
    merged_into: str = ""
    linked: tuple[str, ...] = ()
    maybe_same: tuple[str, ...] = ()
    was_visit: bool = False
    counted: bool = False
    retired: bool = False
    rules: MedicRules = MEDIC

    @property
    def unanswered(self) -> bool:
        return self.state in UNANSWERED

    @property
    def held(self) -> bool:
        return self.state in HELD

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def rings(self) -> bool:
        """Whether phones may be asked: nobody holds it, or the holder is not under way."""
        return self.unanswered or self.seeking

    @property
    def by_phone(self) -> bool:
        return self.source in ("phone_119", "phone_112")

    @property
    def priority(self) -> Priority:
        """Unanswered questions are yellow: unknown is not harmless."""
        answers = self.answers
        if self.backup or answers.breathing == "no" or answers.awake == "no" or answers.bleeding == "heavy":
            return "red"
        known = (answers.breathing, answers.awake, answers.bleeding) == ("yes", "yes", "none")
        return "green" if known else "yellow"

    @property
    def ended_at(self) -> int:
        return self.times.get(self.state, 0) if self.ended else 0

    def holder_name(self) -> str:
        offer = self.offers.get(self.holder)
        return offer.name if offer else ""


class Medic(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A medic's duty.

    Args:
        request: the real request held (a drill occupies nobody).
        since: of the state.
        place: the last known position when the state was written.
        wakeable: some device can be woken by push while no page is heard.
        deaf: the desk's alarm while the medic on duty neither hears nor can be woken.
    """

    v: int = 1
    id: str
    name: str
    vehicle: str = ""
    state: Literal["off", "on", "busy"] = "off"
    drills: bool = False
    reachable: bool = False
    wakeable: bool = False
    since: int = 0
    request: str = ""
    place: Place | None = None
    deaf: Alarm | None = None


class Caller(Struct, frozen=True, omit_defaults=True):
    """What a device is known for: when its calls were closed as unfounded."""

    unfounded: tuple[int, ...] = ()


class Tally(Struct, frozen=True):
    """How many medics are on duty."""

    on_duty: int


def with_line(request: Request, at: int, what: str, who: str = "", why: str = "", **fields: Any) -> Request:
    """The request with other fields and one more entry of its time line."""
    line = (*request.line, Entry(at, what, who, why))[-LINE:]
    return msgspec.structs.replace(request, line=line, **fields)


def asked(request: Request, picked: Sequence[Candidate], wave: int, at: int) -> Request:
    """The request with offers to these; what those of them who were asked before had proven is kept."""
    again = [(one.id, request.offers[one.id]) for one in picked if one.id in request.offers]
    past = (*request.past, *again)[-PAST:]
    return msgspec.structs.replace(request, offers=offered(request.offers, picked, wave, at), past=past)


def rung(request: Request, reason: AlarmReason, at: int) -> Request:
    """The request with this alarm ringing; one that somebody took stays silent until its time.

    Its first ring is in the time line.
    """
    if request.drill:
        return request
    if reason not in request.alarms:
        request = with_line(request, at, "alarm", why=reason)
    return msgspec.structs.replace(request, alarms=alarms.rung(request.alarms, reason, at))


def moved_to(request: Request, state: State, at: int, who: str, **fields: Any) -> Request:
    """The request in another state, with its time and the alarms that are over gone.

    An accepted request rings no more for want of an answer; an ended one for nothing.
    """
    times = {**request.times, state: at}
    why = fields.get("operator") or fields.get("outcome") or fields.get("reason") or ""
    if state in ENDED or state in HELD:
        kept = {"red": request.alarms["red"]} if state in HELD and request.held and "red" in request.alarms else {}
        fields = {"alarms": kept, "asked_until": 0, "seeking": False, "advice": False, **fields}
    return with_line(request, at, state, who, why, state=state, times=times, **fields)
