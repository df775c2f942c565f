"""The long memory: the audit log in SQL, chained, for as long as the city wants.

    store: audit log --XRANGE--> workers/archive.py --one transaction--> entries + position --> log trimmed behind it

What is kept. `entries` holds each audit entry as it was logged (`body`, byte for byte) with its place in the log, and
columns that are read out of it; `positions` how far the log of a city is archived; `heads` the signed ends of the
chain. SQLite (`sqlite:PATH`) or PostgreSQL (`postgresql://...`): the same statements, `hub/sql/*.sql` in order.
Exactly once. Rows and position are one transaction, which begins with the position that the writer knows: after a
crash, an unknown COMMIT or a second worker the database's own position is read and the log is read on from there.
A city is one chain (`hub/chain.py`). A hole in the log, another epoch of the store: a row of the archive's own says so.
Order. First the archive's disk, then the store hears the position (`{city}:archive`), then the janitor trims, never
past the position: the entry there stays and shows at the next read that nothing between was lost.
Bounds. 500 entries a transaction, nothing read ahead. While the archive is away the audit log grows in the store, to
`AUDIT_MOST` entries and no further: 250 MB, weeks of a city. `kentongan_archive_lag_seconds` and
`kentongan_audit_entries` tell, alerts ring long before.
What fails. Gone, full, newer, another city's: the archive waits and says why; no command, timer or hub waits for it.
Heads. Each hour the end of the chain is signed (Ed25519, `hub/heads.py`) and published: a table here, the store,
`GET /v1/audit/head`, a file if one is named. Whoever keeps one elsewhere can prove later that nothing was cut.
Reports read `body` of the rows that carry figures; `kentongan audit verify` walks all.
Time. After the city's `retain_days` what is personal leaves the rows, and the chain stays whole (`hub/prunes.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from msgspec import Struct

from hub.archive_sql import Sql, connect
from hub.chain import GENESIS, Link, Logged, Row, linked
from hub.errors import ArchiveForeign

COLUMNS: Final = (
    "city", "seq", "log_id", "commit_no", "at_ms", "id", "type", "version", "person", "role", "things", "figures",
    "body", "prev_hash", "hash",
)  # fmt: skip
PAGE: Final = 1000
LOWEST: Final = -(2**63)


class Position(Struct, frozen=True):
    """How far a city's log is archived. `log_id` empty: from its beginning."""

    epoch: str = ""
    log_id: str = ""
    link: Link = Link()


class Moved(Exception):
    """The archive's position is another than was known: somebody else wrote, or a lost answer was a yes."""

    def __init__(self, position: Position) -> None:
        super().__init__(position)
        self.position = position


class Head(Struct, frozen=True):
    """A signed end of the chain."""

    city: str
    seq: int
    hash: bytes
    at: int
    public_key: str
    signature: str


class ArchivedCity(Struct, frozen=True):
    """A city whose log is here. `zone`: its clock, of the IANA list."""

    city: str
    name: str
    zone: str


