"""The key that seals what must not lie open in a folder of backups."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub.backup_key import BackupKey, kept_key, made_key
from hub.errors import StartError


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """The first use makes it, mode 0600; the second finds the same."""
    path = tmp_path / "new" / "backup.key"
    first, fresh = made_key(path, "35.76")
    second, again = made_key(path, "35.76")
    assert (fresh, again) == (True, False)
    assert first.mark == second.mark
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["backup.key"]
    assert second.open(b"secret", first.seal(b"secret", b"plain")) == b"plain"


def test_what_is_sealed_opens_in_its_place_alone(tmp_path: Path) -> None:
    """Not with another key, in another city, under another name, or changed by a bit."""
    key = BackupKey(b"k" * 32, "35.76")
    sealed = key.seal(b"secret", b"plain")
    assert b"plain" not in sealed
    assert key.seal(b"secret", b"plain") != sealed
    for other, name, blob in (
        (BackupKey(b"x" * 32, "35.76"), b"secret", sealed),
        (BackupKey(b"k" * 32, "35.77"), b"secret", sealed),
        (key, b"hooks", sealed),
        (key, b"secret", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (key, b"secret", b"short"),
    ):
        with pytest.raises(StartError, match="does not open with the backup key"):
            other.open(name, blob)


def test_a_file_without_a_key_is_named(tmp_path: Path) -> None:
    """None, something else, not to be read or written: one sentence with the file in it."""
    with pytest.raises(StartError, match=r"no backup key at .*nowhere: name its file with --key"):
        kept_key(tmp_path / "nowhere", "35.76")
    wrong = tmp_path / "wrong"
    for text in ("kentongan", "00" * 31):
        wrong.write_text(text)
        with pytest.raises(StartError, match="wrong holds no backup key: expected one line of 64 hex digits"):
            kept_key(wrong, "35.76")
    with pytest.raises(StartError, match="cannot be read"):
        kept_key(tmp_path, "35.76")
    with pytest.raises(StartError, match="cannot be written"):
        made_key(wrong / "backup.key", "35.76")
