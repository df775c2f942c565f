"""A city of two public hubs on real sockets and a real store, with the real services; races are forced by a gate."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from hub.app import services
from hub.bus import parse
from hub.commit import unpack
from hub.contract import SYSTEM, Actor, Fix, Lane
from tests.support.clients import Client, Frame
from tests.support.live import Hub, running_hub

HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


class Town:
    """Two public hubs; clients sit at one and the other by turns."""

    def __init__(self, one: Hub, two: Hub) -> None:
        self.hubs = (one, two)
        self.clients: list[Client] = []
        self.people: list[str] = []

    async def sits(self, token: str, place: int) -> Client:
        one = await Client.open(self.hubs[place % 2].port, token)
        await one.welcome()
        self.clients.append(one)
        return one

    async def medics(self, count: int) -> list[Client]:
        """Medics on duty at one place, reachable, half at each hub."""
        store, made = self.hubs[0].store, []
        for number in range(count):
            issued = await self.hubs[0].staff("medic", f"Medic {number}", vehicle="motor")
            now = store.now()
            await store.many("normal", [["HSET", store.keys.here(issued.person), "test", f"{now + 60_000} 1 1 {now}"]])
            fix = Fix("medic", issued.person, HERE["lat"] + number * 0.0001, HERE["lon"], now, index="medics")
            await store.put_fix(fix, now)
            one = await self.sits(issued.token, number)
            self.people.append(issued.person)
            made.append(one)
        for reply in await asyncio.gather(*(one.calls("medic.duty", {"on": True}) for one in made)):
            assert reply["ok"], reply
        return made

    async def calls(self, seed: int, place: int = 0) -> str:
        caller = await self.sits(self.hubs[0].resident(seed).token, place)
        reply = await caller.calls("medic.call", {"location": HERE})
        assert reply["ok"], reply
        request: str = reply["data"]["request"]
        return request

    async def shop(self, *ids: str, **more: Any) -> list[Client]:
        """Shops that are open, each with one seller, by turns at both hubs."""
        made, dispatch, store = [], self.hubs[0].node.dispatch, self.hubs[0].store
        for number, id_ in enumerate(ids):
            row = {"id": id_, "name": f"Toko {id_}", "category": "food", "kelurahan": "kranggan", **more}
            assert (await dispatch.run("shop.register", {"shops": [row]}, SYSTEM, str(uuid.uuid4()))).ok
            issued = await self.hubs[0].staff("seller", f"Penjual {id_}", shop=id_)
            now = store.now()
            await store.many("normal", [["HSET", store.keys.here(issued.person), "test", f"{now + 60_000} 1 1 {now}"]])
            news = {"person": issued.person, "reachable": True, "connected": True}
            hub = Actor("hub", "hub", name=f"Penjual {id_}", shop=id_)
            assert (await dispatch.run("shop.presence", news, hub, str(uuid.uuid4()))).ok
            self.people.append(issued.person)
            made.append(await self.sits(issued.token, number))
        return made

    async def deafen(self, shop: str, person: str) -> None:
        """A seller's page stops to answer."""
        store = self.hubs[0].store
        await store.many("normal", [["DEL", store.keys.here(person)]])
        news = {"person": person, "reachable": False, "connected": False}
        hub = Actor("hub", "hub", shop=shop)
        assert (await self.hubs[0].node.dispatch.run("shop.presence", news, hub, str(uuid.uuid4()))).ok

    async def buyers(self, count: int) -> list[Client]:
        """Residents, by turns at both hubs."""
        return [await self.sits(self.hubs[0].resident(seed).token, seed) for seed in range(count)]

    async def kinds(self, lane: Lane = "urgent") -> Counter[str]:
        """How often each kind of event was committed."""
        store = self.hubs[0].store
        (rows,) = await store.many("normal", [["XRANGE", store.keys.log(lane), "-", "+"]])
        return Counter(kind for row in rows for kind in {change.kind for change in parse(lane, row[1][1]).changes})

    async def table(self, topic: str) -> dict[str, Any]:
        """What the store holds of a topic of the normal lane."""
        things = (await self.hubs[0].store.table("normal", topic)).things
        return {id_: unpack(view) for id_, view in things.items()}

    def gate(self) -> None:
        """Let the next commit of each hub meet: neither is sent before both have read and decided."""
        both = asyncio.Barrier(len(self.hubs))
        for hub in self.hubs:
            commit, waiting = hub.store.commit, [both]

            async def held(
                *args: Any, commit: Any = commit, waiting: list[asyncio.Barrier] = waiting, **more: Any
            ) -> Any:
                if waiting:
                    await waiting.pop().wait()
                return await commit(*args, **more)

            hub.store.commit = held  # type: ignore[method-assign]


@contextlib.asynccontextmanager
async def town(url: str) -> AsyncIterator[Town]:
    async with running_hub(url, carried=services()) as one, running_hub(url, carried=services()) as two:
        made = Town(one, two)
        try:
            yield made
        finally:
            for each in made.clients:
                await each.end()


def refusals(replies: list[Frame]) -> Counter[str]:
    return Counter(reply.get("code", "ok") for reply in replies)
