"""The data folder: locked, marked, and refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub import folder
from hub.errors import StartError
from hub.folder import FORMAT, DataFolder, running_url, write_whole


def test_a_fresh_folder_is_made_and_marked(tmp_path: Path) -> None:
    """A folder that is not there is made, with what it holds in its marker; the next start finds it so."""
    for _ in range(2):
        opened = DataFolder.open(tmp_path / "var" / "demo", "demo")
        opened.close()
    assert json.loads((tmp_path / "var/demo/kentongan.json").read_text()) == {"kind": "demo", "format": FORMAT}


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ('{"kind": "real", "format": 1}', "holds a real city"),
        ('{"kind": "demo", "format": 99}', "newer Kentongan"),
        ('{"kind": "demo"}', "cannot be read"),
        ("not JSON", "cannot be read"),
        ("[]", "cannot be read"),
    ],
)
def test_a_folder_of_another_kind_is_refused_untouched(tmp_path: Path, marker: str, said: str) -> None:
    """The other kind, a newer format and an unreadable marker are refused, and nothing is changed."""
    (tmp_path / "kentongan.json").write_text(marker)
    with pytest.raises(StartError, match=said):
        DataFolder.open(tmp_path, "demo")
    assert [path.name for path in tmp_path.iterdir()] == ["kentongan.json"]
    assert (tmp_path / "kentongan.json").read_text() == marker


def test_somebody_elses_folder_is_refused_untouched(tmp_path: Path) -> None:
    """A folder with other files and no marker is never taken over."""
    (tmp_path / "thesis.txt").write_text("words")
    with pytest.raises(StartError, match="holds something else"):
        DataFolder.open(tmp_path, "real")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A path that cannot be a folder is refused in one sentence with the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot be written"):
        DataFolder.open(tmp_path / "file" / "demo", "demo")
    with pytest.raises(StartError, match="cannot be written"):
        DataFolder.open(tmp_path / "file", "demo")


def test_a_folder_in_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second start in the same folder is refused while the first holds it, and taken when it let go."""
    monkeypatch.setattr(folder, "LOCK_WAIT_S", 0.0)
    first = DataFolder.open(tmp_path, "demo")
    with pytest.raises(StartError, match="in use by another Kentongan"):
        DataFolder.open(tmp_path, "demo")
    first.close()
    DataFolder.open(tmp_path, "demo").close()


def test_no_store_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """Where nothing runs there is no address."""
    assert running_url(tmp_path) is None


def test_a_whole_file_may_be_its_owners_alone(tmp_path: Path) -> None:
    """With a mode a file has it from its first byte on, whatever was left behind or stood there before."""
    path = tmp_path / "links.csv"
    path.write_text("before")
    (tmp_path / "links.csv.new").write_text("left behind by one that was killed")
    write_whole(path, "Café\n", mode=0o600)
    assert path.read_text("utf-8") == "Café\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["links.csv"]
