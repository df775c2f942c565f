"""Deliveries in the store: queued with the feed's position, leased one per thing, settled once."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from hub import hooks as module
from hub.hook_desk import HookDesk
from hub.hooks import KEEP_DEAD_MS, LEASE_MS, PARALLEL, PARTS, TRY_FOR_MS, Delivery, Hooks, Position
from hub.store import Store
from tests.support.commits import everything
from tests.support.hooks import hooked, item, leased_from, leases, order, put, say, service
from tests.support.live import on_loop, opened


async def left(store: Store, person: str) -> int:
    """How many keys a webhook's deliveries have."""
    names = [store.keys.hook(part, person) for part in PARTS if part != "health"]
    (lines,) = await store.many("normal", [["KEYS", store.keys.hookline(person, "*").replace("{", "\\{")]])
    (count,) = await store.many("normal", [["EXISTS", *names]])
    return int(count) + len(lines)


@on_loop
async def test_what_is_put_and_how_far_the_feed_is_are_one(store_url: str) -> None:
    """A feeder that is not where it thinks puts nothing; the one that is moves the position with its items."""
    async with opened(store_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        assert await hooks.position() is None
        first, second = Position("e", 5), Position("e", 9)
        done = await hooks.put(None, first, [item(hook.person, 5)])
        assert (done.taken, done.position, done.waiting) == (True, first, {hook.person: 1})
        before = await everything(store)
        late = await hooks.put(None, second, [item(hook.person, 6)])
        assert (late.taken, late.position, late.waiting) == (False, first, {})
        assert await everything(store) == before
        assert (await hooks.put(first, second, [])).taken
        assert await hooks.position() == second


@on_loop
async def test_who_has_no_webhook_gets_nothing(store_url: str) -> None:
    """Nor does one that was set after the change, and nothing twice under one id."""
    async with opened(store_url) as (store, _):
        await say(store, order("x", "o0"))
        await say(store, order("x", "o0"))
        hooks, hook = Hooks(store), await hooked(store)
        assert hook.after == 2
        assert await put(hooks, item("nobody", 9), item(hook.person, 2), item(hook.person, 3)) == {hook.person: 1}
        assert await put(hooks, item(hook.person, 3)) == {}
        assert [delivery.id for delivery in await leases(hooks, hook.person)] == ["e.3.0"]


@on_loop
async def test_a_page_of_the_log_knows_webhooks_set_before_its_changes(store_url: str) -> None:
    """Entries after the position, the lane's head, and the webhooks."""
    async with opened(store_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        one, two = await say(store, order(hook.person, "o1")), await say(store, order("other", "o2"))
        page = await hooks.read(0)
        assert ([entry.commit for entry in page.entries], page.head, page.epoch) == ([one, two], two, store.epoch)
        assert page.webhooks == {hook.person: replace(hook, secret="")}
        assert [entry.commit for entry in (await hooks.read(one)).entries] == [two]
        assert [entry.commit for entry in (await hooks.read(0, 1)).entries] == [one]


@on_loop
async def test_a_later_change_of_a_thing_waits_behind_the_earlier(store_url: str) -> None:
    """Of each thing the first is leased; the next when it is done, not before."""
    async with opened(store_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        rows = [item(hook.person, number, thing) for number, thing in enumerate(("a", "b", "a", "c", "a"), 1)]
        assert await put(hooks, *rows) == {hook.person: 5}
        first = await leases(hooks, hook.person)
        assert {(delivery.thing, delivery.id) for delivery in first} == {("a", "e.1.0"), ("b", "e.2.0"), ("c", "e.4.0")}
        assert await leases(hooks, hook.person) == []
        (a,) = [delivery for delivery in first if delivery.thing == "a"]
        assert await hooks.settle(a, "ok") == "ok"
        (again,) = await leases(hooks, hook.person)
        assert (again.thing, again.id, again.attempt) == ("a", "e.3.0", 1)
        for delivery in (*first[1:], first[0], again):
            await hooks.settle(delivery, "ok")
        (last,) = await leases(hooks, hook.person)
        assert last.id == "e.5.0"
        assert await hooks.settle(last, "ok") == "ok"
        assert await left(store, hook.person) == 0


@on_loop
async def test_a_few_are_under_way_at_once_over_all_workers(store_url: str) -> None:
    """Two workers together lease `PARALLEL` of one receiver, and never the same."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _):
        hook = await hooked(one)
        await put(Hooks(one), *(item(hook.person, number, f"t{number}") for number in range(1, 31)))
        ids = []
        for found in await asyncio.gather(*(leases(Hooks(store), hook.person, 3) for store in (one, two) * 5)):
            ids += [delivery.id for delivery in found]
        assert len(ids) == len(set(ids)) == PARALLEL


@on_loop
async def test_a_lease_that_ran_out_is_another_attempt(store_url: str) -> None:
    """Whoever leases it next has the same id and body; the one before is too late to fail it."""
    async with opened(store_url) as (store, _):
        hooks, later, hook = Hooks(store), Hooks(store, LEASE_MS + 1), await hooked(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        (dead,) = await leases(hooks, hook.person)
        found = await leased_from(hooks, hook.person)
        assert found.deliveries == []
        assert found.now < found.next_at <= found.now + LEASE_MS
        (again,) = await leases(later, hook.person)
        assert (again.id, again.body, again.attempt, again.first_at) == (dead.id, dead.body, 2, dead.first_at)
        assert await later.settle(dead, "again", "x", 1) == "late"
        assert await later.settle(again, "ok") == "ok"
        assert await later.settle(dead, "ok") == "gone"
        assert [delivery.id for delivery in await leases(later, hook.person)] == ["e.2.0"]


@on_loop
async def test_one_that_was_delivered_late_is_delivered(store_url: str) -> None:
    """A worker whose lease ran out and that had an answer after all ends it, whoever has it now."""
    async with opened(store_url) as (store, _):
        hooks, later, hook = Hooks(store), Hooks(store, LEASE_MS + 1), await hooked(store)
        await put(hooks, item(hook.person, 1))
        (one,) = await leases(hooks, hook.person)
        (two,) = await leases(later, hook.person)
        assert await later.settle(one, "ok") == "ok"
        assert await later.settle(two, "again", "x", 1) == "gone"
        assert await left(store, hook.person) == 0


async def fails(store: Store, person: str, at_ms: int, wait_ms: int = 1000) -> str:
    """Lease it at a moved clock and fail; what it is then."""
    hooks = Hooks(store, at_ms)
    (delivery,) = await leases(hooks, person)
    return await hooks.settle(delivery, "again", "it answered 500", wait_ms)


@on_loop
async def test_a_failed_one_is_tried_again_for_24_hours(store_url: str) -> None:
    """Not before its wait is over; the last time 24 h after the first; then it is a dead letter and the next goes."""
    async with opened(store_url) as (store, _):
        hook = await hooked(store)
        await put(Hooks(store), item(hook.person, 1), item(hook.person, 2))
        assert await fails(store, hook.person, 0, 60_000) == "again"
        assert await leases(Hooks(store, 50_000), hook.person) == []
        assert await fails(store, hook.person, 61_000, 3_600_000) == "again"
        hour = 3_600_000
        assert await fails(store, hook.person, 23 * hour + 1, 3 * hour) == "again"
        assert await leases(Hooks(store, 23 * hour + 2), hook.person) == []
        assert await fails(store, hook.person, TRY_FOR_MS + 1000) == "dead"
        (letter,) = await HookDesk(store).letters(hook.person)
        assert (letter.id, letter.kind, letter.thing, letter.attempts) == ("e.1.0", "order.placed", "o1", 4)
        assert (letter.error, letter.at) == ("it answered 500", 5)
        assert [delivery.id for delivery in await leases(Hooks(store, TRY_FOR_MS + 1000), hook.person)] == ["e.2.0"]


@on_loop
async def test_one_that_is_given_up_at_once_frees_its_thing(store_url: str) -> None:
    """`dead` asks for no more tries."""
    async with opened(store_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        (one,) = await leases(hooks, hook.person)
        assert await hooks.settle(one, "dead", "it answered 410") == "dead"
        assert [delivery.id for delivery in await leases(hooks, hook.person)] == ["e.2.0"]


@on_loop
async def test_a_backlog_is_bounded(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its room the oldest become dead letters, never one that is under way; each thing keeps its order."""
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    async with opened(store_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        things = ("a", "a", "b", "a", "c", "b", "c", "a")
        await put(hooks, *(item(hook.person, number, thing) for number, thing in enumerate(things[:3], 1)))
        under_way = await leases(hooks, hook.person)
        assert {delivery.id for delivery in under_way} == {"e.1.0", "e.3.0"}
        later = [item(hook.person, number, thing) for number, thing in enumerate(things[3:], 4)]
        assert await put(hooks, *later) == {hook.person: 8}
        assert await hooks.spill(hook.person) == 3
        assert await hooks.spill(hook.person) == 0
        letters = await HookDesk(store).letters(hook.person)
        assert [letter.id for letter in letters] == ["e.2.0", "e.4.0", "e.5.0"]
        assert {(letter.attempts, letter.error) for letter in letters} == {(0, "more than 5 waited")}
        order_of = []
        while under_way:
            for delivery in sorted(under_way, key=lambda one: one.id):
                order_of.append(delivery.id)
                assert await hooks.settle(delivery, "ok") == "ok"
            under_way = await leases(hooks, hook.person)
        assert order_of == ["e.1.0", "e.3.0", "e.6.0", "e.7.0", "e.8.0"]


@on_loop
async def test_dead_letters_are_bounded_and_end_after_30_days(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest of too many are forgotten, and all after 30 days."""
    monkeypatch.setattr(module, "MAX_DEAD", 3)
    async with opened(store_url) as (store, _):
        hook = await hooked(store)
        await put(Hooks(store), *(item(hook.person, number, f"t{number}") for number in range(1, 6)))
        for number in range(5):
            hooks = Hooks(store, number)
            (one,) = await leases(hooks, hook.person, 1)
            assert await hooks.settle(one, "dead", "x") == "dead"
        letters = await HookDesk(store).letters(hook.person)
        assert len(letters) == 3
        assert await Hooks(store, KEEP_DEAD_MS - 60_000).sweep(hook.person) == 0
        assert await Hooks(store, KEEP_DEAD_MS + 60_000).sweep(hook.person) == 3
        assert await HookDesk(store).letters(hook.person) == []
        assert await left(store, hook.person) == 0


@on_loop
async def test_a_line_whose_item_is_missing_holds_nobody_up(valkey_url: str) -> None:
    """It cannot be; if it is, the next of the thing goes."""
    async with opened(valkey_url) as (store, _):
        hooks, hook = Hooks(store), await hooked(store)
        await put(hooks, item(hook.person, 1), item(hook.person, 2))
        await store.many("normal", [["HDEL", store.keys.hook("item", hook.person), "e.1.0"]])
        assert [delivery.id for delivery in await leases(hooks, hook.person)] == ["e.2.0"]


@on_loop
async def test_what_is_unknown_is_gone(valkey_url: str) -> None:
    """No webhook, no lease; no delivery, nothing to settle, and nothing is written for it."""
    async with opened(valkey_url) as (store, _):
        hooks, person = Hooks(store), await service(store)
        assert await hooks.lease(person, 8) is None
        before = await everything(store)
        assert await hooks.settle(Delivery(person, "a", "e.1.0", b"", 1, 0), "ok") == "gone"
        assert await hooks.spill(person) == 0
        assert await everything(store) == before
