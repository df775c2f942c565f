"""A real city in real processes, each behind a relay: its store, its hubs, its workers.

Every process reaches the store through a relay of its own, and people reach
every hub through another, so that any of them can be killed, frozen, silenced
or cut alone. What dies without being told to is started again, as a supervisor
does, and noted.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.faults.relay import Filter, Relay
from tests.support.processes import HELP_OFFSET, Process, free_ports, start_hub, start_worker
from tests.support.servers import StoreServer, binary_of

Kind = Literal["help", "public", "worker"]

READY_S: Final = 40.0
WATCH_S: Final = 0.2
LEASE_S: Final = 6.0
"""How long a timer may wait after a worker died with it: its lease, and a little."""

ENVIRONMENT: Final = {
    "KENTONGAN_BEAT_S": "1",
    "KENTONGAN_DRAIN_S": "0.5",
    "KENTONGAN_LIMIT_LOOPBACK": "false",
    "KENTONGAN_LOG_KEEP_MB": "65536",  # the comparison plays the whole log again
}
_READY: Final = {"help": '"hub_ready"', "public": '"hub_ready"', "worker": '"worker_ready"'}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True, eq=False)
class Part:
    """One process, its way to the store, and people's way to it."""

    name: str
    kind: Kind
    store: Relay
    port: int = 0
    door: Relay | None = None
    process: Process | None = None
    up: bool = False
    """Whether the harness wants it to run."""
    frozen: bool = False
    starts: int = 0
    said: list[str] = field(default_factory=list)
    """What its former processes wrote on their standard errors."""

    @property
    def ready(self) -> bool:
        process = self.process
        return process is not None and process.running and any(_READY[self.kind] in line for line in process.lines)


