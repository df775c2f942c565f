"""Shops and products through a public hub, with the query process there, gone, slow, wrong and back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub import options
from hub.address import Address
from hub.directory import ASKED_AT_ONCE, LINE_BYTES, WAITING_AT_ONCE, Directory
from tests.support.asking import listening
from tests.support.http import Frame, http
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.market import holding, product, shop
from tests.support.processes import start_query

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUESTION = b'{"path": "/v1/shops"}\n'


@pytest.fixture
def address(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Where the hubs of this test ask."""
    monkeypatch.setattr(options, "query_address", lambda port, city="": f"unix:{sockets}/q")
    return Address(str(sockets / "q"))


async def get(hub: Hub, path: str = "/v1/shops", **headers: str) -> tuple[int, Any]:
    status, _, body = await http(hub.port, "GET", path, headers=headers)
    return status, body


@contextlib.asynccontextmanager
async def serving(address: Address, serve: Serve) -> AsyncIterator[None]:
    """Somebody at the address who does as the test says."""
    server = await asyncio.start_unix_server(serve, address.path)
    try:
        yield
    finally:
        server.close()


def unavailable(answer: tuple[int, Frame]) -> bool:
    status, body = answer
    return (status, body["ok"], body["code"], body["retry"]) == (503, False, "unavailable", True)


@on_loop
async def test_anybody_finds_shops_and_reads_one(valkey_url: str, address: Address) -> None:
    """Without a sign-in; bodies pass as they are, with the query process's own status."""
    index = holding((shop("s1", address="Jl. Kécil 1"), product()), (shop("s2", "Depot"), product(name="Soto")))
    async with running_hub(valkey_url) as hub, listening(address, index):
        status, body = await get(hub, "/v1/shops?q=pecle&near=-7.47,112.435&open=1&limit=5")
        assert (status, [one["id"] for one in body["shops"]], body["more"]) == (200, ["s1"], False)
        assert body["shops"][0]["address"] == "Jl. Kécil 1"
        status, body = await get(hub, "/v1/shops/s2")
        assert (status, body["shop"]["name"], body["as_of"]) == (200, "Depot", index.as_of)
        status, body = await get(hub, "/v1/shops/none")
        assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("near=here", "near: expected <lat>,<lon>"),
        ("q=a&q=b", "q: expected it once"),
        ("limit=100", "limit: expected a number from 1 to 50"),
        ("kelurhan=miji", "kelurhan: expected one of q, category, near, open, kelurahan, limit"),
        ("kelurahan=krangan", "kelurahan: expected one of kranggan, miji"),
        ("kelurahan=Miji", None),
        ("q=" + "x" * LINE_BYTES, f"query: expected at most {LINE_BYTES} bytes"),
        ("q=%ff%00", None),
        ("q=%27%22%20OR%20NEAR(", None),
    ],
)
@on_loop
async def test_a_wrong_parameter_is_refused_by_name(
    valkey_url: str, address: Address, query: str, message: str | None
) -> None:
    """400 `bad_data`; whatever bytes are asked with, an answer comes."""
    async with running_hub(valkey_url) as hub, listening(address, holding()):
        status, body = await get(hub, f"/v1/shops?{query}")
        if message is None:
            assert status == 200
        else:
            assert (status, body) == (400, {"ok": False, "code": "bad_data", "message": message, "retry": False})


@on_loop
async def test_messagepack_is_answered_to_whoever_asks_for_it(valkey_url: str, address: Address) -> None:
    """The same body in the other format."""
    async with running_hub(valkey_url) as hub, listening(address, holding((shop(),))):
        status, headers, body = await http(hub.port, "GET", "/v1/shops", headers={"Accept": "application/msgpack"})
        assert (status, headers["content-type"]) == (200, "application/msgpack")
        assert msgspec.msgpack.decode(body)["shops"][0]["id"] == "s1"
        assert headers["cache-control"] == "no-store"


