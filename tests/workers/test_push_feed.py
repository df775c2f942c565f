"""From the urgent lane to offers: which are told, and which are too old."""

from __future__ import annotations

import pytest

from tests.support.live import on_loop
from tests.support.push import ward
from workers import push_feed as module
from workers.push_feed import Feed, Offered


@on_loop
async def test_every_offer_of_the_last_minute_is_told_once(valkey_url: str) -> None:
    """Those from before the start as well; a receipt tells the open one again, as the same; an answered one is none."""
    async with ward(valkey_url) as city:
        medic, _ = await city.sleeper()
        request = await city.call()
        feed = Feed(city.store)
        assert await feed.step() == []  # nobody hears: no offer in the first wave
        await city.kept.put(medic.person, city.device(await city.sign_in(medic)))
        request = await city.call()
        (one,) = await feed.step()
        assert (one.role, one.person, one.id, one.drill) == ("medic", medic.person, request, False)
        assert await feed.step() == []
        await city.give("medic.receipt", medic, request=request, level="received")
        assert await feed.step() == [one]
        await city.give("medic.decline", medic, request=request)
        assert await feed.step() == []
        assert await Feed(city.store).step() == [one, one]


@on_loop
async def test_what_is_older_than_a_push_is_worth_is_not_told(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after the offer the ladder has gone on."""
    async with ward(valkey_url) as city:
        await city.sleeper("https://push.example/1")
        await city.call()
        monkeypatch.setattr(module, "TTL_MS", 0)
        assert await Feed(city.store).step() == []


@on_loop
async def test_a_store_that_lost_its_data_is_read_from_its_end(valkey_url: str) -> None:
    """A new epoch, or a log that ends before our position: the last minute, once."""
    async with ward(valkey_url) as city:
        await city.sleeper("https://push.example/1")
        request = await city.call()
        feed = Feed(city.store)
        assert [one.id for one in await feed.step()] == [request]
        feed.read_to += 1000
        assert [one.id for one in await feed.step()] == [request]
        assert await feed.step() == []


def test_an_answered_or_older_offer_is_not_worth_it() -> None:
    """Only the offer that was meant, while it is open and no page has it."""
    offer = Offered("medic", "m", "r", 5, drill=False)
    view: dict[str, object] = {"state": "open", "offered_at": 5, "my_receipts": {"sent": 6}}
    assert module.waits(view, offer)
    for more in ({"state": "won"}, {"offered_at": 4}, {"my_receipts": {"received": 7}}):
        assert not module.waits({**view, **more}, offer)
