"""What people do to an order: place it, answer it, make it, end it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from channels.draft import Draft
from channels.figures import of_order
from channels.order_changes import (
    alternatives,
    counted,
    lines_of,
    may,
    new_order,
    placing_refusal,
    with_stock,
)
from channels.order_things import MAX_OPEN_ORDERS, ORDER, Accept, Buyer, Cancel, Order, Place, Reject
from channels.order_views import BUYER_KIND, ORDER_KIND, contact_at, kept, marks, order_view, order_views
from channels.rules import Rules
from channels.shop_open import one_sold
from channels.shop_steps import turned
from channels.shop_things import Shop
from channels.shop_views import SHOP_KIND
from hub.contract import Actor, Command, Decision, Facts, Guard, Refusal, State, Thing
from hub.machine import is_terminal

PAST: Final = {
    "order.accept": "order.accepted",
    "order.reject": "order.rejected",
    "order.cancel": "order.cancelled",
    "order.expire": "order.expired",
}


def place(state: State, data: Place, facts: Facts, actor: Actor, now: int, rules: Rules) -> Decision | Refusal:
    shop = state.thing(Shop, "shop", data.shop)
    if shop is None:
        return Refusal("not_found", f"data.shop: no shop {data.shop}")
    refusal = placing_refusal(shop, data)
    if refusal is not None:
        return refusal
    buyer, taken = state.thing(Buyer, "buyer", actor.person), counted(shop, data)
    if actor.role == "resident" and buyer is not None and len(buyer.open) >= MAX_OPEN_ORDERS:
        return Refusal("too_many", f"expected at most {MAX_OPEN_ORDERS} open orders", data={"open": len(buyer.open)})
    order = new_order(
        facts.new_ids[0],
        shop,
        actor,
        now,
        rules,
        lines=lines_of(shop, data),
        fulfilment=data.fulfilment,
        name=data.name,
        phone=data.phone,
        address=data.address,
        note=data.note,
        no_shows=len(marks(buyer, now)),
        taken=taken,
    )
    draft = Draft(now, "order.placed")
    placed(draft, buyer, order, actor)
    stocked = with_stock(shop, {id_: -count for id_, count in taken.items()}, now)
    if stocked is shop:
        draft.guards.append(Guard("shop", shop.id))
    draft.put(SHOP_KIND, shop.id, shop, stocked, event="shop.stocked")
    later: dict[str, object] = {"later": True, "opens_at": order.opens_at} if order.later else {}
    return draft.decision({"order": order.id, "state": order.state, **later})


def placed(draft: Draft, buyer: Buyer | None, order: Order, actor: Actor, *, want: str = "") -> None:
    """A new order and its buyer, who has it open now (and no longer the want that it came from).

    Of another system nothing is counted: its orders would all wait for one record.
    """
    draft.put(ORDER_KIND, order.id, None, order, event="order.placed")
    if actor.role == "service":
        return
    before = buyer or Buyer(order.buyer)
    wants = tuple(id_ for id_ in before.wants if id_ != want)
    draft.put(BUYER_KIND, before.id, buyer, replace(before, open=(*before.open, order.id), wants=wants))


# -- steps by people --------------------------------------------------------------------


def stepped(state: State, command: Command, order: Order, to: str, actor: Actor, now: int) -> Decision:
    data, shop = command.data, state.thing(Shop, "shop", order.shop)
    changed = replace(order, state=to, at=now, times={**order.times, to: now}, alarms={}, loud=False)
    after = shop
    if isinstance(data, Accept):
        busy = shop.busy_min if shop is not None and shop.busy_until > now else 0
        changed = replace(
            changed, prep_min=data.prep_min, busy_min=busy, winner=actor.person, accepted_by=actor.name or "toko"
        )
        after = replace(shop, expired=0) if shop is not None and shop.expired else shop
    elif isinstance(data, Reject | Cancel):
        by = "" if isinstance(data, Reject) else "seller" if actor.role == "seller" else "buyer"
        changed = replace(changed, reason=data.reason, cancelled_by=by)
    if to == "completed" and shop is not None:
        after = one_sold(shop, now)
    draft = Draft(now, PAST.get(command.cmd, f"order.{to}"))
    return ended(state, draft, order, changed, shop, after, now)


def ended(
    state: State, draft: Draft, order: Order, changed: Order, shop: Shop | None, after: Shop | None, now: int
) -> Decision:
    """What an end gives back: the goods to the stock, the buyer's place, a mark for what was not collected."""
    if is_terminal(ORDER, changed.state):
        buyer = state.thing(Buyer, "buyer", order.buyer)
        before = buyer or Buyer(order.buyer)
        shown = (*before.no_shows, now) if changed.reason == "no_show" else before.no_shows
        left = replace(before, open=tuple(id_ for id_ in before.open if id_ != order.id), no_shows=shown)
        if left != before:
            draft.put(BUYER_KIND, before.id, buyer, kept(left, now))
        if changed.state != "completed" and after is not None:
            after = with_stock(after, order.taken, now)
        if changed.state in ("expired", "rejected"):
            others = [one for need, one in state.found.items() if isinstance(need, Thing) and isinstance(one, Shop)]
            changed = replace(changed, alternatives=alternatives(order, shop, others))
    draft.put(ORDER_KIND, order.id, order, changed)
    answer = {"order": order.id, "state": changed.state}
    if shop is None or after is None or after is shop:
        decision = draft.decision(answer)
    else:
        decision = turned(draft, shop, after, answer)
    return replace(decision, figures=of_order(changed)) if is_terminal(ORDER, changed.state) else decision


def receipted(order: Order, level: str, seller: str, now: int) -> Decision:
    had = order.receipts.get(seller, {})
    if level in had:
        return Decision()
    draft = Draft(now, "order.receipt")
    receipts = {**order.receipts, seller: {**had, level: now}}
    alarms = order.alarms
    if level != "sent" and now < contact_at(order):  # somebody has it now, and time to answer
        alarms = {reason: alarm for reason, alarm in alarms.items() if reason != "unheard"}
    draft.put(ORDER_KIND, order.id, order, replace(order, at=now, receipts=receipts, alarms=alarms))
    return draft.decision({"order": order.id})


def read(order: Order, actor: Actor, now: int) -> Decision | Refusal:
    """The order as this buyer or shop sees it; the same id hears the same again."""
    if not may(order, actor):
        return Refusal("not_found", f"no order {order.id}", record=False)
    topic = f"shop/{order.shop}" if actor.role == "seller" else f"person/{order.buyer}"
    return Decision({"order": order_views(order, now).get((topic, order.id)) or order_view(order)})
