"""Real stores for tests: the embedded Valkey and Debian's Redis, configured as `up` configures its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from hub.embedded import configuration, die_with_parent, find_server
from tests.support.processes import free_ports

MEMORY_BYTES = 1024 * 1024 * 1024
START_S, START_POLL_S = 20.0, 0.01


class StoreServer:
    """One server process on a Unix socket in a folder of its own.

    Kill it, freeze it, start it again: the data folder stays until `remove`.

    Args:
        binary: `valkey-server` or `redis-server`.
        durable: false leaves out `appendfsync always`, for tests of a store that must not be trusted.
    """

    def __init__(self, binary: Path, *, durable: bool = True) -> None:
        # A short path: a Unix socket's name holds about 100 bytes, pytest's own folders are longer.
        self.folder = Path(tempfile.mkdtemp(prefix="kt-"))
        self.socket = self.folder / "s"
        self.url = f"unix://{self.socket}"
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None
        text = configuration(self.folder, self.socket, MEMORY_BYTES)
        if not durable:
            text = text.replace("appendfsync always", "appendfsync everysec")
        (self.folder / "server.conf").write_text(text)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [self._binary, self.folder / "server.conf"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        patient = Retry(ConstantBackoff(START_POLL_S), int(START_S / START_POLL_S), (redis.ConnectionError,))
        try:
            with redis.Redis(unix_socket_path=str(self.socket), retry=patient) as client:
                client.ping()
        except redis.RedisError as exc:
            log = self.folder / "server.log"
            said = log.read_text() if log.exists() else "no log"
            raise RuntimeError(f"{self._binary} did not start: {said}") from exc

    def flush(self) -> None:
        """Empty it, scripts and changed settings included."""
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()
            client.script_flush()
            client.config_set("appendfsync", "always")

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """`kill -9`, also when it is frozen."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def restart(self) -> None:
        self.kill()
        self.start()

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def binary_of(name: str) -> Path:
    """Where `valkey` (the embedded one) or `redis` (Debian's) is. A missing one fails; nothing is skipped."""
    if name == "valkey":
        return find_server().path
    found = shutil.which("redis-server")
    if found is None:
        raise RuntimeError("redis-server is missing; install it with: sudo apt-get install redis-server")
    return Path(found)


@contextmanager
def running_store(name: str = "valkey", *, durable: bool = True) -> Iterator[StoreServer]:
    """A store of one's own, for tests that kill, freeze or misconfigure it."""
    server = StoreServer(binary_of(name), durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@contextmanager
def running_pair() -> Iterator[tuple[StoreServer, StoreServer]]:
    """A store on a port of this machine too, and its replica, both with every write on disk."""
    binary = find_server().path
    servers = StoreServer(binary), StoreServer(binary)
    try:
        for server in servers:
            server.start()
        port = free_ports()
        with redis.Redis.from_url(servers[0].url) as primary, redis.Redis.from_url(servers[1].url) as replica:
            primary.config_set("repl-diskless-sync-delay", 0)
            primary.config_set("bind", "127.0.0.1")
            primary.config_set("port", port)
            replica.replicaof("127.0.0.1", port)
            primary.set("pair", 1)  # without a write there would be nothing to wait for
            while primary.wait(1, 100) < 1:  # the store's own waiting
                pass
            primary.delete("pair")
        yield servers
    finally:
        for server in servers:
            server.remove()
