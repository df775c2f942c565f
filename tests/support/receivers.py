"""A webhook's receiver on a real local socket, as good or as bad as a test wants it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.hook_urls import Target
from hub.names import Names
from workers.post import Answer, Poster
from workers.receiver import Receiver, Send

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAULT: Final = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
GONE: Final = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
HALF: Final = b"HTTP/1.1 200 OK\r\nContent-Le"
GARBAGE: Final = b"\x16\x03\x01 what is this\r\n\r\n"
REDIRECT: Final = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
SILENT: Final = None


@dataclass(frozen=True)
class Heard:
    """One request, as its bytes said it."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["kentongan-id"]


Answering = Callable[[Heard], bytes | None]


def always(answer: bytes | None) -> Answering:
    return lambda heard: answer


class Stand:
    """The receiver.

    Attributes:
        answering: what it says to a request; None is nothing at all, for as long as the other side waits.
        gate: while it is closed requests are read and not answered.
        heard: every request, in order of arrival.
        most: how many it had under way at once at most.
    """

    def __init__(self, port: int, scheme: str) -> None:
        self.port, self._scheme = port, scheme
        self.answering: Answering = always(OK)
        self.gate = asyncio.Event()
        self.gate.set()
        self.heard: list[Heard] = []
        self.under_way: list[Heard] = []
        self.most = 0
        self.connections: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/hook?a=b"

    @property
    def ids(self) -> list[str]:
        return [heard.id for heard in self.heard]

    def end(self) -> None:
        """End whatever still waits on it."""
        self.gate.set()
        for writer in self.connections:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(writer)
        try:
            heard = await _request(reader)
            self.heard.append(heard)
            self.under_way.append(heard)
            self.most = max(self.most, len(self.under_way))
            try:
                await self.gate.wait()
                answer = self.answering(heard)
                if answer is None:
                    await reader.read()  # until the other side has had enough
                else:
                    writer.write(answer)
                    await writer.drain()
            finally:
                self.under_way.remove(heard)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Heard:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest)}
    return Heard(line, headers, await reader.readexactly(int(headers["content-length"])))


@contextlib.asynccontextmanager
async def standing(context: ssl.SSLContext | None = None) -> AsyncIterator[Stand]:
    """A receiver for the length of a block."""
    stand = Stand(0, "http" if context is None else "https")
    server = await asyncio.start_server(stand.serve, "127.0.0.1", 0, ssl=context)
    stand.port = server.sockets[0].getsockname()[1]
    try:
        yield stand
    finally:
        server.close()
        stand.end()
        await server.wait_closed()


def post(within_s: float = 5.0) -> Send:
    poster = Poster(Names(), private=True)

    async def send(where: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        return await poster(where, headers, body, within_s)

    return send


async def tries(receiver: Receiver, times: int = 1) -> None:
    """Begin what is due and wait until it is settled."""
    for _ in range(times):
        assert await receiver._begin() is not None
        await asyncio.gather(*receiver._going)
