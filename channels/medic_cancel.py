"""A call is cancelled: freely in the grace, with a reason after it, by asking once somebody comes."""

from __future__ import annotations

from collections.abc import Iterator

from channels.geo import City
from channels.medic_commit import Draft
from channels.medic_data import Cancel
from channels.medic_state import Request, moved_to, with_line
from channels.medic_steps import bad_data, changed_hands, freed, gather_request, of_caller, read, step
from channels.offers import ended, with_offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State


def gather_cancel(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield from gather_request(state, command.data.request)


def decide_cancel(
    city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int
) -> Decision | Refusal:
    """End a call, or ask its holder to: see the table's `cancel in grace`, `cancel`, `ask to cancel`, `call off`."""
    data: Cancel = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return request
    if not of_caller(request, actor):
        return Refusal("not_allowed", "this request is somebody else's")
    grace = now <= request.grace_until and actor.role == "resident"
    name = "call off" if actor.role == "dispatcher" else "cancel in grace" if grace else "cancel"
    if name == "cancel" and request.held:
        name = "ask to cancel"
    rule = step(request, name, actor)
    if isinstance(rule, Refusal):
        return rule
    refusal = changed_hands(request, data.holder) if actor.role == "dispatcher" else None
    if refusal is not None:
        return refusal
    draft = Draft(now, "medic.cancelled")
    if rule.to is None:
        draft.event = "medic.cancel_requested"
        draft.request(request, with_line(request, now, "cancel_requested", "", cancel_requested=True))
        return draft.decision({"request": request.id, "state": request.state, "cancel_requested": True})
    if name == "cancel" and data.reason is None:
        return bad_data("expected one of solved, mistake, other_help, other", "reason")
    draft.request(request, cancelled(request, now, data.reason or "", actor, grace))
    freed(draft, state, request, now)
    return draft.decision({"request": request.id, "state": "cancelled", **({"in_grace": True} if grace else {})})


def cancelled(request: Request, now: int, reason: str, actor: Actor, grace: bool = False) -> Request:
    """Every phone is silenced, the holder's too."""
    offers = ended(request.offers, "withdrawn", now)
    if request.held:
        offers = with_offer(offers, request.holder, state="withdrawn", ended_at=now)
    who = actor.name if actor.role != "resident" else ""
    return moved_to(request, "cancelled", now, who, offers=offers, reason=reason, in_grace=grace)
