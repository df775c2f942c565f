"""A thin WebSocket client: every byte of the handshake and every frame is the test's own.

`Client` reads all the time and keeps what it heard; `Raw` reads when it is told to.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from weakref import WeakSet

from websockets.frames import Close, Opcode
from websockets.frames import Frame as WsFrame

from hub import wire
from hub.recovery import Table

Frame = dict[str, Any]
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEARD_S = 5.0


def handshake(
    port: int,
    *,
    token: str | None = None,
    protocol: str | None = wire.MSGPACK,
    path: str = "/v1/live",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A handshake's bytes; `headers` replace or add."""
    fields = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    }
    if protocol is not None:
        fields["Sec-WebSocket-Protocol"] = protocol
    if token is not None:
        fields["Authorization"] = f"Bearer {token}"
    fields |= headers or {}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode()


def masked(payload: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    """One client's WebSocket frame."""
    return WsFrame(opcode, payload, fin).serialize(mask=True)


def packed(frame: Frame) -> bytes:
    """A frame of ours as MessagePack in a WebSocket frame."""
    return masked(wire.encode(frame, "msgpack"))


OPEN: WeakSet[Raw] = WeakSet()


def abandon() -> None:
    """Abort every socket that a test left open, so that a failed one holds no hub up."""
    for one in list(OPEN):
        one.abort()


class Raw:
    """One socket, read by hand.

    Attributes:
        status: of the handshake's answer.
        closed: the code and reason of the close frame, once it came.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fmt: wire.Format) -> None:
        self._reader, self._writer, self.fmt = reader, writer, fmt
        self.status = 0
        self.head = ""
        self.closed: tuple[int, str] | None = None
        OPEN.add(self)

    @classmethod
    async def open(
        cls, port: int, *, receive_bytes: int | None = None, fmt: wire.Format = "msgpack", limit: int = 1 << 16
    ) -> Raw:
        """A TCP connection; nothing is sent. `receive_bytes` makes the kernel's buffer small."""
        bare = socket.socket()
        if receive_bytes is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        bare.setblocking(False)
        await asyncio.get_running_loop().sock_connect(bare, ("127.0.0.1", port))
        bare.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader, writer = await asyncio.open_connection(sock=bare, limit=limit)
        return cls(reader, writer, fmt)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def send(self, frame: Frame) -> None:
        opcode = Opcode.BINARY if self.fmt == "msgpack" else Opcode.TEXT
        await self.write(masked(wire.encode(frame, self.fmt), opcode))

    async def answered(self) -> int:
        """The handshake's status; its head stays in `head`."""
        async with asyncio.timeout(HEARD_S):
            self.head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        self.status = int(self.head.split(" ", 2)[1])
        return self.status

    async def hear(self) -> Frame | None:
        """The next frame of ours; None when the socket was closed."""
        while True:
            try:
                head = await self._reader.readexactly(2)
                size = head[1]
                if size == 126:
                    size = int.from_bytes(await self._reader.readexactly(2), "big")
                elif size == 127:
                    size = int.from_bytes(await self._reader.readexactly(8), "big")
                payload = await self._reader.readexactly(size)
            except (asyncio.IncompleteReadError, ConnectionError):
                return None
            opcode = head[0] & 15
            if opcode == Opcode.CLOSE:
                close = Close.parse(payload)
                self.closed = (close.code, close.reason)
                with contextlib.suppress(ConnectionError):
                    await self.write(masked(payload[:2], Opcode.CLOSE))
            elif opcode in (Opcode.TEXT, Opcode.BINARY):
                return wire.decode(payload, self.fmt)

    async def hears(self, kind: str) -> Frame:
        """The next frame of this kind."""
        async with asyncio.timeout(HEARD_S):
            while True:
                frame = await self.hear()
                assert frame is not None, f"closed ({self.closed}) before a {kind} came"
                if frame["t"] == kind:
                    return frame

    async def hears_close(self) -> int:
        """The code that the hub closed with, after reading whatever came before."""
        async with asyncio.timeout(HEARD_S):
            while await self.hear() is not None:
                pass
        assert self.closed is not None, "the connection ended without a close frame"
        return self.closed[0]

    def reset(self) -> None:
        """End it with a reset, not a close."""
        bare = self._writer.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self._writer.transport.abort()

    def abort(self) -> None:
        OPEN.discard(self)
        self._writer.transport.abort()

    async def end(self) -> None:
        OPEN.discard(self)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


class Client:
    """A greeted client that keeps every frame, and a table per topic by the rule of recovery."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.frames: list[Frame] = []
        self.tables: dict[str, Table] = {}
        self.steps: list[tuple[str, str]] = []
        self.backward: list[Frame] = []
        self.ended = False
        self._refs = itertools.count(1)
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        port: int,
        token: str | None,
        *,
        fmt: wire.Format = "msgpack",
        headers: Mapping[str, str] | None = None,
        path: str = "/v1/live",
        hello: Frame | None = None,
    ) -> Client:
        """Connect and say hello; the welcome may still be on its way."""
        raw = await Raw.open(port, fmt=fmt, limit=1 << 22)
        name = wire.MSGPACK if fmt == "msgpack" else wire.JSON
        await raw.write(handshake(port, token=token, protocol=name, path=path, headers=headers))
        status = await raw.answered()
        assert status == 101, raw.head
        client = cls(raw)
        client._reading = asyncio.create_task(client._read())
        await raw.send({"t": "hello"} if hello is None else hello)
        return client

    async def _read(self) -> None:
        try:
            while (frame := await self.raw.hear()) is not None:
                self.frames.append(frame)
                self._receive(frame)
                self._changed.set()
        finally:
            self.ended = True
            self._changed.set()

    def _receive(self, frame: Frame) -> None:
        if frame["t"] in ("state", "resumed", "change", "folded", "moved"):
            table = self.tables.get(frame["topic"])
            if table is not None:
                before = table.offset if table.epoch == frame.get("epoch", table.epoch) else -1
                self.steps.append((frame["t"], table.receive(frame)))
                if table.offset < before:
                    self.backward.append(frame)

    async def send(self, frame: Frame) -> None:
        await self.raw.send(frame)

    async def heard(self, wanted: Callable[[Frame], Any], within_s: float = HEARD_S) -> Frame:
        """The first frame that is wanted, heard already or to come."""
        seen = 0
        async with asyncio.timeout(within_s):
            while True:
                for frame in self.frames[seen:]:
                    if wanted(frame):
                        return frame
                seen = len(self.frames)
                assert not self.ended, f"closed ({self.raw.closed}) before it came: {self.frames[-3:]}"
                self._changed.clear()
                if seen == len(self.frames):
                    await self._changed.wait()

    async def welcome(self) -> Frame:
        return await self.heard(lambda frame: frame["t"] == "welcome")

    async def joins(self, topic: str, table: Table | None = None) -> Frame:
        """Follow a topic, with what `table` (or the one of before) has; its `state`, `resumed` or refusal."""
        table = table if table is not None else self.tables.get(topic, Table())
        self.tables[topic] = table
        ref = next(self._refs)
        frame: Frame = {"t": "join", "ref": ref, "topic": topic}
        since = table.since()
        await self.send(frame if since is None else {**frame, "since": since})
        return await self.heard(
            lambda f: f.get("ref") == ref and (f["t"] in ("resumed", "reply") or (f["t"] == "state" and f["last"]))
        )

    async def calls(self, cmd: str, data: Frame, id_: str | None = None, **more: Any) -> Frame:
        """Run a command; its reply."""
        ref = await self.asks(cmd, data, id_, **more)
        return await self.replied(ref)

    async def asks(self, cmd: str, data: Frame, id_: str | None = None, **more: Any) -> int:
        """Send a command; the ref of its reply to come."""
        ref = next(self._refs)
        await self.send({"t": "call", "ref": ref, "id": id_ or str(uuid.uuid4()), "cmd": cmd, "data": data, **more})
        return ref

    async def replied(self, ref: int, within_s: float = HEARD_S) -> Frame:
        return await self.heard(lambda frame: frame["t"] == "reply" and frame["ref"] == ref, within_s)

    async def knows(self, topic: str, true: Callable[[Table], Any], within_s: float = HEARD_S) -> Table:
        """The topic's table, once this holds of it."""
        table = self.tables[topic]
        async with asyncio.timeout(within_s):
            while not true(table):
                assert not self.ended, f"closed ({self.raw.closed})"
                self._changed.clear()
                await self._changed.wait()
        return table

    async def closed(self, within_s: float = HEARD_S) -> int:
        """The code that the hub closed with."""
        async with asyncio.timeout(within_s):
            while not self.ended:
                self._changed.clear()
                await self._changed.wait()
        assert self.raw.closed is not None, "the connection ended without a close frame"
        return self.raw.closed[0]

    async def end(self) -> None:
        """Leave without a word."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        await self.raw.end()


@contextlib.asynccontextmanager
async def client(port: int, token: str | None, **more: Any) -> AsyncIterator[Client]:
    """A client for the length of a block, welcomed."""
    one = await Client.open(port, token, **more)
    try:
        await one.welcome()
        yield one
    finally:
        await one.end()
