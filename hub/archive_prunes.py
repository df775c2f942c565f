"""What is read and written of an archive when it is pruned: pages of rows, and the signed blocks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from hub.archive import COLUMNS, Archive, row_of
from hub.chain import Block, Row

BLOCK: Final = ("city", "first_seq", "last_seq", "gone", "marks", "at_ms", "public_key", "signature")


class Prune(Struct, frozen=True):
    """A signed block: these kinds are `gone` out of the rows from `first` to `last`."""

    city: str
    first: int
    last: int
    gone: str
    marks: bytes
    at: int
    public_key: str = ""
    signature: str = ""

    @property
    def block(self) -> Block:
        return Block(self.first, self.last, self.marks)


class Prunes:
    """The blocks of one city's archive, and its rows to be pruned."""

    def __init__(self, archive: Archive) -> None:
        self._sql, self.city = archive.sql, archive.city

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """A transaction that no other writer of this city is in."""
        with self._sql.transaction():
            self._sql.run("SELECT seq FROM positions WHERE city = ?" + self._sql.for_update, (self.city,))
            yield

    def page(self, after: int, most: int, last: int | None) -> list[Row]:
        """So many rows behind `after`, up to `last` (None: whichever there are)."""
        bound = "" if last is None else " AND seq <= ?"
        values = (self.city, after) if last is None else (self.city, after, last)
        found = self._sql.run(
            f"SELECT {', '.join(COLUMNS)} FROM entries WHERE city = ? AND seq > ?{bound} ORDER BY seq LIMIT {most}",
            values,
        )
        return [row_of(values) for values in found]

    def rewrite(self, rows: Sequence[Row]) -> None:
        """Rows with another content at the same place, under the same hash."""
        self._sql.many(
            "UPDATE entries SET id = ?, type = ?, version = ?, person = ?, role = ?, things = ?, figures = ?, body = ?"
            " WHERE city = ? AND seq = ?",
            [
                (row.id, row.type, row.version, row.person, row.role, row.things, row.figures, row.body, row.city,
                 row.seq)
                for row in rows
            ],
        )  # fmt: skip

    def put(self, prune: Prune) -> None:
        """A block, in the place of the one of the same rows."""
        self._sql.run("DELETE FROM prunes WHERE city = ? AND first_seq = ?", (self.city, prune.first))
        self._sql.run(
            f"INSERT INTO prunes ({', '.join(BLOCK)}) VALUES ({', '.join('?' * len(BLOCK))})",
            (prune.city, prune.first, prune.last, prune.gone, prune.marks, prune.at, prune.public_key,
             prune.signature),
        )  # fmt: skip

    def all(self) -> list[Prune]:
        return self._found("ORDER BY first_seq", 0)

    def next(self, after: int) -> Prune | None:
        """The first block that ends behind this row."""
        return next(iter(self._found("ORDER BY first_seq LIMIT 1", after)), None)

    def _found(self, which: str, after: int) -> list[Prune]:
        rows = self._sql.run(
            f"SELECT {', '.join(BLOCK)} FROM prunes WHERE city = ? AND last_seq > ? {which}", (self.city, after)
        )
        return [
            Prune(city, int(first), int(last), gone, bytes(marks), int(at), key, sign)
            for city, first, last, gone, marks, at, key, sign in rows
        ]
