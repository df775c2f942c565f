"""Answers to a want, their order of turns, and the one that becomes an order."""

from __future__ import annotations

from typing import Any

import pytest

from channels.order_things import MAX_OPEN_ORDERS
from channels.want_things import FRONT, HEAD_START_MS, MOST_ANSWERS, OTHERS_EARLY, WAVE_MS
from hub.contract import Decision, Refusal
from tests.channels.market_world import BUYER, OUTWARD, SELLER, TILL, Market, seller_of
from tests.channels.world import CITY, NOW


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1", "s2")
    return made


def crowd(count: int, ward: str = "kranggan", prefix: str = "t") -> Market:
    """Many shops of one kelurahan; the first ten are in front."""
    world = Market()
    world.open_shop(*[f"{prefix}{n:02}" for n in range(count)], kelurahan=ward)
    return world


# -- answers ------------------------------------------------------------------------------------


def test_an_answer(world: Market) -> None:
    """The buyer sees who, what and how far; the shop its own word; the asked nothing of it."""
    want = world.post(quantity=3)
    asked = len(world.kinds)
    assert world.answer(want, "s1", kind="price", price=2500) == {"want": want, "answers": 1}
    (answer,) = world.view("person/ani", want)["answers"]
    assert answer == {
        "id": "s1", "shop": "s1", "name": "Toko Kue Melati", "kelurahan": "kranggan", "kind": "price", "at": NOW,
        "distance_m": 0, "price": 2500,
    }  # fmt: skip
    own = world.view("shop/s1", f"want.{want}")
    assert (own["type"], own["state"], own["kind"], own["price"], own["quantity"]) == (
        "answer",
        "open",
        "price",
        2500,
        3,
    )
    assert [topic for topic, _, _ in world.kinds[asked:]] == ["person/ani", "dispatch/market", "shop/s1"]


def test_who_answers_again_says_something_else(world: Market) -> None:
    """One answer a shop, whichever of its sellers taps."""
    want = world.post()
    world.answer(want, "s1", kind="can_order")
    world.ok("want.answer", {"want": want, "kind": "price", "price": 1}, SELLER)
    (answer,) = world.view("person/ani", want)["answers"]
    assert (answer["kind"], answer["price"]) == ("price", 1)


def test_a_price_needs_one(world: Market) -> None:
    """Kind `price` without it is named."""
    refusal = world.no("want.answer", {"want": world.post(), "kind": "price"}, SELLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.price")


def test_only_the_asked_answer(world: Market) -> None:
    """Not another category, not a kelurahan that a later wave asks, not a shop that is unknown; not recorded."""
    world.open_shop("goods", category="goods")
    world.open_shop("near", kelurahan=OUTWARD[1])
    want = world.post()
    for shop in ("goods", "near", "nowhere"):
        refusal = world.no("want.answer", {"want": want, "kind": "have"}, seller_of(shop))
        assert (refusal.code, refusal.record) == ("not_allowed", False)
    world.pass_ms(WAVE_MS[1])
    world.answer(want, "near")


def test_a_shop_that_opened_later_may_answer(world: Market) -> None:
    """Its kelurahan was asked, and its seller saw it."""
    want = world.post()
    world.open_shop("new")
    world.answer(want, "new")
    assert world.view("person/ani", want)["asked"] == 2


def test_ten_answers_are_enough() -> None:
    """The eleventh is too late; one of the ten may still say something else."""
    world = crowd(12)
    want = world.post()
    world.pass_ms(HEAD_START_MS)
    for number in range(MOST_ANSWERS):
        world.answer(want, f"t{number + 1:02}")
    assert world.view("wants/kranggan/food", want)["full"] is True
    refusal = world.no("want.answer", {"want": want, "kind": "have"}, seller_of("t00"))
    assert (refusal.code, refusal.data) == ("too_late", {"answers": 10})
    world.answer(want, "t05", kind="can_order")
    assert len(world.want(want).answers) == MOST_ANSWERS


def early(world: Market, want: str, shop: str) -> Decision | Refusal:
    return world.run("want.answer", {"want": want, "kind": "have"}, seller_of(shop))


def test_the_front_has_its_head_start() -> None:
    """Five others may answer in the first 10 s, the front always, everybody afterwards."""
    world = crowd(FRONT + OTHERS_EARLY + 2)
    want = world.post()
    for number in range(OTHERS_EARLY):
        world.answer(want, f"t{FRONT + number:02}")
    world.pass_ms(HEAD_START_MS - 1)
    refusal = early(world, want, "t15")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.retry, refusal.data) == ("too_many", True, {"after_ms": 1})
    world.answer(want, "t00")
    world.pass_ms(1)
    world.answer(want, "t15")


def test_each_wave_has_a_head_start_of_its_own() -> None:
    """Those asked before do not wait again, and do not fill the five of the next."""
    world = crowd(FRONT + OTHERS_EARLY + 1)
    world.open_shop(*[f"u{n:02}" for n in range(FRONT + 1)], kelurahan=OUTWARD[1])
    want = world.post()
    for number in range(OTHERS_EARLY):
        world.answer(want, f"t{FRONT + number:02}")
    world.pass_ms(WAVE_MS[1])
    assert world.view(f"wants/{OUTWARD[1]}/food", want)["rest_at"] == NOW + WAVE_MS[1] + HEAD_START_MS
    world.answer(want, "u10")
    world.answer(want, "t15")


