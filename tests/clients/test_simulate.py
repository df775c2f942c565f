from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.client import Refused
from clients.crew import Crew
from clients.loads import LOADS, Load
from clients.simulate import CALL_SHARE, KEPT_FREE, PAUSE_S, City, old_calls, seed_of
from tests.clients import city as virtual

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())
PEOPLE = {"medics": [], "sellers": [], "crew": [], **{key: SEED[key] for key in ("residents", "shops", "stops")}}


def test_old_calls() -> None:
    """At a start the open requests of simulated callers are ended, a human's and ended ones are not."""
    board = {
        "r1": {"type": "request", "id": "r1", "source": "sim", "state": "accepted"},
        "r2": {"type": "request", "id": "r2", "source": "app", "state": "offered"},
        "r3": {"type": "request", "id": "r3", "source": "sim", "state": "cleared"},
        "a1": {"type": "alarm", "id": "a1", "state": "ringing"},
    }
    assert [view["id"] for view in old_calls(board)] == ["r1"]


def test_seed_of() -> None:
    """The residents' devices follow the people file, or the seed that it names."""
    assert seed_of(PEOPLE) == seed_of(dict(PEOPLE))
    assert seed_of({**PEOPLE, "seed": "folder"}) == "folder"
    assert seed_of({**PEOPLE, "residents": ["Ani"]}) != seed_of(PEOPLE)


class Quiet:
    """Residents who only note what they were asked to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        self.any_free = True
        self.now: Callable[[], float] = lambda: 0.0

    async def call(self) -> None:
        self.asked.append(("call", self.now()))

    async def order(self) -> None:
        self.asked.append(("order", self.now()))

    async def somebody(self) -> None:
        """Who looks for something begins here."""
        self.asked.append(("want", self.now()))
        raise Refused("not_found")


class FreeMedic:
    mission: str | None = None


def simulated(medics: int, load: Load | None = None) -> tuple[City, Quiet]:
    stage = virtual.City(seed=4).stage
    city, quiet = City(stage, PEOPLE, load), Quiet()
    quiet.now = stage.now
    city.residents = quiet  # type: ignore[assignment]
    city.medics = [FreeMedic() for _ in range(medics)]  # type: ignore[misc]
    return city, quiet


@virtual.in_virtual_time
async def test_first_call_and_rhythm() -> None:
    """The first call comes 3 s after the start, then something every 10 to 20 s: calls, orders and wants."""
    city, quiet = simulated(15)
    city.stage.spawn(city.run(), "city")
    await asyncio.sleep(3600)
    assert quiet.asked[0] == ("call", 3.0)
    times = [at for _, at in quiet.asked]
    assert all(PAUSE_S[0] <= b - a <= PAUSE_S[1] for a, b in itertools.pairwise(times))
    assert 10 <= PAUSE_S[0] < PAUSE_S[1] <= 20
    calls = sum(1 for what, _ in quiet.asked if what == "call") / len(quiet.asked)
    assert abs(calls - CALL_SHARE) < 0.15
    assert {what for what, _ in quiet.asked} == {"call", "order", "want"}
    await city.stage.close()


@virtual.in_virtual_time
async def test_under_a_load() -> None:
    """In a crisis orders come twice a second and wants once, whatever the pauses of a show are."""
    city, quiet = simulated(15, LOADS["crisis"])
    city.stage.spawn(city.run(), "city")
    await asyncio.sleep(303)
    orders = sum(1 for what, _ in quiet.asked if what == "order")
    assert 500 < orders < 700
    assert 230 < sum(1 for what, _ in quiet.asked if what == "want") < 370
    await city.stage.close()


@virtual.in_virtual_time
async def test_medics_are_kept_for_visitors() -> None:
    """While few medics are free nobody simulated calls."""
    city, quiet = simulated(KEPT_FREE - 1)
    city.stage.spawn(city.run(), "city")
    await asyncio.sleep(600)
    assert {what for what, _ in quiet.asked[1:]} == {"order", "want"}
    await city.stage.close()


@pytest.mark.parametrize("load", [None, LOADS["normal"]], ids=["show", "normal"])
def test_a_press_that_is_due_goes_first(load: Load | None) -> None:
    """A van's crew presses before anybody calls or orders; under a load every crew presses when it is due."""
    virtual.in_virtual_time(a_press_goes_first)(load)


async def a_press_goes_first(load: Load | None) -> None:
    city, quiet = simulated(15, load)
    pressed: list[str] = []

    class Due(Crew):
        def __init__(self) -> None: ...

        def due(self) -> str | None:
            return "van.arrive"

        async def press(self, cmd: str) -> None:
            pressed.append(cmd)

    city.crews = [Due()]
    city.stage.spawn(city.run(), "city")
    await asyncio.sleep(60)
    assert load is not None or len(quiet.asked) == 1
    assert set(pressed) == {"van.arrive"}
    assert load is None or len(pressed) > 15
    await city.stage.close()


def test_the_same_seed_draws_the_same_day() -> None:
    """Chance comes from one seed."""

    @virtual.in_virtual_time
    async def day(into: list[Any]) -> None:
        city, quiet = simulated(15)
        city.stage.rng = random.Random(7)
        city.stage.spawn(city.run(), "city")
        await asyncio.sleep(600)
        into += quiet.asked
        await city.stage.close()

    first: list[Any] = []
    second: list[Any] = []
    day(first)
    day(second)
    assert first == second


@virtual.in_virtual_time
async def test_the_city_speaks() -> None:
    """Whoever the people file names speaks: the city desk practises, PLUT teaches; a city without them is quiet."""
    city, _ = simulated(0)
    spoken: list[str] = []
    world = virtual.City(seed=5)

    async def client(*, code: str) -> Any:
        return world.screen(code).client()

    city.stage.client = client  # type: ignore[method-assign, assignment]
    city.stage.spawn = lambda work, name: (spoken.append(name), work.close())  # type: ignore[method-assign, assignment, func-returns-value]
    await city.speak()
    assert spoken == []
    city.people = {**PEOPLE, "city_desk": {"code": "c1"}, "plut": {"code": "p1"}}
    await city.speak()
    assert spoken == ["alerts", "workshops"]
