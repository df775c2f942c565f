"""A relay of bytes that the harness controls: cut, silence or delay single connections.

*Cut* closes both ends at once. *Silent* is what a dead network does: nothing is
carried any more, in neither direction, and nobody is told; a connection that was
silenced stays so until its owner gives it up. *Delayed* bytes arrive late, in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

Filter = Callable[[bytes], bytes]
Address = Path | tuple[str, int]
"""A Unix socket's path, or host and port."""

_SUBSCRIBE: Final = re.compile(rb"SUBSCRIBE\r\n\$\d+\r\n\{[^}]*\}:(\S+)\r\n")


class End(asyncio.Protocol):
    """One end of a wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.transport: asyncio.Transport | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.wire.made(self)

    def data_received(self, data: bytes) -> None:
        self.wire.carry(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self.wire.lost(self)
        self.gone.set()

    def pause_writing(self) -> None:
        other = self.wire.other(self).transport
        if other is not None:
            other.pause_reading()

    def resume_writing(self) -> None:
        other = self.wire.other(self).transport
        if other is not None:
            other.resume_reading()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class Wire:
    """One relayed connection. `near` is who came, `far` is whom it was for.

    `kind` says what a store connection is for, once it is known: `bus:urgent`, `moved`, or "" for the rest.
    """

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        self.near, self.far = End(self), End(self)
        self.kind = ""
        self.silent = False
        self.delay_s = relay.delay_s
        self.filter: Filter | None = relay.filters() if relay.filters is not None else None
        self._early: list[bytes] | None = []
        """What came before `far` was reached."""
        self._late: deque[tuple[float, End, bytes]] = deque()

    def other(self, end: End) -> End:
        return self.far if end is self.near else self.near

    def made(self, end: End) -> None:
        if end is self.near:
            self.relay.wires[self] = None
            self.relay.spawn(self._reach())
        elif self.near.transport is None:
            end.abort()
        else:
            early, self._early = self._early, None
            for data in early or ():
                self.carry(self.near, data)

    async def _reach(self) -> None:
        """Connect to whom it is for; who cannot be reached was never there."""
        loop, far = asyncio.get_running_loop(), self.relay.far
        try:
            if isinstance(far, Path):
                await loop.create_unix_connection(lambda: self.far, str(far))
            else:
                await loop.create_connection(lambda: self.far, *far)
        except OSError:
            self.near.abort()

    def carry(self, end: End, data: bytes) -> None:
        if self._early is not None:
            self._early.append(data)
            return
        if end is self.near and not self.kind and (found := _SUBSCRIBE.search(data)):
            self.kind = found[1].decode()
        if self.silent:
            return
        if end is self.far and self.filter is not None:
            data = self.filter(data)
        if not self.delay_s and not self._late:
            self._write(self.other(end), data)
            return
        loop = asyncio.get_running_loop()
        self._late.append((loop.time() + self.delay_s, self.other(end), data))
        loop.call_later(self.delay_s, self._deliver)

    def _deliver(self) -> None:
        now = asyncio.get_running_loop().time() + 0.002
        while self._late and self._late[0][0] <= now:
            _, end, data = self._late.popleft()
            if not self.silent:
                self._write(end, data)
        if self._late and not self.delay_s:
            asyncio.get_running_loop().call_later(0.01, self._deliver)

    def _write(self, end: End, data: bytes) -> None:
        if data and end.transport is not None:
            end.transport.write(data)

    def lost(self, end: End) -> None:
        """An end is gone: the other hears it, unless the network between them is dead."""
        other = self.other(end)
        if not self.silent:
            other.close()
        if other.transport is None:
            self.relay.wires.pop(self, None)

    def cut(self) -> None:
        self.near.abort()
        self.far.abort()

    @property
    def alive(self) -> bool:
        """Whether both ends are there and something is carried."""
        return not self.silent and self.near.transport is not None and self.far.transport is not None

    @property
    def abandoned(self) -> bool:
        """Whether whoever came has given it up, and the other end does not know."""
        return self.silent and self.near.transport is None


class Relay:
    """Listens at `near` and carries every connection to `far`.

    Args:
        filters: makes a filter for what each connection brings from `far`.
    """

    def __init__(self, near: Address, far: Address, *, filters: Callable[[], Filter] | None = None) -> None:
        self.near, self.far, self.filters = near, far, filters
        self.delay_s = 0.0
        self.wires: dict[Wire, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def spawn(self, work: object) -> None:
        task = asyncio.create_task(cast("asyncio._CoroutineLike[None]", work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()

        def near() -> End:
            return Wire(self).near

        if isinstance(self.near, Path):
            self._server = await loop.create_unix_server(near, str(self.near), backlog=512)
        else:
            self._server = await loop.create_server(near, *self.near, backlog=1024)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        ends = [end for wire in self.wires for end in (wire.near, wire.far) if end.transport is not None]
        for end in ends:
            end.abort()
        await asyncio.gather(*(end.gone.wait() for end in ends))

    def living(self, kind: str | None = None) -> list[Wire]:
        """Connections that carry, of one kind or of all."""
        return [wire for wire in self.wires if wire.alive and kind in (None, wire.kind)]

    def slow_down(self, delay_s: float) -> None:
        """Delay every connection, those to come included; 0 ends it."""
        self.delay_s = delay_s
        for wire in self.wires:
            wire.delay_s = delay_s

    def bury(self) -> None:
        """End what whoever came has given up: the dead network is mended, the other end hears of it at last."""
        for wire in list(self.wires):
            if wire.abandoned:
                wire.far.abort()
