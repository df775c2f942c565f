"""The bell on a lane's log."""

from __future__ import annotations

import asyncio

import pytest

from hub.store import Store
from tests.support.hooks import order, say
from tests.support.live import on_loop, opened
from tests.support.relay import relayed
from workers.bell import Bell

LONG_S = 30.0


@on_loop
async def test_it_rings_for_what_is_there_and_what_comes(store_url: str) -> None:
    """An entry after the commit that was named, there already or to come."""
    async with opened(store_url) as (store, _):
        bell = Bell(store, "normal")
        first = await say(store, order("p", "o1"))
        async with asyncio.timeout(5):
            await bell.rung(0, LONG_S)
            waiting = asyncio.create_task(bell.rung(first, LONG_S))
            await asyncio.sleep(0)
            assert not waiting.done()
            await say(store, order("p", "o1"))
            await waiting
        await bell.close()


@on_loop
async def test_it_waits_no_longer_than_it_is_told(store_url: str) -> None:
    """Nothing came: whoever waited looks by themselves."""
    async with opened(store_url) as (store, _):
        bell = Bell(store, "normal")
        async with asyncio.timeout(5):
            await bell.rung(0, 0.05)
            await bell.rung(0, 0.05)
        await bell.close()


@on_loop
async def test_an_answer_that_nobody_waited_for_is_not_the_next_ones(store_url: str) -> None:
    """A wait that was given up takes its connection with it."""
    async with opened(store_url) as (store, _):
        bell = Bell(store, "normal")
        waiting = asyncio.create_task(bell.rung(0, LONG_S))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await waiting
        first = await say(store, order("p", "o1"))
        waiting = asyncio.create_task(bell.rung(first, LONG_S))
        await asyncio.sleep(0)
        assert not waiting.done()
        await say(store, order("p", "o1"))
        async with asyncio.timeout(5):
            await waiting
        await bell.close()


@on_loop
async def test_a_bell_that_lost_its_connection_rings_again(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut, refused or silent: it returns in time, and rings when the store is back."""
    monkeypatch.setattr("workers.bell.LATE_S", 0.1)
    async with relayed(valkey_url) as relay, opened(valkey_url) as (store, _):
        bell = Bell(Store(relay.url, "35.76", demo=False), "normal")
        await say(store, order("p", "o1"))
        async with asyncio.timeout(10):
            await bell.rung(0, 0.05)
            for wire in relay.wires:
                wire.cut()
            await bell.rung(1, 0.05)
            relay.refuses = True
            await bell.rung(0, 0.05)
            relay.refuses = False
            await bell.rung(0, LONG_S)
            for wire in relay.wires:
                wire.silent = True
            await bell.rung(0, 0.05)
            await bell.rung(0, LONG_S)
        await bell.close()
