"""What each screen sees of a shop, and how much it weighs."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.alarms import Alarm
from channels.shop_things import MOST_SELLERS, Contact, Ear, ProductData, Shop
from channels.shop_views import listed_view, product_view, shop_view, shop_views
from hub.contract import Actor
from tests.channels.market_world import EMOJI, SELLER, Market
from tests.channels.world import CITY

WORD = "x" * 40
LONG = EMOJI * 15
"""60 characters, 225 bytes."""


def largest() -> Shop:
    """A shop with every field at its limit."""
    week = (((480, 720), (780, 1020), (1080, 1200), (1260, 2700)),) * 7
    return Shop(
        id=WORD, name=LONG, category="made_to_order", kelurahan=max(CITY.kelurahan, key=len), lat=-7.4, lon=112.4,
        address="🏠" * 200, owner=LONG, phone="+62 812 3456 7890 12", nib="1" * 13, hours=week,
        products=tuple(ProductData(f"{n:040}", LONG, 10**9, 10**6, True) for n in range(200)),
        contact=Contact(LONG, "+62 812 3456 7890 12"), state="closed", why="paused", opens_at=2**42,
        sellers={f"{n:080}": Ear(LONG, 2**42, True, True) for n in range(MOST_SELLERS)}, paused=True,
        paused_until=2**42, self_paused=True, busy_min=120, busy_until=2**42, expired=9,
        alarms={"self_paused": Alarm(2**42, 99, "p" * 36, LONG, 2**42)},
    )  # fmt: skip


def weight(view: object) -> int:
    return len(msgspec.msgpack.encode(view))


def test_the_largest_shop_fits() -> None:
    """Every view under 4 KB, in the list under 300 bytes, ids never cut."""
    shop = largest()
    for (topic, _), view in shop_views(shop, 2**42).items():
        assert weight(view) < (300 if topic.startswith("shops/") else 4096), topic
    assert listed_view(shop)["id"] == shop_view(shop)["id"] == WORD
    assert weight(product_view(shop.products[0], shop)) < 1024


@given(
    st.text(min_size=1, max_size=60),
    st.lists(st.text(min_size=1, max_size=60), max_size=5),
    st.sampled_from(sorted(CITY.kelurahan)),
    st.text("abc-.:", min_size=1, max_size=40),
)
def test_any_shop_fits_the_list(name: str, products: list[str], kelurahan: str, id_: str) -> None:
    """Whatever it is called and sells; its name is whole wherever there is room for it."""
    shop = replace(
        largest(), id=id_, name=name, kelurahan=kelurahan,
        products=tuple(ProductData(f"p{n}", text, 3000) for n, text in enumerate(products)),
    )  # fmt: skip
    view = listed_view(shop)
    assert weight(view) < 300
    assert len(view["products"]) <= 3
    assert view["name"] == name or not view["products"]


def test_short_texts_are_never_cut() -> None:
    """A usual shop shows everything."""
    shop = replace(largest(), id="s1", name="Toko Kue Melati", sellers={"sri": Ear("Sri", 1, True, True)})
    view = shop_view(shop)
    assert (view["name"], view["address"]) == ("Toko Kue Melati", shop.address)
    assert view["sellers"] == [{"person": "sri", "name": "Sri", "reachable": True, "connected": True, "at": 1}]


def test_of_many_sellers_those_who_hear_are_shown() -> None:
    """Then who was heard last."""
    ears = {f"p{n}": Ear("P", n, n < 3, n < 5) for n in range(MOST_SELLERS)}
    people = [one["person"] for one in shop_view(replace(largest(), sellers=ears))["sellers"]]
    assert people[:6] == ["p2", "p1", "p0", "p4", "p3", f"p{MOST_SELLERS - 1}"]


def test_the_list_shows_what_can_be_had() -> None:
    """At most three products, none that is sold out, nothing private."""
    world = Market()
    world.open_shop(
        "s1",
        products=[{"id": f"p{n}", "name": f"Kue {n}", "price": n, "stock": n % 2} for n in range(10)],
        phone="0812345678", owner="Bu Sri",
    )  # fmt: skip
    view = world.view("shops/kranggan", "s1")
    assert [one["id"] for one in view["products"]] == ["p1", "p3", "p5"]
    assert view.keys() == {"type", "id", "state", "at", "name", "category", "kelurahan", "products"}


def test_nobodys_phone_at_the_desk() -> None:
    """A shop in trouble is named, without phone, owner, contact or sellers."""
    shop = largest()
    for (topic, _), view in shop_views(shop, 1).items():
        if topic == "dispatch/market":
            assert not {"phone", "owner", "contact", "address", "sellers", "nib"} & view.keys()


@pytest.mark.parametrize("connected", [True, False])
def test_the_shop_sees_its_devices(connected: bool) -> None:
    """Each seller with since when it is so."""
    world = Market()
    world.open_shop("s1")
    world.pass_ms(5_000)
    world.hears(SELLER)
    world.pass_ms(5_000)
    world.hears(Actor("sri", "seller", name="Sri", shop="s1"), reachable=False, connected=connected)
    sellers = {one["person"]: one for one in world.view("shop/s1", "s1")["sellers"]}
    assert sellers["sri"] == {
        "person": "sri", "name": "Sri", "reachable": False, "connected": connected, "at": world.now,
    }  # fmt: skip
    assert sellers["of-s1"]["at"] == world.now - 10_000
