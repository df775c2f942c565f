"""The register read in: all or none of a command's rows, the same again writes nothing, sellers' words stay."""

from __future__ import annotations

from typing import Any

import pytest

from channels.shop_things import MOST_PRODUCTS, MOST_REGISTERED
from hub.contract import SYSTEM, Decision
from tests.channels.market_world import EMOJI, SEED, SELLER, Market, cakes, row, seller_of
from tests.channels.world import CITY


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1")
    return made


def register(world: Market, *rows: dict[str, Any]) -> dict[str, Any]:
    return world.ok("shop.register", {"shops": list(rows)}, SYSTEM)


def test_the_same_rows_again_write_nothing(world: Market) -> None:
    """Whatever happened to the shops since."""
    rows = [row("s1"), row("s2", hours=[[[480, 1020]]] * 7), row("s3", kelurahan="Miji")]
    assert register(world, *rows) == {"written": 2, "same": 1}
    world.hears(seller_of("s2"))
    world.ok("shop.busy", {"shop": "s1", "minutes": 10}, SELLER)
    world.place(lines=cakes(2))
    world.pass_ms(600_000)
    decision = world.run("shop.register", {"shops": rows}, SYSTEM)
    assert isinstance(decision, Decision)
    assert decision == Decision({"written": 0, "same": 3})


def test_what_sellers_changed_stays(world: Market) -> None:
    """Products, stock, hours, name, category, address, phone, contact and pause: the register no longer has a say."""
    saved = {
        "name": "Kue Baru", "category": "goods", "address": "Jl. Majapahit 1", "phone": "08123456", "hours": [[]] * 7,
        "contact": {"name": "Budi", "phone": "0812345678"},
    }  # fmt: skip
    world.ok("shop.save", {"shop": "s1", **saved}, SELLER)
    world.ok("product.stock", {"product": "p2", "stock": 3}, SELLER)
    world.ok("shop.pause", {"shop": "s1"}, SELLER)
    before = world.shop()
    again = row(name="Lain", category="food", address="Jl. Lain", phone="0899999", hours=[[[0, 1440]]] * 7)
    assert register(world, again) == {"written": 0, "same": 1}
    assert world.shop() == before


def test_a_seller_who_took_all_products_away_gets_none_back(world: Market) -> None:
    """Products are taken only for a shop that never had any of its own."""
    for product in ("p1", "p2"):
        world.ok("product.save", {"product": product, "gone": True}, SELLER)
    register(world, row())
    assert world.shop().products == ()


def test_what_nobody_changed_follows_the_register(world: Market) -> None:
    """A corrected row is taken; what it leaves out stays."""
    register(world, row(nib="1234567890123", owner="Bu Sri", address="Jl. Satu", phone="08111111"))
    register(world, row(name="Kue Baru", address="Jl. Dua"))
    shop = world.shop()
    assert (shop.name, shop.address, shop.phone, shop.owner, shop.nib) == (
        "Kue Baru", "Jl. Dua", "08111111", "Bu Sri", "1234567890123",
    )  # fmt: skip


def listed(world: Market) -> list[tuple[str, str, int, int | None]]:
    return [(one.id, one.name, one.price, one.stock) for one in world.shop().products]


def goods(*products: tuple[str, str, int]) -> list[dict[str, Any]]:
    return [{"id": id_, "name": name, "price": price} for id_, name, price in products]


def test_products_that_nobody_changed_follow_the_register(world: Market) -> None:
    """A corrected price is taken, what is left out goes; no products at all mean those that are there."""
    better = row(products=goods(("p1", "Kue lumpur", 3500)))
    assert register(world, better) == {"written": 1, "same": 0}
    assert listed(world) == [("p1", "Kue lumpur", 3500, None)]
    assert world.view("shop/s1", "p1")["price"] == 3500
    assert "p2" not in world.tables["shop/s1"]
    assert register(world, better) == register(world, row(products=[])) == {"written": 0, "same": 1}


def test_a_product_keeps_its_id_wherever_it_stands(world: Market) -> None:
    """A register numbers by place: what is new takes an id that nobody has, also none of one that goes now."""
    before, another = goods(("p1", "Onde-onde", 2000), ("p2", "Kue lumpur", 3000)), goods(("p1", "Risoles", 2500))
    register(world, row(products=before))
    assert listed(world) == [("p3", "Onde-onde", 2000, None), ("p1", "Kue lumpur", 3000, None)]
    assert register(world, row(products=before)) == {"written": 0, "same": 1}
    register(world, row(products=[*before, *goods(("p3", "Lemper", 2000))]))
    assert [one[0] for one in listed(world)] == ["p3", "p1", "p2"]
    twice = row(products=goods(("p1", "Kue lumpur", 3000), ("p2", "Kue lumpur", 9000)))
    register(world, twice)
    assert register(world, twice) == {"written": 0, "same": 1}
    register(world, row(products=another))
    assert listed(world) == [("p2", "Risoles", 2500, None)]


