"""When a sign-in was last live, over all hubs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from hub import sightings as module
from hub.identity import digest_of
from hub.sightings import Sightings, seen
from hub.store import Store
from tests.support.clients import Client
from tests.support.live import on_loop, opened, two_hubs, until


@contextlib.asynccontextmanager
async def running(store: Store, node: str, lease_ms: int = 60_000) -> AsyncIterator[Sightings]:
    notes = Sightings(store, node, lease_ms)
    task = asyncio.create_task(notes.run())
    try:
        yield notes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def what(store: Store, digest: str, ahead_ms: int = 0) -> tuple[bool, int]:
    (notes,) = await store.many("normal", [["HGETALL", store.keys.seen(digest)]])
    return seen(notes, store.now() + ahead_ms)


async def becomes(store: Store, digest: str, live: bool) -> int:
    """Wait until a sign-in is live or not; when it was seen."""
    async with asyncio.timeout(5):
        while True:
            is_live, at = await what(store, digest)
            if is_live is live and at:
                return at


@on_loop
async def test_a_sign_in_is_live_while_one_hub_holds_it(store_url: str) -> None:
    """It came to two hubs, left one and then the other; the last time stays."""
    async with opened(store_url) as (store, _), running(store, "n1") as one, running(store, "n2") as two:
        one.came("d1", "medic")
        two.came("d1", "medic")
        await becomes(store, "d1", True)
        one.left("d1")
        two.renew()
        await until(lambda: not one._due and not two._due)
        assert await becomes(store, "d1", True) <= store.now()
        two.left("d1")
        assert await becomes(store, "d1", False) <= store.now()


@on_loop
async def test_a_hub_that_dies_leaves_nobody_live_for_long(store_url: str) -> None:
    """What is not renewed ends with its lease; what is, lives on."""
    async with opened(store_url) as (store, _):
        async with running(store, "n1", 60_000) as one:
            one.came("d1", "seller")
            at = await becomes(store, "d1", True)
        assert await what(store, "d1", 61_000) == (False, at)


@on_loop
async def test_residents_are_not_noted(store_url: str) -> None:
    """Their visits leave no trace, coming or going."""
    async with opened(store_url) as (store, _), running(store, "n1") as one:
        one.came("r1", "resident")
        one.left("r1")
        one.renew()
        one.came("d1", "crew")
        await becomes(store, "d1", True)
        assert await what(store, "r1") == (False, 0)


@on_loop
async def test_hubs_note_their_sockets(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket at either hub makes its sign-in live, and its end ends that."""
    monkeypatch.setattr(module, "FLUSH_S", 0)
    async with two_hubs(valkey_url) as (one, two):
        medic = await one.staff("medic")
        socket = await Client.open(two.port, medic.token)
        await socket.welcome()
        digest = digest_of(medic.token)
        await becomes(one.store, digest, True)
        await socket.end()
        await becomes(one.store, digest, False)
