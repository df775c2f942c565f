"""The index's tables, and the file (or the temporary one) that they live in.

    position    how far the index has got in the city's log; one row
    shop        number, id, `seen` (commit of what it shows), its public view (None: hidden), its words, all words
    product     number = shop's number * 256 + place (1..255), its public fields, its words
    place       what a question filters and sorts by: small, one row per shop that can be found
    shop_words  FTS5: all words of a shop and its products; row = shop's number
    part_words  FTS5: the words of one product, or (place 0) of the shop alone; row = product's number
    slip        every word by its cuts, so that words one wrong letter away are found by equality

A shop is a point on the unit sphere (x, y, z): the square of a chord sorts exactly as the great
circle (haversine) does, and needs no function in the inner loop.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

VERSION: Final = 1
"""Of the tables below; a file of another version is made anew."""

CACHE_KB: Final = 128 * 1024
SIDES: Final = ("", "-wal", "-shm")

_FTS: Final = "fts5(words, content='', detail=none, columnsize=0, tokenize=ascii, prefix='1 2 3')"
_TABLES: Final = f"""
BEGIN;
CREATE TABLE position (epoch TEXT NOT NULL, "commit" INTEGER NOT NULL, at INTEGER NOT NULL);
INSERT INTO position VALUES ('', 0, 0);
CREATE TABLE shop (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, seen INTEGER NOT NULL, view BLOB,
                   words TEXT NOT NULL DEFAULT '', everything TEXT NOT NULL DEFAULT '');
CREATE TABLE product (n INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, price INTEGER NOT NULL,
                      state TEXT NOT NULL, stock INTEGER, made_here INTEGER NOT NULL, words TEXT NOT NULL);
CREATE TABLE place (n INTEGER PRIMARY KEY, open INTEGER NOT NULL, category TEXT NOT NULL, kelurahan TEXT NOT NULL,
                    x REAL NOT NULL, y REAL NOT NULL, z REAL NOT NULL);
CREATE TABLE slip (cut TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (cut, word)) WITHOUT ROWID;
CREATE VIRTUAL TABLE shop_words USING {_FTS};
CREATE VIRTUAL TABLE part_words USING {_FTS};
PRAGMA user_version = {VERSION};
COMMIT;
"""


def opened(path: Path | None) -> sqlite3.Connection:
    """Open the index, made anew where it is missing, of another version, or no index at all.

    None: a temporary one, which SQLite unlinks as soon as it is open, so that nothing is left behind.

    Raises:
        sqlite3.Error: the file cannot be written, or SQLite has no FTS5.
    """
    if path is not None:
        with contextlib.suppress(sqlite3.DatabaseError):
            db = _connected(path)
            if db.execute("PRAGMA user_version").fetchone() == (VERSION,):
                return db
            db.close()
        removed(path)
    db = _connected(path)
    db.executescript(_TABLES)
    return db


def _connected(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or "", isolation_level=None)
    db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    if path is None:
        db.execute("PRAGMA journal_mode = MEMORY")
        return db
    # A commit waits for no disk: what a power cut takes is at most the last ones, and the log still has them.
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")  # it would wait for the disk in the middle of an answer
    return db


def removed(path: Path, sides: Sequence[str] = SIDES) -> None:
    """Remove an index with all its files, or those of them that are named."""
    for side in sides:
        path.with_name(path.name + side).unlink(missing_ok=True)


def checkpoint(path: Path) -> None:
    """Carry what was committed from the journal into the file. Waits for the disk: for a thread of its own.

    Nothing happens to an index that was removed meanwhile.
    """
    where = f"{path.absolute().as_uri()}?mode=rw"
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(where, uri=True)) as db,
    ):
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")


def journal_bytes(path: Path) -> int:
    """How much waits to be carried into the file."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size
    except OSError:
        return 0
