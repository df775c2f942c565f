"""Alerts and workshops at two hubs on one store: seats, cancels, and who sees it."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from channels.roll import MOST_WAITING
from tests.hub.test_cap import HOUR
from tests.support.clients import Client, Frame
from tests.support.live import on_loop
from tests.support.town import Town, refusals, town


async def joins(one: Client, workshop: str) -> Frame:
    """Sign up; as a page does, with the same id until it is decided."""
    id_ = str(uuid.uuid4())
    while True:
        reply = await one.calls("workshop.join", {"workshop": workshop}, id_)
        if reply["ok"] or not reply["retry"]:
            return reply


async def published(city: Town, seats: int) -> str:
    plut = await city.sits((await city.hubs[0].staff("plut")).token, 0)
    now = city.hubs[0].store.now()
    data = {
        "title": "Foto produk", "category": "food", "place": "Blooto", "seats": seats,
        "starts_at": now + 2 * HOUR, "until": now + 3 * HOUR,
    }  # fmt: skip
    reply = await plut.calls("workshop.publish", data)
    assert reply["ok"], reply
    workshop: str = reply["data"]["workshop"]
    return workshop


@on_loop
async def test_the_last_seats_go_once(store_url: str) -> None:
    """Twenty sellers at two hubs, five seats: five have one, ten wait, five hear that there is none."""
    async with town(store_url) as city:
        workshop = await published(city, 5)
        sellers = await city.shop(*(f"s{number}" for number in range(5 + MOST_WAITING + 5)))
        city.gate()
        replies = await asyncio.gather(*(joins(one, workshop) for one in sellers))
        assert refusals(list(replies)) == {"ok": 5 + MOST_WAITING, "out_of_stock": 5}
        states = [reply["data"]["state"] for reply in replies if reply["ok"]]
        assert (states.count("joined"), states.count("waiting")) == (5, MOST_WAITING)
        assert sorted(reply["data"]["ahead"] for reply in replies if reply["ok"])[5:] == list(range(MOST_WAITING))
        view = (await city.table("workshops/food"))[workshop]
        assert (view["joined"], view["waiting"]) == (5, MOST_WAITING)
        leaving = next(n for n, reply in enumerate(replies) if reply["ok"] and reply["data"]["state"] == "joined")
        first = next(
            n
            for n, reply in enumerate(replies)
            if reply["ok"] and (reply["data"]["state"], reply["data"]["ahead"]) == ("waiting", 0)
        )
        mine = f"person/{city.people[first]}"
        await sellers[first].joins(mine)
        assert (await sellers[leaving].calls("workshop.leave", {"workshop": workshop}))["ok"]
        table = await sellers[first].knows(mine, lambda table: table.things[workshop]["state"] == "joined")
        assert table.things[workshop]["ring"] == "seat"


def flood(expires: int) -> dict[str, Any]:
    return {
        "category": "met", "event": "Banjir", "urgency": "immediate", "severity": "extreme", "certainty": "observed",
        "expires": expires, "areas": "city", "texts": {"id": {"headline": "Air naik"}},
    }  # fmt: skip


@on_loop
async def test_two_desks_end_one_alert(store_url: str) -> None:
    """A resident at the other hub sees it in both topics; of two cancels one counts; both topics forget it."""
    async with town(store_url) as city:
        desks = [await city.sits((await city.hubs[0].staff("dispatcher", desk="city")).token, n) for n in (0, 1)]
        (ani,) = await city.buyers(1)
        for topic in ("city", "warnings"):
            await ani.joins(topic)
        reply = await desks[1].calls("alert.publish", flood(city.hubs[0].store.now() + HOUR))
        assert reply["ok"], reply
        alert = reply["data"]["alert"]
        for topic in ("city", "warnings"):
            table = await ani.knows(topic, lambda table: alert in table.things)
            assert table.things[alert]["severity"] == "extreme"
        city.gate()
        cancel = {"alert": alert, "reason": "surut"}
        replies = await asyncio.gather(*(desk.calls("alert.cancel", cancel) for desk in desks))
        assert refusals(list(replies)) == {"ok": 1, "illegal_step": 1}
        for topic in ("city", "warnings"):
            await ani.knows(topic, lambda table: alert not in table.things)


@on_loop
async def test_one_message_at_two_hubs_is_one_alert(store_url: str) -> None:
    """The same message published through both hubs at once by two people: one alert, and the other hears which."""
    async with town(store_url) as city:
        desks = [await city.sits((await city.hubs[0].staff("dispatcher", desk="city")).token, n) for n in (0, 1)]
        data = {**flood(city.hubs[0].store.now() + HOUR), "sender": "cuaca.example", "identifier": "a-1"}
        city.gate()
        replies = await asyncio.gather(*(desk.calls("alert.publish", data) for desk in desks))
        assert refusals(list(replies)) == {"ok": 1, "illegal_step": 1}
        (alert,) = [id_ for id_, view in (await city.table("city")).items() if view["type"] == "alert"]
        assert next(reply for reply in replies if not reply["ok"])["data"] == {"alert": alert}
