"""A hub that says what a test tells it to: real sockets, no store."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from clients.client import Client
from hub import wire

Frame = dict[str, Any]


class Peer:
    """One client's socket as the scripted hub has it, greeted."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.heres: list[Frame] = []

    async def send(self, *frames: Frame) -> None:
        for frame in frames:
            await self.socket.send(wire.encode(frame, "msgpack"))

    async def hears(self, kind: str) -> Frame:
        """The next frame of this kind; `here` frames are kept aside."""
        while True:
            message = await self.socket.recv()
            assert isinstance(message, bytes)
            frame = wire.decode(message, "msgpack")
            if frame["t"] == "here":
                self.heres.append(frame)
            if frame["t"] == kind:
                return frame

    async def table(self, join: Frame, offset: int, **things: Frame) -> None:
        """Answer a join with a whole table."""
        await self.send(
            {
                "t": "state",
                "ref": join["ref"],
                "topic": join["topic"],
                "epoch": "e1",
                "offset": offset,
                "things": things,
                "fixes": {},
                "part": 0,
                "last": True,
            }
        )

    async def close(self, code: int) -> None:
        await self.socket.close(code)


class Hub:
    """One scripted hub's address and the sockets that came, in order."""

    def __init__(self) -> None:
        self.url = ""
        self.headers: list[str] = []
        self.refusing = False
        self.beat_s = 4.0
        self._peers: asyncio.Queue[Peer] = asyncio.Queue()

    async def peer(self) -> Peer:
        return await self._peers.get()

    async def _handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.headers.append(socket.request.headers.get("Authorization", ""))
        peer = Peer(socket)
        if self.refusing:
            await peer.close(4501)
            return
        await peer.hears("hello")
        await peer.send(
            {"t": "welcome", "person": "ani", "role": "resident", "at": 1000, "beat_s": self.beat_s, "node": "n"}
        )
        self._peers.put_nowait(peer)
        await socket.wait_closed()


@contextlib.asynccontextmanager
async def scripted() -> AsyncIterator[Hub]:
    hub = Hub()
    async with serve(
        hub._handle, "127.0.0.1", 0, subprotocols=[Subprotocol(wire.MSGPACK)], close_timeout=0.2, ping_interval=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        hub.url = f"ws://127.0.0.1:{port}/v1/live"
        yield hub


@contextlib.asynccontextmanager
async def two_hubs(**options: Any) -> AsyncIterator[tuple[Client, Hub, Peer, Hub]]:
    """A client with a public hub, whose first socket is open, and a help hub."""
    options = {"chance": lambda: 0.0, **options}
    async with scripted() as public, scripted() as help_:
        config = {"live": public.url, "help": help_.url, "help_url": "http://127.0.0.1:9"}
        async with Client("http://127.0.0.1:9", token="t1", config=config, **options) as client:
            yield client, public, await public.peer(), help_


def change(topic: str, prev: int, offset: int, id_: str, view: Frame | None, **more: Any) -> Frame:
    return {
        "t": "change", "topic": topic, "prev": prev, "offset": offset, "id": id_, "kind": "van.moved_on",
        "view": view, "at": 5, **more,
    }  # fmt: skip
