"""What the crew and the holder do with a ticket: call, serve, nobody came, give it back."""

from __future__ import annotations

from msgspec.structs import replace

from channels.draft import Draft
from channels.ticket_chance import chance_needs, earlier, with_news
from channels.ticket_queue import called, faces, next_up, of_number, shown, with_ticket
from channels.ticket_things import GRACE_MS, TICKET, Call, OneTicket, Queue, Ticket
from channels.ticket_views import QUEUE_KIND, queues_of, ticket_id
from channels.van_things import Trip, Van
from hub.contract import Actor, Decision, Guard, Members, Need, Refusal, Rule, State, Thing
from hub.machine import step

PAST = {"ticket.call": "called", "ticket.serve": "served", "ticket.no_show": "no_show", "ticket.cancel": "cancelled"}


def needs(state: State, data: Call | OneTicket, actor: Actor) -> list[Need]:
    if data.ticket is not None:
        return queue_needs(state, data.ticket.rpartition(".")[0])
    van = Thing("van", actor.van or "")
    found = state.found.get(van)
    if found is None or not found.today:
        return [van]
    of_trip = Members(queues_of(found.today))
    ids = [id_ for id_ in state.found.get(of_trip, ()) if _asked(id_, data, found.today)]
    return [van, Thing("trip", found.today), of_trip, *(need for id_ in ids for need in queue_needs(state, id_))]


def queue_needs(state: State, id_: str) -> list[Need]:
    """A queue, the trip it belongs to, the stop where it stands, and its next chance."""
    queue = state.found.get(Thing("queue", id_))
    if queue is None:
        return [Thing("queue", id_)]
    chance = chance_needs(state, state.found.get(Thing("stop", queue.stop)), queue.service, queue)
    return [Thing("queue", id_), Thing("trip", queue.trip), Thing("stop", queue.stop), *chance]


def _asked(id_: str, data: Call | OneTicket, trip: str) -> bool:
    """Whether a queue is one of those that a call without a ticket speaks of."""
    if not isinstance(data, Call):
        return False
    stop, _, rest = id_.partition(".")
    return data.stop in (None, stop) and data.service in (None, rest.removesuffix(f".{trip}"))


def decide(state: State, cmd: str, data: Call | OneTicket, actor: Actor, now: int) -> Decision | Refusal:
    found = _named(state, data.ticket) if data.ticket is not None else _next(state, data, actor, now)
    if isinstance(found, Refusal):
        return found
    queue, ticket = found
    queue = with_news(state, queue, now)
    rule = _allowed(queue, ticket, cmd, actor, now)
    if isinstance(rule, Refusal):
        return rule
    draft = Draft(now, f"ticket.{PAST[cmd]}")
    draft.guards.append(Guard("trip", queue.trip))
    after = shown(_done(queue, ticket, cmd, now), now)
    draft.put(QUEUE_KIND, queue.id, found[0], after)
    draft.timers += earlier(state, found[0], after, now)
    state_ = faces(after, now)[ticket.number].state
    return draft.decision({"ticket": ticket_id(queue, ticket), "number": ticket.number, "state": state_})


def _named(state: State, id_: str) -> tuple[Queue, Ticket] | Refusal:
    name, _, number = id_.rpartition(".")
    queue = state.thing(Queue, "queue", name)
    ticket = of_number(queue, int(number)) if queue is not None and number.isascii() and number.isdigit() else None
    if queue is None or ticket is None:
        return Refusal("not_found", f"no ticket {id_}")
    return queue, ticket


def _next(state: State, data: Call | OneTicket, actor: Actor, now: int) -> tuple[Queue, Ticket] | Refusal:
    """The next number of the stop where the crew's van is; of several services, whoever came first."""
    van = state.thing(Van, "van", actor.van or "")
    if van is None or not van.today or not isinstance(data, Call):
        return Refusal("not_allowed", "ticket.call is for the crew of the van that is there")
    trip = state.thing(Trip, "trip", van.today)
    here = trip.stop if trip is not None else None
    if here is None or data.stop not in (None, here):
        return Refusal("illegal_step", "the van is not at this stop", data={"state": "not_there"})
    ids = [id_ for id_ in state.members(Members(queues_of(van.today))) if _asked(id_, data, van.today)]
    found = [state.thing(Queue, "queue", id_) for id_ in ids]
    here_now = [queue for queue in found if queue is not None and queue.stop == here]
    free = [queue for queue in here_now if called(queue) is None] or here_now
    waiting = [(ticket.at, queue.id, queue, ticket) for queue in free if (ticket := next_up(queue)) is not None]
    if not waiting:
        return Refusal("not_found", "nobody is waiting")
    _, _, queue, ticket = min(waiting, key=lambda one: one[:2])
    return queue, ticket


def _allowed(queue: Queue, ticket: Ticket, cmd: str, actor: Actor, now: int) -> Rule | Refusal:
    """The table's word, and what it says in `only`."""
    mine = actor.person == ticket.person if actor.role == "resident" else actor.van == queue.van
    state = faces(queue, now)[ticket.number].state
    rule = step(TICKET, state, cmd, actor.role)
    if isinstance(rule, Refusal):
        return (
            rule
            if mine or rule.code == "not_allowed"
            else Refusal("not_allowed", f"{cmd} is not for this {actor.role}")
        )
    if not mine:
        return Refusal("not_allowed", f"{cmd} is for {rule.only}")
    if cmd != "ticket.cancel" and queue.place != "arrived":
        return Refusal("illegal_step", "the van is not at this stop", data={"state": queue.place})
    if cmd != "ticket.call":
        return rule
    if state == "no_show" and now >= ticket.grace_until:
        return Refusal("too_late", "this place was given away", data={"state": state})
    other = called(queue)
    if other is not None:
        data = {"state": "called", "ticket": ticket_id(queue, other), "number": other.number}
        return Refusal("illegal_step", f"number {other.number} is called already", data=data)
    return rule


def _done(queue: Queue, ticket: Ticket, cmd: str, now: int) -> Queue:
    if cmd == "ticket.call":
        return with_ticket(replace(queue, serving=ticket.number), replace(ticket, state="called", grace_until=0))
    if cmd == "ticket.serve":
        return with_ticket(queue, replace(ticket, state="served"))
    if cmd == "ticket.no_show":
        return with_ticket(queue, replace(ticket, state="no_show", grace_until=now + GRACE_MS))
    return with_ticket(queue, replace(ticket, state="cancelled"))
