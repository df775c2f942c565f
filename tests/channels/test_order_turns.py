"""What a shop's turns do to its orders: it turns deaf, and they move on; it opens, and those for later ring."""

from __future__ import annotations

import pytest

from channels.order_things import LATER_MS
from channels.order_time import WOKEN
from channels.shop_open import DEAF_MS
from channels.shop_things import ACCEPT_S
from hub.contract import TIMER, Actor, Decision
from tests.channels.market_world import BUYER, EMOJI, MARKET, SELLER, Market, basket, cakes, seller_of
from tests.channels.world import NOW

BUDI = {"name": "Budi", "phone": "0899999999"}
CATEGORIES = sorted(ACCEPT_S)


def shop(category: str = "food") -> Market:
    """A shop with a second contact and one seller who can be rung."""
    made = Market()
    made.open_shop("s1", category=category)
    made.ok("shop.save", {"shop": "s1", "contact": BUDI}, SELLER)
    return made


@pytest.fixture
def world() -> Market:
    return shop()


def ring(world: Market, order: str) -> tuple[str, bool, bool]:
    """(ring, whether the second contact was named, whether no device had it in time)."""
    view = world.view("shop/s1", order)
    return view["ring"], "contact" in view, "unheard" in view


def reasons(world: Market) -> list[str]:
    return sorted(view["reason"] for view in world.alarms().values())


# -- a shop that turns deaf ---------------------------------------------------------------------------


def test_orders_move_on_at_once_when_the_shop_turns_deaf(world: Market) -> None:
    """Nobody waits for 30 s: the second contact has it, as ignored where a device had it, else as unheard."""
    heard, unheard = world.place(), world.place()
    world.receive(heard)
    world.deaf(seller_of("s1"))
    world.settle()
    assert ring(world, heard) == ("ring", True, False)
    assert ring(world, unheard) == ("ring", True, True)
    assert reasons(world) == ["ignored", "unheard"]
    assert world.shop().state == "open"


def test_an_order_at_a_shop_that_just_turned_deaf(world: Market) -> None:
    """Shown as open for 30 s, it is taken, and given to the second contact in the same commit."""
    world.deaf(seller_of("s1"))
    world.settle()
    order = world.place()
    assert ring(world, order) == ("ring", True, True)
    assert reasons(world) == ["unheard"]
    assert world.order(order).expires_at == NOW + 180_000


def test_turning_deaf_twice_names_the_contact_once(world: Market) -> None:
    """What has moved on stays where it is."""
    order = world.place()
    for _ in range(2):
        world.deaf(seller_of("s1"))
        world.pass_ms(1_000)
        world.hears(seller_of("s1"))
        world.pass_ms(1_000)
    assert world.order(order).contacted_at == NOW
    assert [kind for topic, id_, kind in world.kinds if (topic, id_) == ("person/ani", order)] == [
        "order.placed",
        "order.unheard",
    ]


def test_an_accepted_order_does_not_hear_of_it(world: Market) -> None:
    """It waits for nobody."""
    order = world.place()
    world.accept(order)
    before = world.order(order)
    world.deaf(seller_of("s1"))
    world.pass_ms(DEAF_MS)
    assert world.order(order) == before


# -- orders for later --------------------------------------------------------------------------------------


def many(world: Market, count: int) -> list[str]:
    return [world.place(Actor(f"b{number}", "resident")) for number in range(count)]


def test_a_closed_shop_takes_an_order_for_later(world: Market) -> None:
    """It says when it opens; the order does not ring until then, and rings then with its whole time."""
    world.ok("shop.pause", {"shop": "s1", "minutes": 60}, SELLER)
    outcome = world.run("order.place", basket(), BUYER)
    assert isinstance(outcome, Decision)
    order, opens = outcome.answer["order"], NOW + 3_600_000
    assert outcome.answer == {"order": order, "state": "placed", "later": True, "opens_at": opens}
    view = world.view("person/ani", order)
    assert (view["later"], view["opens_at"], view["ring"], view["ring_at"]) == (True, opens, "off", 0)
    world.pass_ms(3_600_000 - 1)
    assert ring(world, order)[0] == "off"
    world.pass_ms(1)
    view = world.view("person/ani", order)
    assert (view["ring"], view["ring_at"], view["expires_at"]) == ("ring", opens, opens + 180_000)
    assert view["later"] is True
    assert "opens_at" not in view


def opens_at(world: Market, order: str) -> int | None:
    """When the shop opens, as the buyer reads it."""
    found: int | None = world.view("person/ani", order).get("opens_at")
    return found


def test_an_order_for_later_hears_of_another_opening(world: Market) -> None:
    """A pause that is prolonged, or has no end; none of it rings."""
    world.ok("shop.pause", {"shop": "s1", "minutes": 10}, SELLER)
    order = world.place()
    assert opens_at(world, order) == NOW + 600_000
    world.ok("shop.pause", {"shop": "s1", "minutes": 60}, SELLER)
    world.settle()
    assert (opens_at(world, order), ring(world, order)) == (NOW + 3_600_000, ("off", False, False))
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    world.settle()
    assert (opens_at(world, order), ring(world, order)) == (None, ("off", False, False))


