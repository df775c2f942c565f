"""Topic -> sockets: each change encoded once, urgent at once, and a slow socket's table still true."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from hub import wire
from hub.bus import BusChange, Entry, Moved
from hub.commit import pack
from hub.contract import Lane
from hub.errors import StoreUnavailable
from hub.fanout import Fanout, LiveTopic, state_frames
from hub.outbox import Limits, Outbox
from hub.recovery import Table
from hub.store import Snapshot
from hub.wire import Since
from tests.support.live import on_loop, until

Frame = dict[str, Any]


class Member:
    """A socket as the fan-out sees it: `read` is what its client has read."""

    def __init__(self, fmt: wire.Format = "msgpack", limits: Limits | None = None) -> None:
        self.fmt: wire.Format = fmt
        self.outbox = Outbox(limits) if limits else Outbox()
        self.topics: dict[str, LiveTopic] = {}
        self.flushes = 0
        self.overflowed = 0

    def flush_soon(self) -> None:
        self.flushes += 1

    def flush(self) -> None:
        self.flushes += 1

    def overflow(self) -> None:
        self.overflowed += 1

    def reads(self, fanout: Fanout | None = None) -> list[Frame]:
        """All frames that wait, decoded; with a fan-out, folds are made as a connection makes them."""
        frames = []
        while True:
            data = self.outbox.take()
            more = bool(data)
            while data:
                size, start = data[1], 2
                if size == 126:
                    size, start = int.from_bytes(data[2:4], "big"), 4
                elif size == 127:
                    size, start = int.from_bytes(data[2:10], "big"), 10
                frames.append(wire.decode(data[start : start + size], self.fmt))
                data = data[start + size :]
            if more:
                continue
            behind = self.outbox.take_behind() if fanout is not None else None
            if behind is None or fanout is None:
                return frames
            topic = self.topics[behind[0]]
            self.outbox.push(topic.number, fanout.folded(topic, behind[1], self.fmt))


class World:
    """A fan-out over tables that the test writes."""

    def __init__(self) -> None:
        self.tables: dict[str, Snapshot] = {}
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Exception | None = None
        self.delivered: list[str] = []
        self.fanout = Fanout(self.read, lambda topic, change: self.delivered.append(change.id))
        self.fanout.reset("e1")

    async def read(self, lane: Lane, name: str) -> Snapshot:
        self.reads += 1
        snapshot = self.tables.get(name, Snapshot("e1", 0, {}, {}))
        await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        return snapshot

    async def joined(self, name: str, lane: Lane, member: Member | None = None, since: Since | None = None) -> Member:
        member = member or Member()
        await self.fanout.join(member, 1, name, lane, since)
        return member


def entry(lane: Lane, commit: int, prev: int, topic: str, **views: Any) -> Entry:
    changes = [
        BusChange(topic, prev, id_, "k", None if view is None else pack({"v": view})) for id_, view in views.items()
    ]
    return Entry(lane, commit, "e1", 0, commit, changes)


@on_loop
async def test_urgent_goes_out_in_the_turn_it_arrives_in() -> None:
    """No wait, no task between the bus and the outbox."""
    world = World()
    member = await world.joined("help/ani", "urgent")
    member.reads()
    world.fanout.receive_entry(entry("urgent", 5, 0, "help/ani", r1=1, r2=2))
    frames = member.reads()
    assert [(f["t"], f["id"], f.get("more", False)) for f in frames] == [
        ("change", "r1", True),
        ("change", "r2", False),
    ]
    assert world.delivered == ["r1", "r2"]
    assert member.flushes


@on_loop
async def test_a_broadcast_is_encoded_once_per_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred sockets, two formats: two encodings, the same bytes for all of a format."""
    world = World()
    members = [await world.joined("help/ani", "urgent", Member("json" if n % 2 else "msgpack")) for n in range(100)]
    for member in members:
        member.reads()
    world.fanout.receive_entry(entry("urgent", 5, 0, "help/ani", r1=1))
    for fmt in ("msgpack", "json"):
        assert len({id(m.outbox.take()) for m in members if m.fmt == fmt}) == 1


