"""An index in step with a real store's log, and made anew where that does not reach back."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.errors import StoreError
from hub.store import Snapshot, Store
from tests.support.live import on_loop, opened, until
from tests.support.market import asks, commits, many, order, product, shop
from tests.support.relay import relayed
from workers.following import Follower
from workers.search import Index

PASSES_S = 2.0
"""Within this a change is found."""


class Followed(Follower):
    """A follower, what it told, and the task that it runs in."""

    def __init__(self, store: Store, path: Path | None = None) -> None:
        self.told: list[dict[str, Any]] = []
        super().__init__(store, path, self.told.append)
        self.running = asyncio.create_task(self.run())

    def finds(self, word: str | None = None) -> list[str]:
        return [] if self.live is None else sorted(asks(self.live, word))

    def events(self) -> list[str]:
        return [event["event"] for event in self.told]

    async def end(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@contextlib.asynccontextmanager
async def following(store: Store, path: Path | None = None) -> AsyncIterator[Followed]:
    """A follower that has an index."""
    one = Followed(store, path)
    try:
        await asyncio.wait_for(one.ready.wait(), 10)
        yield one
    finally:
        await one.end()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@on_loop
async def test_what_is_committed_is_found(store_url: str) -> None:
    """A shop, its products, a price and `habis`, each within two seconds; on Valkey and on Redis 7.0."""
    async with opened(store_url) as (store, _), following(store) as one:
        await commits(store, "s1", shop(), product(), order())
        await until(lambda: one.finds("pecel") == ["s1"], PASSES_S)
        await commits(store, "s1", product(price=1, state="sold_out", stock=0))

        def sold_out() -> bool:
            assert one.live is not None
            (found,) = (one.live.shop("s1", 0) or {})["products"]
            return bool(found["price"] == 1 and found["state"] == "sold_out")

        await until(sold_out, PASSES_S)
        await commits(store, "s1", gone=["s1"])
        await until(lambda: one.finds() == [], PASSES_S)
        assert one.events() == ["query_rebuild", "query_rebuilt"]


@on_loop
async def test_as_of_goes_on_while_nothing_happens_and_never_too_far(valkey_url: str) -> None:
    """It passes each commit's time soon, advances without one, and stays behind the city's clock."""
    async with opened(valkey_url) as (store, _), following(store) as one:
        done = await commits(store, "s1", shop())
        index = one.live
        assert index is not None
        await until(lambda: index.as_of >= done.at, PASSES_S)
        assert asks(index) == ["s1"]
        before = index.as_of
        await until(lambda: index.as_of > before + 500, PASSES_S)
        assert index.as_of <= store.now() + 50


@on_loop
async def test_what_was_there_before_the_start_is_read(valkey_url: str) -> None:
    """From the set index and the tables; changes that come meanwhile are in it as well."""
    async with opened(valkey_url) as (store, _):
        for id_, views in many(30).items():
            await commits(store, id_, *views)
        one = Followed(store)
        for number in range(1, 31, 3):
            await commits(store, f"s{number}", product("p0", f"Payung {number}"))
        await commits(store, "new", shop("new"), product("p0", "Payung"))
        try:
            await until(lambda: len(one.finds("payung")) == 11, 10)
            assert len(one.finds()) == 20
            assert one.live is not None
            assert one.live.count() == (31, 91)
        finally:
            await one.end()


@on_loop
async def test_a_position_still_in_the_log_is_read_on_from(valkey_url: str, tmp_path: Path) -> None:
    """A second start answers at once, and finds what was committed in between without reading a table."""
    path = tmp_path / "search.sqlite"
    async with opened(valkey_url) as (store, _):
        async with following(store, path) as one:
            await commits(store, "s1", shop())
            await until(lambda: one.finds() == ["s1"], PASSES_S)
        await commits(store, "s2", shop("s2"))
        async with following(store, path) as one:
            await until(lambda: one.finds() == ["s1", "s2"], PASSES_S)
            assert one.told == []
    assert names(tmp_path) == ["search.sqlite"]


@on_loop
async def test_a_position_that_the_log_lost_is_made_anew_while_answers_go_on(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old index answers and says how old it is, whatever is committed meanwhile, until the new one is whole."""
    path = tmp_path / "search.sqlite"
    gate = asyncio.Event()
    async with opened(valkey_url) as (store, _):
        async with following(store, path) as one:
            await commits(store, "s1", shop(name="Lama"))
            await until(lambda: one.finds() == ["s1"], PASSES_S)
        for number in range(5):
            await commits(store, "s1", shop(name=f"Baru {number}"))
        await store.many("normal", [["XTRIM", store.keys.log("normal"), "MAXLEN", 2]])
        table = store.table

        async def gated(lane: str, topic: str) -> Snapshot:
            await gate.wait()
            return await table(lane, topic)

        monkeypatch.setattr(store, "table", gated)
        async with following(store, path) as one:
            await until(lambda: one.events() == ["query_rebuild"])
            done = await commits(store, "s2", shop("s2"))
            assert one._fresh is not None
            fresh = one._fresh
            await until(lambda: fresh.position.commit == done.commit)
            assert one.finds() == ["s1"]
            assert one.finds("lama") == ["s1"]
            assert one.live is not None
            assert one.live.as_of < done.at
            gate.set()
            await until(lambda: one.finds() == ["s1", "s2"])
            assert one.finds("baru") == ["s1"]
            assert one.live.as_of >= done.at - 1
            later = await commits(store, "s3", shop("s3"))
            await until(lambda: len(one.finds()) == 3, PASSES_S)
        kept = Index(path)
        assert kept.position.commit == later.commit
        kept.close()
    assert names(tmp_path) == ["search.sqlite"]