def test_an_opening_that_nobody_is_there_for_is_not_promised_any_longer(world: Market) -> None:
    """Time passes and the shop stays closed: the order says no time, and rings when somebody can be rung.

    Since then it says to the shop that it waits for its sellers alone: their phones are woken.
    """
    world.ok("shop.pause", {"shop": "s1", "minutes": 10}, SELLER)
    order = world.place()
    world.deaf(seller_of("s1"))
    assert "asleep_at" not in world.view("shop/s1", order)
    world.pass_ms(600_000)
    assert (world.shop().why, opens_at(world, order)) == ("deaf", None)
    assert world.view("shop/s1", order)["asleep_at"] == world.now
    assert world.view("shop/s1", world.place(Actor("b2", "resident")))["asleep_at"] == world.now
    world.hears(seller_of("s1"))
    world.settle()
    assert ring(world, order) == ("ring", False, False)
    assert "asleep_at" not in world.view("shop/s1", order)


def test_twenty_orders_for_later_hear_of_another_opening(world: Market) -> None:
    """A few in each commit, until all have."""
    world.ok("shop.pause", {"shop": "s1", "minutes": 10}, SELLER)
    orders = [world.place(Actor(f"b{n}", "resident")) for n in range(20)]
    world.ok("shop.pause", {"shop": "s1", "minutes": 60}, SELLER)
    world.settle()
    assert {world.order(order).opens_at for order in orders} == {NOW + 3_600_000}


def test_an_order_for_later_waits_72_h(world: Market) -> None:
    """At a shop that does not open it expires, which is not held against the shop."""
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    order = world.place(lines=cakes(2))
    assert world.view("person/ani", order)["expires_at"] == NOW + LATER_MS
    world.pass_ms(LATER_MS)
    assert world.order(order).state == "expired"
    assert (world.shop().expired, world.stock()) == (0, 8)


def test_an_order_for_later_can_be_answered_before(world: Market) -> None:
    """A seller who looks at it accepts, rejects or ends it; at opening nothing rings."""
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    order = world.place()
    world.accept(order)
    world.ok("shop.resume", {"shop": "s1"}, SELLER)
    world.settle()
    assert ring(world, order)[0] == "off"
    assert world.order(order).ring_at == 0


@pytest.mark.parametrize("count", [1, WOKEN, WOKEN + 1, 13, 30])
def test_many_orders_ring_in_several_commits(world: Market, count: int) -> None:
    """Every one of them, a few a commit."""
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    orders = many(world, count)
    world.settle()
    commits = world.commits
    world.ok("shop.resume", {"shop": "s1"}, SELLER)
    world.settle()
    assert {ring(world, order)[0] for order in orders} == {"ring"}
    assert world.commits - commits == 1 + -(-count // WOKEN)
    assert world.sets["later/s1"] == set()


def test_the_largest_orders_ring_too() -> None:
    """Twelve lines of the longest names each: what one commit rings, it holds."""
    world, long = Market(), EMOJI * 15
    products = [{"id": f"{n:040}", "name": long[:60], "price": 10**9} for n in range(12)]
    world.register("s1", name=long[:60], products=products)
    lines = [{"product": one["id"], "quantity": 99, "price": 10**9} for one in products]
    texts = {"name": long[:60], "address": "🏠" * 200, "note": "🎂" * 200, "fulfilment": "delivery"}
    orders = [world.place(Actor(f"b{n}", "resident"), lines=lines, **texts) for n in range(2 * WOKEN)]
    world.hears(seller_of("s1"))
    world.settle()
    assert {ring(world, order)[0] for order in orders} == {"ring"}
    world.deaf(seller_of("s1"))
    world.settle()
    assert {ring(world, order)[2] for order in orders} == {True}


def test_more_ringing_orders_than_a_commit_holds_move_on(world: Market) -> None:
    """All of a shop that turned deaf, also while others are answered."""
    orders = many(world, 2 * WOKEN + 1)
    world.deaf(seller_of("s1"))
    world.accept(orders[0])
    world.settle()
    assert {ring(world, order)[1] for order in orders[1:]} == {True}
    assert world.sets["ringing/s1"] == set()


def test_a_shop_that_opens_deaf_gives_its_orders_on(world: Market) -> None:
    """Resumed within 30 s of its last seller: they ring, and the second contact has them at once."""
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    order = world.place()
    world.deaf(seller_of("s1"))
    world.ok("shop.resume", {"shop": "s1"}, MARKET)
    world.settle()
    assert ring(world, order) == ("ring", True, True)


def test_a_turn_of_a_shop_that_waits_for_nothing(world: Market) -> None:
    """Nothing is written."""
    outcome = world.run("order.shop_turned", {"shop": "s1"}, TIMER)
    assert isinstance(outcome, Decision)
    assert (outcome.writes, outcome.changes, outcome.timers) == ((), (), ())
    assert isinstance(world.run("order.shop_turned", {"shop": "s9"}, TIMER), Decision)
