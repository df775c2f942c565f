"""The archive worker: exactly once, whatever is killed, restarted or away; nothing waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.archive import Archive, open_archive, read_archive
from hub.archive_sql import KNOWN, connect
from hub.commit import pack, unpack
from hub.contract import SYSTEM
from hub.errors import ArchiveError, ArchiveUnavailable
from hub.heads import HOUR_MS, is_signed, kept_key
from hub.link import Args
from hub.store import Store
from tests.support.chains import fault
from tests.support.databases import PostgresServer
from tests.support.live import CITY, on_loop, opened, until
from tests.support.processes import Process
from tests.support.servers import StoreServer, running_store
from workers.archive import BATCH, Archivist, Where


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


async def logged(store: Store, *names: str) -> None:
    """So many entries, as a commit writes them."""
    rows: list[Args] = [
        ["XADD", store.keys.audit, "*", "commit", number, "at", store.now(), "e", pack({"cmd": "x", "id": name})]
        for number, name in enumerate(names)
    ]
    await store.many("normal", rows)


@contextlib.asynccontextmanager
async def archiving(store: Store, where: Where, **more: Any) -> AsyncIterator[Archivist]:
    archivist = Archivist(store, where, **more)
    try:
        yield archivist
    finally:
        await archivist.close()


def where(url: str, tmp_path: Path, **more: str) -> Where:
    return Where(url, tmp_path / "archive.key", **more)


def kept(url: str) -> list[str]:
    """The ids (of notes: the commands) in the archive, whose chain is whole."""
    archive = open_archive(url, CITY, "real")
    try:
        rows = list(archive.rows())
        assert fault(rows, archive.position().link) is None
        return [row.id or row.type for row in rows]
    finally:
        archive.close()


@on_loop
async def test_every_entry_is_archived_once_and_in_order(valkey_url: str, archive_url: str, tmp_path: Path) -> None:
    """Page after page, also by a worker that takes over; the store hears how far it is."""
    names = [f"n{number}" for number in range(BATCH + 5)]
    async with opened(valkey_url) as (store, _):
        await logged(store, *names)
        async with archiving(store, where(archive_url, tmp_path)) as first:
            assert await first.step()
            assert not await first.step()
            assert first.figures.up
            assert (first.figures.rows, first.figures.length) == (BATCH + 5, BATCH + 5)
        await logged(store, "late")
        async with archiving(store, where(archive_url, tmp_path)) as second:
            assert not await second.step()
            assert not await second.step()
        position, seq = (await store.many("normal", [["HMGET", store.keys.archive, "position", "seq"]]))[0]
        ((last, _),) = (await store.many("normal", [["XREVRANGE", store.keys.audit, "+", "-", "COUNT", 1]]))[0]
        assert (position, int(seq)) == (last, BATCH + 6)
    assert kept(archive_url) == [*names, "late"]


@on_loop
async def test_two_workers_write_nothing_twice(valkey_url: str, archive_url: str, tmp_path: Path) -> None:
    """Whoever comes second reads on from where the first came to."""
    names = [f"n{number}" for number in range(20)]
    async with (
        opened(valkey_url) as (store, _),
        archiving(store, where(archive_url, tmp_path)) as one,
        archiving(store, where(archive_url, tmp_path)) as two,
    ):
        await one.step()
        await two.step()
        for number, name in enumerate(names):
            await logged(store, name)
            await asyncio.gather(one.step(), two.step()) if number % 2 else await two.step()
        await one.step()
        await two.step()
    assert kept(archive_url) == names


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
        assert "the archive went back from row 2 to row 1" in caplog.text
        assert kept(archive_url) == ["a", "archive.back", "a", "b", "c"]
        other = f"sqlite:{tmp_path}/other.sqlite"
        async with archiving(store, where(other, tmp_path)) as two:
            await two.step()
            await two.step()
        assert kept(other) == ["archive.back", "a", "b", "c"]


@on_loop
async def test_each_hour_the_end_is_signed_and_published(
    valkey_url: str, archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the archive, in the store and in a file; a folder that is not there costs only the file."""
    file = tmp_path / "head.json"
    async with (
        opened(valkey_url) as (store, _),
        archiving(store, where(archive_url, tmp_path, head_file=str(file))) as one,
    ):
        began = store.now()
        now = [began]
        monkeypatch.setattr(store, "now", lambda: now[0])
        await one.step()
        assert not file.exists()  # nothing to sign
        await logged(store, "a")
        await one.step()
        for hour, more in ((0, "b"), (1, "c")):
            now[0] = began + hour * HOUR_MS
            await logged(store, more)
            await one.step()
        monkeypatch.setattr(one, "_where", where(archive_url, tmp_path, head_file=str(tmp_path / "no" / "head.json")))
        now[0] = began + 2 * HOUR_MS
        await one.step()
        (told,) = await store.many("normal", [["HGET", store.keys.archive, "head"]])
    archive = open_archive(archive_url, CITY, "real")
    heads = archive.heads()
    archive.close()
    key = kept_key(tmp_path / "archive.key").public_key().public_bytes_raw().hex()
    assert [(head.seq, head.at - began) for head in heads] == [(1, 0), (3, HOUR_MS), (3, 2 * HOUR_MS)]
    assert all(is_signed(head, key) for head in heads)
    assert msgspec.json.decode(file.read_bytes())["seq"] == 3
    assert msgspec.json.decode(told)["at"] == began + 2 * HOUR_MS


@on_loop
async def test_two_workers_sign_one_head(
    valkey_url: str, archive_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds it signed; one with another key says so."""
    async with (
        opened(valkey_url) as (store, _),
        archiving(store, where(archive_url, tmp_path)) as one,
        archiving(store, Where(archive_url, tmp_path / "other.key")) as two,
    ):
        await one.step()
        await two.step()
        await logged(store, "a")
        await one.step()
        await two.step()
        await two.step()
        assert "another key" not in caplog.text
        later = store.now() + HOUR_MS
        monkeypatch.setattr(store, "now", lambda: later)
        await two.step()
        await one.step()
    archive = open_archive(archive_url, CITY, "real")
    assert [head.at == later for head in archive.heads()] == [False, True]
    archive.close()
    assert caplog.text.count("signed by another key") == 1


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
        assert not archivist.figures.up
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

    def arrived(count: int) -> Callable[[], bool]:
        def so_many() -> bool:
            try:
                archive = read_archive(url, CITY)
            except ArchiveError:
                return False
            try:
                return archive.position().link.seq >= count
            finally:
                archive.close()

        return so_many

    asyncio.run(write(names[: 3 * BATCH]))
    command = ["-m", "workers", "--store", server.url, "--archive", url]
    worker = Process(command)
    worker.wait_event("worker_ready")
    worker.kill()
    worker = Process(command)
    try:
        worker.wait_event("worker_ready")
        asyncio.run(until(arrived(3 * BATCH), 20))
        server.restart()
        asyncio.run(write(names[3 * BATCH :]))
        asyncio.run(until(arrived(4 * BATCH), 20))
        assert worker.end(10) == 0
    finally:
        worker.kill()
    assert kept(url) == names
