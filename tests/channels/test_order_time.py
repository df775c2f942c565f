"""The ladder of an unanswered order, on a moved clock; shops that turn deaf; orders for later."""

from __future__ import annotations

import pytest

from channels.order_changes import climbed
from channels.order_things import LATER_MS
from channels.order_time import WOKEN
from channels.shop_open import DEAF_MS
from channels.shop_things import ACCEPT_S
from hub.contract import TIMER, Actor, Decision
from tests.channels.market_world import BUYER, MARKET, SELLER, Market, basket, cakes, seller_of
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


@pytest.mark.parametrize("category", CATEGORIES)
def test_an_order_that_is_received_and_ignored(category: str) -> None:
    """Louder at a quarter, the second contact and the desk's alarm at two thirds, then it expires."""
    world, accept_ms = shop(category), ACCEPT_S[category] * 1000
    order = world.place()
    world.receive(order)
    for before, after in (
        (accept_ms // 4, ("loud", False, False)),
        (accept_ms * 2 // 3, ("loud", True, False)),
    ):
        world.pass_ms(NOW + before - 1 - world.now)
        assert ring(world, order) != after
        world.pass_ms(1)
        assert ring(world, order) == after
    assert world.view("shop/s1", order)["contact"] == BUDI
    assert "contact" not in world.view("person/ani", order)
    assert world.view("person/ani", order)["contacted_at"] == world.now
    assert reasons(world) == ["ignored"]
    world.pass_ms(NOW + accept_ms - 1 - world.now)
    assert world.order(order).state == "placed"
    world.pass_ms(1)
    assert ring(world, order) == ("off", True, False)
    assert world.order(order).state == "expired"
    assert world.alarms() == {}


@pytest.mark.parametrize("category", CATEGORIES)
def test_an_order_that_no_device_receives(category: str) -> None:
    """5 s later the second contact has it and the desk another alarm; `sent` proves nothing."""
    world = shop(category)
    order = world.place()
    world.ok("order.receipt", {"order": order, "level": "sent"}, Actor("sri", "hub", shop="s1"))
    world.pass_ms(4_999)
    assert ring(world, order) == ("ring", False, False)
    world.pass_ms(1)
    assert ring(world, order) == ("ring", True, True)
    assert reasons(world) == ["unheard"]
    world.pass_ms(ACCEPT_S[category] * 1000 - 5_001)
    assert ring(world, order) == ("loud", True, True)
    assert reasons(world) == ["unheard"]
    world.pass_ms(1)
    assert world.order(order).state == "expired"


def test_an_order_received_late_is_ignored_later(world: Market) -> None:
    """With the receipt the alarm of being unheard is over; unanswered at two thirds it is another one."""
    order = world.place()
    world.pass_ms(5_000)
    world.receive(order)
    assert reasons(world) == []
    assert world.view("person/ani", order)["unheard"] is True
    world.pass_ms(114_999)
    assert reasons(world) == []
    world.pass_ms(1)
    assert reasons(world) == ["ignored"]
    assert world.order(order).contacted_at == NOW + 5_000
    assert ("order", order, "ladder") not in world.timers


def test_an_order_received_too_late_stays_the_desks(world: Market) -> None:
    """After two thirds a receipt ends no alarm: there is no time left to watch."""
    order = world.place()
    world.pass_ms(120_000)
    world.receive(order)
    assert reasons(world) == ["unheard"]
    world.pass_ms(59_999)
    assert reasons(world) == ["unheard"]


def test_a_taken_alarm_ends_with_the_receipt(world: Market) -> None:
    """And never rings again."""
    order = world.place()
    world.pass_ms(5_000)
    world.ok("alarm.take", {"alarm": f"{order}.unheard"}, MARKET)
    world.receive(order)
    assert ("order", order, "alarm") not in world.timers
    world.pass_ms(70_000)
    assert reasons(world) == []


@pytest.mark.parametrize("at_ms", [1, 46_000, 121_000])
def test_an_answer_silences_everything(world: Market, at_ms: int) -> None:
    """Wherever the ladder is, an accepted order rings nowhere and its steps are gone."""
    order = world.place()
    world.pass_ms(at_ms)
    world.accept(order)
    assert ring(world, order)[0] == "off"
    assert not [key for key in world.timers if key[:2] == ("order", order)]
    assert world.alarms() == {}


def test_an_expired_order(world: Market) -> None:
    """Its goods return, it counts against the shop, and the buyer gets alternatives."""
    world.open_shop("s2")
    order = world.place(lines=cakes(2))
    world.pass_ms(180_000)
    assert world.stock() == 8
    assert world.shop().expired == 1
    assert world.view("person/ani", order)["alternatives"][0]["shop"] == "s2"
    assert world.view("person/ani", order)["times"] == {"placed": NOW, "expired": NOW + 180_000}


def test_a_step_that_comes_early_is_set_anew(world: Market) -> None:
    """A timer leased before its time does nothing and comes again."""
    order = world.place()
    for name in ("ladder", "expire"):
        timer = world.timers.pop(("order", order, name))
        before = world.order(order)
        world.ok(f"order.{name}", {"order": order}, TIMER)
        assert world.order(order) == before
        assert world.timers["order", order, name] == timer


def test_a_late_worker_takes_the_steps_one_by_one(world: Market) -> None:
    """An hour late, nothing is left out."""
    order = world.place()
    world.now += 179_000
    world.settle()
    kinds = [kind for topic, id_, kind in world.kinds if (topic, id_) == ("shop/s1", order)]
    assert kinds == ["order.placed", "order.unheard", "order.loud"]
    world.pass_ms(1_000)
    assert world.order(order).state == "expired"


# -- an outage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ladder", "expire"])
def test_the_ladder_starts_again_after_an_outage(world: Market, name: str) -> None:
    """A seller who could not answer because the store was away gets the whole time again."""
    order = world.place()
    world.receive(order)
    world.now += 180_000
    world.away_ms = 60_000
    world.ok(f"order.{name}", {"order": order}, TIMER)
    world.away_ms = 0
    again = world.order(order)
    assert (again.state, again.ring_at, again.loud) == ("placed", NOW + 180_000, False)
    assert again.expires_at == NOW + 360_000
    world.pass_ms(44_999)
    assert ring(world, order)[0] == "ring"
    world.pass_ms(1)
    assert ring(world, order)[0] == "loud"
    world.pass_ms(135_000)
    assert world.order(order).state == "expired"


def test_an_outage_gives_an_order_for_later_nothing(world: Market) -> None:
    """It did not ring."""
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    order = world.place()
    world.now += LATER_MS
    world.away_ms = 60_000
    world.ok("order.expire", {"order": order}, TIMER)
    assert world.order(order).state == "expired"


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


def test_every_step_may_come_twice(world: Market) -> None:
    """A step taken again keeps the contact's time."""
    order = world.order(world.place())
    once = climbed(order, "contact", NOW + 10)
    assert climbed(once, "contact", NOW + 20).contacted_at == NOW + 10
