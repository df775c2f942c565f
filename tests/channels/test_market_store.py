"""Shops and orders on the real store, with the workers that wake and sweep."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from channels.order_time import WOKEN
from hub.commit import unpack
from hub.contract import SYSTEM, Actor
from hub.dispatch import Dispatch
from hub.settings import Settings
from hub.store import Store
from tests.channels.market_world import SELLER, SERVICES, basket, hub_of, row, wish
from tests.support.live import on_loop, opened
from workers.janitor import Janitor
from workers.timers import Timers


class Doors:
    """Two workers over one store."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self.store, self.dispatch = store, dispatch

    async def ok(self, cmd: str, data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        answer = await self.dispatch.run(cmd, data, actor, str(uuid.uuid4()))
        assert answer.ok, answer
        return answer.data or {}

    async def shop(self) -> None:
        """A shop whose seller a hub hears."""
        await self.ok("shop.register", {"shops": [row()]}, SYSTEM)
        now = self.store.now()
        await self.store.many(
            "normal",
            [
                ["HSET", self.store.keys.here(SELLER.person), "hub-1", f"{now + 60_000} 1 1 {now}"],
                ["ZADD", self.store.keys.prefix + "leases", now + 60_000, f"seller:{SELLER.person}"],
            ],
        )
        news = {"person": SELLER.person, "reachable": True, "connected": True}
        await self.ok("shop.presence", news, hub_of(SELLER))

    async def act(self) -> None:
        """Two workers act on what is due, until nothing is."""
        workers = [Timers(self.store, self.dispatch) for _ in range(2)]
        while True:
            leases = [await self.store.lease("normal", 16, 5_000) for _ in workers]
            if not any(due for _, _, due in leases):
                return
            await asyncio.gather(
                *(worker._act(timer) for worker, lease in zip(workers, leases, strict=True) for timer in lease[2])
            )

    async def table(self, topic: str) -> dict[str, Any]:
        return {id_: unpack(view) for id_, view in (await self.store.table("normal", topic)).things.items()}


@pytest.mark.parametrize("count", [1, 2 * WOKEN + 1])
@on_loop
async def test_orders_for_later_ring_at_opening(store_url: str, count: int) -> None:
    """All of them, in as many commits as it takes, by timers that set themselves anew."""
    async with opened(store_url, *SERVICES.channels) as (store, dispatch):
        doors = Doors(store, dispatch)
        await doors.shop()
        await doors.ok("shop.pause", {"shop": "s1"}, SELLER)
        orders = [
            (await doors.ok("order.place", basket(), Actor(f"b{number}", "resident")))["order"]
            for number in range(count)
        ]
        await doors.act()
        table = await doors.table("shop/s1")
        assert {table[order]["ring"] for order in orders} == {"off"}
        await doors.ok("shop.resume", {"shop": "s1"}, SELLER)
        await doors.act()
        table = await doors.table("shop/s1")
        assert {table[order]["ring"] for order in orders} == {"ring"}
        assert {table[order]["state"] for order in orders} == {"placed"}


@on_loop
async def test_a_dead_hubs_leases_make_its_shops_deaf(store_url: str) -> None:
    """The sweep finds who is heard by nobody: the shop is deaf, its orders move on, and the 30 s begin."""
    async with opened(store_url, *SERVICES.channels) as (store, dispatch):
        doors = Doors(store, dispatch)
        await doors.shop()
        order = (await doors.ok("order.place", basket(), Actor("ani", "resident")))["order"]
        janitor = Janitor(store, dispatch, dispatch.services, Settings())
        await janitor._leases()
        assert (await doors.table("shop/s1"))["s1"]["deaf"] is False
        gone = store.now() - 5_000
        await store.many(
            "normal",
            [
                ["HSET", store.keys.here(SELLER.person), "hub-1", f"{gone} 1 1 {gone}"],
                ["ZADD", store.keys.prefix + "leases", gone, f"seller:{SELLER.person}"],
            ],
        )
        await janitor._leases()
        await doors.act()
        table = await doors.table("shop/s1")
        assert (table["s1"]["deaf"], table["s1"]["state"]) == (True, "open")
        assert table[order]["unheard"] is True
        (alarm,) = [view for view in (await doors.table("dispatch/market")).values() if view["type"] == "alarm"]
        assert (alarm["reason"], alarm["order"]) == ("unheard", order)


@on_loop
async def test_a_want_where_nobody_is_goes_through_the_city_at_once(store_url: str) -> None:
    """Each wave sets the next one's timer in the commit that ends its own."""
    async with opened(store_url, *SERVICES.channels) as (store, dispatch):
        doors = Doors(store, dispatch)
        want = (await doors.ok("want.post", wish(), Actor("ani", "resident")))["want"]
        await doors.act()
        view = (await doors.table("person/ani"))[want]
        assert (view["wave"], view["asked"], view["state"]) == (3, 0, "open")
        assert want in await doors.table("wants/miji/food")
