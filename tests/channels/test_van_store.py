"""Vans on a real store: two hubs, timers, and what fixes call for."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.van_days import AHEAD_DAYS
from channels.vans import Vans
from hub.commit import unpack
from hub.contract import SYSTEM, TIMER, Actor
from hub.dispatch import Dispatch
from hub.store import Store
from tests.channels.van_world import CITY, CREW, FILE, SEED
from tests.support.commits import everything
from tests.support.live import on_loop, opened

TRACKER = Actor("gps", "tracker", van="v1")


async def table(store: Store, topic: str) -> dict[str, Any]:
    return {id_: unpack(view) for id_, view in (await store.table("bulk", topic)).things.items()}


async def due(store: Store, dispatch: Dispatch) -> list[str]:
    """Run every timer of vans that is due, as a worker does; at some hours one of another service is due as well."""
    ran: list[str] = []
    while True:
        _, _, timers = await store.lease("bulk", 10, 5000)
        if not timers:
            return ran
        for timer in timers:
            if not timer.cmd.startswith("van."):
                continue
            answer = await dispatch.run(timer.cmd, timer.data, TIMER, f"{timer.id}@{timer.version}", done=timer)
            assert answer.ok, answer
            ran.append(timer.cmd)


@on_loop
async def test_a_seeded_city_plans_its_week(store_url: str) -> None:
    """The seed makes today's trip; timers that are due at once make the seven days ahead."""
    async with opened(store_url, Vans(CITY)) as (store, dispatch):
        assert (await dispatch.run("van.seed", SEED, SYSTEM, "s1")).ok
        ran = await due(store, dispatch)
        assert [cmd for cmd in ran if cmd != "van.foretell"] == ["van.copy"] * AHEAD_DAYS
        assert len(await table(store, "dispatch/van")) == 1 + AHEAD_DAYS + 7  # the plans of seven weekdays
        assert (await table(store, "vans"))["v1"]["state"] == "off"
        assert await due(store, dispatch) == []


@on_loop
async def test_two_hubs_announce_an_arrival_once(valkey_url: str) -> None:
    """Fixes of one van through two hubs at once: one durable arrival, by role `hub`, and every fix is remembered."""
    async with opened(valkey_url, Vans(CITY)) as (store, one), opened(valkey_url, Vans(CITY)) as (_, two):
        await one.run("van.seed", SEED, SYSTEM, "s1")
        stop, now = FILE["stops"][0], store.now()
        place = {"lat": stop["lat"], "lon": stop["lon"], "speed_kmh": 0}

        async def tell(hub: Dispatch, ago_s: int) -> bool:
            location = {**place, "fix_at": now - ago_s * 1000}
            return (await hub.observe("van.position", {"van": "v1", "location": location}, TRACKER)).ok

        told = await asyncio.gather(*(tell((one, two)[ago % 2], ago) for ago in (41, 30, 20, 11, 1)))
        assert all(told)
        view = (await table(store, "stop/t01"))["t01"]
        assert (view["state"], view["arrived_at"] <= now - 20_000) == ("arrived", True)
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        assert [unpack(fields[-1])["role"] for _, fields in rows] == ["system", "hub"]


@on_loop
async def test_a_key_stands_nowhere(valkey_url: str) -> None:
    """The store knows its digest; a retry hears no key."""
    async with opened(valkey_url, Vans(CITY)) as (store, dispatch):
        await dispatch.run("van.seed", SEED, SYSTEM, "s1")
        answer = await dispatch.run("van.tracker", {"van": "v1"}, CREW, "k1")
        assert answer.data is not None
        assert answer.data["key"] not in repr(await everything(store))
        assert (await dispatch.run("van.tracker", {"van": "v1"}, CREW, "k1")).data == {"van": "v1"}
