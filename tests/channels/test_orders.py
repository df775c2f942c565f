from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from channels.order_things import DEAF_S, LEVELS, ORDER, SHOP, Shop
from hub.contract import HUB, SYSTEM, TIMER, Actor, Decision, Facts, Reach, Refusal, Thing
from tests.channels.order_world import (
    ACTORS,
    BUYER,
    NOW,
    ORDERS,
    OTHER,
    SEED,
    SELLER,
    STATES,
    STEPS,
    STRANGER,
    World,
    in_state,
    pairs,
    place,
    seeded,
)


@pytest.fixture
def world() -> World:
    return seeded()


@pytest.mark.parametrize(("state", "step", "who"), pairs(STATES, STEPS, ACTORS))
def test_steps(world: World, state: str, step: str, who: str) -> None:
    """Every (state, command, role) is a step for who may take it, or a named refusal that writes nothing."""
    in_state(world, state)
    before = world.thing("order", "o1")
    actor = ACTORS[who]
    outcome = world.run(step, STEPS[step], actor)
    rule = ORDER[state].get(step)
    mine = who in ("buyer", "seller", "hub for the seller", "timer")
    if step == "order.retire" and not ORDER[state]:
        assert isinstance(outcome, Decision)
        assert world.thing("order", "o1") is None
    elif rule is not None and actor.role in rule.roles and mine:
        assert isinstance(outcome, Decision)
        assert world.thing("order", "o1").state == (rule.to or state)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code in ("illegal_step", "not_allowed", "taken")
        assert world.thing("order", "o1") == before


def test_place(world: World) -> None:
    """An order is shown to buyer, shop and market desk, and expires after its category's time."""
    decision = world.ok("order.place", place(), BUYER)
    assert decision.answer == {"order": "o1"}
    assert [change.topic for change in decision.changes] == ["person/ani", "shop/s02", "dispatch/market"]
    view = decision.changes[0].view
    assert view is not None
    assert (view["state"], view["total"], view["lines"][0]["name"]) == ("placed", 6000, "Kue lumpur")
    assert view["receipts"] == dict.fromkeys(LEVELS, 0)
    (timer,) = decision.timers
    assert (timer.cmd, timer.due) == ("order.expire", NOW + 180_000)
    assert [(guard.type, guard.id) for guard in decision.guards] == [("shop", "s02")]
    goods = world.ok("order.place", place(shop="s03", lines=[{"product": "p1", "quantity": 1, "price": 48000}]), BUYER)
    assert goods.timers[0].due == NOW + 1_800_000


def test_one_seller_wins(world: World) -> None:
    """A second accept is refused with `taken` and names the winner."""
    world.ok("order.place", place(), BUYER)
    decision = world.ok("order.accept", STEPS["order.accept"], SELLER)
    assert [(timer.name, timer.due) for timer in decision.timers] == [("expire", None)]
    view = decision.changes[0].view
    assert view is not None
    assert (view["state"], view["accepted_by"], view["prep_min"]) == ("accepted", "Sri", 10)
    refusal = world.no("order.accept", STEPS["order.accept"], OTHER)
    assert (refusal.code, refusal.data) == ("taken", {"winner": {"person": "sri", "name": "Sri"}})
    assert world.no("order.accept", STEPS["order.accept"], STRANGER).code == "not_allowed"


def test_expiry_starts_again_after_an_outage(world: World) -> None:
    """An order whose seller could not answer because the store was away gets its whole time again."""
    world.ok("order.place", place(), BUYER)
    world.now = NOW + 180_000
    decision = world.ok("order.expire", {"order": "o1"}, TIMER, Facts(away_ms=60_000))
    assert world.thing("order", "o1").state == "placed"
    assert decision.timers[0].due == NOW + 360_000
    world.ok("order.expire", {"order": "o1"}, TIMER)
    assert world.thing("order", "o1").state == "expired"


@pytest.mark.parametrize(
    ("state", "step", "who"),
    pairs(["open", "closed"], ["order.seed", "order.presence", "order.close"], ACTORS),
)
def test_shop_steps(world: World, state: str, step: str, who: str) -> None:
    """Every (shop state, command, role) is a step of the table or a named refusal."""
    world.things[Thing("shop", "s02")] = replace(world.thing("shop", "s02"), state=state)
    actor = ACTORS[who]
    data: dict[str, Any] = {
        "order.seed": {"shop": SEED[1]},
        "order.presence": {"person": "sri", "reachable": True, "shop": "s02"},
        "order.close": {"shop": "s02"},
    }
    if actor.role not in ORDERS.commands[step].roles:
        return  # the door refuses it before the service is asked
    rule = SHOP[state].get(step)
    outcome = world.run(step, data[step], actor)
    assert isinstance(outcome, Refusal if rule is None else Decision)
    if rule is not None:
        assert world.thing("shop", "s02").state == (rule.to or state)


