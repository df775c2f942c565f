"""Processes of Kentongan for tests: started for real, awaited by the line they print when they are ready."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from hub.embedded import die_with_parent
from tests.support import forked

ROOT = Path(__file__).resolve().parents[2]
READY_S = 30.0
HELP_OFFSET = 100


def free_ports() -> int:
    """A port that is free together with the help hub's (100 above it)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            if port + HELP_OFFSET > 65_535:
                continue
            try:
                second.bind(("127.0.0.1", port + HELP_OFFSET))
            except OSError:
                continue
            return port


class Process:
    """One child process; its output is read by threads, so that it never blocks on a full pipe.

    Args:
        arguments: after `python`: `["-m", "hub.cli", "serve", ...]`.
        environment: added to the settings-free environment of this process.
    """

    def __init__(
        self, arguments: Sequence[str], *, environment: Mapping[str, str] | None = None, cwd: Path = ROOT
    ) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KENTONGAN_")}
        given = {**clean, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(environment or {})}
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._more = threading.Condition()
        # A tree of its own has modules of its own.
        own = given["PYTHONPATH"] == str(ROOT) and tuple(arguments[:2]) == forked.COMMAND
        self._process = forked.Forked(arguments[2:], given, cwd) if own else _begun(arguments, given, cwd)
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(self._process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Any, into: list[str]) -> None:
        with stream:
            for line in stream:
                with self._more:
                    into.append(line.rstrip("\n"))
                    self._more.notify_all()
        with self._more:
            self._more.notify_all()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, wanted: Callable[[str], bool], within_s: float = READY_S) -> str:
        """The first line of its output that is wanted, already printed or to come.

        Raises:
            AssertionError: it ended, or the time did, with all that it printed.
        """
        return self._wait_in(self.lines, wanted, within_s)

    def wait_error(self, wanted: Callable[[str], bool], within_s: float = READY_S) -> str:
        """The same of its standard error."""
        return self._wait_in(self.errors, wanted, within_s)

    def _wait_in(self, lines: list[str], wanted: Callable[[str], bool], within_s: float) -> str:
        until = time.monotonic() + within_s
        seen = 0
        with self._more:
            while True:
                for line in lines[seen:]:
                    if wanted(line):
                        return line
                seen = len(lines)
                left = until - time.monotonic()
                if left <= 0 or (not self.running and not any(reader.is_alive() for reader in self._readers)):
                    raise AssertionError(f"the line did not come: {self.lines[-20:]} {self.errors[-20:]}")
                self._more.wait(min(left, 0.2))

    def wait_event(self, name: str, within_s: float = READY_S, **fields: Any) -> dict[str, Any]:
        """The first JSON line with this `event` and these fields."""

        def matches(line: str) -> bool:
            event = _event(line)
            return event.get("event") == name and fields.items() <= event.items()

        return _event(self.wait_for(matches, within_s))

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, within_s: float = 10.0) -> int:
        """SIGTERM, then its exit code; a process that does not end is killed and fails the test."""
        if self.running:
            self.signal(signal.SIGTERM)
        return self.exit_code(within_s)

    def exit_code(self, within_s: float = 10.0) -> int:
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not end in {within_s:g} s: {self.lines[-20:]} {self.errors[-20:]}") from None
        for reader in self._readers:
            reader.join(5)
        return code

    def kill(self) -> None:
        """`kill -9`, also when it is frozen. Idempotent."""
        if self.running:
            self._process.kill()
        self._process.wait(10)
        for reader in self._readers:
            reader.join(5)


def _begun(arguments: Sequence[str], environment: Mapping[str, str], cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )


def _event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def start_hub(
    kind: str,
    store_url: str,
    port: int,
    *more: str,
    demo: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """Start one hub (`help` or `public`); `port` is the public hub's, the help hub listens 100 above it."""
    arguments = ["-m", "hub.cli", "serve", f"--{kind}-only", "--store", store_url, "--port", str(port), *more]
    return Process(arguments + ["--demo"] * demo, environment=environment)


def start_worker(
    store_url: str, *more: str, demo: bool = False, environment: Mapping[str, str] | None = None
) -> Process:
    return Process(["-m", "hub.cli", "work", "--store", store_url, *more] + ["--demo"] * demo, environment=environment)


def start_query(
    store_url: str, listen: str, *more: str, demo: bool = False, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a query process; it prints JSON, and `query_ready` when it has an index."""
    arguments = ["-m", "hub.cli", "query", "--store", store_url, "--listen", listen, "--json", *more]
    return Process(arguments + ["--demo"] * demo, environment=environment)


@contextmanager
def running_city(
    store_url: str, *more: str, demo: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[int, list[Process]]]:
    """A help hub, a public hub and a worker on a store: (public port, [help hub, public hub, worker]).

    Args:
        more: arguments of all three.
    """
    port = free_ports()
    with ExitStack() as stack:
        hubs = [
            start_hub(kind, store_url, port, *more, demo=demo, environment=environment) for kind in ("help", "public")
        ]
        worker = start_worker(store_url, *more, demo=demo, environment=environment)
        processes = [*hubs, worker]
        for process in processes:
            stack.callback(process.kill)
        for hub in hubs:
            hub.wait_event("hub_ready")
        worker.wait_event("worker_ready")
        yield port, processes
