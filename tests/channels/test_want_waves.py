"""Waves outward, and who rings first: small shops, and everybody's turn comes round."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.shop_open import MONTH_MS
from channels.shop_views import open_in, small_in
from channels.want_things import FEW_MS, FRONT, HEAD_START_MS, NEIGHBOURS, WAVE_MS, Turn, Want
from channels.want_waves import reached_by, turn_of, wave_needs, waved
from hub.contract import TIMER, Decision, Members, State, Thing
from tests.channels.market_world import BUYER, OUTWARD, STRANGER, Market
from tests.channels.world import CITY, NOW

FRESH = Want(
    id="w1", state="open", at=NOW, buyer="ani", category="food", words="kue", quantity=1, kelurahan="kranggan",
    posted_at=NOW, until=NOW + 1_800_000,
)  # fmt: skip


def front(shops: dict[str, bool], turn: Turn, wave: int = 0) -> tuple[list[str], Turn]:
    """The front of a wave over shops (id -> whether small), and the next turn."""
    state = State()
    state.found = dict.fromkeys(wave_needs(CITY, "kranggan", "food", wave + 1), ())
    state.found[Thing("turn", turn_of("kranggan", "food", wave + 1))] = turn
    wards = reached_by(CITY, "kranggan", wave + 1)
    for number, (shop, small) in enumerate(sorted(shops.items())):
        ward = wards[number % len(wards)]
        for index in [open_in(ward, "food"), *([small_in(ward, "food")] if small else [])]:
            state.found[Members(index)] = (*state.found[Members(index)], shop)
    want, after = waved(CITY, state, replace(FRESH, wave=wave), NOW)
    return [shop for shop, offer in want.offers.items() if offer.wave == wave + 1], after


def test_every_kelurahan_is_asked_once() -> None:
    """Own, five neighbours, all others."""
    waves = [reached_by(CITY, "kranggan", wave) for wave in (1, 2, 3)]
    assert [len(wave) for wave in waves] == [1, NEIGHBOURS, len(CITY.kelurahan) - 1 - NEIGHBOURS]
    assert [ward for wave in waves for ward in wave] == list(OUTWARD)
    assert waves[0] == ("kranggan",)


def test_a_front_that_is_everybody_has_no_head_start() -> None:
    """Nobody is left to wait for it."""
    state = State()
    state.found = dict.fromkeys(wave_needs(CITY, "kranggan", "food", 1), ())
    state.found[Thing("turn", turn_of("kranggan", "food", 1))] = None
    ids = tuple(f"{n:02}" for n in range(FRONT + 1))
    state.found[Members(open_in("kranggan", "food"))] = ids[:FRONT]
    assert waved(CITY, state, FRESH, NOW)[0].asked["kranggan"].rest_at == NOW
    state.found[Members(open_in("kranggan", "food"))] = ids
    assert waved(CITY, state, FRESH, NOW)[0].asked["kranggan"].rest_at == NOW + HEAD_START_MS


SHOPS = st.dictionaries(st.text("abcdefg", min_size=1, max_size=3), st.booleans(), max_size=60)


@given(SHOPS, st.text("abcdefg", max_size=3), st.text("abcdefg", max_size=3), st.sampled_from([0, 1, 2]))
def test_small_shops_come_first(shops: dict[str, bool], small: str, other: str, wave: int) -> None:
    """As many of them as there is room for, wherever the turn stands."""
    found, _ = front(shops, Turn(small, other), wave)
    assert len(found) == len(set(found)) == min(FRONT, len(shops))
    assert sum(shops[shop] for shop in found) == min(FRONT, sum(shops.values()))


@given(SHOPS, st.text("abcdefg", max_size=3), st.sampled_from([0, 1, 2]))
def test_everybodys_turn_comes_round(shops: dict[str, bool], start: str, wave: int) -> None:
    """Of n small shops each is in front within n/10 wants; others in the places that those leave."""
    small = {shop for shop, is_small in shops.items() if is_small}
    others, room = shops.keys() - small, FRONT - min(FRONT, len(small))
    turn, had = Turn(start, start), set[str]()
    rounds = max(-(-len(small) // FRONT), -(-len(others) // room) if room else 0)
    for _ in range(rounds):
        found, turn = front(shops, turn, wave)
        had |= set(found)
    assert had >= small
    assert not room or had == shops.keys()


@given(st.lists(SHOPS, min_size=2, max_size=2), st.integers(0, 3))
def test_wants_elsewhere_take_nobodys_turn(towns: list[dict[str, bool]], between: int) -> None:
    """Turns are kept by kelurahan, category and wave."""
    assert len({turn_of(*one) for one in [("miji", "food", 1), ("miji", "goods", 1), ("miji", "food", 2)]}) == 3
    mine, other = towns
    turn, theirs, had = Turn(), Turn(), set[str]()
    small = {shop for shop, is_small in mine.items() if is_small}
    for _ in range(-(-len(small) // FRONT)):
        found, turn = front(mine, turn, 0)
        had |= set(found)
        for _ in range(between):
            _, theirs = front(other, theirs, 1)
    assert had >= small


def test_shops_that_come_and_go_keep_the_turn() -> None:
    """The turn goes on behind the last one, whoever left."""
    shops = {f"{n:02}": True for n in range(25)}
    _, turn = front(shops, Turn())
    assert turn == Turn(small="09")
    del shops["09"]
    del shops["10"]
    found, turn = front(shops, turn)
    assert found == [f"{n:02}" for n in range(11, 21)]


def test_who_sells_much_is_in_front_when_there_is_room() -> None:
    """On the service itself: a big shop waits 10 s beside ten small ones."""
    world = Market()
    world.open_shop(*[f"t{n:02}" for n in range(FRONT + 1)])
    big = world.things["shop", "t00"]
    world.things["shop", "t00"] = replace(big, sold=30, month=NOW // MONTH_MS)
    world.sets["small/kranggan/food"].discard("t00")
    want = world.post()
    assert "t00" not in world.view("wants/kranggan/food", want)["front"]
    world.ok("want.close", {"want": want}, BUYER)
    second = world.post()
    assert world.view("wants/kranggan/food", second)["front"] == [f"t{n:02}" for n in range(1, FRONT + 1)]


def test_two_wants_rotate_the_front() -> None:
    """On the service itself."""
    world = Market()
    world.open_shop(*[f"t{n:02}" for n in range(2 * FRONT)])
    first, second = world.post(), world.post()
    fronts = [set(world.view("wants/kranggan/food", want)["front"]) for want in (first, second)]
    assert fronts[0] | fronts[1] == {f"t{n:02}" for n in range(2 * FRONT)}


# -- on the service, a moved clock ------------------------------------------------------------------------------------


@pytest.fixture
def world() -> Market:
    """Two shops in the want's own kelurahan, one next to it and one far away."""
    made = Market()
    made.open_shop("s1", "s2")
    made.open_shop("near", kelurahan=OUTWARD[1])
    made.open_shop("far", kelurahan=OUTWARD[-1])
    return made


