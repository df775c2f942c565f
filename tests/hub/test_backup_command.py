"""`kentongan backup`: what is refused, what is printed, and the loop."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import person_keys
from hub.backup import Plan
from hub.backup_command import Folder, archive_beside, go_on, lines
from hub.backup_file import Archived
from hub.cli import main
from hub.errors import StartError
from hub.settings import PREFIX
from hub.zones import zone_of
from tests.support.backups import CITY, KEYS, city, key_in
from tests.support.processes import Process

MEMBER: dict[Any, Any] = {
    "role": "medic", "name": "Budi", "at": 1, "vehicle": "", "desk": "", "shop": "", "van": "",
}  # fmt: skip


@pytest.fixture
def store(valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small city, and a setting that names the key."""
    monkeypatch.setenv(PREFIX + "BACKUP_KEY", str(tmp_path / "backup.key"))
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
    return valkey_url


def backup(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["backup", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_it_says_what_was_made(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sentences for people, with what to do with a fresh key; one JSON object for programs."""
    code, out, _ = backup(capsys, "--to", str(tmp_path / "to"), "--store", store)
    assert code == 0
    assert "city 35.76 (real) as of 2026-" in out
    assert "commit 7" in out
    assert "17 keys, 2 of them things" in out
    assert "no archive is kept here: after a restore nobody knows what was lost" in out
    assert f"a backup key was made: {tmp_path / 'backup.key'}. Keep a copy of it elsewhere" in out
    code, out, _ = backup(capsys, "--to", str(tmp_path / "to"), "--store", store, "--json")
    made = json.loads(out)
    assert code == 0
    assert (made["event"], made["city"], made["kind"], made["commit"], made["epoch"]) == (
        "backup", "35.76", "real", 7, "old",
    )  # fmt: skip
    assert made["lanes"] == {"urgent": 7, "normal": 6}
    assert made["key_made"] is False
    assert made["removed"] == []
    assert {"took_ms", "held_ms", "bytes", "keys", "things", "archive_ms", "lost_at_most_s"} <= set(made)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--to"),
        (["--to", "x", "--keep", "0"], "expected how many, from 1 on, got '0'"),
        (["--to", "x", "--every", "0"], "expected whole minutes from 1 to 10080, got '0'"),
        (["--to", "x", "--every", "1.5"], "expected whole minutes"),
        (["--to", "x", "--store", "redis://x", "--data", "y"], "not allowed with"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and what was expected."""
    with pytest.raises(SystemExit) as ended:
        main(["backup", *arguments])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_one_sentence_when_it_cannot_be_made(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2: no store, a folder that is a file, a key that is none, a folder that would be lost with the data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("word")
    data = tmp_path / "data"
    data.mkdir()
    (data / "store.url").write_text(store)
    for arguments, why in (
        (["--to", "to"], "nothing runs in var/real or var/demo"),
        (["--to", "file", "--store", store], "cannot be"),
        (["--to", "to", "--store", store, "--key", "file"], "holds no backup key"),
        (["--to", "data/to", "--data", "data"], "lies in the data folder data: it would be lost with it"),
    ):
        code, out, err = backup(capsys, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert why in err


def test_the_archive_of_a_data_folder_goes_along(tmp_path: Path) -> None:
    """Of the folder whose store it is, and of no other."""
    (tmp_path / "archive.sqlite").touch()
    assert archive_beside("unix:///s", [tmp_path]) == ""
    (tmp_path / "store.url").write_text("unix:///s\n")
    assert archive_beside("unix:///s", [tmp_path / "none", tmp_path]) == f"sqlite:{tmp_path / 'archive.sqlite'}"
    assert archive_beside("unix:///t", [tmp_path]) == ""


def test_an_archive_with_a_tool_of_its_own_is_named() -> None:
    """pg_dump, and where it was."""
    archive = Archived("postgresql://db/kota", False, 1234, "5-0")
    said = "\n".join(lines(_made(archive=archive)))
    assert "postgresql://db/kota is backed up with pg_dump; it was at row 1,234" in said
    assert "1,234 rows beside it" in "\n".join(lines(_made(archive=Archived("sqlite:x", True, 1234, "5-0"))))
    assert "removed: one, two" in "\n".join(lines(_made(removed=["one", "two"])))


def _made(**more: Any) -> Any:
    from hub.backup import Made

    fields: dict[str, Any] = {
        "file": "f", "city": CITY, "kind": "real", "epoch": "e", "commit": 1, "lanes": {}, "at": 0, "keys": 1,
        "things": 1, "again": 0, "tries": 1, "held_ms": 1.0, "paused_ms": 0, "took_ms": 1, "bytes": 1, "archive": None,
        "archive_ms": 0, "removed": [], "key": "k", "key_made": False, "lost_at_most_s": 0,
    }  # fmt: skip
    return Made(**fields | more)


def test_times_are_of_the_city() -> None:
    """Each city's by its own clock."""
    made = _made(at=1_790_000_000_000)
    assert "as of 2026-09-21 21:13:20 WIB," in lines(made)[0]
    assert "as of 2026-09-21 23:13:20 WIT," in lines(made, zone_of("Asia/Jayapura"))[0]


def test_who_is_erased_leaves_the_folder_soon(store: str, tmp_path: Path) -> None:
    """The loop looks between two backups: the file is written anew when somebody was erased, and only then."""
    key, folder = key_in(tmp_path), tmp_path / "to"
    folder.mkdir()
    kept = Folder(Plan(url=store, city=CITY, folder=folder, key=tmp_path / "backup.key"))
    assert kept.keep_up() is True
    assert kept.keep_up() is False
    with redis.Redis.from_url(store) as client:
        client.hdel(KEYS.person_keys, "siti")
        client.zadd(KEYS.erased, {"siti": 7})
    assert kept.keep_up() is True
    assert person_keys.read(folder, CITY, key) == person_keys.Kept({}, {"siti": 7})


def test_the_next_ones_come_at_their_times(store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every so many seconds from the first one's beginning; one that fails is said, and the one after it comes at
    its time; one that took longer than that is followed at once."""
    key_in(tmp_path)
    (tmp_path / "to").mkdir()
    plan = Plan(url=store, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key", every_s=25)
    now = [100.0]
    begun: list[float] = []
    said: list[Any] = []

    def told(seconds: float) -> bool:
        now[0] += seconds
        return now[0] > 260

    def make(plan: Plan) -> Any:
        begun.append(now[0])
        if len(begun) == 1:
            raise StartError("the disk is full")
        now[0] += 60.0 * (len(begun) == 3)
        return _made()

    go_on(plan, 100.0, told, said.append, make=make, clock=lambda: now[0])
    assert begun == [125.0, 150.0, 175.0, 235.0, 260.0]
    assert len(said) == 4
    assert capsys.readouterr().err == "kentongan: no backup: the disk is full\n"


@pytest.mark.timeout(60)
def test_the_loop_goes_on_until_it_is_told(store: str, tmp_path: Path) -> None:
    """The first at once; SIGTERM ends it with 0. The store hears how often one is made."""
    key = {PREFIX + "BACKUP_KEY": str(tmp_path / "backup.key")}
    arguments = ["-m", "hub.cli", "backup", "--to", str(tmp_path / "to"), "--store", store, "--every", "5", "--json"]
    process = Process(arguments, environment={**os.environ, **key})
    try:
        made = process.wait_event("backup")
        assert Path(made["file"]).exists()
        assert made["lost_at_most_s"] >= 300
        with redis.Redis.from_url(store) as client:
            assert client.hget(KEYS.backup, "every_s") == b"300"
        process.signal(signal.SIGTERM)
        assert process.exit_code() == 0
    finally:
        process.kill()


def test_who_is_erased_by_hand_leaves_the_folder_at_once(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`kentongan erase` knows from the store where the last backup lies; where that is not here, it says so."""
    key = key_in(tmp_path)
    assert backup(capsys, "--to", str(tmp_path / "to"), "--store", store)[0] == 0
    assert set(person_keys.read(tmp_path / "to", CITY, key).keys) >= {"siti"}
    assert main(["erase", "siti", "--store", store]) == 0
    assert capsys.readouterr().err == ""
    kept = person_keys.read(tmp_path / "to", CITY, key)
    assert "siti" not in kept.keys
    assert list(kept.erased) == ["siti"]
    with redis.Redis.from_url(store) as client:
        client.hset(KEYS.member("budi"), mapping=MEMBER)
        client.hset(KEYS.backup, "folder", "/nowhere")
    assert main(["erase", "budi", "--store", store]) == 0
    assert "still beside the backups until the next one is made: /nowhere/person-keys" in capsys.readouterr().err
