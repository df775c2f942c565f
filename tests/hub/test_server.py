"""The hand-over of a socket from uvicorn, step by step: nothing that came early is lost, nothing stays behind."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import pytest
import uvicorn
from websockets.frames import Opcode

from hub import closing, wire
from hub.server import EXTENSION, HandoverHttp, HandoverProtocol
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.raw import Raw, handshake, masked, packed

HELLO = {"t": "hello"}
CALL = {
    "t": "call",
    "ref": 1,
    "id": "0198d6f0-0000-7000-8000-000000000001",
    "cmd": "lamp.switch",
    "data": {"lamp": "a"},
}


def shaken(hub: Hub) -> bytes:
    return handshake(hub.port, token=hub.resident().token)


def gated_sign_in(hub: Hub) -> asyncio.Event:
    """Hold every sign-in until the gate is opened."""
    gate, resolve = asyncio.Event(), hub.node.identity.resolve

    async def held(token: str) -> Any:
        await gate.wait()
        return await resolve(token)

    hub.node.identity.resolve = held  # type: ignore[method-assign]
    return gate


async def nothing_is_left(hub: Hub) -> None:
    """uvicorn and the hub have forgotten every socket."""
    state = hub.server.server_state
    await until(lambda: not (hub.node.connections or state.connections or state.tasks))


def test_the_versions_that_this_was_written_against() -> None:
    """Both are taken over below their public surface, so both are pinned exactly."""
    assert uvicorn.__version__ == "0.54.0"
    assert version("websockets") == "17.4"


def test_the_attributes_that_are_taken_over_are_there() -> None:
    """What the hand-over overrides and reaches into still has these names."""
    for name in ("handle_connect", "handle_events", "send", "stop_keepalive", "connection_lost"):
        assert callable(getattr(HandoverProtocol.__mro__[1], name))
    for name in ("data_received", "handle_websocket_upgrade", "_should_upgrade", "_unset_keepalive_if_required"):
        assert callable(getattr(HandoverHttp.__mro__[1], name))


@pytest.mark.parametrize("frames", [[HELLO], [HELLO, CALL]], ids=["hello", "hello and a command"])
@on_loop
async def test_what_comes_with_the_handshake_in_one_segment_is_heard(valkey_url: str, frames: list[Any]) -> None:
    """An early hello, and what follows it, is answered like any other."""
    async with running_hub(valkey_url) as hub:
        one = await Raw.open(hub.port)
        await one.write(shaken(hub) + b"".join(map(packed, frames)))
        assert await one.answered() == 101
        await one.hears("welcome")
        if len(frames) == 1:
            await one.send(CALL)
        assert (await one.hears("reply"))["ok"]
        await one.end()


@pytest.mark.parametrize("cut", [1, 2, 5, 6, 7, 12])
@on_loop
async def test_a_frame_split_across_the_hand_over_is_heard(valkey_url: str, cut: int) -> None:
    """Half a frame came with the handshake, the rest after the sign-in."""
    async with running_hub(valkey_url) as hub:
        gate, one, hello = gated_sign_in(hub), await Raw.open(hub.port), packed(HELLO)
        await one.write(shaken(hub) + hello[:cut])
        await until(lambda: hub.server.server_state.tasks)
        gate.set()
        assert await one.answered() == 101
        await one.write(hello[cut:])
        await one.hears("welcome")
        await one.send(CALL)
        assert (await one.hears("reply"))["ok"]
        await one.end()


@on_loop
async def test_a_message_in_pieces_across_the_hand_over_is_heard(valkey_url: str) -> None:
    """Its first fragment came early, its last one late."""
    async with running_hub(valkey_url) as hub:
        gate, one, payload = gated_sign_in(hub), await Raw.open(hub.port), wire.encode(HELLO, "msgpack")
        await one.write(shaken(hub) + masked(payload[:3], fin=False))
        await until(lambda: hub.server.server_state.tasks)
        gate.set()
        await one.answered()
        await one.write(masked(payload[3:], Opcode.CONT))
        await one.hears("welcome")
        await one.end()


@on_loop
async def test_what_comes_while_the_sign_in_is_looked_at_is_heard(valkey_url: str) -> None:
    """It waits in the kernel until somebody owns the socket."""
    async with running_hub(valkey_url) as hub:
        gate, one = gated_sign_in(hub), await Raw.open(hub.port)
        await one.write(shaken(hub))
        await until(lambda: hub.server.server_state.tasks)
        for frame in (HELLO, CALL):
            await one.send(frame)
        gate.set()
        assert await one.answered() == 101
        await one.hears("welcome")
        assert (await one.hears("reply"))["ok"]
        await one.end()


@on_loop
async def test_a_flood_before_the_sign_in_waits_in_the_kernel(valkey_url: str) -> None:
    """Who is not signed in yet fills no memory of ours."""
    async with running_hub(valkey_url) as hub:
        gate, one = gated_sign_in(hub), await Raw.open(hub.port)
        await one.write(shaken(hub))
        await until(lambda: hub.server.server_state.tasks)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await one.write(packed(HELLO) * 2_000_000)
        held = [each for each in hub.server.server_state.connections if isinstance(each, HandoverProtocol)]
        assert [len(each._early) < 1_000_000 for each in held] == [True]
        one.reset()
        gate.set()
        await nothing_is_left(hub)
        await one.end()


@pytest.mark.parametrize("early", [b"", packed(HELLO)], ids=["silent", "with an early hello"])
@on_loop
async def test_a_reset_during_the_sign_in_leaves_nothing(valkey_url: str, early: bytes) -> None:
    """No connection, no task, no fault; the next client is served."""
    async with running_hub(valkey_url) as hub:
        gate, gone = gated_sign_in(hub), []
        for _ in range(20):
            one = await Raw.open(hub.port)
            await one.write(shaken(hub) + early)
            gone.append(one)
        await until(lambda: len(hub.server.server_state.tasks) == 20)
        for one in gone:
            one.reset()
        gate.set()
        await nothing_is_left(hub)
        two = await Raw.open(hub.port)
        await two.write(shaken(hub) + packed(HELLO))
        assert await two.answered() == 101
        await two.hears("welcome")
        await two.end()
        await nothing_is_left(hub)
        for one in gone:
            await one.end()


@on_loop
async def test_a_goodbye_that_came_early_is_answered(valkey_url: str) -> None:
    """Hello and close in one segment with the handshake."""
    async with running_hub(valkey_url) as hub:
        one = await Raw.open(hub.port)
        bye = masked(closing.DONE.to_bytes(2, "big"), Opcode.CLOSE)
        await one.write(shaken(hub) + packed(HELLO) + bye)
        assert await one.answered() == 101
        assert await one.hears_close() == closing.DONE
        await nothing_is_left(hub)
        await one.end()


@on_loop
async def test_a_socket_handed_over_costs_uvicorn_nothing(valkey_url: str) -> None:
    """Its task has ended, it is in none of uvicorn's sets, and uvicorn's own keepalive is off."""
    async with running_hub(valkey_url) as hub:
        sockets = []
        for _ in range(10):
            one = await Raw.open(hub.port)
            await one.write(shaken(hub) + packed(HELLO))
            await one.answered()
            await one.hears("welcome")
            sockets.append(one)
        state = hub.server.server_state
        await until(lambda: not state.tasks and not state.connections)
        assert len(hub.node.connections) == 10
        assert hub.server.config.ws_ping_interval is None
        for one in sockets:
            one.reset()
        await nothing_is_left(hub)
        assert all(not slot for slot in hub.node._slots)
        for one in sockets:
            await one.end()


@pytest.mark.parametrize(
    "data",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
    ids=["no http", "another upgrade", "no key"],
)
@on_loop
async def test_what_is_no_handshake_is_refused(valkey_url: str, data: bytes) -> None:
    """4xx, and nothing stays behind."""
    async with running_hub(valkey_url) as hub:
        one = await Raw.open(hub.port)
        await one.write(data)
        assert 400 <= await one.answered() < 500
        await one.end()
        await nothing_is_left(hub)


@on_loop
async def test_a_plain_request_is_served_by_the_same_port(valkey_url: str) -> None:
    """Only a handshake is handed over."""
    async with running_hub(valkey_url) as hub:
        status, _, _ = await http(hub.port, "GET", "/health/live")
        assert status == 200
        assert EXTENSION.startswith("kentongan.")
