"""Runs to many sockets: the same bytes for all, one write each, and whoever is late lacks nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.contract import Lane
from hub.outbox import PIECE_BYTES, Limits
from hub.pump import CHUNK, REST_S, URGENT_CHUNK, URGENT_TURNS, LiveTopic, Run, joined
from hub.recent import by_topic
from hub.recovery import Table
from tests.support.live import on_loop, until
from tests.support.members import Member, World, entry


async def crowd(world: World, count: int, lane: Lane = "bulk") -> list[Member]:
    """Sockets that follow one topic and have read its table."""
    members = [await world.joined("vans", lane, Member("json" if n % 2 else "msgpack")) for n in range(count)]
    for member in members:
        member.reads()
        member.quick = True
    return members


def say(world: World, *commits: int) -> None:
    for commit in commits:
        world.fanout.receive_entry(entry("bulk", commit, commit - 1, "vans", v1=commit))


def offsets(member: Member) -> list[int]:
    return [frame["offset"] for frame in member.reads()]


def meanwhile(member: Member, do: Callable[[], object]) -> None:
    """Do something once, when this socket is written to for the first time."""
    write = member.write_through

    def write_and_do(pieces: Sequence[bytes]) -> int:
        member.write_through = write  # type: ignore[method-assign]
        do()
        return write(pieces)

    member.write_through = write_and_do  # type: ignore[method-assign]


@on_loop
async def test_a_burst_is_one_write_of_the_same_bytes_to_all() -> None:
    """Joined once per format; every socket is given that very object."""
    world = World()
    members = await crowd(world, CHUNK * 2 + 2)
    say(world, *range(1, 51))
    await until(lambda: world.fanout.pump.idle)
    assert {len(member.written) for member in members} == {1}
    for fmt in ("msgpack", "json"):
        assert len({id(member.written[0]) for member in members if member.fmt == fmt}) == 1
    assert all(offsets(member) == list(range(1, 51)) for member in members)
    assert world.fanout.pump.deliveries == 50 * len(members)


@on_loop
async def test_what_comes_during_a_run_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """To all whose turn is yet to come, in their one write; the others get the rest of it afterwards."""
    monkeypatch.setattr("hub.pump.CHUNK", 2)
    world = World()
    members = await crowd(world, 6)
    meanwhile(members[2], lambda: say(world, 2, 3))
    say(world, 1)
    await until(lambda: world.fanout.pump.idle)
    assert [len(member.written) for member in members] == [2, 2, 2, 2, 1, 1]
    assert all(offsets(member) == [1, 2, 3] for member in members)
    assert world.delivered == ["v1"] * 3


@on_loop
async def test_a_run_ends_though_more_and_more_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes in the second round is the next run's: other topics have their turn before it."""
    monkeypatch.setattr("hub.pump.CHUNK", 1)
    world, order = World(), []
    one, two = await crowd(world, 2)
    other = await world.joined("shops", "bulk")
    other.reads()
    other.flush = lambda: order.append("shops")  # type: ignore[method-assign]

    def first_round() -> None:
        say(world, 2)
        meanwhile(one, second_round)

    def second_round() -> None:
        world.fanout.receive_entry(entry("bulk", 9, 0, "shops", s1=1))
        say(world, 3)
        meanwhile(one, lambda: order.append("vans"))

    meanwhile(one, first_round)
    say(world, 1)
    await until(lambda: world.fanout.pump.idle)
    assert order == ["shops", "vans"]
    assert offsets(one) == offsets(two) == [1, 2, 3]


@on_loop
async def test_who_joins_during_a_run_misses_nothing_that_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its table has what was known when it joined; what came later follows, once."""
    monkeypatch.setattr("hub.pump.CHUNK", 1)
    world, late = World(), Member()
    late.quick = True
    members = await crowd(world, 3)

    def joins() -> None:
        say(world, 2)
        assert world.fanout.joined_at_once(late, 1, "vans", None)
        say(world, 3)

    meanwhile(members[0], joins)
    say(world, 1)
    await until(lambda: world.fanout.pump.idle)
    assert [(frame["t"], frame["offset"]) for frame in late.reads()] == [("state", 2), ("change", 3)]


@on_loop
async def test_who_leaves_during_a_run_is_sent_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it follows a topic of that name again, whose positions may be others."""
    monkeypatch.setattr("hub.pump.CHUNK", 1)
    world = World()
    members = await crowd(world, 3)

    def leaves() -> None:
        world.fanout.leave(members[1], "vans")
        world.fanout.reset("e2")
        members[2].topics["vans"] = LiveTopic("vans", "bulk")

    meanwhile(members[0], leaves)
    say(world, 1)
    await until(lambda: world.fanout.pump.idle)
    assert [offsets(member) for member in members] == [[1], [], []]


