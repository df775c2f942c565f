"""The ladder of an unanswered order, on a moved clock, and an outage in its way."""

from __future__ import annotations

import pytest

from channels.order_changes import climbed
from channels.order_things import LATER_MS
from channels.shop_things import ACCEPT_S
from hub.contract import TIMER, Actor
from tests.channels.market_world import MARKET, SELLER, Market, cakes
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


def test_every_step_may_come_twice(world: Market) -> None:
    """A step taken again keeps the contact's time."""
    order = world.order(world.place())
    once = climbed(order, "contact", NOW + 10)
    assert climbed(once, "contact", NOW + 20).contacted_at == NOW + 10
