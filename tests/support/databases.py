"""Real databases for tests: a SQLite file, and a PostgreSQL server of our own in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from hub.embedded import die_with_parent

START_S, START_POLL_S = 30.0, 0.02
ACCOUNTS = ("postgres", "nobody")


class PostgresServer:
    """One server on a Unix socket. PostgreSQL refuses to run as root: as another account then."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kt-pg-"))
        self.url = f"postgresql:///postgres?host={self.folder}&user=postgres"
        self._data = self.folder / "data"
        self._account: dict[str, Any] = {}
        if os.getuid() == 0:
            account = _account()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        made = subprocess.run(
            [program("initdb"), "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            capture_output=True, cwd=self.folder, **self._account,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.decode()}")

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off", "max_connections=20"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("postgres"), "-D", self._data, *(part for one in settings for part in ("-c", one))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGQUIT), **self._account,
            )  # fmt: skip
        end = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError as exc:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise RuntimeError(f"postgres did not start: {(self.folder / 'log').read_text()}") from exc
                time.sleep(START_POLL_S)

    def empty(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as one:
            one.execute("DROP SCHEMA public CASCADE")
            one.execute("CREATE SCHEMA public")

    def kill(self) -> None:
        """An immediate shutdown, as a crash: whoever is connected is cut off."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def program(name: str) -> Path:
    """Where a program of PostgreSQL is: Debian keeps them off the path. A missing one fails; nothing is skipped."""
    places = [Path(found).resolve()] if (found := shutil.which(name)) else []
    places += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if not places:
        raise RuntimeError(f"{name} is missing; install it with: sudo apt-get install postgresql")
    return places[0]


def _account() -> pwd.struct_passwd:
    for name in ACCOUNTS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError(f"PostgreSQL does not run as root, and there is no account {' or '.join(ACCOUNTS)}")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.remove()
