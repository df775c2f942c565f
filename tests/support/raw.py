"""A WebSocket whose every byte is the test's own: the handshake, the frames, and when they are read."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from websockets.frames import Close, Opcode
from websockets.frames import Frame as WsFrame

from hub import wire

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
