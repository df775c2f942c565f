"""Views of vans, their trips and stops, and of queues, tickets, reminders and stops asked for."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, field

from channels.faces_parts import Face, Maybe, Part, Where
from channels.van_things import Service, SkipReason, StopState

TicketState = Literal["waiting", "go", "called", "served", "no_show", "cancelled", "expired"]


class Eta(Part, frozen=True, kw_only=True):
    """When a van comes, ms; `fix_age_s` of the fix behind it when it was said."""

    low: int
    high: int
    from_: Literal["fix", "schedule"] = field(name="from")
    fix_age_s: Maybe[int] = UNSET


class Row(Part, frozen=True, kw_only=True):
    """A stop of a trip. `reason`: why it was skipped."""

    stop: str
    name: str
    kelurahan: str
    state: StopState
    scheduled_at: int
    arrived_at: Maybe[int] = UNSET
    departed_at: Maybe[int] = UNSET
    reason: Maybe[SkipReason] = UNSET
    eta: Maybe[Eta] = UNSET


class Van(Face, frozen=True, kw_only=True, tag="van"):
    """A van in the list of vans."""

    state: Literal["off", "driving", "at_stop"]
    name: str
    cancelled: Maybe[bool] = UNSET
    stop: Maybe[str] = UNSET
    stop_name: Maybe[str] = UNSET
    next: Maybe[str] = UNSET
    next_name: Maybe[str] = UNSET


class VanWithTrip(Van, frozen=True, kw_only=True, tag="van"):
    """A van with today's trip, as its followers see it."""

    trip: list[Row]
    services: list[str]
    day: str
    trip_state: Literal["planned", "driving", "at_stop", "over", "cancelled"]
    reason: Maybe[str] = UNSET


class DeskVan(VanWithTrip, frozen=True, kw_only=True, tag="van"):
    """The same at the van desk, with how good today's predictions were: minutes ahead -> [good, all]."""

    eta_score: Maybe[dict[str, tuple[int, int]]] = UNSET


class WholeTrip(Face, frozen=True, kw_only=True, tag="trip"):
    """A trip of a day to come."""

    state: Literal["planned", "driving", "at_stop", "cancelled"]
    van: str
    name: str
    day: str
    trip: list[Row]
    reason: Maybe[str] = UNSET


class PlannedStop(Part, frozen=True):
    """`minute`: from midnight in the city."""

    stop: str
    minute: int


class Plan(Face, frozen=True, kw_only=True, tag="plan"):
    """What a van does on a weekday (0 is Monday)."""

    state: Literal["planned"]
    van: str
    weekday: int
    stops: list[PlannedStop]


class _Stop(Face, frozen=True, kw_only=True):
    """A stop, and the visit that counts now."""

    state: Literal["unplanned", "expected", "arrived", "departed", "skipped", "cancelled"]
    name: str
    kelurahan: str
    location: Where
    van: Maybe[str] = UNSET
    van_name: Maybe[str] = UNSET
    day: Maybe[str] = UNSET
    scheduled_at: Maybe[int] = UNSET


class BriefStop(_Stop, frozen=True, kw_only=True, tag="stop"):
    """A stop in the list of all stops."""

    services: list[str]


class Visit(Part, frozen=True, kw_only=True):
    """What a trip does at a stop."""

    trip: str
    van: str
    van_name: str
    day: str
    scheduled_at: int
    state: StopState
    arrived_at: Maybe[int] = UNSET
    departed_at: Maybe[int] = UNSET
    reason: Maybe[SkipReason] = UNSET
    eta: Maybe[Eta] = UNSET


class WholeStop(_Stop, frozen=True, kw_only=True, tag="stop"):
    """A stop as those who wait there see it; `visits` are the next four."""

    services: list[Service]
    address: Maybe[str] = UNSET
    trip: Maybe[str] = UNSET
    arrived_at: Maybe[int] = UNSET
    departed_at: Maybe[int] = UNSET
    reason: Maybe[SkipReason] = UNSET
    eta: Maybe[Eta] = UNSET
    visits: Maybe[list[Visit]] = UNSET


class Queue(Face, frozen=True, kw_only=True, tag="queue"):
    """A queue without its people. `quota` null: no limit but 300. `serving`: the number called last."""

    state: Literal["open", "full", "closed"]
    stop: str
    service: str
    day: str
    quota: int | None
    taken: int
    serving: int
    waiting: int
    next_at: Maybe[int] = UNSET


class QueuedTicket(Part, frozen=True, kw_only=True):
    ticket: str
    number: int
    state: TicketState
    name: Maybe[str] = UNSET
    grace_until: Maybe[int] = UNSET


class CrewsQueue(Queue, frozen=True, kw_only=True, tag="queue"):
    """A queue as the crew calls it; `more` tickets are not listed."""

    stop_name: str
    tickets: list[QueuedTicket]
    more: int
    served: int
    no_shows: int


class Ticket(Face, frozen=True, kw_only=True, tag="ticket"):
    """A ticket as its holder sees it. `go`: set out now. `ahead`: people before this one."""

    state: TicketState
    number: int
    ahead: int
    serving: int
    stop: str
    stop_name: str
    service: str
    day: str
    scheduled_at: int
    grace_until: Maybe[int] = UNSET
    next_at: Maybe[int] = UNSET


class Reminder(Face, frozen=True, kw_only=True, tag="reminder"):
    """A reminder of a stop's next visit; its id is the stop's."""

    state: Literal["set", "ringing", "dismissed", "over"]
    stop: str
    stop_name: str
    minutes: int
    rings: int
    eta: Maybe[int] = UNSET
    why: Maybe[Literal["departed", "skipped", "cancelled"]] = UNSET
    next_at: Maybe[int] = UNSET


class ChangedStop(Part, frozen=True, kw_only=True):
    """A stop of a changed trip: it is new, at another time, at another place or with another name, or left out."""

    stop: str
    name: str
    kind: Literal["added", "moved", "placed", "cancelled"]
    scheduled_at: int


class TripNews(Face, frozen=True, kw_only=True, tag="news"):
    """What somebody else changed in the crew's trip of today; `more` stops are not listed.

    `what`: some stops were `changed`, the trip is new (`given`), takes place after all (`again`), or is `cancelled`.
    """

    state: Literal["ringing", "seen"]
    day: str
    rung_at: int
    what: Literal["changed", "given", "again", "cancelled"]
    stops: list[ChangedStop]
    more: Maybe[int] = UNSET
    reason: Maybe[str] = UNSET


class AskedStop(Face, frozen=True, kw_only=True, tag="asked"):
    """A kelurahan of which at least 50 asked for a stop this month, and for which services."""

    state: Literal["proposed"]
    kelurahan: str
    month: str
    names: int
    services: dict[str, int]
