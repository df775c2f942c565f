from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from clients.residents import Residents
from clients.seekers import seek, want_text
from tests.clients.city import City, in_virtual_time

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())


class Seeking(City):
    """A city in which one resident looks for something."""

    def __init__(self) -> None:
        super().__init__(seed=5)

        async def client(**credentials: Any) -> Any:
            return self.screen("ani").client()

        self.stage.client = client  # type: ignore[method-assign]
        self.residents = Residents(self.stage, ["Ani"], SEED["shops"], "city")

    def run(self, person: str, cmd: str, data: dict[str, Any]) -> dict[str, Any]:
        super().run(person, cmd, data)
        if cmd == "want.post":
            return {"want": "w1", "asked": 7}
        return {"order": "o1"} if cmd == "want.pick" else {}


@in_virtual_time
async def test_takes_the_cheapest_answer() -> None:
    """Somebody waits for answers, takes the cheapest, and is free again when the order is over."""
    city = Seeking()
    story = asyncio.create_task(seek(city.stage, city.residents, SEED["shops"]))
    await city.live(1)
    answers = [
        {"id": "s02", "name": "Kue Melati", "kind": "price", "price": 9000, "at": 4000},
        {"id": "s03", "name": "Kue Sari", "kind": "price", "price": 7000, "at": 6000},
        {"id": "s04", "name": "Roti Ayu", "kind": "have", "at": 6500},
    ]
    city.change("person/ani", "w1", type="want", state="open", asked=12, posted_at=0, answers=answers)
    await city.live(40)
    (event,) = city.events
    assert (event["asked"], event["answers"], event["first_s"], event["picked"]) == (12, 3, 4.0, "Kue Sari")
    assert ("want.pick", {"want": "w1", "answer": "s03"}) in city.calls("ani")
    assert not city.residents.any_free
    city.change("person/ani", "o1", type="order", state="completed")
    await story
    assert city.residents.any_free


@in_virtual_time
async def test_nobody_answers() -> None:
    """Without an answer the want is closed, and the line says so."""
    city = Seeking()
    story = asyncio.create_task(seek(city.stage, city.residents, SEED["shops"]))
    await city.live(1)
    city.change("person/ani", "w1", type="want", state="open", asked=0, posted_at=0, answers=[])
    await story
    assert city.calls("ani")[-1] == ("want.close", {"want": "w1"})
    assert city.events[0]["picked"] is None


@pytest.mark.parametrize(
    ("picked", "text"),
    [
        (None, "looks for Donat, 9 shops asked, 2 answered"),
        ("Roti Sari", "looks for Donat, 9 shops asked, 2 answered, the first after 3.1 s; taken from Roti Sari"),
    ],
)
def test_want_text(picked: str | None, text: str) -> None:
    """The sentence says what was asked, what came, and who got it."""
    assert want_text({"words": "Donat", "asked": 9, "answers": 2, "first_s": 3.1, "picked": picked}) == text
