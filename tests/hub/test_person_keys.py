"""Persons' keys beside the backups: one file, always the newest."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import redis

from hub.backup_key import BackupKey
from hub.errors import StartError
from hub.person_keys import FILE, Kept, Plain, in_store, read, write
from tests.support.backups import CITY, KEYS

KEY = BackupKey(b"k" * 32, CITY)
KEPT = Kept({"siti": b"s" * 32, "budi": b"b" * 32}, {"ani": 5})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Whole, for its owner alone; no key and no person stands in it in clear. Nothing where there is no file."""
    assert read(tmp_path, CITY, KEY) == Kept()
    write(tmp_path, CITY, KEY, KEPT)
    assert read(tmp_path, CITY, KEY) == KEPT
    said = (tmp_path / FILE).read_bytes()
    assert b"siti" not in said
    assert b"ani" not in said
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    write(tmp_path, CITY, KEY, Kept())
    assert read(tmp_path, CITY, KEY) == Kept()


def test_the_store_says_who_has_a_key_and_who_was_erased(valkey_url: str) -> None:
    """More of them than one answer of a scan holds."""
    many = {f"person-{number}": f"key-{number}" for number in range(3000)}
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.person_keys, mapping=many)
        client.zadd(KEYS.erased, {"ani": 7, "eko": 9})
        found = in_store(client, KEYS)
    assert {name: key.decode() for name, key in found.keys.items()} == many
    assert found.erased == {"ani": 7, "eko": 9}


def test_a_file_of_others_is_refused(tmp_path: Path) -> None:
    """Another city's, another key's, a newer version's, something else: each its sentence, and it stays as it is."""
    write(tmp_path, "35.77", BackupKey(b"k" * 32, "35.77"), KEPT)
    held = (tmp_path / FILE).read_bytes()
    with pytest.raises(StartError, match=r"holds the backups of 35\.77, and this is 35\.76: one folder for each city"):
        write(tmp_path, CITY, KEY, KEPT)
    assert (tmp_path / FILE).read_bytes() == held
    write_own = tmp_path / "own"
    write_own.mkdir()
    write(write_own, CITY, KEY, KEPT)
    with pytest.raises(StartError, match="was sealed with the backup key"):
        read(write_own, CITY, BackupKey(b"x" * 32, CITY))
    (write_own / FILE).write_text((write_own / FILE).read_text().replace('"format":1', '"format":2'))
    with pytest.raises(StartError, match=r"newer Kentongan \(format 2"):
        read(write_own, CITY, KEY)
    (write_own / FILE).write_text("word")
    with pytest.raises(StartError, match="is no file of person keys"):
        write(write_own, CITY, KEY, KEPT)


def test_plain_seals_nothing(valkey_url: str) -> None:
    """Until services say what is personal, a backup holds it as it is."""
    with redis.Redis.from_url(valkey_url) as client:
        for sealer in (Plain().sealing(client, KEYS), Plain().opening({})):
            for change in (sealer.seal_thing, sealer.open_thing, sealer.seal_view, sealer.open_view):
                assert change("lamp", "a", b"state") == b"state"
