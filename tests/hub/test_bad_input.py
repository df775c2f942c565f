"""Bad input on a real socket: answered with a stable code and a path, and the connection lives."""

from __future__ import annotations

import math
import uuid
from typing import Any

import msgpack
import pytest
from websockets.frames import Opcode

from hub import closing
from hub.connection import FRAMES_PER_S
from tests.support.clients import Frame, client
from tests.support.live import Hub, on_loop, running_hub
from tests.support.raw import Raw, handshake, masked, packed

HELLO = {"t": "hello"}


async def raw(hub: Hub, **more: Any) -> Raw:
    """A socket whose handshake is done; no hello yet."""
    one = await Raw.open(hub.port)
    await one.write(handshake(hub.port, **{"token": hub.resident().token, **more}))
    assert await one.answered() == 101
    return one


def call(**more: Any) -> Frame:
    frame = {"t": "call", "ref": 5, "id": str(uuid.uuid4()), "cmd": "lamp.switch", "data": {"lamp": "a"}}
    return {**frame, **more}


def deep() -> Any:
    value: Any = 1
    for _ in range(20):
        value = [value]
    return value


EMOJI = "\N{POLICE CARS REVOLVING LIGHT}" * 4096


BAD: list[tuple[str, Any, str, Any, str]] = [
    ("not messagepack", b"\xc1\xc1", "bad_frame", None, ""),
    ("a list as key", b"\x81\x91\x01\x02", "bad_frame", None, ""),
    ("no map", [1], "bad_frame", None, ""),
    ("too deep", call(data={"x": deep()}), "bad_frame", 5, "12 levels"),
    ("unknown t", {"t": "fly", "ref": 5}, "bad_frame", 5, "t: expected"),
    ("data over 16 KB", call(data={"lamp": "x" * 17_000}), "bad_data", 5, "data: expected at most"),
    ("emoji", call(data={"lamp": "a", "text": EMOJI}), "bad_data", 5, "data: expected at most"),
    ("wrong type", call(data={"lamp": "a", "topics": ["x", 7]}), "bad_data", 5, "data.topics[1]: expected"),
    ("missing field", call(data={}), "bad_data", 5, "data.lamp: expected"),
    ("no uuid", call(id="1"), "bad_data", 5, "id: expected a UUID"),
    ("NaN", call(data={"lamp": "a", "lat": math.nan}), "bad_data", 5, "data.lat: expected a finite"),
    ("huge ref", call(ref=1 << 63), "bad_data", None, "ref: expected"),
    ("ref of a list", call(ref=[1]), "bad_data", None, "ref: expected"),
    ("unknown command", call(cmd="lamp.fly"), "unknown_command", 5, "lamp.fly"),
    ("not allowed", call(cmd="lamp.presence", data={}), "not_allowed", 5, "resident"),
    ("unknown topic", {"t": "join", "ref": 5, "topic": "nowhere"}, "unknown_topic", 5, "nowhere"),
    ("another's topic", {"t": "join", "ref": 5, "topic": "help/someone"}, "not_allowed", 5, "help/someone"),
    ("topic of a number", {"t": "join", "ref": 5, "topic": 5}, "bad_data", 5, "topic: expected"),
    ("wrong since", {"t": "join", "ref": 5, "topic": "city", "since": {"epoch": 1}}, "bad_data", 5, "since.epoch"),
    ("unknown tell", {"t": "tell", "cmd": "lamp.fly", "data": {}}, "unknown_command", None, "lamp.fly"),
    ("wrong tell", {"t": "tell", "cmd": "lamp.moved", "data": {"lamp": 1}}, "bad_data", None, "data.lamp: expected"),
]


@pytest.mark.parametrize(("frame", "code", "ref", "says"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
@on_loop
async def test_bad_input_is_answered_and_the_connection_lives(
    valkey_url: str, frame: Any, code: str, ref: Any, says: str
) -> None:
    """A reply with a stable code and the path of the wrong field; nothing is written; the next command runs."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.raw.write(masked(frame if isinstance(frame, bytes) else msgpack.packb(frame)))
        reply = await one.heard(lambda f: f["t"] == "reply")
        assert (reply["code"], reply["ref"], reply["ok"], reply["retry"]) == (code, ref, False, False)
        assert says in reply["message"]
        assert len(reply["message"]) < 300
        assert hub.store.seen_commit == 0
        assert (await one.calls("lamp.switch", {"lamp": "b"}))["ok"]


@on_loop
async def test_a_frame_over_32_kilobytes_closes(valkey_url: str) -> None:
    """1009: whole, or in pieces."""
    async with running_hub(valkey_url) as hub:
        for pieces in ([masked(b"x" * 40_000)], [masked(b"x" * 20_000, fin=False), masked(b"x" * 20_000, Opcode.CONT)]):
            one = await raw(hub)
            await one.send(HELLO)
            await one.write(b"".join(pieces))
            assert await one.hears_close() == closing.FRAME_TOO_BIG
            await one.end()


@on_loop
async def test_too_many_frames_close(valkey_url: str) -> None:
    """4029: come back, after a while."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.raw.write(packed({"t": "here"}) * (FRAMES_PER_S + 50))
        assert await one.closed() == closing.TOO_MANY_FRAMES
        bye = next(f for f in one.frames if f["t"] == "bye")
        assert bye["reconnect"]
        assert bye["after_ms"] > 0
