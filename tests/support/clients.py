"""A thin WebSocket client: greeted, it reads all the time and keeps what it heard."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from hub import wire
from hub.recovery import Table
from tests.support.raw import Raw, handshake

Frame = dict[str, Any]


HEARD_S = 5.0


class Client:
    """A greeted client that keeps every frame, and a table per topic by the rule of recovery."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.frames: list[Frame] = []
        self.tables: dict[str, Table] = {}
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
                table.receive(frame)
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
        return await self.replied(await self.asks(cmd, data, id_, **more))

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
