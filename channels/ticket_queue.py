"""A queue's arithmetic: who is next, who is ahead of whom, what each holder ought to see. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from channels.ticket_things import (
    BACK_MS,
    MOST_TICKETS,
    NEAR_MS,
    SHOWN_AT_ONCE,
    SOON,
    SOON_THERE,
    Face,
    Queue,
    Ticket,
)
from channels.van_bound import CLOSED, kept, lower_bound, state_at
from channels.van_things import Stop, Trip


def active(ticket: Ticket) -> bool:
    return ticket.state in ("waiting", "called")


def counts(ticket: Ticket, now: int) -> bool:
    """Whether a ticket uses up quota: one given back, and a no-show after its grace, do not."""
    return ticket.state != "cancelled" and (ticket.state != "no_show" or now < ticket.grace_until)


def taken(queue: Queue, now: int) -> int:
    return sum(counts(ticket, now) for ticket in queue.tickets)


def full(queue: Queue, now: int) -> bool:
    most = MOST_TICKETS if queue.quota is None else min(queue.quota, MOST_TICKETS)
    return taken(queue, now) >= most or len(queue.tickets) >= 2 * MOST_TICKETS


def of_person(queue: Queue, person: str) -> Ticket | None:
    return next((ticket for ticket in queue.tickets if ticket.person == person), None)


def of_number(queue: Queue, number: int) -> Ticket | None:
    return next((ticket for ticket in queue.tickets if ticket.number == number), None)


def called(queue: Queue) -> Ticket | None:
    return next((ticket for ticket in queue.tickets if ticket.state == "called"), None)


def next_up(queue: Queue) -> Ticket | None:
    """The next number to call."""
    return next((ticket for ticket in queue.tickets if ticket.state == "waiting"), None)


def with_ticket(queue: Queue, ticket: Ticket) -> Queue:
    """The queue with this ticket in place of its holder's last one, by number."""
    others = [one for one in queue.tickets if one.person != ticket.person]
    return replace(queue, tickets=tuple(sorted([*others, ticket], key=lambda one: one.number)))


def heard(queue: Queue, trip: Trip | None, stop: Stop | None, next_at: int, now: int) -> Queue:
    """The queue, with what its van does now, the quota that the stop has now, and the next chance."""
    at = trip.of(queue.stop) if trip is not None else None
    scheduled_at = queue.scheduled_at if at is None else at.scheduled_at
    services = stop.services if stop is not None else ()
    return replace(
        queue,
        place=state_at(trip, queue.stop),
        eta=queue.eta if trip is None else kept(queue.eta, lower_bound(trip, queue.stop, now), now),
        live=trip is not None and trip.live,
        scheduled_at=scheduled_at,
        next_at=next_at,
        quota=next((one.quota for one in services if one.service == queue.service), queue.quota),
    )


def faces(queue: Queue, now: int) -> Mapping[int, Face]:
    """Number -> what its holder ought to see now."""
    found: dict[int, Face] = {}
    ahead = 0
    for ticket in queue.tickets:
        state = _state(queue, ticket, ahead, now)
        waits = active(ticket) and state not in ("cancelled", "expired")
        lost = state in ("cancelled", "expired", "no_show")
        found[ticket.number] = Face(
            state=state,
            ahead=ahead if waits else 0,
            serving=queue.serving if waits else 0,
            scheduled_at=queue.scheduled_at,
            next_at=queue.next_at if lost else 0,
        )
        ahead += active(ticket)
    return found


def _state(queue: Queue, ticket: Ticket, ahead: int, now: int) -> str:
    if not active(ticket):
        return ticket.state
    if queue.place in CLOSED:
        return "expired" if queue.place == "departed" else "cancelled"
    return "go" if ticket.state == "waiting" and _soon(queue, ticket, ahead, now) else ticket.state


def _soon(queue: Queue, ticket: Ticket, ahead: int, now: int) -> bool:
    """Whether to set out. Whoever has been told so is not called back for a van that is a little later."""
    if queue.place == "arrived":
        return ahead <= SOON_THERE
    near = NEAR_MS + (BACK_MS if _state_of(ticket) == "go" else 0)
    return queue.live and ahead <= SOON and now >= queue.eta - near


def shown(queue: Queue, now: int) -> Queue:
    """The queue after at most 24 holders were shown the truth: first whose state is another, then by number."""
    true = faces(queue, now)
    late = [ticket for ticket in queue.tickets if not _same(ticket.shown, true[ticket.number])]
    late.sort(key=lambda ticket: (_state_of(ticket) == true[ticket.number].state, ticket.number))
    fresh = {ticket.number for ticket in late[:SHOWN_AT_ONCE]}
    tickets = tuple(
        replace(ticket, shown=replace(true[ticket.number], at=now)) if ticket.number in fresh else ticket
        for ticket in queue.tickets
    )
    return replace(queue, tickets=tickets, at=now)


def stale(queue: Queue, now: int) -> bool:
    """Whether some holder has not been shown the truth yet."""
    true = faces(queue, now)
    return any(not _same(ticket.shown, true[ticket.number]) for ticket in queue.tickets)


def _state_of(ticket: Ticket) -> str:
    return ticket.shown.state if ticket.shown is not None else ""


def _same(one: Face | None, other: Face) -> bool:
    return one is not None and replace(one, at=0) == replace(other, at=0)
