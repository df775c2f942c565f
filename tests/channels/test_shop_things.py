"""The data of a shop's commands, and what is kept."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from channels.shop_things import ACCEPT_S, MOST_STOCK, Seller, Shop
from hub.errors import DataError
from hub.wire import convert
from tests.channels.market_world import BUYER, EMOJI, SELLER, SERVICES, Market, cakes, row

SAVE = {"name": "Kue", "price": 3000}


def bad(cmd: str, data: dict[str, Any]) -> str:
    """The path that a command's data are refused with."""
    found = SERVICES.command(cmd)
    assert found is not None
    with pytest.raises(DataError) as refused:
        convert(data, found[1].data, "data")
    return refused.value.path


@pytest.mark.parametrize(
    ("cmd", "data", "path"),
    [
        ("product.save", {**SAVE, "price": -1}, "data.price"),
        ("product.save", {**SAVE, "price": 3000.5}, "data.price"),
        ("product.save", {**SAVE, "price": "3000"}, "data.price"),
        ("product.save", {**SAVE, "price": 10**9 + 1}, "data.price"),
        ("product.save", {**SAVE, "price": True}, "data.price"),
        ("product.save", {**SAVE, "name": ""}, "data.name"),
        ("product.save", {**SAVE, "name": "   "}, "data.name"),
        ("product.save", {**SAVE, "name": EMOJI * 1000}, "data.name"),
        ("product.save", {**SAVE, "stock": -1}, "data.stock"),
        ("product.save", {**SAVE, "stock": MOST_STOCK + 1}, "data.stock"),
        ("product.save", {**SAVE, "product": "a/b"}, "data.product"),
        ("product.save", {**SAVE, "product": "p1\n"}, "data.product"),
        ("product.stock", {"product": "p1", "by": 0.5}, "data.by"),
        ("product.stock", {"product": "p1", "stock": 1.5}, "data.stock"),
        ("shop.save", {"shop": ""}, "data.shop"),
        ("shop.save", {"shop": "x" * 41}, "data.shop"),
        ("shop.save", {"shop": "s1", "category": "cakes"}, "data.category"),
        ("shop.save", {"shop": "s1", "name": " "}, "data.name"),
        ("shop.save", {"shop": "s1", "phone": "call me"}, "data.phone"),
        ("shop.save", {"shop": "s1", "hours": [[[0, 9999]]]}, "data.hours[0][0][1]"),
        ("shop.save", {"shop": "s1", "hours": [[]] * 8}, "data.hours"),
        ("shop.save", {"shop": "s1", "hours": [[[1, 2]] * 5]}, "data.hours[0]"),
        ("shop.save", {"shop": "s1", "contact": {"name": "Budi"}}, "data.contact.phone"),
        ("shop.save", {"shop": "s1", "contact": {"name": "Budi", "phone": ""}}, "data.contact.phone"),
        ("shop.pause", {"shop": "s1", "minutes": 0}, "data.minutes"),
        ("shop.pause", {"shop": "s1", "minutes": 10_081}, "data.minutes"),
        ("shop.busy", {"shop": "s1", "minutes": 121}, "data.minutes"),
        ("shop.busy", {"shop": "s1", "minutes": 1, "for_min": 0}, "data.for_min"),
        ("shop.register", {"shops": []}, "data.shops"),
        ("shop.register", {"shops": [row()] * 16}, "data.shops"),
        ("shop.register", {"shops": [row(), row("a b")]}, "data.shops[1].id"),
        ("shop.register", {"shops": [row(nib="123")]}, "data.shops[0].nib"),
        ("shop.register", {"shops": [row(name=" ")]}, "data.shops[0].name"),
        ("shop.register", {"shops": [row(lat=91)]}, "data.shops[0].lat"),
        ("shop.register", {"shops": [row(category="x")]}, "data.shops[0].category"),
        ("shop.register", {"shops": [row(products=[{"id": "p", "name": "x", "price": -1}])]},
         "data.shops[0].products[0].price"),
    ],
)  # fmt: skip
def test_bad_data_is_named_with_its_path(cmd: str, data: dict[str, Any], path: str) -> None:
    """The field that is wrong, from the root of the data."""
    assert bad(cmd, data) == path


def test_prices_are_whole_rupiah_whoever_writes_them() -> None:
    """JSON's 3000.0 is no whole number."""
    assert bad("product.save", json.loads('{"name": "Kue", "price": 3000.0}')) == "data.price"


def test_every_category_has_its_time() -> None:
    """180 s for food, half an hour for goods, a day for what is made to order."""
    assert ACCEPT_S == {"food": 180, "goods": 1_800, "made_to_order": 86_400}


@pytest.mark.parametrize("kind", [Shop, Seller])
def test_things_survive_the_store(kind: type[msgspec.Struct]) -> None:
    """What is written decodes to the same thing."""
    world = Market()
    world.open_shop("s1")
    kept = next(value for value in world.things.values() if type(value) is kind)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=kind) == kept


def test_stock_never_grows_beyond_what_the_store_can_read() -> None:
    """Goods that come back to a full shelf stay within the limit: the shop can still be read."""
    world = Market()
    world.open_shop("s1")
    order = world.place(lines=cakes(5))
    world.ok("product.stock", {"product": "p2", "stock": MOST_STOCK}, SELLER)
    world.ok("order.cancel", {"order": order, "reason": "mistake"}, BUYER)
    assert world.stock() == MOST_STOCK


def test_the_oldest_record_decodes() -> None:
    """Fields that came later have defaults."""
    oldest = {"id": "s1", "name": "Toko", "category": "food", "kelurahan": "kranggan", "lat": 1.0, "lon": 2.0}
    shop = msgspec.msgpack.decode(msgspec.msgpack.encode(oldest), type=Shop)
    assert (shop.state, shop.deaf, shop.seen) == ("closed", True, False)
