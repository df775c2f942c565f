"""`python -m hub.cli ...` without its half second of imports: forked from a process that has made them.

What runs is the command itself, in a process of its own with its own session, pipes and environment; it may be frozen
and killed like any other. Only the interpreter's start is not repeated.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO

COMMAND = ("-m", "hub.cli")
MOST_FDS = 1024
_PR_SET_PDEATHSIG = 1  # prctl(2)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.imported"])


class Forked:
    """As much of `subprocess.Popen` as `Process` uses; `stdout` and `stderr` are text."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], cwd: Path) -> None:
        (out, out_end), (err, err_end) = _context.Pipe(duplex=False), _context.Pipe(duplex=False)
        self._process = _context.Process(
            target=_run, args=(list(arguments), dict(environment), str(cwd), out_end, err_end), daemon=True
        )
        with out, err, out_end, err_end:
            self._process.start()
            self.stdout, self.stderr = _text(out), _text(err)
        pid = self._process.pid
        assert pid is not None
        self.pid: int = pid
        self._asking = threading.Lock()  # its exit code can be read once

    def poll(self) -> int | None:
        with self._asking:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; below zero: the signal that ended it."""
        wait([self._process.sentinel], timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(COMMAND, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _text(end: Connection) -> IO[str]:
    return os.fdopen(os.dup(end.fileno()), "r")


def _run(arguments: list[str], environment: dict[str, str], cwd: str, out: Connection, err: Connection) -> None:
    """In the child: become what `subprocess` would have started."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.closerange(3, MOST_FDS)  # the server's life line among them: it ends when the tests do, and all with it
    sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    sys.stdout, sys.stderr = (os.fdopen(to, "w", buffering=1, closefd=False) for to in (1, 2))
    sys.argv = [str(Path(cwd) / "hub" / "cli.py"), *arguments]
    sys.exit(import_module("hub.cli").main(arguments))
