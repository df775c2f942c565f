"""Orders: a resident orders from a shop nearby, one of its sellers takes it.

`place` checks shop, products and the price that the buyer saw, and takes the
goods from the stock in the same commit, so the last piece is sold once. The
first seller who accepts has the order; others hear `taken` and by whom. An
order that nobody takes expires; 24 h after its end it leaves all tables.

A shop is open while one of its sellers is reachable, closes 30 s after the
last of them turned deaf, and opens again by itself. The hub moves no money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final, cast

from msgspec import Struct
from msgspec.structs import asdict, replace

from channels.geo import City
from channels.order_changes import (
    buyer_left,
    expiry,
    may,
    new_order,
    order_retired,
    order_shown,
    order_write,
    placing_refusal,
    receipt_taken,
    shop_of,
    shop_shown,
    wanted,
    with_stock,
)
from channels.order_things import (
    DEAF_S,
    HUB,
    MAX_OPEN_ORDERS,
    ORDER,
    PARTIES,
    RETIRE_S,
    SELLER,
    SHOP,
    SYSTEM,
    TIMER,
    Accept,
    Advance,
    Buyer,
    Cancel,
    OneOrder,
    OneShop,
    Order,
    Place,
    PresenceData,
    ReceiptData,
    Reject,
    Seed,
    Seller,
    Shop,
    listed_view,
    shop_view,
)
from hub.contract import (
    Actor,
    Change,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Guard,
    Lane,
    Need,
    Presence,
    Receipt,
    Refusal,
    Rule,
    State,
    Table,
    Thing,
    Timer,
    TopicRule,
    Write,
)
from hub.machine import is_terminal, step

PAST: Final = {
    "order.accept": "order.accepted",
    "order.reject": "order.rejected",
    "order.cancel": "order.cancelled",
    "order.expire": "order.expired",
    "order.receipt": "order.receipt",
}


class Orders:
    """The orders service over one city's kelurahan."""

    name: ClassVar[str] = "order"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "order.seed": CommandSpec(Seed, SYSTEM),
        "order.place": CommandSpec(Place, frozenset({"resident", "service"}), serial="shop"),
        "order.accept": CommandSpec(Accept, SELLER, serial="order", ahead=True),
        "order.reject": CommandSpec(Reject, SELLER, serial="order", ahead=True),
        "order.advance": CommandSpec(Advance, SELLER, serial="order"),
        "order.cancel": CommandSpec(Cancel, PARTIES, serial="order"),
        "order.receipt": CommandSpec(ReceiptData, SELLER | HUB, serial="order"),
        "order.presence": CommandSpec(PresenceData, HUB),
        "order.expire": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.retire": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.close": CommandSpec(OneShop, TIMER),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"shop": Shop, "order": Order, "buyer": Buyer, "seller": Seller}
    tables: Mapping[str, Table] = {"order": ORDER, "shop": SHOP}
    presence: Mapping[str, str] = {"seller": "order.presence"}
    receipts: Mapping[str, Receipt] = {"order": Receipt("order.receipt", "id", "order", frozenset({"placed"}))}

    def __init__(self, city: City) -> None:
        self._city = city
        self.topics: tuple[TopicRule, ...] = (
            TopicRule("person/<id>", "normal", lambda actor, segments: actor.person == segments["id"]),
            TopicRule(
                "shop/<id>",
                "normal",
                lambda actor, segments: actor.role == "seller" and actor.shop == segments["id"],
            ),
            TopicRule(
                "dispatch/market",
                "normal",
                lambda actor, segments: actor.role == "dispatcher" and actor.desk == "market",
            ),
            TopicRule(
                "shops/<kelurahan>",
                "bulk",
                lambda actor, segments: True,
                lambda segments: city.has(segments["kelurahan"]),
            ),
        )

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Seed):
            return [Thing("shop", data.shop.id)]
        if isinstance(data, Place):
            return [Thing("shop", data.shop), Thing("buyer", actor.person)]
        if isinstance(data, OneShop):
            return [Thing("shop", data.shop)]
        if isinstance(data, PresenceData):
            needs: list[Need] = [Thing("seller", data.person), Presence(data.person)]
            shop = shop_of(state, data, actor)
            return needs if shop is None else [*needs, Thing("shop", shop)]
        first = Thing("order", data.order)
        order = state.found.get(first)
        if order is None:
            return [first]
        return [first, Thing("shop", order.shop), Thing("buyer", order.buyer)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Seed):
            return self._seed(state, data, now)
        if isinstance(data, Place):
            return self._place(state, command, facts, actor, now)
        if isinstance(data, PresenceData | OneShop):
            return self._listen(state, command, actor, now)
        order = state.thing(Order, "order", data.order)
        if order is None:
            return Refusal("not_found", f"no order {data.order}", record=command.cmd != "order.receipt")
        if command.cmd == "order.retire" and is_terminal(ORDER, order.state):
            return order_retired(order)
        name = f"order.advance {data.to}" if isinstance(data, Advance) else command.cmd
        if command.cmd == "order.accept" and order.winner:
            if not may(order, actor):
                return Refusal("not_allowed", f"{command.cmd} is for a seller of the shop")
            winner = {"person": order.winner, "name": order.accepted_by}
            return Refusal("taken", f"{order.accepted_by} took this order", data={"winner": winner})
        rule = step(ORDER, order.state, name, actor.role)
        if isinstance(rule, Rule) and not may(order, actor):
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return replace(rule, record=command.cmd != "order.receipt")
        return self._step(state, command, facts, order, rule, actor, now)

    def _step(
        self, state: State, command: Command, facts: Facts, order: Order, rule: Rule, actor: Actor, now: int
    ) -> Decision:
        data = command.data
        if isinstance(data, ReceiptData):
            return receipt_taken(order, data.level, actor.person, now)
        if command.cmd == "order.expire" and facts.away_ms:
            # The seller could not answer while the store was away: the step starts again.
            order = replace(order, at=now, expires_at=now + order.accept_s * 1000)
            shown = order_shown(order, "order.extended")
            return Decision(writes=(order_write(order),), changes=shown, timers=expiry(order))
        to = cast(str, rule.to)
        changed = replace(order, state=to, at=now, times={**order.times, to: now})
        if isinstance(data, Accept):
            changed = replace(changed, prep_min=data.prep_min, winner=actor.person, accepted_by=actor.name or "toko")
        elif isinstance(data, Reject | Cancel):
            changed = replace(changed, reason=data.reason)
        kind = PAST.get(command.cmd, f"order.{to}")
        timers = [Timer("order", order.id, "expire", None)] if order.state == "placed" else []
        writes, changes = [order_write(changed)], list(order_shown(changed, kind))
        if is_terminal(ORDER, to):
            timers.append(
                Timer("order", order.id, "retire", now + RETIRE_S * 1000, "order.retire", {"order": order.id})
            )
            writes.append(buyer_left(state, changed))
            if to != "completed" and (shop := state.thing(Shop, "shop", order.shop)) is not None:
                stocked = with_stock(shop, {line.product: line.quantity for line in order.lines}, now)
                if stocked is not shop:
                    writes.append(Write("shop", shop.id, stocked))
                    changes += shop_shown(shop, stocked, "shop.stocked")
        answer = {"order": order.id, "state": to}
        return Decision(answer, tuple(writes), changes=tuple(changes), timers=tuple(timers))

    def _seed(self, state: State, data: Seed, now: int) -> Decision | Refusal:
        """Write a shop; one that is there keeps its stock, its state and who listens."""
        shop = data.shop
        if not self._city.has(shop.kelurahan):
            return Refusal("bad_data", "data.shop.kelurahan: expected a kelurahan of this city")
        known = state.thing(Shop, "shop", shop.id)
        stock = {p.id: p.stock for p in known.products} if known else {}
        products = tuple(replace(p, stock=stock.get(p.id, p.stock)) for p in shop.products)
        kept = known or Shop(**asdict(shop), at=now)
        seeded = replace(
            Shop(**asdict(shop)), products=products, state=kept.state, at=kept.at, listening=kept.listening
        )
        changes = [
            Change(f"shop/{shop.id}", shop.id, "shop.seeded", shop_view(seeded)),
            Change(f"shops/{shop.kelurahan}", shop.id, "shop.seeded", listed_view(seeded)),
        ]
        if known is not None and known.kelurahan != shop.kelurahan:
            changes.append(Change(f"shops/{known.kelurahan}", shop.id, "shop.seeded", None))
        return Decision({"shop": shop.id}, (Write("shop", shop.id, seeded),), changes=tuple(changes))

    def _place(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data: Place = command.data
        shop = state.thing(Shop, "shop", data.shop)
        if shop is None:
            return Refusal("not_found", f"no shop {data.shop}")
        refusal = placing_refusal(shop, data)
        if refusal is not None:
            return refusal
        buyer = state.thing(Buyer, "buyer", actor.person) or Buyer(actor.person)
        if actor.role == "resident" and len(buyer.open) >= MAX_OPEN_ORDERS:
            return Refusal(
                "too_many", f"expected at most {MAX_OPEN_ORDERS} open orders", data={"open": len(buyer.open)}
            )
        order = new_order(facts.new_ids[0], shop, data, actor, now)
        stocked = with_stock(shop, {id_: -count for id_, count in wanted(data).items()}, now)
        writes = [order_write(order), Write("buyer", buyer.id, replace(buyer, open=(*buyer.open, order.id)))]
        changes = list(order_shown(order, "order.placed"))
        if stocked is not shop:
            writes.append(Write("shop", shop.id, stocked))
            changes += shop_shown(shop, stocked, "shop.stocked")
        return Decision(
            {"order": order.id},
            tuple(writes),
            guards=(Guard("shop", shop.id),) if stocked is shop else (),
            changes=tuple(changes),
            timers=expiry(order),
        )

    def _listen(self, state: State, command: Command, actor: Actor, now: int) -> Decision | Refusal:
        """A seller's reachability changed, or nobody has listened for a while."""
        data = command.data
        name = data.shop if isinstance(data, OneShop) else shop_of(state, data, actor)
        shop = state.thing(Shop, "shop", name) if name else None
        if shop is None:
            return Refusal("not_found", "no such shop", record=actor.role == "timer")
        rule = step(SHOP, shop.state, command.cmd, actor.role)
        if isinstance(rule, Refusal):
            return replace(rule, record=actor.role == "timer")
        changed, writes = shop, []
        if isinstance(data, PresenceData):
            others = tuple(person for person in shop.listening if person != data.person)
            reachable = state.reach(data.person).reachable  # over all hubs; the command speaks of one
            if reachable and data.person in shop.listening:
                return Decision()
            changed = replace(shop, listening=(*others, data.person) if reachable else others)
            writes.append(Write("seller", data.person, Seller(data.person, shop.id)))
        to = "open" if changed.listening else "closed" if isinstance(data, OneShop) else shop.state
        changes: tuple[Change, ...] = ()
        if to != shop.state:
            changed = replace(changed, state=to, at=now)
            changes = tuple(shop_shown(shop, changed, f"shop.{'opened' if to == 'open' else to}"))
        due = None if changed.listening or to == "closed" else now + DEAF_S * 1000
        timer = Timer("shop", shop.id, "close", due, "order.close", {"shop": shop.id})
        return Decision(writes=(Write("shop", shop.id, changed), *writes), changes=changes, timers=(timer,))
