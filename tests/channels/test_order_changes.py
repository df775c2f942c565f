"""What an order takes, costs and gives back, and what the buyer is offered instead."""

from __future__ import annotations

from typing import Any

import pytest

from hub.contract import SYSTEM, TIMER, Actor, Decision
from tests.channels.market_world import BUYER, SELLER, Market, basket, cakes, row, seller_of
from tests.channels.world import CITY


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1")
    return made


# -- stock ---------------------------------------------------------------------------------


def test_stock_counts_down_in_the_same_commit(world: Market) -> None:
    """The last pieces are sold once, and the list changes when a product runs out."""
    outcome = world.run("order.place", basket(lines=cakes(8)), BUYER)
    assert isinstance(outcome, Decision)
    order = outcome.answer["order"]
    assert {(write.type, write.id) for write in outcome.writes} == {("order", order), ("buyer", "ani"), ("shop", "s1")}
    assert world.stock() == 0
    assert world.view("shop/s1", "p2")["state"] == "sold_out"
    assert [product["id"] for product in world.view("shops/kranggan", "s1")["products"]] == ["p1"]
    refusal = world.no("order.place", basket(lines=cakes(1)), Actor("budi", "resident"))
    assert (refusal.code, refusal.data) == ("out_of_stock", {"product": "p2", "stock": 0})


def test_what_is_not_counted_is_guarded_instead(world: Market) -> None:
    """The shop is not written, but its price and its being open were true when the order was."""
    outcome = world.run("order.place", basket(), BUYER)
    assert isinstance(outcome, Decision)
    assert [(guard.type, guard.id) for guard in outcome.guards] == [("shop", "s1")]
    assert "shop" not in {write.type for write in outcome.writes}


def test_two_lines_of_one_product_share_its_stock(world: Market) -> None:
    """A product in two lines is counted together."""
    refusal = world.no("order.place", basket(lines=cakes(5) * 2), BUYER)
    assert (refusal.code, refusal.data) == ("out_of_stock", {"product": "p2", "stock": 8})
    world.place(lines=cakes(4) * 2)
    assert world.stock() == 0


ENDS: list[tuple[str, dict[str, Any], Actor]] = [
    ("order.reject", {"reason": "other"}, SELLER),
    ("order.cancel", {"reason": "mistake"}, BUYER),
    ("order.cancel", {"reason": "out_of_stock"}, SELLER),
    ("order.expire", {}, TIMER),
]


@pytest.mark.parametrize(("cmd", "data", "actor"), ENDS)
def test_goods_return_when_nobody_gets_them(world: Market, cmd: str, data: dict[str, Any], actor: Actor) -> None:
    """Rejected, cancelled and expired orders give their goods back."""
    order = world.place(lines=cakes(3))
    assert world.stock() == 5
    world.now += 180_000
    world.ok(cmd, {"order": order, **data}, actor)
    assert world.stock() == 8


def test_a_completed_order_gives_nothing_back(world: Market) -> None:
    """It is sold, and the shop's month counts it."""
    order = world.place(lines=cakes(3))
    world.accept(order)
    world.ok("order.advance", {"order": order, "to": "completed"}, SELLER)
    assert (world.stock(), world.shop().sold) == (5, 1)


def test_only_what_was_taken_comes_back(world: Market) -> None:
    """A product that was not counted when it was ordered gains nothing when it is counted later."""
    order = world.place()
    world.ok("product.stock", {"product": "p1", "stock": 4}, SELLER)
    world.ok("order.cancel", {"order": order, "reason": "mistake"}, BUYER)
    assert world.stock("p1") == 4


# -- what cannot be placed ---------------------------------------------------------------------


def test_price_changed(world: Market) -> None:
    """A price other than the one of now is refused with the new one, and before the stock is looked at."""
    lines = [{"product": "p1", "quantity": 1, "price": 2500}, {"product": "p2", "quantity": 9, "price": 45000}]
    refusal = world.no("order.place", basket(lines=lines), BUYER)
    assert refusal.code == "price_changed"
    assert refusal.data == {"product": "p1", "price": 3000, "prices": {"p1": 3000}}


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"shop": "s9"}, "not_found", "data.shop"),
        ({"lines": [*cakes(1), {"product": "p9", "quantity": 1, "price": 1}]}, "not_found", "data.lines[1].product"),
        ({"fulfilment": "delivery"}, "bad_data", "data.address"),
        ({"fulfilment": "delivery", "address": "  "}, "bad_data", "data.address"),
    ],
)
def test_what_cannot_be_placed(world: Market, changed: dict[str, Any], code: str, path: str) -> None:
    """An unknown shop, a product of another shop and a delivery to nowhere are named."""
    world.register("s2", products=[{"id": "p9", "name": "Kue", "price": 1}])
    refusal = world.no("order.place", basket(**changed), BUYER)
    assert (refusal.code, refusal.message.partition(":")[0]) == (code, path)


