"""Webhooks whole: from a commit to a receiver, through workers that die and receivers that fail."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping

import pytest

from hub import hooks as store_side
from hub.contract import TIMER, Actor, Command, Decision, Facts, State, Timer
from hub.hook_desk import HookDesk
from hub.hook_urls import Target
from hub.hooks import LEASE_MS, PARALLEL, Hooks, packed
from hub.names import Names
from hub.settings import Settings
from tests.support.hooks import hooked, order, say, stands
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened, until
from tests.support.processes import Process
from tests.support.receivers import OK, SILENT, always, standing
from workers import webhooks as module
from workers.post import Answer, Poster
from workers.receiver import signature
from workers.timers import Timers
from workers.webhooks import Webhooks

PRIVATE = Settings(webhook_private=True)
PRIVATE_ENV = {"KENTONGAN_WEBHOOK_PRIVATE": "true"}


@contextlib.asynccontextmanager
async def working(*workers: Webhooks) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Workers for the length of a block."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield tasks
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@on_loop
async def test_a_change_is_told_at_once(store_url: str) -> None:
    """Committed, it is at the receiver; a webhook that is set while the worker works is served too."""
    async with opened(store_url) as (store, _), standing() as stand, working(Webhooks(store, PRIVATE)):
        hook = await hooked(store, stand.url)
        first = await say(store, order(hook.person, "o1"))
        await until(lambda: len(stand.heard) == 1)
        second = await say(store, order(hook.person, "o1", "order.accepted"))
        await until(lambda: len(stand.heard) == 2, 0.9)  # a bell, not a look once a second
        assert [heard.told["offset"] for heard in stand.heard] == [first, second]
        assert [heard.id for heard in stand.heard] == [heard.told["id"] for heard in stand.heard]


@on_loop
async def test_a_secret_of_before_signs_and_is_sealed(valkey_url: str) -> None:
    """It lay open in the store; a worker seals it as soon as it works, and the receiver notices nothing."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook = await hooked(store, stand.url)
        before = packed({"url": stand.url, "secret": "of before", "since": 1, "after": 0})
        await store.many("normal", [["HSET", store.keys.hooks, hook.person, before]])
        async with working(Webhooks(store, PRIVATE)):
            for number in (1, 2):
                await say(store, order(hook.person, f"o{number}"))
                await until(lambda number=number: len(stand.heard) == number)  # type: ignore[misc]
                heard = stand.heard[-1]
                stamp = heard.headers["kentongan-timestamp"]
                assert heard.headers["kentongan-signature"] == signature("of before", stamp, heard.body)
            async with asyncio.timeout(5):
                while b"of before" in (await store.many("normal", [["HGET", store.keys.hooks, hook.person]]))[0]:
                    pass


@on_loop
async def test_a_real_city_calls_no_private_address_unless_told(valkey_url: str) -> None:
    """By default; the demo does."""
    async with opened(valkey_url) as (store, _), standing() as stand, working(Webhooks(store, Settings())):
        hook = await hooked(store, stand.url)
        await say(store, order(hook.person, "o1"))
        stood = await stands(store, lambda one: one.error)
        assert stood.error == "its address 127.0.0.1 is not public"
        assert stand.heard == []
    async with opened(valkey_url, city="35.77", demo=True) as (demo, _), standing() as stand:
        hook = await hooked(demo, stand.url)
        await say(demo, order(hook.person, "o1"))
        async with working(Webhooks(demo, Settings())):
            await until(lambda: stand.heard)


