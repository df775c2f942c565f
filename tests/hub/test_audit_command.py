"""`kentongan audit verify`, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.archive import open_archive, read_archive
from hub.archive_sql import connect
from hub.audit_command import verify
from hub.cli import main
from hub.heads import Signer, kept_key, public
from hub.settings import PREFIX
from tests.support.chains import CITY, entry

ROWS = 8


@pytest.fixture
def whole(archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An archive of eight rows, with a signed head at the fifth and the eighth, that a setting names."""
    key = tmp_path / "archive.key"
    monkeypatch.setenv(PREFIX + "ARCHIVE_URL", archive_url)
    monkeypatch.setenv(PREFIX + "ARCHIVE_KEY", str(key))
    archive = open_archive(archive_url, CITY, "real")
    signer = Signer(kept_key(key), CITY)
    for first, last in ((1, 5), (6, ROWS)):
        entries = [entry(number) for number in range(first, last + 1)]
        position = archive.append(archive.position(), entries, "epoch", entries[-1].log_id)
        archive.add_head(signer.head(position.link, 1000 + last))
    archive.close()
    return archive_url


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main(["audit", "verify", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def broken(url: str, *statements: str) -> None:
    sql = connect(url, make=False)
    for statement in statements:
        sql.run(statement)
    sql.close()


def test_a_whole_archive_is_said_to_be_whole(whole: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, how many rows and heads, and what to keep elsewhere."""
    code, found = verified(capsys)
    assert code == 0
    assert (found["ok"], found["rows"], found["heads"], found["doubted"], found["fault"]) == (True, ROWS, 2, 0, None)
    assert main(["audit", "verify"]) == 0
    out = capsys.readouterr().out
    assert f"whole: {ROWS} rows" in out
    assert f"keep this one elsewhere: {ROWS}:{found['hash']}" in out
    assert verified(capsys, "--head", f"{ROWS}:{found['hash']}")[0] == 0


BREAKS: dict[str, tuple[tuple[str, ...], str, int]] = {
    "changed": (("UPDATE entries SET at_ms = 9223372036854775807 WHERE seq = 3",), "changed", 3),
    "read column": (("UPDATE entries SET person = 'x' WHERE seq = 8",), "changed", 8),
    "removed": (("DELETE FROM entries WHERE seq = 4",), "removed", 4),
    "renumbered": (
        (
            "DELETE FROM entries WHERE seq = 4",
            *(f"UPDATE entries SET seq = {n - 1} WHERE seq = {n}" for n in range(5, 9)),
        ),
        "removed",
        4,
    ),
    "inserted": (
        (
            *(f"UPDATE entries SET seq = {n + 1} WHERE seq = {n}" for n in range(8, 2, -1)),
            "INSERT INTO entries SELECT city, 3, log_id, commit_no, at_ms, id, type, version, person, role, things,"
            " figures, body, prev_hash, hash FROM entries WHERE seq = 2",
        ),
        "inserted",
        3,
    ),
    "appended": (
        (
            "INSERT INTO entries SELECT city, 9, log_id, commit_no, at_ms, id, type, version, person, role, things,"
            " figures, body, prev_hash, hash FROM entries WHERE seq = 8",
        ),
        "inserted",
        9,
    ),
    "cut": (("DELETE FROM entries WHERE seq > 6",), "cut", 7),
    "cut, and the position with it": (
        (
            "UPDATE positions SET seq = 6, hash = (SELECT hash FROM entries WHERE seq = 6)",
            "DELETE FROM entries WHERE seq > 6",
        ),
        "cut",
        7,
    ),
    "all": (("DELETE FROM entries",), "cut", 1),
}


@pytest.mark.parametrize("how", BREAKS)
def test_what_was_done_is_named(whole: str, capsys: pytest.CaptureFixture[str], how: str) -> None:
    """The first row and the kind of it; exit code 1; the same in words."""
    statements, kind, seq = BREAKS[how]
    broken(whole, *statements)
    code, found = verified(capsys)
    assert code == 1
    assert not found["ok"]
    assert (found["fault"]["how"], found["fault"]["seq"]) == (kind, seq)
    assert main(["audit", "verify"]) == 1
    out = capsys.readouterr().out
    assert f"NOT WHOLE: row {seq} was {kind}: " in out
    if kind in ("changed", "inserted"):
        assert found["row"]["type"] == "lamp.switch"
        assert f"there stands now: lamp.switch {found['row']['id']} by {found['row']['person']}" in out
    else:
        assert (found["row"] is None) == (how != "renumbered")


def test_a_forger_with_the_whole_database_is_found_by_a_kept_head(
    whole: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """End, position and heads cut together show only against what somebody kept."""
    head = open_head(whole)
    broken(
        whole,
        "UPDATE positions SET seq = 6, hash = (SELECT hash FROM entries WHERE seq = 6)",
        "DELETE FROM entries WHERE seq > 6",
        "DELETE FROM heads WHERE seq > 6",
    )
    assert verified(capsys)[0] == 0
    kept = tmp_path / "head.json"
    kept.write_text(json.dumps(head))
    for given in (str(kept), json.dumps(head), f"{head['seq']}:{head['hash']}"):
        code, found = verified(capsys, "--head", given)
        assert (code, found["fault"]["how"], found["fault"]["seq"]) == (1, "cut", 7)
    other = f"5:{'ab' * 32}"
    assert verified(capsys, "--head", other)[1]["fault"]["seq"] == 1


def open_head(url: str) -> dict[str, Any]:
    archive = open_archive(url, CITY, "real")
    head = archive.last_head()
    archive.close()
    assert head is not None
    return public(head)


def test_a_walk_sees_one_moment(whole: str) -> None:
    """Rows that its worker writes meanwhile are not taken for inserted ones."""
    reader, writer = read_archive(whole, CITY), open_archive(whole, CITY, "real")
    with reader.snapshot():
        assert reader.position().link.seq == ROWS
        entries = [entry(number) for number in range(ROWS + 1, ROWS + 4)]
        writer.append(writer.position(), entries, "epoch", entries[-1].log_id)
        found = verify(reader, None, "")
        assert (found.ok, found.rows) == (True, ROWS)
    assert verify(reader, None, "").rows == ROWS + 3
    for one in (reader, writer):
        one.close()


def test_a_head_with_another_signature_does_not_count(whole: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is counted as doubted, and said."""
    broken(whole, "UPDATE heads SET signature = public_key WHERE seq = 5")
    code, found = verified(capsys)
    assert (code, found["heads"], found["doubted"]) == (0, 1, 1)
    assert verified(capsys, "--key", "ab" * 32)[1]["doubted"] == 2
    assert main(["audit", "verify"]) == 0
    assert "not signed by this key" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--archive", "sqlite:/nowhere/archive.sqlite"], "there is no archive at sqlite:/nowhere"),
        (["--data", "/nowhere"], "no archive is here: name it with --archive or --data"),
        ([], "no archive is here"),
        (["--head", "x"], "--head: expected SEQ:HASH"),
    ],
)
def test_what_cannot_be_read_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, exit code 2."""
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "verify", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"kentongan: {says}")
    assert err.count("\n") == 1


def test_an_archive_is_found_in_a_data_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The named one, or the usual ones; its key lies beside it."""
    folder = tmp_path / "var" / "real"
    open_archive(f"sqlite:{folder / 'archive.sqlite'}", CITY, "real").close()
    monkeypatch.chdir(tmp_path)
    for arguments in ((), ("--data", str(folder))):
        code, found = verified(capsys, *arguments)
        assert (code, found["rows"]) == (0, 0)
