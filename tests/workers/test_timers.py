"""Timers are commands: each acts once, whoever leases it and however often."""

from __future__ import annotations

import asyncio
import logging
import uuid

import pytest

from hub.contract import TIMER, Actor, Command, Decision, Facts, Refusal, State, Timer
from hub.dispatch import Dispatch
from hub.store import Store
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened, until
from workers.timers import LEASE_MS, Timers

ANI = Actor("ani", "resident")
PAST = 1


async def sets(dispatch: Dispatch, lamps: Lamps, *timers: Timer) -> None:
    """Set timers by a command."""
    lamps.decision = lambda *_: Decision(timers=timers)
    assert (await dispatch.run("lamp.ask", {}, ANI, str(uuid.uuid4()))).ok
    lamps.decision = lambda *_: Decision()
    lamps.heard.clear()


def ring(due: int | None = PAST, n: int = 1, name: str = "ring", cmd: str = "lamp.ask") -> Timer:
    return Timer("lamp", "a", name, due, cmd, {"n": n})


async def left(store: Store) -> int:
    zset, blobs = await store.many(
        "normal", [["ZCARD", store.keys.timers("normal")], ["HLEN", store.keys.timer("normal")]]
    )
    assert blobs == 2 * zset
    return int(zset)


@on_loop
async def test_a_due_timer_acts_as_timer_and_is_gone(store_url: str) -> None:
    """Its command runs through the one door, with the role `timer`, and its outcome deletes it."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        actors: list[tuple[Actor, int]] = []
        await sets(dispatch, lamps, ring(n=7))

        def decision(state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision:
            actors.append((actor, command.data.n))
            return Decision()

        lamps.decision = decision
        worker = Timers(store, dispatch)
        task = asyncio.create_task(worker.run())
        await until(lambda: worker.acted)
        task.cancel()
        await asyncio.wait([task])
        assert actors == [(TIMER, 7)]
        assert await left(store) == 0


@on_loop
async def test_a_timer_waits_until_it_is_due(store_url: str) -> None:
    """What is not due is not leased; the lease says when the next is."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        due = store.now() + 60_000
        await sets(dispatch, lamps, ring(due))
        now, first, leased = await store.lease("normal", 32, LEASE_MS)
        assert leased == []
        assert first == due
        assert abs(now - store.now()) < 1000


@on_loop
async def test_setting_again_replaces_and_none_cancels(store_url: str) -> None:
    """One timer per thing and name; another name is another timer."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring(n=1), ring(n=2, name="other"))
        await sets(dispatch, lamps, ring(n=3))
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        assert sorted(timer.data["n"] for timer in leased) == [2, 3]
        await sets(dispatch, lamps, ring(None), ring(None, name="other"))
        assert await left(store) == 0


@on_loop
async def test_a_lease_is_one_workers_and_runs_out(store_url: str) -> None:
    """Leased, it is nobody else's for that time; a worker that died is followed by another."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring())
        _, _, mine = await store.lease("normal", 32, 60_000)
        _, _, theirs = await store.lease("normal", 32, 60_000)
        assert (len(mine), len(theirs)) == (1, 0)
        await store.many("normal", [["ZADD", store.keys.timers("normal"), PAST, mine[0].id]])
        _, _, again = await store.lease("normal", 32, 60_000)
        assert (again[0].id, again[0].version) == (mine[0].id, mine[0].version)


@on_loop
async def test_leased_twice_it_acts_once(store_url: str) -> None:
    """Two workers act on the same lease, one after the other and at once: one effect, and it is gone."""
    one_lamps, two_lamps = Lamps(), Lamps()
    async with opened(store_url, one_lamps) as (store, one), opened(store_url, two_lamps) as (other, two):
        for at_once in (True, False):
            await sets(one, one_lamps, ring(cmd="lamp.switch"))
            two_lamps.heard.clear()
            _, _, leased = await store.lease("normal", 32, LEASE_MS)
            leased[0] = type(leased[0])(
                **{**{f: getattr(leased[0], f) for f in leased[0].__struct_fields__}, "data": {"lamp": "x"}}
            )
            acts = [Timers(store, one)._act(leased[0]), Timers(other, two)._act(leased[0])]
            if at_once:
                await asyncio.gather(*acts)
            else:
                for act in acts:
                    await act
            assert await left(store) == 0
        answer = await one.run("lamp.switch", {"lamp": "x"}, ANI, str(uuid.uuid4()))
        assert answer.data == {"count": 3}


