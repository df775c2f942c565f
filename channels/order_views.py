"""What each screen sees of an order, when it needs waking, and by what it is found."""

from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import replace

from channels.alarms import alarm_id, alarm_view, silence_ends
from channels.draft import Deadlines, Kind
from channels.order_things import LEVELS, NO_SHOW_MS, ORDER, UNHEARD_MS, Buyer, Order
from channels.views import Views, fitted
from hub.contract import SetEntry, View
from hub.machine import is_terminal


def order_views(order: Order, now: int) -> Views:
    """The buyer sees their order, the shop also whom to give it to, the market desk nobody's name or goods."""
    view = order_view(order)
    table: dict[tuple[str, str], View] = {
        (f"person/{order.buyer}", order.id): fitted(view),
        (f"shop/{order.shop}", order.id): fitted({**view, **_shops_own(order)}),
        ("dispatch/market", order.id): market_view(view),
    }
    for reason, alarm in order.alarms.items():
        id_ = alarm_id(order.id, reason)
        table["dispatch/market", id_] = alarm_view(
            id_, reason, alarm, now, order=order.id, shop=order.shop, name=order.shop_name
        )
    return table


def order_view(order: Order) -> View:
    """An order as its buyer sees it."""
    levels = [level for seller in order.receipts.values() for level in seller]
    view: View = {
        "type": "order",
        "id": order.id,
        "state": order.state,
        "at": order.at,
        "shop": order.shop,
        "shop_name": order.shop_name,
        "kelurahan": order.kelurahan,
        "lines": to_builtins(order.lines),
        "total": total(order.lines),
        "fulfilment": order.fulfilment,
        "name": order.name,
        "phone": order.phone,
        "placed_at": order.placed_at,
        "ring_at": order.ring_at,
        "expires_at": order.expires_at,
        "ring": _ring(order),
        "receipts": {level: levels.count(level) for level in LEVELS},
        "times": order.times,
    }
    for key in ("address", "note", "accepted_by", "reason", "cancelled_by", "want", "later", "opens_at",
                "contacted_at", "unheard"):  # fmt: skip
        if value := getattr(order, key):
            view[key] = value
    if order.prep_min is not None:
        view["prep_min"] = order.prep_min
        view["ready_at"] = order.times["accepted"] + (order.prep_min + order.busy_min) * 60_000
    if order.alternatives:
        view["alternatives"] = [{**to_builtins(one), "total": total(one.lines)} for one in order.alternatives]
    return view


def total(lines: tuple[Any, ...]) -> int:
    return sum(line.quantity * line.price for line in lines)


def _ring(order: Order) -> str:
    if order.state != "placed" or not order.ring_at:
        return "off"
    return "loud" if order.loud else "ring"


def _shops_own(order: Order) -> View:
    view: View = {}
    if order.winner:
        view["accepted_person"] = order.winner
    if order.no_shows:
        view["no_shows"] = order.no_shows
    if order.asleep_at:
        view["asleep_at"] = order.asleep_at
    if order.contacted_at and order.contact is not None:
        view["contact"] = to_builtins(order.contact)
    return view


def market_view(view: View) -> View:
    """An order as the market desk sees it: nobody's name, phone, address, note or goods.

    Its type is its own, so that the desk's screens give no receipts of an order.
    """
    hidden = ("name", "phone", "address", "note", "lines", "alternatives")
    return {**{key: value for key, value in view.items() if key not in hidden}, "type": "market_order"}


def _deadlines(order: Order) -> Deadlines:
    if is_terminal(ORDER, order.state):
        return {"retire": (order.times[order.state] + order.retire_ms, "order.retire")}
    due: dict[str, tuple[int, str]] = {}
    if order.state == "placed":
        due["expire"] = (order.expires_at, "order.expire")
        if (step := next_step(order)) is not None:
            due["ladder"] = (step[0], "order.ladder")
    if silent := silence_ends(order.alarms):
        due["alarm"] = (silent, "order.alarm_again")
    return due


def next_step(order: Order) -> tuple[int, str] | None:
    """The ladder's next step below expiring: when, and `unheard`, `loud` or `contact`."""
    if not order.ring_at:
        return None
    accept_ms = order.accept_s * 1000
    steps = []
    if not (order.received or order.unheard):
        steps.append((order.ring_at + UNHEARD_MS, "unheard"))
    if not order.loud:
        steps.append((order.ring_at + accept_ms // 4, "loud"))
    if not order.contacted_at or (order.received and not order.alarms):
        steps.append((contact_at(order), "contact"))
    return min(steps, default=None)


def contact_at(order: Order) -> int:
    """When an order that somebody could answer has been ignored for too long."""
    return order.ring_at + order.accept_s * 1000 * 2 // 3


def later_at(shop: str) -> str:
    """Set index of the orders that wait for a shop to open."""
    return f"later/{shop}"


def ringing_at(shop: str) -> str:
    """Set index of the orders that ring at a shop and were given to nobody else yet."""
    return f"ringing/{shop}"


def _index(order: Order) -> dict[tuple[str, str], SetEntry]:
    if order.state != "placed" or order.contacted_at:
        return {}
    entry = SetEntry(ringing_at(order.shop) if order.ring_at else later_at(order.shop), order.id)
    return {(entry.index, entry.member): entry}


ORDER_KIND: Final = Kind("order", order_views, _deadlines, _index)
BUYER_KIND: Final = Kind("buyer", lambda buyer, now: {})


def kept(buyer: Buyer, now: int) -> Buyer | None:
    """The buyer without old marks; None when there is nothing left to keep."""
    buyer = replace(buyer, no_shows=marks(buyer, now))
    return buyer if buyer.open or buyer.wants or buyer.no_shows else None


def marks(buyer: Buyer | None, now: int) -> tuple[int, ...]:
    """When this buyer left something uncollected in the last 30 days."""
    return tuple(at for at in buyer.no_shows if now - at < NO_SHOW_MS) if buyer is not None else ()
