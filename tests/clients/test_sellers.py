from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from clients.sellers import GONE_S, MANNERS, VISITOR_SHOP_S, Manner, Seller, manner_of
from clients.stage import SIM_PHONE
from tests.clients.city import City, in_virtual_time, order_view


def test_manners() -> None:
    """Most sellers accept; some reject, miss, pause or lose the network, but never with a human's order."""
    rng = random.Random(3)
    acts = Counter(manner_of(rng, True, "s02").act for _ in range(4000))
    for act, share in MANNERS:
        assert acts[act] / 4000 == pytest.approx(share, abs=0.03)
    assert {manner_of(rng, False, "s02").act for _ in range(200)} == {"accept"}
    assert {manner_of(rng, True, "s01") for _ in range(20)} == {Manner(VISITOR_SHOP_S, "accept")}


@in_virtual_time
async def test_seller_accepts_and_prepares() -> None:
    """A seller lets it ring, accepts after some seconds, and brings the order to its end."""
    city = City(seed=2)
    screen = city.screen("sri")
    await Seller(city.stage, "Sri", "s02", screen.client()).start()
    city.change("shop/s02", "o1", **order_view())
    await city.live(12)
    assert "order.accept" in [cmd for cmd, _ in city.calls("sri")]
    await city.live(150)
    advances = [data["to"] for cmd, data in city.calls("sri") if cmd == "order.advance"]
    assert advances == ["preparing", "ready", "completed"]


@in_virtual_time
async def test_the_visitors_shop_waits_for_a_human() -> None:
    """In the demo visitor's shop 20 s pass before the simulated seller accepts; a human's order is left alone."""
    city = City(seed=2)
    await Seller(city.stage, "Sri", "s01", city.screen("sri").client()).start()
    city.change("shop/s01", "o1", **order_view())
    await city.live(VISITOR_SHOP_S)
    assert "order.accept" not in [cmd for cmd, _ in city.calls("sri")]
    city.change("shop/s01", "o1", state="accepted", accepted_by="Anda")
    await city.live(200)
    assert {cmd for cmd, _ in city.calls("sri")} == {"order.receipt"}


async def treated(act: str, monkeypatch: pytest.MonkeyPatch, seconds: float = 12) -> tuple[City, list[str]]:
    """A simulated order at a seller with this manner; what they did."""
    monkeypatch.setattr("clients.sellers.manner_of", lambda rng, simulated, shop: Manner(3.0, act))
    city = City(seed=2)
    await Seller(city.stage, "Sri", "s02", city.screen("sri").client()).start()
    city.change("shop/s02", "o1", **{**order_view(), "phone": SIM_PHONE})
    await city.live(seconds)
    return city, [cmd for cmd, _ in city.calls("sri")]


@pytest.mark.parametrize(
    ("act", "last"), [("reject", "order.reject"), ("miss", "order.receipt"), ("pause", "shop.pause")]
)
def test_other_manners(act: str, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who rejects says why, one who misses it only let it ring, one who pauses accepts first."""

    @in_virtual_time
    async def story() -> None:
        _, did = await treated(act, monkeypatch)
        assert did[-1] == last
        assert ("order.accept" in did) == (act == "pause")

    story()


def test_one_who_loses_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their phone answers nothing for 40 to 90 s, gives no receipt, and hears again by itself."""

    @in_virtual_time
    async def story() -> None:
        city, did = await treated("lose", monkeypatch, 1)
        screen: Any = city.screen("sri")
        assert (did, screen.asleep, screen.drops) == ([], True, 1)
        await city.live(GONE_S[1])
        assert not screen.asleep

    story()


@in_virtual_time
async def test_wants_are_answered() -> None:
    """A seller follows the wants of the shop's kelurahan and category; half of them answer, once each."""
    city = City(seed=2)
    for number in range(40):
        topic = f"shop/t{number}"
        city.change(topic, f"t{number}", type="shop", kelurahan="miji", category="food", state="open")
        await Seller(city.stage, "Sri", f"t{number}", city.screen(f"p{number}").client()).start()
    await city.live(0.1)
    city.change("wants/miji/food", "w1", type="want", front=["t1"], rest_at=10_000, full=False, state="open")
    await city.live(9)
    early = [cmd for number in range(40) for cmd, _ in city.calls(f"p{number}")]
    assert len(early) <= 1
    await city.live(30)
    answers = [data for number in range(40) for cmd, data in city.calls(f"p{number}") if cmd == "want.answer"]
    assert 10 < len(answers) < 30
    assert all(("price" in data) == (data["kind"] == "price") for data in answers)


@in_virtual_time
async def test_an_order_for_later_does_not_ring() -> None:
    """A seller leaves an order alone that waits for the opening."""
    city = City(seed=2)
    await Seller(city.stage, "Sri", "s02", city.screen("sri").client()).start()
    city.change("shop/s02", "o1", **{**order_view(), "ring": "off"})
    await city.live(60)
    assert city.calls("sri") == []
