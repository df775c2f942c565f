"""What is done to a shop: by its sellers and the desk, by time, by who can be heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from channels.alarms import rung_again
from channels.draft import Draft, Kind, too_early
from channels.shop_open import bad_hours, resumed, settled
from channels.shop_things import (
    MOST_PRODUCTS,
    MOST_SELLERS,
    MOST_STOCK,
    Busy,
    Contact,
    Ear,
    Pause,
    ProductData,
    Reached,
    Save,
    SaveProduct,
    Seller,
    Shop,
    StockProduct,
)
from channels.shop_views import SHOP_KIND
from hub.contract import Actor, Command, Decision, Facts, Refusal, State, Thing, Timer

SELLER_KIND = Kind("seller", lambda seller, now: {})


def turned(draft: Draft, before: Shop, after: Shop, answer: Mapping[str, str] | None = None) -> Decision:
    """The decision of a shop's change."""
    put(draft, before, after)
    return draft.decision({"shop": after.id, **(answer or {})})


def put(draft: Draft, before: Shop, after: Shop) -> None:
    """A shop changes; its waiting orders hear when it opens or closes and why, can be heard or not, opens later."""
    draft.put(SHOP_KIND, after.id, before, after)
    if _standing(before) != _standing(after):
        draft.timers.append(Timer("shop", after.id, "orders", draft.now, "order.shop_turned", {"shop": after.id}))


def _standing(shop: Shop) -> tuple[str, str, bool, int]:
    return shop.state, shop.why, shop.deaf, shop.opens_at


def shop_of(state: State, data: Reached, actor: Actor) -> str | None:
    """The shop of the seller whose screens changed: as said, or as it was known before."""
    seller = state.found.get(Thing("seller", data.person))
    return data.shop or actor.shop or (seller.shop if seller is not None else None)


def left(state: State, data: Reached, shop: str) -> str | None:
    """Another shop that this seller sold at until now."""
    seller = state.found.get(Thing("seller", data.person))
    return seller.shop if seller is not None and seller.shop != shop else None


def heard(state: State, shop: Shop, data: Reached, actor: Actor, now: int) -> Decision:
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
    draft = Draft(now, "shop.heard")
    if seller is None or seller.shop != shop.id:
        draft.put(SELLER_KIND, data.person, seller, Seller(data.person, shop.id, name))
    former = left(state, data, shop.id)
    other = state.thing(Shop, "shop", former) if former is not None else None
    if other is not None and data.person in other.sellers:
        others = {person: ear for person, ear in other.sellers.items() if person != data.person}
        put(draft, other, _with_ears(other, others, now))
    return turned(draft, shop, _with_ears(shop, ears, now))


def _with_ears(shop: Shop, ears: dict[str, Ear], now: int) -> Shop:
    """The shop with these sellers; it notes when it lost the last one who could be rung."""
    after = replace(shop, sellers=ears)
    since = 0 if not after.deaf else now if not shop.deaf else shop.deaf_since
    return settled(replace(after, deaf_since=since), now)


def alarm_again(shop: Shop, now: int) -> Decision:
    early = too_early(SHOP_KIND, shop.id, shop, "alarm", now)
    if early is not None:
        return early
    draft = Draft(now, "alarm.ringing", fired="alarm")
    draft.put(SHOP_KIND, shop.id, shop, replace(shop, alarms=rung_again(shop.alarms, now)))
    return draft.decision()


def changed(shop: Shop, command: Command, facts: Facts, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
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
            return _stocked(shop, data, now)
    return (resumed(shop, now) if command.cmd == "shop.resume" else settled(shop, now)), {}


def _saved(shop: Shop, data: Save, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    if data.hours is not None and (wrong := bad_hours(data.hours)) is not None:
        return Refusal("bad_data", f"data.hours{wrong}")
    if isinstance(data.contact, Contact) and not data.contact.name.strip():
        return Refusal("bad_data", "data.contact.name: expected text, got nothing but spaces")
    given = {key: getattr(data, key) for key in ("name", "category", "address", "phone", "hours")}
    fields: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    own = _own(shop, *fields)
    if data.contact is not UNSET:
        fields["contact"] = data.contact
    return settled(replace(shop, own=own, **fields), now), {}


def _own(shop: Shop, *fields: str) -> tuple[str, ...]:
    return tuple(sorted({*shop.own, *fields}))


def _with_product(shop: Shop, data: SaveProduct, facts: Facts, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    known = shop.product(data.product) if data.product else None
    if data.product and known is None:
        return Refusal("not_found", f"data.product: {shop.name} has no {data.product}")
    if data.gone:
        if known is None:
            return Refusal("bad_data", "data.product: expected the product that is gone")
        others = tuple(product for product in shop.products if product.id != known.id)
        return replace(shop, products=others, at=now, own=_own(shop, "products")), {"product": known.id}
    for field in ("name", "price"):
        if known is None and getattr(data, field) is None:
            return Refusal("bad_data", f"data.{field}: expected for a new product")
    if known is None and len(shop.products) >= MOST_PRODUCTS:
        return Refusal("bad_data", f"data.product: expected at most {MOST_PRODUCTS} products in a shop")
    before = known or ProductData(f"p-{facts.new_ids[0][-12:]}", "", 0)
    given = {key: getattr(data, key) for key in ("name", "price", "made_here")}
    fields: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if data.stock is not UNSET:
        fields["stock"] = data.stock
    return _replaced(shop, replace(before, **fields), now), {"product": before.id}


def _stocked(shop: Shop, data: StockProduct, now: int) -> tuple[Shop, dict[str, str]] | Refusal:
    product = shop.product(data.product)
    if product is None:
        return Refusal("not_found", f"data.product: {shop.name} has no {data.product}")
    if (data.stock is UNSET) == (data.by is None):
        return Refusal("bad_data", "data.stock: expected either stock or by")
    stock = data.stock
    if stock is UNSET:
        if product.stock is None:
            return Refusal("bad_data", f"data.by: expected a product that is counted, {product.id} is not")
        stock = max(0, min(MOST_STOCK, product.stock + (data.by or 0)))
    return _replaced(shop, replace(product, stock=stock), now), {"product": product.id}


def _replaced(shop: Shop, product: ProductData, now: int) -> Shop:
    products = tuple(product if one.id == product.id else one for one in shop.products)
    if shop.product(product.id) is None:
        products = (*shop.products, product)
    return replace(shop, products=products, at=now, own=_own(shop, "products"))
