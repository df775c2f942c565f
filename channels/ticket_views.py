"""What each screen sees of a queue, and when it needs waking. Only its holder and the crew see whose a ticket is."""

from __future__ import annotations

from typing import Final

from channels.draft import Deadlines, Entries, Kind
from channels.ticket_queue import active, full, stale, taken
from channels.ticket_things import NEAR_MS, Face, Queue, Ticket
from channels.van_bound import CLOSED
from channels.views import Views
from hub.contract import SetEntry, View

SHOWN_TICKETS: Final = 20
"""Tickets that the crew's page lists; those behind them are a figure."""


def queues_of(trip: str) -> str:
    """The index of a trip's queues."""
    return f"queues/{trip}"


def ticket_id(queue: Queue, ticket: Ticket) -> str:
    return f"{queue.id}.{ticket.number}"


def queue_views(queue: Queue, now: int) -> Views:
    public = public_view(queue)
    table: dict[tuple[str, str], View] = {
        (f"stop/{queue.stop}", queue.id): public,
        ("dispatch/van", queue.id): public,
    }
    if queue.live:
        table[f"queue/{queue.van}", queue.id] = crew_view(queue)
    for ticket in queue.tickets:
        if ticket.shown is not None:
            table[f"person/{ticket.person}", ticket_id(queue, ticket)] = ticket_view(queue, ticket, ticket.shown)
    return table


def public_view(queue: Queue) -> View:
    """A queue without its people."""
    state = "closed" if queue.place in CLOSED else "full" if full(queue, queue.at) else "open"
    view: View = {
        "type": "queue",
        "id": queue.id,
        "state": state,
        "at": queue.at,
        "stop": queue.stop,
        "service": queue.service,
        "day": queue.day,
        "quota": queue.quota,
        "taken": taken(queue, queue.at),
        "serving": queue.serving,
        "waiting": sum(ticket.state == "waiting" for ticket in queue.tickets),
    }
    return {**view, "next_at": queue.next_at} if state != "open" and queue.next_at else view


def crew_view(queue: Queue) -> View:
    """A queue as the crew calls it, and what came of it so far; a name where its holder gave one."""
    rows = [ticket for ticket in queue.tickets if active(ticket) or queue.at < ticket.grace_until]
    tickets = [
        {"ticket": ticket_id(queue, one), "number": one.number, "state": one.state}
        | ({"name": one.name} if one.name else {})
        | ({"grace_until": one.grace_until} if one.state == "no_show" else {})
        for one in rows[:SHOWN_TICKETS]
    ]
    more = max(0, len(rows) - SHOWN_TICKETS)
    done = {state: sum(ticket.state == state for ticket in queue.tickets) for state in ("served", "no_show")}
    figures = {"served": done["served"], "no_shows": done["no_show"]}
    return {**public_view(queue), "stop_name": queue.stop_name, "tickets": tickets, "more": more, **figures}


def ticket_view(queue: Queue, ticket: Ticket, face: Face) -> View:
    """A ticket as its holder sees it."""
    view: View = {
        "type": "ticket",
        "id": ticket_id(queue, ticket),
        "state": face.state,
        "at": face.at,
        "number": ticket.number,
        "ahead": face.ahead,
        "serving": face.serving,
        "stop": queue.stop,
        "stop_name": queue.stop_name,
        "service": queue.service,
        "day": queue.day,
        "scheduled_at": face.scheduled_at,
    }
    if ticket.state == "no_show":
        view["grace_until"] = ticket.grace_until
    return {**view, "next_at": face.next_at} if face.next_at else view


def _deadlines(queue: Queue) -> Deadlines:
    """At midnight it ends; before, when somebody is to be shown more: at once, as the van comes near, after a grace."""
    due = {"end": (max(queue.ends_at, queue.at), "ticket.end")}
    times = [ticket.grace_until for ticket in queue.tickets if ticket.state == "no_show"]
    times = [at for at in (*times, queue.eta - NEAR_MS) if at > queue.at]
    if stale(queue, queue.at):
        times.append(queue.at)
    return {**due, "hear": (min(times), "ticket.hear")} if times else due


def _index(queue: Queue) -> Entries:
    return {(queues_of(queue.trip), queue.id): SetEntry(queues_of(queue.trip), queue.id)}


QUEUE_KIND: Final = Kind("queue", queue_views, _deadlines, _index)
