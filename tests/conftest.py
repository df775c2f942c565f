"""Fixtures that all tests may use: stores are real servers, started once and emptied for each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import PostgresServer, running_postgres
from tests.support.servers import StoreServer, running_store


@pytest.fixture(scope="session")
def _valkey() -> Iterator[StoreServer]:
    with running_store("valkey") as server:
        yield server


@pytest.fixture(scope="session")
def _redis() -> Iterator[StoreServer]:
    with running_store("redis") as server:
        yield server


@pytest.fixture
def valkey_url(_valkey: StoreServer) -> str:
    """An empty store: the embedded Valkey, every commit on disk."""
    _valkey.flush()
    return _valkey.url


@pytest.fixture(params=["valkey", "redis"])
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store, once on the embedded Valkey and once on Debian's Redis 7.0."""
    server: StoreServer = request.getfixturevalue(f"_{request.param}")
    server.flush()
    return server.url


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres(_postgres: PostgresServer) -> PostgresServer:
    """An empty PostgreSQL; a test that kills it starts it again."""
    _postgres.empty()
    return _postgres


@pytest.fixture(params=["sqlite", "postgres"])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty archive, once in a SQLite file and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'archive.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A folder with a short name: a Unix socket's holds about 100 bytes, pytest's own folders are longer."""
    with tempfile.TemporaryDirectory(prefix="kt-") as folder:
        yield Path(folder)
