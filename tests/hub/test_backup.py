"""One backup of a city: what lies in the folder afterwards, and what does not when it fails."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace

from hub import person_keys
from hub.archive import open_archive, read_archive
from hub.backup import ARCHIVE_KEY, Plan, backed_up, copy_sqlite
from hub.backup_file import Backup
from hub.chain import Logged
from hub.commit import pack
from hub.errors import ArchiveForeign, ArchiveUnavailable, StartError, StoreUnavailable
from hub.heads import kept_key
from tests.support.backups import CITY, KEYS, city, key_in, read
from tests.support.chains import entry, fault
from tests.support.databases import PostgresServer


def plan(url: str, tmp_path: Path) -> Plan:
    return Plan(url=url, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key")


def archived(url: str, tmp_path: Path, *entries: Logged) -> None:
    kept_key(tmp_path / "archive.key")
    archive = open_archive(url, CITY, "real")
    archive.append(archive.position(), entries, "old", entries[-1].log_id)
    archive.close()


def test_a_backup_says_what_it_is_of(valkey_url: str, tmp_path: Path) -> None:
    """Epoch, commit, lanes and time of the cut in the header; the file and the persons' keys in the folder; a note
    in the store, which no backup holds."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        made = backed_up(replace(plan(valkey_url, tmp_path), every_s=3600), io.StringIO())
        header = Backup.open(Path(made.file)).header
        assert (header.city, header.kind, header.epoch, header.commit) == (CITY, "real", "old", 7)
        assert (header.lanes, header.keys, header.things) == ({"urgent": 7, "normal": 6}, 17, 2)
        assert (made.commit, made.keys, made.key_made, made.archive) == (7, 17, True, None)
        assert made.bytes == os.stat(made.file).st_size
        assert made.lost_at_most_s > 3600
        key = key_in(tmp_path)
        assert header.key == key.mark
        assert person_keys.read(tmp_path / "to", CITY, key).keys == {"siti": b"k" * 32}
        assert sorted(one.name for one in (tmp_path / "to").iterdir()) == [Path(made.file).name, "person-keys"]
        noted = client.hgetall(KEYS.backup)
        assert (noted[b"commit"], noted[b"every_s"], int(noted[b"at"])) == (b"7", b"3600", header.at)
        again = backed_up(plan(valkey_url, tmp_path), io.StringIO())
        assert client.hget(KEYS.backup, "every_s") == b"3600"
        assert again.key_made is False
        assert "backup" not in read(Path(again.file), key)


def test_a_city_in_which_nothing_happened(valkey_url: str, tmp_path: Path) -> None:
    """Its key and its kind are worth a backup as well."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.head, mapping={"kind": "demo", "version": 1})
        client.set(KEYS.secret, "s")
        made = backed_up(plan(valkey_url, tmp_path), io.StringIO())
    assert (made.kind, made.commit, made.epoch, made.lanes, made.keys, made.things) == ("demo", 0, "", {}, 2, 0)
    assert set(read(Path(made.file), key_in(tmp_path))) == {"head", "secret"}


def test_the_newest_stay(valkey_url: str, tmp_path: Path) -> None:
    """`keep` of them; the others are named."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        wanted = replace(plan(valkey_url, tmp_path), keep=2)
        made = []
        for number in range(4):
            client.hset(KEYS.head, mapping={"commit": 10 + number})
            made.append(backed_up(wanted, io.StringIO()))
        names = [Path(one.file).name for one in made]
        assert [one.removed for one in made] == [[], [], names[:1], names[1:2]]
        assert sorted(one.name for one in (tmp_path / "to").glob("*.backup")) == names[2:]


