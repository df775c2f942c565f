"""A worker process, from its start to its end."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from hub.city_file import OWN
from tests.support.processes import Process
from tests.support.servers import StoreServer, running_store
from workers.__main__ import head_file


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_says_that_it_is_ready_and_ends_when_told(valkey_url: str, name: signal.Signals) -> None:
    """One JSON line; then SIGTERM or Ctrl-C ends it with 0."""
    worker = Process(["-m", "workers", "--store", valkey_url])
    try:
        worker.wait_event("worker_ready")
        worker.signal(name)
        assert worker.exit_code(5) == 0
        assert worker.errors == []
    finally:
        worker.kill()


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["--demo"], {}, "the two never mix"),
        ([], {"KENTONGAN_BEAT_S": "never"}, "KENTONGAN_BEAT_S"),
        ([], {"KENTONGAN_NOTHING": "1"}, "KENTONGAN_NOTHING"),
    ],
)
def test_a_worker_that_cannot_work_says_why(
    valkey_url: str, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    """One sentence, exit code 2."""
    real = Process(["-m", "workers", "--store", valkey_url])
    try:
        real.wait_event("worker_ready")  # the store holds a real city from now on
    finally:
        real.kill()
    worker = Process(["-m", "workers", "--store", valkey_url, *arguments], environment=environment)
    try:
        assert worker.exit_code() == 2
        (line,) = worker.errors[-1:]
        assert line.startswith("kentongan: ")
        assert says in line
    finally:
        worker.kill()


def test_a_worker_outlives_a_store_that_restarts(server: StoreServer) -> None:
    """It waits, and works on without a restart."""
    worker = Process(["-m", "workers", "--store", server.url])
    try:
        worker.wait_event("worker_ready")
        server.restart()
        assert worker.running
        assert worker.end(5) == 0
    finally:
        worker.kill()


def test_each_city_has_a_head_file_of_its_own() -> None:
    """The named one for the only city; of several each with its code, beside each other."""
    other = replace(OWN, code="35.99")
    assert head_file("", other, (OWN, other)) == ""
    assert head_file("/var/head.json", OWN, (OWN,)) == "/var/head.json"
    assert head_file("/var/head.json", other, (OWN, other)) == "/var/head.35.99.json"