def test_shop_closes_when_deaf_and_opens_again(world: World) -> None:
    """A shop closes 30 s after its last seller turned deaf and opens with the first who listens."""
    sri = Actor("sri", "hub", shop="s02")

    def hears(person: str, reachable: bool) -> Decision:
        world.reach = Reach(connected=True, audible=reachable)
        return world.ok("order.presence", {"person": person, "reachable": reachable, "connected": True}, sri)

    hears("sri", True)
    hears("tari", True)
    assert hears("sri", False).timers[0].due is None
    assert hears("tari", False).timers[0].due == NOW + DEAF_S * 1000
    closed = world.ok("order.close", {"shop": "s02"}, TIMER)
    assert [change.topic for change in closed.changes] == ["shop/s02", "shops/kranggan"]
    assert world.no("order.place", place(), BUYER).data == {"state": "closed"}
    opened = hears("sri", True)
    assert [change.kind for change in opened.changes] == ["shop.opened", "shop.opened"]
    world.ok("order.place", place(), BUYER)


def test_a_timer_that_comes_late_closes_nothing(world: World) -> None:
    """A closing timer finds a seller who listens and leaves the shop open."""
    world.ok("order.presence", {"person": "sri", "reachable": True}, Actor("sri", "hub", shop="s02"))
    world.ok("order.close", {"shop": "s02"}, TIMER)
    assert world.thing("shop", "s02").state == "open"


def test_presence_of_a_seller_without_a_shop(world: World) -> None:
    """Reachability that belongs to no shop is refused and not recorded."""
    refusal = world.no("order.presence", {"person": "sri", "reachable": True}, HUB)
    assert (refusal.code, refusal.record) == ("not_found", False)


def test_presence_over_all_hubs(world: World) -> None:
    """A seller who left one hub but is heard by another still listens; the shop is remembered for news without it."""
    world.ok("order.presence", {"person": "sri", "reachable": True}, Actor("sri", "hub", shop="s02"))
    assert world.ok("order.presence", {"person": "sri", "reachable": False}, HUB) == Decision()
    world.reach = Reach()
    world.ok("order.presence", {"person": "sri", "reachable": False}, HUB)
    assert world.thing("shop", "s02").listening == ()


def test_seeding_again_keeps_stock_and_state(world: World) -> None:
    """A shop that is there keeps its stock, its state and who listens; name and price are new."""
    shop: Shop = world.thing("shop", "s02")
    sold = (shop.products[0], replace(shop.products[1], stock=1), shop.products[2])
    world.things[Thing("shop", "s02")] = replace(shop, state="closed", products=sold, listening=("sri",))
    moved = {**SEED[1], "name": "Kue Baru", "kelurahan": "miji"}
    decision = world.ok("order.seed", {"shop": moved}, SYSTEM)
    seeded: Shop = world.thing("shop", "s02")
    assert (seeded.name, seeded.state, seeded.listening) == ("Kue Baru", "closed", ("sri",))
    assert seeded.products[1].stock == 1
    assert [(change.topic, change.view is None) for change in decision.changes] == [
        ("shop/s02", False),
        ("shops/miji", False),
        ("shops/kranggan", True),
    ]
    assert world.no("order.seed", {"shop": {**moved, "kelurahan": "surabaya"}}, SYSTEM).code == "bad_data"


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [
        ("person/<id>", {"buyer", "hub for the buyer"}),
        ("shop/<id>", {"seller"}),
        ("dispatch/market", {"dispatcher"}),
        ("shops/<kelurahan>", set(ACTORS)),
    ],
)
def test_topics(topic: str, allowed: set[str]) -> None:
    """A person's and a shop's topics are theirs alone, the market is its desk's, the lists are everybody's."""
    rule = next(rule for rule in ORDERS.topics if rule.pattern == topic)
    segments = {"id": "ani" if topic.startswith("person") else "s02", "kelurahan": "miji"}
    assert {who for who, actor in ACTORS.items() if rule.allow(actor, segments)} == allowed
    assert rule.exists(segments)
    assert topic != "shops/<kelurahan>" or not rule.exists({"kelurahan": "surabaya"})
