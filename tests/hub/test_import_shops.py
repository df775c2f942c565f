"""A register written into a real store: bounded, once, one bad row at its own cost, and whole after a loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub import import_shops
from hub.contract import Actor
from hub.dispatch import Answer, Dispatch, refused
from hub.errors import StartError
from hub.import_shops import AT_ONCE, BATCH, BATCH_BYTES, Import, Imported, batches
from hub.register import Row
from hub.sheet import Fault
from hub.store import Store
from tests.support.live import opened
from tests.support.servers import StoreServer, running_store
from tests.support.shops import Shop, Shops


@pytest.fixture
def server() -> Iterator[StoreServer]:
    """A store that a test may kill."""
    with running_store() as one:
        yield one


def rows(count: int, **more: Any) -> list[Row]:
    return [
        Row(
            number + 2,
            {"id": f"nib-{number:013d}", "name": f"Toko {number}", "category": "goods", "kelurahan": "miji", **more},
        )
        for number in range(count)
    ]


MANY = [{"id": f"p{number}", "name": "é" * 60, "price": 1_000_000_000} for number in range(200)]
"""As many products as a shop may have, with the longest names."""


class Hearing(list[int]):
    """How many rows were decided at a time."""

    def __call__(self, count: int) -> None:
        self.append(count)


async def imported(dispatch: Dispatch, given: list[Row], **more: Any) -> tuple[Imported, Hearing]:
    heard = Hearing()
    return await Import(dispatch, given, heard, **{"rest": 0, **more}).run(), heard


async def held(store: Store) -> set[str]:
    (ids,) = await store.many("normal", [["SMEMBERS", store.keys.set("shops")]])
    return {id_.decode() for id_ in ids}


def test_batches_fit_a_commit() -> None:
    """At most 12 shops, 200 products and 44 KB, in order, none left out; a shop too big for that goes alone."""
    small, big = rows(30), rows(3, products=MANY)
    pieces = list(batches([*small, *big, *small[:1]]))
    assert [len(piece) for piece in pieces] == [BATCH, BATCH, 6, 1, 1, 1, 1]
    assert [row for piece in pieces for row in piece] == [*small, *big, *small[:1]]
    assert len(list(batches(rows(24, address="x" * 6000)))) == 24 * 6400 // BATCH_BYTES + 1
    assert [len(piece) for piece in batches(rows(9, products=MANY[:50]))] == [3, 3, 3]
    assert [len(piece) for piece in batches(rows(9, products=[{"id": "p", "name": "A", "price": 1}] * 50))] == [4, 4, 1]
    assert list(batches([])) == []


@pytest.mark.asyncio
async def test_a_second_time_writes_nothing(store_url: str) -> None:
    """Every row is written once; the same rows again are answered `same`, and a changed one is written alone."""
    async with opened(store_url, Shops()) as (store, dispatch):
        given = rows(50)
        first, heard = await imported(dispatch, given)
        assert first == Imported(written=50)
        assert sum(heard) == 50
        assert await held(store) == {row.shop["id"] for row in given}
        commit = store.seen_commit
        assert (await imported(dispatch, given))[0] == Imported(same=50)
        assert store.seen_commit == commit
        given[7] = Row(9, {**given[7].shop, "name": "Toko Baru"})
        assert (await imported(dispatch, given))[0] == Imported(written=1, same=49)


@pytest.mark.asyncio
async def test_the_largest_shops_go_in(valkey_url: str) -> None:
    """Shops with 200 products of the longest names are written, beside small ones."""
    async with opened(valkey_url, Shops()) as (_, dispatch):
        given = [*rows(5), *(Row(row.line, {**row.shop, "id": row.shop["id"] + "x"}) for row in rows(2, products=MANY))]
        assert (await imported(dispatch, given))[0] == Imported(written=7)


class Counted(Dispatch):
    """Counts the commands under way."""

    going = most = 0

    async def run(self, cmd: str, data: dict[str, Any], actor: Actor, id_: str, **more: Any) -> Answer:
        self.going += 1
        self.most = max(self.most, self.going)
        try:
            return await super().run(cmd, data, actor, id_, **more)
        finally:
            self.going -= 1


@pytest.mark.asyncio
async def test_a_few_commands_are_under_way(valkey_url: str) -> None:
    """Four at once, never more."""
    async with opened(valkey_url, Shops()) as (store, plain):
        dispatch = Counted(store, plain.services)
        assert (await imported(dispatch, rows(20 * BATCH)))[0].written == 20 * BATCH
        assert dispatch.most == AT_ONCE


@pytest.mark.asyncio
async def test_a_refused_row_costs_itself(valkey_url: str) -> None:
    """Rows that the service refuses are faults with their line and column; their neighbours are written."""
    shops = Shops()
    async with opened(valkey_url, shops) as (store, dispatch):
        given = rows(30)
        given[4] = Row(6, {**given[4].shop, "name": ""})
        given[5] = Row(7, {**given[5].shop, "id": "nib 5"})
        shops.refuses = lambda shop: "this shop was closed by the city" if shop.id.endswith("7") else ""
        done, heard = await imported(dispatch, given)
        assert sum(heard) == 30
        assert (done.written, done.left, done.why) == (25, 0, "")
        faults = {fault.line: fault for fault in done.faults}
        assert set(faults) == {6, 7, 9, 19, 29}
        assert faults[6] == Fault(6, "name", "`str` of length >= 1", "")
        assert (faults[7].column, faults[7].got) == ("id", "nib 5")
        assert faults[9] == Fault(9, "row", "this shop was closed by the city", f"nib-{7:013d}")
        assert len(await held(store)) == 25


@pytest.mark.asyncio
async def test_a_city_without_shops_is_told_at_once(valkey_url: str) -> None:
    """Where no service takes shops nothing is tried twice."""
    async with opened(valkey_url) as (_, dispatch):
        with pytest.raises(StartError, match="no service here takes shops"):
            await imported(dispatch, rows(100))


class Busy(Dispatch):
    """Refuses each command twice, to be tried again."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[str] = []

    async def run(self, cmd: str, data: dict[str, Any], actor: Actor, id_: str, **more: Any) -> Answer:
        self.asked.append(id_)
        if self.asked.count(id_) < 3:
            return refused("unavailable", "too much is waiting for this", retry=True)
        return await super().run(cmd, data, actor, id_, **more)


