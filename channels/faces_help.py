"""Views of calls for a medic, of medics on duty, and of what the city tells everybody."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, field

from channels.alerts import Content, Status
from channels.faces_parts import Face, Maybe, Part, Person, Place, Where
from channels.medic_data import Answers, For, Outcome, Source, Urgency
from channels.medic_table import State

Priority = Literal["red", "yellow", "green"]
Origin = Source | Literal["backup"]
OfferState = Literal["open", "won", "declined", "stood_down", "withdrawn"]
AlarmState = Literal["ringing", "taken"]


class Helper(Part, frozen=True, kw_only=True):
    """The medic who comes, as the caller knows them. `eta_s`: [low, high]."""

    name: str
    vehicle: Maybe[str] = UNSET
    location: Maybe[Where] = UNSET
    fix_at: Maybe[int] = UNSET
    distance_m: Maybe[int] = UNSET
    eta_s: Maybe[tuple[int, int]] = UNSET


class NamedHelper(Helper, frozen=True, kw_only=True):
    person: str


class _Request(Face, frozen=True, kw_only=True):
    """What caller and desk both see. `times`: state -> when it began. `receipts`: level -> how many phones."""

    state: State
    called_at: int
    grace_until: int
    drill: bool
    urgency: Urgency
    for_: For = field(name="for")
    priority: Priority
    candidates: int
    receipts: dict[str, int]
    times: dict[str, int]
    advice: Literal["call_119"] | None
    patients: int
    answers: Maybe[Answers] = UNSET
    kelurahan: Maybe[str] = UNSET
    landmark: Maybe[str] = UNSET
    phone: Maybe[str] = UNSET
    note: Maybe[str] = UNSET
    outcome: Maybe[Outcome] = UNSET
    shortfall: Maybe[str] = UNSET
    in_grace: Maybe[bool] = UNSET
    cancel_requested: Maybe[bool] = UNSET
    outside_city: Maybe[bool] = UNSET
    unverified: Maybe[bool] = UNSET
    backup: Maybe[bool] = UNSET
    linked: Maybe[list[str]] = UNSET
    location: Maybe[Place] = UNSET
    waiting_for_holder: Maybe[bool] = UNSET


class OwnRequest(_Request, frozen=True, kw_only=True, tag="request"):
    """A call for a medic, as the caller sees it."""

    medic: Maybe[Helper] = UNSET
    maybe_same: Maybe[bool] = UNSET


class DeskOffer(Part, frozen=True):
    """One medic who was asked: why this one, and which screens have it."""

    person: str
    name: str
    state: OfferState
    wave: int
    reason: str
    distance_m: int | None
    receipts: dict[str, int]


class Entry(Part, frozen=True):
    """A line of the time line. `who` is a name, or a role where there is none. `why`: of a wave, an alarm, an end."""

    at: int
    what: str
    who: str
    why: Maybe[str] = UNSET


class DeskRequest(_Request, frozen=True, kw_only=True, tag="request"):
    """A call as the medic desk sees it; `offers_more` counts by state the offers that are not listed."""

    caller: str
    source: Origin
    wave: int
    offers: list[DeskOffer]
    offers_more: dict[str, int]
    timeline: list[Entry]
    medic: Maybe[NamedHelper] = UNSET
    unanswered_since: Maybe[int] = UNSET
    maybe_same: Maybe[list[str]] = UNSET
    operator: Maybe[str] = UNSET
    reference: Maybe[str] = UNSET
    merged_into: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET


class Ringing(Face, frozen=True, kw_only=True, tag="offer"):
    """A call as a medic who is asked sees it; from `request_state` on only once it is won."""

    request: str
    state: OfferState
    offered_at: int
    kelurahan: str
    distance_band: Literal["lt500", "lt1000", "lt2000", "gt2000", "unknown"]
    need: Literal["red", "yellow", "green", "visit"]
    age_ms: int
    called_at: int
    grace_until: int
    drill: bool
    source: Origin
    backup: bool
    my_receipts: dict[str, int]
    wave: int
    winner: Maybe[Person] = UNSET
    request_state: Maybe[State] = UNSET
    times: Maybe[dict[str, int]] = UNSET
    patients: Maybe[int] = UNSET
    assigned: Maybe[bool] = UNSET
    cancel_requested: Maybe[bool] = UNSET
    linked: Maybe[list[str]] = UNSET
    location: Maybe[Place] = UNSET
    for_: Maybe[For] = field(name="for", default=UNSET)
    answers: Maybe[Answers] = UNSET
    landmark: Maybe[str] = UNSET
    phone: Maybe[str] = UNSET
    note: Maybe[str] = UNSET
    asked_until: Maybe[int] = UNSET


class Duty(Face, frozen=True, kw_only=True, tag="duty"):
    """A medic's own duty."""

    state: Literal["off", "on", "busy"]
    name: str
    vehicle: str
    drills: bool
    reachable: bool
    wakeable: Maybe[bool] = UNSET
    since: int
    request: Maybe[str] = UNSET


class RosterMedic(Face, frozen=True, kw_only=True, tag="medic"):
    """A medic on duty, as the medic desk sees them."""

    state: Literal["on", "busy"]
    name: str
    vehicle: str
    reachable: bool
    wakeable: Maybe[bool] = UNSET
    request: Maybe[str] = UNSET
    location: Maybe[Where] = UNSET
    fix_at: Maybe[int] = UNSET


class MedicAlarm(Face, frozen=True, kw_only=True, tag="alarm"):
    """What sounds at the medic desk; one that is over leaves the table."""

    state: AlarmState
    since: int
    began: int
    reason: Literal["unanswered", "no_candidates", "not_under_way", "red", "deaf", "outside_city", "unwakeable"]
    count: int
    request: Maybe[str] = UNSET
    medic: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    role: Maybe[str] = UNSET
    name: Maybe[str] = UNSET
    taken_by: Maybe[str] = UNSET
    silent_until: Maybe[int] = UNSET


class DrillMedic(Part, frozen=True):
    person: str
    name: str
    vehicle: str


class Drill(Face, frozen=True, kw_only=True, tag="drill"):
    """A practised call, as the medic desk sees it; in no figure. `medics`: how many phones of medics it rang."""

    state: State
    called_at: int
    times: dict[str, int]
    medics: int
    receipts: dict[str, int]
    kelurahan: Maybe[str] = UNSET
    medic: Maybe[DrillMedic] = UNSET


class Area(Part, frozen=True):
    id: str
    name: str


class Alert(Content, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="alert"):
    """What the city tells everybody, in the words of CAP 1.2. `drill`: an exercise or a test."""

    id: str
    at: int
    state: Literal["in_force"]
    status: Status
    msg_type: Literal["alert", "update"]
    sender: str
    identifier: str
    sent: int
    drill: bool
    published_at: int
    whole_city: bool
    areas: list[Area]
    replaces: Maybe[str] = UNSET


class OnDuty(Face, frozen=True, kw_only=True, tag="medics"):
    """How many medics are on duty; its id is `medics`."""

    state: Literal["available", "none"]
    on_duty: int


class Interval(Part, frozen=True):
    """How long it took from one step to another, on one day; `counts`: bucket, how many, and so on."""

    n: int
    p50_ms: int
    p90_ms: int
    counts: list[int]


class ResponseTimes(Face, frozen=True, kw_only=True, tag="figures"):
    """The response times of one day, by named interval; its id is the day."""

    state: Literal["counted"]
    requests: int
    intervals: dict[str, Interval]
