"""Whether a store keeps what it accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import redis

from hub.check import asked, faults_of
from hub.errors import StoreUnavailable
from tests.support.servers import running_store


def test_a_store_set_up_as_ours_has_no_fault(store_url: str) -> None:
    """A store with the private store's configuration is as it should be, on Valkey and on Redis 7.0."""
    with asked(store_url) as client:
        assert faults_of(client) == []


def test_every_wrong_setting_is_named() -> None:
    """Each setting that is not as it should be is named, with what it is and what it should be."""
    with running_store(durable=False) as server, asked(server.url) as client:
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("save", "60 1")
        assert faults_of(client) == [
            "the store's appendfsync is 'everysec', expected 'always'",
            "the store's save is '60 1', expected ''",
            "the store's maxmemory-policy is 'allkeys-lru', expected 'noeviction'",
            "the store's maxmemory is 0, expected about half the machine's memory",
        ]


def test_a_replica_is_no_store_to_write_to() -> None:
    """A store that follows another is refused: what it accepts is not its own."""
    with running_store("redis") as server, asked(server.url) as client:
        client.replicaof("127.0.0.1", "1")
        assert faults_of(client) == ["the store is a slave, expected the master"]


def test_replicas_need_waitaof() -> None:
    """Before Redis 7.2 nothing proves a commit on a replica's disk, so a store with replicas is refused."""

    class Replicated(redis.Redis):
        def info(self, *args: object, **kwargs: object) -> Any:
            return super().info() | {"connected_slaves": 1}

    with running_store("redis") as server, Replicated.from_url(server.url) as client:
        assert faults_of(client) == [
            f"the store has replicas and no WAITAOF (Redis {client.info()['redis_version']}), expected 7.2 or newer"
        ]


def test_no_store_is_one_sentence(tmp_path: Path) -> None:
    """An address where nothing answers is named."""
    with pytest.raises(StoreUnavailable, match="cannot be asked"), asked(f"unix://{tmp_path}/none") as client:
        client.ping()
    with pytest.raises(StoreUnavailable, match="cannot be asked"), asked("gopher://nowhere") as client:
        client.ping()
