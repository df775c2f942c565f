"""The whole of one request for the medic desk: every step, every offer, every receipt.

The board's table holds what fits into 4 KB of view; this is asked for one request at
a time and shown once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from channels.geo import City
from channels.medic_data import Read
from channels.medic_state import Request
from channels.medic_steps import read
from channels.medic_views import desk_offer, desk_view, line_view
from channels.offers import Offer
from hub.contract import Actor, Command, Decision, Facts, Need, Refusal, State, Thing

AT_ONCE: Final = 40
"""Offers in one answer: it stays far under what one frame may hold."""


def gather_read(city: City, state: State, command: Command, actor: Actor) -> Iterator[Need]:
    yield Thing("request", command.data.request)


def decide_read(city: City, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
    """A request as the desk sees it, with all offers (in order, from `from` on) and its whole time line.

    The answer is kept nowhere: names and places do not outlive their request. Whoever
    asks again with the same id hears an answer without it.
    """
    data: Read = command.data
    request = read(state, data.request)
    if isinstance(request, Refusal):
        return msgspec.structs.replace(request, record=False)
    if request.drill:
        return Refusal("not_found", "no such request", record=False)
    offers = asked(request)
    until = data.from_ + AT_ONCE
    view = desk_view(request, now) | {"offers": [offer_view(*one) for one in offers[data.from_ : until]]}
    told: dict[str, Any] = {"request": view, "timeline": [line_view(entry) for entry in request.line]}
    if until < len(offers):
        told["next"] = until
    return Decision(once=told)


def asked(request: Request) -> list[tuple[str, Offer]]:
    """Every offer in the order in which it was made; who was asked twice is there twice."""
    all_ = [*request.past, *request.offers.items()]
    return sorted(
        all_, key=lambda one: (one[1].at, one[1].wave, one[1].distance_m is None, one[1].distance_m or 0, one[0])
    )


def offer_view(person: str, offer: Offer) -> dict[str, Any]:
    """What the board says of an offer, and when it was made, when it ended and for whom."""
    view = desk_offer(person, offer) | {"vehicle": offer.vehicle, "offered_at": offer.at}
    if offer.ended_at:
        view["ended_at"] = offer.ended_at
    if offer.replaced:
        view["replaced"] = True
    if offer.winner:
        view["winner"] = offer.winner
    return view