def test_new_hours_close_an_open_shop(world: Market) -> None:
    """The rule is asked at once, and its waiting orders hear of it."""
    register(world, row(hours=[[]] * 7))
    assert (world.shop().state, world.shop().why) == ("closed", "hours")
    assert world.timers["shop", "s1", "orders"].cmd == "order.shop_turned"
    world.ok("shop.save", {"shop": "s1", "hours": []}, SELLER)
    assert world.shop().state == "open"


def test_another_kelurahan_moves_the_shop(world: Market) -> None:
    """It leaves one list and one index and comes into others."""
    register(world, row(kelurahan="Miji"))
    assert "s1" not in world.tables["shops/kranggan"]
    assert world.view("shops/miji", "s1")["kelurahan"] == "miji"
    assert (world.sets["open/kranggan/food"], world.sets["open/miji/food"]) == (set(), {"s1"})
    assert CITY.kelurahan_at(world.shop().lat, world.shop().lon) == "miji"


def test_a_row_with_a_place_stands_there(world: Market) -> None:
    """One without stands in the middle of its kelurahan."""
    lat, lon = CITY.point_in("miji")
    register(world, row("s8", lat=lat, lon=lon))
    assert (world.shop("s8").lat, world.shop("s8").lon) == (lat, lon)
    register(world, row("s9", lat=lat))
    assert (world.shop("s9").lat, world.shop("s9").lon) == CITY.point_in("kranggan")


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([row("a"), row("b", kelurahan="surabaya")], "data.shops[1].kelurahan"),
        ([row("a"), row("a")], "data.shops[1].id"),
        ([row("a"), row("b"), row("c", hours=[[]] * 6)], "data.shops[2].hours"),
        ([row("a", hours=[[[1, 2], [5, 5]], *[[]] * 6])], "data.shops[0].hours[0][1]"),
        (
            [row("a", products=[{"id": "p1", "name": "x", "price": 1}, {"id": "p1", "name": "y", "price": 1}])],
            "data.shops[0].products[1].id",
        ),
        ([row("a", products=[{"id": "a", "name": "x", "price": 1}])], "data.shops[0].products[0].id"),
        (
            [
                row(f"{n}", products=[{"id": f"p{m}", "name": "x", "price": 1} for m in range(MOST_PRODUCTS // 2)])
                for n in range(3)
            ],
            "data.shops",
        ),
    ],
)
def test_a_bad_row_is_named_and_none_is_written(world: Market, rows: list[dict[str, Any]], path: str) -> None:
    """The path of the row and the field; good rows beside it are not written either."""
    things = dict(world.things)
    refusal = world.no("shop.register", {"shops": rows}, SYSTEM)
    assert (refusal.code, refusal.message.partition(": ")[0]) == ("bad_data", path)
    assert world.things == things


def test_the_largest_command_is_taken_or_named(world: Market) -> None:
    """What no commit can hold (200 products with the longest names) is refused by name and is no fault."""
    names = EMOJI * 15
    long = [{"id": f"{n:040}", "name": names, "price": 10**9, "stock": 10**6} for n in range(MOST_PRODUCTS)]
    refusal = world.no("shop.register", {"shops": [row("a" * 40, products=long)]}, SYSTEM)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.shops")
    usual = [{"id": f"p{n}", "name": f"Kue lumpur besar {n}", "price": 3000} for n in range(MOST_PRODUCTS)]
    register(world, row("nib-1234567890123", products=usual))


def test_fifteen_shops_at_once() -> None:
    """New ones, and known ones of all kelurahan, fit into one commit."""
    world, wards = Market(), list(CITY.kelurahan)
    rows = [row(f"s{n}", kelurahan=wards[n]) for n in range(MOST_REGISTERED)]
    register(world, *rows)
    for n in range(MOST_REGISTERED):
        world.hears(seller_of(f"s{n}"))
    register(world, *[{**one, "name": f"Baru {n}"} for n, one in enumerate(rows)])
    moved = [{**one, "kelurahan": wards[(n + 3) % 18]} for n, one in enumerate(rows)]
    assert world.no("shop.register", {"shops": moved}, SYSTEM).code == "bad_data"
    for one in moved:
        register(world, one)


def test_the_seed_file() -> None:
    """60 shops with three products each, in all 18 kelurahan and inside their polygons."""
    assert len(SEED) == 60
    assert {shop["kelurahan"] for shop in SEED} == set(CITY.kelurahan)
    world = Market()
    for shop in SEED:
        assert CITY.kelurahan_at(shop["lat"], shop["lon"]) == shop["kelurahan"]
        assert len(shop["products"]) == 3
        register(world, shop)
        world.hears(seller_of(shop["id"]))
        assert len(world.view(f"shops/{shop['kelurahan']}", shop["id"])["products"]) == 3
