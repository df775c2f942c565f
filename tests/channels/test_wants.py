"""Wants: every step of the table, who may take it, waves outward on a moved clock, and the end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from channels.want_things import MOST_OPEN, RETIRE_MS, WANT
from hub.contract import TIMER, Actor, Decision, Refusal, State, Thing
from hub.machine import is_terminal
from tests.channels.market_world import (
    ACTORS,
    BUYER,
    OUTWARD,
    SELLER,
    SERVICES,
    TILL,
    Market,
    pairs,
    seller_of,
    wish,
)
from tests.channels.world import NOW

STEPS: dict[str, dict[str, Any]] = {
    "want.answer": {"kind": "have"},
    "want.pick": {"answer": "s2"},
    "want.close": {},
    "want.wave": {},
    "want.expire": {},
}
STATES = [state for state in WANT if state != "new"]


@pytest.fixture
def world() -> Market:
    """Two shops in the want's own kelurahan, one next to it and one far away."""
    made = Market()
    made.open_shop("s1", "s2")
    made.open_shop("near", kelurahan=OUTWARD[1])
    made.open_shop("far", kelurahan=OUTWARD[-1])
    return made


def in_state(world: Market, state: str) -> str:
    want = world.post()
    world.answer(want, "s2")
    if state == "picked":
        world.ok("want.pick", {"want": want, "answer": "s2"}, BUYER)
    elif state == "closed":
        world.ok("want.close", {"want": want}, BUYER)
    elif state == "expired":
        world.pass_ms(1_800_000)
    assert world.want(want).state == state
    return want


@pytest.mark.parametrize(("state", "step", "who"), pairs(STATES, STEPS, ACTORS))
def test_steps(world: Market, state: str, step: str, who: str) -> None:
    """Every (state, command, role) is a step for who may take it, or a named refusal that writes nothing."""
    want, actor = in_state(world, state), ACTORS[who]
    if actor is TIMER:
        world.now += 1_800_000
    before, rule = world.want(want), WANT[state].get(step)
    outcome = world.run(step, {"want": want, **STEPS[step]}, actor)
    roles = WANT["open"][step].roles
    mine = actor.person == "ani" or actor.shop is not None or actor is TIMER
    if rule is not None and actor.role in rule.roles and mine:
        assert isinstance(outcome, Decision), outcome
        assert world.want(want).state == (rule.to or state)
        return
    assert isinstance(outcome, Refusal)
    assert world.want(want) == before
    if actor.role not in roles:
        assert outcome.code == "not_allowed"
    elif rule is None:
        assert outcome.code == ("too_late" if step == "want.answer" else "illegal_step")
        assert outcome.data == {"state": state}
    else:
        assert outcome.code == "not_allowed"


@pytest.mark.parametrize(("state", "who"), pairs(STATES, ACTORS))
def test_retire_is_the_timers(world: Market, state: str, who: str) -> None:
    """A want leaves all tables 24 h after its end, not before it has one."""
    want, actor = in_state(world, state), ACTORS[who]
    world.now += RETIRE_MS
    outcome = world.run("want.retire", {"want": want}, actor)
    assert isinstance(outcome, Decision if actor is TIMER else Refusal)
    gone = ("want", want) not in world.things
    assert gone == (actor is TIMER and is_terminal(WANT, state))
    for topic in ("person/ani", "dispatch/market", "shop/s2"):
        assert (want in world.tables[topic] or f"want.{want}" in world.tables[topic]) is not gone


@pytest.mark.parametrize(("state", "who"), pairs(STATES, ACTORS))
def test_reading(world: Market, state: str, who: str) -> None:
    """Its buyer reads a want in every state, a shop that answered its own answer; nobody else finds it."""
    want, actor = in_state(world, state), ACTORS[who]
    outcome = world.run("want.read", {"want": want}, actor)
    if who in ("buyer", "seller of another shop"):
        assert isinstance(outcome, Decision)
        assert outcome == Decision(outcome.answer)
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(outcome.answer["want"]))
        mine = ("person/ani", want) if who == "buyer" else ("shop/s2", f"want.{want}")
        assert read == world.view(*mine)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code == ("not_found" if actor.role in ("resident", "service", "seller") else "not_allowed")


@pytest.mark.parametrize("who", ACTORS)
def test_who_posts(world: Market, who: str) -> None:
    """Residents and other systems."""
    outcome = world.run("want.post", wish(), ACTORS[who])
    assert isinstance(outcome, Decision) == (ACTORS[who].role in ("resident", "service"))


@pytest.mark.parametrize("step", STEPS)
def test_a_want_that_is_not_there(world: Market, step: str) -> None:
    """It is not found, whoever asks."""
    actor = SELLER if step == "want.answer" else BUYER if step in ("want.pick", "want.close") else TIMER
    assert world.no(step, {"want": "w9", **STEPS[step]}, actor).code == "not_found"


