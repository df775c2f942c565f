"""Pieces of an order's decisions: what may be placed, what is written, who is shown it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from channels.order_things import (
    ACCEPT_S,
    Buyer,
    Line,
    Order,
    Place,
    PresenceData,
    Shop,
    listed_view,
    market_view,
    order_view,
    shop_view,
)
from hub.contract import Actor, Change, Decision, Refusal, State, Thing, Timer, Write


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
    """Why this shop cannot take this order now, or None."""
    if shop.state != "open":
        return Refusal("illegal_step", f"{shop.name} is {shop.state}", data={"state": shop.state})
    if data.fulfilment == "delivery" and not data.address.strip():
        return Refusal("bad_data", "data.address: expected where to deliver")
    products = {p.id: p for p in shop.products}
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
    for product_id, count in wanted(data).items():
        stock = products[product_id].stock
        if stock is not None and stock < count:
            message = f"expected at most {stock} of {product_id}, got {count}"
            return Refusal("out_of_stock", message, data={"product": product_id, "stock": stock})
    return None


def new_order(id_: str, shop: Shop, data: Place, actor: Actor, now: int) -> Order:
    """A placed order with the names and prices of now; its products are known to be there."""
    names = {p.id: p.name for p in shop.products}
    accept_s = ACCEPT_S[shop.category]
    return Order(
        id=id_,
        state="placed",
        at=now,
        shop=shop.id,
        shop_name=shop.name,
        kelurahan=shop.kelurahan,
        buyer=actor.person,
        lines=tuple(Line(line.product, names[line.product], line.quantity, line.price) for line in data.lines),
        fulfilment=data.fulfilment,
        name=data.name,
        phone=data.phone,
        placed_at=now,
        expires_at=now + accept_s * 1000,
        accept_s=accept_s,
        address=data.address,
        note=data.note,
        times={"placed": now},
    )


def wanted(data: Place) -> dict[str, int]:
    """How many of each product; a product may stand in several lines."""
    counts: dict[str, int] = {}
    for line in data.lines:
        counts[line.product] = counts.get(line.product, 0) + line.quantity
    return counts


def with_stock(shop: Shop, counts: Mapping[str, int], now: int) -> Shop:
    """The shop with `counts` more of each counted product; the same object when none is counted."""
    products = tuple(p if p.stock is None else replace(p, stock=p.stock + counts.get(p.id, 0)) for p in shop.products)
    return shop if products == shop.products else replace(shop, products=products, at=now)


def shop_shown(before: Shop, shop: Shop, kind: str) -> list[Change]:
    """A shop's new face, in the list of its kelurahan only when that differs."""
    changes = [Change(f"shop/{shop.id}", shop.id, kind, shop_view(shop))]
    if {**listed_view(before), "at": 0} != {**listed_view(shop), "at": 0}:
        changes.append(Change(f"shops/{shop.kelurahan}", shop.id, kind, listed_view(shop)))
    return changes


def order_shown(order: Order, kind: str) -> tuple[Change, ...]:
    view = order_view(order)
    return (
        Change(f"person/{order.buyer}", order.id, kind, view),
        Change(f"shop/{order.shop}", order.id, kind, view),
        Change("dispatch/market", order.id, kind, market_view(order)),
    )


def receipt_taken(order: Order, level: str, seller: str, now: int) -> Decision:
    had = order.receipts.get(seller, {})
    if level in had:
        return Decision()
    order = replace(order, at=now, receipts={**order.receipts, seller: {**had, level: now}})
    return Decision(writes=(order_write(order),), changes=order_shown(order, "order.receipt"))


def order_retired(order: Order) -> Decision:
    topics = (f"person/{order.buyer}", f"shop/{order.shop}", "dispatch/market")
    changes = tuple(Change(topic, order.id, "order.retired", None) for topic in topics)
    return Decision(writes=(Write("order", order.id, None),), changes=changes)


def order_write(order: Order) -> Write:
    return Write("order", order.id, order)


def buyer_left(state: State, order: Order) -> Write:
    """The buyer without this order; a buyer without open orders is forgotten."""
    buyer = state.thing(Buyer, "buyer", order.buyer) or Buyer(order.buyer)
    rest = tuple(id_ for id_ in buyer.open if id_ != order.id)
    return Write("buyer", buyer.id, replace(buyer, open=rest) if rest else None)


def expiry(order: Order) -> tuple[Timer, ...]:
    return (Timer("order", order.id, "expire", order.expires_at, "order.expire", {"order": order.id}),)


def shop_of(state: State, data: PresenceData, actor: Actor) -> str | None:
    """The shop of the seller whose screens changed: as said, or as it was known before."""
    seller = state.found.get(Thing("seller", data.person))
    return data.shop or actor.shop or (seller.shop if seller is not None else None)