def test_an_erased_person_leaves_the_folder(valkey_url: str, tmp_path: Path) -> None:
    """Their key is in no file once the next backup is made."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        backed_up(plan(valkey_url, tmp_path), io.StringIO())
        client.hdel(KEYS.person_keys, "siti")
        client.zadd(KEYS.erased, {"siti": 9})
        backed_up(plan(valkey_url, tmp_path), io.StringIO())
    assert person_keys.read(tmp_path / "to", CITY, key_in(tmp_path)) == person_keys.Kept({}, {"siti": 9})


def test_a_sqlite_archive_goes_along(valkey_url: str, tmp_path: Path) -> None:
    """Its copy is whole though its worker writes, the audit log of the store goes on where it ends, and its key is
    in the backup, sealed."""
    url = f"sqlite:{tmp_path / 'archive.sqlite'}"
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        ids = [id_.decode() for id_, _ in client.xrange(KEYS.audit)]
    archived(url, tmp_path, replace(entry(1), log_id=ids[0]), replace(entry(2), log_id=ids[1]))
    writing = open_archive(url, CITY, "real")  # its log is beside it
    writing.append(writing.position(), [replace(entry(3), log_id=ids[2])], "old", ids[2])
    made = backed_up(replace(plan(valkey_url, tmp_path), archive=url), io.StringIO())
    writing.close()
    assert made.archive is not None
    assert (made.archive.copied, made.archive.seq, made.archive.log_id) == (True, 3, ids[2])
    copy = read_archive(f"sqlite:{tmp_path / 'to' / 'archive.sqlite'}", CITY)
    assert fault(list(copy.rows()), copy.position().link) is None
    copy.close()
    found = read(Path(made.file), key_in(tmp_path))
    assert [row[0].decode() for row in found["audit"]] == ids[2:]
    assert found[ARCHIVE_KEY.decode()] == [(tmp_path / "archive.key").read_bytes()]
    assert b"PRIVATE KEY" not in Path(made.file).read_bytes()
    assert {one.name for one in (tmp_path / "to").iterdir()} == {
        Path(made.file).name, "person-keys", "archive.sqlite",
    }  # fmt: skip


def test_of_postgresql_the_position_is_noted(
    valkey_url: str, postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a tool of its own; nothing of it is copied, and no password is said."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        ids = [id_.decode() for id_, _ in client.xrange(KEYS.audit)]
    archived(postgres.url, tmp_path, replace(entry(1), log_id=ids[5]))
    wanted = replace(plan(valkey_url, tmp_path), archive=postgres.url, archive_key=str(tmp_path / "archive.key"))
    made = backed_up(wanted, io.StringIO())
    assert made.archive is not None
    assert (made.archive.copied, made.archive.seq) == (False, 1)
    assert made.archive.name.startswith("postgresql://")
    assert [row[0].decode() for row in read(Path(made.file), key_in(tmp_path))["audit"]] == ids[5:]
    assert not (tmp_path / "to" / "archive.sqlite").exists()


def test_a_failure_leaves_nothing(valkey_url: str, tmp_path: Path) -> None:
    """No store, no city, no archive, a fault in the copy: one sentence, and no file that looks like a backup."""
    wanted = plan(valkey_url, tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be asked"):
        backed_up(replace(wanted, url="unix:///nowhere.sock"), io.StringIO())
    with pytest.raises(StartError, match=r"holds no city 35\.76: nothing to back up"):
        backed_up(wanted, io.StringIO())
    assert not (tmp_path / "to").exists()
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        with pytest.raises(ArchiveForeign, match="there is no archive"):
            backed_up(replace(wanted, archive=f"sqlite:{tmp_path / 'none.sqlite'}"), io.StringIO())
        with pytest.raises(ArchiveUnavailable, match="cannot be copied"):
            copy_sqlite(tmp_path / "none.sqlite", tmp_path / "to" / "archive.sqlite")
        client.xadd(KEYS.prefix + "diary", {"a": 1})
        with pytest.raises(StoreUnavailable, match="diary"):
            backed_up(wanted, io.StringIO())
        assert list((tmp_path / "to").iterdir()) == []
        assert not client.exists(KEYS.backup)
        client.hset(KEYS.head, "version", 99)
        with pytest.raises(StartError, match=r"newer Kentongan \(layout 99\)"):
            backed_up(wanted, io.StringIO())


def test_another_citys_folder_is_refused(valkey_url: str, tmp_path: Path) -> None:
    """One folder for each city: their archives and persons' keys have one name."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
    backed_up(plan(valkey_url, tmp_path), io.StringIO())
    with redis.Redis.from_url(valkey_url) as client:
        client.hset("{35.77}:head", mapping={"kind": "real", "version": 1, "commit": 1, "epoch": "e", "at": 5})
    with pytest.raises(StartError, match="one folder for each city"):
        backed_up(replace(plan(valkey_url, tmp_path), city="35.77"), io.StringIO())


def test_how_far_it_is_is_said(valkey_url: str, tmp_path: Path) -> None:
    """A bar on a terminal."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        client.mset({KEYS.claim(str(number)): pack(number) for number in range(3000)})
    out = Terminal()
    backed_up(plan(valkey_url, tmp_path), out)
    assert "keys" in out.getvalue()
    assert "100%" in out.getvalue() or "99%" in out.getvalue()
