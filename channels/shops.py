"""Shops: who sells what in the city, and whether an order would be heard there now.

A shop is open within its hours, while it is not paused and while one of its
sellers is reachable; it closes 30 s after the last of them turned deaf, and
opens again by itself. Its sellers keep its products, prices and stock; the
register of the whole city is read in by `shop.register`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from msgspec import UNSET, Struct
from msgspec.structs import replace

from channels.alarms import rung_again
from channels.draft import Draft, Kind, too_early
from channels.geo import City
from channels.shop_open import bad_hours, resumed, settled
from channels.shop_things import (
    HUB,
    KEEPERS,
    MOST_PRODUCTS,
    MOST_SELLERS,
    SELLER,
    SHOP,
    SYSTEM,
    TIMER,
    Busy,
    Ear,
    OneShop,
    Pause,
    ProductData,
    Reached,
    Register,
    Save,
    SaveProduct,
    Seller,
    Shop,
    ShopData,
    StockProduct,
)
from channels.shop_views import SHOP_KIND
from hub.contract import (
    Actor,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
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


SELLER_KIND = Kind("seller", lambda seller, now: {})


class Shops:
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
    receipts: Mapping[str, Receipt] = {}

    def __init__(self, city: City) -> None:
        self._city = city
        self.topics: tuple[TopicRule, ...] = (
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
            shop = _shop_of(state, data, actor)
            return needs if shop is None else [*needs, Thing("shop", shop)]
        id_ = _named(data, actor)
        return [] if id_ is None else [Thing("shop", id_)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Register):
            return self._register(state, data, now)
        quiet = actor.role in ("hub", "timer")  # nobody repeats these with the same id
        id_ = _shop_of(state, data, actor) if isinstance(data, Reached) else _named(data, actor)
        shop = state.thing(Shop, "shop", id_) if id_ else None
        if shop is None:
            return Refusal("not_found", f"no shop {id_ or ''}".strip(), record=not quiet)
        if command.cmd == "shop.alarm_again":
            return _alarm_again(shop, now)
        rule = step(SHOP, shop.state, command.cmd, actor.role)
        if isinstance(rule, Rule) and not may(shop, actor):
            rule = Refusal("not_allowed", f"{command.cmd} is for {rule.only}")
        if isinstance(rule, Refusal):
            return replace(rule, record=not quiet)
        if isinstance(data, Reached):
            return _heard(state, shop, data, actor, now)
        if command.cmd == "shop.turn" and (early := too_early(SHOP_KIND, shop.id, shop, "turn", now)) is not None:
            return early
        changed = _changed(shop, command, facts, now)
        if isinstance(changed, Refusal):
            return changed
        after, answer = changed
        return turned(Draft(now, EVENTS[command.cmd], fired="turn" * (command.cmd == "shop.turn")), shop, after, answer)

    def _register(self, state: State, data: Register, now: int) -> Decision | Refusal:
        """Write shops of the register; what their sellers changed since stays."""
        draft, written, known_ids = Draft(now, "shop.registered"), 0, set[str]()
        if sum(len(shop.products) for shop in data.shops) > MOST_PRODUCTS:
            return Refusal("bad_data", f"data.shops: expected at most {MOST_PRODUCTS} products in one command")
        for place, given in enumerate(data.shops):
            wrong = self._wrong(given, known_ids)
            if wrong is not None:
                return Refusal("bad_data", f"data.shops[{place}].{wrong}")
            known = state.thing(Shop, "shop", given.id)
            after = self._registered(given, known, now)
            if after != known:
                written += 1
                draft.put(SHOP_KIND, given.id, known, after)
        return draft.decision({"written": written, "same": len(data.shops) - written})

    def _wrong(self, given: ShopData, known: set[str]) -> str | None:
        if given.id in known:
            return f"id: expected each shop once, got {given.id} again"
        known.add(given.id)
        if not self._city.has(given.kelurahan.lower()):
            return "kelurahan: expected a kelurahan of this city"
        ids = [product.id for product in given.products]
        if len(set(ids)) != len(ids):
            return "products: expected each product's id once"
        wrong = bad_hours(given.hours)
        return None if wrong is None else f"hours{wrong}"

    def _registered(self, given: ShopData, known: Shop | None, now: int) -> Shop:
        kelurahan = given.kelurahan.lower()
        lat, lon = self._city.point_in(kelurahan)
        if given.lat is not None and given.lon is not None:
            lat, lon = given.lat, given.lon
        fresh = known or Shop(
            id=given.id, name=given.name, category=given.category, kelurahan=kelurahan, lat=lat, lon=lon, at=now
        )
        return replace(
            fresh,
            name=given.name,
            category=given.category,
            kelurahan=kelurahan,
            lat=lat,
            lon=lon,
            nib=given.nib or fresh.nib,
            owner=given.owner or fresh.owner,
            address=fresh.address or given.address,
            phone=fresh.phone or given.phone,
            hours=fresh.hours or given.hours,
            products=fresh.products or given.products,
        )


def may(shop: Shop, actor: Actor) -> bool:
    """Whether the actor is the one that a rule's `only` speaks of."""
    return actor.role != "seller" or actor.shop == shop.id


