"""Wants: every step of the table, who may take it, waves outward on a moved clock, and the end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from channels.want_things import FRONT, HEAD_START_MS, MOST_OPEN, RETIRE_MS, WANT, WAVE_MS
from hub.contract import TIMER, Actor, Decision, Refusal, State, Thing
from hub.machine import is_terminal
from tests.channels.market_world import (
    ACTORS,
    BUYER,
    OUTWARD,
    SELLER,
    SERVICES,
    STRANGER,
    TILL,
    Market,
    pairs,
    seller_of,
    wish,
)
from tests.channels.world import CITY, NOW

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


# -- waves ------------------------------------------------------------------------------------


def topics_of(world: Market, want: str) -> list[str]:
    return [
        topic.split("/")[1] for topic, table in world.tables.items() if topic.startswith("wants/") and want in table
    ]


def test_waves_go_outward(world: Market) -> None:
    """The own kelurahan at once, its five neighbours after 30 s, the whole city after 90 s."""
    want = world.post()
    assert topics_of(world, want) == list(OUTWARD[:1])
    world.pass_ms(WAVE_MS[1] - 1)
    assert world.want(want).wave == 1
    world.pass_ms(1)
    assert topics_of(world, want) == list(OUTWARD[:6])
    assert world.view("person/ani", want)["asked"] == 3
    world.pass_ms(WAVE_MS[2] - WAVE_MS[1])
    assert sorted(topics_of(world, want)) == sorted(CITY.kelurahan)
    assert world.view("person/ani", want)["asked"] == 4
    assert ("want", want, "wave") not in world.timers


def test_a_later_wave_takes_nothing_from_an_earlier_one(world: Market) -> None:
    """Who was asked before sees the same front and the same head start, though it is over."""
    want = world.post()
    before = world.view("wants/kranggan/food", want)
    world.pass_ms(WAVE_MS[2])
    after = world.view("wants/kranggan/food", want)
    assert (after["front"], after["rest_at"]) == (before["front"], before["rest_at"]) == (["s1", "s2"], NOW)
    assert world.view(f"wants/{OUTWARD[1]}/food", want)["front"] == ["near"]
    assert world.view(f"wants/{OUTWARD[-1]}/food", want)["front"] == ["far"]


@pytest.mark.parametrize(("open_", "waves"), [((), 3), (("far",), 3), (("near",), 2), (("s1", "far"), 1)])
def test_the_next_wave_is_early_where_nobody_is(open_: tuple[str, ...], waves: int) -> None:
    """An empty kelurahan is not waited for, nor empty neighbours."""
    world = Market()
    wards = {"s1": OUTWARD[0], "near": OUTWARD[1], "far": OUTWARD[-1]}
    for shop in open_:
        world.open_shop(shop, kelurahan=wards[shop])
    want = world.post()
    world.settle()
    assert world.want(want).wave == waves


def test_only_open_shops_of_the_category_are_asked(world: Market) -> None:
    """Not a paused one, not one of goods."""
    world.ok("shop.pause", {"shop": "s2"}, STRANGER)
    world.open_shop("goods", category="goods")
    want = world.post()
    assert world.view("person/ani", want)["asked"] == 1
    assert world.view("wants/kranggan/food", want)["front"] == ["s1"]
    assert "wants/kranggan/goods" not in world.tables


def test_a_wave_that_comes_early_is_set_anew(world: Market) -> None:
    """And one after the last does nothing."""
    want = world.post()
    timer = world.timers.pop(("want", want, "wave"))
    world.ok("want.wave", {"want": want}, TIMER)
    assert world.want(want).wave == 1
    assert world.timers["want", want, "wave"] == timer
    world.pass_ms(WAVE_MS[2])
    assert world.run("want.wave", {"want": want}, TIMER) == Decision()


def test_a_full_want_asks_nobody_else(world: Market) -> None:
    """After ten answers the waves end."""
    shops = [f"t{n}" for n in range(10)]
    world.open_shop(*shops)
    want = world.post()
    world.pass_ms(HEAD_START_MS)
    for shop in shops:
        world.answer(want, shop)
    world.pass_ms(WAVE_MS[2])
    assert world.want(want).wave == 1


def test_the_largest_commits_hold() -> None:
    """Three waves, ten shops that answered and the whole city asked: 32 topics are enough for each step."""
    world, wards = Market(), list(CITY.kelurahan)
    shops = [f"t{n}" for n in range(18)]
    for shop, ward in zip(shops, wards, strict=True):
        world.open_shop(shop, kelurahan=ward)
    first, second = world.post(), world.post()
    world.pass_ms(WAVE_MS[2] + HEAD_START_MS)
    for want in (first, second):
        for shop in shops[:10]:
            world.answer(want, shop)
    picked = world.run("want.pick", {"want": first, "answer": "t3"}, BUYER)
    assert isinstance(picked, Decision)
    assert 29 <= len({change.topic for change in picked.changes}) <= 32
    closed = world.run("want.close", {"want": second}, BUYER)
    assert isinstance(closed, Decision)
    assert len({change.topic for change in closed.changes}) == 30


# -- the end -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["picked", "closed", "expired"])
def test_the_end(world: Market, state: str) -> None:
    """The asked see it no longer, who answered is thanked or has won, an answer after it is too late."""
    want = in_state(world, state)
    assert topics_of(world, want) == []
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


def test_a_front_is_ten() -> None:
    """The others ring 10 s later."""
    world = Market()
    world.open_shop(*[f"t{n:02}" for n in range(FRONT + 1)])
    view = world.view("wants/kranggan/food", world.post())
    assert len(view["front"]) == FRONT
    assert view["rest_at"] == NOW + HEAD_START_MS
