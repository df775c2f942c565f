"""What each screen sees of a shop, when it needs waking, and by what it is found."""

from __future__ import annotations

from typing import Any, Final

from msgspec import to_builtins

from channels.alarms import alarm_id, alarm_view, silence_ends
from channels.draft import Deadlines, Kind
from channels.shop_open import small
from channels.shop_things import ProductData, Shop
from channels.views import Views, fitted, size
from hub.contract import GeoEntry, SetEntry, View

LISTED_PRODUCTS: Final = 3
"""What `shops/<kelurahan>` shows of a shop."""
LIST_BYTES: Final = 299
"""What a list view may weigh."""
LISTED_SELLERS: Final = 12


def shop_views(shop: Shop, now: int) -> Views:
    """Its own screens see all of it; the list of its kelurahan what can be had; the market desk its trouble."""
    own = f"shop/{shop.id}"
    table: dict[tuple[str, str], View] = {(own, shop.id): shop_view(shop)}
    for product in shop.products:
        table[own, product.id] = product_view(product, shop)
    if shop.seen:
        table[f"shops/{shop.kelurahan}", shop.id] = listed_view(shop)
    if shop.self_paused:
        table["dispatch/market", shop.id] = {**_head(shop), "self_paused": True, "expired": shop.expired}
    for reason, alarm in shop.alarms.items():
        id_ = alarm_id(shop.id, reason)
        table["dispatch/market", id_] = alarm_view(id_, reason, alarm, now, shop=shop.id, name=shop.name)
    return table


def shop_view(shop: Shop) -> View:
    """A shop as its sellers see it; products stand beside it in the same topic."""
    view = {
        **_head(shop),
        "lat": shop.lat,
        "lon": shop.lon,
        "hours": to_builtins(shop.hours),
        "deaf": shop.deaf,
        "expired": shop.expired,
        "sellers": _sellers(shop),
    }
    for key in ("address", "owner", "phone", "nib", "busy_until", "self_paused"):
        if value := getattr(shop, key):
            view[key] = value
    if shop.paused:
        view["paused_until"] = shop.paused_until
    if shop.contact is not None:
        view["contact"] = to_builtins(shop.contact)
    return fitted(view)


def _sellers(shop: Shop) -> list[View]:
    """Who sells here; of many those who can be rung, and who was heard last."""
    everybody = sorted(shop.sellers.items(), key=lambda one: (one[1].reachable, one[1].connected, one[1].at))
    return [
        {"person": person, "name": ear.name, "reachable": ear.reachable, "connected": ear.connected, "at": ear.at}
        for person, ear in everybody[::-1][:LISTED_SELLERS]
    ]


def product_view(product: ProductData, shop: Shop) -> View:
    return {
        "type": "product",
        "id": product.id,
        "state": "sold_out" if product.stock == 0 else "available",
        "at": shop.at,
        "shop": shop.id,
        "name": product.name,
        "price": product.price,
        "stock": product.stock,
        "made_here": product.made_here,
    }


def listed_view(shop: Shop) -> View:
    """A shop in the list of its kelurahan: what can be had now, under 300 bytes."""
    there = [product for product in shop.products if product.stock != 0][:LISTED_PRODUCTS]
    view = _head(shop)
    view["products"] = [{"id": one.id, "name": one.name, "price": one.price} for one in there]
    while view["products"] and size(view) > LIST_BYTES:
        view["products"].pop()
    return fitted(view, LIST_BYTES)


def _head(shop: Shop) -> View:
    view: dict[str, Any] = {
        "type": "shop",
        "id": shop.id,
        "state": shop.state,
        "at": shop.at,
        "name": shop.name,
        "category": shop.category,
        "kelurahan": shop.kelurahan,
    }
    for key in ("why", "opens_at", "busy_min"):
        if value := getattr(shop, key):
            view[key] = value
    return view


def _deadlines(shop: Shop) -> Deadlines:
    due: dict[str, tuple[int, str]] = {}
    if shop.turn_at:
        due["turn"] = (shop.turn_at, "shop.turn")
    if silent := silence_ends(shop.alarms):
        due["alarm"] = (silent, "shop.alarm_again")
    return due


def _index(shop: Shop) -> dict[tuple[str, str], SetEntry | GeoEntry]:
    """All shops; the open ones by place and by kelurahan, the small among them once more."""
    found: list[SetEntry | GeoEntry] = [SetEntry("shops", shop.id)]
    if shop.state == "open":
        found.append(GeoEntry(open_near(shop.category), shop.id, shop.lat, shop.lon))
        found.append(SetEntry(open_in(shop.kelurahan, shop.category), shop.id))
        if small(shop):
            found.append(SetEntry(small_in(shop.kelurahan, shop.category), shop.id))
    return {(entry.index, entry.member): entry for entry in found}


def open_near(category: str) -> str:
    """Geo index of the open shops of a category."""
    return f"open/{category}"


def open_in(kelurahan: str, category: str) -> str:
    """Set index of the open shops of a kelurahan and category."""
    return f"open/{kelurahan}/{category}"


def small_in(kelurahan: str, category: str) -> str:
    return f"small/{kelurahan}/{category}"


SHOP_KIND: Final = Kind("shop", shop_views, _deadlines, _index)