# -- the pick -----------------------------------------------------------------------------------------


def test_a_pick_is_an_order_in_the_same_commit(world: Market) -> None:
    """At the answer's price, with name and phone now; it rings there, the others are thanked."""
    want = world.post(quantity=3)
    world.answer(want, "s1", kind="price", price=2500)
    world.answer(want, "s2")
    commits = world.commits
    answer = world.ok("want.pick", {"want": want, "answer": "s1"}, BUYER)
    assert world.commits == commits + 1
    order = answer["order"]
    view = world.view("shop/s1", order)
    assert (view["state"], view["ring"], view["total"], view["want"]) == ("placed", "ring", 7500, want)
    assert view["lines"] == [{"product": "", "name": "kue lumpur", "quantity": 3, "price": 2500}]
    assert (view["name"], view["phone"]) == ("Ani", "0812345678")
    assert world.view("shop/s1", f"want.{want}")["order"] == order
    thanked = world.view("shop/s2", f"want.{want}")
    assert (thanked["state"], "order" in thanked) == ("thanked", False)
    mine = world.view("person/ani", want)
    assert (mine["state"], mine["picked"], mine["order"]) == ("picked", "s1", order)
    buyer = world.things["buyer", "ani"]
    assert (buyer.open, buyer.wants) == ((order,), ())
    offers = world.want(want).offers
    assert (offers["s1"].state, offers["s2"].state, offers["s2"].winner) == ("won", "stood_down", "s1")
    world.accept(order)


def test_a_pick_says_who_and_where(world: Market) -> None:
    """What it names goes before what the want said."""
    want = world.post()
    world.answer(want, "s1")
    more = {"name": "Budi", "phone": "0899999", "fulfilment": "delivery", "address": "Jl. Satu", "note": "pagar"}
    order = world.ok("want.pick", {"want": want, "answer": "s1", **more}, BUYER)["order"]
    view = world.view("person/ani", order)
    assert {key: view[key] for key in more} == more


def test_a_pick_whose_name_is_blank_keeps_the_wants(world: Market) -> None:
    """Nothing but spaces is no name."""
    want = world.post()
    world.ok("want.answer", {"want": want, "kind": "have"}, SELLER)
    order = world.ok("want.pick", {"want": want, "answer": "s1", "name": "  "}, BUYER)["order"]
    assert world.view("person/ani", order)["name"] == "Ani"


def test_a_closed_shop_is_picked_for_later(world: Market) -> None:
    """As any order there."""
    want = world.post()
    world.answer(want, "s1")
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    order = world.ok("want.pick", {"want": want, "answer": "s1"}, BUYER)["order"]
    assert world.view("person/ani", order)["later"] is True


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        ({"answer": "s2"}, "not_found", "data.answer"),
        ({"answer": "nobody"}, "not_found", "data.answer"),
        ({"answer": "s1", "fulfilment": "delivery"}, "bad_data", "data.address"),
        ({"answer": "s1", "fulfilment": "delivery", "address": " "}, "bad_data", "data.address"),
    ],
)
def test_what_cannot_be_picked(world: Market, data: dict[str, Any], code: str, path: str) -> None:
    """A shop that did not answer, a delivery to nowhere; the want stays open."""
    want = world.post()
    world.answer(want, "s1")
    refusal = world.no("want.pick", {"want": want, **data}, BUYER)
    assert (refusal.code, refusal.message.partition(":")[0]) == (code, path)
    assert world.want(want).state == "open"


def test_a_pick_is_one_of_three_open_orders(world: Market) -> None:
    """A fourth is refused; a service's is not."""
    wants = [world.post(actor) for actor in (BUYER, TILL)]
    for want in wants:
        world.answer(want, "s1")
    for _ in range(MAX_OPEN_ORDERS):
        world.place()
        world.place(TILL)
    refusal = world.no("want.pick", {"want": wants[0], "answer": "s1"}, BUYER)
    assert (refusal.code, refusal.data) == ("too_many", {"open": 3})
    world.ok("want.pick", {"want": wants[1], "answer": "s1"}, TILL)
    assert ("buyer", "till") not in world.things


def test_a_second_pick_is_no_step(world: Market) -> None:
    """One want is one order."""
    want = world.post()
    for shop in ("s1", "s2"):
        world.answer(want, shop)
    world.ok("want.pick", {"want": want, "answer": "s1"}, BUYER)
    refusal = world.no("want.pick", {"want": want, "answer": "s2"}, BUYER)
    assert (refusal.code, refusal.data) == ("illegal_step", {"state": "picked"})


def test_an_unanswered_pick_has_alternatives(world: Market) -> None:
    """Its line has words and no product: other shops with such goods are found by them."""
    want = world.post()
    world.answer(want, "s1")
    order = world.ok("want.pick", {"want": want, "answer": "s1"}, BUYER)["order"]
    world.pass_ms(180_000)
    assert [one["shop"] for one in world.view("person/ani", order)["alternatives"]] == ["s2"]
    assert world.stock() == 8


def test_distances_are_from_the_wants_kelurahan(world: Market) -> None:
    """A shop elsewhere says how far it is."""
    world.open_shop("near", kelurahan=OUTWARD[1])
    want = world.post()
    world.pass_ms(WAVE_MS[1])
    world.answer(want, "near")
    (answer,) = world.view("person/ani", want)["answers"]
    assert 100 < answer["distance_m"] < 5_000
    assert CITY.has(answer["kelurahan"])
