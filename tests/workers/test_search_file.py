"""The file that the index lives in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from workers.search_file import VERSION, checkpoint, journal_bytes, opened, removed


def version(db: sqlite3.Connection) -> int:
    (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_a_temporary_index_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sees it, and nothing is there after `kill -9`."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    db = opened(None)
    db.execute("CREATE TABLE big (b BLOB)")
    db.execute("INSERT INTO big VALUES (zeroblob(1 << 20))")
    assert list(tmp_path.iterdir()) == []
    db.close()


@pytest.mark.parametrize("what", [b"", b"not an index at all" * 1000, None])
def test_what_is_no_index_is_made_anew(tmp_path: Path, what: bytes | None) -> None:
    """An empty file, garbage, or the tables of another version: a new index takes its place."""
    path = tmp_path / "search.sqlite"
    if what is None:
        old = sqlite3.connect(path)
        old.execute("CREATE TABLE shop (other TEXT)")
        old.execute(f"PRAGMA user_version = {VERSION + 1}")
        old.close()
    else:
        path.write_bytes(what)
    db = opened(path)
    assert version(db) == VERSION
    assert db.execute("SELECT count(*) FROM shop WHERE seen > 0").fetchone() == (0,)
    db.close()


def test_an_index_is_kept(tmp_path: Path) -> None:
    """Opened again it has what it had."""
    path = tmp_path / "search.sqlite"
    db = opened(path)
    db.execute("INSERT INTO shop (id, seen) VALUES ('s1', 1)")
    db.close()
    db = opened(path)
    assert db.execute("SELECT id FROM shop").fetchall() == [("s1",)]
    db.close()
    removed(path)
    assert list(tmp_path.iterdir()) == []


def test_the_journal_is_carried_into_the_file(tmp_path: Path) -> None:
    """A commit waits in the journal until somebody carries it over, while the index stays open."""
    path = tmp_path / "search.sqlite"
    db = opened(path)
    db.execute("INSERT INTO shop (id, seen, words) VALUES ('s1', 1, ?)", ("kentongan " * 1000,))
    assert journal_bytes(path) > 10_000
    assert b"kentongan" not in path.read_bytes()
    checkpoint(path)
    assert b"kentongan" in path.read_bytes()
    db.execute("INSERT INTO shop (id, seen) VALUES ('s2', 1)")
    db.close()
    assert journal_bytes(path) == 0
