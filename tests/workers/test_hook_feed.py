"""From the log to deliveries: which changes, in which words, once, and what is said when the log is not whole."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.backup import Plan, backed_up
from hub.backup_file import Backup
from hub.contract import Change
from hub.hook_desk import HookDesk
from hub.hooks import Hooks, Position
from hub.person_keys import Kept, Plain
from hub.restoring import Held, Restoring
from hub.store import Store
from hub.tracking import Line
from tests.support.backups import CITY, key_in
from tests.support.commits import everything
from tests.support.hooks import URL, hooked, order, retired, say, service, view
from tests.support.live import on_loop, opened
from workers import hook_feed as module
from workers.hook_feed import Feed


async def feeds(feed: Feed) -> int:
    """Steps until there is no more; how many deliveries were put for how many."""
    put = 0
    while True:
        fed = await feed.step()
        put += len(fed.waiting)
        if not fed.more:
            return put


async def told(store: Store, person: str) -> list[dict[str, Any]]:
    """What waits for a webhook, the oldest first."""
    (flat,) = await store.many("normal", [["HGETALL", store.keys.hook("item", person)]])
    bodies = [json.loads(msgspec.msgpack.decode(blob)[1]) for blob in flat[1::2]]
    return sorted(bodies, key=lambda body: (body["offset"], body["id"]))


@on_loop
async def test_orders_and_wants_of_a_service_are_told(store_url: str) -> None:
    """Every change of them and their end, whole; nothing else of its topic, and nobody else's."""
    async with opened(store_url) as (store, _):
        hook, other = await hooked(store), await service(store)
        feed, mine = Feed(Hooks(store)), f"person/{hook.person}"
        first = await say(store, order(hook.person, "o1", note="Jalan Majapahit é"), order(other, "o2"))
        await say(store, Change(mine, "r1", "reminder.set", view("reminder", "r1")), order("resident", "o3"))
        await say(store, Change(f"shop/{hook.person}", "o1", "order.placed", view("order", "o1")))
        await say(store, retired(hook.person, "r1", "reminder.dismissed"))
        want = await say(store, Change(mine, "w1", "want.posted", view("want", "w1")), order(hook.person, "o4"))
        last = await say(store, retired(hook.person, "o1"), retired(hook.person, "w1", "want.retired"))
        assert await feeds(feed) == 1
        bodies = await told(store, hook.person)
        assert [(body["offset"], body["thing"], body["kind"]) for body in bodies] == [
            (first, "o1", "order.placed"), (want, "w1", "want.posted"), (want, "o4", "order.placed"),
            (last, "o1", "order.retired"), (last, "w1", "want.retired"),
        ]  # fmt: skip
        assert set(bodies[0]) == {"id", "at", "offset", "kind", "topic", "thing", "view"}
        assert bodies[0]["id"] == f"{store.epoch}.{first}.0"
        assert bodies[0]["topic"] == mine
        assert bodies[0]["view"] == view("order", "o1", note="Jalan Majapahit é")
        assert abs(bodies[0]["at"] - store.now()) < 60_000
        assert bodies[3]["view"] is None
        assert len({body["id"] for body in bodies}) == 5
        assert await told(store, other) == []


@on_loop
async def test_each_change_is_put_once(store_url: str) -> None:
    """By whichever worker; one that starts again goes on where the store says."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _):
        hook = await hooked(one)
        feeders = [Feed(Hooks(one)), Feed(Hooks(two))]
        commits = []
        for number in range(12):
            commits.append(await say(one, order(hook.person, f"o{number % 3}")))
            if number % 4 == 3:
                await asyncio.gather(*(feeds(feed) for feed in feeders))
                feeders[number % 2] = Feed(Hooks(one))
        await asyncio.gather(*(feeds(feed) for feed in feeders))
        assert [body["offset"] for body in await told(one, hook.person)] == commits
        waiting = await one.many("normal", [["ZCARD", one.keys.hook("age", hook.person)]])
        assert waiting == [12]


@on_loop
async def test_what_was_read_is_put_with_the_position_or_not_at_all(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feeder that ends before its script has put nothing; after it, everything."""
    async with opened(valkey_url) as (store, _):
        hook = await hooked(store)
        commit = await say(store, order(hook.person, "o1"))
        hooks = Hooks(store)

        async def dies(*_: object) -> None:
            raise asyncio.CancelledError

        monkeypatch.setattr(hooks, "put", dies)
        before = await everything(store)
        with pytest.raises(asyncio.CancelledError):
            await Feed(hooks).step()
        assert await everything(store) == before
        await feeds(Feed(Hooks(store)))
        assert await Hooks(store).position() == Position(store.epoch, commit)
        assert len(await told(store, hook.person)) == 1


