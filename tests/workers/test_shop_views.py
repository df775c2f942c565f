"""What of a shop's topic is public."""

from __future__ import annotations

import msgspec

from hub.bus import BusChange
from tests.support.market import PRIVATE, named, order, product, shop
from workers.shop_views import ProductView, ShopView, by_shop, public, restored


def test_only_named_fields_are_read() -> None:
    """Owner, phone, second contact and the shop's troubles are not among them."""
    (view,) = named([shop()]).values()
    found = public("s1", "s1", view)
    assert isinstance(found, ShopView)
    assert not {*PRIVATE} & {*ShopView.__struct_fields__}
    assert b"Rahasia" not in msgspec.msgpack.encode(found)
    assert restored(msgspec.msgpack.encode(found)) == found


def test_a_product_is_read_and_an_order_is_not() -> None:
    """Of all things in a shop's topic, two are public."""
    assert isinstance(public("s1", "p1", named([product()])["p1"]), ProductView)
    assert public("s1", "o1", named([order()])["o1"]) is None
    assert public("s1", "x", msgspec.msgpack.encode({"id": "x"})) is None


def test_a_shop_stands_in_its_own_topic_by_its_own_id() -> None:
    """Another shop's view there is not believed."""
    assert public("s2", "s1", named([shop()])["s1"]) is None
    assert public("s1", "s1", named([product("s1")])["s1"]) is None
    assert public("s1", "s1", None) is None


def test_changes_are_sorted_by_shop() -> None:
    """`shops/<kelurahan>` and other topics are not among them."""
    changes = [BusChange(topic, 0, "x", "k", None) for topic in ("shop/a", "shops/miji", "shop/b", "city", "shop/a")]
    assert {name: len(some) for name, some in by_shop(changes).items()} == {"a": 2, "b": 1}
