"""Topic -> sockets: each change encoded once, urgent at once, and a slow socket's table still true."""

from __future__ import annotations

import random
from typing import Any

import pytest

from hub.bus import BusChange, Moved
from hub.commit import pack
from hub.contract import Lane
from hub.outbox import Limits
from hub.pump import LiveTopic
from hub.recovery import Table
from hub.store import Snapshot
from tests.support.live import on_loop, until
from tests.support.members import Member, World, entry


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

    world.fanout.pump._delivered = faulty
    world.fanout.receive_entry(entry("bulk", 1, 0, "vans", bad=1))
    await until(lambda: world.fanout.pump.idle)
    assert "vans could not be sent on" in caplog.text
    world.fanout.receive_entry(entry("bulk", 2, 1, "vans", v1=1))
    await until(lambda: world.fanout.pump.idle)
    assert member.reads()[-1]["offset"] == 2


@on_loop
async def test_a_fold_taken_while_a_run_is_being_sent_has_the_run_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket drains between two slices: what it has yet to be given is in the fold, for it will skip it."""
    monkeypatch.setattr("hub.pump.CHUNK", 1)
    world, table, frames = World(), Table(), []
    first, slow = await world.joined("vans", "bulk"), await world.joined("vans", "bulk", Member(limits=Limits(10, 10)))
    for frame in slow.reads():
        table.receive(frame)
    for number in (1, 2):
        world.fanout.receive_entry(entry("bulk", number, number - 1, "vans", v1=number))
        await until(lambda: world.fanout.pump.idle)
    assert slow.outbox.behind
    first.flush = lambda: frames.extend(slow.reads(world.fanout))  # type: ignore[method-assign]
    world.fanout.receive_entry(entry("bulk", 3, 2, "vans", v2=3))
    await until(lambda: world.fanout.pump.idle)
    for frame in [*frames, *slow.reads(world.fanout)]:
        assert table.receive(frame) != "hole"
    assert [frame["t"] for frame in frames] == ["change", "folded"]
    assert table.things == {"v1": {"v": 2}, "v2": {"v": 3}}


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
            await until(lambda: world.fanout.pump.idle)
        if chance.random() < 0.15:
            for frame in slow.reads(world.fanout):
                kinds.add(frame["t"])
                assert table.receive(frame) != "hole"
                assert frame.get("more") or table.things == truth[table.offset]
    await until(lambda: world.fanout.pump.idle)
    for frame in slow.reads(world.fanout):
        assert table.receive(frame) != "hole"
    assert table.offset == offset
    assert table.things == truth[offset]
    assert kinds == {"state", "change", "folded"}
    assert slow.overflowed == 0
