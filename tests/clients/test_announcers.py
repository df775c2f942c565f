from __future__ import annotations

import asyncio
from typing import Any

from channels.alerts import Publish
from channels.workshops import Publish as Workshop
from clients.announcers import practise, practise_now_and_then, teach, teach_now_and_then
from clients.client import Refused
from hub.wire import convert
from tests.clients.city import City, in_virtual_time


class Announcing(City):
    """A city whose hub knows one alert and one workshop of two seats."""

    def __init__(self) -> None:
        super().__init__(seed=7)
        self.joined: list[str] = []

    def run(self, person: str, cmd: str, data: dict[str, Any]) -> dict[str, Any]:
        if cmd == "alert.publish":
            convert(data, Publish, "data")
            return {"alert": "a1"}
        if cmd == "workshop.publish":
            convert(data, Workshop, "data")
            return {"workshop": "w1"}
        if cmd == "workshop.join":
            if len(self.joined) == 3:
                raise Refused("out_of_stock")
            self.joined.append(person)
            return {"state": "joined" if len(self.joined) <= 2 else "waiting"}
        return {}


@in_virtual_time
async def test_an_exercise_comes_and_goes() -> None:
    """A simulated alert is an exercise for three kelurahan, as the service takes it, and is taken back."""
    city = Announcing()
    await practise(city.stage, city.screen("desk").client())
    (publish, data), (cancel, about) = city.calls("desk")
    assert (publish, cancel, about["alert"]) == ("alert.publish", "alert.cancel", "a1")
    assert (data["status"], len(set(data["areas"]))) == ("exercise", 3)
    (event,) = city.events
    assert event["text"].startswith("exercise: ")
    assert event["kelurahan"] == city.stage.name(data["areas"][0]) != ""


@in_virtual_time
async def test_a_workshop_fills_and_starts() -> None:
    """Sellers sign up until nobody may wait any more, and PLUT begins."""
    city = Announcing()
    sellers = [city.screen(f"s{number}").client() for number in range(4)]
    await teach(city.stage, city.screen("plut").client(), sellers, "food")
    assert [cmd for cmd, _ in city.calls("plut")] == ["workshop.publish", "workshop.start"]
    (event,) = city.events
    assert (event["joined"], event["waiting"]) == (2, 1)
    assert event["text"].endswith("2 of 2 seats, 1 wait")
    assert event["kelurahan"] == "Blooto"


class Refusing(Announcing):
    """A hub that takes nothing."""

    def run(self, person: str, cmd: str, data: dict[str, Any]) -> dict[str, Any]:
        raise Refused("too_many")


@in_virtual_time
async def test_exercises_now_and_then() -> None:
    """In an hour there are 10 to 20 exercises, never two at once; a refusal ends nothing."""
    city, deaf = Announcing(), Refusing()
    city.stage.spawn(practise_now_and_then(city.stage, city.screen("desk").client()), "alerts")
    deaf.stage.spawn(practise_now_and_then(deaf.stage, deaf.screen("desk").client()), "alerts")
    await asyncio.sleep(3600)
    told = [cmd for cmd, _ in city.calls("desk")]
    assert 20 <= len(told) <= 40
    assert told[:4] == ["alert.publish", "alert.cancel"] * 2
    assert len(deaf.calls("desk")) > 10
    await city.stage.close()
    await deaf.stage.close()


@in_virtual_time
async def test_workshops_now_and_then() -> None:
    """A workshop comes every 4 to 6 minutes, for a category that has sellers, and only its own sign up."""
    city = Announcing()
    sellers = {"food": [city.screen("f1").client(), city.screen("f2").client()], "goods": []}
    city.stage.spawn(teach_now_and_then(city.stage, city.screen("plut").client(), sellers), "workshops")
    await asyncio.sleep(1800)
    published = [data for cmd, data in city.calls("plut") if cmd == "workshop.publish"]
    assert 4 <= len(published) <= 8
    assert {data["category"] for data in published} == {"food"}
    assert {cmd for cmd, _ in city.calls("f1")} == {"workshop.join"}
    await city.stage.close()
