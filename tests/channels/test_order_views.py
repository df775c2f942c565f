"""What each screen sees of an order, and how much it weighs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from channels.alarms import Alarm
from channels.order_things import LEVELS, MAX_LINES, ORDER, Alternative, Buyer, Line, Order
from channels.order_views import ORDER_KIND, kept, market_view, marks, next_step, order_view, order_views
from channels.shop_things import Contact
from channels.views import VIEW_BYTES
from hub.contract import Actor
from tests.channels.market_world import BUYER, EMOJI, SELLER, Market
from tests.channels.world import CITY, NOW

LONG = EMOJI * 15
PHONE = "+62 812 3456 7890 12"


def largest(lines: int, alternatives: int) -> Order:
    """An order with every field at its limit."""
    goods = tuple(Line(f"{n:040}", LONG, 99, 10**9) for n in range(lines))
    return Order(
        id="o" * 36, state="expired", at=2**42, shop="s" * 40, shop_name=LONG, kelurahan=max(CITY.kelurahan, key=len),
        buyer="b" * 36, lines=goods, fulfilment="delivery", name=LONG, phone=PHONE, placed_at=2**42, accept_s=86_400,
        ring_at=2**42, later=True, opens_at=2**42, loud=True, contact=Contact(LONG, PHONE), contacted_at=2**42,
        unheard=True, address="🏠" * 200, note="🎂" * 200, prep_min=1440, busy_min=120, accepted_by=LONG,
        reason="out_of_stock", cancelled_by="seller", no_shows=99, want="w" * 36, winner="w" * 36,
        receipts={f"{n:036}": dict.fromkeys(LEVELS, 2**42) for n in range(30)},
        times=dict.fromkeys([state for state in ORDER if state != "new"], 2**42),
        alarms={reason: Alarm(2**42, 99, "p" * 36, LONG, 2**42) for reason in ("unheard", "ignored")},
        alternatives=tuple(
            Alternative(f"{n:040}", LONG, max(CITY.kelurahan, key=len), 30_000, goods) for n in range(alternatives)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(("lines", "alternatives"), [(MAX_LINES, 0), (MAX_LINES, 1), (5, 3), (1, 3)])
def test_the_largest_order_fits(lines: int, alternatives: int) -> None:
    """Every view under 4 KB; ids, prices and all lines are there."""
    order = largest(lines, alternatives)
    for (topic, id_), view in order_views(order, 2**42).items():
        assert len(msgspec.msgpack.encode(view)) <= VIEW_BYTES < 4096, (topic, id_)
    shown = order_views(order, 2**42)["shop/" + "s" * 40, order.id]
    assert [line["product"] for line in shown["lines"]] == [line.product for line in order.lines]
    assert shown["total"] == order_view(order)["total"]
    assert len(shown.get("alternatives", [])) == alternatives


def test_an_address_is_cut_last() -> None:
    """A shop that delivers reads all of it, even with twelve lines of the longest names."""
    order = replace(largest(MAX_LINES, 0), address="Jalan Majapahit " * 12, note="pagar hijau " * 16)
    shown = order_views(order, 1)["shop/" + "s" * 40, order.id]
    assert (shown["address"], shown["note"]) == (order.address, order.note)


def test_the_market_desk_sees_no_person() -> None:
    """No name, phone, address, note or goods, also in an alarm; and its type gives no receipts."""
    for (topic, _), view in order_views(largest(3, 3), 1).items():
        if topic == "dispatch/market":
            assert view["type"] in ("market_order", "alarm")
            private = {"phone", "address", "note", "lines", "alternatives", "contact", "buyer", "no_shows"}
            assert not private & view.keys()
            assert PHONE not in str(view)
            assert view["type"] == "alarm" or "name" not in view
    assert market_view({"type": "order", "id": "o", "name": "Ani"}) == {"type": "market_order", "id": "o"}


def test_each_party_sees_its_own() -> None:
    """Who accepted, the second contact and the marks are the shop's alone."""
    views = order_views(largest(1, 0), 1)
    buyer, shop = views["person/" + "b" * 36, "o" * 36], views["shop/" + "s" * 40, "o" * 36]
    assert shop.keys() - buyer.keys() == {"accepted_person", "contact", "no_shows"}
    assert buyer.keys() <= shop.keys()


