"""Shops: every step of the table, who may take it, and who can be heard."""

from __future__ import annotations

from typing import Any

import pytest

from channels.shop_open import DEAF_MS
from channels.shop_things import MOST_SELLERS, SHOP
from hub.contract import HUB, SYSTEM, TIMER, Actor, Decision, Reach, Refusal
from tests.channels.market_world import (
    ACTORS,
    MARKET,
    OTHER,
    SELLER,
    SERVICES,
    STRANGER,
    Market,
    hub_of,
    pairs,
    row,
    seller_of,
)
from tests.channels.world import NOW

STEPS: dict[str, dict[str, Any]] = {
    "shop.register": {"shops": [row()]},
    "shop.save": {"shop": "s1", "name": "Kue Baru"},
    "shop.pause": {"shop": "s1"},
    "shop.resume": {"shop": "s1"},
    "shop.busy": {"shop": "s1", "minutes": 20},
    "shop.presence": {"person": "sri", "reachable": True, "connected": True, "shop": "s1"},
    "shop.turn": {"shop": "s1"},
    "product.save": {"shop": "s1", "product": "p1", "name": "Kue lumpur", "price": 3500},
    "product.stock": {"shop": "s1", "product": "p1", "stock": 0},
}
STATES = [state for state in SHOP if state != "new"]


@pytest.fixture
def world() -> Market:
    """A shop with two sellers who can be rung, and another."""
    made = Market()
    made.open_shop("s1", "s2")
    made.hears(SELLER)
    return made


def in_state(world: Market, state: str) -> None:
    if state == "closed":
        world.ok("shop.pause", {"shop": "s1"}, SELLER)


def mine(actor: Actor) -> bool:
    return actor.role != "seller" or actor.shop == "s1"


@pytest.mark.parametrize(("state", "step", "who"), pairs(STATES, STEPS, ACTORS))
def test_steps(world: Market, state: str, step: str, who: str) -> None:
    """Every (state, command, role) is a step for who may take it, or `not_allowed` that writes nothing."""
    in_state(world, state)
    before, actor, rule = world.shop(), ACTORS[who], SHOP[state][step]
    outcome = world.run(step, STEPS[step], actor)
    desk = actor.role != "dispatcher" or actor.desk == "market"
    if actor.role in rule.roles and mine(actor) and desk:
        assert isinstance(outcome, Decision), outcome
        assert world.shop().state in (state, rule.to)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code == "not_allowed"
        assert world.shop() == before


@pytest.mark.parametrize("state", STATES)
def test_every_state_knows_every_command(state: str) -> None:
    """Nothing that a seller does is an illegal step: what it leads to is the rule's."""
    assert SHOP[state].keys() == STEPS.keys()


@pytest.mark.parametrize(("step", "who"), pairs([step for step in STEPS if step != "shop.register"], ACTORS))
def test_a_shop_that_is_not_there(world: Market, step: str, who: str) -> None:
    """No shop has no steps; what the hub and timers ask is not recorded."""
    data = {key: "s9" if key == "shop" else value for key, value in STEPS[step].items()}
    outcome = world.run(step, data, ACTORS[who])
    assert isinstance(outcome, Refusal)
    assert outcome.code in ("not_found", "not_allowed")
    assert outcome.record or ACTORS[who].role in ("hub", "timer")


def test_every_arrow_of_the_diagram(world: Market) -> None:
    """Each change of state that the table draws happens."""
    shut = {"shop": "s1", "hours": [[]] * 7}
    always = {"shop": "s1", "hours": []}
    assert world.shop().state == "open"
    world.ok("shop.save", shut, SELLER)
    assert (world.shop().state, world.shop().why) == ("closed", "hours")
    world.ok("shop.save", always, SELLER)
    assert world.shop().state == "open"
    world.ok("shop.pause", {"shop": "s1", "minutes": 5}, SELLER)
    assert world.shop().state == "closed"
    world.pass_ms(5 * 60_000)
    assert world.shop().state == "open"
    world.ok("shop.pause", {"shop": "s1"}, MARKET)
    world.ok("shop.resume", {"shop": "s1"}, MARKET)
    assert world.shop().state == "open"
    for seller in (SELLER, seller_of("s1")):
        world.deaf(seller)
    world.pass_ms(DEAF_MS)
    assert (world.shop().state, world.shop().why) == ("closed", "deaf")
    world.hears(SELLER)
    assert world.shop().state == "open"


