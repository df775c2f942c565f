"""`kentongan import-staff`: what it prints, writes and answers, on a real store."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from hub.cli import main

URL = "https://kota.example"
TEXT = "nama;peran;toko;meja\nSari;medis;;\nEndah;pusat;;medis\nSari;medis;;\nBu Tini;penjual;s99;\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "petugas.csv"
    path.write_text("\ufeff" + TEXT, "utf-8")
    return path


def test_a_list_goes_in_and_what_is_wrong_is_reported(
    file: Path, valkey_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good rows get links in a file for its owner alone; doubles and unknown shops are rows of the report; exit 1."""
    links = file.with_name("links.csv")
    options = ["import-staff", str(file), "--links", str(links), "--store", valkey_url, "--url", URL]
    assert main([*options, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "rows": 4, "enrolled": 2, "same": 0, "errors": 2, "left": 0, "report": f"{file}.errors.csv",
        "links": str(links),
    }  # fmt: skip
    assert links.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(links.read_text().splitlines()))
    assert [row[:3] for row in rows] == [["line", "role", "name"], ["2", "medic", "Sari"], ["3", "dispatcher", "Endah"]]
    assert rows[1][3].startswith(f"{URL}/medic#masuk=")
    report = list(csv.reader(Path(said["report"]).read_text().splitlines()))
    assert [row[:2] for row in report[1:]] == [["4", "name"], ["5", "shop"]]
    assert main(options) == 1
    assert "4 rows: 2 links, 0 signed in already, 2 errors" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("x\n", [], "missing: name (nama), role (peran)"),
        (TEXT, ["--links", "no/where.csv"], "cannot be written"),
        (TEXT, ["--store", "redis://127.0.0.1:1/0"], "127.0.0.1:1"),
    ],
)
def test_what_cannot_start_says_why_and_enrols_nobody(
    tmp_path: Path, valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    text: str, more: list[str], says: str,
) -> None:  # fmt: skip
    """One sentence, exit code 2, no file."""
    monkeypatch.setattr("hub.check.ANSWER_S", 0.1)
    file = tmp_path / "x.csv"
    file.write_text(text)
    options = [] if "--store" in more else ["--store", valkey_url]
    options += [] if "--links" in more else ["--links", str(tmp_path / "links.csv")]
    assert main(["import-staff", str(file), "--url", URL, *options, *more]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "links.csv").exists()
