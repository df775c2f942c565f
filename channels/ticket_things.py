"""What tickets speak in: their table, the data of their commands, and the queue they stand in.

The tickets of one service at one visit of a van are one thing, the `Queue`, so that the last number is given once. What
its people see of it may be hundreds of screens, more than one commit may touch: each ticket keeps the `Face` that its
holder was last shown, and those that differ from the truth are shown anew a few at a time.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from channels.van_table import CREW, HUB, TIMER
from channels.van_things import Day, Word
from hub.contract import Rule, Table

MOST_TICKETS: Final = 300
"""Tickets of a queue without a quota, and at most: a queue is read and written whole, and a commit has 64 KB."""
SHOWN_AT_ONCE: Final = 24
"""People shown their place in one commit: it touches 32 topics, and three are the queue's."""
SOON: Final = 2
"""People ahead at whose number it is time to set out."""
SOON_THERE: Final = 5
"""The same once the van is there."""
NEAR_MS: Final = 30 * 60_000
"""How long before the van may come those in front are told to set out."""
BACK_MS: Final = 10 * 60_000
"""How much later than that the van must be for those who have been told to set out to wait again."""
GRACE_MS: Final = 3 * 60_000
"""How long a person who did not come when called may still come back; then the place is given away."""

RESIDENT: Final = frozenset({"resident"})

_CREW = "the crew of the van that is there"
_HOLDER = "its holder"
_IN_LINE = {
    "ticket.call": Rule(CREW, "called", f"{_CREW}; one at a time"),
    "ticket.cancel": Rule(RESIDENT, "cancelled", _HOLDER),
    "ticket.end": Rule(TIMER, "expired"),
}

TICKET: Table = {
    "new": {"ticket.take": Rule(RESIDENT, "waiting", "while the quota lasts")},
    "waiting": {**_IN_LINE, "ticket.hear": Rule(TIMER | HUB, "go", "it is soon their turn")},
    "go": {**_IN_LINE, "ticket.hear": Rule(TIMER | HUB, "waiting", "the van is later than it was")},
    "called": {
        "ticket.serve": Rule(CREW, "served", _CREW),
        "ticket.no_show": Rule(CREW, "no_show", _CREW),
        "ticket.cancel": Rule(RESIDENT, "cancelled", _HOLDER),
        "ticket.end": Rule(TIMER, "expired"),
    },
    "no_show": {"ticket.call": Rule(CREW, "called", f"{_CREW}, within the grace")},
    "served": {},
    "cancelled": {},
    "expired": {},
}
"""What becomes of the van itself (a stop that is skipped, left, or visited after all) changes all tickets of a queue at
once and is no row: they are `cancelled` or `expired` while the queue is closed."""

TicketState = Literal["waiting", "called", "served", "no_show", "cancelled"]
TicketId = Annotated[str, Meta(min_length=1, max_length=200)]


# -- data of commands ---------------------------------------------------------


class Take(Struct, frozen=True):
    """`day` None: the next visit. `name`: as the crew may call it; nobody else sees it."""

    stop: Word
    service: Word
    day: Day | None = None
    name: Annotated[str, Meta(max_length=60)] = ""


class Call(Struct, frozen=True):
    """`service` None: the one whose next person took a ticket first. `ticket`: this one, out of turn."""

    stop: Word | None = None
    service: Word | None = None
    ticket: TicketId | None = None


class OneTicket(Struct, frozen=True):
    ticket: TicketId


class OneQueue(Struct, frozen=True):
    queue: TicketId


class OneTrip(Struct, frozen=True):
    trip: Annotated[str, Meta(min_length=1, max_length=80)]


# -- things -------------------------------------------------------------------


class Face(Struct, frozen=True, array_like=True):
    """What a holder is shown of a queue that moves."""

    state: str
    ahead: int
    serving: int
    scheduled_at: int
    next_at: int = 0
    at: int = 0


class Ticket(Struct, frozen=True, array_like=True):
    """One number. `grace_until`: when the place of a no-show is given away. `shown`: what the holder sees."""

    number: int
    person: str
    at: int
    state: TicketState = "waiting"
    name: str = ""
    grace_until: int = 0
    shown: Face | None = None


class Queue(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The tickets of one service at one visit.

    Args:
        place: what the van does at the stop, as last heard. eta: when it may come at the earliest.
        live: it is the van's trip of today. quota None: no limit.
        serving, last: the number called last, and given last.
        next_at: the next visit with this service whose quota is not used up, 0 when nobody knows.
        ends_at: the midnight at which all tickets end.
    """

    v: int = 1
    id: str
    stop: str
    stop_name: str
    service: str
    trip: str
    van: str
    day: str
    at: int
    scheduled_at: int
    ends_at: int
    quota: int | None = None
    place: str = "expected"
    eta: int = 0
    live: bool = False
    serving: int = 0
    last: int = 0
    next_at: int = 0
    tickets: tuple[Ticket, ...] = ()


def queue_id(stop: str, service: str, trip: str) -> str:
    return f"{stop}.{service}.{trip}"
