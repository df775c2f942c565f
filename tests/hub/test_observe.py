"""A fleeting input that means more: what it remembers, what it calls for, what its sender hears."""

from __future__ import annotations

import asyncio
from typing import Any

from hub.commit import unpack
from hub.contract import Actor, Decision, Fix, Follow, Refusal, Seen, State
from hub.dispatch import Answer, Dispatch
from hub.store import Store
from tests.support.commits import everything
from tests.support.lamps import Lamps, Place
from tests.support.live import on_loop, opened

ANI = Actor("ani", "resident", name="Ani")


def counting(state: State, data: Place, now: int) -> Seen:
    """Remembers every time it was told, and at the third calls for the lamp to be switched on."""
    last = state.fix("lamp", "a")
    times = sorted({*(last.memory if last else ()), data.fix_at})
    follow = (Follow("lamp.switch:a:third", "lamp.switch", {"lamp": "a", "topics": ["bulk/a"]}),) if times[2:] else ()
    newest = Fix("lamp", "a", data.lat, data.lon, data.fix_at, topics=(("bulk/a", "a"),), memory=times)
    if last is not None and last.fix_at >= data.fix_at:
        newest = Fix("lamp", "a", last.lat, last.lon, last.fix_at, topics=last.topics, memory=times)
    return Seen(newest, follow, {"times": len(times)})


async def tell(dispatch: Dispatch, fix_at: int, lat: float = -7.4) -> Answer:
    return await dispatch.observe("lamp.moved", {"lamp": "a", "lat": lat, "lon": 112.4, "fix_at": fix_at}, ANI)


async def kept(store: Store) -> tuple[int, Any]:
    (blob,) = await store.many("normal", [["HGET", store.keys.fix("lamp"), "a"]])
    fix = unpack(blob)
    return fix["fix_at"], fix["memory"]


@on_loop
async def test_an_older_fix_is_remembered_behind_the_newest(store_url: str) -> None:
    """The memory grows in any order; what is shown stays the newest, and no screen sees the memory."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await dispatch.run("lamp.switch", {"lamp": "a", "topics": ["bulk/a"]}, ANI, "c1")
        lamps.seen = counting
        assert await tell(dispatch, 20, -7.5) == Answer(True, {"times": 1})
        assert await tell(dispatch, 10) == Answer(True, {"times": 2})
        assert await kept(store) == (20, [10, 20])
        (shown,) = (await store.table("bulk", "bulk/a")).fixes.values()
        assert unpack(shown) == {"lat": -7.5, "lon": 112.4, "accuracy_m": 0.0, "fix_at": 20}


@on_loop
async def test_what_is_called_for_is_done_once_by_two_hubs(store_url: str) -> None:
    """Two hubs that see the same event run one command of role `hub`; a third input finds it done."""
    one, two = Lamps(), Lamps()
    one.seen = two.seen = counting
    async with opened(store_url, one) as (store, first), opened(store_url, two) as (_, second):
        for fix_at in (1, 2):
            await tell(first, fix_at)
        await asyncio.gather(tell(first, 3), tell(second, 4), tell(second, 5))
        assert unpack((await store.table("bulk", "bulk/a")).things["a"])["count"] == 1
        assert await kept(store) == (5, [1, 2, 3, 4, 5])
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        assert [unpack(fields[-1])["role"] for _, fields in rows] == ["hub"]


@on_loop
async def test_a_memory_is_never_written_over_one_that_was_not_read(valkey_url: str) -> None:
    """Inputs at once through many hubs lose nothing of each other: who reads an old record observes again."""
    lamps = Lamps()
    lamps.seen = counting
    async with opened(valkey_url, lamps) as (store, one), opened(valkey_url, lamps) as (_, two):
        answers = await asyncio.gather(*(tell((one, two)[at % 2], at) for at in range(1, 5)))
        assert all(answer.ok for answer in answers)
        assert await kept(store) == (4, [1, 2, 3, 4])


@on_loop
async def test_a_fleeting_input_may_be_refused(valkey_url: str) -> None:
    """By name, and nothing is kept; a socket hears a refusal too, and nothing of what was taken."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        before = await everything(store)
        lamps.seen = lambda state, data, now: Refusal("wrong_clock", "data.fix_at: ahead")
        assert (await tell(dispatch, 5)).code == "wrong_clock"
        told = await dispatch.tell("lamp.moved", {"lamp": "a", "lat": 1.0, "lon": 1.0, "fix_at": 5}, ANI)
        assert told is not None
        assert told.code == "wrong_clock"
        assert await everything(store) == before
        lamps.seen = lambda state, data, now: Seen(answer={"late": 1})
        assert await tell(dispatch, 5) == Answer(True, {"late": 1})
        assert await dispatch.tell("lamp.moved", {"lamp": "a", "lat": 1.0, "lon": 1.0, "fix_at": 5}, ANI) is None


@on_loop
async def test_a_secret_is_told_once(valkey_url: str) -> None:
    """What a decision says `once` reaches who asked, and stands nowhere in the store; asked again it is not said."""
    lamps = Lamps()
    lamps.decision = lambda *_: Decision({"made": True}, once={"key": "s3cret-of-the-lamp"})
    async with opened(valkey_url, lamps) as (store, dispatch):
        assert (await dispatch.run("lamp.ask", {}, ANI, "c1")).data == {"made": True, "key": "s3cret-of-the-lamp"}
        assert (await dispatch.run("lamp.ask", {}, ANI, "c1")).data == {"made": True}
        assert "s3cret-of-the-lamp" not in repr(await everything(store))
