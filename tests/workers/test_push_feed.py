"""From a lane's log to what may ring: which views are told, and which are too old."""

from __future__ import annotations

import pytest

from hub.contract import View
from tests.support.live import on_loop
from tests.support.push import Ward, ward
from workers.push_feed import Feed, Remembered, Shown, heard, said


def feed_of(city: Ward, recent_ms: int = 60_000) -> Feed:
    return Feed(city.store, city.dispatch.services, "urgent", recent_ms)


def offers(shown: list[Shown]) -> list[tuple[str, str]]:
    return [(one.id, one.view["state"]) for one in shown if one.view["type"] == "offer"]


@on_loop
async def test_every_view_of_the_last_minute_is_told_once(valkey_url: str) -> None:
    """Those from before the start as well; of topics for which nobody is ever woken nothing is."""
    async with ward(valkey_url) as city:
        medic, _ = await city.sleeper()
        request = await city.call()
        feed = feed_of(city)
        first = await feed.step()
        assert offers(first) == []  # nobody hears: no offer in the first wave
        assert {one.topic.partition("/")[0] for one in first} <= {"help", "dispatch"}
        await city.device(medic)
        request = await city.call()
        assert offers(await feed.step()) == [(request, "open")]
        assert await feed.step() == []
        await city.give("medic.decline", medic, request=request)
        assert offers(await feed.step()) == [(request, "declined")]
        assert offers(await feed_of(city).step()) == [(request, "open"), (request, "declined")]


@on_loop
async def test_what_is_older_than_it_is_worth_is_not_told(valkey_url: str) -> None:
    """A minute after the offer the ladder has gone on; here what is younger than a second from now is too old."""
    async with ward(valkey_url) as city:
        await city.sleeper("https://push.example/1")
        await city.call()
        assert await feed_of(city, recent_ms=-1000).step() == []


@on_loop
async def test_a_store_that_lost_its_data_is_read_from_its_end(valkey_url: str) -> None:
    """A new epoch, or a log that ends before our position: the last minute, once."""
    async with ward(valkey_url) as city:
        await city.sleeper("https://push.example/1")
        request = await city.call()
        feed = feed_of(city)
        assert offers(await feed.step()) == [(request, "open")]
        feed.read_to += 1000
        assert offers(await feed.step()) == [(request, "open")]
        assert await feed.step() == []


def test_the_newest_names_are_remembered() -> None:
    """Each is new once; the oldest is forgotten when there are too many."""
    known = Remembered(2)
    assert [known.new(name) for name in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
    assert len(known) == 2


def test_only_an_audible_lease_that_stands_is_heard() -> None:
    """Any hub's counts."""
    assert heard([b"a", b"10 1 0 5", b"b", b"10 0 1 5"], 9)
    assert not heard([b"a", b"10 1 0 5", b"b", b"9 0 1 5"], 9)
    assert heard([b"a", b"10 1 0 5"], 9, sight=True)
    assert not heard([b"a", b"10 0 0 5"], 9, sight=True)


def test_a_fault_of_a_service_rings_nobody_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A view of another version, say: the log says of which topic."""

    def fault(topic: str, view: View) -> tuple[int, ...]:
        raise KeyError("began")

    assert said(fault, "dispatch", {}) == ()
    assert "dispatch" in caplog.text
