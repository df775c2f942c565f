"""The test ring, whole: everybody of a desk is rung, and whom nothing reached is named."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from hub.commit import unpack
from hub.contract import Actor, Lane
from hub.identity import enrol
from hub.push import note_got
from tests.support.live import on_loop, until
from tests.support.push import DARMO, JOKO, VERA, Ward, notes, pushing, ward
from tests.support.receivers import standing
from workers.roll_call import RollCalls


@contextlib.asynccontextmanager
async def counting(city: Ward, lasts_ms: int) -> AsyncIterator[None]:
    calls = RollCalls(city.store, city.dispatch, look_s=0.05, lasts_ms=lasts_ms)
    running = asyncio.create_task(calls.run())
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def result(city: Ward, true: Callable[[dict[str, Any]], object], topic: str = "dispatch") -> dict[str, Any]:
    """The desk's view of the test once it is so."""
    lane: Lane = "urgent" if topic == "dispatch" else "normal"
    async with asyncio.timeout(5):
        for _ in range(100_000):
            things = (await city.store.table(lane, topic)).things
            found: dict[str, Any] = unpack(things["test_ring"]) if "test_ring" in things else {}
            if true(found):
                return found
    raise AssertionError("it did not come")


@on_loop
async def test_who_was_not_reached_is_named_at_the_desk(valkey_url: str) -> None:
    """A phone that says `received`, and a page that is heard, are reached; a phone that says nothing is not.

    Who is heard is not woken; who never signed in could not be meant.
    """
    async with ward(valkey_url) as city, standing() as stand:
        woken, (device,) = await city.sleeper(stand.url + "&n=1")
        silent, _ = await city.sleeper(stand.url + "&n=2")
        heard, _ = await city.sleeper(stand.url + "&n=3")
        await enrol(city.store, role="medic", name="Never signed in")
        made = await enrol(city.store, role="dispatcher", name="Wulan", desk="medic")
        desk = Actor(made.person, "dispatcher", name="Wulan", desk="medic")
        await city.device(desk, stand.url + "&n=4")
        await city.hear(heard)
        async with pushing(city), counting(city, lasts_ms=1_000):
            rung = await city.give("phone.test", desk, test_ring="medic")
            await until(lambda: len(stand.heard) == 3)
            assert not any("n=3" in one.line for one in stand.heard)
            note = notes([one for one in stand.heard if "n=1" in one.line], device)[0]
            assert note == {"kind": "test", "id": str(rung["rung_at"]), "city": "35.76"}
            for person in (woken.person, desk.person):
                await note_got(city.store, note["kind"], note["id"], person)
            view = await result(city, lambda view: view.get("state") == "over")
        assert (view["asked"], view["reached"], view["more"]) == (4, 3, 0)
        assert view["missed"] == [{"person": silent.person, "role": "medic", "name": "Sari"}]


@on_loop
async def test_the_crews_of_the_vans_are_asked_as_well(valkey_url: str) -> None:
    """One that looks at its page is reached and not woken; one that is neither woken nor looks is named, no more."""
    async with ward(valkey_url) as city, standing() as stand:
        await city.device(DARMO, stand.url + "&n=darmo")
        await city.sign_in(JOKO)
        await city.device(VERA, stand.url + "&n=vera")
        await city.hear(DARMO, audible=False)
        async with pushing(city, patience_s=0.1), counting(city, lasts_ms=1_000):
            rung = await city.give("phone.test", VERA, test_ring="van")
            await until(lambda: stand.heard)
            await note_got(city.store, "test", str(rung["rung_at"]), VERA.person)
            view = await result(city, lambda view: view.get("state") == "over", "dispatch/van")
        assert all("n=vera" in one.line for one in stand.heard)
        assert (view["asked"], view["reached"]) == (3, 2)
        assert view["missed"] == [{"person": JOKO.person, "role": "crew", "name": "Joko"}]
        table = (await city.store.table("normal", "dispatch/van")).things
        assert not [id_ for id_ in table if id_.endswith(".unwakeable")]


@on_loop
async def test_a_worker_arms_the_weekly_ring(valkey_url: str) -> None:
    """At its start, once for all desks: the store has the timers."""
    async with ward(valkey_url) as city, counting(city, lasts_ms=1_000):
        log = city.store.keys.timers("normal")
        async with asyncio.timeout(5):
            for _ in range(500):
                (armed,) = await city.store.many("normal", [["ZCARD", log]])
                if armed == 4:
                    break
                await asyncio.sleep(0)
        assert armed == 4