@pytest.mark.asyncio
async def test_what_may_be_tried_again_is_tried_with_the_same_id(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`unavailable` and `unconfirmed` are asked again as the same command, so nothing is written twice."""
    monkeypatch.setattr(import_shops, "PAUSE_S", 0)
    async with opened(valkey_url, Shops()) as (store, plain):
        dispatch = Busy(store, plain.services)
        assert (await imported(dispatch, rows(3 * BATCH)))[0] == Imported(written=3 * BATCH)
        assert sorted(dispatch.asked.count(id_) for id_ in set(dispatch.asked)) == [3, 3, 3]


@pytest.mark.asyncio
async def test_a_store_that_goes_away_ends_it_and_a_second_run_completes(server: StoreServer) -> None:
    """It says what is known to be in and why it ended; the same rows again write what was missing."""
    shops, given = Shops(), rows(20 * BATCH)

    def once_killed(shop: Shop) -> str:
        if len(shops.heard) == 8:
            server.kill()
        return ""

    shops.refuses = once_killed
    async with opened(server.url, shops) as (_, dispatch):
        first, heard = await imported(dispatch, given, patience_s=0)
    assert first.why
    assert first.faults == ()
    assert 0 < first.written == sum(heard)
    assert first.written + first.left == len(given)
    server.start()
    async with opened(server.url, Shops()) as (store, dispatch):
        second, _ = await imported(dispatch, given)
        assert (second.why, second.left) == ("", 0)
        assert second.same >= first.written
        assert second.written + second.same == len(given)
        assert len(await held(store)) == len(given)
