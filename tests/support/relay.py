"""A relay between a hub and its store, under the test's hand: silence a connection, cut it, or hold it.

Silence is what a dead network is: bytes are swallowed in both directions, nobody is told, and
the connection stays open. New connections are carried as before unless the relay is told otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

Watch = Callable[["Wire", bytes], None]


class Wire:
    """One carried connection.

    Attributes:
        sent: what the client has sent so far.
        silent: swallows both directions from now on.
        deaf: swallows only what comes back from the server.
        swallowed: messages of pub/sub among what did not come back.
    """

    def __init__(self) -> None:
        self.sent = bytearray()
        self.silent = False
        self.deaf = False
        self.swallowed = 0
        self.ends: list[asyncio.StreamWriter] = []
        self.task: asyncio.Task[None] | None = None

    def says(self, words: str) -> bool:
        """Whether the client ever sent these words."""
        return words.encode() in self.sent

    def cut(self) -> None:
        """End both sides at once."""
        for end in self.ends:
            end.transport.abort()


class Relay:
    """Listens on a Unix socket and carries to another.

    Attributes:
        url: what a store is opened with.
        watch: sees each piece that a client sends before it is carried: it may silence the wire.
        refuses: new connections are ended at once.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.path, self._server_path = folder / "r", server
        self.url = f"unix://{self.path}"
        self.wires: list[Wire] = []
        self.watch: Watch = lambda wire, data: None
        self.refuses = False

    def following(self, channel: str) -> list[Wire]:
        """Live connections that subscribed to a channel whose name ends so."""
        return [wire for wire in self.wires if wire.says("SUBSCRIBE") and wire.says(channel)]

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire()
        wire.ends.append(writer)
        wire.task = asyncio.current_task()
        if self.refuses:
            writer.transport.abort()
            return
        self.wires.append(wire)
        try:
            back, there = await asyncio.open_unix_connection(str(self._server_path))
            wire.ends.append(there)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(wire, reader, there, from_client=True))
                both.create_task(self._pump(wire, back, writer, from_client=False))
        except* OSError:
            pass
        finally:
            self.wires.remove(wire)
            for end in wire.ends:
                end.transport.abort()

    async def _pump(
        self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_client: bool
    ) -> None:
        while data := await reader.read(1 << 16):
            if from_client:
                wire.sent += data
                self.watch(wire, data)
            if wire.silent or (wire.deaf and not from_client):
                wire.swallowed += data.count(b"$7\r\nmessage\r\n")
                continue
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError  # one side ended: so does the other


@contextlib.asynccontextmanager
async def relayed(url: str) -> AsyncIterator[Relay]:
    """A relay in front of the store at this `unix://` address."""
    with TemporaryDirectory(prefix="kt-") as folder:
        relay = Relay(Path(folder), Path(url.removeprefix("unix://")))
        server = await asyncio.start_unix_server(relay.carry, str(relay.path))
        try:
            yield relay
        finally:
            server.close()
            tasks = [wire.task for wire in relay.wires if wire.task is not None]
            for wire in list(relay.wires):
                wire.cut()
            if tasks:
                await asyncio.wait(tasks, timeout=2)
