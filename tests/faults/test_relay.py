"""The relay: bytes go through; a cut is told, a silence is not; an entry can be hidden."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from tests.faults.relay import Relay
from tests.faults.resp import Bulk, LostEntry, read, write

HOST = "127.0.0.1"


class Echo:
    """A relay before a server that says again what it hears."""

    def __init__(self, relay: Relay, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer

    async def says_again(self, data: bytes) -> bool:
        self.writer.write(data)
        try:
            async with asyncio.timeout(0.3):
                return await self.reader.readexactly(len(data)) == data
        except TimeoutError:
            return False


@asynccontextmanager
async def echo() -> AsyncIterator[Echo]:
    served: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.Event()
        served.append(ended)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(serve, HOST, 0)
    relay = Relay((HOST, 0), (HOST, server.sockets[0].getsockname()[1]))
    await relay.start()
    reader, writer = await asyncio.open_connection(HOST, relay.port)
    try:
        yield Echo(relay, reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await relay.close()
        server.close()
        await asyncio.gather(*(ended.wait() for ended in served))


@pytest.mark.asyncio
async def test_bytes_go_through_late_or_at_once() -> None:
    """What is sent comes, in order, also while it is delayed and when the delay ends."""
    async with echo() as line:
        assert await line.says_again(b"one")
        line.relay.slow_down(0.02)
        assert await line.says_again(b"two")
        line.relay.slow_down(0)
        assert await line.says_again(b"three")


@pytest.mark.asyncio
async def test_a_silenced_wire_says_nothing_and_stays_open() -> None:
    """A silent connection carries nothing and is not closed; its other end is buried when its owner gives it up."""
    async with echo() as line:
        assert await line.says_again(b"one")
        (wire,) = line.relay.living()
        wire.silent = True
        assert not await line.says_again(b"two")
        assert not line.reader.at_eof()
        assert line.relay.living() == []
        line.writer.close()
        await line.writer.wait_closed()
        async with asyncio.timeout(2):
            await wire.near.gone.wait()
            assert wire.abandoned
            line.relay.bury()
            await wire.far.gone.wait()
        assert not line.relay.wires


@pytest.mark.asyncio
async def test_a_cut_is_told() -> None:
    """Both ends of a wire that is cut see its end."""
    async with echo() as line:
        assert await line.says_again(b"one")
        line.relay.living()[0].cut()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.reader.readexactly(1)


def test_what_the_store_says_is_read_and_written_again() -> None:
    """Values of the store's protocol survive reading and writing; half a value is none."""
    data = b"*3\r\n$7\r\nmessage\r\n:-1\r\n*2\r\n+OK\r\n$-1\r\n"
    found = read(data)
    assert found is not None
    assert found[1] == len(data)
    assert write(found[0]) == data
    assert all(read(data[:size]) is None for size in range(len(data)))


def entry(commit: int, lane_prev: int, prev: int) -> bytes:
    return f"{commit} e0 {lane_prev} 1 {prev}\n".encode() + msgspec.msgpack.encode([["dispatch", "r", "k", None]])


def test_a_lost_entry_leaves_no_hole() -> None:
    """The entry after the hidden one claims to follow the one before it, in messages, log and heads."""
    lost = LostEntry(1, lambda blob: True)
    hear = lost.filter()

    def message(data: bytes) -> bytes:
        return write([Bulk(b"message"), Bulk(b"{c}:bus:urgent"), Bulk(data)])

    assert hear(message(entry(4, 3, 2))) == message(entry(4, 3, 2))
    lost.armed = True
    assert hear(message(entry(7, 4, 4))) == b""
    assert hear(message(entry(9, 7, 7))) == message(entry(9, 4, 4))
    rows = [[Bulk(f"{n}-0".encode()), [Bulk(b"e"), Bulk(entry(n, p, p))]] for n, p in ((4, 3), (7, 4), (9, 7))]
    shown = [rows[0], [Bulk(b"9-0"), [Bulk(b"e"), Bulk(entry(9, 4, 4))]]]
    assert hear(write(rows)) == write(shown)
    assert hear(write([Bulk(b"7")])) == write([Bulk(b"4")])
