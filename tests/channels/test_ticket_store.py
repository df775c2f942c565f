"""Tickets and reminders on a real store: the last number through two hubs, and timers that carry a trip's news."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.news import CrewNews
from channels.reminders import Reminders
from channels.tickets import Tickets
from channels.van_days import day_of, day_start, later
from channels.vans import Vans
from hub.commit import unpack
from hub.contract import SYSTEM, TIMER, Actor, Channel, Lane
from hub.dispatch import Dispatch
from hub.store import Store
from tests.channels.van_world import CITY, CREW, DESK, SEED
from tests.support.live import on_loop, opened

QUOTA = 7
ASKERS = 24
DAY_MINUTE = 1439


def carried() -> tuple[Channel, ...]:
    return (Vans(CITY), Tickets(CITY), Reminders(CITY), CrewNews(CITY))


async def due(store: Store, dispatch: Dispatch) -> list[str]:
    """Run every timer that is due, as the workers of the lanes do."""
    ran: list[str] = []
    lanes: tuple[Lane, ...] = ("bulk", "normal")
    while True:
        leased = [timer for lane in lanes for timer in (await store.lease(lane, 10, 5000))[2]]
        if not leased:
            return ran
        for timer in leased:
            answer = await dispatch.run(timer.cmd, timer.data, TIMER, f"{timer.id}@{timer.version}", done=timer)
            assert answer.ok, answer
            ran.append(timer.cmd)


async def table(store: Store, topic: str, lane: Lane = "normal") -> dict[str, Any]:
    return {id_: unpack(view) for id_, view in (await store.table(lane, topic)).things.items()}


async def planned(hub: Dispatch) -> None:
    """The seed's van, which comes to its first stop late today, where there is a quota."""
    assert (await hub.run("van.seed", SEED, SYSTEM, "s1")).ok
    services = [{"service": "KTP", "quota": QUOTA}]
    assert (await hub.run("stop.save", {"stop": "t01", "services": services}, DESK, "s2")).ok
    stops = [{"stop": "t01", "minute": DAY_MINUTE}]
    assert (await hub.run("trip.save", {"van": "v1", "stops": stops}, DESK, "s3")).ok


@on_loop
async def test_the_last_number_is_given_once(valkey_url: str) -> None:
    """Many people at two hubs at once: exactly the quota, each number once, `out_of_stock` for the rest."""
    async with opened(valkey_url, *carried()) as (store, one), opened(valkey_url, *carried()) as (_, two):
        await planned(one)

        async def take(number: int) -> Any:
            actor = Actor(f"p{number}", "resident")
            for _ in range(20):  # a conflict too many is `unavailable`: not done, asked again with the same id
                answer = await (one, two)[number % 2].run(
                    "ticket.take", {"stop": "t01", "service": "KTP"}, actor, f"t{number}"
                )
                if answer.code != "unavailable":
                    return answer
            raise AssertionError("expected an answer within 20 tries")

        answers = await asyncio.gather(*(take(number) for number in range(ASKERS)))
        given = sorted(answer.data["number"] for answer in answers if answer.ok)
        assert given == list(range(1, QUOTA + 1))
        assert [answer.code for answer in answers if not answer.ok] == ["out_of_stock"] * (ASKERS - QUOTA)
        (queue,) = [view for view in (await table(store, "stop/t01", "bulk")).values() if view["type"] == "queue"]
        assert (queue["taken"], queue["quota"], queue["state"]) == (QUOTA, QUOTA, "full")


@on_loop
async def test_an_arrival_reaches_tickets_and_reminders(valkey_url: str) -> None:
    """The crew's button rings the reminder, sends the ticket's holder off, and opens the queue to the crew."""
    async with opened(valkey_url, *carried()) as (store, hub):
        await planned(hub)
        ani = Actor("ani", "resident")
        taken = await hub.run("ticket.take", {"stop": "t01", "service": "KTP"}, ani, "t1")
        assert taken.data is not None
        assert (await hub.run("reminder.set", {"stop": "t01", "minutes": 1}, ani, "r1")).ok
        assert (await hub.run("van.arrive", {"van": "v1", "stop": "t01"}, CREW, "a1")).ok
        ran = await due(store, hub)
        assert {"ticket.trip", "ticket.hear", "reminder.trip", "reminder.sweep"} <= set(ran)
        mine = await table(store, "person/ani")
        assert (mine["t01"]["state"], mine[taken.data["ticket"]]["state"]) == ("ringing", "go")
        called = await hub.run("ticket.call", {"stop": "t01"}, CREW, "c1")
        assert called.data == {"ticket": taken.data["ticket"], "number": 1, "state": "called"}
        assert list(await table(store, "queue/v1")) == [taken.data["ticket"].rpartition(".")[0]]
        assert day_start(later(day_of(store.now()))) > store.now()
