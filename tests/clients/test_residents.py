from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from clients.residents import Residents, call_text, device_of, order_text
from clients.stage import SIM_PHONE
from tests.clients.city import City, in_virtual_time

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())


class Callers(City):
    """A city where a device is a resident, and calls and orders get an id."""

    def __init__(self) -> None:
        super().__init__(seed=5)
        self.devices: list[str] = []

        async def client(**credentials: Any) -> Any:
            self.devices.append(credentials["device"])
            return self.screen(f"resident{len(self.devices)}").client()

        self.stage.client = client  # type: ignore[method-assign]
        self.residents = Residents(self.stage, ["Ani", "Budi"], SEED["shops"][:3], "city")

    def run(self, person: str, cmd: str, data: dict[str, Any]) -> dict[str, Any]:
        super().run(person, cmd, data)
        if cmd == "medic.call":
            return {"request": "r1", "candidates": 3}
        return {"order": "o1"} if cmd == "order.place" else {}


def test_devices() -> None:
    """A device's secret is 64 hex digits, its own, and the same at every start of the same city."""
    made = {device_of("city", number) for number in range(50)}
    assert len(made) == 50
    assert device_of("city", 3) in made
    assert device_of("other", 3) not in made
    assert all(len(device) == 64 and int(device, 16) >= 0 for device in made)


@in_virtual_time
async def test_a_call_is_measured_on_frames() -> None:
    """The line says when the phones had the offer, how many were heard, and when the caller read `accepted`."""
    city = Callers()
    story = asyncio.create_task(city.residents.call())
    await city.live(0.004)
    for medic in ("dewi", "agus", "sari"):
        city.stage.phone_rang("r1", medic)
    city.change("help/resident1", "r1", state="offered", receipts={"audible": 2}, times={})
    await city.live(6)
    assert city.events == []
    city.change("help/resident1", "r1", state="accepted", times={"accepted": 1})
    await city.live(1)
    (event,) = city.events
    assert (event["phones"], event["rang_ms"], event["heard"], event["accepted_s"]) == (3, 4.0, 2, 6.0)
    assert event["text"] == "called, 3 phones ringing after 4 ms, heard by 2, accepted after 6.0 s"
    city.change("help/resident1", "r1", state="cleared")
    await story
    (call,) = [data for cmd, data in city.calls("resident1") if cmd == "medic.call"]
    assert call["source"] == "sim"
    assert city.residents.any_free


@in_virtual_time
async def test_a_call_that_nobody_takes() -> None:
    """After 45 s the line says so; a caller who waited long enough cancels with a reason."""
    city = Callers()
    story = asyncio.create_task(city.residents.call())
    await city.live(1)
    city.change("help/resident1", "r1", state="offered", receipts={"audible": 0}, times={})
    await city.live(46)
    assert city.events[0]["text"] == "called, no simulated phone rang, heard by 0, not accepted yet"
    await city.live(200)
    assert city.calls("resident1")[-1] == ("medic.cancel", {"request": "r1", "reason": "other_help"})
    city.change("help/resident1", "r1", state="cancelled")
    await story


@in_virtual_time
async def test_an_order() -> None:
    """An order is placed at the price of now, never in the visitor's shop, and its answer is printed."""
    city = Callers()
    story = asyncio.create_task(city.residents.order())
    await city.live(1)
    (placed,) = [data for cmd, data in city.calls("resident1") if cmd == "order.place"]
    shop = next(shop for shop in SEED["shops"] if shop["id"] == placed["shop"])
    prices = {product["id"]: product["price"] for product in shop["products"]}
    assert placed["lines"][0]["price"] == prices[placed["lines"][0]["product"]]
    assert (placed["phone"], placed["shop"] in ("s02", "s03")) == (SIM_PHONE, True)
    city.change("person/resident1", "o1", state="accepted")
    await city.live(1)
    assert city.events[0]["state"] == "accepted"
    city.change("person/resident1", "o1", state="completed")
    await story


@in_virtual_time
async def test_one_thing_at_a_time() -> None:
    """A resident with something under way is not asked again; the same people come back."""
    city = Callers()
    stories = [asyncio.create_task(city.residents.order()) for _ in range(2)]
    await city.live(1)
    assert not city.residents.any_free
    for screen in ("resident1", "resident2"):
        city.change(f"person/{screen}", "o1", state="completed")
    await asyncio.gather(*stories)
    city.change("person/resident1", "o1", state="placed")
    again = asyncio.create_task(city.residents.order())
    await city.live(1)
    assert len(city.devices) == 2
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    assert city.residents.any_free


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"candidates": 0}, "called, nobody's phone rang, heard by 0, not accepted yet"),
        ({"phones": 1, "rang_ms": 5.4}, "called, 1 phone ringing after 5 ms, heard by 0, not accepted yet"),
        ({"state": "cancelled"}, "called, no simulated phone rang, heard by 0, cancelled"),
    ],
)
def test_call_text(fields: dict[str, Any], text: str) -> None:
    """The sentence says only what was measured."""
    event = {"candidates": 3, "phones": 0, "rang_ms": None, "heard": 0, "accepted_s": None, "state": "offered"}
    assert call_text({**event, **fields}) == text


def test_order_text() -> None:
    """Money is written as people here write it."""
    event = {"shop": "Toko Kain Murni", "total": 1250000, "state": "rejected", "answered_s": 4.2}
    assert order_text(event) == "order at Toko Kain Murni, Rp 1.250.000, rejected after 4.2 s"
    assert order_text({**event, "answered_s": None}).endswith("not answered yet")