def turned(draft: Draft, before: Shop, after: Shop, answer: dict[str, str] | None = None) -> Decision:
    """The decision of a shop's change; its waiting orders hear when it opens, closes, turns deaf or hears again."""
    draft.put(SHOP_KIND, after.id, before, after)
    if (before.state, before.deaf) != (after.state, after.deaf):
        draft.timers.append(Timer("shop", after.id, "orders", draft.now, "order.shop_turned", {"shop": after.id}))
    return draft.decision({"shop": after.id} | (answer or {}))


def _named(data: Struct, actor: Actor) -> str | None:
    """The shop that a command names; a seller's product is of their own shop."""
    return getattr(data, "shop", None) or actor.shop


def _shop_of(state: State, data: Reached, actor: Actor) -> str | None:
    """The shop of the seller whose screens changed: as said, or as it was known before."""
    seller = state.found.get(Thing("seller", data.person))
    return data.shop or actor.shop or (seller.shop if seller is not None else None)


def _heard(state: State, shop: Shop, data: Reached, actor: Actor, now: int) -> Decision:
    """A seller's reachability changed; what counts are the leases of all hubs, the command speaks of one."""
    reach = state.reach(data.person)
    before = shop.sellers.get(data.person)
    seller = state.thing(Seller, "seller", data.person)
    name = actor.name or (before.name if before else "")
    known = before is not None and (before.reachable, before.connected) == (reach.reachable, reach.connected)
    if (known or (before is None and not reach.connected)) and (before is None or before.name == name):
        return Decision()
    ears = {**shop.sellers, data.person: Ear(name, now, reach.reachable, reach.connected)}
    if len(ears) > MOST_SELLERS:
        oldest = min(ears, key=lambda person: (ears[person].reachable, ears[person].connected, ears[person].at))
        del ears[oldest]
    after = replace(shop, sellers=ears)
    after = replace(after, deaf_since=0 if not after.deaf else now if not shop.deaf else shop.deaf_since)
    draft = Draft(now, "shop.heard")
    if seller is None or seller.shop != shop.id:
        draft.put(SELLER_KIND, data.person, seller, Seller(data.person, shop.id, name))
    return turned(draft, shop, settled(after, now))


def _alarm_again(shop: Shop, now: int) -> Decision:
    early = too_early(SHOP_KIND, shop.id, shop, "alarm", now)
    if early is not None:
        return early
    draft = Draft(now, "alarm.ringing", fired="alarm")
    draft.put(SHOP_KIND, shop.id, shop, replace(shop, alarms=rung_again(shop.alarms, now)))
    return draft.decision()


def _changed(shop: Shop, command: Command, facts: Facts, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    """The shop after the command, and what to answer beside its id."""
    data = command.data
    match data:
        case Save():
            return _saved(shop, data, now)
        case Pause():
            until = now + data.minutes * 60_000 if data.minutes else 0
            return settled(replace(shop, paused=True, paused_until=until, self_paused=False), now), {}
        case Busy():
            until = now + data.for_min * 60_000 if data.minutes else 0
            return settled(replace(shop, busy_min=data.minutes, busy_until=until), now), {}
        case SaveProduct():
            return _with_product(shop, data, facts, now)
        case StockProduct():
            product = shop.product(data.product)
            if product is None:
                return Refusal("not_found", f"data.product: {shop.name} has no {data.product}")
            return _replaced(shop, replace(product, stock=data.stock), now), {"product": product.id}
    return (resumed(shop, now) if command.cmd == "shop.resume" else settled(shop, now)), {}


def _saved(shop: Shop, data: Save, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    if data.hours is not None and (wrong := bad_hours(data.hours)) is not None:
        return Refusal("bad_data", f"data.hours{wrong}")
    given = {key: getattr(data, key) for key in ("name", "category", "address", "phone", "hours")}
    fields = {key: value for key, value in given.items() if value is not None}
    if data.contact is not UNSET:
        fields["contact"] = data.contact
    return settled(replace(shop, **fields), now), {}


def _with_product(shop: Shop, data: SaveProduct, facts: Facts, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    known = shop.product(data.product) if data.product else None
    if data.product and known is None:
        return Refusal("not_found", f"data.product: {shop.name} has no {data.product}")
    if data.gone and known is not None:
        left = tuple(product for product in shop.products if product.id != known.id)
        return replace(shop, products=left, at=now), {"product": known.id}
    for field in ("name", "price"):
        if known is None and getattr(data, field) is None:
            return Refusal("bad_data", f"data.{field}: expected for a new product")
    if known is None and len(shop.products) >= MOST_PRODUCTS:
        return Refusal("bad_data", f"data.product: expected at most {MOST_PRODUCTS} products in a shop")
    id_ = known.id if known else f"p-{facts.new_ids[0][-12:]}"
    name = data.name if data.name is not None else known.name if known else ""
    price = data.price if data.price is not None else known.price if known else 0
    return _replaced(shop, ProductData(id_, name, price, data.stock, data.made_here), now), {"product": id_}


def _replaced(shop: Shop, product: ProductData, now: int) -> Shop:
    products = tuple(product if one.id == product.id else one for one in shop.products)
    if shop.product(product.id) is None:
        products = (*shop.products, product)
    return replace(shop, products=products, at=now)