@on_loop
async def test_what_arrives_in_one_turn_is_sent_together_and_normal_first() -> None:
    """Bulk and normal wait for the end of the turn; a normal topic goes before a bulk one."""
    world, order = World(), []
    bulk, normal = await world.joined("vans", "bulk"), await world.joined("roster", "normal")
    for name, member in (("bulk", bulk), ("normal", normal)):
        member.reads()
        member.flush = lambda name=name: order.append(name)  # type: ignore[method-assign,misc]
    for number in range(1, 4):
        world.fanout.receive_entry(entry("bulk", number, number - 1, "vans", v1=number))
        world.fanout.receive_entry(entry("normal", number, number - 1, "roster", m1=number))
    assert bulk.outbox.empty
    assert normal.outbox.empty
    await until(lambda: len(order) == 2)
    assert order == ["normal", "bulk"]
    assert [f["offset"] for f in bulk.reads()] == [1, 2, 3]


@on_loop
async def test_a_table_is_read_once_however_many_wait() -> None:
    """Joins while it is read wait for the same answer; later ones need no store."""
    world = World()
    world.tables["vans"] = Snapshot("e1", 7, {"v1": pack({"v": 1})}, {"v1": pack({"fix_at": 3})})
    world.gate.clear()
    members = [Member() for _ in range(10)]
    joins = [asyncio.create_task(world.joined("vans", "bulk", member)) for member in members]
    await asyncio.sleep(0)
    world.gate.set()
    await asyncio.gather(*joins)
    assert world.reads == 1
    late = Member()
    assert world.fanout.joined_at_once(late, "r", "vans", None)
    (frame,) = late.reads()
    assert frame == {
        "t": "state", "ref": "r", "topic": "vans", "epoch": "e1", "offset": 7, "things": {"v1": {"v": 1}},
        "fixes": {"v1": {"fix_at": 3}}, "part": 0, "last": True,
    }  # fmt: skip
    assert all(member.reads() == [{**frame, "ref": 1}] for member in members)


@on_loop
async def test_what_the_bus_brings_while_the_table_is_read_is_in_it() -> None:
    """The bus may be ahead of the table that was read: nothing is lost between them."""
    world = World()
    world.fanout.remember(entry("bulk", 3, 0, "vans", v1=3))
    world.tables["vans"] = Snapshot("e1", 3, {"v1": pack({"v": 3})}, {})
    world.gate.clear()
    join = asyncio.create_task(world.joined("vans", "bulk"))
    await asyncio.sleep(0)
    world.fanout.receive_entry(entry("bulk", 5, 3, "vans", v1=5, v2=5))
    world.gate.set()
    (frame,) = (await join).reads()
    assert (frame["offset"], frame["things"]) == (5, {"v1": {"v": 5}, "v2": {"v": 5}})


@on_loop
async def test_what_the_table_has_already_is_not_sent_again() -> None:
    """The table may be ahead of the bus: its late entries are no news."""
    world = World()
    world.tables["vans"] = Snapshot("e1", 5, {"v1": pack({"v": 5})}, {})
    member = await world.joined("vans", "bulk")
    member.reads()
    world.fanout.receive_entry(entry("bulk", 5, 3, "vans", v1=5))
    await asyncio.sleep(0)
    assert member.reads() == []


@on_loop
async def test_a_resume_brings_what_was_missed() -> None:
    """From memory, without the store: exactly the changes after `since`."""
    world = World()
    for commit, prev in ((3, 0), (5, 3), (8, 5)):
        world.fanout.remember(entry("urgent", commit, prev, "help/ani", r1=commit))
    world.tables["help/ani"] = Snapshot("e1", 8, {"r1": pack({"v": 8})}, {})
    for since, offsets in ((3, [5, 8]), (8, []), (6, [8])):
        member = await world.joined("help/ani", "urgent", since=Since("e1", since))
        (frame,) = member.reads()
        assert (frame["t"], frame["offset"]) == ("resumed", 8)
        assert [change["offset"] for change in frame["changes"]] == offsets


