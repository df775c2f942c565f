"""What sellers and the desk do to a shop: its face, pause, busy, products and stock."""

from __future__ import annotations

from typing import Any

import pytest

from channels.alarms import SILENT_MS, Alarm
from channels.shop_things import MOST_PRODUCTS, MOST_STOCK, Contact
from hub.contract import SYSTEM, TIMER, Decision
from tests.channels.market_world import BUYER, MARKET, SELLER, Market, basket, cakes, row
from tests.channels.world import NOW


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1")
    return made


def expire_two(world: Market) -> None:
    for _ in range(2):
        world.place()
        world.pass_ms(180_000)


# -- its face -----------------------------------------------------------------------------


def test_saving_changes_what_is_named(world: Market) -> None:
    """What is left out stays; the second contact is given and taken away."""
    saved = {"name": "Kue Baru", "address": "Jl. Majapahit 1", "phone": "0812 3456 789", "category": "goods"}
    world.ok("shop.save", {"shop": "s1", **saved, "contact": {"name": "Budi", "phone": "0812345678"}}, SELLER)
    shop = world.shop()
    assert {key: getattr(shop, key) for key in saved} == saved
    assert shop.contact == Contact("Budi", "0812345678")
    world.ok("shop.save", {"shop": "s1", "address": ""}, MARKET)
    assert (world.shop().address, world.shop().contact) == ("", shop.contact)
    world.ok("shop.save", {"shop": "s1", "contact": None}, SELLER)
    assert world.shop().contact is None
    assert "contact" not in world.view("shop/s1", "s1")


