"""Races for a medic, over real sockets of two hubs with the real services."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from hub.app import services
from hub.bus import parse
from hub.contract import Fix
from tests.support.clients import Client, Frame
from tests.support.live import Hub, on_loop, running_hub

HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


class City:
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

    async def kinds(self) -> Counter[str]:
        """How often each kind of event was committed."""
        store = self.hubs[0].store
        (rows,) = await store.many("normal", [["XRANGE", store.keys.log("urgent"), "-", "+"]])
        return Counter(kind for row in rows for kind in {change.kind for change in parse("urgent", row[1][1]).changes})

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
async def city(url: str) -> AsyncIterator[City]:
    async with running_hub(url, carried=services()) as one, running_hub(url, carried=services()) as two:
        made = City(one, two)
        try:
            yield made
        finally:
            for each in made.clients:
                await each.end()


def refusals(replies: list[Frame]) -> Counter[str]:
    return Counter(reply.get("code", "ok") for reply in replies)


@on_loop
async def test_fifty_medics_accept_at_once_and_one_wins(store_url: str) -> None:
    """One `ok`, 49 `taken` that name the winner, one event; the winner's retry hears `ok`, a loser's `taken`."""
    async with city(store_url) as town:
        medics = await town.medics(50)
        request = await town.calls(1)
        desk = await town.sits((await town.hubs[0].staff("dispatcher", desk="medic")).token, 1)
        for _ in range(2):
            assert (await desk.calls("medic.escalate", {"request": request}))["ok"]
        ids = [str(uuid.uuid4()) for _ in medics]
        town.gate()
        replies = await asyncio.gather(
            *(one.calls("medic.accept", {"request": request}, id_) for one, id_ in zip(medics, ids, strict=True))
        )
        assert refusals(list(replies)) == {"ok": 1, "taken": 49}
        winner = next(place for place, reply in enumerate(replies) if reply["ok"])
        named = {
            (reply["data"]["winner"]["person"], reply["data"]["winner"]["name"]) for reply in replies if not reply["ok"]
        }
        assert named == {(town.people[winner], f"Medic {winner}")}
        assert (await town.kinds())["medic.accepted"] == 1
        again = await medics[winner].calls("medic.accept", {"request": request}, ids[winner])
        assert again["data"] == replies[winner]["data"]
        loser = next(place for place, reply in enumerate(replies) if not reply["ok"])
        assert (await medics[loser].calls("medic.accept", {"request": request}, ids[loser]))["code"] == "taken"


@on_loop
async def test_one_medic_accepts_two_requests_at_once_and_holds_one(store_url: str) -> None:
    """Through two hubs, both decided before either is committed: one `ok`, one `busy`."""
    async with city(store_url) as town:
        await town.medics(1)
        requests = [await town.calls(seed) for seed in (1, 2)]
        issued = await town.hubs[0].staff("medic", "Medic 0", person=town.people[0])
        pages = [await town.sits(issued.token, place) for place in (0, 1)]
        town.gate()
        replies = await asyncio.gather(
            *(page.calls("medic.accept", {"request": request}) for page, request in zip(pages, requests, strict=True))
        )
        assert refusals(list(replies)) == {"ok": 1, "busy": 1}
        assert (await town.kinds())["medic.accepted"] == 1


@on_loop
async def test_two_tabs_tap_at_once_and_make_one_request(store_url: str) -> None:
    """Through two hubs, both decided before either is committed: one request, and the other hears that it exists."""
    async with city(store_url) as town:
        await town.medics(3)
        token = town.hubs[0].resident(1).token
        tabs = [await town.sits(token, place) for place in (0, 1)]
        town.gate()
        replies = await asyncio.gather(*(tab.calls("medic.call", {"location": HERE}) for tab in tabs))
        assert [reply["ok"] for reply in replies] == [True, True]
        assert len({reply["data"]["request"] for reply in replies}) == 1
        assert sorted(reply["data"].get("existing", False) for reply in replies) == [False, True]
        assert (await town.kinds())["medic.called"] == 1


@on_loop
async def test_one_tap_through_both_doors_is_one_tap(store_url: str) -> None:
    """The same id at two hubs at once: the same answer, one request."""
    async with city(store_url) as town:
        token, id_ = town.hubs[0].resident(1).token, str(uuid.uuid4())
        tabs = [await town.sits(token, place) for place in (0, 1)]
        town.gate()
        replies = await asyncio.gather(*(tab.calls("medic.call", {"location": HERE}, id_) for tab in tabs))
        assert replies[0]["data"] == replies[1]["data"]
        assert "existing" not in replies[0]["data"]
        assert (await town.kinds())["medic.called"] == 1