@on_loop
async def test_a_burst_to_many_is_let_in_and_a_single_message_never_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two in one turn are a burst; one alone, or any to few sockets, goes out at the end of its turn."""
    monkeypatch.setattr("hub.pump.GATHER_S", 60)
    world = World()
    few = await crowd(world, CHUNK)
    say(world, 1, 2)
    await until(lambda: world.fanout.pump.idle)
    many = few + await crowd(world, 1)
    say(world, 3)
    await until(lambda: world.fanout.pump.idle)
    say(world, 4, 5)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    say(world, 6)
    assert not world.fanout.pump.idle
    assert offsets(few[0]) == [1, 2, 3]
    world.fanout.pump._haste.set()
    await until(lambda: world.fanout.pump.idle)
    assert offsets(many[0]) == offsets(many[1])[3:] == [4, 5, 6]


@on_loop
async def test_a_burst_is_waited_for_shortly() -> None:
    """Nothing else happens, and it goes out by itself."""
    world = World()
    members = await crowd(world, CHUNK + 1)
    say(world, 1, 2)
    await until(lambda: world.fanout.pump.idle)
    assert offsets(members[0]) == [1, 2]


@on_loop
async def test_something_normal_ends_the_wait_for_a_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits for no bulk topic, and the burst follows it."""
    monkeypatch.setattr("hub.pump.GATHER_S", 60)
    world = World()
    members = await crowd(world, CHUNK + 1)
    normal = await world.joined("roster", "normal")
    normal.reads()
    say(world, 1, 2)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    world.fanout.receive_entry(entry("normal", 3, 0, "roster", m1=1))
    await until(lambda: world.fanout.pump.idle)
    assert offsets(normal) == [3]
    assert offsets(members[0]) == [1, 2]


@on_loop
async def test_what_a_transport_does_not_take_waits_in_the_outbox() -> None:
    """In order, behind what waits there already, while everybody else is written to."""
    world = World()
    members = await crowd(world, 3)
    members[1].quick = False
    say(world, 1, 2)
    await until(lambda: world.fanout.pump.idle)
    members[1].quick = True
    say(world, 3)
    await until(lambda: world.fanout.pump.idle)
    assert members[1].written == []
    assert all(offsets(member) == [1, 2, 3] for member in members)


@given(st.lists(st.integers(1, 2 * PIECE_BYTES), max_size=40))
def test_pieces_hold_whole_parts_in_their_order(sizes: list[int]) -> None:
    """Never more than 16 KB, unless one part alone is longer; nothing is lost."""
    parts = [bytes([number]) * size for number, size in enumerate(sizes)]
    pieces = joined(parts)
    assert b"".join(pieces) == b"".join(parts)
    assert all(len(piece) <= PIECE_BYTES or len(set(piece)) == 1 for piece in pieces)
    assert not parts or all(pieces)


def test_a_run_that_grows_is_joined_anew_and_encoded_once() -> None:
    """Whoever lacks the same gets the same object; what was encoded stays."""
    run = Run()
    kept = [by_topic(entry("bulk", n, n - 1, "vans", v1=n))["vans"] for n in (1, 2)]
    run.extend(kept[:1])
    (alone,) = run.pieces("msgpack", 0)
    encoded = run._encoded["msgpack"][0]
    run.extend(kept[1:])
    (both,), (rest,) = run.pieces("msgpack", 0), run.pieces("msgpack", 1)
    assert both == alone + rest
    assert run.pieces("msgpack", 1)[0] is rest
    assert run._encoded["msgpack"][0] is encoded
    assert (run.ids(0), run.ids(1)) == (["v1", "v1"], ["v1"])


