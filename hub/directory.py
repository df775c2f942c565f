"""`GET /v1/shops` and `GET /v1/shops/<id>`: asked of the query process, which holds the index.

A hub never searches. It sends one line, reads one line and passes the body on as it came; each request
has a connection of its own, so one that is late or broken is dropped with everything it held. At most
`ASKED_AT_ONCE` are asked at a time; more wait their turn within the same deadline. What comes back late or
not at all is `unavailable`, and the next request tries anew: a query process that was away is back with
the first answer.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

import msgspec
from msgspec import Raw, Struct
from starlette.requests import Request
from starlette.responses import Response

from hub.address import Address
from hub.dispatch import refused
from hub.errors import DataError

SHOPS_PATH: Final = "/v1/shops"
REPORTS_PATH: Final = "/v1/reports"
FIGURES_PATH: Final = "/v1/angka"
FIGURES_CSV: Final = FIGURES_PATH + ".csv"
ASKED_AT_ONCE: Final = 32
DEADLINE_S: Final = 2.0
LINE_BYTES: Final = 16 * 1024
"""Of a request to the query process."""

REPLY_BYTES: Final = 4 * 1024 * 1024
MSGPACK_TYPE: Final = "application/msgpack"
WAITING_AT_ONCE: Final = 256
"""Requests under way, those that wait their turn included; one more is `unavailable` at once."""


class Reply(Struct, frozen=True):
    """What the query process says; the body stays encoded."""

    status: int
    body: Raw


_reply: Final = msgspec.json.Decoder(Reply)


class Directory:
    """The two routes, over one query process."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._turns = asyncio.Semaphore(ASKED_AT_ONCE)
        self._waiting = 0

    async def shops(self, request: Request) -> Response:
        """`GET /v1/shops?q=&category=&near=&open=&kelurahan=&limit=`."""
        return await self._route(request, SHOPS_PATH)

    async def shop(self, request: Request) -> Response:
        """`GET /v1/shops/<id>`."""
        return await self._route(request, f"{SHOPS_PATH}/{request.path_params['id']}")

    async def _route(self, request: Request, path: str) -> Response:
        line = msgspec.json.encode({"path": path, "params": request.query_params.multi_items()}) + b"\n"
        if len(line) > LINE_BYTES:
            raise DataError("query", f"expected at most {LINE_BYTES} bytes")
        reply = await self.ask(line)
        if reply is None:
            answer = refused("unavailable", "the search cannot be reached; try again", retry=True)
            reply = Reply(503, Raw(msgspec.json.encode(answer.body())))
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        if MSGPACK_TYPE in request.headers.get("accept", ""):
            body = msgspec.msgpack.encode(msgspec.json.decode(reply.body))
            return Response(body, reply.status, headers, MSGPACK_TYPE)
        return Response(bytes(reply.body), reply.status, headers, "application/json")

    async def ask(self, line: bytes) -> Reply | None:
        """Ask with one line; None when no whole answer came within `DEADLINE_S`, for whatever reason."""
        if self._waiting >= WAITING_AT_ONCE:
            return None
        self._waiting += 1
        asking = _Asking(line)
        try:
            async with asyncio.timeout(DEADLINE_S), self._turns:
                await self._connect(asking)
                whole = await asking.answered
            return None if whole is None else _reply.decode(whole)
        except (OSError, TimeoutError, msgspec.DecodeError):
            return None
        finally:
            self._waiting -= 1
            asking.drop()

    async def _connect(self, asking: _Asking) -> None:
        loop, address = asyncio.get_running_loop(), self._address
        if address.path is not None:
            await loop.create_unix_connection(asking.itself, address.path)
        else:
            await loop.create_connection(asking.itself, address.host, address.port)


class _Asking(asyncio.Protocol):
    """One request on a connection of its own.

    `drop` takes its references apart: no collector runs in a hub, and a cycle would stay for ever.
    """

    __slots__ = ("_line", "_parts", "_size", "_transport", "answered")

    def __init__(self, line: bytes) -> None:
        self._line, self._parts, self._size = line, list[bytes](), 0
        self._transport: asyncio.Transport | None = None
        self.answered: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

    def itself(self) -> _Asking:
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.answered.done():  # dropped while it was being made
            cast(asyncio.Transport, transport).abort()
            return
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, and derives from nothing
        self._transport.write(self._line)

    def data_received(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        if data.endswith(b"\n"):
            self._end(b"".join(self._parts))
        elif self._size > REPLY_BYTES:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(None)

    def _end(self, whole: bytes | None) -> None:
        if not self.answered.done():
            self.answered.set_result(whole)

    def drop(self) -> None:
        self._end(None)
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
