"""A child that is told what to do line by line and answers in JSON lines: the C programs, the publishers."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

from hub.embedded import die_with_parent
from tests.support.processes import ROOT

PATIENCE_S: Final = 60.0


class Lines:
    """One such process, pinned to a core.

    Args:
        yields: whether it gives way to whoever wakes up beside it, so that load does not measure itself:
            SCHED_IDLE, and the lowest niceness for its session's autogroup as well (sched(7)).
    """

    def __init__(self, arguments: Sequence[str], core: int, *, yields: bool = False) -> None:
        dies = die_with_parent()

        def before_exec() -> None:
            dies()
            os.sched_setaffinity(0, {core})
            if yields:
                os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
                with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as autogroup:
                    autogroup.write("19")

        self._name = os.path.basename(arguments[0])
        self._process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=yields,
            preexec_fn=before_exec,
        )
        self._heard: list[dict[str, Any]] = []
        self._more = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._more:
                self._heard.append(json.loads(line))
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def wait(self, event: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """The next line with this event; it is used up.

        Raises:
            RuntimeError: the process ended, or the time did.
        """
        until = time.monotonic() + within_s
        with self._more:
            while True:
                for place, said in enumerate(self._heard):
                    if said["event"] == event:
                        return self._heard.pop(place)
                left = until - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise RuntimeError(f"{self._name} did not say {event}; it said {self._heard[-3:]}")
                self._more.wait(min(left, 0.2))

    def ask(self, line: str, event: str, within_s: float = PATIENCE_S) -> dict[str, Any]:
        self.tell(line)
        return self.wait(event, within_s)

    def reset(self) -> None:
        self.ask("reset", "reset")

    def stats(self) -> dict[str, Any]:
        return self.ask("stats", "stats")

    def end(self) -> None:
        """Close its input, which ends it; kill it when it does not. Idempotent."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._reader.join(5)