@pytest.mark.parametrize("since", [Since("e0", 5), Since("e1", 1), Since("e1", 99)], ids=["epoch", "too old", "ahead"])
@on_loop
async def test_what_cannot_be_resumed_is_given_whole(since: Since) -> None:
    """Another epoch, a position too far back, or one ahead of this hub: the whole table."""
    world = World()
    world.fanout.remember(entry("urgent", 5, 3, "help/ani", r1=5))
    world.tables["help/ani"] = Snapshot("e1", 5, {"r1": pack({"v": 5})}, {})
    (frame,) = (await world.joined("help/ani", "urgent", since=since)).reads()
    assert (frame["t"], frame["offset"]) == ("state", 5)


@on_loop
async def test_a_resume_never_skips_what_the_bus_has_yet_to_bring() -> None:
    """The table is ahead of a lagging bus: a client that resumes from between gets the whole table,
    for the late entries will not be sent again."""
    world = World()
    world.fanout.remember(entry("urgent", 10, 8, "help/ani", r1=10))
    world.tables["help/ani"] = Snapshot("e1", 12, {"r1": pack({"v": 12})}, {})
    for since in (8, 10):
        (frame,) = (await world.joined("help/ani", "urgent", since=Since("e1", since))).reads()
        assert frame["t"] == "state"
        assert frame["things"] == {"r1": {"v": 12}}


@on_loop
async def test_a_table_larger_than_the_limit_can_be_joined() -> None:
    """A dispatcher in a crisis gets the whole board, in parts of at most 16 KB, and the changes after it."""
    world = World()
    things = {f"r{n}": pack({"v": "x" * 3000}) for n in range(300)}
    world.tables["dispatch"] = Snapshot("e1", 9, things, {})
    member = await world.joined("dispatch", "urgent")
    world.fanout.receive_entry(entry("urgent", 10, 9, "dispatch", r1=10))
    assert member.overflowed == 0
    table = Table()
    for frame in member.reads():
        assert len(wire.encode(frame, "msgpack")) <= wire.PART_BYTES
        table.receive(frame)
    assert table.offset == 10
    assert len(table.things) == 300


@pytest.mark.parametrize("fmt", ["msgpack", "json"])
def test_an_empty_table_is_one_part(fmt: wire.Format) -> None:
    """Nothing there is an answer as well."""
    topic = LiveTopic("vans", "bulk")
    topic.offset = 0
    assert len(state_frames(topic, 1, "e1", fmt)) == 1


@on_loop
async def test_a_table_that_cannot_be_read_is_not_joined() -> None:
    """All who wait hear it, nothing stays behind, and the next join reads again."""
    world = World()
    world.gate.clear()
    world.fails = StoreUnavailable("gone")
    joins = [asyncio.create_task(world.joined("vans", "bulk")) for _ in range(3)]
    await asyncio.sleep(0)
    world.gate.set()
    results = await asyncio.gather(*joins, return_exceptions=True)
    assert all(isinstance(result, StoreUnavailable) for result in results)
    assert world.fanout.topics == {}
    world.fails = None
    assert (await world.joined("vans", "bulk")).reads()


@on_loop
async def test_a_topic_that_nobody_follows_is_forgotten() -> None:
    """The last one to leave takes the table along."""
    world = World()
    one, two = await world.joined("vans", "bulk"), await world.joined("vans", "bulk")
    assert world.fanout.leave(one, "vans")
    assert not world.fanout.leave(one, "vans")
    assert "vans" in world.fanout.topics
    world.fanout.leave(two, "vans")
    assert world.fanout.topics == {}
    assert one.topics == two.topics == {}


@on_loop
async def test_a_new_epoch_while_a_table_is_read_reads_again() -> None:
    """A table read before a reset is of no use after it."""
    world = World()
    world.gate.clear()
    join = asyncio.create_task(world.joined("vans", "bulk"))
    await asyncio.sleep(0)
    world.fanout.reset("e2")
    world.tables["vans"] = Snapshot("e2", 1, {"v9": pack({"v": 9})}, {})
    world.gate.set()
    (frame,) = (await join).reads()
    assert (frame["epoch"], frame["things"]) == ("e2", {"v9": {"v": 9}})


