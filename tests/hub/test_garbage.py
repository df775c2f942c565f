"""No garbage collector runs in a hub, so no cycle may be left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.frames import Opcode

from hub import wire
from hub.address import Address
from hub.directory import Directory
from tests.support.city_account import edit, standing
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.raw import Raw, handshake, masked, packed

OURS = ("hub.", "channels.", "websockets.server", "websockets.protocol", "uvicorn.protocols", "starlette.")


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No collection while the test runs, as in a hub."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


def kinds() -> Counter[str]:
    """What a collection finds of ours: objects that only a cycle kept."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    found = Counter(
        f"{kind.__module__}.{kind.__qualname__}" for kind in map(type, gc.garbage) if kind.__module__.startswith(OURS)
    )
    gc.set_debug(0)
    gc.garbage.clear()
    return found


async def visit(hub: Hub, number: int) -> None:
    """One socket's life: greeted, joined, commanded, wrong, and ended in one of five ways."""
    one = await Raw.open(hub.port)
    await one.write(handshake(hub.port, token=hub.resident(number % 7).token if number % 10 else None))
    await one.answered()
    await one.write(packed({"t": "hello"}))
    if number % 10 == 0:  # nobody: closed with 4501
        await one.hears_close()
        await one.end()
        return
    call = {"t": "call", "ref": 2, "id": str(uuid.uuid4()), "cmd": "lamp.switch"}
    for frame in (
        {"t": "join", "ref": 1, "topic": "bulk/a"},
        {**call, "data": {"lamp": f"l{number % 5}", "topics": ["bulk/a", "urgent/a"]}},
        {**call, "id": "no"},
        {"t": "join", "ref": 3, "topic": "help/another"},
        {"t": "fly"},
    ):
        await one.send(frame)
    await one.write(masked(b"\xc1"))
    replies = 0
    while replies < 5:
        frame = await one.hears("reply")
        replies += 1
    ending = number % 5
    if ending == 0:
        one.reset()
    elif ending == 1:
        await one.write(masked(b"\x03\xe8", Opcode.CLOSE))
        await one.hears_close()
    elif ending == 2:
        await one.write(masked(b"x" * (wire.MAX_FRAME_BYTES + 1)))
        await one.hears_close()
    elif ending == 3:
        await one.send({"t": "hello"})
        await one.hears_close()
    await one.end()


@on_loop
async def visits(url: str) -> None:
    async with running_hub(url) as hub:
        await visit(hub, 3)
        await http(hub.port, "GET", "/health/ready")
        kinds()
        for start in range(0, 1000, 50):
            await asyncio.gather(*(visit(hub, number) for number in range(start, start + 50)))
        await until(lambda: not hub.node.connections and not hub.server.server_state.tasks)
        await until(lambda: not hub.node.fanout.topics)
        hub.node._unheard.clear()
        assert kinds() == Counter()
        assert hub.node._by_digest == {}
        assert not any(hub.node._slots)
        assert len(hub.node.tasks) <= 5


async def knock(hub: Hub, number: int) -> None:
    """One request that becomes no socket: refused handshakes, sign-ins broken off, plain HTTP."""
    way = number % 8
    token = hub.resident(number % 7).token
    if way < 4:
        one = await Raw.open(hub.port)
        headers = [{"Origin": "http://evil.example"}, {"Host": "evil"}, {"Sec-WebSocket-Key": "no"}, {}][way]
        await one.write(handshake(hub.port, token=token, headers=headers))
        if way == 3:
            one.reset()
        else:
            assert await one.answered() >= 400
        await one.end()
        return
    body = {"id": str(uuid.uuid4()), "cmd": "lamp.switch", "data": {"lamp": "a"}}
    asks: list[tuple[str, str, dict[str, Any] | None]] = [
        ("POST", "/v1/commands", body),
        ("POST", "/v1/sessions", {"device": "no"}),
        ("GET", "/v1/topics/bulk/a", None),
        ("GET", "/nowhere", None),
    ]
    method, path, sent = asks[way - 4]
    await http(hub.port, method, path, sent, token=token)


@on_loop
async def knocks(url: str) -> None:
    async with running_hub(url) as hub:
        for number in range(8):
            await knock(hub, number)
        kinds()
        for start in range(0, 400, 20):
            await asyncio.gather(*(knock(hub, number) for number in range(start, start + 20)))
        state = hub.server.server_state
        await until(lambda: not (hub.node.connections or state.tasks or state.connections))
        hub.node._unheard.clear()
        assert kinds() == Counter()


@on_loop
async def sign_ins(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with standing(url, folder) as browser:
        await browser.sign_in()
        kinds()
        for _ in range(3):
            assert (await browser.sign_in())[0] == 303
            for status in (200, 500):
                browser.city.answers["/token"] = (status, {}, b"x" * 300_000 if status == 200 else b"")
                assert (await browser.sign_in())[0] == 503
            browser.city.answers.clear()
            browser.city.silent.add("/token")
            with monkeypatch.context() as hasty:
                hasty.setattr("hub.fetch.WITHIN_S", 0.1)
                assert (await browser.sign_in())[0] == 503
            browser.city.silent.clear()
            edit(browser.city, nonce="another")
            assert (await browser.sign_in())[0] == 403
            edit(browser.city)
        assert kinds() == Counter()


@on_loop
async def searches(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = 0

    async def moody(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        turn += 1
        await reader.readline()
        if turn % 4 == 0:
            await reader.read()  # never answers
        with contextlib.suppress(OSError):
            writer.write((b'{"status": 200, "body": {}}\n', b"{", b"nonsense\n")[turn % 3])
        writer.close()

    monkeypatch.setattr("hub.directory.DEADLINE_S", 0.05)
    directory = Directory(Address(path))
    server = await asyncio.start_unix_server(moody, path)
    for _ in range(10):
        asking = [asyncio.create_task(directory.ask(b"{}\n")) for _ in range(100)]
        await until(lambda: turn > 0)
        asking[0].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        del asking
    server.close()
    assert await directory.ask(b"{}\n") is None
    assert kinds() == Counter()


@pytest.mark.usefixtures("uncollected")
def test_searches_leave_nothing_to_collect(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand of them: answered, cut off, nonsense, late, given up, refused."""
    searches(str(sockets / "q"), monkeypatch)


@pytest.mark.usefixtures("uncollected")
def test_requests_that_become_no_socket_leave_nothing_to_collect(valkey_url: str) -> None:
    """Refused handshakes, resets before the sign-in, plain requests and their errors."""
    knocks(valkey_url)


@pytest.mark.usefixtures("uncollected")
def test_sign_ins_by_the_citys_account_leave_nothing_to_collect(
    valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let in, refused, and a provider that is ill in three ways."""
    sign_ins(valkey_url, tmp_path, monkeypatch)


@pytest.mark.usefixtures("uncollected")
def test_a_thousand_sockets_leave_nothing_to_collect(valkey_url: str) -> None:
    """Connects, commands, errors and closes of every kind: `gc.collect()` finds nothing of ours,
    and no socket, task or topic is left."""
    visits(valkey_url)