# -- who can be heard -------------------------------------------------------------------


def test_a_registered_shop_is_closed_until_somebody_can_be_rung() -> None:
    """No seller, one without sound, one with: only the last opens it."""
    world = Market()
    world.register("s1")
    assert (world.shop().state, world.shop().why) == ("closed", "deaf")
    assert "shops/kranggan" not in world.tables
    world.hears(SELLER, reachable=False)
    assert world.shop().state == "closed"
    assert world.view("shops/kranggan", "s1")["why"] == "deaf"
    world.hears(SELLER)
    assert world.view("shops/kranggan", "s1")["state"] == "open"


def test_a_shop_closes_30_s_after_the_last_seller_turned_deaf(world: Market) -> None:
    """Deaf at once, shown closed after 30 s, open again by itself."""
    world.deaf(seller_of("s1"))
    assert not world.shop().deaf
    world.pass_ms(60_000)
    assert world.shop().state == "open"
    world.deaf(SELLER)
    assert world.shop().deaf
    assert world.view("shop/s1", "s1")["deaf"] is True
    world.pass_ms(DEAF_MS - 1)
    assert world.view("shops/kranggan", "s1")["state"] == "open"
    world.pass_ms(1)
    assert world.view("shops/kranggan", "s1")["state"] == "closed"
    world.hears(SELLER)
    assert (world.shop().state, world.shop().deaf, world.shop().turn_at) == ("open", False, 0)


def test_a_reconnect_within_30_s_closes_nothing(world: Market) -> None:
    """Who comes back in time was never gone: each absence has its own 30 s."""
    world.deaf(seller_of("s1"))
    for _ in range(3):
        world.deaf(SELLER)
        world.pass_ms(DEAF_MS - 1)
        world.hears(SELLER)
    world.pass_ms(DEAF_MS)
    assert world.shop().state == "open"
    assert [kind for topic, _, kind in world.kinds if topic == "shops/kranggan"].count("shop.turned") == 0


def test_a_deaf_shop_that_never_was_heard_stays_closed() -> None:
    """A first page without sound earns no 30 s."""
    world = Market()
    world.register("s1")
    world.hears(SELLER, reachable=False)
    assert world.shop().state == "closed"
    world.deaf(SELLER)
    assert world.shop().state == "closed"


def test_the_leases_say_what_is(world: Market) -> None:
    """A seller who left one hub but is heard by another still listens; the sweep of a dead hub finds who does not."""
    world.deaf(seller_of("s1"))
    lost = {"person": "sri", "reachable": False, "connected": False}
    assert world.run("shop.presence", lost, hub_of(SELLER)) == Decision()
    world.here["sri"] = Reach()
    world.ok("shop.presence", lost, HUB)
    assert world.shop().deaf
    assert world.run("shop.presence", lost, HUB) == Decision()


def test_news_of_somebody_without_a_shop(world: Market) -> None:
    """They are refused and not recorded."""
    refusal = world.no("shop.presence", {"person": "joko", "reachable": True}, HUB)
    assert (refusal.code, refusal.record) == ("not_found", False)


def test_somebody_who_never_came_is_not_noted(world: Market) -> None:
    """An absence of a stranger is no news."""
    decision = world.run("shop.presence", {"person": "tari", "reachable": False}, hub_of(OTHER))
    assert decision == Decision()


def test_a_seller_who_sells_elsewhere_now_leaves_the_former_shop(world: Market) -> None:
    """Both shops are settled in one commit: nobody holds two of them open."""
    world.deaf(seller_of("s1"))
    moved = Actor("sri", "seller", name="Sri", shop="s2")
    world.told(moved)
    assert "sri" in world.shop("s2").sellers
    assert "sri" not in world.shop("s1").sellers
    assert world.shop("s1").deaf
    world.pass_ms(DEAF_MS)
    assert (world.shop("s1").state, world.shop("s2").state) == ("closed", "open")
    world.here["sri"] = Reach()
    world.ok("shop.presence", {"person": "sri", "reachable": False}, HUB)
    assert not world.shop("s2").sellers["sri"].connected