@on_loop
async def test_fixes_are_sent_to_who_can_take_them() -> None:
    """`moved` goes to things in the table, in the bulk lane, and a slow socket misses it."""
    world = World()
    world.tables["help/ani"] = Snapshot("e1", 1, {"r1": pack({"v": 1})}, {})
    quick, slow = await world.joined("help/ani", "urgent"), await world.joined("help/ani", "urgent")
    for member in (quick, slow):
        member.reads()
    slow.outbox.push(2, b"x" * 20_000)
    world.fanout.receive_moved(Moved(9, pack({"fix_at": 8}), [("help/ani", "r1"), ("help/ani", "r2"), ("none", "r1")]))
    assert quick.reads() == [{"t": "moved", "topic": "help/ani", "id": "r1", "fix": {"fix_at": 8}, "at": 9}]
    assert slow.outbox.waiting == 20_000
    (frame,) = (await world.joined("help/ani", "urgent")).reads()
    assert frame["fixes"] == {"r1": {"fix_at": 8}}


@on_loop
async def test_an_urgent_overflow_closes_and_the_others_hear() -> None:
    """Urgent is never folded: who cannot take it is closed, nobody else notices."""
    world = World()
    slow = await world.joined("help/ani", "urgent", Member(limits=Limits(1000, 500)))
    quick = await world.joined("help/ani", "urgent")
    for member in (slow, quick):
        member.reads()
    world.fanout.receive_entry(entry("urgent", 1, 0, "help/ani", r1="x" * 600))
    assert (slow.overflowed, quick.overflowed) == (1, 0)
    assert quick.reads()


@on_loop
async def test_a_fault_over_one_topic_leaves_the_others_alone(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and what comes next is sent on."""
    world = World()
    member = await world.joined("vans", "bulk")
    member.reads()

    def faulty(topic: LiveTopic, change: BusChange) -> None:
        if change.id == "bad":
            raise KeyError("state")

    world.fanout._delivered = faulty
    world.fanout.receive_entry(entry("bulk", 1, 0, "vans", bad=1))
    await until(lambda: world.fanout._pump is None)
    assert "vans could not be sent on" in caplog.text
    world.fanout.receive_entry(entry("bulk", 2, 1, "vans", v1=1))
    await until(lambda: world.fanout._pump is None)
    assert member.reads()[-1]["offset"] == 2


@pytest.mark.parametrize("lane", ["normal", "bulk"])
@pytest.mark.parametrize("seed", range(5))
@on_loop
async def test_a_slow_sockets_table_is_late_and_never_a_lie(lane: Lane, seed: int) -> None:
    """Any pace of reading: the client's table is the topic's at its offset, and in the end the same."""
    world, chance = World(), random.Random(seed)
    slow = await world.joined("a/1", lane, Member("json" if seed % 2 else "msgpack", Limits(400, 10_000)))
    table, offset = Table(), 0
    truth: dict[int, dict[str, Any]] = {0: {}}
    kinds: set[str] = set()
    for _ in range(150):
        prev, offset = offset, offset + chance.randint(1, 3)
        views = {chance.choice("abcdef"): chance.choice([None, "x" * chance.randint(1, 90)]) for _ in range(2)}
        world.fanout.receive_entry(entry(lane, offset, prev, "a/1", **views))
        now = {**truth[prev], **{id_: {"v": view} for id_, view in views.items()}}
        truth[offset] = {id_: view for id_, view in now.items() if view["v"] is not None}
        if chance.random() < 0.7:
            await until(lambda: world.fanout._pump is None)
        if chance.random() < 0.15:
            for frame in slow.reads(world.fanout):
                kinds.add(frame["t"])
                assert table.receive(frame) != "hole"
                assert frame.get("more") or table.things == truth[table.offset]
    await until(lambda: world.fanout._pump is None)
    for frame in slow.reads(world.fanout):
        assert table.receive(frame) != "hole"
    assert table.offset == offset
    assert table.things == truth[offset]
    assert kinds == {"state", "change", "folded"}
    assert slow.overflowed == 0