class Archive:
    """One city's part of a database. Blocking: never in a loop that others wait for."""

    def __init__(self, sql: Sql, city: str) -> None:
        self._sql, self.city, self.name = sql, city, sql.name

    @property
    def sql(self) -> Sql:
        return self._sql

    def close(self) -> None:
        self._sql.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """What is read in it is of one moment: its worker may be writing."""
        return self._sql.snapshot()

    # -- writing --------------------------------------------------------------------------

    def append(self, known: Position, entries: Sequence[Logged], epoch: str, log_id: str) -> Position:
        """Rows and position in one transaction; the new position.

        Args:
            log_id: the last entry's place in the log, which is the new position there.

        Raises:
            Moved: the position was another; nothing was written.
            ArchiveUnavailable: nothing is known; read `position` again.
        """
        rows, link = [], known.link
        for entry in entries:
            row = linked(self.city, link, entry)
            rows.append(_values(row))
            link = Link(row.seq, row.hash)
        position = Position(epoch, log_id, link)
        with self._sql.transaction():
            found = self._position(self._sql.for_update)
            if found != known:
                raise Moved(found)
            marks = ", ".join("?" * len(COLUMNS))
            self._sql.many(f"INSERT INTO entries ({', '.join(COLUMNS)}) VALUES ({marks})", rows)
            self._sql.run(
                "UPDATE positions SET epoch = ?, log_id = ?, seq = ?, hash = ? WHERE city = ?",
                (epoch, log_id, link.seq, link.hash, self.city),
            )
        return position

    def add_head(self, head: Head) -> None:
        self._sql.run(
            "INSERT INTO heads (city, seq, hash, at_ms, public_key, signature) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (head.city, head.seq, head.hash, head.at, head.public_key, head.signature),
        )

    # -- reading --------------------------------------------------------------------------

    def position(self) -> Position:
        return self._position("")

    def _position(self, lock: str) -> Position:
        rows = self._sql.run("SELECT epoch, log_id, seq, hash FROM positions WHERE city = ?" + lock, (self.city,))
        if not rows:
            return Position()
        epoch, log_id, seq, hash_ = rows[0]
        return Position(epoch, log_id, Link(int(seq), bytes(hash_)))

    def kind(self) -> str:
        """`demo` or `real`; empty when nothing of this city is here."""
        rows = self._sql.run("SELECT kind FROM positions WHERE city = ?", (self.city,))
        return str(rows[0][0]) if rows else ""

    def begin(self, kind: str) -> None:
        """Make this city's place in the archive.

        Raises:
            ArchiveForeign: it holds the other kind of city.
        """
        self._sql.run(
            "INSERT INTO positions (city, kind, epoch, log_id, seq, hash) VALUES (?, ?, '', '', 0, ?)"
            " ON CONFLICT DO NOTHING",
            (self.city, kind, GENESIS),
        )
        if (held := self.kind()) != kind:
            raise ArchiveForeign(f"the archive {self.name} holds a {held} city, expected {kind}: the two never mix")

    def call(self, name: str, zone: str) -> None:
        """Note what the city is called and which clock it has, for readers without its file."""
        self._sql.run("UPDATE positions SET name = ?, zone = ? WHERE city = ?", (name, zone, self.city))

    def count(self) -> int:
        return int(self._sql.run("SELECT count(*) FROM entries WHERE city = ?", (self.city,))[0][0])

    def rows(self) -> Iterator[Row]:
        """All rows in the order of `seq`, a page at a time."""
        after = LOWEST
        while page := self._sql.run(
            f"SELECT {', '.join(COLUMNS)} FROM entries WHERE city = ? AND seq > ? ORDER BY seq LIMIT {PAGE}",
            (self.city, after),
        ):
            for values in page:
                yield row_of(values)
            after = int(page[-1][1])

    def row(self, seq: int) -> Row | None:
        """One row; None where there is none."""
        found = self._sql.run(f"SELECT {', '.join(COLUMNS)} FROM entries WHERE city = ? AND seq = ?", (self.city, seq))
        return row_of(found[0]) if found else None

    def after_commit(self, commit: int) -> Iterator[tuple[int, int, str]]:
        """(commit, at, things) of every entry of a later commit than this one, in the log's order."""
        after = LOWEST
        while page := self._sql.run(
            "SELECT seq, commit_no, at_ms, things FROM entries WHERE city = ? AND commit_no > ? AND seq > ?"
            f" ORDER BY seq LIMIT {PAGE}",
            (self.city, commit, after),
        ):
            for _, number, at, things in page:
                yield int(number), int(at), str(things)
            after = int(page[-1][0])

    def figures(self, since: int, until: int) -> Iterator[tuple[int, bytes]]:
        """(at, body) of the rows that carry figures, from `since` to before `until` (ms)."""
        after = (since, LOWEST)
        while page := self._sql.run(
            "SELECT at_ms, seq, body FROM entries WHERE city = ? AND figures = 1 AND at_ms < ?"
            f" AND (at_ms > ? OR (at_ms = ? AND seq > ?)) ORDER BY at_ms, seq LIMIT {PAGE}",
            (self.city, until, after[0], *after),
        ):
            for at, _, body in page:
                yield int(at), bytes(body)
            after = (int(page[-1][0]), int(page[-1][1]))

    def heads(self) -> list[Head]:
        """Every head that was signed, the oldest first."""
        return self._heads("ORDER BY at_ms")

    def last_head(self) -> Head | None:
        return next(iter(self._heads("ORDER BY at_ms DESC LIMIT 1")), None)

    def _heads(self, which: str) -> list[Head]:
        found = self._sql.run(
            f"SELECT city, seq, hash, at_ms, public_key, signature FROM heads WHERE city = ? {which}", (self.city,)
        )
        return [Head(city, int(seq), bytes(hash_), int(at), key, sign) for city, seq, hash_, at, key, sign in found]


def open_archive(url: str, city: str, kind: str) -> Archive:
    """Open to write: made, migrated, ours.

    Raises:
        ArchiveUnavailable: it cannot be reached.
        ArchiveForeign: a newer version's, or the other kind of city's.
    """
    sql = connect(url, make=True)
    try:
        sql.migrate()
        archive = Archive(sql, city)
        archive.begin(kind)
    except BaseException:
        sql.close()
        raise
    return archive


def read_archive(url: str, city: str) -> Archive:
    """Open to read; nothing is made.

    Raises:
        ArchiveUnavailable: it cannot be reached.
        ArchiveForeign: there is none, or of another version.
    """
    sql = connect(url, make=False)
    try:
        sql.check()
    except BaseException:
        sql.close()
        raise
    return Archive(sql, city)


def cities(url: str) -> list[ArchivedCity]:
    """The cities of an archive, by their codes.

    Raises:
        ArchiveUnavailable: it cannot be reached.
        ArchiveForeign: there is none, or of another version.
    """
    archive = read_archive(url, "")
    try:
        return [ArchivedCity(*row) for row in archive.sql.run("SELECT city, name, zone FROM positions ORDER BY city")]
    finally:
        archive.close()


def _values(row: Row) -> tuple[Any, ...]:
    return (
        row.city, row.seq, row.log_id, row.commit, row.at, row.id, row.type, row.version, row.person, row.role,
        row.things, row.figures, row.body, row.prev_hash, row.hash,
    )  # fmt: skip


def row_of(values: tuple[Any, ...]) -> Row:
    """A row as it is read by `COLUMNS`."""
    city, seq, log_id, commit, at, id_, type_, version, person, role, things, figures, body, before, hash_ = values
    return Row(
        city=city, seq=int(seq), log_id=log_id, commit=int(commit), at=int(at), body=bytes(body), id=id_, type=type_,
        version=int(version), person=person, role=role, things=things, figures=int(figures),
        prev_hash=bytes(before), hash=bytes(hash_),
    )  # fmt: skip
