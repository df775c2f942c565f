"""The register of the city's shops, read in: what is there keeps what has happened to it since."""

from __future__ import annotations

from msgspec.structs import replace

from channels.draft import Draft
from channels.geo import City
from channels.shop_open import bad_hours, settled
from channels.shop_steps import put
from channels.shop_things import MOST_PRODUCTS, ProductData, Register, Shop, ShopData
from channels.shop_views import SHOP_KIND
from channels.views import too_big
from hub.contract import Decision, Refusal, State


def registered(city: City, state: State, data: Register, now: int) -> Decision | Refusal:
    """Write shops of the register, all or none; the same ones again write nothing."""
    draft, written, seen = Draft(now, "shop.registered"), 0, set[str]()
    if sum(len(shop.products) for shop in data.shops) > MOST_PRODUCTS:
        return Refusal("bad_data", f"data.shops: expected at most {MOST_PRODUCTS} products in one command")
    for place, given in enumerate(data.shops):
        wrong = f"id: expected each shop once, got {given.id} again" if given.id in seen else _wrong(city, given)
        if wrong is not None:
            return Refusal("bad_data", f"data.shops[{place}].{wrong}")
        seen.add(given.id)
        known = state.thing(Shop, "shop", given.id)
        after = _registered(city, given, known, now)
        if known is None:
            draft.put(SHOP_KIND, given.id, None, after)
        elif after != known:
            put(draft, known, settled(after, now))
        written += after != known
    decision = draft.decision({"written": written, "same": len(data.shops) - written})
    if too_big(decision.changes):
        return Refusal("bad_data", "data.shops: expected less in one command, a commit holds 32 topics and 60 KB")
    return decision


def _wrong(city: City, given: ShopData) -> str | None:
    """What is wrong with a row, beginning with its field."""
    if not city.has(given.kelurahan.lower()):
        return "kelurahan: expected a kelurahan of this city"
    ids = {given.id}
    for place, product in enumerate(given.products):
        if product.id in ids:
            return f"products[{place}].id: expected each id once, none of them the shop's, got {product.id}"
        ids.add(product.id)
    wrong = bad_hours(given.hours)
    return None if wrong is None else f"hours{wrong}"


def _registered(city: City, given: ShopData, known: Shop | None, now: int) -> Shop:
    """The shop with the register's word for all that nobody saved here; what the register leaves out stays."""
    kelurahan = given.kelurahan.lower()
    lat, lon = city.point_in(kelurahan)
    if given.lat is not None and given.lon is not None:
        lat, lon = given.lat, given.lon
    fresh = known or Shop(
        id=given.id, name=given.name, category=given.category, kelurahan=kelurahan, lat=lat, lon=lon, at=now
    )
    said = {key: getattr(given, key) for key in ("name", "category", "address", "owner", "phone", "nib", "hours")}
    products = fresh.products if "products" in fresh.own else _listed(fresh, given.products)
    return replace(
        fresh,
        kelurahan=kelurahan,
        lat=lat,
        lon=lon,
        products=products,
        zone_ms=city.rules.zone_ms,
        **{key: value for key, value in said.items() if value and key not in fresh.own},
    )


def _listed(shop: Shop, given: tuple[ProductData, ...]) -> tuple[ProductData, ...]:
    """The register's products; none given: those that are there.

    One that is there by its name keeps its id and its count, and no other gets
    that id: a basket or a link never means another product.
    """
    known: dict[str, list[ProductData]] = {}
    for product in shop.products:
        known.setdefault(product.name, []).append(product)
    used = {shop.id, *(product.id for product in shop.products)}
    listed = []
    for product in given:
        if same := known.get(product.name):
            before = same.pop(0)
            stock = product.stock if before.stock is None or product.stock is None else before.stock
            product = replace(product, id=before.id, stock=stock)
        elif product.id in used:
            product = replace(product, id=next(id_ for n in range(1, len(used) + 2) if (id_ := f"p{n}") not in used))
        used.add(product.id)
        listed.append(product)
    return tuple(listed) or shop.products
