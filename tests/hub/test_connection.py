"""One live socket on a real hub: what it answers, in which order, and when it closes."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from websockets.frames import Opcode

from hub import closing, wire
from hub.connection import WAITING_PER_LANE
from hub.settings import Settings
from tests.support.clients import Client, Frame, client
from tests.support.lamps import Lamps, Torches
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.raw import Raw, handshake, masked, packed

HELLO = {"t": "hello"}


def torches() -> Torches:
    made = Torches()
    made.presence = {}
    return made


async def raw(hub: Hub, **more: Any) -> Raw:
    """A socket whose handshake is done; no hello yet."""
    one = await Raw.open(hub.port)
    await one.write(handshake(hub.port, **{"token": hub.resident().token, **more}))
    assert await one.answered() == 101
    return one


@pytest.mark.parametrize("fmt", ["msgpack", "json"])
@on_loop
async def test_hello_is_answered_with_welcome(valkey_url: str, fmt: wire.Format) -> None:
    """Who one is, the hub's time and name, and how often it beats."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token, fmt=fmt) as one:
        welcome = await one.welcome()
        assert (welcome["person"], welcome["role"]) == (hub.resident().person, "resident")
        assert (welcome["node"], abs(welcome["at"] - hub.store.now()) < 5000) == (hub.node.name, True)
        assert welcome["beat_s"] > 0


@on_loop
async def test_a_medic_is_beaten_often_enough_to_prove_that_it_hears(valkey_url: str) -> None:
    """At most every 4 s, and the welcome says whose desk, shop or van it is."""
    async with running_hub(valkey_url) as hub:
        for role, more in (("medic", {}), ("seller", {"shop": "s01"}), ("dispatcher", {"desk": "medic"})):
            async with client(hub.port, (await hub.staff(role, **more)).token) as one:
                welcome = await one.welcome()
                assert welcome["beat_s"] <= 4
                assert more.items() <= welcome.items()


@on_loop
async def test_a_token_may_come_in_the_hello(valkey_url: str) -> None:
    """Where neither header nor cookie carried one; a header counts before it."""
    async with running_hub(valkey_url) as hub:
        hello = {"t": "hello", "token": hub.resident(1).token}
        async with client(hub.port, None, hello=hello) as one:
            assert (await one.welcome())["person"] == hub.resident(1).person
        async with client(hub.port, hub.resident(2).token, hello=hello) as two:
            assert (await two.welcome())["person"] == hub.resident(2).person


@pytest.mark.parametrize("hello", [HELLO, {"t": "hello", "token": "k1.35.76.none"}], ids=["no token", "wrong token"])
@on_loop
async def test_nobody_is_signed_out(valkey_url: str, hello: Frame) -> None:
    """No valid credential: `bye` and 4501, do not come back with the same."""
    async with running_hub(valkey_url) as hub:
        one = await Client.open(hub.port, None, hello=hello)
        assert await one.closed() == closing.SIGNED_OUT
        bye = one.frames[-1]
        assert (bye["t"], bye["code"], bye["reconnect"]) == ("bye", closing.SIGNED_OUT, False)
        await one.end()


@on_loop
async def test_no_hello_in_time_closes(valkey_url: str) -> None:
    """4504, also after bytes that were no hello; a socket that said hello in time stays."""
    async with running_hub(valkey_url, settings=Settings(hello_timeout_s=0.3)) as hub:
        silent, babbling, polite = await raw(hub), await raw(hub), await raw(hub)
        await babbling.write(masked(b"\xc1"))
        await polite.send(HELLO)
        assert await silent.hears_close() == closing.BAD_PROTOCOL
        assert await babbling.hears_close() == closing.BAD_PROTOCOL
        await polite.hears("welcome")
        await polite.send({"t": "leave", "ref": 1, "topic": "city"})
        await polite.hears("reply")
        for one in (silent, babbling, polite):
            await one.end()


