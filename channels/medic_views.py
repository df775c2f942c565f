"""What each screen sees of a request and of a duty; nothing is filtered later.

Before accepting a medic knows kelurahan, distance band, need and age. The holder
knows the exact place, phone, answers and note, until the patient is left. The
caller knows levels of receipt, a first name, a vehicle, a position with its age.
The desk sees both. Everything is a function of the state, so a decision's
changes are the difference of two calls.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from channels import geo, medic_drill
from channels.alarms import alarm_view
from channels.medic_state import ROBOT, Entry, Medic, Place, Request
from channels.offers import Offer, receipt_counts
from channels.views import Place as Where
from hub.contract import View

VIEW_BYTES: Final = 3_900
OFFERS_SHOWN: Final = 12
LINE_SHOWN: Final = 30
TITLES: Final = frozenset({"dr", "drg", "ns", "bd", "apt", "bapak", "ibu", "pak", "bu", "mas", "mbak"})

_RANK: Final = {"won": 0, "open": 1, "declined": 2, "stood_down": 3, "withdrawn": 4}


def caller_topic(request: Request) -> str | None:
    """The topic of the person who called; none for a phone call and for a holder's backup."""
    return None if request.by_phone or request.backup else f"help/{request.caller}"


def views(request: Request | None, now: int) -> dict[Where, View]:
    """All views of a request except the medics' offers (see `offer_view`)."""
    if request is None or request.retired:
        return {}
    table: dict[Where, View] = {}
    topic = caller_topic(request)
    if topic is not None:
        table[topic, request.id] = _caller_view(request, now)
    if request.drill:
        table["dispatch", request.id] = medic_drill.desk_view(request, now)
    else:
        table["dispatch", request.id] = _fitted(desk_view(request, now), request)
        for reason, alarm in request.alarms.items():
            id_ = f"{request.id}.{reason}"
            table["dispatch", id_] = alarm_view(id_, reason, alarm, now, request=request.id)
    return table


def offer_view(request: Request | None, medic: str, now: int) -> View | None:
    """One medic's offer, or None when it is on no screen."""
    if request is None or request.retired or medic == ROBOT or medic not in request.offers:
        return None
    offer = request.offers[medic]
    view: View = {
        "type": "offer",
        "id": request.id,
        "request": request.id,
        "state": offer.state,
        "at": now,
        "offered_at": offer.at,
        "kelurahan": request.kelurahan,
        "distance_band": geo.distance_band(offer.distance_m),
        "need": need(request),
        "age_ms": max(0, now - request.called_at),
        "called_at": request.called_at,
        "grace_until": request.grace_until,
        "drill": request.drill,
        "source": request.source,
        "backup": request.backup,
        "my_receipts": offer.receipts,
        "wave": offer.wave,
    }
    if offer.winner:
        view["winner"] = {"person": offer.winner, "name": _name(request, offer.winner)}
    if offer.state == "won":
        view |= _won(request, offer)
    return view


def medic_views(medic: Medic | None, now: int) -> dict[Where, View]:
    """A duty as its medic sees it, on the roster, and as an alarm when the medic is deaf."""
    if medic is None:
        return {}
    duty: View = {
        "type": "duty",
        "id": medic.id,
        "state": medic.state,
        "at": now,
        "name": medic.name,
        "vehicle": medic.vehicle,
        "drills": medic.drills,
        "reachable": medic.reachable,
        "since": medic.since,
    }
    if medic.wakeable:
        duty["wakeable"] = True
    if medic.request:
        duty["request"] = medic.request
    table: dict[Where, View] = {(f"help/{medic.id}", medic.id): duty}
    if medic.state != "off":
        shown = {key: value for key, value in duty.items() if key not in ("drills", "since")}
        table["roster", medic.id] = {**shown, "type": "medic", **_fix(medic.place)}
        if medic.deaf is not None:
            id_ = f"{medic.id}.deaf"
            table["dispatch", id_] = alarm_view(id_, "deaf", medic.deaf, now) | {
                "medic": medic.id,
                "name": medic.name,
            }
    return table


def need(request: Request) -> str:
    return "visit" if request.urgency == "visit" else request.priority


def first_name(name: str) -> str:
    """The name that a caller reads: without academic titles, with the word of respect."""
    words = name.replace(",", " ").split()
    for place, word in enumerate(words):
        if word.rstrip(".").lower() not in TITLES and not word.endswith("."):
            respect = [one for one in words[:place] if one.lower() in ("bapak", "ibu", "pak", "bu", "mas", "mbak")]
            return " ".join([*respect[-1:], word])
    return name


def _caller_view(request: Request, now: int) -> View:
    view = _common(request, now)
    if request.place is not None:
        view["location"] = _location(request.place)
    if request.held or request.state == "cleared":
        view["medic"] = _medic(request, now)
    if request.asked_until or request.seeking:
        view["waiting_for_holder"] = True
    if request.maybe_same and not request.ended:
        view["maybe_same"] = True
    return view


