"""What people do to an order: place it, answer it, make it, end it; marks of what was not collected."""

from __future__ import annotations

import pytest

from channels.order_things import MAX_OPEN_ORDERS, NO_SHOW_MS, RETIRE_MS
from hub.contract import Actor, Decision
from tests.channels.market_world import BUYER, OTHER, SELLER, TILL, Market, basket
from tests.channels.world import NOW


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1")
    return made


def test_placing(world: Market) -> None:
    """An order is shown to buyer, shop and market desk, rings, and expires after its category's time."""
    outcome = world.run("order.place", basket(note="tanpa gula"), BUYER)
    assert isinstance(outcome, Decision)
    order = outcome.answer["order"]
    assert outcome.answer == {"order": order, "state": "placed"}
    assert [change.topic for change in outcome.changes] == ["person/ani", "shop/s1", "dispatch/market"]
    view = world.view("person/ani", order)
    assert (view["state"], view["total"], view["lines"]) == (
        "placed", 6000, [{"product": "p1", "name": "Kue lumpur", "quantity": 2, "price": 3000}],
    )  # fmt: skip
    assert (view["ring"], view["ring_at"], view["expires_at"]) == ("ring", NOW, NOW + 180_000)
    assert view["note"] == "tanpa gula"
    assert {timer.name: timer.due for timer in outcome.timers} == {"expire": NOW + 180_000, "ladder": NOW + 5_000}


@pytest.mark.parametrize(("category", "accept_s"), [("food", 180), ("goods", 1_800), ("made_to_order", 86_400)])
def test_the_time_to_answer_is_the_categorys(category: str, accept_s: int) -> None:
    """Three minutes for food, a day for what is made to order."""
    world = Market()
    world.open_shop("s1", category=category)
    assert world.order(world.place()).expires_at == NOW + accept_s * 1000


# -- how many ----------------------------------------------------------------------------


def test_three_open_orders_a_device(world: Market) -> None:
    """A fourth open order of a resident is refused; one that ended makes room."""
    first, *_ = [world.place() for _ in range(MAX_OPEN_ORDERS)]
    refusal = world.no("order.place", basket(), BUYER)
    assert (refusal.code, refusal.retry, refusal.data) == ("too_many", False, {"open": 3})
    world.ok("order.cancel", {"order": first, "reason": "mistake"}, BUYER)
    world.place()


def test_a_service_has_no_limit_and_no_record_to_wait_for(world: Market) -> None:
    """Another system may place many at once: no two of its orders write the same record."""
    for _ in range(MAX_OPEN_ORDERS + 1):
        outcome = world.run("order.place", basket(), TILL)
        assert isinstance(outcome, Decision)
        assert [write.type for write in outcome.writes] == ["order"]
        world.ok("order.cancel", {"order": outcome.answer["order"], "reason": "other"}, TILL)
    assert ("buyer", "till") not in world.things


def test_a_buyer_without_orders_is_forgotten(world: Market) -> None:
    """After the last order ended nothing is kept."""
    order = world.place()
    world.ok("order.cancel", {"order": order, "reason": "mistake"}, BUYER)
    assert ("buyer", "ani") not in world.things


# -- no-shows -----------------------------------------------------------------------------------


def uncollected(world: Market, buyer: Actor = BUYER) -> str:
    order = world.place(buyer)
    world.accept(order)
    world.ok("order.advance", {"order": order, "to": "ready"}, SELLER)
    world.ok("order.cancel", {"order": order, "reason": "no_show"}, SELLER)
    return order


def test_a_no_show_is_a_mark_that_the_shop_sees(world: Market) -> None:
    """On the buyer's next orders, in the shop's copy only, for 30 days."""
    uncollected(world)
    uncollected(world)
    order = world.place()
    assert world.view("shop/s1", order)["no_shows"] == 2
    assert "no_shows" not in world.view("person/ani", order)
    assert "no_shows" not in world.view("dispatch/market", order)
    world.ok("order.cancel", {"order": order, "reason": "mistake"}, BUYER)
    world.now += NO_SHOW_MS - 1
    assert world.order(world.place()).no_shows == 2
    world.now += 1
    assert world.order(world.place()).no_shows == 0


def test_a_system_is_not_marked_for_one_of_its_people(world: Market) -> None:
    """Many people order through one account: what one of them left says nothing of the next."""
    uncollected(world, TILL)
    assert "no_shows" not in world.view("shop/s1", world.place(TILL))
    want = world.post(TILL)
    world.answer(want, "s1")
    assert world.order(world.ok("want.pick", {"want": want, "answer": "s1"}, TILL)["order"]).no_shows == 0


@pytest.mark.parametrize(("state", "actor"), [("placed", SELLER), ("accepted", SELLER), ("ready", BUYER)])
def test_a_no_show_is_the_shops_word_about_goods_that_are_ready(world: Market, state: str, actor: Actor) -> None:
    """Not the buyer's, and not earlier."""
    order = world.place()
    if state != "placed":
        world.accept(order)
    if state == "ready":
        world.ok("order.advance", {"order": order, "to": "ready"}, SELLER)
    refusal = world.no("order.cancel", {"order": order, "reason": "no_show"}, actor)
    assert refusal.code == ("not_allowed" if actor is BUYER else "bad_data")


# -- prep time -----------------------------------------------------------------------------------


def test_busy_is_added_to_ready_at(world: Market) -> None:
    """What the shop said it takes longer when it accepted; a busy time that is over counts no more."""
    world.ok("shop.busy", {"shop": "s1", "minutes": 20, "for_min": 5}, SELLER)
    first = world.place()
    world.accept(first, prep_min=10)
    assert world.view("person/ani", first)["ready_at"] == NOW + 30 * 60_000
    second = world.place()
    world.now += 5 * 60_000  # its timer comes a little late
    world.accept(second, prep_min=10)
    assert world.view("person/ani", second)["ready_at"] == world.now + 10 * 60_000
    assert world.view("person/ani", second)["prep_min"] == 10


# -- receipts --------------------------------------------------------------------------------------


def test_receipts_are_counted_by_person(world: Market) -> None:
    """A level counts each seller once; a repeated receipt changes nothing."""
    order = world.place()
    for seller in (SELLER, OTHER):
        world.receive(order, seller, "audible")
    assert world.run("order.receipt", {"order": order, "level": "audible"}, SELLER) == Decision()
    world.ok("order.receipt", {"order": order, "level": "sent"}, Actor("sri", "hub", shop="s1"))
    view = world.view("person/ani", order)
    assert view["receipts"] == {"sent": 1, "received": 0, "shown": 0, "audible": 2, "seen": 0}


def test_a_refused_receipt_is_not_recorded(world: Market) -> None:
    """What the hub tells of the buyer's own screen, or too late, leaves no trace."""
    order = world.place()
    assert not world.no("order.receipt", {"order": order, "level": "sent"}, Actor("ani", "hub")).record
    world.accept(order)
    assert not world.no("order.receipt", {"order": order, "level": "seen"}, SELLER).record


# -- the end ------------------------------------------------------------------------------------------


def test_an_order_leaves_all_tables_24_h_after_its_end(world: Market) -> None:
    """And nothing of it is kept."""
    order = world.place()
    world.ok("order.cancel", {"order": order, "reason": "mistake"}, BUYER)
    world.pass_ms(RETIRE_MS - 1)
    assert order in world.tables["person/ani"]
    world.pass_ms(1)
    assert ("order", order) not in world.things
    assert all(order not in world.tables[topic] for topic in ("person/ani", "shop/s1", "dispatch/market"))
    assert not [key for key in world.timers if key[0] == "order"]
