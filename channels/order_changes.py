"""Pieces of an order's decisions: what may be placed, what the ladder does, what an end gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from channels.alarms import rung
from channels.geo import distance_m
from channels.order_things import Alternative, Line, LineData, Order, Place
from channels.rules import Rules
from channels.shop_things import MOST_STOCK, Shop
from channels.words import words_of
from hub.contract import Actor, Refusal

MOST_ALTERNATIVES: Final = 3
LONG_LINES: Final = 5
"""An order with more lines gets one alternative: a view stays under 4 KB."""


def may(order: Order, actor: Actor) -> bool:
    """Whether the actor is the one that a rule's `only` speaks of.

    The hub gives receipts of every screen that was shown an order: the shop's
    and the buyer's own, which is none.
    """
    if actor.role == "timer":
        return True
    if actor.role == "hub":
        return actor.person != order.buyer
    if actor.role == "seller":
        return actor.shop == order.shop
    return actor.person == order.buyer


def placing_refusal(shop: Shop, data: Place) -> Refusal | None:
    """Why this shop cannot be given this order, or None. A closed shop takes it for later."""
    if data.fulfilment == "delivery" and not data.address.strip():
        return Refusal("bad_data", "data.address: expected where to deliver")
    products = {product.id: product for product in shop.products}
    prices = {}
    for place, line in enumerate(data.lines):
        product = products.get(line.product)
        if product is None:
            return Refusal("not_found", f"data.lines[{place}].product: {shop.name} has no {line.product}")
        if product.price != line.price:
            prices[product.id] = product.price
    if prices:
        product_id, price = next(iter(prices.items()))
        message = f"expected the price of now for {', '.join(prices)}"
        return Refusal("price_changed", message, data={"product": product_id, "price": price, "prices": prices})
    for product_id, count in wanted(data.lines).items():
        stock = products[product_id].stock
        if stock is not None and stock < count:
            message = f"expected at most {stock} of {product_id}, got {count}"
            return Refusal("out_of_stock", message, data={"product": product_id, "stock": stock})
    return None


def new_order(
    id_: str,
    shop: Shop,
    actor: Actor,
    now: int,
    rules: Rules,
    *,
    lines: tuple[Line, ...],
    fulfilment: str,
    name: str,
    phone: str,
    address: str = "",
    note: str = "",
    no_shows: int = 0,
    want: str = "",
    taken: Mapping[str, int] | None = None,
) -> Order:
    """A placed order. It rings at once where somebody listens, goes to the second contact at once
    where nobody does, and waits for the opening of a closed shop."""
    order = Order(
        id=id_,
        state="placed",
        at=now,
        shop=shop.id,
        shop_name=shop.name,
        kelurahan=shop.kelurahan,
        buyer=actor.person,
        lines=lines,
        fulfilment="delivery" if fulfilment == "delivery" else "pickup",
        name=name,
        phone=phone,
        placed_at=now,
        accept_s=rules.accept_s[shop.category],
        retire_ms=rules.order_ms,
        contact=shop.contact,
        address=address,
        note=note,
        no_shows=0 if actor.role == "service" else no_shows,  # one account, many people: nobody is marked for another
        want=want,
        taken=dict(taken or {}),
        times={"placed": now},
    )
    if shop.state != "open":
        asleep_at = now if shop.why == "deaf" else 0
        return replace(order, later=True, opens_at=shop.opens_at, asleep_at=asleep_at)
    return deafened(replace(order, ring_at=now), now) if shop.deaf else replace(order, ring_at=now)


def lines_of(shop: Shop, data: Place) -> tuple[Line, ...]:
    """The ordered lines with the names of now; the products are known to be there."""
    names = {product.id: product.name for product in shop.products}
    return tuple(Line(line.product, names[line.product], line.quantity, line.price) for line in data.lines)


def wanted(lines: Iterable[Line | LineData]) -> dict[str, int]:
    """How many of each product; a product may stand in several lines."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.product] = counts.get(line.product, 0) + line.quantity
    return counts


def counted(shop: Shop, data: Place) -> dict[str, int]:
    """What an order takes from the stock: of products that are counted."""
    stocks = {product.id: product.stock for product in shop.products}
    return {id_: count for id_, count in wanted(data.lines).items() if stocks[id_] is not None}


def with_stock(shop: Shop, counts: Mapping[str, int], now: int) -> Shop:
    """The shop with `counts` more of each counted product; the same object when none is counted."""
    products = tuple(
        replace(product, stock=min(MOST_STOCK, product.stock + counts[product.id]))
        if product.stock is not None and product.id in counts
        else product
        for product in shop.products
    )
    return shop if products == shop.products else replace(shop, products=products, at=now)


# -- the ladder -----------------------------------------------------------------


def climbed(order: Order, step: str, now: int) -> Order:
    """The order after a step of its ladder: `unheard`, `loud` or `contact`."""
    if step == "unheard":
        return deafened(order, now)
    if step == "loud":
        return replace(order, loud=True, at=now)
    alarms = rung(order.alarms, "ignored", now)
    return replace(order, contacted_at=order.contacted_at or now, alarms=alarms, at=now)


def deafened(order: Order, now: int) -> Order:
    """No device has it: the second contact at once, and an alarm other than that of one who ignores it."""
    alarms = rung(order.alarms, "unheard", now)
    return replace(order, unheard=True, contacted_at=order.contacted_at or now, alarms=alarms, at=now)


def restarted(order: Order, now: int) -> Order:
    """The seller could not answer while the store was away: the step starts again."""
    return replace(order, ring_at=now, at=now)


# -- alternatives ------------------------------------------------------------------


def alternatives(order: Order, shop: Shop | None, others: Iterable[Shop]) -> tuple[Alternative, ...]:
    """The nearest open shops of the category with goods that share a word with what was ordered."""
    found = []
    for other in others:
        if shop is None or other.id == order.shop or other.state != "open" or other.category != shop.category:
            continue
        lines = tuple(line for one in order.lines if (line := _like(one, other)) is not None)
        if lines:
            away = round(distance_m(shop.lat, shop.lon, other.lat, other.lon))
            found.append(Alternative(other.id, other.name, other.kelurahan, away, lines))
    return tuple(
        sorted(found, key=lambda one: (one.distance_m, one.shop))[
            : MOST_ALTERNATIVES if len(order.lines) <= LONG_LINES else 1
        ]
    )


def _like(line: Line, shop: Shop) -> Line | None:
    """The shop's product that shares most words with the line's name, and enough of it."""
    words = words_of(line.name)
    best, shared = None, 0
    for product in shop.products:
        if product.stock is not None and product.stock < line.quantity:
            continue
        common = len(words & words_of(product.name))
        if common > shared:
            best, shared = product, common
    return None if best is None else Line(best.id, best.name, line.quantity, best.price)
