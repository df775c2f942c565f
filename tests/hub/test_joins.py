"""Joining a topic: a whole table or what was missed, from memory or from the store, and never a gap."""

from __future__ import annotations

import asyncio

import pytest

from hub import wire
from hub.commit import pack
from hub.errors import StoreUnavailable
from hub.fanout import state_frames
from hub.pump import LiveTopic
from hub.recovery import Table
from hub.store import Snapshot
from hub.wire import Since
from tests.support.live import on_loop
from tests.support.members import Member, World, entry


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
