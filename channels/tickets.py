"""Tickets: a number in the queue for one service at one visit of a van.

A queue is one thing, so two hubs never give the same number, nor one over the quota. The crew of the van that is there
calls, serves, or says that nobody came; their place is given away after a grace. Everybody in the queue is shown their
place, a few people in a commit. A stop that is skipped, left or cancelled closes its queues, one that the van visits
after all opens them again; at midnight in the city they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels import ticket_call
from channels.draft import Draft, too_early
from channels.geo import City
from channels.ticket_chance import chance_needs, earlier, hear, with_news
from channels.ticket_queue import active, counts, faces, full, of_person, shown, with_ticket
from channels.ticket_things import (
    RESIDENT,
    SHOWN_AT_ONCE,
    TICKET,
    Call,
    OneQueue,
    OneTicket,
    OneTrip,
    Queue,
    Take,
    Ticket,
    queue_id,
)
from channels.ticket_views import QUEUE_KIND, public_view, queues_of, ticket_id
from channels.van_bound import next_visit, state_at
from channels.van_days import day_start, later
from channels.van_table import CREW, HUB, TIMER
from channels.van_things import Stop, Trip, Visit
from channels.views import same
from channels.visit_personal import TICKETS, TICKETS_PLAIN, redrawn
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Guard,
    Lane,
    Members,
    Need,
    Personal,
    Receipt,
    Refusal,
    State,
    Table,
    Thing,
    TopicRule,
)


class Tickets(Channel):
    """The tickets service."""

    name: ClassVar[str] = "ticket"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "ticket.take": CommandSpec(Take, RESIDENT, serial="stop"),
        "ticket.cancel": CommandSpec(OneTicket, RESIDENT),
        "ticket.call": CommandSpec(Call, CREW, serial="stop", ahead=True),
        "ticket.serve": CommandSpec(OneTicket, CREW),
        "ticket.no_show": CommandSpec(OneTicket, CREW),
        "ticket.trip": CommandSpec(OneTrip, TIMER | HUB, serial="trip"),
        "ticket.hear": CommandSpec(OneQueue, TIMER | HUB, serial="queue"),
        "ticket.end": CommandSpec(OneQueue, TIMER, serial="queue"),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"queue": Queue}
    tables: Mapping[str, Table] = {"ticket": TICKET}
    presence: Mapping[str, str] = {}
    personal: Mapping[type[Struct], Personal] = TICKETS
    plain: Mapping[str, str] = TICKETS_PLAIN
    receipts: Mapping[str, Receipt] = {}
    topics: Sequence[TopicRule] = (
        TopicRule("person/<id>", "normal", lambda actor, segments: actor.person == segments["id"]),
        TopicRule(
            "queue/<van>", "normal", lambda actor, segments: actor.role == "crew" and actor.van == segments["van"]
        ),
    )

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Take):
            return _needs_of_take(state, data)
        if isinstance(data, OneTrip):
            return [Members(queues_of(data.trip))]
        if isinstance(data, OneQueue):
            return ticket_call.queue_needs(state, data.queue)
        return ticket_call.needs(state, data, actor)

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Take):
            return _take(state, data, actor, now)
        if isinstance(data, OneTrip):
            return _told(state, data.trip, now)
        if isinstance(data, OneQueue):
            return _woken(state, data.queue, command.cmd.removeprefix("ticket."), actor, now)
        return ticket_call.decide(state, command.cmd, data, actor, now)


# -- taking ----------------------------------------------------------------------


def _visit(stop: Stop, day: str | None) -> Visit | None:
    """The visit that a ticket is for: the first that is not over."""
    coming = (visit for visit in stop.visits if visit.state in ("expected", "arrived"))
    return next((visit for visit in coming if day is None or visit.day == day), None)


def _needs_of_take(state: State, data: Take) -> list[Need]:
    needs: list[Need] = [Thing("stop", data.stop)]
    stop = state.found.get(needs[0])
    visit = _visit(stop, data.day) if stop is not None else None
    if visit is None:
        return needs
    queue = Thing("queue", queue_id(data.stop, data.service, visit.trip))
    return [*needs, Thing("trip", visit.trip), queue, *chance_needs(state, stop, data.service, visit)]


def _take(state: State, data: Take, actor: Actor, now: int) -> Decision | Refusal:
    """A number, or the one that this person has already."""
    stop = state.thing(Stop, "stop", data.stop)
    if stop is None:
        return Refusal("not_found", f"no stop {data.stop}")
    visit = _visit(stop, data.day)
    if visit is None:
        next_at = next_visit(stop, now)
        return Refusal(
            "not_found", f"no van is expected at {data.stop}", data={"next_at": next_at} if next_at else None
        )
    trip = state.thing(Trip, "trip", visit.trip)
    if trip is None or state_at(trip, stop.id) not in ("expected", "arrived"):
        return Refusal("not_found", f"no van is expected at {data.stop}")
    offered = _quotas(stop, trip)
    if data.service not in offered:
        return Refusal("bad_data", f"data.service: expected one of {', '.join(offered) or 'none'}, got {data.service}")
    before = state.thing(Queue, "queue", queue_id(stop.id, data.service, trip.id))
    fresh = before or _opened(stop, data.service, trip, now)
    queue = with_news(state, replace(fresh, quota=offered[data.service], at=now), now)
    mine = of_person(queue, actor.person)
    if mine is not None and counts(mine, now):
        return Decision({**_answer(queue, mine, now), "existing": True})
    if full(queue, now):
        chance = {"next_at": queue.next_at, "left": 0} if queue.next_at else {"left": 0}
        return Refusal("out_of_stock", f"the quota of {data.service} is used up for {queue.day}", data=chance)
    ticket = Ticket(queue.last + 1, actor.person, now, name=data.name.strip())
    after = shown(with_ticket(replace(queue, last=ticket.number), ticket), now)
    draft = Draft(now, "ticket.taken")
    draft.put(QUEUE_KIND, queue.id, before, after)
    draft.timers += earlier(state, before, after, now)
    draft.guards += [Guard("trip", trip.id), Guard("stop", stop.id)]
    return draft.decision(_answer(after, ticket, now))


def _quotas(stop: Stop, trip: Trip) -> dict[str, int | None]:
    """Service -> its quota. A stop without services of its own offers what the van does, without a quota."""
    return {one.service: one.quota for one in stop.services} or dict.fromkeys(trip.services)


def _opened(stop: Stop, service: str, trip: Trip, now: int) -> Queue:
    at = trip.of(stop.id)
    assert at is not None
    return Queue(
        id=queue_id(stop.id, service, trip.id),
        stop=stop.id,
        stop_name=stop.name,
        service=service,
        trip=trip.id,
        van=trip.van,
        day=trip.day,
        at=now,
        scheduled_at=at.scheduled_at,
        ends_at=day_start(later(trip.day), trip.zone_ms),
    )


def _answer(queue: Queue, ticket: Ticket, now: int) -> dict[str, object]:
    face = faces(queue, now)[ticket.number]
    return {"ticket": ticket_id(queue, ticket), "number": ticket.number, "ahead": face.ahead, "state": face.state}


# -- timers ----------------------------------------------------------------------


def _told(state: State, trip: str, now: int) -> Decision:
    """A trip has changed: each of its queues hears of it by itself."""
    ids = state.members(Members(queues_of(trip)))
    return Decision(timers=tuple(hear(id_, now) for id_ in ids))


def _woken(state: State, id_: str, timer: str, actor: Actor, now: int) -> Decision | Refusal:
    queue = state.thing(Queue, "queue", id_)
    if queue is None:
        return Decision()
    if timer == "end":
        return too_early(QUEUE_KIND, id_, queue, timer, now) or _end(queue, now)
    after = shown(with_news(state, replace(queue, at=now), now), now)
    nothing = replace(after, at=queue.at) == queue and same(public_view(queue), public_view(after))
    if nothing:  # a trip has news every minute
        due = QUEUE_KIND.deadlines(after).get("hear") if QUEUE_KIND.deadlines else None
        return Decision(timers=(hear(id_, due[0]),) if due else ())
    draft = Draft(now, "ticket.moved", fired="hear" if actor.role == "timer" else "")
    draft.put(QUEUE_KIND, id_, queue, after)
    draft.timers += earlier(state, queue, after, now)
    draft.guards.append(Guard("trip", queue.trip))
    return draft.decision()


def _end(queue: Queue, now: int) -> Decision:
    """Tickets leave their tables, a few people in a commit; the queue leaves with the last of them."""
    rest = queue.tickets[SHOWN_AT_ONCE:]
    draft = Draft(now, "ticket.expired" if any(map(active, queue.tickets)) else "ticket.ended", fired="end")
    draft.put(QUEUE_KIND, queue.id, queue, replace(queue, tickets=rest, at=now) if rest else None)
    return draft.decision()
