"""The uvicorn WebSocket class that hands a socket over.

The handshake is an ordinary Starlette route. When it decides to accept, it puts
a `Connection` into the scope's extension `kentongan.handover`; the 101 response
and the hand-over then happen in one turn, and the ASGI task ends. From there on
the socket costs a protocol object and no task.

Written against uvicorn's `WebSocketsSansIOProtocol` and websockets' sans-I/O
`ServerProtocol`; both are pinned exactly, with a contract test per step.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from hub.connection import Connection

EXTENSION: Final = "kentongan.handover"


class Handover:
    """What a route puts its connection into before it accepts."""

    __slots__ = ("connection",)

    def __init__(self) -> None:
        self.connection: Connection | None = None


class HandoverHttp(HttpToolsProtocol):
    """uvicorn's HTTP protocol, without its loss: it drops what follows a handshake in the same segment."""

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as exc:
            if not self._should_upgrade():
                self._unsupported_upgrade_warning()
                return
            self.handle_websocket_upgrade()
            rest = data[exc.args[0] :]
            if rest and not self.transport.is_closing():
                cast(asyncio.Protocol, self.transport.get_protocol()).data_received(rest)
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self._let_go()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._let_go()

    def _let_go(self) -> None:
        """Break the cycles through the parser's callbacks (3 KB with all they hold) and the last response's."""
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        nothing: Any = None
        self.parser = self.cycle = self.flow = self.scope = self.headers = nothing


class HandoverProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol until the handshake is accepted, then nothing."""

    _handover: Handover | None = None
    _early: bytes = b""

    def data_received(self, data: bytes) -> None:
        # What came early stays for the connection, unread; the ASGI queue would keep it for nobody.
        if self.handshake_initiated:
            self._early += data
        else:
            super().data_received(data)

    def handle_connect(self, event: Request) -> None:
        self.transport.pause_reading()  # until somebody owns the socket
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            self._handover = Handover()
            scope["extensions"][EXTENSION] = self._handover

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        end_parser(self.conn)  # refused, or lost before the hand-over

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True  # refused, and said so: not a route that forgot to answer
        if message["type"] != "websocket.accept" or self._handover is None:
            return
        connection, self._handover = self._handover.connection, None
        if connection is None or self.transport.is_closing() or self.disconnected:
            return
        # No await from the 101 to here: what comes next belongs to the connection.
        self.stop_keepalive()
        self.connections.discard(self)
        self.close_timer = _NEVER  # run_asgi closes the transport unless a close is pending
        transport, early = self.transport, self._early
        self._let_go()
        # A parser of its own: the handshake's holds the request with all its headers for as long as it lives (3 KB).
        ws = ServerProtocol(state=State.OPEN, max_size=self.config.ws_max_size, logger=self.conn.logger)
        if early:
            ws.receive_data(early)
        connection.take_over(transport, ws)

    def _let_go(self) -> None:
        """Break every reference from this object to the socket: no collector will."""
        self.queue = asyncio.Queue()
        self._early = b""
        end_parser(self.conn)
        del self.scope
        del self.request
        del self.response


def end_parser(ws: ServerProtocol) -> None:
    """A parser is a generator bound to its protocol: a cycle of 3.6 KB, and no collector runs.

    So is an error, of a refused handshake or of a wrong frame: its traceback holds who holds it.
    """
    cast(Any, ws).parser = None
    for error in (ws.handshake_exc, ws.parser_exc):
        while error is not None:
            error.__traceback__ = None
            error = cast(Exception | None, error.__cause__ or error.__context__)


_NEVER: Any = object()