def test_a_second_contact_has_a_name(world: Market) -> None:
    """Nothing but spaces is none, and nothing is saved."""
    contact = {"name": "  ", "phone": "0812345678"}
    refusal = world.no("shop.save", {"shop": "s1", "address": "Jl. Lain", "contact": contact}, SELLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.contact.name")
    assert world.shop().address == ""


def test_bad_hours_are_named_with_their_path(world: Market) -> None:
    """The day and the pair."""
    hours = [[[480, 1020]]] * 6
    assert world.no("shop.save", {"shop": "s1", "hours": hours}, SELLER).message.startswith(
        "data.hours: expected seven"
    )
    refusal = world.no("shop.save", {"shop": "s1", "hours": [*hours, [[600, 60]]]}, SELLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.hours[6][0]")


def test_another_category_moves_the_shop_in_the_indexes(world: Market) -> None:
    """Wants and alternatives find it where it belongs now."""
    assert world.sets["open/kranggan/food"] == {"s1"}
    world.ok("shop.save", {"shop": "s1", "category": "goods"}, SELLER)
    assert (world.sets["open/kranggan/food"], world.sets["open/kranggan/goods"]) == (set(), {"s1"})
    assert (list(world.geo["open/food"]), list(world.geo["open/goods"])) == ([], ["s1"])
    assert world.sets["small/kranggan/goods"] == {"s1"}
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    assert world.sets["open/kranggan/goods"] == world.sets["small/kranggan/goods"] == set()
    assert world.sets["shops"] == {"s1"}


# -- pause and busy -------------------------------------------------------------------------


def test_a_timed_pause_ends_by_itself(world: Market) -> None:
    """It says until when; another pause replaces it."""
    world.ok("shop.pause", {"shop": "s1", "minutes": 30}, SELLER)
    view = world.view("shop/s1", "s1")
    assert (view["why"], view["opens_at"], view["paused_until"]) == ("paused", NOW + 1_800_000, NOW + 1_800_000)
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    assert world.view("shop/s1", "s1")["paused_until"] == 0
    world.pass_ms(1_800_000)
    assert world.shop().state == "closed"
    world.ok("shop.pause", {"shop": "s1", "minutes": 1}, SELLER)
    world.pass_ms(60_000)
    assert world.shop().state == "open"
    assert "paused_until" not in world.view("shop/s1", "s1")


def test_busy_is_said_and_ends(world: Market) -> None:
    """For an hour unless said otherwise; 0 ends it at once."""
    world.ok("shop.busy", {"shop": "s1", "minutes": 20}, SELLER)
    view = world.view("shops/kranggan", "s1")
    assert view["busy_min"] == 20
    assert world.view("shop/s1", "s1")["busy_until"] == NOW + 3_600_000
    world.pass_ms(3_600_000)
    assert "busy_min" not in world.view("shops/kranggan", "s1")
    world.ok("shop.busy", {"shop": "s1", "minutes": 20, "for_min": 5}, SELLER)
    world.ok("shop.busy", {"shop": "s1", "minutes": 0}, SELLER)
    assert (world.shop().busy_min, world.shop().turn_at) == (0, 0)


def test_two_expiries_pause_the_shop_and_say_so(world: Market) -> None:
    """The shop's own screen, the list, and an alarm at the market desk."""
    expire_two(world)
    assert world.view("shop/s1", "s1")["self_paused"] is True
    assert world.view("shops/kranggan", "s1")["why"] == "paused"
    assert world.view("dispatch/market", "s1")["self_paused"] is True
    alarm = world.view("dispatch/market", "s1.self_paused")
    assert (alarm["reason"], alarm["shop"], alarm["name"], alarm["state"]) == (
        "self_paused", "s1", "Toko Kue Melati", "ringing",
    )  # fmt: skip
    world.ok("shop.resume", {"shop": "s1"}, SELLER)
    assert not {"s1", "s1.self_paused"} & world.tables["dispatch/market"].keys()
    assert (world.shop().state, world.shop().expired) == ("open", 0)


@pytest.mark.parametrize("minutes", [{}, {"minutes": 5}])
def test_a_seller_who_pauses_a_shop_that_paused_itself_has_seen_it(world: Market, minutes: dict[str, int]) -> None:
    """Its alarm is over and the count of expired orders begins anew."""
    expire_two(world)
    world.ok("shop.pause", {"shop": "s1", **minutes}, SELLER)
    assert world.alarms() == {}
    assert (world.shop().expired, world.shop().self_paused) == (0, False)


def test_an_accepted_order_in_between_resets_the_count(world: Market) -> None:
    """Two in a row, not two."""
    world.place()
    world.pass_ms(180_000)
    assert world.shop().expired == 1
    world.accept(world.place())
    assert world.shop().expired == 0
    world.place()
    world.pass_ms(180_000)
    assert (world.shop().expired, world.shop().state) == (1, "open")


def test_its_alarm_that_was_taken_rings_again(world: Market) -> None:
    """After 60 s, once more counted."""
    expire_two(world)
    world.ok("alarm.take", {"alarm": "s1.self_paused"}, MARKET)
    assert world.view("dispatch/market", "s1.self_paused")["state"] == "taken"
    world.pass_ms(SILENT_MS)
    assert world.shop().alarms["self_paused"] == Alarm(at=NOW + 360_000, count=2, untaken_at=world.now)
    assert world.run("shop.alarm_again", {"shop": "s1"}, TIMER) == Decision()


# -- products ---------------------------------------------------------------------------------


def test_a_new_product(world: Market) -> None:
    """It gets an id of the hub's and stands in the shop's table."""
    answer = world.ok("product.save", {"name": "Risoles", "price": 3500, "made_here": True}, SELLER)
    view = world.view("shop/s1", answer["product"])
    assert {key: view[key] for key in ("name", "price", "stock", "made_here", "state")} == {
        "name": "Risoles", "price": 3500, "stock": None, "made_here": True, "state": "available",
    }  # fmt: skip
    assert answer["shop"] == "s1"


def test_what_a_product_keeps(world: Market) -> None:
    """A new price alone changes no stock and no mark: what is left out stays, null means not counted."""
    world.ok("product.save", {"product": "p2", "made_here": True}, SELLER)
    world.ok("product.save", {"product": "p2", "price": 50_000}, SELLER)
    product = world.shop().product("p2")
    assert product is not None
    assert (product.name, product.price, product.stock, product.made_here) == ("Lapis legit", 50_000, 8, True)
    world.ok("product.save", {"product": "p2", "stock": None, "made_here": False}, SELLER)
    assert world.stock() is None


def test_a_product_that_is_gone(world: Market) -> None:
    """It leaves the table; an order's lines keep its name, and its goods return nowhere."""
    order = world.place(lines=cakes(3))
    world.ok("product.save", {"product": "p2", "gone": True}, SELLER)
    assert "p2" not in world.tables["shop/s1"]
    world.ok("order.cancel", {"order": order, "reason": "other"}, SELLER)
    assert world.shop().product("p2") is None
    assert world.order(order).lines[0].name == "Lapis legit"
    refusal = world.no("product.save", {"gone": True, "name": "Kue", "price": 1}, SELLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.product")


def test_stock(world: Market) -> None:
    """0 is sold out and leaves the list; null is not counted."""
    world.ok("product.stock", {"product": "p1", "stock": 0}, SELLER)
    assert world.view("shop/s1", "p1")["state"] == "sold_out"
    assert [one["id"] for one in world.view("shops/kranggan", "s1")["products"]] == ["p2"]
    world.ok("product.stock", {"product": "p1", "stock": None}, SELLER)
    assert world.view("shop/s1", "p1")["state"] == "available"


def test_stock_by_how_many(world: Market) -> None:
    """What comes in is added to what is left now, never below nothing; only counted goods have a number to add to."""
    world.ok("product.stock", {"product": "p1", "stock": 4}, SELLER)
    world.ok("product.stock", {"product": "p1", "by": 3}, SELLER)
    assert world.view("shop/s1", "p1")["stock"] == 7
    world.ok("product.stock", {"product": "p1", "by": -9}, SELLER)
    assert world.view("shop/s1", "p1")["stock"] == 0
    world.ok("product.stock", {"product": "p1", "by": MOST_STOCK}, SELLER)
    world.ok("product.stock", {"product": "p1", "by": 1}, SELLER)
    assert world.view("shop/s1", "p1")["stock"] == MOST_STOCK
    world.ok("product.stock", {"product": "p1", "stock": None}, SELLER)
    for data, path in (({"by": 1}, "data.by"), ({}, "data.stock"), ({"by": 1, "stock": 2}, "data.stock")):
        refusal = world.no("product.stock", {"product": "p1", **data}, SELLER)
        assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)


@pytest.mark.parametrize(
    ("cmd", "data", "code", "path"),
    [
        ("product.save", {"name": "Risoles"}, "bad_data", "data.price"),
        ("product.save", {"price": 3500}, "bad_data", "data.name"),
        ("product.save", {"product": "p9", "name": "Kue", "price": 1}, "not_found", "data.product"),
        ("product.save", {"product": "p9", "gone": True}, "not_found", "data.product"),
        ("product.stock", {"product": "p9", "stock": 1}, "not_found", "data.product"),
    ],
)
def test_wrong_products(world: Market, cmd: str, data: dict[str, Any], code: str, path: str) -> None:
    """The field is named, nothing is written."""
    before = world.shop()
    refusal = world.no(cmd, data, SELLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == (code, path)
    assert world.shop() == before


def test_two_hundred_products_are_enough() -> None:
    """One more is refused, another face for one of them is not."""
    world = Market()
    world.open_shop("s1", products=[{"id": f"p{n}", "name": f"Kue {n}", "price": n} for n in range(MOST_PRODUCTS)])
    assert world.no("product.save", {"name": "Risoles", "price": 1}, SELLER).code == "bad_data"
    world.ok("product.save", {"product": "p0", "price": 1}, SELLER)
    world.ok("product.save", {"product": "p0", "gone": True}, SELLER)
    world.ok("product.save", {"name": "Risoles", "price": 1}, SELLER)


def test_one_changed_product_is_one_changed_view(world: Market) -> None:
    """An order of one thing tells nothing of the others."""
    outcome = world.run("order.place", basket(lines=cakes()), BUYER)
    assert isinstance(outcome, Decision)
    told = {(change.topic, change.id) for change in outcome.changes if change.topic == "shop/s1"}
    assert told == {("shop/s1", "p2"), ("shop/s1", outcome.answer["order"])}


def test_a_registered_shop_needs_no_products(world: Market) -> None:
    """A row of the register alone is a shop."""
    alone = {key: value for key, value in row("s7").items() if key != "products"}
    world.ok("shop.register", {"shops": [alone]}, SYSTEM)
    assert world.shop("s7").products == ()
