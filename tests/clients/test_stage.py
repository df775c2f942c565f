from __future__ import annotations

import asyncio

import pytest

from clients.client import Refused, Unanswered
from clients.stage import PHONES_KEPT
from tests.clients.city import City, in_virtual_time


@in_virtual_time
async def test_the_first_ring_counts() -> None:
    """A phone that has the same offer again rang when it had it first; old requests are forgotten."""
    city = City(seed=1)
    city.stage.phone_rang("r1", "dewi")
    await city.live(3)
    city.stage.phone_rang("r1", "dewi")
    assert city.stage.rang == {"r1": {"dewi": 0.0}}
    for number in range(PHONES_KEPT):
        city.stage.phone_rang(f"x{number}", "dewi")
    assert "r1" not in city.stage.rang


@pytest.mark.parametrize("error", [Refused("taken"), Unanswered("i1", None), OSError("gone")])
def test_a_no_ends_work_quietly(error: Exception) -> None:
    """What a hub refuses, or cannot say, ends that person's work and nobody else's."""

    @in_virtual_time
    async def run() -> None:
        city = City(seed=1)
        others: list[str] = []

        async def fails() -> None:
            raise error

        async def works() -> None:
            await asyncio.sleep(1)
            others.append("done")

        city.stage.spawn(fails(), "fails")
        city.stage.spawn(works(), "works")
        await city.live(2)
        assert others == ["done"]

    run()


@in_virtual_time
async def test_close_ends_all_work() -> None:
    """Nothing that was started outlives the city."""
    city = City(seed=1)
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(10**6)
        finally:
            ended.set()

    city.stage.spawn(waits(), "waits")
    await city.live(1)
    await city.stage.close()
    assert ended.is_set()


@in_virtual_time
async def test_events_are_dated_and_named() -> None:
    """Every line has its time; a kelurahan is named as people write it."""
    city = City(seed=1)
    await city.live(2)
    city.stage.emit({"event": "van"})
    assert city.events == [{"event": "van", "at": 2000}]
    assert (city.stage.name("prajuritkulon"), city.stage.name(None)) == ("Prajuritkulon", "")