def desk_view(request: Request, now: int) -> View:
    """All that the desk sees but the offers and the time line."""
    view = _common(request, now) | {"caller": request.caller, "source": request.source, "wave": request.wave}
    if request.held or request.state == "cleared":
        view["medic"] = _medic(request, now) | {"person": request.holder, "name": request.holder_name()}
    if request.asked_until or request.seeking:
        view["waiting_for_holder"] = True
    if request.unanswered:
        view["unanswered_since"] = request.ladder_at if request.wave and request.ladder_at else request.called_at
    blur = request.state == "cleared"
    if request.place is not None:
        view["location"] = _blurred(request.place) if blur else _location(request.place)
    if blur:
        for key in ("phone", "note", "landmark", "answers"):
            view.pop(key, None)
    if request.maybe_same:
        view["maybe_same"] = list(request.maybe_same[:8])
    for key in ("operator", "reference", "merged_into", "reason"):
        if getattr(request, key):
            view[key] = getattr(request, key)
    return view


def _common(request: Request, now: int) -> View:
    """What caller and desk both see."""
    view: View = {
        "type": "request",
        "id": request.id,
        "state": request.state,
        "at": now,
        "called_at": request.called_at,
        "grace_until": request.grace_until,
        "drill": request.drill,
        "urgency": request.urgency,
        "for": request.for_,
        "priority": request.priority,
        "candidates": request.candidates,
        "receipts": receipt_counts(request.offers.values()),
        "times": request.times,
        "advice": "call_119" if request.advice else None,
        "patients": request.patients,
    }
    if request.answers != type(request.answers)():
        view["answers"] = msgspec.structs.asdict(request.answers)
    for key in ("kelurahan", "landmark", "phone", "note", "outcome", "shortfall"):
        if getattr(request, key):
            view[key] = getattr(request, key)
    for key in ("in_grace", "cancel_requested", "outside_city", "unverified", "backup"):
        if getattr(request, key):
            view[key] = True
    if request.linked:
        view["linked"] = list(request.linked[:8])
    return view


def _medic(request: Request, now: int) -> View:
    offer = request.offers.get(request.holder)
    if offer is None:
        return {"name": ""}
    name = offer.name if request.holder == ROBOT else first_name(offer.name)
    view: View = {"name": name, "vehicle": offer.vehicle}
    place = request.holder_place
    if place is not None and request.held:
        view |= _fix(place)
        if request.place is not None:
            metres = geo.distance_m(place.lat, place.lon, request.place.lat, request.place.lon)
            view["distance_m"] = round(metres)
            eta = geo.eta_s(metres, max(0, now - place.fix_at))
            if eta is not None:
                view["eta_s"] = eta
    return view


def _won(request: Request, offer: Offer) -> View:
    """What only the holder sees; blurred once the patient was left, gone once others decided."""
    view: View = {"request_state": request.state, "times": request.times, "patients": request.patients}
    if offer.reason == "assigned":
        view["assigned"] = True
    if request.cancel_requested:
        view["cancel_requested"] = True
    if request.linked:
        view["linked"] = list(request.linked[:8])
    if request.ended:
        if request.place is not None:
            view["location"] = _blurred(request.place)
        return view
    view |= {"for": request.for_, "answers": msgspec.structs.asdict(request.answers)}
    for key in ("landmark", "phone", "note"):
        if getattr(request, key):
            view[key] = getattr(request, key)
    if request.place is not None:
        view["location"] = _location(request.place)
    if request.asked_until:
        view["asked_until"] = request.asked_until
    return view


def _fitted(view: View, request: Request) -> View:
    """The desk's view with as many offers and lines as 4 KB hold; the rest is counted."""
    ranked = sorted(request.offers.items(), key=lambda item: (_RANK[item[1].state], item[1].wave, item[1].at, item[0]))
    offers, line = OFFERS_SHOWN, LINE_SHOWN
    while True:
        view["offers"] = [desk_offer(person, offer) for person, offer in ranked[:offers]]
        rest: dict[str, int] = {}
        for _, offer in ranked[offers:]:
            rest[offer.state] = rest.get(offer.state, 0) + 1
        view["offers_more"] = rest
        view["timeline"] = [line_view(entry) for entry in request.line[-line:]] if line else []
        if (offers == 0 and line == 0) or len(msgspec.msgpack.encode(view)) <= VIEW_BYTES:
            return view
        line, offers = (line // 2, offers) if line > 8 or not offers else (line, offers - 2)


def line_view(entry: Entry) -> View:
    view: View = {"at": entry.at, "what": entry.what, "who": entry.who}
    return view | {"why": entry.why} if entry.why else view


def desk_offer(person: str, offer: Offer) -> View:
    return {
        "person": person,
        "name": offer.name,
        "state": offer.state,
        "wave": offer.wave,
        "reason": offer.reason,
        "distance_m": offer.distance_m,
        "receipts": offer.receipts,
    }


def _name(request: Request, person: str) -> str:
    offer = request.offers.get(person)
    return offer.name if offer else ""


def _fix(place: Place | None) -> dict[str, Any]:
    return {} if place is None else {"location": {"lat": place.lat, "lon": place.lon}, "fix_at": place.fix_at}


def _location(place: Place) -> dict[str, Any]:
    return {"lat": place.lat, "lon": place.lon, "accuracy_m": place.accuracy_m, "fix_at": place.fix_at}


def _blurred(place: Place) -> dict[str, Any]:
    lat, lon = geo.blurred(place.lat, place.lon)
    return {"lat": lat, "lon": lon, "accuracy_m": 500.0, "fix_at": place.fix_at}