def test_waves_go_outward(world: Market) -> None:
    """The own kelurahan at once, its five neighbours after 30 s, the whole city after 90 s."""
    world.open_shop("s3")
    want = world.post()
    assert world.asked(want) == list(OUTWARD[:1])
    world.pass_ms(WAVE_MS[1] - 1)
    assert world.want(want).wave == 1
    world.pass_ms(1)
    assert world.asked(want) == list(OUTWARD[:6])
    assert world.view("person/ani", want)["asked"] == 4
    world.pass_ms(WAVE_MS[2] - WAVE_MS[1])
    assert sorted(world.asked(want)) == sorted(CITY.kelurahan)
    assert world.view("person/ani", want)["asked"] == 5
    assert ("want", want, "wave") not in world.timers


def test_few_shops_are_not_waited_for_long(world: Market) -> None:
    """A wave that reached fewer than three is followed after 5 s; with the third the next comes at its time."""
    want = world.post()
    world.pass_ms(FEW_MS - 1)
    assert world.want(want).wave == 1
    world.pass_ms(1)
    assert (world.want(want).wave, world.view("person/ani", want)["asked"]) == (2, 3)
    world.pass_ms(WAVE_MS[2] - FEW_MS - 1)
    assert world.want(want).wave == 2


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


def test_a_front_is_ten() -> None:
    """The others ring 10 s later."""
    world = Market()
    world.open_shop(*[f"t{n:02}" for n in range(FRONT + 1)])
    view = world.view("wants/kranggan/food", world.post())
    assert len(view["front"]) == FRONT
    assert view["rest_at"] == NOW + HEAD_START_MS
