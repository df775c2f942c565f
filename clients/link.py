"""One WebSocket to one hub, kept: connect, greet, read, and come back with full jitter.

The link knows frames, not tables: its owner says what to do when it opens,
with each frame, and when it ends for good.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from hub import wire
from hub.closing import DONE, backoff_s, may_return
from hub.errors import HubError

SILENT_BEATS: Final = 2.5
"""A hub that is silent for so many beats is gone, whatever TCP says: a half-open connection never closes."""

OPEN_S: Final = 5.0
CLOSE_S: Final = 0.5

Frame = dict[str, Any]


class Owner(Protocol):
    """What a link tells."""

    def link_opened(self, link: Link, welcome: Frame) -> None: ...

    def link_closed(self, link: Link) -> None: ...

    def link_ended(self, link: Link, code: int) -> None: ...

    def receive(self, link: Link, frame: Frame) -> None: ...


class Link:
    """A socket to one of `addresses`, another one at every try.

    Args:
        chance: a random number in [0, 1), for the jitter.
    """

    def __init__(self, owner: Owner, addresses: Sequence[str], token: str, chance: Callable[[], float]) -> None:
        self._owner, self._addresses, self._token, self._chance = owner, tuple(addresses), token, chance
        self._ws: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._bye: Frame | None = None
        self._unsent: list[bytes] = []
        self.tries = 0
        self.open = False
        self.ended: int | None = None
        """The close code after which this link does not come back."""

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="link")

    async def close(self) -> None:
        """Close the socket and end the task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def send(self, frame: Frame) -> bool:
        """Hand a frame to the socket; false when there is none. Frames of one turn leave in order."""
        if self._ws is None or not self.open:
            return False
        self._unsent.append(wire.encode(frame, "msgpack"))
        if len(self._unsent) == 1:
            asyncio.get_running_loop().call_soon(self._flush)
        return True

    def drop(self) -> None:
        """Cut the connection without a word, as a dead network does; the link comes back by itself."""
        if self._ws is not None:
            self._ws.transport.abort()

    def _flush(self) -> None:
        # `ClientConnection.send` is a coroutine for its back-pressure; what a client says is small and the
        # hub closes a socket that is behind, so frames go to the protocol at once and in order.
        unsent, self._unsent = self._unsent, []
        if self._ws is None or not self.open:
            return
        with contextlib.suppress(WebSocketException):
            for data in unsent:
                self._ws.protocol.send_binary(data)
            self._ws.send_data()

    async def _run(self) -> None:
        attempt = 0
        while self.ended is None:
            opened, code = await self._once()
            attempt = 0 if opened else attempt + 1
            bye = self._last_words()
            if not may_return(code) or not bye.get("reconnect", True):
                self.ended = code
                self._owner.link_ended(self, code)
                return
            after_ms = bye.get("after_ms")
            await asyncio.sleep(after_ms / 1000 if after_ms else backoff_s(attempt, self._chance()))

    async def _once(self) -> tuple[bool, int]:
        """One connection from its handshake to its end: whether it was greeted, and its close code."""
        address = self._addresses[self.tries % len(self._addresses)]
        self.tries += 1
        greeted = False
        try:
            async with asyncio.timeout(OPEN_S) as limit:
                async with connect(
                    address,
                    subprotocols=[Subprotocol(wire.MSGPACK)],
                    additional_headers={"Authorization": f"Bearer {self._token}"},
                    compression=None,
                    ping_interval=None,
                    close_timeout=CLOSE_S,
                    open_timeout=None,
                    proxy=None,
                    user_agent_header=None,
                ) as ws:
                    try:
                        await ws.send(wire.encode({"t": "hello", "client": "python"}, "msgpack"))
                        welcome = self._decoded(await ws.recv())
                        if welcome.get("t") == "welcome":
                            greeted = True
                            silent_s = SILENT_BEATS * float(welcome["beat_s"])
                            self._ws, self.open = ws, True
                            self._owner.link_opened(self, welcome)
                            await self._read(ws, limit, silent_s)
                        elif welcome.get("t") == "bye":
                            self._bye = welcome
                            await ws.wait_closed()
                    finally:
                        self._closed()
        except ConnectionClosed as exc:
            return greeted, exc.rcvd.code if exc.rcvd is not None else DONE
        except (OSError, TimeoutError, InvalidHandshake, WebSocketException):
            return greeted, DONE
        except (HubError, KeyError, TypeError, ValueError):
            return greeted, DONE  # frames that are none of ours: try again, another hub may be well
        return greeted, ws.close_code or DONE

    async def _read(self, ws: ClientConnection, limit: asyncio.Timeout, silent_s: float) -> None:
        loop = asyncio.get_running_loop()
        limit.reschedule(loop.time() + silent_s)
        async for message in ws:
            frame = self._decoded(message)
            kind = frame.get("t")
            if kind == "beat":
                limit.reschedule(loop.time() + silent_s)
            elif kind == "bye":
                self._bye = frame
            self._owner.receive(self, frame)

    def _decoded(self, message: str | bytes) -> Frame:
        return wire.decode(message.encode() if isinstance(message, str) else message, "msgpack")

    def _last_words(self) -> Frame:
        """The hub's `bye` on the last connection, `{}` without one; asked for once."""
        bye, self._bye = self._bye, None
        return bye or {}

    def _closed(self) -> None:
        was, self.open, self._ws, self._unsent = self.open, False, None, []
        if was:
            self._owner.link_closed(self)
