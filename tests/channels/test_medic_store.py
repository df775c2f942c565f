"""The service on the real store, through two hubs' doors at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.commit import unpack
from hub.contract import Actor, Fix
from hub.dispatch import Answer, Dispatch
from hub.services import Services
from hub.store import Store
from tests.channels.medic_world import CALLER, DESK, HERE, HOME, SERVICE, STRANGER, medic
from workers.timers import Timers

SERVICES = Services([SERVICE])


class Doors:
    """Two hubs' doors to one store; a command goes through whichever is named."""

    def __init__(self, stores: list[Store]) -> None:
        self.stores = stores
        self.doors = [Dispatch(store, SERVICES) for store in stores]

    async def run(self, cmd: str, data: dict[str, Any], actor: Actor, door: int = 0, id_: str = "") -> Answer:
        return await self.doors[door].run(cmd, data, actor, id_ or str(uuid.uuid4()))

    async def ok(self, cmd: str, data: dict[str, Any], actor: Actor, door: int = 0) -> dict[str, Any]:
        answer = await self.run(cmd, data, actor, door)
        assert answer.ok, answer
        return answer.data or {}

    async def on_duty(self, *numbers: int) -> None:
        for number in numbers:
            actor = medic(number)
            now = self.stores[0].now()
            key = self.stores[0].keys.here(actor.person)
            await self.stores[0].many("normal", [["HSET", key, "test", f"{now + 60_000} 1 1 {now}"]])
            await self.ok("medic.duty", {"on": True}, actor)
            fix = Fix("medic", actor.person, HOME[0] + number * 0.0001, HOME[1], now, index="medics")
            await self.stores[0].put_fix(fix, now)

    async def table(self, topic: str) -> dict[str, Any]:
        things = (await self.stores[0].table("urgent", topic)).things
        return {id_: unpack(view) for id_, view in things.items()}

    async def act(self) -> None:
        """Two workers act on what is due, until nothing is."""
        workers = [Timers(store, door) for store, door in zip(self.stores, self.doors, strict=True)]
        while True:
            leases = [await store.lease("urgent", 16, 5_000) for store in self.stores]
            if not any(due for _, _, due in leases):
                return
            await asyncio.gather(
                *(worker._act(timer) for worker, lease in zip(workers, leases, strict=True) for timer in lease[2])
            )


@asynccontextmanager
async def two_doors(url: str) -> AsyncIterator[Doors]:
    stores = [Store(url, "35.76", demo=False, types=SERVICES.types) for _ in range(2)]
    for store in stores:
        await store.open()
    try:
        yield Doors(stores)
    finally:
        for store in stores:
            await store.close()


async def together(*answers: Awaitable[Answer]) -> list[Answer]:
    return list(await asyncio.gather(*answers))


@pytest.mark.asyncio
async def test_fifty_accept_at_once_and_one_wins(store_url: str) -> None:
    """Through two hubs: one ok, 49 `taken` that name the winner; the winner's retry hears ok."""
    async with two_doors(store_url) as doors:
        await doors.on_duty(*range(50))
        request = (await doors.ok("medic.call", {"location": HERE}, CALLER))["request"]
        for _ in range(2):
            await doors.ok("medic.escalate", {"request": request}, DESK)
        answers = await together(
            *(doors.run("medic.accept", {"request": request}, medic(number), number % 2) for number in range(50))
        )
        winners = [number for number, answer in enumerate(answers) if answer.ok]
        assert len(winners) == 1
        losers = [answer for answer in answers if not answer.ok]
        assert {answer.code for answer in losers} == {"taken"}
        assert all((answer.data or {})["winner"]["person"] == f"m{winners[0]}" for answer in losers)
        assert (await doors.run("medic.accept", {"request": request}, medic(winners[0]), 1)).ok


@pytest.mark.asyncio
async def test_one_medic_accepts_two_at_once(store_url: str) -> None:
    """Through two hubs: one ok, one `busy`."""
    async with two_doors(store_url) as doors:
        await doors.on_duty(1)
        first = (await doors.ok("medic.call", {"location": HERE}, CALLER))["request"]
        second = (await doors.ok("medic.call", {"location": HERE}, STRANGER))["request"]
        answers = await together(
            doors.run("medic.accept", {"request": first}, medic(1), 0),
            doors.run("medic.accept", {"request": second}, medic(1), 1),
        )
        assert sorted(answer.code for answer in answers) == ["", "busy"]


