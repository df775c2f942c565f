from __future__ import annotations

from typing import Any

import pytest

from channels.order_things import MAX_OPEN_ORDERS, RETIRE_S
from hub.contract import TIMER, Actor, Decision, Facts
from tests.channels.order_world import (
    ACTORS,
    BUYER,
    NOW,
    OTHER,
    SELLER,
    STEPS,
    World,
    place,
    seeded,
)


@pytest.fixture
def world() -> World:
    return seeded()


def test_stock_counts_down_in_the_same_commit(world: World) -> None:
    """The last pieces are sold once, and a shop's list face changes when a product runs out."""
    line = {"product": "p2", "quantity": 8, "price": 45000}
    decision = world.ok("order.place", place(lines=[line]), BUYER)
    assert {(write.type, write.id) for write in decision.writes} == {("order", "o1"), ("buyer", "ani"), ("shop", "s02")}
    assert world.thing("shop", "s02").products[1].stock == 0
    listed = next(change for change in decision.changes if change.topic == "shops/kranggan")
    assert listed.view is not None
    assert [product["id"] for product in listed.view["products"]] == ["p1", "p3"]
    refusal = world.no("order.place", place(lines=[{**line, "quantity": 1}]), Actor("budi", "resident"))
    assert (refusal.code, refusal.data) == ("out_of_stock", {"product": "p2", "stock": 0})


def test_two_lines_of_one_product_share_its_stock(world: World) -> None:
    """A product in two lines is counted together."""
    line = {"product": "p2", "quantity": 5, "price": 45000}
    assert world.no("order.place", place(lines=[line, line]), BUYER).code == "out_of_stock"


@pytest.mark.parametrize(
    ("step", "actor"), [("order.reject", SELLER), ("order.cancel", BUYER), ("order.expire", TIMER)], ids=str
)
def test_goods_return_when_nobody_gets_them(world: World, step: str, actor: Actor) -> None:
    """Rejected, cancelled and expired orders give their goods back; a completed one does not."""
    world.ok("order.place", place(lines=[{"product": "p2", "quantity": 3, "price": 45000}]), BUYER)
    world.ok(step, STEPS[step], actor)
    assert world.thing("shop", "s02").products[1].stock == 8


def test_price_changed(world: World) -> None:
    """A price other than the one of now is refused with the new one."""
    refusal = world.no("order.place", place(lines=[{"product": "p1", "quantity": 1, "price": 2500}]), BUYER)
    assert refusal.code == "price_changed"
    assert refusal.data == {"product": "p1", "price": 3000, "prices": {"p1": 3000}}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"shop": "s99"}, "not_found"),
        ({"lines": [{"product": "p9", "quantity": 1, "price": 1}]}, "not_found"),
        ({"fulfilment": "delivery"}, "bad_data"),
        ({"fulfilment": "delivery", "address": "  "}, "bad_data"),
    ],
)
def test_place_refused(world: World, changed: dict[str, Any], code: str) -> None:
    """An unknown shop or product, and a delivery to nowhere, are named."""
    assert world.no("order.place", place(**changed), BUYER).code == code


def test_three_open_orders_a_device(world: World) -> None:
    """A fourth open order of a resident is refused; one that ended makes room."""
    for number in range(MAX_OPEN_ORDERS):
        world.ok("order.place", place(), BUYER, Facts(new_ids=(f"o{number}",)))
    refusal = world.no("order.place", place(), BUYER)
    assert (refusal.code, refusal.retry) == ("too_many", False)
    world.ok("order.cancel", {"order": "o0"}, BUYER)
    assert world.thing("buyer", "ani").open == ("o1", "o2")
    world.ok("order.place", place(), BUYER, Facts(new_ids=("o4",)))


def test_a_service_has_no_limit_and_a_buyer_without_orders_is_forgotten(world: World) -> None:
    """Another system may place many; after the last order ended nothing is kept of the buyer."""
    till = Actor("till", "service")
    for number in range(MAX_OPEN_ORDERS + 1):
        world.ok("order.place", place(), till, Facts(new_ids=(f"o{number}",)))
    for number in range(MAX_OPEN_ORDERS + 1):
        world.ok("order.cancel", {"order": f"o{number}"}, till)
    assert world.thing("buyer", "till") is None


def test_receipts_are_counted_by_person(world: World) -> None:
    """A level counts each seller once; a repeated receipt changes nothing."""
    world.ok("order.place", place(), BUYER)
    for seller in (SELLER, OTHER, SELLER):
        last = world.ok("order.receipt", {"order": "o1", "level": "audible"}, seller)
    assert last == Decision()
    assert world.thing("order", "o1").receipts == {"sri": {"audible": NOW}, "tari": {"audible": NOW}}
    view = world.ok("order.receipt", {"order": "o1", "level": "sent"}, Actor("sri", "hub", shop="s02")).changes[0].view
    assert view is not None
    assert view["receipts"] == {"sent": 1, "received": 0, "shown": 0, "audible": 2, "seen": 0}


def test_a_refused_receipt_is_not_recorded(world: World) -> None:
    """What the hub tells of the buyer's own screen, or too late, leaves no trace."""
    world.ok("order.place", place(), BUYER)
    refusal = world.no("order.receipt", {"order": "o1", "level": "sent"}, ACTORS["hub for the buyer"])
    assert not refusal.record


def test_retire(world: World) -> None:
    """An order leaves all its tables 24 h after its end."""
    world.ok("order.place", place(), BUYER)
    decision = world.ok("order.cancel", {"order": "o1"}, BUYER)
    assert decision.timers[-1].due == NOW + RETIRE_S * 1000
    retired = world.ok("order.retire", {"order": "o1"}, TIMER)
    assert [(change.topic, change.view) for change in retired.changes] == [
        ("person/ani", None),
        ("shop/s02", None),
        ("dispatch/market", None),
    ]
