"""The robot medic of a drill: it hears, accepts, comes and clears, by a timer.

A drill is the whole story for the caller's screen and nothing for anybody
else's figures: no wave, no alarm, no duty. The desk sees that it runs, as a thing of
its own type that nothing counts among the requests, and can do nothing with it.
"""

from __future__ import annotations

import msgspec

from channels.medic_state import ROBOT, ROBOT_NAME, Place, Request, moved_to
from channels.medic_table import State
from channels.offers import Offer, ended, receipt_counts, with_offer
from hub.contract import View

HEARS_MS = 1_000
LONGEST_MS = 15 * 60_000
"""A drill that a human holds and forgets is ended, so that the caller can practise again."""
ACCEPTS_MS = 1_000
"""How long after the grace it accepts."""
STEPS: dict[str, tuple[State, int]] = {
    "accepted": ("en_route", 3_000),
    "en_route": ("on_scene", 8_000),
    "on_scene": ("at_patient", 4_000),
    "at_patient": ("cleared", 6_000),
}
"""From a state of the request: the robot's next step, and how long it takes."""

AWAY = {"accepted": 0.004, "en_route": 0.002, "on_scene": 0.0, "at_patient": 0.0}
"""How far the robot is, in degrees north of the patient."""


def robot_offer(at: int) -> Offer:
    return Offer(name=ROBOT_NAME, vehicle="Robot", wave=1, at=at, reason="robot")


def desk_view(request: Request, now: int) -> View:
    """A drill as the desk sees it: how far it is, which phones of medics it rang, who holds it.

    Nothing of who practises: neither place nor phone nor words. It is nobody's emergency.
    """
    phones = [offer for person, offer in request.offers.items() if person != ROBOT]
    view: View = {
        "type": "drill",
        "id": request.id,
        "state": request.state,
        "at": now,
        "called_at": request.called_at,
        "times": request.times,
        "medics": len(phones),
        "receipts": receipt_counts(phones),
    }
    if request.kelurahan:
        view["kelurahan"] = request.kelurahan
    holder = request.offers.get(request.holder)
    if holder is not None:
        view["medic"] = {"person": request.holder, "name": holder.name, "vehicle": holder.vehicle}
    return view


def robot_due(request: Request) -> int | None:
    """When the robot acts next, or ends a drill that nobody ended; None when it is over."""
    offer = request.offers.get(ROBOT)
    if not request.drill or offer is None or request.ended:
        return None
    if request.unanswered:
        if offer.state != "open":
            return request.called_at + LONGEST_MS
        return offer.at + (request.rules.grace_ms + ACCEPTS_MS if "received" in offer.receipts else HEARS_MS)
    if request.holder != ROBOT:
        return request.called_at + LONGEST_MS
    if request.cancel_requested:
        return request.line[-1].at + HEARS_MS
    return request.times[request.state] + STEPS[request.state][1]


def robot_step(request: Request, now: int) -> Request:
    """The robot's next act."""
    offer = request.offers[ROBOT]
    if request.cancel_requested or now >= request.called_at + LONGEST_MS:
        offers = ended(request.offers, "withdrawn", now)
        return moved_to(request, "cancelled", now, ROBOT_NAME, offers=offers)
    if request.unanswered and "received" not in offer.receipts:
        heard = {**offer.receipts, "sent": now, "received": now, "shown": now, "audible": now}
        return msgspec.structs.replace(request, offers=with_offer(request.offers, ROBOT, receipts=heard))
    if request.unanswered:
        offers = ended(request.offers, "stood_down", now, winner=ROBOT)
        offers = with_offer(offers, ROBOT, state="won", ended_at=now, receipts={**offer.receipts, "seen": now})
        place = _place(request, "accepted", now)
        return moved_to(request, "accepted", now, ROBOT_NAME, offers=offers, holder=ROBOT, holder_place=place)
    to = STEPS[request.state][0]
    return moved_to(request, to, now, ROBOT_NAME, holder_place=_place(request, to, now))


def _place(request: Request, state: str, now: int) -> Place | None:
    if request.place is None:
        return None
    return Place(request.place.lat + AWAY.get(state, 0.0), request.place.lon, 10.0, now)