# -- alternatives ------------------------------------------------------------------------------------


def around(world: Market, id_: str, metres: int, **more: Any) -> None:
    """An open shop so far north of the first one."""
    lat, lon = CITY.point_in("kranggan")
    world.open_shop(id_, lat=lat + metres / 111_195, lon=lon, **more)


def expired(world: Market, **more: Any) -> dict[str, Any]:
    order = world.place(**more)
    world.pass_ms(180_000)
    view = world.view("person/ani", order)
    assert view["state"] == "expired"
    return view


def test_the_three_nearest_open_shops_with_the_goods(world: Market) -> None:
    """Of the same category, with a product that shares a word, enough of it, and what it costs there."""
    cake = [{"id": "k", "name": "KUE lumpur besar", "price": 4000, "stock": 2}]
    around(world, "far", 2_000, products=cake)
    around(world, "near", 200, products=cake)
    around(world, "middle", 900, products=[{"id": "x", "name": "Es kue", "price": 500}, *cake])
    around(world, "farther", 3_000, products=cake)
    around(world, "nothing", 10, products=[{"id": "x", "name": "Soto", "price": 1}])
    around(world, "few", 20, products=[{**cake[0], "stock": 1}])
    around(world, "goods", 30, products=cake, category="goods")
    around(world, "shut", 40, products=cake)
    world.ok("shop.pause", {"shop": "shut"}, seller_of("shut"))
    found = expired(world)["alternatives"]
    assert [(one["shop"], one["distance_m"]) for one in found] == [("near", 200), ("middle", 900), ("far", 2000)]
    assert found[0]["lines"] == [{"product": "k", "name": "KUE lumpur besar", "quantity": 2, "price": 4000}]
    assert (found[0]["total"], found[0]["kelurahan"]) == (8000, "kranggan")
    assert found[1]["lines"][0]["product"] == "k"


def test_an_alternative_can_be_ordered_as_it_stands(world: Market) -> None:
    """One tap: its lines are an order there."""
    around(world, "near", 200)
    (found,) = expired(world, lines=cakes(2))["alternatives"]
    lines = [{key: line[key] for key in ("product", "quantity", "price")} for line in found["lines"]]
    world.place(shop=found["shop"], lines=lines)
    assert world.stock("p2", "near") == 6


def test_a_rejected_order_has_alternatives_a_cancelled_one_none(world: Market) -> None:
    """Whoever ends it themselves looks for nothing."""
    around(world, "near", 200)
    first, second = world.place(), world.place()
    world.ok("order.reject", {"order": first, "reason": "out_of_stock"}, SELLER)
    world.ok("order.cancel", {"order": second, "reason": "mistake"}, BUYER)
    assert len(world.view("person/ani", first)["alternatives"]) == 1
    assert "alternatives" not in world.view("person/ani", second)
    assert "alternatives" not in world.view("dispatch/market", first)


def test_long_orders_have_one_alternative(world: Market) -> None:
    """So that their view has room."""
    products = [{"id": f"k{n}", "name": f"Kue nomor{n}", "price": 1000} for n in range(6)]
    for id_ in ("s1", "a", "b"):
        world.ok("shop.register", {"shops": [row(id_, products=products)]}, SYSTEM)
        if id_ == "s1":
            for product in products:
                world.ok("product.save", {**product, "product": None}, SELLER)
        else:
            world.hears(seller_of(id_))
    mine = [one for one in world.shop().products if one.name.startswith("Kue nomor")]
    lines = [{"product": one.id, "quantity": 1, "price": 1000} for one in mine]
    assert len(expired(world, lines=lines[:5])["alternatives"]) == 2
    assert len(expired(world, lines=lines)["alternatives"]) == 1
