"""What every import does around its rows (how the shops' import shows it is tested there)."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import StartError
from hub.import_report import check_places, notes, read_bytes, reported
from hub.sheet import Fault


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Named as what it should have been."""
    with pytest.raises(StartError, match=r"the timetable .* cannot be read"):
        read_bytes(tmp_path / "none.csv", "timetable")


def test_the_report(tmp_path: Path) -> None:
    """Written where there is something to say; an older one of ours goes."""
    path = tmp_path / "r.csv"
    assert reported(path, [Fault(2, "time", "later", "7")]) == str(path)
    assert path.read_text().splitlines()[1] == "2,time,later,7"
    assert reported(path, []) is None
    assert not path.exists()


def test_places(tmp_path: Path) -> None:
    """Nothing is written over what was read."""
    with pytest.raises(StartError, match="--report"):
        check_places(tmp_path / "a.csv", {"--report": tmp_path / "a.csv"})


def test_notes(capsys: pytest.CaptureFixture[str]) -> None:
    """Said on stderr, one line each."""
    notes("Windows-1252", ["Lain"])
    assert capsys.readouterr().err.count("\n") == 2
