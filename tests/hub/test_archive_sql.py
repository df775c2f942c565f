"""One face for both databases: migrations, transactions, one error."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub import archive_sql
from hub.archive_sql import KNOWN, connect, shown, statements
from hub.errors import ArchiveForeign, ArchiveUnavailable


def test_a_schema_is_brought_up_once(archive_url: str) -> None:
    """By the numbered files; a second start finds nothing to do."""
    for _ in range(2):
        sql = connect(archive_url, make=True)
        sql.migrate()
        sql.check()
        assert sql.version() == KNOWN
        assert sql.run("SELECT count(*) FROM entries") == [(0,)]
        sql.close()


def test_a_newer_schema_is_refused_and_left_alone(archive_url: str) -> None:
    """One sentence, for whoever writes and whoever reads."""
    sql = connect(archive_url, make=True)
    sql.migrate()
    sql.run("UPDATE archive_schema SET version = ?", (KNOWN + 1,))
    for refuses in (sql.migrate, sql.check):
        with pytest.raises(ArchiveForeign, match=rf"newer version \(schema {KNOWN + 1}, this one knows {KNOWN}\)"):
            refuses()
    assert sql.version() == KNOWN + 1
    sql.close()


def test_an_older_schema_goes_on_where_it_stands(
    archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept stays; only what is new is run."""
    sql = connect(archive_url, make=True)
    sql.migrate()
    sql.run("INSERT INTO positions (city, kind, epoch, log_id, seq, hash) VALUES ('x', 'real', '', '', 0, ?)", (b"h",))
    newer = tmp_path / "9999_more.sql"
    newer.write_text("ALTER TABLE positions ADD COLUMN more BIGINT; -- a comment; with a semicolon\n")
    monkeypatch.setattr(archive_sql, "MIGRATIONS", (*archive_sql.MIGRATIONS, newer))
    monkeypatch.setattr(archive_sql, "KNOWN", KNOWN + 1)
    with pytest.raises(ArchiveForeign, match="older version"):
        sql.check()
    sql.migrate()
    assert sql.version() == KNOWN + 1
    assert sql.run("SELECT city, more FROM positions") == [("x", None)]
    sql.close()


def test_a_migration_that_fails_leaves_nothing(
    archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables and version alike: the next start begins anew."""
    wrong = tmp_path / "9999_wrong.sql"
    wrong.write_text("CREATE TABLE more (a BIGINT); SELECT nonsense FROM nowhere;")
    sql = connect(archive_url, make=True)
    with monkeypatch.context() as patch:
        patch.setattr(archive_sql, "MIGRATIONS", (*archive_sql.MIGRATIONS, wrong))
        with pytest.raises(ArchiveUnavailable, match="nowhere"):
            sql.migrate()
    with pytest.raises(ArchiveForeign, match="no archive"):
        sql.check()
    sql.migrate()
    assert sql.version() == KNOWN
    sql.close()


def test_a_transaction_is_all_or_nothing(archive_url: str) -> None:
    """An error in it leaves what was there."""
    sql = connect(archive_url, make=True)
    sql.migrate()
    row = "INSERT INTO positions (city, kind, epoch, log_id, seq, hash) VALUES ('x', 'r', '', '', 0, ?)"
    with pytest.raises(ArchiveUnavailable), sql.transaction():
        sql.many(row, [(b"h",), (b"the same city again",)])
    assert sql.run("SELECT city FROM positions") == []
    sql.close()


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """Reading makes no file; a folder that is a file, a server that is away: one sentence each."""
    with pytest.raises(ArchiveForeign, match="there is no archive at sqlite:"):
        connect(f"sqlite:{tmp_path}/none.sqlite", make=False)
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("no database, and long enough to be seen as none" * 20)
    with pytest.raises(ArchiveUnavailable, match="cannot be opened"):
        connect(f"sqlite:{tmp_path}/file/archive.sqlite", make=True)
    with pytest.raises(ArchiveUnavailable, match="not a database"):
        connect(f"sqlite:{tmp_path}/file", make=True)
    with pytest.raises(ArchiveUnavailable, match="cannot be reached") as caught:
        connect(f"postgresql://me:secret@/city?host={tmp_path}", make=True)
    assert "secret" not in str(caught.value)


def test_a_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    """From its first byte on."""
    connect(f"sqlite:{tmp_path}/new/archive.sqlite", make=True).close()
    assert stat.S_IMODE((tmp_path / "new" / "archive.sqlite").stat().st_mode) == 0o600


def test_an_address_is_told_without_its_password() -> None:
    """Nor its user or options."""
    assert shown("postgresql://me:secret@db.example:5432/city?x=y") == "postgresql://db.example:5432/city"
    assert shown("sqlite:var/a.sqlite") == "sqlite:var/a.sqlite"


def test_statements_are_read_without_comments() -> None:
    """A semicolon in a comment ends nothing."""
    assert statements("-- a; b\nCREATE TABLE a (b TEXT); -- c;\n\nSELECT 1;") == ["CREATE TABLE a (b TEXT)", "SELECT 1"]