@pytest.mark.parametrize("seed", range(8))
@on_loop
async def test_whatever_happens_during_a_run_no_table_is_ever_wrong(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Sockets quick and slow, coming and going, a turn at a time: each table is the topic's at its offset."""
    monkeypatch.setattr("hub.pump.CHUNK", 2)
    monkeypatch.setattr("hub.pump.GATHER_S", 0.0)
    world, chance = World(), random.Random(seed)
    tables: dict[Member, Table] = {}
    truth: dict[int, dict[str, Any]] = {0: {}}
    offset = 0
    keeper = await world.joined("vans", "bulk")
    tables[keeper] = Table()

    def read(member: Member) -> None:
        for frame in member.reads(world.fanout):
            assert tables[member].receive(frame) != "hole"
            assert frame.get("more") or tables[member].things == truth[tables[member].offset]

    for _ in range(400):
        what = chance.random()
        if what < 0.35:
            prev, offset = offset, offset + 1
            views = {chance.choice("abcd"): chance.choice([None, "x" * chance.randint(1, 90)]) for _ in range(2)}
            now = {**truth[prev], **{id_: {"v": view} for id_, view in views.items()}}
            truth[offset] = {id_: view for id_, view in now.items() if view["v"] is not None}
            world.fanout.receive_entry(entry("bulk", offset, prev, "vans", **views))
        elif what < 0.45:
            member = Member(chance.choice(["json", "msgpack"]), Limits(400, 10_000))
            tables[member] = Table()
            assert world.fanout.joined_at_once(member, 1, "vans", None)
        elif what < 0.5 and len(tables) > 1:
            member = chance.choice([one for one in tables if one is not keeper])
            read(member)
            world.fanout.leave(member, "vans")
            del tables[member]
        elif what < 0.65:
            member = chance.choice(list(tables))
            read(member)
            member.quick = chance.random() < 0.7
        else:
            await asyncio.sleep(0)
    await until(lambda: world.fanout.pump.idle)
    for member, table in tables.items():
        read(member)
        assert (table.offset, table.things, member.overflowed) == (offset, truth[offset], 0)


@on_loop
async def test_urgent_to_many_passes_between_the_slices_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large urgent topic goes out in slices too, before the next slice of a bulk run, and in order."""
    monkeypatch.setattr("hub.pump.CHUNK", 2)
    monkeypatch.setattr("hub.fanout.CHUNK", 2)
    world = World()
    members = await crowd(world, 6)
    for member in members:
        await world.joined("warnings", "urgent", member)
        member.reads()
    topic = world.fanout.topics["warnings"]

    def warn() -> None:
        world.fanout.receive_entry(entry("urgent", 1, 0, "warnings", a1=1))
        world.fanout.receive_entry(entry("urgent", 2, 1, "warnings", a1=2))
        assert not topic.settled

    meanwhile(members[0], warn)
    say(world, 1)
    await until(lambda: world.fanout.pump.idle)
    assert topic.settled
    heard = [[(frame["topic"], frame["offset"]) for frame in member.reads()] for member in members]
    urgent = [("warnings", 1), ("warnings", 2)]
    assert heard[:2] == [[("vans", 1), *urgent]] * 2
    assert heard[2:] == [[*urgent, ("vans", 1)]] * 4


@on_loop
async def test_a_topic_of_few_waits_for_its_own_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stays when others leave in the middle of a run still reads in order."""
    monkeypatch.setattr("hub.pump.CHUNK", 1)
    monkeypatch.setattr("hub.fanout.CHUNK", 1)
    world = World()
    one, two = await crowd(world, 2, "urgent")

    def leave() -> None:
        world.fanout.leave(one, "vans")
        world.fanout.receive_entry(entry("urgent", 2, 1, "vans", v1=2))

    meanwhile(one, leave)
    world.fanout.receive_entry(entry("urgent", 1, 0, "vans", v1=1))
    await until(lambda: world.fanout.pump.idle)
    assert offsets(two) == [1, 2]


@on_loop
async def test_work_of_the_same_loop_is_done_between_two_slices_of_an_urgent_topic() -> None:
    """An alert to everybody holds no medic up: an answer of the store gets to its command between two slices."""
    world, order = World(), []
    members = await crowd(world, URGENT_CHUNK * 2 + 1, "urgent")
    spare = await crowd(world, CHUNK, "urgent")  # or all would be sent in the turn it arrives in

    async def command() -> None:
        for _ in range(URGENT_TURNS - 1):
            await asyncio.sleep(0)
        order.append("command")

    tasks = []
    meanwhile(members[URGENT_CHUNK], lambda: order.append("second slice"))
    meanwhile(members[0], lambda: tasks.append(asyncio.create_task(command())))
    world.fanout.receive_entry(entry("urgent", 1, 0, "vans", v1=1))
    await until(lambda: world.fanout.pump.idle)
    assert order == ["command", "second slice"]
    assert all(offsets(member) == [1] for member in (*members, *spare))


@on_loop
async def test_an_urgent_topic_rests_while_a_command_is_under_way() -> None:
    """The loop is free between two slices for what takes several turns and some time; then the rest goes out."""
    world, order = World(), []
    members = await crowd(world, CHUNK + 1, "urgent")
    ended = asyncio.Event()
    world.fanout.pump.busy = lambda: not ended.is_set()

    async def command() -> None:
        await asyncio.sleep(REST_S / 4)
        order.append("command")
        ended.set()

    tasks = []
    meanwhile(members[URGENT_CHUNK], lambda: order.append("second slice"))
    meanwhile(members[0], lambda: tasks.append(asyncio.create_task(command())))
    world.fanout.receive_entry(entry("urgent", 1, 0, "vans", v1=1))
    await until(lambda: world.fanout.pump.idle)
    assert order == ["command", "second slice"]
    assert all(offsets(member) == [1] for member in members)


@on_loop
async def test_an_urgent_topic_is_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that never end hold it for half a second at most: then everybody is sent it."""
    monkeypatch.setattr("hub.pump.RESTS", 1_000_000)
    monkeypatch.setattr("hub.pump.HELD_S", 0.02)
    world = World()
    members = await crowd(world, CHUNK + 1, "urgent")
    world.fanout.pump.busy = lambda: True
    world.fanout.receive_entry(entry("urgent", 1, 0, "vans", v1=1))
    await until(lambda: world.fanout.pump.idle)
    assert all(offsets(member) == [1] for member in members)