@pytest.mark.parametrize("new", [None, 9_999_999_999_999], ids=["cancelled", "replaced"])
@on_loop
async def test_a_timer_that_is_no_longer_set_does_not_act(store_url: str, new: int | None) -> None:
    """Cancelled or replaced between lease and act: the old one does nothing, the new one stays."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring(cmd="lamp.switch"))
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        await sets(dispatch, lamps, ring(new, n=2))
        answer = await dispatch.run("lamp.switch", {"lamp": "x"}, TIMER, "timer@1", done=leased[0])
        assert not answer.ok
        assert not answer.retry
        assert await left(store) == (0 if new is None else 1)
        answer = await dispatch.run("lamp.switch", {"lamp": "x"}, ANI, str(uuid.uuid4()))
        assert answer.data == {"count": 1}


@on_loop
async def test_a_refused_timer_is_gone(store_url: str) -> None:
    """A final refusal is an outcome: it is not tried for ever."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring())
        lamps.decision = lambda *_: Refusal("illegal_step", "too late for that")
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        await Timers(store, dispatch)._act(leased[0])
        assert await left(store) == 0


@on_loop
async def test_a_timer_may_set_itself_again(store_url: str) -> None:
    """Its own command replaces it: the new one stays."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring())
        lamps.decision = lambda *_: Decision(timers=(ring(n=2),))
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        await Timers(store, dispatch)._act(leased[0])
        _, _, again = await store.lease("normal", 32, LEASE_MS)
        assert [timer.data for timer in again] == [{"n": 2}]
        assert again[0].version != leased[0].version


@on_loop
async def test_a_timer_that_could_not_act_comes_back(store_url: str) -> None:
    """Not accepted, or not known to be: the lease runs out and it is tried again."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring())
        lamps.decision = lambda *_: Refusal("too_many", "later", retry=True)
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        await Timers(store, dispatch)._act(leased[0])
        assert await left(store) == 1


@on_loop
async def test_a_timer_nobody_understands_is_logged(valkey_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A command that is gone is a fault somebody must see; it stays until somebody does."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring(cmd="lamp.gone"))
        _, _, leased = await store.lease("normal", 32, LEASE_MS)
        with caplog.at_level(logging.ERROR):
            await Timers(store, dispatch)._act(leased[0])
        assert "unknown_command" in caplog.text
        assert await left(store) == 1


@on_loop
async def test_two_workers_share_many_timers(store_url: str) -> None:
    """A hundred due timers: each acts once, none is left."""
    one_lamps, two_lamps = Lamps(), Lamps()
    async with opened(store_url, one_lamps) as (store, one), opened(store_url, two_lamps) as (other, two):
        for batch in range(4):
            await sets(one, one_lamps, *(ring(n=batch * 25 + n, name=f"t{batch}.{n}") for n in range(25)))
        workers = [Timers(store, one), Timers(other, two)]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        await until(lambda: sum(worker.acted for worker in workers) >= 100, 10)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        heard = [data.n for lamps in (one_lamps, two_lamps) for _, data in lamps.heard]
        assert sorted(heard) == list(range(100))
        assert await left(store) == 0


@on_loop
async def test_late_is_what_a_timer_waited_for_a_worker(valkey_url: str) -> None:
    """What was due while no worker ran is late since then; what is set for a time gone by is late since it was set."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring(store.now() - 3_000))
        worker, late = Timers(store, dispatch), dispatch.figures.late["normal"]
        task = asyncio.create_task(worker.run())
        await until(lambda: worker.acted == 1)
        waited = late.total_s
        assert 3 <= waited < 10
        await sets(dispatch, lamps, ring(PAST, name="again"))
        await until(lambda: worker.acted == 2)
        assert late.count == 2
        assert late.total_s - waited < 3
        task.cancel()
        await asyncio.wait([task])
