"""Positions to many sockets: in slices, the newest alone, both frames of a follower of two topics in one write."""

from __future__ import annotations

import asyncio

import pytest

from hub.bus import Moved
from hub.commit import pack
from hub.moves import AT_ONCE
from hub.outbox import MOVED_BYTES
from hub.store import Snapshot
from tests.support.live import on_loop, until
from tests.support.members import Member, World, entry

TOPICS = ("vans", "van/v1")


async def followers(world: World, count: int, *topics: str) -> list[Member]:
    for name in TOPICS:
        world.tables[name] = Snapshot("e1", 1, {"v1": pack({"v": 1})}, {})
    members = [Member("json" if number % 2 else "msgpack") for number in range(count)]
    for member in members:
        for name in topics or TOPICS:
            await world.joined(name, "bulk", member)
        member.reads()
        member.quick = True
    return members


def move(world: World, fix_at: int) -> None:
    world.fanout.receive_moved(Moved(9, pack({"fix_at": fix_at}), [(name, "v1") for name in TOPICS]))


def seen(member: Member) -> list[tuple[str, int]]:
    return [(frame["topic"], frame["fix"]["fix_at"]) for frame in member.reads()]


@on_loop
async def test_who_follows_both_topics_is_written_both_at_once() -> None:
    """One write of the same bytes per format; who follows one hears of that one."""
    world = World()
    both, one = await followers(world, AT_ONCE + 2), await followers(world, 2, "vans")
    move(world, 8)
    assert not both[0].written
    await until(lambda: world.fanout.pump.idle)
    assert {len(member.written) for member in both} == {1}
    assert len({id(member.written[0]) for member in both}) == 2
    assert all(seen(member) == [("vans", 8), ("van/v1", 8)] for member in both)
    assert all(seen(member) == [("vans", 8)] for member in one)


@on_loop
async def test_a_position_for_few_goes_out_in_the_turn_it_arrives_in() -> None:
    """A medic on the way to somebody waits for no task."""
    world = World()
    (member,) = await followers(world, 1)
    move(world, 8)
    assert seen(member) == [("vans", 8), ("van/v1", 8)]
    assert world.fanout.pump.idle


@on_loop
async def test_a_newer_position_takes_the_place_of_one_that_waits() -> None:
    """What nobody was sent yet is sent to nobody; who joins has the newest from the table."""
    world = World()
    members = await followers(world, AT_ONCE + 1)
    for fix_at in (7, 8, 9):
        move(world, fix_at)
    assert (await world.joined("vans", "bulk")).reads()[0]["fixes"] == {"v1": {"fix_at": 9}}
    await until(lambda: world.fanout.pump.idle)
    assert all(seen(member) == [("vans", 9), ("van/v1", 9)] for member in members)


@on_loop
async def test_a_position_that_waits_never_follows_a_newer_one() -> None:
    """When most have left meanwhile the newer one goes out at once, and the older one not at all."""
    world = World()
    members = await followers(world, AT_ONCE + 1)
    move(world, 7)
    for member in members[1:]:
        for name in TOPICS:
            world.fanout.leave(member, name)
    move(world, 8)
    await until(lambda: world.fanout.pump.idle)
    assert seen(members[0]) == [("vans", 8), ("van/v1", 8)]


@on_loop
async def test_what_is_urgent_passes_between_two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A position to thousands holds nobody up: the loop turns after every slice."""
    world, order = World(), []
    members = await followers(world, AT_ONCE * 2)
    for name, member in (("first", members[0]), ("last", members[-1])):
        write = member.write_through

        def noted(pieces, name=name, write=write):  # type: ignore[no-untyped-def]
            order.append(name)
            if name == "first":
                asyncio.get_running_loop().call_soon(order.append, "the loop")
            return write(pieces)

        monkeypatch.setattr(member, "write_through", noted)
    move(world, 8)
    await until(lambda: world.fanout.pump.idle)
    assert order == ["first", "the loop", "last"]


@on_loop
async def test_positions_go_on_though_bulk_changes_never_end() -> None:
    """After each run of changes a position has its turn; the changes are all sent."""
    world = World()
    sent: list[int] = []
    members = await followers(world, AT_ONCE + 1)
    write = members[0].write_through

    def writes(pieces):  # type: ignore[no-untyped-def]
        sent.append(len(sent))
        if len(sent) < 6:
            world.fanout.receive_entry(entry("bulk", len(sent) + 2, len(sent) + 1, "vans", v1=1))
        return write(pieces)

    members[0].write_through = writes  # type: ignore[method-assign]
    world.fanout.receive_entry(entry("bulk", 2, 1, "vans", v1=1))
    move(world, 8)
    await until(lambda: world.fanout.pump.idle)
    kinds = [frame["t"] for frame in members[0].reads()]
    assert kinds.index("moved") <= 2  # after the first run: what came during it goes along with it
    assert kinds.count("change") == 6


@on_loop
async def test_a_slow_socket_misses_it_and_so_does_one_that_has_left() -> None:
    """One with more than 16 KB waiting is not given more; one with less gets it behind that."""
    world = World()
    slow, waiting, left, *_ = await followers(world, AT_ONCE + 3)
    slow.outbox.push(2, b"x" * (MOVED_BYTES + 1))
    waiting.quick = False
    move(world, 8)
    for name in TOPICS:
        world.fanout.leave(left, name)
    await until(lambda: world.fanout.pump.idle)
    assert slow.outbox.waiting == MOVED_BYTES + 1
    assert seen(waiting) == [("vans", 8), ("van/v1", 8)]
    assert not left.written


@on_loop
async def test_a_reset_forgets_positions_and_a_fault_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing of a time before goes out; a fault over one position leaves the next alone."""
    world = World()
    members = await followers(world, AT_ONCE + 1)
    move(world, 7)
    world.fanout.reset("e2")
    await until(lambda: world.fanout.pump.idle)
    assert not members[0].written
    members = await followers(world, AT_ONCE + 1)
    flush, members[0].outbox = members[0].outbox, None  # type: ignore[assignment]
    move(world, 8)
    await until(lambda: world.fanout.pump.idle)
    assert "a position could not be sent on" in caplog.text
    members[0].outbox = flush
    move(world, 9)
    await until(lambda: world.fanout.pump.idle)
    assert seen(members[1]) == [("vans", 9), ("van/v1", 9)]