def test_the_number_of_sellers_is_bounded(world: Market) -> None:
    """The one who has been gone longest makes room, never one who can be rung."""
    world.hears(OTHER, reachable=False, connected=True)
    world.pass_ms(1000)
    for number in range(MOST_SELLERS):
        world.hears(Actor(f"p{number}", "seller", name=f"P{number}", shop="s1"))
    sellers = world.shop().sellers
    assert len(sellers) == MOST_SELLERS
    assert "tari" not in sellers


def test_a_name_is_kept_and_renewed(world: Market) -> None:
    """News without a name keep the known one."""
    lost = {"person": "sri", "reachable": False, "connected": False}
    world.here["sri"] = Reach()
    world.ok("shop.presence", lost, HUB)
    assert world.shop().sellers["sri"].name == "Sri"


# -- time ------------------------------------------------------------------------------------


def test_hours_open_and_close_by_themselves() -> None:
    """15:00 on a Friday: open until five, and again on Monday at eight."""
    world = Market()
    day = [[480, 1020]]
    world.open_shop("s1", hours=[day, day, day, day, day, [], []])
    assert world.shop().state == "open"
    world.pass_ms(2 * 3_600_000)
    shop = world.view("shops/kranggan", "s1")
    monday = NOW + 65 * 3_600_000
    assert (shop["state"], shop["why"], shop["opens_at"]) == ("closed", "hours", monday)
    world.now = monday - 1
    world.settle()
    assert world.shop().state == "closed"
    world.pass_ms(1)
    assert world.shop().state == "open"


def test_a_timer_that_comes_early_is_set_anew(world: Market) -> None:
    """Nothing changes, and it comes again when it is due."""
    world.ok("shop.pause", {"shop": "s1", "minutes": 10}, SELLER)
    timer = world.timers.pop(("shop", "s1", "turn"))
    world.ok("shop.turn", {"shop": "s1"}, TIMER)
    assert world.shop().paused
    assert world.timers["shop", "s1", "turn"] == timer
    world.ok("shop.resume", {"shop": "s1"}, SELLER)
    assert ("shop", "s1", "turn") not in world.timers
    assert world.run("shop.turn", {"shop": "s1"}, TIMER) == Decision()


def test_orders_hear_of_what_a_shop_turns_to(world: Market) -> None:
    """Opening, closing, turning deaf and hearing again each call the waiting orders; a new name does not."""
    key = ("shop", "s1", "orders")
    world.settle()
    for cmd, data in [("shop.pause", {"shop": "s1"}), ("shop.resume", {"shop": "s1"})]:
        world.ok(cmd, data, SELLER)
        assert world.timers[key].cmd == "order.shop_turned"
        world.settle()
    world.ok("shop.save", {"shop": "s1", "name": "Lain"}, SELLER)
    assert key not in world.timers
    world.deaf(seller_of("s1"))
    assert key not in world.timers
    world.deaf(SELLER)
    assert key in world.timers


# -- topics ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [
        ("person/ani", {"buyer", "hub for the buyer"}),
        ("shop/s1", {"seller", "another seller of the shop"}),
        ("shop/s2", {"seller of another shop"}),
        ("dispatch/market", {"market desk"}),
        ("shops/kranggan", set(ACTORS)),
        ("wants/kranggan/food", {"seller", "another seller of the shop", "seller of another shop"}),
    ],
)
def test_topics(topic: str, allowed: set[str]) -> None:
    """A person's and a shop's topics are theirs alone, the market is its desk's, the lists are everybody's."""
    found = SERVICES.topic(topic)
    assert found is not None
    assert {who for who, actor in ACTORS.items() if found.allows(actor)} == allowed


def test_register_is_for_the_system_alone(world: Market) -> None:
    """Not even a seller of the shop or the desk writes the register."""
    for actor in (SELLER, STRANGER, MARKET):
        assert world.no("shop.register", STEPS["shop.register"], actor).code == "not_allowed"
    world.ok("shop.register", STEPS["shop.register"], SYSTEM)
