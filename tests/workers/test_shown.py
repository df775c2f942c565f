"""What an answer says of a shop and of its products."""

from __future__ import annotations

from tests.support.market import LAT, LON, holding, product, shop
from workers.find import Question

CITY = (
    shop(
        state="closed", why="hours", opens_at=9_000, address="Jl. Majapahit 1", busy_min=10, busy_until=5_000,
        hours=[[[420, 1020]]] * 7,
    ),
    product("p1", "Soto ayam", 14_000, state="sold_out", stock=0),
    product("p2", "Nasi pecel", 12_000, made_here=True),
    product("p3", "Nasi soto ayam", 15_000, stock=4),
    product("p4", "Es teh", 4_000),
)  # fmt: skip


def test_a_found_shop_is_shown_with_the_products_asked_for() -> None:
    """Up to three products: those that hold the most words first, and of those the ones that can be had."""
    (found,) = holding(CITY).find(Question(("soto", "ayam"), near=(LAT, LON)), 4_000)["shops"]
    assert found == {
        "id": "s1", "name": "Warung Bu Sri", "category": "food", "kelurahan": "kranggan", "address": "Jl. Majapahit 1",
        "lat": LAT, "lon": LON, "state": "closed", "why": "hours", "opens_at": 9_000, "busy_min": 10, "distance_m": 0,
        "made_here": True, "product_count": 4,
        "products": [
            {"id": "p3", "name": "Nasi soto ayam", "price": 15_000, "stock": 4, "state": "available",
             "made_here": False, "matched": True},
            {"id": "p1", "name": "Soto ayam", "price": 14_000, "stock": 0, "state": "sold_out",
             "made_here": False, "matched": True},
            {"id": "p2", "name": "Nasi pecel", "price": 12_000, "stock": None, "state": "available",
             "made_here": True, "matched": False},
        ],
    }  # fmt: skip


def test_a_shop_found_by_its_own_name_has_no_matched_product() -> None:
    """Its products are shown all the same."""
    (found,) = holding(CITY).find(Question(("sri",)), 0)["shops"]
    assert [one["matched"] for one in found["products"]] == [False] * 3
    (found,) = holding(CITY).find(Question(), 0)["shops"]
    assert [one["matched"] for one in found["products"]] == [False] * 3


def test_a_forgiven_letter_counts_only_where_it_brought_the_shop() -> None:
    """Who asks for rawon and finds rawon is not shown `raon` as what was meant."""
    index = holding((shop(), product("p1", "Raon"), product("p2", "Rawon")))
    (found,) = index.find(Question(("rawon",)), 0)["shops"]
    assert [(one["id"], one["matched"]) for one in found["products"]] == [("p2", True), ("p1", False)]
    (found,) = index.find(Question(("rewon",)), 0)["shops"]
    assert [(one["id"], one["matched"]) for one in found["products"]] == [("p2", True), ("p1", False)]


def test_one_shop_is_shown_whole() -> None:
    """Hours and all products; a shop that is not there is None."""
    index = holding(CITY)
    whole = index.shop("s1", 6_000)
    assert whole is not None
    assert whole["hours"] == [[(420, 1020)]] * 7
    assert [one["id"] for one in whole["products"]] == ["p1", "p2", "p3", "p4"]
    assert (whole["product_count"], whole["made_here"]) == (4, True)
    assert index.shop("s2", 0) is None


def test_products_stand_by_their_ids() -> None:
    """`p2` before `p10`, in whatever order they came."""
    index = holding((shop(), product("p10"), product("p2"), product("a")))
    assert [one["id"] for one in (index.shop("s1", 0) or {})["products"]] == ["a", "p2", "p10"]


def test_being_busy_ends_by_itself() -> None:
    """After `busy_until` a shop is no longer busy, whether or not its view was changed."""
    index = holding(CITY)
    assert [(index.shop("s1", now) or {})["busy_min"] for now in (4_999, 5_000)] == [10, 0]
