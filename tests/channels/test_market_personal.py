"""Shops, orders and wants without what is personal of somebody."""

from __future__ import annotations

from channels.market_personal import KINDS, ORDERS, SHOPS, WANTS, redrawn
from channels.order_things import Line, Order
from channels.shop_things import Contact, Ear, Seller, Shop
from channels.want_things import Want
from hub.personal import Declared
from tests.channels.world import NOW

DECLARED = Declared({**SHOPS, **ORDERS, **WANTS}, {"shop": Shop, "order": Order, "want": Want, "seller": Seller})
ORDER = Order(
    id="o1", state="completed", at=NOW, shop="s1", shop_name="Warung", kelurahan="kranggan", buyer="ani",
    lines=(Line("p1", "Nasi", 2, 9000),), fulfilment="delivery", name="Ani", phone="081200", placed_at=NOW,
    accept_s=180, contact=Contact("Tono", "081300"), address="Jl. Ungu", note="pedas",
    times={"placed": NOW, "completed": NOW},
)  # fmt: skip


def test_an_ended_order_keeps_its_goods_and_loses_its_buyer() -> None:
    """On the buyer's screen and on the shop's; what was sold and when stays."""
    after = DECLARED.blanked("order", "o1", ORDER, "ani")
    assert isinstance(after, Order)
    assert (after.name, after.phone, after.address, after.note, after.contact) == ("", "", "", "", None)
    assert (after.lines, after.times, after.buyer) == (ORDER.lines, ORDER.times, "ani")
    decision = redrawn("order", "o1", ORDER, after, NOW)
    assert {change.topic for change in decision.changes} == {"person/ani", "shop/s1"}
    assert all("Ani" not in str(change.view) and "081200" not in str(change.view) for change in decision.changes)
    assert decision.writes[0].state == after


def test_a_shop_loses_its_people_and_stays() -> None:
    """Owner, phones and address under the shop's own name, each seller under theirs."""
    shop = Shop(
        id="s1", name="Warung", category="food", kelurahan="kranggan", lat=-7.47, lon=112.43, owner="Bu Tini",
        phone="0321", contact=Contact("Tono", "081300"), sellers={"ani": Ear("Ani", NOW), "budi": Ear("Budi", NOW)},
    )  # fmt: skip
    after = DECLARED.blanked("shop", "s1", shop, "shop.s1")
    assert isinstance(after, Shop)
    assert (after.name, after.owner, after.phone, after.contact) == ("Warung", "", "", None)
    after = DECLARED.blanked("shop", "s1", shop, "ani")
    assert isinstance(after, Shop)
    assert {person: ear.name for person, ear in after.sellers.items()} == {"ani": "", "budi": "Budi"}
    assert DECLARED.blanked("seller", "ani", Seller("ani", "s1", "Ani"), "ani") is None


def test_every_kind_can_be_redrawn() -> None:
    """One for each thing that these services declare."""
    assert set(KINDS) == {"shop", "seller", "order", "buyer", "want"}
    gone = redrawn("seller", "ani", Seller("ani", "s1", "Ani"), None, NOW)
    assert [(write.type, write.id, write.state) for write in gone.writes] == [("seller", "ani", None)]
