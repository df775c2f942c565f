"""`kentongan report NAME`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.figures import REPORTS
from hub import cli
from hub.archive import Position, open_archive
from hub.chain import Logged
from hub.cli import main
from hub.contract import Figure
from tests.support.chains import CITY, entry

AT = 1_795_000_000_000
SPAN = ("--from", "2026-11-01", "--to", "2026-11-30")


@pytest.fixture
def url(archive_url: str) -> str:
    """An archive with two orders of which one was answered."""
    archive = open_archive(archive_url, CITY, "real")
    figures = [
        Figure("order", "miji", {"rang_answered": 20_000}, {"all": 1, "asked": 1, "answered": 1}),
        Figure("order", "meri", {}, {"all": 1, "asked": 1, "expired": 1}),
    ]
    entries = [
        Logged(f"{number}-0", number, AT, msgspec.msgpack.encode({"cmd": "order.x", "figures": [figure]}))
        for number, figure in enumerate(figures, 1)
    ]
    archive.append(Position(), [entry(1), *entries], "epoch", "2-0")
    archive.close()
    return archive_url


def test_a_report_is_printed(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, and as JSON with every row."""
    assert main(["report", "order", "--archive", url, *SPAN]) == 0
    out = capsys.readouterr().out
    assert "order, 2026-11-01 - 2026-11-30" in out
    assert "all: 2 counted" in out
    assert "50% (1 of 2)" in out
    assert main(["report", "order", "--archive", url, *SPAN, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (found["name"], found["demo"], found["rows"][0]["n"]) == ("order", False, 2)
    assert {row["place"] for row in found["rows"]} == {"", "miji", "meri"}
    assert main(["report", "medic", "--archive", url, *SPAN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["n"] == 0


def test_a_report_is_a_table_or_a_picture(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a file, or on standard output."""
    command = ["report", "order", "--archive", url, *SPAN]
    assert main([*command, "--csv", str(tmp_path / "a.csv")]) == 0
    assert main([*command, "--plot", str(tmp_path / "a.svg")]) == 0
    assert capsys.readouterr().out == ""
    text = (tmp_path / "a.csv").read_bytes().decode()
    assert main([*command, "--csv", "-"]) == 0
    assert capsys.readouterr().out.splitlines() == text.splitlines()
    assert text.startswith("month,kelurahan,n,rang_answered_n,")
    assert (tmp_path / "a.svg").read_text().startswith("<svg ")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "yesterday"], "from: expected a day"),
        (["--archive", "sqlite:/nowhere/a.sqlite"], "there is no archive"),
        (["--csv", "/nowhere/at/all.csv"], "cannot be written"),
    ],
)
def test_what_cannot_be_made_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """One sentence, exit code 2."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    open_archive(url, CITY, "real").close()
    named = [] if "--archive" in arguments else ["--archive", url]
    assert main(["report", "van", *named, *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("kentongan: ")
    assert err.count("\n") == 1
    assert says in err


def test_the_command_knows_every_report() -> None:
    """Those that the services make, no other."""
    assert tuple(report.name for report in REPORTS) == cli.REPORTS