@on_loop
async def test_two_workers_deliver_each_change_once(store_url: str) -> None:
    """Fed by one of them, delivered by both; in order per thing."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _), standing() as stand:
        hook = await hooked(one, stand.url)
        async with working(Webhooks(one, PRIVATE), Webhooks(two, PRIVATE)):
            commits = [await say(one, order(hook.person, f"o{number % 7}")) for number in range(60)]
            await until(lambda: len(stand.heard) >= 60, 20)
        told = [heard.told for heard in stand.heard]
        assert sorted(body["offset"] for body in told) == commits
        for thing in range(7):
            mine = [body["offset"] for body in told if body["thing"] == f"o{thing}"]
            assert mine == sorted(mine)
        assert stand.most <= PARALLEL


@on_loop
async def test_a_receiver_that_never_answers_delays_nobody(valkey_url: str) -> None:
    """Not another receiver, not a timer: hundreds wait for it, and the others are served within a second."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch), standing() as bad, standing() as good:
        bad.answering = always(SILENT)
        slow, well = await hooked(store, bad.url), await hooked(store, good.url)
        for number in range(30):
            await say(store, *(order(slow.person, f"o{number}.{n}") for n in range(10)))
        async with working(Webhooks(store, PRIVATE)):
            await until(lambda: len(bad.under_way) == PARALLEL)
            await say(store, order(well.person, "o1"))
            await until(lambda: good.heard, 1.0)
            assert len(bad.under_way) == PARALLEL
            rung = asyncio.Event()

            def ring(state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision:
                if actor == TIMER:
                    rung.set()
                    return Decision()
                return Decision(timers=(Timer("lamp", "a", "ring", 1, "lamp.ask", {}),))

            lamps.decision = ring
            timers = asyncio.create_task(Timers(store, dispatch).run())
            assert (await dispatch.run("lamp.ask", {}, Actor("ani", "resident"), "c1")).ok
            async with asyncio.timeout(1.0):
                await rung.wait()
            timers.cancel()
            await asyncio.wait([timers])


@on_loop
async def test_a_name_that_never_resolves_delays_nobody(valkey_url: str) -> None:
    """Its look-up hangs in a thread of its own."""
    async with opened(valkey_url) as (store, _), standing() as good:
        hang = asyncio.Event()

        class Half(Names):
            async def addresses(self, host: str, port: int) -> list[str]:
                if host == "gone.example":
                    asked.append(host)
                    await hang.wait()
                return await super().addresses(host, port)

        asked: list[str] = []
        gone, well = await hooked(store, "http://gone.example/"), await hooked(store, good.url)
        for number in range(20):
            await say(store, order(gone.person, f"o{number}"), order(well.person, f"o{number}"))
        async with working(Webhooks(store, PRIVATE, send=Poster(Half(), private=True))):
            await until(lambda: len(good.heard) == 20)
            assert len(asked) == PARALLEL


@on_loop
async def test_a_backlog_beyond_its_bound_becomes_dead_letters(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The oldest go; the newest are delivered when the receiver is back; said in the log."""
    monkeypatch.setattr(store_side, "MAX_WAITING", 50)
    monkeypatch.setattr(module, "MAX_WAITING", 50)
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook = await hooked(store, stand.url)
        stand.gate.clear()
        async with working(Webhooks(store, PRIVATE)):
            for number in range(12):
                await say(store, *(order(hook.person, f"o{number}.{n}") for n in range(10)))
            stood = await stands(store, lambda one: one.dead >= 70 and one.waiting <= 50)
            assert (stood.waiting, stood.dead) == (50, 70)
            assert "more than 50 wait" in caplog.text
            stand.gate.set()
            await until(lambda: len(set(stand.ids)) == 50)
        dead = {letter.id for letter in await HookDesk(store).letters(hook.person)}
        assert not dead & set(stand.ids)
        newest = {heard.told["offset"] for heard in stand.heard}
        assert set(range(10, 13)) <= newest


def worker(store_url: str) -> Process:
    return Process(["-m", "workers", "--store", store_url], environment=PRIVATE_ENV)


@on_loop
async def test_a_worker_that_is_killed_loses_nothing(store_url: str) -> None:
    """`kill -9` in the middle of deliveries: another makes them again, with the same ids and bodies."""
    async with opened(store_url) as (store, _), standing() as stand:
        hook = await hooked(store, stand.url)
        first = worker(store_url)
        try:
            stand.gate.clear()
            commits = [await say(store, order(hook.person, f"o{number % 5}")) for number in range(20)]
            await until(lambda: len(stand.under_way) == 5, 20)
        finally:
            first.kill()
        stand.end()
        begun = {heard.id: heard.body for heard in stand.heard}
        assert len(begun) == 5
        hooks = Hooks(store)
        leased = await hooks.lease(hook.person, 8)
        assert leased is not None
        assert leased.deliveries == []  # they are still the dead one's
        later = Hooks(store, LEASE_MS + 1000)
        async with working(Webhooks(store, PRIVATE, hooks=later)):
            await until(lambda: len(stand.heard) == 25, 20)
        again = {heard.id: heard.body for heard in stand.heard[5:]}
        assert len(again) == 20
        assert begun.items() <= again.items()
        taken = [heard.told for heard in stand.heard[5:]]
        assert sorted(body["offset"] for body in taken) == commits
        for thing in range(5):
            mine = [body["offset"] for body in taken if body["thing"] == f"o{thing}"]
            assert mine == sorted(mine)


@on_loop
async def test_a_worker_ends_when_told_and_another_goes_on(valkey_url: str) -> None:
    """SIGTERM in the middle of a delivery that hangs: it ends at once; nothing is lost."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook = await hooked(store, stand.url)
        stand.answering = always(SILENT)
        first = worker(valkey_url)
        try:
            await say(store, order(hook.person, "o1"))
            await until(lambda: stand.under_way, 20)
            code = await asyncio.to_thread(first.end, 5)
            assert (code, first.errors) == (0, [])
        finally:
            first.kill()
        stand.answering = always(OK)
        async with working(Webhooks(store, PRIVATE, hooks=Hooks(store, LEASE_MS + 1000))):
            await until(lambda: len(stand.heard) == 2)
        assert stand.heard[0].body == stand.heard[1].body


@on_loop
async def test_it_goes_on_after_the_store_was_away(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the store is logged, not the end, and loses nothing."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    async with opened(valkey_url) as (store, _), opened(valkey_url) as (other, _), standing() as stand:
        hook = await hooked(store, stand.url)
        async with working(Webhooks(store, PRIVATE)):
            for number in range(5):
                for link in store._links.values():
                    link.kick()
                await say(other, order(hook.person, f"o{number}"))
            await until(lambda: len(set(stand.ids)) == 5, 10)


@on_loop
async def test_a_receiver_task_that_failed_is_started_again(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One fault of ours in one receiver is logged and stops neither it nor the others."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        real, faults = hooks.lease, [ZeroDivisionError()]

        async def lease(person: str, count: int) -> object:
            if faults:
                raise faults.pop()
            return await real(person, count)

        monkeypatch.setattr(hooks, "lease", lease)
        await say(store, order(hook.person, "o1"))
        with caplog.at_level(logging.ERROR):
            async with working(Webhooks(store, PRIVATE, hooks=hooks)):
                await until(lambda: stand.heard)
        assert "it is started again" in caplog.text


@on_loop
async def test_a_removed_webhook_hears_no_more(valkey_url: str) -> None:
    """And its task ends; one that is set anew begins anew."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, worker = await hooked(store, stand.url), Webhooks(store, PRIVATE)
        async with working(worker):
            await say(store, order(hook.person, "o1"))
            await until(lambda: stand.heard)
            await HookDesk(store).remove(hook.person)
            await say(store, order(hook.person, "o1"))
            await until(lambda: not worker._receivers)
            await HookDesk(store).set(hook.person, stand.url, private=True)
            last = await say(store, order(hook.person, "o1"))
            await until(lambda: len(stand.heard) == 2)
            assert stand.heard[1].told["offset"] == last


@on_loop
async def test_a_city_without_webhooks_is_left_alone(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bell, no delivery; the position follows."""
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    async with opened(valkey_url) as (store, _):
        sent: list[bytes] = []

        async def send(where: Target, headers: Mapping[str, str], body: bytes) -> Answer:
            sent.append(body)
            return Answer(200)

        one = Webhooks(store, PRIVATE, send=send)
        async with working(one):
            last = await say(store, order("resident", "o1"))
            await until(lambda: one._feed.read_to == last)
        assert sent == []
        assert one._bell._connection is None
