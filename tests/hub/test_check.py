"""Whether a store keeps what it accepts: real stores, each set up badly in one way."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from hub.check import Finding, asked, findings, server_of
from hub.errors import StoreUnavailable
from hub.keys import Keys
from tests.support.servers import StoreServer, running_pair, running_store

CITY = "35.76"


def found(client: redis.Redis, *, replicas: int = 0, ahead_ms: int = 0) -> list[Finding]:
    return findings(client, CITY, replicas=replicas, local_ms=time.time_ns() // 1_000_000 + ahead_ms)


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


def test_a_store_set_up_as_ours_has_no_fault(store_url: str) -> None:
    """A store with the private store's configuration is as it should be, on Valkey and on Redis 7.0."""
    with asked(store_url) as client:
        assert found(client) == []
        name, _, version = server_of(client).partition(" ")
        assert name in ("valkey", "redis")
        assert version[0].isdigit()


@pytest.mark.parametrize(
    ("setting", "value", "wanted", "level"),
    [
        ("appendonly", "no", "yes", "lost"),
        ("appendfsync", "everysec", "always", "lost"),
        ("appendfsync", "no", "always", "lost"),
        ("no-appendfsync-on-rewrite", "yes", "no", "lost"),
        ("maxmemory-policy", "allkeys-lru", "noeviction", "lost"),
        ("maxmemory-policy", "volatile-ttl", "noeviction", "lost"),
        ("save", "60 1", "", "fault"),
        ("maxmemory", "0", "about half the machine's memory", "fault"),
    ],
)
def test_a_wrong_setting_is_named(server: StoreServer, setting: str, value: str, wanted: str, level: str) -> None:
    """A setting that is not as it should be is named: what it is, what it should be, and what comes of it."""
    with asked(server.url) as client:
        client.config_set(setting, value)
        (one,) = found(client)
        assert (one.level, one.what, one.found, one.wanted) == (level, setting, value, wanted)
        assert str(one).startswith(f"the store's {setting} is {value!r}, expected {wanted!r}: ")
        assert one.why


def test_what_loses_comes_first(server: StoreServer) -> None:
    """What could lose an accepted command stands before what costs speed or room."""
    with asked(server.url) as client:
        client.config_set("save", "60 1")
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert [one.what for one in found(client)] == ["maxmemory-policy", "save", "maxmemory"]


def test_settings_that_may_not_be_read_are_not_believed(server: StoreServer) -> None:
    """A store that hides its settings keeps nothing for certain; nothing else of it is guessed."""
    with asked(server.url) as client:
        client.execute_command("ACL", "SETUSER", "default", "-config")  # type: ignore[no-untyped-call]
        said = found(client)
        assert {one.what for one in said if one.level == "lost"} >= {"appendonly", "appendfsync", "maxmemory-policy"}
        assert all(one.found.startswith("not to be read (") for one in said)


def test_a_folder_in_memory_is_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """An append-only file under /dev/shm is written, fsynced, and gone after a restart of the machine."""
    if not Path("/dev/shm").is_dir():
        pytest.skip("this system has no /dev/shm")
    monkeypatch.setattr(tempfile, "tempdir", "/dev/shm")
    with running_store() as server, asked(server.url) as client:
        (one,) = found(client)
        assert (one.level, one.what, one.wanted) == ("lost", "dir", "a folder on a disk")


def test_a_replica_is_no_store_to_write_to() -> None:
    """A store that follows another could lose what it accepts: it is not its own."""
    with running_store("redis") as server, asked(server.url) as client:
        client.replicaof("127.0.0.1", "1")
        (one,) = found(client)
        assert (one.level, one.what, one.found, one.wanted) == ("lost", "role", "slave", "master")


def test_replicas_and_the_setting_go_together() -> None:
    """A replica that is not waited for may take over without the last commits; one that is missing stops commands."""
    with running_pair() as (primary, _), asked(primary.url) as client:
        assert found(client, replicas=1) == []
        (unwaited,) = found(client)
        assert (unwaited.level, unwaited.found, unwaited.wanted) == ("lost", "1", "0")
        assert "KENTONGAN_REPLICAS is 0" in unwaited.why
        (missing,) = found(client, replicas=2)
        assert (missing.level, missing.found, missing.wanted) == ("fault", "1", "2")


def test_replicas_need_waitaof() -> None:
    """Before Redis 7.2 nothing proves a commit on a replica's disk, so a store with replicas is not believed."""
    with running_store("redis") as server, asked(server.url) as client:
        version = str(client.info()["redis_version"])
        assert version < "7.2"
        said = {one.what: one for one in found(client, replicas=1)}
        assert said["version, with replicas,"].level == "lost"
        assert said["version, with replicas,"].found == version


@pytest.mark.parametrize(
    ("answer", "what", "level"),
    [
        ({"redis_version": "6.2.14"}, "version", "lost"),
        ({"aof_last_write_status": "err"}, "aof_last_write_status", "fault"),
        ({"aof_last_bgrewrite_status": "err"}, "aof_last_bgrewrite_status", "fault"),
    ],
)
def test_what_a_store_says_of_itself_is_read(valkey_url: str, answer: dict[str, str], what: str, level: str) -> None:
    """An old version and a disk that failed, as INFO tells them: no such store is at hand."""

    class Telling(redis.Redis):
        def info(self, *args: object, **kwargs: object) -> Any:
            return super().info() | answer

    with Telling.from_url(valkey_url) as client:
        (one,) = found(client)
        assert (one.what, one.level) == (what, level)


def test_a_clock_that_is_off_is_said(valkey_url: str) -> None:
    """A clock 5 s from this machine's, or behind the city's own time, loses nothing and makes timers late."""
    with asked(valkey_url) as client:
        assert found(client, ahead_ms=4_000) == []
        (behind,) = found(client, ahead_ms=60_000)
        assert (behind.level, behind.what, behind.found) == ("fault", "clock", "60 s behind this machine's")
        (ahead,) = found(client, ahead_ms=-60_000)
        assert ahead.found == "60 s ahead of this machine's"
        client.hset(Keys(CITY).head, "at", time.time_ns() // 1_000_000 + 3_600_000)
        (back,) = found(client)
        assert (back.level, back.found) == ("fault", "3600 s behind the city's time")


def test_a_city_that_a_restore_left_closed_is_said(valkey_url: str) -> None:
    """Nobody works on it; another city of the store is as it was."""
    with asked(valkey_url) as client:
        client.hset(Keys("35.76").head, mapping={"kind": "restoring", "version": 1})
        now = time.time_ns() // 1_000_000
        (one,) = [one for one in findings(client, "35.76", replicas=0, local_ms=now) if one.what == "city 35.76"]
        assert (one.level, one.found) == ("fault", "closed")
        assert not [one for one in findings(client, "35.77", replicas=0, local_ms=now) if "city" in one.what]


def test_no_store_is_one_sentence(tmp_path: Path) -> None:
    """An address where nothing answers is named."""
    with pytest.raises(StoreUnavailable, match="cannot be asked"), asked(f"unix://{tmp_path}/none") as client:
        client.ping()
    with pytest.raises(StoreUnavailable, match="cannot be asked"), asked("gopher://nowhere") as client:
        client.ping()
