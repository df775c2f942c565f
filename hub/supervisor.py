"""Child processes: started, awaited by their first event, started again when they die, ended together.

A child prints one JSON object per line on its standard output; what it writes on its standard
error goes where ours goes. It has a session of its own, so that Ctrl-C reaches only us, and the
kernel ends it when we are gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.embedded import Notice, die_with_parent
from hub.errors import StartError

START_S: Final = 30.0
RESTART_FIRST_S, RESTART_MOST_S = 0.1, 5.0
STEADY_S: Final = 30.0
LINE_BYTES: Final = 1024 * 1024


@dataclass(slots=True)
class Child:
    """One process to keep alive.

    Args:
        name: in words (`help hub`).
        module: run with this interpreter (`python -m <module>`), with `arguments`.
        ready: the event that says it is up.
        start_s: how long that may take; None waits for as long as it runs.
        stdin: makes what it reads at each start; None gives it nothing.
        heard: hears every event it prints, the ready one included.
        environment: added to ours.
    """

    name: str
    module: str
    arguments: Sequence[str]
    ready: str
    start_s: float | None = START_S
    stdin: Callable[[], Awaitable[bytes]] | None = None
    heard: Notice = lambda event: None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    pump: asyncio.Task[None] | None = field(default=None, init=False)
    first: asyncio.Future[dict[str, Any]] | None = field(default=None, init=False)

    async def start(self) -> dict[str, Any]:
        """Start it; its ready event.

        Raises:
            StartError: it ended before it was ready, or took too long.
        """
        given = await self.stdin() if self.stdin is not None else b""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.module,
            *self.arguments,
            stdin=subprocess.PIPE if self.stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=die_with_parent(),
            limit=LINE_BYTES,
        )
        self.first = asyncio.get_running_loop().create_future()
        self.pump = asyncio.create_task(self._read(self.process, self.first))
        if self.process.stdin is not None:
            with contextlib.suppress(ConnectionError):
                self.process.stdin.write(given)
                await self.process.stdin.drain()
            self.process.stdin.close()
        try:
            async with asyncio.timeout(self.start_s):
                return await asyncio.shield(self.first)
        except TimeoutError:
            raise StartError(f"the {self.name} was not ready after {self.start_s:g} s") from None

    async def _read(self, process: asyncio.subprocess.Process, first: asyncio.Future[dict[str, Any]]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ValueError):  # a line over the limit: it has gone mad, and is not listened to
            async for line in process.stdout:
                with contextlib.suppress(ValueError):
                    event = json.loads(line)
                    if isinstance(event, dict):
                        self.heard(event)
                        if event.get("event") == self.ready and not first.done():
                            first.set_result(event)
        code = await process.wait()
        if not first.done():
            first.set_exception(StartError(f"the {self.name} ended at its start (exit code {code})"))
            first.exception()  # it may be that nobody waits any more

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def ended(self) -> int:
        """Its exit code, when it has ended and all that it printed was heard."""
        assert self.process is not None
        assert self.pump is not None
        await asyncio.wait((self.pump,))  # not `await self.pump`: whoever gives up waiting must not end it
        return await self.process.wait()

    def terminate(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()


class Supervisor:
    """Keeps children alive until `stop`."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._children: list[Child] = []
        self._watches: list[asyncio.Task[None]] = []

    async def start(self, *children: Child) -> list[dict[str, Any]]:
        """Start children side by side; their ready events, in order.

        Raises:
            StartError: one of them did not come up. `stop` ends the others.
        """
        self._children.extend(children)
        starts = [asyncio.create_task(child.start()) for child in children]
        try:
            events = await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
        self._watches.extend(asyncio.create_task(self._watch(child)) for child in children)
        return events

    async def _watch(self, child: Child) -> None:
        wait_s = RESTART_FIRST_S
        while True:
            since = time.monotonic()
            code = await child.ended()
            if time.monotonic() - since > STEADY_S:
                wait_s = RESTART_FIRST_S
            self._notice({"event": "child_lost", "what": child.name, "code": code})
            while True:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, RESTART_MOST_S)
                try:
                    await child.start()
                    break
                except (StartError, OSError) as exc:
                    child.kill()
                    await child.ended()
                    self._notice({"event": "child_failed", "what": child.name, "reason": str(exc)})
            self._notice({"event": "child_back", "what": child.name})

    async def stop(self, within_s: float = 4.0) -> None:
        """End all children: SIGTERM to each, SIGKILL to whoever is left after `within_s`. Idempotent."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        running = [child for child in self._children if child.running]
        if not running:
            return
        for child in running:
            child.terminate()
        _, late = await asyncio.wait([asyncio.create_task(child.ended()) for child in running], timeout=within_s)
        for child in running:
            child.kill()
        await asyncio.gather(*late)
