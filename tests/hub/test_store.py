"""Tables, fixes, sign-ins and the clock on real stores, and what is known of what was sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.commit import SignIn, pack, unpack
from hub.contract import (
    Change,
    Decision,
    Fix,
    State,
)
from hub.errors import StoreUnavailable, StoreUnconfirmed
from hub.store import Committed
from tests.support.commits import DONE, commit, everything, lamp, read
from tests.support.live import on_loop, opened, until
from tests.support.relay import relayed


@on_loop
async def test_a_thing_that_left_leaves_the_table(store_url: str) -> None:
    """A view of None removes thing and fix, and the change says so."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),), changes=(Change("bulk/a", "a", "k", {"v": 1}),)))
        await store.put_fix(Fix("lamp", "a", -7.4, 112.4, 5, topics=(("bulk/a", "a"),)), 5)
        assert (await store.table("bulk", "bulk/a")).fixes
        await commit(store, Decision(changes=(Change("bulk/a", "a", "k", None),)))
        snapshot = await store.table("bulk", "bulk/a")
        assert (snapshot.things, snapshot.fixes, snapshot.offset) == ({}, {}, 2)


@on_loop
async def test_the_citys_clock_never_goes_back(store_url: str) -> None:
    """`at` is the store's time, or the city's last one where that is later."""
    async with opened(store_url) as (store, _):
        result = await commit(store, Decision(writes=(lamp(),)))
        assert isinstance(result, Committed)
        late = result.at + 3_600_000
        await store.many("normal", [["HSET", store.keys.head, "at", late]])
        result = await commit(store, Decision(writes=(lamp("b"),)))
        assert isinstance(result, Committed)
        assert result.at == late
        loaded = await store.load("normal", "ani", "1", store.deadline())
        assert loaded.now == late
        assert abs(store.now() - late) < 1000


@on_loop
async def test_the_newest_fix_of_a_thing_is_kept(store_url: str) -> None:
    """Larger `fix_at` wins; an older or repeated one writes nothing; tables show it only beside a thing they have."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(changes=(Change("bulk/a", "a", "k", {"v": 1}),)))
        shown = (("bulk/a", "a"), ("bulk/b", "a"))
        fix = Fix("lamp", "a", -7.4, 112.4, 100, 5.0, shown, "lamps", {"speed_kmh": 20})
        assert await store.put_fix(fix, 100)
        before = await everything(store)
        for at in (100, 99):
            assert not await store.put_fix(Fix("lamp", "a", 1.0, 1.0, at, topics=shown, index="lamps"), at)
        assert await everything(store) == before
        fixes = (await store.table("bulk", "bulk/a")).fixes
        assert unpack(fixes["a"]) == {"lat": -7.4, "lon": 112.4, "accuracy_m": 5.0, "fix_at": 100, "speed_kmh": 20}
        assert (await store.table("bulk", "bulk/b")).fixes == {}
        assert await store.put_fix(Fix("lamp", "a", -7.5, 112.5, 101, topics=shown), 101)


@on_loop
async def test_a_session_is_recorded_once(store_url: str) -> None:
    """The first durable command writes the sign-in; a later one, or a revocation, is not overwritten."""
    async with opened(store_url) as (store, _):
        sign_in = SignIn("d1", "ani", ("person", "ani", "role", "resident"))
        await commit(store, Decision(writes=(lamp(),)), sign_in=sign_in)
        await store.many("normal", [["HSET", store.keys.session("d1"), "revoked", "1"]])
        await commit(store, Decision(writes=(lamp("b"),)), sign_in=SignIn("d1", "ani", ("role", "admin")))
        flat, members = await store.many(
            "normal", [["HGETALL", store.keys.session("d1")], ["SMEMBERS", store.keys.sessions("ani")]]
        )
        assert flat == [b"person", b"ani", b"role", b"resident", b"revoked", b"1"]
        assert members == [b"d1"]


@on_loop
async def test_scripts_that_the_store_forgot_are_sent_again(store_url: str) -> None:
    """SCRIPT FLUSH, or a restart of the store, costs nobody a command."""
    async with opened(store_url) as (store, _):
        await store.many("normal", [["SCRIPT", "FLUSH"]])
        assert isinstance(await commit(store, Decision(writes=(lamp(),))), Committed)
        assert (await store.table("bulk", "bulk/a")).things == {}


# -- what was sent, and what was not ------------------------------------------------


@on_loop
async def test_what_was_never_sent_is_unavailable(valkey_url: str) -> None:
    """No link by the deadline: certainly not accepted."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _):
        relay.refuses = True
        for wire in list(relay.wires):
            wire.cut()
        await until(lambda: not store.up)
        with pytest.raises(StoreUnavailable):
            await commit(store, Decision(writes=(lamp(),)), state=State(), deadline=store.deadline(0.1))
        relay.refuses = False
        await until(lambda: store.up)
        assert isinstance(await commit(store, Decision(writes=(lamp(),))), Committed)


@pytest.mark.parametrize("happens", ["lost before", "lost after", "cut"])
@on_loop
async def test_what_was_sent_and_not_answered_is_unconfirmed(valkey_url: str, happens: str) -> None:
    """Sent and then silence, or a cut: it may have taken effect, and the same id tells."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _):
        await commit(store, Decision(writes=(lamp("first"),)))

        def watch(wire: Any, data: bytes) -> None:
            if b"EVALSHA" in data and pack(DONE) in data:
                wire.silent = happens == "lost before"
                wire.deaf = happens == "lost after"
                if happens == "cut":
                    asyncio.get_running_loop().call_soon(wire.cut)

        relay.watch = watch
        out = ("ani", "1", DONE)
        with pytest.raises(StoreUnconfirmed):
            await commit(store, Decision(writes=(lamp(),)), state=State(), out=out, deadline=store.deadline(0.3))
        relay.watch = lambda wire, data: None
        loaded = await store.load("normal", "ani", "1", store.deadline())
        if happens != "cut":
            assert (loaded.outcome == DONE) is (happens == "lost after")
        await commit(store, Decision(writes=(lamp(),)), state=State(), out=out)
        assert (await store.load("normal", "ani", "1", store.deadline())).outcome == DONE
        assert (await read(store, ("lamp", "a"))).versions["lamp", "a"] == 2


@on_loop
async def test_a_full_store_accepts_nothing_and_says_so(store_url: str) -> None:
    """Out of memory before the script's first command: not accepted, and again when there is room."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        before = await everything(store)
        (row,) = await store.many("normal", [["CONFIG", "GET", "maxmemory"]])
        await store.many("normal", [["CONFIG", "SET", "maxmemory", "1"]])
        try:
            with pytest.raises(StoreUnavailable):
                await commit(store, Decision(writes=(lamp("b"),)), state=State())
        finally:
            await store.many("normal", [["CONFIG", "SET", "maxmemory", row[1]]])
        assert await everything(store) == before
        assert isinstance(await commit(store, Decision(writes=(lamp("b"),))), Committed)
