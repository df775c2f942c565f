"""Following the lanes: whatever pub/sub loses, the log brings; nothing comes twice or out of order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from hub.bus import RECENT_ENTRIES, Bus, Entry, Moved, parse
from hub.commit import pack, unpack
from hub.contract import LANES, Change, Decision, Fix, Lane
from hub.store import Store
from tests.support.commits import commit
from tests.support.live import on_loop, opened, until
from tests.support.relay import relayed


class Heard:
    """What one bus delivered."""

    def __init__(self, store: Store, lanes: tuple[Lane, ...] = LANES) -> None:
        self.entries: list[Entry] = []
        self.moved: list[Moved] = []
        self.resets: list[str] = []
        self.before: list[Entry] = []
        self.bus = Bus(
            store, lanes, on_entry=self.entries.append, on_moved=self.moved.append, on_reset=self.resets.append
        )

    def commits(self, lane: Lane = "bulk") -> list[int]:
        return [entry.commit for entry in self.entries if entry.lane == lane]


@contextlib.asynccontextmanager
async def following(store: Store, lanes: tuple[Lane, ...] = LANES) -> AsyncIterator[Heard]:
    """A bus that follows, its subscriptions up."""
    heard = Heard(store, lanes)
    heard.before = await heard.bus.open()
    heard.bus.follow()
    try:
        for lane in (*lanes, "moved"):
            channel = store.keys.moved if lane == "moved" else store.keys.bus(lane)
            for _ in range(1000):
                if (await store.many("normal", [["PUBSUB", "NUMSUB", channel]]))[0][1]:
                    break
                await asyncio.sleep(0.005)
        yield heard
    finally:
        await heard.bus.close()


async def say(store: Store, *topics: str, value: int = 1) -> int:
    """Commit a change in each of these topics; its number."""
    result = await commit(store, Decision(changes=tuple(Change(topic, "a", "k", {"v": value}) for topic in topics)))
    return int(result.commit)  # type: ignore[union-attr]


@on_loop
async def test_each_lane_hears_its_changes_once_and_in_order(store_url: str) -> None:
    """One entry per commit and lane, with everything in it."""
    async with opened(store_url) as (store, _), following(store) as heard:
        numbers = [await say(store, "bulk/a", "urgent/a") for _ in range(20)]
        numbers.append(await say(store, "urgent/b"))
        await until(lambda: len(heard.entries) == 41)
        assert heard.commits("bulk") == numbers[:20]
        assert heard.commits("urgent") == numbers
        assert heard.commits("normal") == []
        entry = heard.entries[0]
        (change,) = entry.changes
        assert (change.topic, change.prev, change.id, change.kind) == (f"{entry.lane}/a", 0, "a", "k")
        assert unpack(change.view or b"") == {"v": 1}


@on_loop
async def test_a_help_hub_hears_its_own_lane_only(valkey_url: str) -> None:
    """Other lanes cost it nothing."""
    async with opened(valkey_url) as (store, _), following(store, ("urgent",)) as heard:
        await say(store, "bulk/a", "normal/a")
        number = await say(store, "urgent/a")
        await until(lambda: heard.entries)
        assert [(entry.lane, entry.commit) for entry in heard.entries] == [("urgent", number)]


@on_loop
async def test_what_was_before_the_start_is_there_for_resumes(store_url: str) -> None:
    """`open` gives the newest entries in order; they are not delivered again."""
    async with opened(store_url) as (store, _):
        numbers = [await say(store, "bulk/a") for _ in range(5)]
        async with following(store) as heard:
            assert [entry.commit for entry in heard.before] == numbers
            new = await say(store, "bulk/a")
            await until(lambda: heard.entries)
            assert heard.commits() == [new]
        assert RECENT_ENTRIES >= 500


@on_loop
async def test_fixes_are_carried(store_url: str) -> None:
    """`moved` goes by pub/sub alone, with the topics that hear of it."""
    async with opened(store_url) as (store, _), following(store) as heard:
        await store.put_fix(Fix("lamp", "a", -7.4, 112.4, 5, topics=(("bulk/a", "x"),)), 7)
        await until(lambda: heard.moved)
        moved = heard.moved[0]
        assert (moved.at, moved.topics) == (7, [("bulk/a", "x")])
        assert unpack(moved.fix) == {"lat": -7.4, "lon": 112.4, "accuracy_m": 0.0, "fix_at": 5}


@pytest.mark.parametrize("happens", ["silent", "cut"])
@on_loop
async def test_a_deaf_link_is_noticed_and_repaired(valkey_url: str, happens: str) -> None:
    """One lane's subscriber falls silent without a close, or is cut: within 2 s everything is delivered,
    in order and once, while the other lanes never stopped."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _), following(store) as heard:
        first = await say(store, "bulk/a", "urgent/a")
        await until(lambda: len(heard.entries) == 2)
        (wire,) = relay.following("bus:bulk")
        wire.silent = True
        if happens == "cut":
            wire.cut()
        missed = [await say(store, "bulk/a", "urgent/a") for _ in range(10)]
        await until(lambda: heard.commits("urgent") == [first, *missed], 1)
        await until(lambda: heard.commits("bulk") == [first, *missed], 2)
        later = await say(store, "bulk/a")
        await until(lambda: heard.commits("bulk") == [first, *missed, later], 1)
        await until(lambda: heard.bus.behind_s() == 0.0, 1)
        assert heard.resets == []
        assert heard.bus.reconnects >= 1


