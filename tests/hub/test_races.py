"""Races for a medic, over real sockets of two hubs with the real services."""

from __future__ import annotations

import asyncio
import uuid

from tests.support.live import on_loop
from tests.support.town import HERE, refusals, town


@on_loop
async def test_fifty_medics_accept_at_once_and_one_wins(store_url: str) -> None:
    """One `ok`, 49 `taken` that name the winner, one event; the winner's retry hears `ok`, a loser's `taken`."""
    async with town(store_url) as city:
        medics = await city.medics(50)
        request = await city.calls(1)
        desk = await city.sits((await city.hubs[0].staff("dispatcher", desk="medic")).token, 1)
        for _ in range(2):
            assert (await desk.calls("medic.escalate", {"request": request}))["ok"]
        ids = [str(uuid.uuid4()) for _ in medics]
        city.gate()
        replies = await asyncio.gather(
            *(one.calls("medic.accept", {"request": request}, id_) for one, id_ in zip(medics, ids, strict=True))
        )
        assert refusals(list(replies)) == {"ok": 1, "taken": 49}
        winner = next(place for place, reply in enumerate(replies) if reply["ok"])
        named = {
            (reply["data"]["winner"]["person"], reply["data"]["winner"]["name"]) for reply in replies if not reply["ok"]
        }
        assert named == {(city.people[winner], f"Medic {winner}")}
        assert (await city.kinds())["medic.accepted"] == 1
        again = await medics[winner].calls("medic.accept", {"request": request}, ids[winner])
        assert again["data"] == replies[winner]["data"]
        loser = next(place for place, reply in enumerate(replies) if not reply["ok"])
        assert (await medics[loser].calls("medic.accept", {"request": request}, ids[loser]))["code"] == "taken"


@on_loop
async def test_one_medic_accepts_two_requests_at_once_and_holds_one(store_url: str) -> None:
    """Through two hubs, both decided before either is committed: one `ok`, one `busy`."""
    async with town(store_url) as city:
        await city.medics(1)
        requests = [await city.calls(seed) for seed in (1, 2)]
        issued = await city.hubs[0].staff("medic", "Medic 0", person=city.people[0])
        pages = [await city.sits(issued.token, place) for place in (0, 1)]
        city.gate()
        replies = await asyncio.gather(
            *(page.calls("medic.accept", {"request": request}) for page, request in zip(pages, requests, strict=True))
        )
        assert refusals(list(replies)) == {"ok": 1, "busy": 1}
        assert (await city.kinds())["medic.accepted"] == 1


@on_loop
async def test_two_tabs_tap_at_once_and_make_one_request(store_url: str) -> None:
    """Through two hubs, both decided before either is committed: one request, and the other hears that it exists."""
    async with town(store_url) as city:
        await city.medics(3)
        token = city.hubs[0].resident(1).token
        tabs = [await city.sits(token, place) for place in (0, 1)]
        city.gate()
        replies = await asyncio.gather(*(tab.calls("medic.call", {"location": HERE}) for tab in tabs))
        assert [reply["ok"] for reply in replies] == [True, True]
        assert len({reply["data"]["request"] for reply in replies}) == 1
        assert sorted(reply["data"].get("existing", False) for reply in replies) == [False, True]
        assert (await city.kinds())["medic.called"] == 1


@on_loop
async def test_one_tap_through_both_doors_is_one_tap(store_url: str) -> None:
    """The same id at two hubs at once: the same answer, one request."""
    async with town(store_url) as city:
        token, id_ = city.hubs[0].resident(1).token, str(uuid.uuid4())
        tabs = [await city.sits(token, place) for place in (0, 1)]
        city.gate()
        replies = await asyncio.gather(*(tab.calls("medic.call", {"location": HERE}, id_) for tab in tabs))
        assert replies[0]["data"] == replies[1]["data"]
        assert "existing" not in replies[0]["data"]
        assert (await city.kinds())["medic.called"] == 1
