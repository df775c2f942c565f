"""What workers count, told through the store."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from hub.figures import Histogram, by_lane
from hub.worker_figures import FORGET_MS, FRESH_MS, Teller, Told, forget_stale, workers
from tests.support.live import on_loop, opened, until


def told(at: int, buckets: int | None = None) -> bytes:
    late = by_lane()
    if buckets is not None:
        late["urgent"] = Histogram([0] * buckets)
    return msgspec.msgpack.encode(Told(at, 1, 0, {}, late))


@on_loop
async def test_a_worker_tells_until_it_ends(valkey_url: str) -> None:
    """At once and again and again; its figures go with it."""
    async with opened(valkey_url) as (store, dispatch):
        dispatch.figures.late["urgent"].add(0.3)
        teller = Teller(store, dispatch)
        task = asyncio.create_task(teller.run())
        await until(lambda: teller.told)
        found = await workers(store)
        assert found[teller.name].late["urgent"] == dispatch.figures.late["urgent"]
        task.cancel()
        await asyncio.wait([task])
        assert await workers(store) == {}


@on_loop
async def test_what_is_stale_or_strange_is_left_out(valkey_url: str) -> None:
    """A worker that was killed is gone after a minute, forgotten after an hour; another version's is not read."""
    async with opened(valkey_url) as (store, _):
        now = store.now()
        rows: dict[str, bytes] = {
            "fresh": told(now),
            "killed": told(now - FRESH_MS - 1_000),
            "long gone": told(now - FORGET_MS - 1_000),
            "other buckets": told(now, buckets=3),
            "garbage": b"\xc1",
        }
        pairs = [part for row in rows.items() for part in row]
        await store.many("watch", [["HSET", store.keys.workers, *pairs]])
        assert list(await workers(store)) == ["fresh"]
        await forget_stale(store)
        (left,) = await store.many("watch", [["HKEYS", store.keys.workers]])
        assert set(left) == {b"fresh", b"killed"}


@on_loop
async def test_without_a_store_there_are_none(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are asked for when things go wrong: a store that is away costs those of the workers only."""
    async with opened(valkey_url) as (store, dispatch):
        await Teller(store, dispatch).tell()
        await until(lambda: store.up)
        assert await workers(store)
        await store.close()
        assert await workers(store) == {}
