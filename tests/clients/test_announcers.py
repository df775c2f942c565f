from __future__ import annotations

from typing import Any

from channels.alerts import Publish
from channels.workshops import Publish as Workshop
from clients.announcers import practise, teach
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