def test_the_buyers_view_is_their_own_order() -> None:
    """Nothing of it is lost on the way through placing, accepting and making."""
    world = Market()
    world.open_shop("s1")
    order = world.place(fulfilment="delivery", address="Jl. Majapahit 1", note="pagar hijau")
    world.accept(order)
    world.ok("order.advance", {"order": order, "to": "preparing"}, SELLER)
    view = world.view("person/ani", order)
    assert (view["address"], view["note"], view["name"], view["phone"]) == (
        "Jl. Majapahit 1", "pagar hijau", "Ani", "0812345678",
    )  # fmt: skip
    assert view["times"] == {"placed": NOW, "accepted": NOW, "preparing": NOW}


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({}, (5_000, "unheard")),
        ({"receipts": {"sri": {"sent": 1}}}, (5_000, "unheard")),
        ({"receipts": {"sri": {"received": 1}}}, (45_000, "loud")),
        ({"unheard": True, "contacted_at": 5_000, "alarms": {"unheard": Alarm(1)}}, (45_000, "loud")),
        ({"receipts": {"sri": {"seen": 1}}, "loud": True}, (120_000, "contact")),
        ({"receipts": {"sri": {"seen": 1}}, "loud": True, "contacted_at": 9, "alarms": {"ignored": Alarm(1)}}, None),
        ({"unheard": True, "loud": True, "contacted_at": 9, "alarms": {"unheard": Alarm(1)}}, None),
        ({"receipts": {"sri": {"seen": 1}}, "unheard": True, "loud": True, "contacted_at": 9}, (120_000, "contact")),
        ({"ring_at": 0}, None),
    ],
)
def test_the_next_step(fields: dict[str, Any], due: tuple[int, str] | None) -> None:
    """Unheard at 5 s, loud at a quarter, the contact at two thirds; each once."""
    fresh = Order(
        id="o", state="placed", at=NOW, shop="s1", shop_name="Toko", kelurahan="miji", buyer="ani", lines=(),
        fulfilment="pickup", name="Ani", phone="0812345678", placed_at=NOW, accept_s=180, ring_at=NOW,
    )  # fmt: skip
    step = next_step(replace(fresh, **fields))
    assert step == (None if due is None else (NOW + due[0], due[1]))


def test_where_an_order_is_found() -> None:
    """Waiting for opening, ringing, or nowhere once it has moved on."""
    assert ORDER_KIND.index is not None
    placed = replace(largest(1, 0), state="placed", shop="s1", contacted_at=0)
    assert list(ORDER_KIND.index(placed)) == [("ringing/s1", placed.id)]
    assert list(ORDER_KIND.index(replace(placed, ring_at=0))) == [("later/s1", placed.id)]
    assert list(ORDER_KIND.index(replace(placed, contacted_at=1))) == []
    assert list(ORDER_KIND.index(replace(placed, state="accepted"))) == []


def test_what_is_kept_of_a_buyer() -> None:
    """Open orders and wants, and marks of the last 30 days; nobody with neither."""
    month = 30 * 86_400_000
    buyer = Buyer("ani", no_shows=(1, NOW))
    assert marks(buyer, NOW + month - 1) == (NOW,)
    assert marks(None, NOW) == ()
    assert kept(buyer, NOW) == Buyer("ani", no_shows=(NOW,))
    assert kept(buyer, NOW + month) is None
    assert kept(Buyer("ani", open=("o",)), NOW) == Buyer("ani", open=("o",))
    assert kept(Buyer("ani", wants=("w",)), NOW) == Buyer("ani", wants=("w",))


def test_another_buyer_sees_nothing() -> None:
    """An order stands in its own buyer's topic only."""
    world = Market()
    world.open_shop("s1")
    order = world.place(Actor("budi", "resident"))
    world.place(BUYER)
    assert order not in world.tables["person/ani"]
