"""What each screen sees of a want, and when it needs waking.

In the sellers' topics a want changes once a wave and when it is full or over,
not with every answer: a topic is joined by hundreds of shops.
"""

from __future__ import annotations

from typing import Any, Final

from channels.draft import Deadlines, Kind
from channels.views import Views, fitted
from channels.want_things import FEW, FEW_MS, FRONT, WAVE_MS, Want
from hub.contract import View


def want_views(want: Want, now: int) -> Views:
    """The buyer sees answers, the asked sellers the want, each shop its own answer, the market desk figures."""
    table: dict[tuple[str, str], View] = {
        (f"person/{want.buyer}", want.id): want_view(want),
        ("dispatch/market", want.id): market_view(want),
    }
    if want.state == "open":
        for kelurahan in want.asked:
            table[f"wants/{kelurahan}/{want.category}", want.id] = asked_view(want, kelurahan)
    for shop in want.answers:
        table[f"shop/{shop}", f"want.{want.id}"] = answer_view(want, shop)
    return table


def want_view(want: Want) -> View:
    view = {
        **_head(want),
        "asked": want.reached,
        "answers": [
            {"id": shop, "shop": shop, "name": said.name, "kelurahan": said.kelurahan, "kind": said.kind, "at": said.at,
             "distance_m": said.distance_m} | ({} if said.price is None else {"price": said.price})
            for shop, said in want.answers.items()
        ],
    }  # fmt: skip
    for key in ("picked", "order", "origin"):
        if value := getattr(want, key):
            view[key] = value
    return fitted(view)


def asked_view(want: Want, kelurahan: str) -> View:
    """A want as the sellers of a kelurahan see it: nobody's name or phone, and who of their wave may answer first."""
    asked = want.asked[kelurahan]
    front = [shop for shop, offer in want.offers.items() if offer.wave == asked.wave][:FRONT]
    return {**_head(want), "front": front, "rest_at": asked.rest_at, "full": want.full}


def answer_view(want: Want, shop: str) -> View:
    said = want.answers[shop]
    over = "thanked" if want.state != "open" else "open"
    view: View = {
        "type": "answer",
        "id": f"want.{want.id}",
        "want": want.id,
        "state": "won" if want.picked == shop else over,
        "at": want.at,
        "words": want.words,
        "quantity": want.quantity,
        "kind": said.kind,
    }
    if said.price is not None:
        view["price"] = said.price
    if want.state != "open":
        view["ended"] = want.state
    if want.picked == shop:
        view["order"] = want.order
    return view


def market_view(want: Want) -> View:
    figures = {"type": "market_want", "asked": want.reached, "answers": len(want.answers)}
    return {**{key: value for key, value in _head(want).items() if key not in ("words", "budget")}, **figures}


def _head(want: Want) -> View:
    view: dict[str, Any] = {
        "type": "want",
        "id": want.id,
        "state": want.state,
        "at": want.at,
        "category": want.category,
        "words": want.words,
        "quantity": want.quantity,
        "kelurahan": want.kelurahan,
        "posted_at": want.posted_at,
        "until": want.until,
        "wave": want.wave,
    }
    if want.budget is not None:
        view["budget"] = want.budget
    return view


def _deadlines(want: Want) -> Deadlines:
    if want.state != "open":
        return {"retire": (want.ended_at + want.retire_ms, "want.retire")}
    due: dict[str, tuple[int, str]] = {"expire": (want.until, "want.expire")}
    if want.wave < len(WAVE_MS) and not want.full:
        started = want.posted_at + WAVE_MS[want.wave]
        if want.reached < FEW:
            started = min(started, want.at + (FEW_MS if want.reached else 0))
        due["wave"] = (started, "want.wave")
    return due


WANT_KIND: Final = Kind("want", want_views, _deadlines)