@on_loop
async def test_a_query_process_that_is_gone_takes_nothing_with_it(valkey_url: str, address: Address) -> None:
    """503 at once while it is gone, the hub ready all the while, and answers when it is back."""
    async with running_hub(valkey_url) as hub:
        for _ in range(2):
            assert unavailable(await get(hub))
            assert unavailable(await get(hub, "/v1/shops/s1"))
            assert (await get(hub, "/health/ready"))[0] == 200
            async with listening(address, holding((shop(),))):
                assert (await get(hub))[0] == 200


@on_loop
async def test_a_real_query_process_is_killed_and_back(valkey_url: str, address: Address) -> None:
    """The same with a process and `kill -9`."""
    async with running_hub(valkey_url) as hub:
        for _ in range(2):
            process = start_query(valkey_url, str(address))
            try:
                await asyncio.to_thread(process.wait_event, "query_ready")
                assert (await get(hub))[0] == 200
            finally:
                process.kill()
            assert unavailable(await get(hub))


@on_loop
async def test_one_that_is_slow_is_not_waited_for(
    valkey_url: str, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the deadline 503, whether it never answers or answers without an end; the hub does other things."""
    monkeypatch.setattr("hub.directory.DEADLINE_S", 0.2)

    async def halves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"status": 200, "body"')
        await reader.read()
        writer.close()

    async with running_hub(valkey_url) as hub, serving(address, halves):
        loop = asyncio.get_running_loop()
        began = loop.time()
        asking = [asyncio.create_task(get(hub)) for _ in range(2 * ASKED_AT_ONCE)]
        assert (await get(hub, "/health/ready"))[0] == 200
        assert loop.time() - began < 0.2
        assert all(map(unavailable, await asyncio.gather(*asking)))
        assert loop.time() - began < 2


@pytest.mark.parametrize(
    "says", [b"", b"\n", b"[]\n", b"{}\n", b'{"status": "x", "body": {}}\n', b"\xff\n", b"x" * (5 << 20)]
)
@on_loop
async def test_nonsense_is_unavailable(valkey_url: str, address: Address, says: bytes) -> None:
    """An end without an answer, a line that is none, one that is far too long."""

    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        with contextlib.suppress(OSError):
            writer.write(says)
            await writer.drain()
        writer.close()

    async with running_hub(valkey_url) as hub, serving(address, nonsense):
        assert unavailable(await get(hub))


@on_loop
async def test_so_many_are_asked_at_once_and_no_more(address: Address) -> None:
    """The next ones wait their turn within their own deadline; beyond a bound they are refused at once."""
    asked: list[asyncio.StreamWriter] = []
    go = asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.append(writer)
        await go.wait()
        writer.write(b'{"status": 200, "body": {}}\n')
        writer.close()

    directory = Directory(address)
    async with serving(address, waits):
        asking = [asyncio.create_task(directory.ask(QUESTION)) for _ in range(WAITING_AT_ONCE)]
        await until(lambda: len(asked) == ASKED_AT_ONCE)
        assert await directory.ask(QUESTION) is None
        assert len(asked) == ASKED_AT_ONCE
        go.set()
        assert None not in await asyncio.gather(*asking)
        assert await directory.ask(QUESTION) is not None


@on_loop
async def test_whoever_gives_up_is_dropped(address: Address) -> None:
    """A request that is cancelled closes its connection and gives its turn away."""
    ended = asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    directory = Directory(address)
    async with serving(address, waits):
        asking = asyncio.create_task(directory.ask(QUESTION))
        await until(lambda: directory._turns._value < ASKED_AT_ONCE)
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        assert (directory._waiting, directory._turns._value) == (0, ASKED_AT_ONCE)
    await asyncio.wait_for(ended.wait(), 5)


@on_loop
async def test_a_host_and_port_are_asked_as_well() -> None:
    """For a query process on another machine."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'{"status": 200, "body": 1}\n')
        writer.close()

    server = await asyncio.start_server(answers, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    reply = await Directory(Address(None, "127.0.0.1", port)).ask(QUESTION)
    assert reply is not None
    assert bytes(reply.body) == b"1"
    server.close()


@on_loop
async def test_a_help_hub_has_no_directory(valkey_url: str, address: Address) -> None:
    """Emergencies do not share their process with searches."""
    async with running_hub(valkey_url, kind="help") as hub, listening(address, holding()):
        assert (await get(hub))[0] == 404
