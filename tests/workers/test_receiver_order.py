"""Order and crowds at one receiver: per thing one after the other, different things side by side, within bounds."""

from __future__ import annotations

import asyncio

from hub.hooks import PARALLEL, Hooks
from tests.support.hooks import hooked, item, put
from tests.support.live import on_loop, opened, until
from tests.support.receivers import FAULT, Heard, always, post, standing, tries
from workers.receiver import Receiver


@on_loop
async def test_changes_of_a_thing_arrive_in_order(store_url: str) -> None:
    """Five things, many changes each, now and then a fault: the second of a thing never before the first was taken."""
    async with opened(store_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        rows = [item(hook.person, number, f"t{number % 5}", b'{"n":%d}' % number) for number in range(1, 41)]
        await put(hooks, *rows)
        taken: list[int] = []
        counts: dict[str, int] = {}

        def sometimes(heard: Heard) -> bytes:
            counts[heard.id] = counts.get(heard.id, 0) + 1
            if heard.told["n"] % 7 == 0 and counts[heard.id] == 1:
                return FAULT
            taken.append(heard.told["n"])
            return b"HTTP/1.1 200 OK\r\n\r\n"

        stand.answering = sometimes
        receiver = Receiver(hooks, hook.person, post())
        while len(taken) < 40:
            await tries(receiver)
            hooks.ahead_ms += 3000
        assert sorted(taken) == list(range(1, 41))
        for thing in range(5):
            mine = [number for number in taken if number % 5 == thing]
            assert mine == sorted(mine)


@on_loop
async def test_a_few_go_side_by_side_and_one_while_it_fails(valkey_url: str) -> None:
    """A backlog is worked off `PARALLEL` at a time; a receiver that fails is asked one by one until it works."""
    async with opened(valkey_url) as (store, _), standing() as stand:
        hook, hooks = await hooked(store, stand.url), Hooks(store)
        await put(hooks, *(item(hook.person, number, f"t{number}") for number in range(1, 101)))
        stand.gate.clear()
        receiver = Receiver(hooks, hook.person, post())
        work = asyncio.create_task(receiver.run())
        await until(lambda: len(stand.under_way) == PARALLEL)
        stand.answering = always(FAULT)
        stand.gate.set()
        await until(lambda: len(stand.heard) > 20)
        stand.most = len(stand.under_way)
        before = len(stand.heard)
        await until(lambda: len(stand.heard) > before + 10)
        assert stand.most <= 1

        def recovered(heard: Heard) -> bytes:
            if stand.under_way == [heard]:
                stand.gate.clear()  # whoever comes after it is held, and counted
            return b"HTTP/1.1 200 OK\r\n\r\n"

        stand.answering = recovered
        hooks.ahead_ms = 10_000
        await until(lambda: len(stand.under_way) == PARALLEL)
        assert stand.most == PARALLEL
        stand.answering = always(b"HTTP/1.1 200 OK\r\n\r\n")
        stand.gate.set()
        await until(lambda: len(set(stand.ids)) == 100)
        work.cancel()
        await asyncio.wait([work])


@on_loop
async def test_two_workers_never_deliver_the_same_at_once(store_url: str) -> None:
    """Each delivery once, together at most `PARALLEL` at a time."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _), standing() as stand:
        hook = await hooked(one, stand.url)
        await put(Hooks(one), *(item(hook.person, number, f"t{number % 20}") for number in range(1, 121)))
        work = [asyncio.create_task(Receiver(Hooks(store), hook.person, post()).run()) for store in (one, two)]
        await until(lambda: len(stand.heard) >= 120, 20)
        for task in work:
            task.cancel()
        await asyncio.wait(work)
        assert len(stand.ids) == len(set(stand.ids)) == 120
        assert stand.most <= PARALLEL
        seen: dict[str, list[int]] = {}
        for id_ in stand.ids:
            number = int(id_.split(".")[1])
            seen.setdefault(f"t{number % 20}", []).append(number)
        assert all(numbers == sorted(numbers) for numbers in seen.values())
