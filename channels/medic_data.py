"""What each medic command takes. A field that does not fit is refused with its path."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from channels.offers import Level

Id = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.:-]+\Z")]
Kelurahan = Annotated[str, Meta(min_length=1, max_length=60)]
Landmark = Annotated[str, Meta(max_length=200)]
Note = Annotated[str, Meta(max_length=1000)]
Phone = Annotated[str, Meta(max_length=24, pattern=r"^(\+?\(?[0-9][0-9 ()-]{1,22})?\Z")]
Short = Annotated[str, Meta(max_length=200)]
Holder = Annotated[str, Meta(max_length=80, pattern=r"^[A-Za-z0-9_.:-]*\Z")]
"""Who holds a request on the desk's screen, "" for nobody; with another holder now the desk's step is `taken`."""

For = Literal["me", "family", "other"]
Urgency = Literal["now", "visit"]
Source = Literal["app", "sim", "phone_119", "phone_112"]
CancelReason = Literal["solved", "mistake", "other_help", "other"]
Outcome = Literal["treated", "unfounded", "duplicate", "handed_over"]


class Location(Struct, frozen=True, omit_defaults=True):
    """A position by the device. `age_ms` is its age by the sender's clock and goes before `fix_at`."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, Meta(ge=0, le=100_000)] = 0.0
    fix_at: Annotated[int, Meta(ge=0, le=1 << 53)] | None = None
    age_ms: Annotated[int, Meta(ge=0, le=1 << 53)] | None = None

    def taken_at(self, now: int) -> int:
        """When the fix was made, by the store's clock and never in the future."""
        if self.age_ms is not None:
            return max(0, now - self.age_ms)
        return now if self.fix_at is None else min(now, self.fix_at)


class Answers(Struct, frozen=True, omit_defaults=True):
    """What the caller sees of the patient; `unknown` is no answer."""

    breathing: Literal["yes", "no", "unknown"] = "unknown"
    awake: Literal["yes", "no", "unknown"] = "unknown"
    bleeding: Literal["none", "some", "heavy", "unknown"] = "unknown"


class Call(Struct, frozen=True):
    location: Location | None = None
    kelurahan: Kelurahan | None = None
    landmark: Landmark = ""
    for_: For = field(name="for", default="me")
    phone: Phone = ""
    urgency: Urgency = "now"
    drill: bool = False
    confirmed: bool = False
    source: Source = "app"


class Cancel(Struct, frozen=True):
    """`holder` counts of a desk: the caller's own cancel asks nobody."""

    request: Id
    reason: CancelReason | None = None
    holder: Holder | None = None


class Describe(Struct, frozen=True):
    """`same`: the caller's answer to "mungkin sama?"."""

    request: Id
    answers: Answers | None = None
    note: Note | None = None
    location: Location | None = None
    kelurahan: Kelurahan | None = None
    landmark: Landmark | None = None
    phone: Phone | None = None
    for_: For | None = field(name="for", default=None)
    patients: Annotated[int, Meta(ge=1, le=99)] | None = None
    same: bool | None = None


class Duty(Struct, frozen=True):
    on: bool
    drills: bool | None = None


class Position(Struct, frozen=True):
    location: Location


class Receipt(Struct, frozen=True):
    request: Id
    level: Level


class OfRequest(Struct, frozen=True):
    """Of the medic who was offered it or holds it; and of every timer of a request."""

    request: Id
    reason: Short = ""


class Read(Struct, frozen=True):
    """`from`: how many offers the answers before have told already."""

    request: Id
    from_: Annotated[int, Meta(ge=0, le=10_000)] = field(name="from", default=0)


class Timed(Struct, frozen=True):
    """Of the timer that counts an ended request. No timer sends `figures`: all share one turn, one counts at a time."""

    request: Id
    figures: Literal["days"] = "days"


class Advance(Struct, frozen=True):
    request: Id
    to: Literal["en_route", "on_scene", "at_patient", "cleared"]


class Assign(Struct, frozen=True):
    request: Id
    medic: Id
    holder: Holder | None = None


class Escalate(Struct, frozen=True):
    request: Id
    reason: Short = ""
    holder: Holder | None = None


class Merge(Struct, frozen=True):
    request: Id
    into: Id
    holder: Holder | None = None


class HandOver(Struct, frozen=True):
    request: Id
    operator: Annotated[str, Meta(min_length=1, max_length=100)]
    reference: Annotated[str, Meta(max_length=100)] = ""
    holder: Holder | None = None


class Close(Struct, frozen=True):
    request: Id
    outcome: Outcome
    note: Note = ""
    holder: Holder | None = None


class Take(Struct, frozen=True):
    alarm: Id


class Reached(Struct, frozen=True):
    """A change of whether a person's screens answer, from the hub."""

    person: Id
    reachable: bool
    connected: bool


class Wakeable(Struct, frozen=True):
    """Whether some device of a person who does not hear can be woken (push), from the hub or its worker."""

    person: Id
    wakeable: bool


class OfMedic(Struct, frozen=True):
    """Of the timers of a medic's duty."""

    medic: Id


class Count(Struct, frozen=True):
    """Of the timer that counts the medics on duty; the same name for all, so that one hub counts once at a time."""

    tally: Literal["medics"] = "medics"