@pytest.mark.parametrize(
    "frames",
    [[HELLO, HELLO], [{"t": "join", "ref": 1, "topic": "city"}], [{"t": "here"}]],
    ids=["twice", "join", "here"],
)
@on_loop
async def test_frames_out_of_order_close(valkey_url: str, frames: list[Frame]) -> None:
    """A second hello, or anything before the first: 4504."""
    async with running_hub(valkey_url) as hub:
        one = await raw(hub)
        await one.write(b"".join(map(packed, frames)))
        assert await one.hears_close() == closing.BAD_PROTOCOL
        await one.end()


def call(**more: Any) -> Frame:
    frame = {"t": "call", "ref": 5, "id": str(uuid.uuid4()), "cmd": "lamp.switch", "data": {"lamp": "a"}}
    return {**frame, **more}


@on_loop
async def test_pieces_pings_and_a_close_are_understood(valkey_url: str) -> None:
    """A message in fragments with a ping between them, byte by byte; then a proper goodbye."""
    async with running_hub(valkey_url) as hub:
        one = await raw(hub)
        await one.send(HELLO)
        await one.hears("welcome")
        payload = wire.encode(call(), "msgpack")
        data = masked(payload[:9], fin=False) + masked(b"hi", Opcode.PING) + masked(payload[9:], Opcode.CONT)
        for place in range(len(data)):
            await one.write(data[place : place + 1])
        assert (await one.hears("reply"))["ok"]
        await one.write(masked(closing.DONE.to_bytes(2, "big"), Opcode.CLOSE))
        assert await one.hears_close() == closing.DONE
        await until(lambda: not hub.node.connections)
        await one.end()


@on_loop
async def test_what_a_command_changed_comes_to_everybody_alike(valkey_url: str) -> None:
    """The asker hears a reply; the asker's other tab and everybody else hear the change, in either format."""
    async with (
        running_hub(valkey_url) as hub,
        client(hub.port, hub.resident().token) as one,
        client(hub.port, hub.resident().token, fmt="json") as tab,
    ):
        for each in (one, tab):
            assert (await each.joins("bulk/a"))["things"] == {}
        reply = await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]})
        assert reply["data"] == {"count": 1}
        for each in (one, tab):
            table = await each.knows("bulk/a", lambda table: "x" in table.things)
            assert table.things["x"]["state"] == "on"
        changes = [[f for f in each.frames if f["t"] == "change"] for each in (one, tab)]
        assert changes[0] == changes[1]
        assert changes[0][0]["kind"] == "lamp.switched"


def gated(lamps: Lamps, hub: Hub) -> asyncio.Event:
    """Hold the commits of one service's lane until the gate is opened."""
    gate, commit = asyncio.Event(), hub.store.commit

    async def held(lane: Any, *args: Any, **more: Any) -> Any:
        if lane == lamps.lane:
            await gate.wait()
        return await commit(lane, *args, **more)

    hub.store.commit = held  # type: ignore[method-assign]
    return gate


@on_loop
async def test_commands_run_in_order_within_a_lane_and_independently_between(valkey_url: str) -> None:
    """While the normal lane waits for the store, an urgent command is answered."""
    lamps = Lamps()
    async with running_hub(valkey_url, lamps, torches()) as hub, client(hub.port, hub.resident().token) as one:
        gate = gated(lamps, hub)
        slow = [await one.asks("lamp.switch", {"lamp": str(n)}) for n in range(5)]
        assert (await one.calls("torch.switch", {"lamp": "a"}))["ok"]
        assert len(lamps.heard) == 1
        gate.set()
        for ref in slow:
            assert (await one.replied(ref))["ok"]
        replies = [f["ref"] for f in one.frames if f["t"] == "reply" and f["ref"] in slow]
        assert replies == slow
        assert [data.lamp for _, data in lamps.heard] == ["0", "1", "2", "3", "4"]


@on_loop
async def test_sixteen_commands_may_wait_in_a_lane(valkey_url: str) -> None:
    """The next is `too_many`, at once, and says after how long; the others are done in order."""
    lamps = Lamps()
    async with running_hub(valkey_url, lamps, torches()) as hub, client(hub.port, hub.resident().token) as one:
        gate = gated(lamps, hub)
        refs = [await one.asks("lamp.switch", {"lamp": "a"}) for _ in range(WAITING_PER_LANE + 3)]
        for ref in refs[WAITING_PER_LANE:]:
            reply = await one.replied(ref)
            assert (reply["code"], reply["retry"]) == ("too_many", True)
            assert reply["data"]["after_ms"] > 0
        assert (await one.calls("torch.switch", {"lamp": "a"}))["ok"]
        gate.set()
        for ref in refs[:WAITING_PER_LANE]:
            assert (await one.replied(ref))["ok"]


