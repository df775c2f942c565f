"""`kentongan import-trips`: what it prints, writes and answers, on a real store."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.cli import main
from hub.commit import unpack
from hub.keys import Keys

KEYS = Keys("35.76")
HEAD = "mobil;hari;jam;titik;kelurahan;lat;lon;layanan\n"
GOOD = (
    "v1;Senin;08.00;Balai Kranggan;Kranggan;;;KTP (KK asli) 40\n"
    "v1;Senin;09.00;Balai Meri;Meri;;;\n"
    "v2;Selasa;08.00;Balai Miji;Miji;;;\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "trips.csv"
    path.write_text(HEAD + GOOD)
    return path


def said(capsys: pytest.CaptureFixture[str], file: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """The summary of a run with `--json`."""
    assert main(["import-trips", str(file), "--json", *options]) == code
    summary: dict[str, Any] = json.loads(capsys.readouterr().out)
    return summary


def faults(file: Path) -> list[tuple[str, str]]:
    with file.with_name("trips.csv.errors.csv").open(newline="", encoding="utf-8") as lines:
        return [(row["line"], row["column"]) for row in csv.DictReader(lines)]


def test_a_timetable_goes_in_once(file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run makes vans, stops and plans, the second finds all as it is."""
    assert main(["import-trips", str(file), "--store", valkey_url]) == 0
    assert capsys.readouterr().out == "3 rows: 3 written, 0 unchanged, 0 errors\n"
    summary = said(capsys, file, "--store", valkey_url)
    assert summary == {"rows": 3, "written": 0, "same": 3, "errors": 0, "left": 0, "report": None}
    with redis.Redis.from_url(valkey_url) as client:
        vans = client.hgetall(KEYS.table("vans"))
        assert sorted(vans) == [b"v1", b"v2"]
        plan = unpack(client.hget(KEYS.thing("van", "v1"), "s"))["plan"]
        assert [stop["minute"] for stop in plan[0]] == [480, 540]


def test_errors_by_line(file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1 and a report; a trip with a bad row is left out, what the service refuses is in it by line."""
    file.write_text(
        HEAD
        + GOOD
        + "v1;Senin;08.30;Balai Wates;Wates;;;\n"  # goes backwards
        + "v3;Rabu;08.00;Balai Sawah;Blooto;-7.4801;112.38;\n"  # near the city, and not in it
        + "v3;Rabu;09.00;Balai Blooto;Blooto;;;\n"
    )
    summary = said(capsys, file, "--store", valkey_url, code=1)
    assert (summary["rows"], summary["written"], summary["errors"]) == (6, 1, 2)
    assert summary["left"] == 3
    assert faults(file) == [("5", "time"), ("6", "lat")]


def test_a_dry_run_needs_no_store(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It reads, checks and reports."""
    assert main(["import-trips", str(file), "--dry-run"]) == 0
    assert capsys.readouterr().out == "3 rows: 3 good, 0 errors; nothing was written (dry run)\n"


def test_what_cannot_start(file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and one sentence: no file, no timetable, another kind of city."""
    assert main(["import-trips", str(file.with_name("none.csv")), "--dry-run"]) == 2
    file.write_text("a,b\n")
    assert main(["import-trips", str(file), "--dry-run"]) == 2
    err = capsys.readouterr().err
    assert err.count("kentongan: the timetable") == 2
