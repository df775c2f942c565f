from __future__ import annotations

import msgspec
import pytest

from channels.order_things import Buyer, Order, Seller, Shop
from hub.contract import HUB, SYSTEM
from tests.channels.order_world import (
    BUYER,
    CITY,
    SEED,
    World,
    place,
    seeded,
)


@pytest.fixture
def world() -> World:
    return seeded()


def test_market_desk_sees_no_person(world: World) -> None:
    """The market desk reads no name, phone, address or note."""
    data = place(fulfilment="delivery", address="Jl. Majapahit 1", note="pagar hijau")
    view = world.ok("order.place", data, BUYER).changes[2].view
    assert view is not None
    assert not {"name", "phone", "address", "note", "lines"} & set(view)


def test_seed_file() -> None:
    """The seed has 60 shops with three products each, in all 18 kelurahan and inside their polygons."""
    assert len(SEED) == 60
    assert {shop["kelurahan"] for shop in SEED} == set(CITY.kelurahan)
    world = World()
    for shop in SEED:
        assert CITY.kelurahan_at(shop["lat"], shop["lon"]) == shop["kelurahan"]
        assert len(shop["products"]) == 3
        decision = world.ok("order.seed", {"shop": shop}, SYSTEM)
        assert len(msgspec.msgpack.encode(decision.changes[1].view)) < 300


def test_views_are_small(world: World) -> None:
    """The largest order that the data allow stays under the 4 KB of a view."""
    names = "n" * 60
    products = [{"id": f"p{number}" + "x" * 30, "name": names, "price": 10**9} for number in range(12)]
    world.ok("order.seed", {"shop": {**SEED[1], "name": names, "products": products}}, SYSTEM)
    lines = [{"product": product["id"], "quantity": 99, "price": 10**9} for product in products]
    data = place(lines=lines, fulfilment="delivery", address="a" * 200, note="n" * 200, name=names)
    view = world.ok("order.place", data, BUYER).changes[0].view
    assert len(msgspec.msgpack.encode(view)) < 4096


@pytest.mark.parametrize("thing", [Order, Shop, Buyer, Seller])
def test_things_survive_the_store(world: World, thing: type[msgspec.Struct]) -> None:
    """What is written decodes to the same thing."""
    world.ok("order.place", place(), BUYER)
    world.ok("order.presence", {"person": "sri", "reachable": True, "shop": "s02"}, HUB)
    kept = next(value for value in world.things.values() if type(value) is thing)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=thing) == kept
