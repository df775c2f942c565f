"""Reading all shops from a real store into an index."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.errors import StoreUnavailable
from hub.store import Snapshot, Store
from tests.support.live import on_loop, opened
from tests.support.market import asks, commits, entry, many, order, product, shop
from workers.remaking import NAMES_AT_ONCE, remake
from workers.search import Index


@on_loop
async def test_every_shop_is_read_whole(store_url: str) -> None:
    """On Valkey and on Redis 7.0; what is returned is the last commit that any table shows."""
    async with opened(store_url) as (store, _):
        for id_, views in many(40).items():
            await commits(store, id_, *views)
        last = await commits(store, "s7", product("p9", "Payung"), order())
        index = Index()
        assert await remake(store, index) == last.commit
        assert index.count() == (40, 121)
        assert asks(index, "payung") == ["s7"]


@on_loop
async def test_a_city_without_shops_is_soon_read(valkey_url: str) -> None:
    """Nothing to read is nothing to wait for."""
    async with opened(valkey_url) as (store, _):
        assert await remake(store, Index()) == 0


@on_loop
async def test_many_names_are_read_in_pages(valkey_url: str) -> None:
    """More than one page of the set index; a shop that is named and has no table is no shop."""
    async with opened(valkey_url) as (store, _):
        names = [f"s{number}" for number in range(3 * NAMES_AT_ONCE)]
        await store.many("normal", [["SADD", store.keys.set("shops"), *names]])
        await commits(store, "s1234", shop("s1234"))
        index = Index()
        await remake(store, index)
        assert asks(index) == ["s1234"]


@on_loop
async def test_a_store_that_goes_away_is_waited_for(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and tables that could not be read are read again; what is none of the store's faults is not hidden."""
    monkeypatch.setattr("workers.remaking.RETRY_S", 0)
    async with opened(valkey_url) as (store, _):
        for id_, views in many(10).items():
            await commits(store, id_, *views)
        store_many, faults = store.many, iter([True, False, True, True])

        async def many_(*arguments: Any, **more: Any) -> Any:
            if next(faults, False):
                raise StoreUnavailable("away")
            return await store_many(*arguments, **more)

        store_table, asked = store.table, 0

        async def table(lane: str, topic: str) -> Snapshot:
            nonlocal asked
            asked += 1
            if asked in (2, 9):
                raise StoreUnavailable("away")
            return await store_table(lane, topic)

        monkeypatch.setattr(store, "many", many_)
        monkeypatch.setattr(store, "table", table)
        index = Index()
        await remake(store, index)
        assert index.count() == (10, 30)

        async def broken(lane: str, topic: str) -> Snapshot:
            raise ZeroDivisionError

        monkeypatch.setattr(store, "table", broken)
        with pytest.raises(ZeroDivisionError):
            await remake(store, Index())


@on_loop
async def test_a_table_that_the_log_overtook_is_read_again(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that came by the log while its table was on the way is not lost to that older table."""
    async with opened(valkey_url) as (store, _):
        await commits(store, "s1", shop(name="Lama"))
        index = Index()
        store_table, reads = Store.table, 0

        async def table(lane: str, topic: str) -> Snapshot:
            nonlocal reads
            reads += 1
            older = await store_table(store, lane, topic)
            if reads == 1:
                done = await commits(store, "s1", shop(name="Baru"))
                index.apply([entry(done.commit, "s1", shop(name="Baru"))])
            return older

        monkeypatch.setattr(store, "table", table)
        await asyncio.wait_for(remake(store, index), 5)
        assert reads == 2
        assert asks(index, "baru") == ["s1"]
        assert asks(index, "lama") == []