@pytest.mark.parametrize("kept", [True, False], ids=["in a file", "in a temporary one"])
@on_loop
async def test_another_epoch_is_another_city(valkey_url: str, tmp_path: Path, kept: bool) -> None:
    """FLUSHALL under a live index: what is gone is found no more, what comes is found."""
    async with (
        opened(valkey_url) as (store, _),
        following(store, tmp_path / "search.sqlite" if kept else None) as one,
    ):
        await commits(store, "s1", shop())
        await until(lambda: one.finds() == ["s1"], PASSES_S)
        await store.many("normal", [["FLUSHALL"]])
        await until(lambda: one.finds() == [] and one.events()[-1] == "query_rebuilt")
        await commits(store, "s2", shop("s2"))
        await until(lambda: one.finds() == ["s2"], PASSES_S)


@on_loop
async def test_a_kept_index_of_another_epoch_answers_until_the_new_one_is_whole(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that was put back from a copy: old answers, said to be old, rather than none."""
    path = tmp_path / "search.sqlite"
    index = Index(path)
    index.close()
    async with opened(valkey_url) as (store, _):
        async with following(store, path) as one:
            done = await commits(store, "s1", shop())
            await until(lambda: one.finds() == ["s1"], PASSES_S)
        await store.many("normal", [["HSET", store.keys.head, "epoch", "another"]])
        gate = asyncio.Event()
        table = store.table

        async def gated(lane: str, topic: str) -> Snapshot:
            await gate.wait()
            return await table(lane, topic)

        monkeypatch.setattr(store, "table", gated)
        async with following(store, path) as one:
            await until(lambda: one.events() == ["query_rebuild"])
            assert one.finds() == ["s1"]
            assert one.live is not None
            assert one.live.as_of == done.at - 1
            gate.set()
            await until(lambda: one.events()[-1] == "query_rebuilt")
            assert one.finds() == ["s1"]


@on_loop
async def test_too_much_that_waits_is_forgotten_and_read_anew(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is a bound, and nothing is lost by it."""
    async with opened(valkey_url) as (store, _), following(store) as one:
        monkeypatch.setattr("workers.following.MOST_WAITING", 3)
        await asyncio.gather(*(commits(store, "s1", shop(), *(product(f"p{n}") for n in range(4))) for _ in range(3)))
        await until(lambda: "too much waits" in [event.get("why") for event in one.told])
        await until(lambda: one.events()[-1] == "query_rebuilt" and one.finds("pecel") == ["s1"])


@on_loop
async def test_an_absent_store_stops_no_answer(valkey_url: str) -> None:
    """Answers go on and grow old; what was committed meanwhile is found when the store is back."""
    async with (
        relayed(valkey_url) as relay,
        opened(relay.url) as (store, _),
        opened(valkey_url) as (other, _),
        following(store) as one,
    ):
        await commits(other, "s1", shop())
        await until(lambda: one.finds() == ["s1"], PASSES_S)
        relay.refuses = True
        for wire in list(relay.wires):
            wire.cut()
        done = await commits(other, "s2", shop("s2"))
        assert one.finds() == ["s1"]
        relay.refuses = False
        await until(lambda: one.finds() == ["s1", "s2"])
        assert one.live is not None
        index = one.live
        await until(lambda: index.as_of >= done.at)


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk I/O error"), KeyError("a fault")])
@on_loop
async def test_an_index_that_cannot_be_written_ends_the_following(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """`run` raises; the file is removed by whoever hears of it, so that the next start makes it anew."""
    path = tmp_path / "search.sqlite"

    def fails(index: Index, entries: object) -> None:
        raise error

    async with opened(valkey_url) as (store, _), following(store, path) as one:
        monkeypatch.setattr(Index, "apply", fails)
        await commits(store, "s1", shop())
        await asyncio.wait([one.running], timeout=5)
        assert one.running.exception() is error
        one.discard()
    assert names(tmp_path) == []


@on_loop
async def test_a_rebuild_that_cannot_be_written_ends_the_following(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault comes out of `run`, not into the bus that asked for the rebuild."""
    async with opened(valkey_url) as (store, _), following(store) as one:
        error = sqlite3.OperationalError("database or disk is full")

        def fails(index: Index, position: object) -> None:
            raise error

        monkeypatch.setattr(Index, "begin", fails)
        one._begin("a test")
        await asyncio.wait([one.running], timeout=5)
        assert one.running.exception() is error


@on_loop
async def test_a_store_that_is_gone_at_the_start_is_said(valkey_url: str) -> None:
    """`run` raises what the store said."""
    async with opened(valkey_url) as (store, _):
        await store.close()
        one = Followed(store)
        await asyncio.wait([one.running], timeout=5)
        assert isinstance(one.running.exception(), StoreError)


@on_loop
async def test_the_journal_is_carried_while_changes_come(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file grows beside the answers; the journal does not grow for ever."""
    monkeypatch.setattr("workers.following.CARRY_S", 0.01)
    monkeypatch.setattr("workers.following.CARRY_BYTES", 0)
    path = tmp_path / "search.sqlite"
    async with opened(valkey_url) as (store, _), following(store, path) as one:
        for id_, views in many(20).items():
            await commits(store, id_, *views)
        await until(lambda: len(one.finds()) == 20, PASSES_S)
        await until(lambda: path.stat().st_size > 50_000)