@pytest.mark.asyncio
async def test_two_tabs_tap_at_once(store_url: str) -> None:
    """Through two hubs: one request; a tap through both doors with one id is one as well."""
    async with two_doors(store_url) as doors:
        await doors.on_duty(1)
        taps = await together(*(doors.run("medic.call", {"location": HERE}, CALLER, door % 2) for door in range(6)))
        assert all(tap.ok for tap in taps)
        assert len({(tap.data or {})["request"] for tap in taps}) == 1
        assert sum("existing" not in (tap.data or {}) for tap in taps) == 1
        both = await together(
            *(doors.run("medic.call", {"location": HERE}, STRANGER, door, "tap") for door in range(2))
        )
        assert both[0].data == both[1].data


@pytest.mark.asyncio
async def test_the_count_of_medics_is_right_under_races(store_url: str) -> None:
    """Twenty come and ten of them go at once, through two hubs: `city` says ten in the end."""
    async with two_doors(store_url) as doors:
        await together(*(doors.run("medic.duty", {"on": True}, medic(number), number % 2) for number in range(20)))
        await together(*(doors.run("medic.duty", {"on": False}, medic(number), number % 2) for number in range(10)))
        await doors.act()
        assert (await doors.table("city"))["medics"]["on_duty"] == 10


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "location", [{"lat": 89.9, "lon": 0.0}, {"lat": -90.0, "lon": -180.0}, {"lat": 0.0, "lon": 180.0}]
)
async def test_a_call_from_the_pole_is_taken(store_url: str, location: dict[str, float]) -> None:
    """Where no geo index reaches a call is still taken, escalated and closed."""
    async with two_doors(store_url) as doors:
        await doors.on_duty(1)
        answer = await doors.ok("medic.call", {"location": location}, CALLER)
        assert (await doors.table("dispatch"))[answer["request"]]["outside_city"] is True
        await doors.ok("medic.escalate", {"request": answer["request"]}, DESK)
        await doors.ok("medic.accept", {"request": answer["request"]}, medic(1))
        await doors.ok("medic.advance", {"request": answer["request"], "to": "cleared"}, medic(1))


@pytest.mark.asyncio
async def test_requests_that_end_together_are_each_counted_once(valkey_url: str) -> None:
    """Two ends through two hubs at once, timers by two workers: the day has both, and nobody's end waited for it."""
    async with two_doors(valkey_url) as doors:
        await doors.on_duty(1, 2)
        requests = [
            (await doors.ok("medic.call", {"location": HERE}, caller))["request"] for caller in (CALLER, STRANGER)
        ]
        for number, request in enumerate(requests, 1):
            await doors.ok("medic.accept", {"request": request}, medic(number))
        ends = [
            doors.run("medic.advance", {"request": request, "to": "cleared"}, medic(number), door=number - 1)
            for number, request in enumerate(requests, 1)
        ]
        assert all(answer.ok for answer in await together(*ends))
        await doors.act()
        await doors.act()
        (day,) = [view for view in (await doors.table("dispatch")).values() if view["type"] == "figures"]
        assert day["requests"] == 2
        assert day["intervals"]["called_cleared"]["n"] == 2


@pytest.mark.asyncio
async def test_the_whole_of_a_request_is_kept_nowhere(valkey_url: str) -> None:
    """The desk reads it; the same id asked again hears yes and nothing more."""
    async with two_doors(valkey_url) as doors:
        request = (await doors.ok("medic.call", {"location": HERE, "phone": "0812345678"}, CALLER))["request"]
        first, again = [await doors.run("medic.read", {"request": request}, DESK, id_="same") for _ in range(2)]
        assert first.ok
        assert first.data is not None
        assert first.data["request"]["phone"] == "0812345678"
        assert again.ok
        assert not again.data
        assert (await doors.run("medic.read", {"request": request}, CALLER)).code == "not_allowed"
