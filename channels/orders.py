"""Orders: a resident orders from a shop nearby, and it rings there until somebody touches it.

`place` checks shop, products and the price that the buyer saw, and takes the
goods from the stock in the same commit, so the last piece is sold once. The
first seller who accepts has the order; others hear `taken` and by whom. Nobody
answers: louder, the second contact, then it expires and the buyer gets the
nearest open shops that have the goods. Two that expire in a row pause the shop.
A closed shop takes an order for later; it rings at opening. The hub moves no
money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

from msgspec import Struct
from msgspec.structs import replace

from channels import phones
from channels.alarms import alarm_of
from channels.geo import City
from channels.market_personal import ORDER_CARDS, ORDERS, redrawn
from channels.order_changes import may
from channels.order_steps import place, read, receipted, stepped
from channels.order_things import (
    BUYER,
    DESK,
    HUB,
    ORDER,
    PARTIES,
    SELLER,
    TIMER,
    Accept,
    Advance,
    Buyer,
    Cancel,
    OneOrder,
    Order,
    Place,
    ReceiptData,
    Reject,
    ShopTurned,
    TakeAlarm,
)
from channels.order_time import elsewhere, shop_turned, take, timed, waiting, woken
from channels.rings import ORDER_RINGS, alarms_of
from hub.contract import (
    Actor,
    Card,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Personal,
    Receipt,
    Refusal,
    Rule,
    State,
    Table,
    Thing,
    TopicRule,
    Waking,
)
from hub.machine import step


class Orders(Channel):
    """The orders service over one city's kelurahan."""

    name: ClassVar[str] = "order"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "order.place": CommandSpec(Place, BUYER, serial="shop"),
        "order.accept": CommandSpec(Accept, SELLER, serial="order", ahead=True),
        "order.reject": CommandSpec(Reject, SELLER, serial="order", ahead=True),
        "order.advance": CommandSpec(Advance, SELLER, serial="order"),
        "order.cancel": CommandSpec(Cancel, PARTIES, serial="order"),
        "order.read": CommandSpec(OneOrder, PARTIES),
        "order.receipt": CommandSpec(ReceiptData, SELLER | HUB, serial="order"),
        "order.ladder": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.expire": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.retire": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.alarm_again": CommandSpec(OneOrder, TIMER, serial="order"),
        "order.shop_turned": CommandSpec(ShopTurned, TIMER),
        "alarm.take": CommandSpec(TakeAlarm, DESK, desk="market"),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"order": Order, "buyer": Buyer}
    tables: Mapping[str, Table] = {"order": ORDER}
    presence: Mapping[str, str] = {}
    personal: Mapping[type[Struct], Personal] = ORDERS
    cards: Mapping[str, Card] = ORDER_CARDS
    receipts: Mapping[str, Receipt] = {"order": Receipt("order.receipt", "id", "order", frozenset({"placed"}))}
    topics: Sequence[TopicRule] = (
        TopicRule("person/<id>", "normal", lambda actor, segments: actor.person == segments["id"]),
    )

    waking: Sequence[Waking] = (ORDER_RINGS, alarms_of("dispatch/market", "market"))

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Place):
            return [Thing("shop", data.shop), Thing("buyer", actor.person)]
        if isinstance(data, ShopTurned):
            return waiting(state, data.shop)
        if isinstance(data, TakeAlarm):
            if phones.taken_here(data.alarm):
                return phones.needs_of_take(data.alarm)
            id_, reason = alarm_of(data.alarm)
            return [Thing("shop" if reason == "self_paused" else "order", id_)]
        first = Thing("order", data.order)
        order = state.found.get(first)
        if order is None:
            return [first]
        needs: list[Need] = [first, Thing("shop", order.shop), Thing("buyer", order.buyer)]
        return [*needs, *elsewhere(state, order)] if command.cmd in ("order.expire", "order.reject") else needs

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Place):
            return place(state, data, facts, actor, now, self._city.rules)
        if isinstance(data, ShopTurned):
            return shop_turned(state, data.shop, now)
        if isinstance(data, TakeAlarm):
            return (phones.take if phones.taken_here(data.alarm) else take)(state, data.alarm, actor, now)
        order = state.thing(Order, "order", data.order)
        quiet = command.cmd in ("order.receipt", "order.read")
        if order is None:
            return Refusal("not_found", f"no order {data.order}", record=not quiet)
        if command.cmd == "order.read":
            return read(order, actor, now)
        if command.cmd in ("order.retire", "order.alarm_again"):
            return woken(order, command.cmd, now)
        name = f"order.advance {data.to}" if isinstance(data, Advance) else command.cmd
        if command.cmd == "order.accept" and order.winner and may(order, actor):
            winner = {"person": order.winner, "name": order.accepted_by}
            return Refusal("taken", f"{order.accepted_by} took this order", data={"winner": winner})
        rule = step(ORDER, order.state, name, actor.role)
        if isinstance(rule, Rule) and not may(order, actor):
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return replace(rule, record=not quiet)
        if isinstance(data, ReceiptData):
            return receipted(order, data.level, actor.person, now)
        if actor.role == "timer":
            return timed(state, command, facts, order, now)
        if isinstance(data, Cancel) and data.reason == "no_show" and (actor.role != "seller" or order.state != "ready"):
            return Refusal("bad_data", "data.reason: expected no_show only from the shop, when the goods are ready")
        return stepped(state, command, order, cast(str, rule.to), actor, now)
