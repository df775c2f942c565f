"""The archive worker when things go wrong: nothing is lost or doubled, and nothing waits for it."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.archive import Archive, open_archive, read_archive
from hub.archive_sql import KNOWN, connect
from hub.commit import unpack
from hub.contract import SYSTEM
from hub.errors import ArchiveError, ArchiveUnavailable
from tests.support.archives import archiving, kept, logged, where
from tests.support.databases import PostgresServer
from tests.support.live import CITY, on_loop, opened, until
from tests.support.processes import Process
from tests.support.servers import StoreServer, running_store
from workers.archive import BATCH, Archivist


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


@on_loop
async def test_an_answer_that_was_lost_is_asked_for(valkey_url: str, archive_url: str, tmp_path: Path) -> None:
    """Killed before the COMMIT or after it: nothing is missing, nothing twice."""
    calls = iter(["before", "after", "", "", ""])

    class Faulty(Archive):
        def append(self, *args: Any) -> Any:
            how = next(calls)
            if how == "before":
                raise ArchiveUnavailable("gone before")
            made = super().append(*args)
            if how == "after":
                raise ArchiveUnavailable("gone after")
            return made

    def open_(url: str, city: str, kind: str) -> Archive:
        archive = open_archive(url, city, kind)
        return Faulty(archive._sql, city)

    async with opened(valkey_url) as (store, _), archiving(store, where(archive_url, tmp_path), open_=open_) as one:
        await logged(store, "a", "b")
        for _ in range(2):
            with pytest.raises(ArchiveUnavailable) as caught:
                await one.step()
            await one.failed(caught.value)
            assert not one.figures.up
        await logged(store, "c")
        await one.step()
        assert one.figures.up
    assert kept(archive_url) == ["a", "b", "c"]


@on_loop
async def test_a_hole_in_the_log_is_a_row_of_its_own(
    valkey_url: str, archive_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Trimmed past the position, emptied, or another epoch: the archive says so, and goes on."""
    async with opened(valkey_url) as (store, _), archiving(store, where(archive_url, tmp_path)) as one:
        await logged(store, "a", "lost")
        (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        await store.many("normal", [["XDEL", store.keys.audit, rows[1][0]]])
        await one.step()
        await store.many("normal", [["XTRIM", store.keys.audit, "MAXLEN", 0], ["HSET", store.keys.head, "epoch", "e2"]])
        await one.step()
        assert "no longer reaches back" not in caplog.text
        await logged(store, "b")
        await one.step()
        await one.step()
    assert "no longer reaches back" in caplog.text
    assert kept(archive_url) == ["a", "archive.epoch", "archive.gap", "b"]
    archive = open_archive(archive_url, CITY, "real")
    gap = unpack(next(row for row in archive.rows() if row.type == "archive.gap").body)
    archive.close()
    assert gap["after"] == rows[0][0].decode()


@on_loop
async def test_an_archive_that_went_back_says_so(
    valkey_url: str, archive_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Cut under its worker, or another one at the next start: a row of its own, and what the log still has."""
    async with opened(valkey_url) as (store, _):
        async with archiving(store, where(archive_url, tmp_path)) as one:
            await logged(store, "a")
            await one.step()
            await logged(store, "b")
            await one.step()
            sql = connect(archive_url, make=False)
            sql.run("UPDATE positions SET seq = 1, log_id = '', hash = (SELECT hash FROM entries WHERE seq = 1)")
            sql.run("DELETE FROM entries WHERE seq = 2")
            sql.close()
            await logged(store, "c")
            await one.step()
            await one.step()
        assert re.search(r"the archive ends at row 1 \w+, it ended at row 2 \w+: another one", caplog.text)
        assert kept(archive_url) == ["a", "archive.back", "a", "b", "c"]
        other = f"sqlite:{tmp_path}/other.sqlite"
        async with archiving(store, where(other, tmp_path)) as two:
            await two.step()
            await two.step()
        assert kept(other) == ["archive.back", "a", "b", "c"]


@on_loop
async def test_another_end_of_the_archive_is_seen_at_the_next_start(
    valkey_url: str, archive_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The store remembers the last hash: an end that was forged while no worker ran gets a row that says so."""
    async with opened(valkey_url) as (store, _):
        async with archiving(store, where(archive_url, tmp_path)) as one:
            await logged(store, "a")
            await one.step()
        sql = connect(archive_url, make=False)
        sql.run("UPDATE positions SET hash = ?", (b"x" * 32,))
        sql.close()
        async with archiving(store, where(archive_url, tmp_path)) as two:
            await two.step()
    assert "somebody changed it" in caplog.text
    archive = open_archive(archive_url, CITY, "real")
    assert [row.type for row in archive.rows()] == ["x", "archive.back"]
    archive.close()


@on_loop
async def test_a_fault_of_ours_ends_no_worker(
    valkey_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with where it happened, and tried again like any other."""

    def open_(url: str, city: str, kind: str) -> Archive:
        raise ZeroDivisionError("a fault")

    async with opened(valkey_url) as (store, _):
        archivist = Archivist(store, where("sqlite:none", tmp_path), open_=open_, retry_s=0.01)
        task = asyncio.create_task(archivist.run())
        await until(lambda: archivist.failures >= 2)
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
    assert caplog.text.count("Traceback") == 1


@on_loop
async def test_nothing_waits_for_a_database_that_hangs(valkey_url: str, tmp_path: Path) -> None:
    """Commands are committed and the worker can be told to end, while its archive answers nothing at all."""
    hanging, ends = threading.Event(), threading.Event()

    def open_(url: str, city: str, kind: str) -> Archive:
        hanging.set()
        ends.wait(30)
        raise ArchiveUnavailable("at last")

    async with opened(valkey_url) as (store, dispatch):
        task = asyncio.create_task(Archivist(store, where("sqlite:none", tmp_path), open_=open_).run())
        try:
            await until(hanging.is_set)
            answer = await dispatch.run("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]}, SYSTEM, str(uuid.uuid4()))
            assert answer.ok
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=5)
            assert done
        finally:
            ends.set()


@on_loop
async def test_what_cannot_be_written_is_waited_for(
    valkey_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A newer schema, another kind of city, no disk: said once, the log stays, and it goes on when it can."""
    path = tmp_path / "archive.sqlite"
    async with opened(valkey_url) as (store, _):
        sql = connect(f"sqlite:{path}", make=True)
        sql.migrate()
        sql.run("UPDATE archive_schema SET version = ?", (KNOWN + 1,))
        await logged(store, "a")
        archivist = Archivist(store, where(f"sqlite:{path}", tmp_path), retry_s=0.01, look_s=0.01)
        task = asyncio.create_task(archivist.run())
        await until(lambda: archivist.failures >= 3)
        assert caplog.text.count("the archive waits") == 1
        assert "was written by a newer version" in caplog.text
        assert (archivist.figures.up, archivist.figures.length) == (False, 1)
        sql.run("UPDATE archive_schema SET version = ?", (KNOWN,))
        await until(lambda: archivist.figures.up)
        # a full disk: SQLite says so at the next page that it wants
        assert archivist._archive is not None
        connection: sqlite3.Connection = archivist._archive._sql._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        await logged(store, *(f"long {number} " + "x" * 500 for number in range(20)))
        await until(lambda: "full" in caplog.text)
        await until(lambda: archivist.figures.rows == 21)  # opened anew, without the bound
        task.cancel()
        await asyncio.wait([task])
        sql.close()
    assert len(kept(f"sqlite:{path}")) == 21


@on_loop
async def test_a_database_that_restarts_is_found_again(
    valkey_url: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Commits go on meanwhile; nothing is lost and nothing twice."""
    async with opened(valkey_url) as (store, _):
        archivist = Archivist(store, where(postgres.url, tmp_path), retry_s=0.01, look_s=0.01)
        task = asyncio.create_task(archivist.run())
        await logged(store, "a")
        await until(lambda: archivist.figures.rows == 1, 20)
        postgres.kill()
        await logged(store, "b", "c")
        await until(lambda: not archivist.figures.up, 20)
        postgres.start()
        await until(lambda: archivist.figures.rows == 3, 20)
        task.cancel()
        await asyncio.wait([task])
    assert kept(postgres.url) == ["a", "b", "c"]


def test_a_worker_that_is_killed_leaves_no_hole(server: StoreServer) -> None:
    """kill -9 of the worker while it archives, and a restart of the store under the next one."""
    url, names = f"sqlite:{server.folder}/archive.sqlite", [f"n{number}" for number in range(4 * BATCH)]

    async def write(some: list[str]) -> None:
        async with opened(server.url) as (store, _):
            await logged(store, *some)

    def arrived(name: str) -> Callable[[], bool]:
        def there() -> bool:
            try:
                archive = read_archive(url, CITY)
            except ArchiveError:
                return False
            try:
                return any(row.id == name for row in archive.rows())
            finally:
                archive.close()

        return there

    asyncio.run(write(names[: 3 * BATCH]))
    command = ["-m", "workers", "--store", server.url, "--archive", url]
    worker = Process(command)
    worker.wait_event("worker_ready")
    worker.kill()
    worker = Process(command)
    try:
        worker.wait_event("worker_ready")
        asyncio.run(until(arrived(names[3 * BATCH - 1]), 20))
        server.restart()
        asyncio.run(write(names[3 * BATCH :]))
        asyncio.run(until(arrived(names[-1]), 20))
        assert worker.end(10) == 0
    finally:
        worker.kill()
    # The worker's own commands stand among them: it arms the weekly test ring.
    assert [name for name in kept(url) if name in names] == names
