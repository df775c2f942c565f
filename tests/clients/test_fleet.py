from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clients.client import Refused
from clients.fleet import TRACKER, WEAK_PHONE, fleet
from tests.clients.city import City, in_virtual_time

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())
PEOPLE = {
    "vans": SEED["vans"],
    "stops": SEED["stops"],
    "crew": [{"van": van["id"], "code": van["id"]} for van in SEED["vans"]],
    "van_desk": {"code": "desk"},
}


def city_of(*away: str) -> City:
    """A city whose hub answers, but not to the codes of these."""
    city = City(seed=1)
    city.answers = {"van.tracker": {"key": "k"}}

    async def client(*, code: str, audible: bool = False) -> Any:
        if code in away:
            raise Refused("not_found", "this code is spent")
        return city.screen(code).client()

    city.stage.client = client  # type: ignore[method-assign, assignment]
    for van in SEED["vans"]:
        city.change(f"van/{van['id']}", van["id"], state="off", name=van["name"], next=van["stops"][0])
    return city


@in_virtual_time
async def test_every_van_drives_with_its_own_crew() -> None:
    """Three vans begin some way before their first stops; a tracker's key writes of one, one has a weak phone."""
    city = city_of()
    crews = await fleet(city.stage, PEOPLE)
    assert [crew.van for crew in crews] == ["v1", "v2", "v3"]
    first = [van["stops"][0] for van in SEED["vans"]]
    away = [
        city.stage.ground.metres(crew.traveller.place, crew._place(stop))
        for crew, stop in zip(crews, first, strict=True)
    ]
    assert all(100 < metres < 1_500 for metres in away)
    assert {crew.van for crew in crews if crew._weak_phone} == {WEAK_PHONE}
    asked = {code for code in ("v1", "v2", "v3") if ("van.tracker", {"van": code}) in city.calls(code)}
    assert asked == {TRACKER}
    await city.live(4)
    await city.stage.close()


@in_virtual_time
async def test_a_crew_that_cannot_come_stays_at_home(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, and the others drive."""
    city = city_of("v1")
    assert [crew.van for crew in await fleet(city.stage, PEOPLE)] == ["v2", "v3"]
    assert "the crew of v1 stayed at home: not_found" in capsys.readouterr().err
    await city.live(4)
    await city.stage.close()


@in_virtual_time
async def test_a_city_without_vans_has_no_crews() -> None:
    """A people file that names no crew, or no vans, is a city without them."""
    city = city_of()
    assert await fleet(city.stage, {"crew": [], "stops": [], "vans": SEED["vans"]}) == []
    assert await fleet(city.stage, {"crew": PEOPLE["crew"], "stops": []}) == []
