"""Shops: who sells what in the city, and whether an order would be heard there now.

A shop is open within its hours, while it is not paused and while one of its
sellers is reachable; it closes 30 s after the last of them turned deaf, and
opens again by itself. Its sellers keep its products, prices and stock; the
register of the whole city is read in by `shop.register`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Draft, too_early
from channels.geo import City
from channels.market_personal import SHOPS, SHOPS_PLAIN, redrawn
from channels.shop_register import registered
from channels.shop_steps import alarm_again, changed, heard, left, shop_of, turned
from channels.shop_things import (
    HUB,
    KEEPERS,
    SELLER,
    SHOP,
    SYSTEM,
    TIMER,
    Busy,
    OneShop,
    Pause,
    Reached,
    Register,
    Save,
    SaveProduct,
    Seller,
    Shop,
    StockProduct,
)
from channels.shop_views import SHOP_KIND
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Personal,
    Presence,
    Receipt,
    Refusal,
    Rule,
    State,
    Table,
    Thing,
    TopicRule,
)
from hub.machine import step

EVENTS: Mapping[str, str] = {
    "shop.register": "shop.registered",
    "shop.save": "shop.saved",
    "shop.pause": "shop.paused",
    "shop.resume": "shop.resumed",
    "shop.busy": "shop.busy",
    "shop.presence": "shop.heard",
    "shop.turn": "shop.turned",
    "product.save": "product.saved",
    "product.stock": "product.stocked",
}


class Shops(Channel):
    """The directory over one city's kelurahan."""

    name: ClassVar[str] = "shop"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "shop.register": CommandSpec(Register, SYSTEM),
        "shop.save": CommandSpec(Save, KEEPERS, desk="market", serial="shop"),
        "shop.pause": CommandSpec(Pause, KEEPERS, desk="market", serial="shop"),
        "shop.resume": CommandSpec(OneShop, KEEPERS, desk="market", serial="shop"),
        "shop.busy": CommandSpec(Busy, SELLER, serial="shop"),
        "shop.presence": CommandSpec(Reached, HUB),
        "shop.turn": CommandSpec(OneShop, TIMER, serial="shop"),
        "shop.alarm_again": CommandSpec(OneShop, TIMER, serial="shop"),
        "product.save": CommandSpec(SaveProduct, SELLER),
        "product.stock": CommandSpec(StockProduct, SELLER),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"shop": Shop, "seller": Seller}
    tables: Mapping[str, Table] = {"shop": SHOP}
    presence: Mapping[str, str] = {"seller": "shop.presence"}
    personal: Mapping[type[Struct], Personal] = SHOPS
    plain: Mapping[str, str] = SHOPS_PLAIN
    receipts: Mapping[str, Receipt] = {}

    def __init__(self, city: City) -> None:
        self._city = city
        self.topics: Sequence[TopicRule] = (
            TopicRule(
                "shop/<id>", "normal", lambda actor, segments: actor.role == "seller" and actor.shop == segments["id"]
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
        if isinstance(data, Register):
            return [Thing("shop", shop.id) for shop in data.shops]
        if isinstance(data, Reached):
            needs: list[Need] = [Thing("seller", data.person), Presence(data.person)]
            shop = shop_of(state, data, actor)
            if shop is None:
                return needs
            former = left(state, data, shop)
            return [*needs, Thing("shop", shop), *([] if former is None else [Thing("shop", former)])]
        id_ = _named(data, actor)
        return [] if id_ is None else [Thing("shop", id_)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Register):
            return registered(self._city, state, data, now)
        quiet = actor.role in ("hub", "timer")  # nobody repeats these with the same id
        id_ = shop_of(state, data, actor) if isinstance(data, Reached) else _named(data, actor)
        shop = state.thing(Shop, "shop", id_) if id_ else None
        if shop is None:
            return Refusal("not_found", f"no shop {id_ or ''}".strip(), record=not quiet)
        if shop.zone_ms != self._city.rules.zone_ms:  # the city's file was mended
            shop = replace(shop, zone_ms=self._city.rules.zone_ms)
        if command.cmd == "shop.alarm_again":
            return alarm_again(shop, now)
        rule = step(SHOP, shop.state, command.cmd, actor.role)
        if isinstance(rule, Rule) and not may(shop, actor):
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return replace(rule, record=not quiet)
        if isinstance(data, Reached):
            return heard(state, shop, data, actor, now)
        if command.cmd == "shop.turn" and (early := too_early(SHOP_KIND, shop.id, shop, "turn", now)) is not None:
            return early
        done = changed(shop, command, facts, now)
        if isinstance(done, Refusal):
            return done
        after, answer = done
        return turned(Draft(now, EVENTS[command.cmd], fired="turn" * (command.cmd == "shop.turn")), shop, after, answer)


def _named(data: Struct, actor: Actor) -> str | None:
    """The shop that a command names; a seller's product is of their own shop."""
    return getattr(data, "shop", None) or actor.shop


def may(shop: Shop, actor: Actor) -> bool:
    """Whether the actor is the one that a rule's `only` speaks of."""
    return actor.role != "seller" or actor.shop == shop.id