# -- posting --------------------------------------------------------------------------------


def test_posting(world: Market) -> None:
    """One change of the kelurahan's topic, one for the buyer, one for the market desk; the asked are counted."""
    outcome = world.run("want.post", wish(budget=20_000, quantity=3), BUYER)
    assert isinstance(outcome, Decision)
    want = outcome.answer["want"]
    assert outcome.answer == {"want": want, "asked": 2}
    assert [change.topic for change in outcome.changes] == ["person/ani", "dispatch/market", "wants/kranggan/food"]
    asked = world.view("wants/kranggan/food", want)
    assert (asked["words"], asked["budget"], asked["quantity"], asked["wave"]) == ("kue lumpur", 20_000, 3, 1)
    assert (asked["front"], asked["rest_at"], asked["full"]) == (["s1", "s2"], NOW, False)
    assert world.view("person/ani", want)["until"] == NOW + 1_800_000


@pytest.mark.parametrize(
    ("changed", "path"),
    [({"kelurahan": "surabaya"}, "data.kelurahan"), ({"words": "   "}, "data.words"), ({"words": " k "}, "data.words")],
)
def test_what_cannot_be_posted(world: Market, changed: dict[str, Any], path: str) -> None:
    """Another city's kelurahan, nothing to look for."""
    refusal = world.no("want.post", wish(**changed), BUYER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)


def test_three_open_wants_a_device(world: Market) -> None:
    """One that is over makes room; a service has no limit and nothing is kept of it."""
    first, *_ = [world.post(kelurahan="Kranggan") for _ in range(MOST_OPEN)]
    assert world.no("want.post", wish(), BUYER).data == {"open": MOST_OPEN}
    world.ok("want.close", {"want": first}, BUYER)
    last = world.post()
    world.pass_ms(1_800_000)
    assert world.want(last).state == "expired"
    assert ("buyer", "ani") not in world.things
    for _ in range(MOST_OPEN + 1):
        world.post(TILL)
    assert ("buyer", "till") not in world.things


def test_an_expired_order_becomes_a_want(world: Market) -> None:
    """It says where it came from, to its buyer only."""
    order = world.place()
    world.pass_ms(180_000)
    want = world.post(order=order)
    assert world.view("person/ani", want)["origin"] == order
    assert "origin" not in world.view("wants/kranggan/food", want)


def test_a_want_comes_from_an_order_of_ones_own(world: Market) -> None:
    """Somebody else's is as unknown as one that never was."""
    order = world.place()
    for named, actor in ((order, TILL), ("o99", BUYER)):
        refusal = world.no("want.post", wish(order=named), actor)
        assert (refusal.code, refusal.message) == ("not_found", f"data.order: no order {named}")


# -- the end -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["picked", "closed", "expired"])
def test_the_end(world: Market, state: str) -> None:
    """The asked see it no longer, who answered is thanked or has won, an answer after it is too late."""
    want = in_state(world, state)
    assert not world.asked(want)
    answer = world.view("shop/s2", f"want.{want}")
    assert answer["state"] == ("won" if state == "picked" else "thanked")
    refusal = world.no("want.answer", {"want": want, "kind": "have"}, SELLER)
    assert (refusal.code, refusal.data) == ("too_late", {"state": state})
    assert not [name for _, id_, name in world.timers if id_ == want and name != "retire"]


def test_it_expires_on_time(world: Market) -> None:
    """Not a millisecond before; a timer that comes early is set anew."""
    want = world.post(until_s=60)
    world.pass_ms(59_999)
    world.ok("want.expire", {"want": want}, TIMER)
    assert world.want(want).state == "open"
    world.pass_ms(1)
    assert world.want(want).state == "expired"


# -- who follows wants --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "category", "known"),
    [
        (SELLER, "food", True),
        (SELLER, "goods", False),
        (seller_of("unknown"), "food", False),
        (Actor("joko", "seller"), "food", False),
    ],
)
def test_sellers_of_the_category_follow_it(world: Market, actor: Actor, category: str, known: bool) -> None:
    """What their shop sells, as the store knows it; any kelurahan."""
    topic = SERVICES.topic(f"wants/miji/{category}")
    assert topic is not None
    needs = topic.needs(actor)
    state = State()
    state.found = {need: world.things.get((need.type, need.id)) for need in needs if isinstance(need, Thing)}
    assert topic.known(actor, state) is known


@pytest.mark.parametrize("name", ["wants/surabaya/food", "wants/miji/cakes", "wants/miji", "wants/Miji/food"])
def test_other_places_and_categories_are_no_topics(name: str) -> None:
    """Nobody joins what does not exist."""
    assert SERVICES.topic(name) is None