class City:
    """One store, hubs and workers.

    Args:
        pairs: how many public hubs, and as many help hubs.
        filters: of the relay between a part, by its name, and the store.
    """

    def __init__(
        self, pairs: int = 2, workers: int = 2, *, filters: dict[str, Callable[[], Filter]] | None = None
    ) -> None:
        self.server = StoreServer(binary_of("valkey"))
        self.disturbed: list[tuple[int, int]] = []
        self.unasked: list[str] = []
        """Deaths that nobody ordered, of parts that had been ready."""
        self._filters = filters or {}
        self._watch: asyncio.Task[None] | None = None
        self._restarting: set[asyncio.Task[None]] = set()
        self.parts: dict[str, Part] = {}
        for number in range(pairs):
            port = free_ports()
            self._add(f"public {number + 1}", "public", port)
            self._add(f"help {number + 1}", "help", port)
        for number in range(workers):
            self._add(f"worker {number + 1}", "worker", 0)

    def _add(self, name: str, kind: Kind, port: int) -> None:
        path = self.server.folder / name.replace(" ", "")
        part = Part(name, kind, Relay(path, self.server.socket, filters=self._filters.get(name)), port)
        if kind != "worker":
            own = port + HELP_OFFSET * (kind == "help")
            part.door = Relay(("127.0.0.1", 0), ("127.0.0.1", own))
        self.parts[name] = part

    # -- life -------------------------------------------------------------------

    async def start(self) -> None:
        await asyncio.to_thread(self.server.start)
        for part in self.parts.values():
            await part.store.start()
            if part.door is not None:
                await part.door.start()
            self.start_part(part)
        await self.until_ready()
        self._watch = asyncio.create_task(self._keep())

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for part in self.parts.values():
            part.up = False
            if part.process is not None:
                await asyncio.to_thread(part.process.kill)
            await part.store.close()
            if part.door is not None:
                await part.door.close()
        await asyncio.to_thread(self.server.remove)

    def start_part(self, part: Part) -> None:
        if part.process is not None:
            part.said += part.process.errors
        url = f"unix://{part.store.near}"
        if part.kind == "worker":
            part.process = start_worker(url, environment=ENVIRONMENT)
        else:
            part.process = start_hub(part.kind, url, part.port, environment=ENVIRONMENT)
        part.up, part.frozen = True, False
        part.starts += 1

    async def until_ready(self, within_s: float = READY_S) -> None:
        """Wait until every part is.

        Raises:
            TimeoutError: names those that are not.
        """
        until = time.monotonic() + within_s
        while missing := [part for part in self.parts.values() if part.up and not part.ready]:
            if time.monotonic() > until:
                said = {part.name: part.process.errors[-5:] for part in missing if part.process is not None}
                raise TimeoutError(f"not ready after {within_s:g} s: {said}")
            await asyncio.sleep(0.05)

    async def _keep(self) -> None:
        """Start again what ended by itself."""
        while True:
            await asyncio.sleep(WATCH_S)
            for part in self.parts.values():
                process = part.process
                if part.up and process is not None and not process.running:
                    if part.ready or any(_READY[part.kind] in line for line in process.lines):
                        self.unasked.append(f"{part.name}: {process.errors[-12:]}")
                    self.start_part(part)

    # -- doors ------------------------------------------------------------------

    def of_kind(self, kind: Kind) -> list[Part]:
        return [part for part in self.parts.values() if part.kind == kind]

    @property
    def hubs(self) -> list[Part]:
        return [part for part in self.parts.values() if part.kind != "worker"]

    def doors(self, kind: Literal["help", "public"]) -> list[str]:
        """Addresses of the relays before the hubs of one kind: `127.0.0.1:<port>`."""
        return [f"127.0.0.1:{part.door.port}" for part in self.of_kind(kind) if part.door is not None]

    # -- faults -----------------------------------------------------------------

    async def kill(self, part: Part) -> None:
        """`kill -9`."""
        part.up = False
        if part.process is not None:
            await asyncio.to_thread(part.process.kill)

    async def drain(self, part: Part) -> None:
        """SIGTERM; it says `bye` and ends by itself."""
        part.up = False
        if part.process is not None:
            await asyncio.to_thread(part.process.end, 20.0)

    def freeze(self, part: Part) -> None:
        if part.process is not None and part.process.running:
            part.process.signal(signal.SIGSTOP)
            part.frozen = True

    def thaw(self, part: Part) -> None:
        if part.frozen and part.process is not None and part.process.running:
            part.process.signal(signal.SIGCONT)
        part.frozen = False

    async def kill_store(self, down_s: float) -> None:
        await asyncio.to_thread(self.server.kill)
        await asyncio.sleep(down_s)
        await asyncio.to_thread(self.server.start)

    async def freeze_store(self, for_s: float) -> None:
        self.server.signal(signal.SIGSTOP)
        await asyncio.sleep(for_s)
        self.server.signal(signal.SIGCONT)

    def heal(self) -> None:
        """Everything runs and carries again. What was silenced stays so until its owner gives it up."""
        for part in self.parts.values():
            self.thaw(part)
            if part.process is None or not part.process.running:
                self.start_part(part)
            if part.door is not None:
                part.door.slow_down(0)

    def disturb(self, started: int, settled_s: float) -> None:
        """Note that timers may have been late from `started` until now and `settled_s` more."""
        self.disturbed.append((started, now_ms() + round(settled_s * 1000)))

    def tracebacks(self) -> Sequence[str]:
        """The ends of tracebacks that parts wrote, by part."""
        found = []
        for part in self.parts.values():
            lines = part.said + (part.process.errors if part.process is not None else [])
            for place, line in enumerate(lines):
                if line.startswith("Traceback"):
                    rest = lines[place + 1 :]
                    end = next((at for at, one in enumerate(rest) if one and not one.startswith(" ")), len(rest) - 1)
                    began = lines[place - 1] if place else ""
                    found.append(f"{part.name}: {began} ... {' | '.join(rest[max(0, end - 2) : end + 1])}")
        return found
