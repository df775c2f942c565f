"""SQLite and PostgreSQL behind one small face: statements with `?`, explicit transactions, one error.

Migrations are the numbered files of `hub/sql`, run in order, each in a transaction with its number in
`archive_schema`. They and all statements are written in what both databases understand.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from hub.errors import ArchiveForeign, ArchiveUnavailable

MIGRATIONS: Final = tuple(sorted((Path(__file__).parent / "sql").glob("*.sql")))
KNOWN: Final = len(MIGRATIONS)
SQLITE: Final = "sqlite:"
FILE: Final = "archive.sqlite"
"""Its name in a data folder."""
POSTGRES: Final = ("postgresql://", "postgres://")
BUSY_S: Final = 10.0
PG_OPTIONS: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,
    "application_name": "kentongan",
}
WRITES: Final = "-c synchronous_commit=on -c statement_timeout=15000 -c lock_timeout=10000"
"""Accepted means on disk here too, whatever the server's own default is."""
READS: Final = "-c statement_timeout=120000"


class Sql:
    """One connection. Used by one thread at a time."""

    for_update = ""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self.name = connection, name

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """One statement; its rows.

        Raises:
            ArchiveUnavailable: the database is gone, full or refuses.
        """
        with self._translated():
            cursor = self._connection.execute(self._own(statement), values)
            return cursor.fetchall() if cursor.description else []

    def many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """The statement once for each row."""
        with self._translated():
            cursor = self._connection.cursor()
            cursor.executemany(self._own(statement), rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; `ArchiveUnavailable` out of its end proves neither."""
        self.run(self._begin())
        try:
            yield
        except BaseException:
            with contextlib.suppress(ArchiveUnavailable):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read in it is of one moment, whatever is written meanwhile."""
        self.run(self._begin_read())
        try:
            yield
        finally:
            with contextlib.suppress(ArchiveUnavailable):
                self.run("ROLLBACK")

    def migrate(self) -> None:
        """Bring the schema up to what this version knows.

        Raises:
            ArchiveForeign: a newer version wrote it.
        """
        with self.transaction():
            self._lock_schema()
            self.run("CREATE TABLE IF NOT EXISTS archive_schema (version BIGINT NOT NULL)")
            for number, path in enumerate(MIGRATIONS[self._checked() :], self.version() + 1):
                for statement in statements(path.read_text("utf-8")):
                    self.run(statement)
                self.run("DELETE FROM archive_schema")
                self.run("INSERT INTO archive_schema (version) VALUES (?)", (number,))

    def version(self) -> int:
        """The schema's version; 0 of an empty one."""
        rows = self.run("SELECT version FROM archive_schema")
        return int(rows[0][0]) if rows else 0

    def _checked(self) -> int:
        version = self.version()
        if version > KNOWN:
            raise ArchiveForeign(
                f"the archive {self.name} was written by a newer version (schema {version}, this one knows {KNOWN})"
            )
        return version

    def check(self) -> None:
        """Refuse what this version cannot read.

        Raises:
            ArchiveForeign: no archive, or one of another version.
        """
        if not self._there():
            raise ArchiveForeign(f"there is no archive in {self.name}")
        if self._checked() < KNOWN:
            raise ArchiveForeign(f"the archive {self.name} is of an older version: start its worker once")

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._connection.close()

    # -- what differs ---------------------------------------------------------------------

    def _own(self, statement: str) -> str:
        return statement

    def _begin(self) -> str:
        return "BEGIN IMMEDIATE"

    def _begin_read(self) -> str:
        return "BEGIN"

    def _lock_schema(self) -> None:
        """SQLite's transaction holds the whole file."""

    def _there(self) -> bool:
        return bool(self.run("SELECT 1 FROM sqlite_master WHERE name = 'archive_schema'"))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise ArchiveUnavailable(f"the archive {self.name}: {exc}") from exc


class Postgres(Sql):
    """The same on PostgreSQL."""

    for_update = " FOR UPDATE"

    def _own(self, statement: str) -> str:
        return statement.replace("?", "%s")

    def _begin(self) -> str:
        return "BEGIN"

    def _begin_read(self) -> str:
        return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def _lock_schema(self) -> None:
        self.run("SET LOCAL statement_timeout = 0")  # an index over years takes its time
        self.run("SELECT pg_advisory_xact_lock(3576)")

    def _there(self) -> bool:
        return bool(self.run("SELECT 1 WHERE to_regclass('archive_schema') IS NOT NULL"))

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        import psycopg

        try:
            yield
        except (psycopg.Error, OSError) as exc:
            raise ArchiveUnavailable(f"the archive {self.name}: {str(exc).strip() or type(exc).__name__}") from exc


def connect(url: str, *, make: bool) -> Sql:
    """Open `sqlite:PATH` or `postgresql://...`.

    Args:
        make: make the SQLite file when there is none.

    Raises:
        ArchiveUnavailable: it cannot be opened.
        ArchiveForeign: there is no file.
    """
    if url.startswith(POSTGRES):
        return _postgres(url, WRITES if make else READS)
    path, name = Path(url.removeprefix(SQLITE)), shown(url)
    if not make and not path.exists():
        raise ArchiveForeign(f"there is no archive at {name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if make and not path.exists():
            path.touch(0o600)
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # the log is trimmed behind it
            connection.execute("PRAGMA secure_delete = ON")  # what is pruned is overwritten in the file
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as exc:
        raise ArchiveUnavailable(f"the archive {name} cannot be opened: {exc}") from exc
    return Sql(connection, name)


def _postgres(url: str, options: str) -> Sql:
    import psycopg

    try:
        connection = psycopg.connect(url, autocommit=True, options=options, **PG_OPTIONS)
    except (psycopg.Error, OSError) as exc:
        raise ArchiveUnavailable(f"the archive {shown(url)} cannot be reached: {str(exc).strip()}") from exc
    return Postgres(connection, shown(url))


def shown(url: str) -> str:
    """The address as it may be told: without user, password and options."""
    if not url.startswith(POSTGRES):
        return url
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def statements(text: str) -> list[str]:
    """The statements of a migration, without comments."""
    bare = re.sub(r"--[^\n]*", "", text)
    return [one.strip() for one in bare.split(";") if one.strip()]