@on_loop
async def test_every_command_is_answered_in_two_seconds(valkey_url: str) -> None:
    """The deadline is absolute, from the frame's arrival, also for those that waited behind others."""
    lamps = Lamps()
    settings = Settings(deadline_s=0.5)
    async with running_hub(valkey_url, lamps, settings=settings) as hub, client(hub.port, hub.resident().token) as one:
        await hub.node.dispatch._turns.enter("lamp:a", False)
        refs = [await one.asks("lamp.switch", {"lamp": "a"}) for _ in range(4)]
        for ref in refs:
            reply = await one.replied(ref, 1.0)
            assert (reply["code"], reply["retry"]) == ("unavailable", True)
        hub.node.dispatch._turns.leave("lamp:a")
        assert lamps.heard == []


@on_loop
async def test_commands_of_a_client_that_left_are_still_done(valkey_url: str) -> None:
    """A tap counts when it arrived, whatever becomes of the socket."""
    lamps = Lamps()
    async with running_hub(valkey_url, lamps) as hub:
        gate = gated(lamps, hub)
        one = await Client.open(hub.port, hub.resident().token)
        await one.welcome()
        for _ in range(3):
            await one.asks("lamp.switch", {"lamp": "a"})
        await until(lambda: lamps.heard)
        one.raw.reset()
        await until(lambda: not hub.node.connections)
        gate.set()
        await until(lambda: len(lamps.heard) == 3)
        await until(lambda: hub.store.seen_commit == 3)
        await one.end()


@on_loop
async def test_joining_and_leaving_take_effect_in_their_order(valkey_url: str) -> None:
    """Left before the table was read: nothing of it comes any more."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        gate, table = asyncio.Event(), hub.node.fanout._read

        async def held(*args: Any) -> Any:
            await gate.wait()
            return await table(*args)

        hub.node.fanout._read = held
        await one.send({"t": "join", "ref": 1, "topic": "bulk/a"})
        await one.send({"t": "leave", "ref": 2, "topic": "bulk/a"})
        await one.heard(lambda f: f.get("ref") == 2)
        gate.set()
        await until(lambda: not hub.node.fanout.topics)
        assert (await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]}))["ok"]
        await one.joins("bulk/b")
        assert not [f for f in one.frames if f["t"] == "change"]


@on_loop
async def test_positions_are_told_without_a_reply(valkey_url: str) -> None:
    """`tell` moves what is in the table, for all who follow it."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.joins("bulk/a")
        await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]})
        await one.knows("bulk/a", lambda table: table.things)
        place = {"lamp": "x", "lat": -7.4, "lon": 112.4, "fix_at": 50}
        await one.send({"t": "tell", "cmd": "lamp.moved", "data": place})
        table = await one.knows("bulk/a", lambda table: table.fixes)
        assert table.fixes["x"]["fix_at"] == 50
        assert not [f for f in one.frames if f["t"] == "reply" and f["ref"] is None]


@on_loop
async def test_a_beat_carries_the_heads_of_urgent_topics(valkey_url: str) -> None:
    """The newest offset of each joined urgent topic, so that the loss of a last message is found."""
    async with running_hub(valkey_url, settings=Settings(beat_s=0.2, beat_resident_s=0.2)) as hub:
        me = hub.resident()
        async with client(hub.port, me.token) as one:
            for topic in (f"help/{me.person}", "bulk/a"):
                await one.joins(topic)
            await one.calls("lamp.switch", {"lamp": "x", "topics": [f"help/{me.person}", "bulk/a"]})
            beat = await one.heard(lambda f: f["t"] == "beat" and f["heads"] == {f"help/{me.person}": 1})
            assert abs(beat["at"] - hub.store.now()) < 5000