@on_loop
async def test_where_nobody_listens_the_position_moves_all_the_same(valkey_url: str) -> None:
    """In one step, without reading the log; a webhook set later hears what comes later."""
    async with opened(valkey_url) as (store, _):
        person, feed = await service(store), Feed(Hooks(store))
        for _ in range(250):
            await say(store, order(person, "o1"))
        await feeds(feed)
        assert await Hooks(store).position() == Position(store.epoch, 250)
        await HookDesk(store).set(person, URL, private=True)
        assert await feeds(feed) == 0
        commits = [await say(store, order(person, "o1")) for _ in range(150)]
        await feeds(feed)
        assert [body["offset"] for body in await told(store, person)] == commits


@on_loop
async def test_a_webhook_set_before_the_first_worker_misses_nothing(valkey_url: str) -> None:
    """What was said before it was set is not told, what was said since is."""
    async with opened(valkey_url) as (store, _):
        person = await service(store)
        await say(store, order(person, "o1"))
        await HookDesk(store).set(person, URL, private=True)
        commit = await say(store, order(person, "o1"))
        await feeds(Feed(Hooks(store)))
        assert [body["offset"] for body in await told(store, person)] == [commit]


@on_loop
async def test_the_position_is_written_now_and_then(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes that are nobody's business cost no write each."""
    async with opened(valkey_url) as (store, _):
        await hooked(store)
        feed, hooks = Feed(Hooks(store)), Hooks(store)
        await say(store, order("resident", "o1"))
        await feeds(feed)
        first = await hooks.position()
        await say(store, order("resident", "o1"))
        await feeds(feed)
        assert feed.read_to == 2
        assert await hooks.position() == first
        monkeypatch.setattr(module, "LAZY_S", -1.0)
        await feeds(feed)
        assert await hooks.position() == Position(store.epoch, 2)


@on_loop
async def test_a_trimmed_log_is_said_loudly(valkey_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """What is gone is named; what is there is delivered."""
    async with opened(valkey_url) as (store, _):
        hook, feed = await hooked(store), Feed(Hooks(store))
        await say(store, order(hook.person, "o1"))
        await feeds(feed)
        commits = [await say(store, order(hook.person, "o1")) for _ in range(4)]
        await store.many("normal", [["XTRIM", store.keys.log("normal"), "MINID", f"{commits[2]}-0"]])
        with caplog.at_level(logging.ERROR):
            await feeds(feed)
        assert "commits after 1 up to 3 were never delivered" in caplog.text
        assert [body["offset"] for body in await told(store, hook.person)] == [1, 4, 5]
        caplog.clear()
        await say(store, order(hook.person, "o1"))
        await store.many("normal", [["XTRIM", store.keys.log("normal"), "MAXLEN", 0]])
        await feeds(feed)
        assert "commits after 5 up to 6 were never delivered" in caplog.text
        caplog.clear()
        commit = await say(store, order(hook.person, "o1"))
        await feeds(feed)
        assert (await told(store, hook.person))[-1]["offset"] == commit
        assert caplog.text == ""


@on_loop
async def test_a_new_epoch_is_said_loudly_and_nothing_after_it_is_lost(
    valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The position lies in the same data as the log: it is good in the new epoch too, and ids name their epoch."""
    async with opened(valkey_url) as (store, _):
        hook, feed = await hooked(store), Feed(Hooks(store))
        await say(store, order(hook.person, "o1"))
        await feeds(feed)
        old, new = store.epoch, "feedfeedfeedfeed"
        await say(store, order(hook.person, "o1"))
        await store.many("normal", [["HSET", store.keys.head, "epoch", new]])
        store.epoch = new
        await say(store, order(hook.person, "o1"))
        with caplog.at_level(logging.ERROR):
            await feeds(feed)
            await feeds(feed)
        assert caplog.text.count("a new epoch") == 1
        assert f"({new}, was {old})" in caplog.text
        assert [body["id"] for body in await told(store, hook.person)] == [f"{old}.1.0", f"{old}.2.0", f"{new}.3.0"]
        assert await Hooks(store).position() == Position(new, 3)


@on_loop
async def test_a_position_that_is_ahead_of_the_log_starts_anew(
    valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Said loudly; what comes is delivered."""
    async with opened(valkey_url) as (store, _):
        hook, feed = await hooked(store), Feed(Hooks(store))
        await say(store, order(hook.person, "o1"))
        await store.many("normal", [["HSET", store.keys.hookfeed, "epoch", store.epoch, "commit", 900]])
        with caplog.at_level(logging.ERROR):
            await feeds(feed)
        assert "the log ends at commit 1, before our position 900" in caplog.text
        commit = await say(store, order(hook.person, "o1"))
        await feeds(feed)
        assert [body["offset"] for body in await told(store, hook.person)] == [commit]


@on_loop
async def test_a_store_that_was_emptied_starts_anew(valkey_url: str) -> None:
    """Its webhooks went with it; new ones are told what comes."""
    async with opened(valkey_url) as (store, _):
        hook, feed = await hooked(store), Feed(Hooks(store))
        await say(store, order(hook.person, "o1"))
        await feeds(feed)
        await store.many("normal", [["FLUSHALL"]])
        store.adopt_again()
        await store.open()
        fresh = await hooked(store)
        commit = await say(store, order(fresh.person, "o1"))
        await feeds(feed)
        assert [body["offset"] for body in await told(store, fresh.person)] == [commit]


def restored(url: str, made: Path, tmp_path: Path) -> None:
    with Line(url) as line:
        found = Restoring(line, Backup.open(made), key=key_in(tmp_path), sealer=Plain(), kept=Kept())
        found.run(Held("", ""), 0)


@on_loop
async def test_what_was_not_told_at_a_restores_cut_is_told_as_it_stands(
    valkey_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each thing that changed last in the gap, once, at its own offset; not what was told, nor what has ended."""
    async with opened(valkey_url) as (store, _):
        hook, feed = await hooked(store), Feed(Hooks(store))

        async def changes(id_: str, kind: str, type_: str = "order") -> int:
            number = await say(store, Change(f"person/{hook.person}", id_, kind, view(type_, id_, note=kind)))
            await store.many("normal", [["HSET", store.keys.thing(type_, id_), "v", number]])
            return number

        await changes("told", "order.placed")
        await feeds(feed)
        await changes("ended", "order.placed")
        await say(store, retired(hook.person, "ended"))
        want = await changes("w1", "want.posted", "want")
        await changes("o1", "order.placed")
        order_ = await changes("o1", "order.accepted")
        plan = Plan(url=valkey_url, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key")
        made = Path((await asyncio.to_thread(backed_up, plan, io.StringIO())).file)
        await store.many("normal", [["FLUSHALL"]])
    await asyncio.to_thread(restored, valkey_url, made, tmp_path)
    async with opened(valkey_url) as (store, _):
        feed = Feed(Hooks(store))
        with caplog.at_level(logging.ERROR):
            await feeds(feed)
        assert "2 orders and wants of them that still stand are delivered as they stand now" in caplog.text
        last = await say(store, order(hook.person, "o1", "order.fulfilled"))
        await feeds(feed)
        bodies = await told(store, hook.person)
        assert [(body["offset"], body["kind"], body["thing"]) for body in bodies[1:]] == [
            (want, "want.resent", "w1"), (order_, "order.resent", "o1"), (last, "order.fulfilled", "o1"),
        ]  # fmt: skip
        assert bodies[2]["view"]["note"] == "order.accepted"
        assert bodies[2]["id"] == f"{store.epoch}.{order_}.o1"
        assert await feeds(Feed(Hooks(store))) == 0