@on_loop
async def test_a_lost_publish_is_found_by_the_next(valkey_url: str) -> None:
    """An entry that does not follow the last one delivered is a hole: the log is read, at once."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _), following(store) as heard:
        first = await say(store, "bulk/a")
        await until(lambda: heard.commits() == [first])
        watch = next(task for task in heard.bus._tasks if task.get_name() == "bus watch")
        watch.cancel()  # which would find it too, a second later
        (wire,) = relay.following("bus:bulk")
        wire.deaf = True
        missed = [await say(store, "bulk/a") for _ in range(3)]
        await until(lambda: wire.swallowed == 3)
        wire.deaf = False
        last = await say(store, "bulk/a")
        await until(lambda: heard.commits() == [first, *missed, last])


@on_loop
async def test_a_lost_last_publish_is_found_by_the_head(valkey_url: str) -> None:
    """Nothing follows that would show the hole: the log's head does."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _), following(store) as heard:
        (wire,) = relay.following("bus:urgent")
        wire.silent = True
        last = await say(store, "urgent/a")
        await until(lambda: heard.commits("urgent") == [last], 2)


@pytest.mark.parametrize("left", [2, 0], ids=["entries missing between", "nothing left"])
@on_loop
async def test_a_log_that_no_longer_reaches_back_is_a_new_start(valkey_url: str, left: int) -> None:
    """What cannot be delivered is not skipped: tables must be read anew, and following goes on."""
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _), following(store) as heard:
        (wire,) = relay.following("bus:bulk")
        wire.silent = True
        numbers = [await say(store, "bulk/a") for _ in range(6)]
        await store.many("normal", [["XTRIM", store.keys.log("bulk"), "MAXLEN", left]])
        await until(lambda: heard.resets, 4)
        await until(lambda: heard.bus.behind_s() == 0.0 and heard.bus.last["bulk"] == numbers[-1], 2)
        assert heard.commits() == []
        later = await say(store, "bulk/a")
        await until(lambda: heard.commits() == [later], 2)
        assert heard.bus.well


@on_loop
async def test_a_long_absence_is_read_in_pages(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one page of entries: all of them, once."""
    monkeypatch.setattr("hub.bus.PAGE", 7)
    async with relayed(valkey_url) as relay, opened(relay.url) as (store, _), following(store) as heard:
        (wire,) = relay.following("bus:bulk")
        wire.silent = True
        numbers = [await say(store, "bulk/a") for _ in range(30)]
        await until(lambda: heard.commits() == numbers, 2)


@on_loop
async def test_an_emptied_store_is_a_new_start(valkey_url: str) -> None:
    """FLUSHALL under live hubs: a new epoch within seconds, and everything goes on in it."""
    async with opened(valkey_url) as (store, _), following(store) as heard:
        await say(store, "bulk/a")
        await until(lambda: heard.entries)
        old = heard.bus.epoch
        await store.many("normal", [["FLUSHALL"]])
        await until(lambda: heard.resets and heard.bus.epoch not in ("", old), 5)
        assert heard.bus.epoch == store.epoch
        heard.entries.clear()
        number = await say(store, "bulk/a")
        await until(lambda: heard.commits() == [number], 2)


@on_loop
async def test_a_store_that_is_gone_is_said_and_forgotten(valkey_url: str) -> None:
    """Unwell while nobody can be asked; well again when somebody can, and nothing was missed."""
    async with (
        relayed(valkey_url) as relay,
        opened(relay.url) as (store, _),
        opened(valkey_url) as (other, _),
        following(store) as heard,
    ):
        relay.refuses = True
        for wire in list(relay.wires):
            wire.cut()
        await until(lambda: not heard.bus.well, 4)
        missed = [await say(other, "bulk/a") for _ in range(3)]
        relay.refuses = False
        await until(lambda: heard.bus.well and heard.commits() == missed, 5)
        assert heard.resets == []


def test_an_entry_is_read_as_it_was_written() -> None:
    """The head's numbers, one `prev` per change, nil for a thing that left."""
    blob = pack([("a/1", "x", "k", {"v": 1}), ("a/2", "y", "gone", None)])
    entry = parse("urgent", b"7 e1 5 1700000000000 3,0\n" + blob)
    assert (entry.commit, entry.epoch, entry.lane_prev, entry.at) == (7, "e1", 5, 1_700_000_000_000)
    assert [(c.topic, c.prev, c.id, c.view) for c in entry.changes] == [
        ("a/1", 3, "x", pack({"v": 1})),
        ("a/2", 0, "y", None),
    ]
