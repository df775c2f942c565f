"""The archive worker: every entry exactly once, the end signed each hour."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from hub.archive import ArchivedCity, cities, open_archive
from hub.heads import HOUR_MS, is_signed, kept_key
from tests.support.archives import archiving, kept, logged, where
from tests.support.live import CITY, on_loop, opened
from workers.archive import BATCH, Where


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
async def test_an_entry_of_another_make_is_kept(valkey_url: str, archive_url: str, tmp_path: Path) -> None:
    """With what it has: nothing in the log can stop the archive."""
    async with opened(valkey_url) as (store, _), archiving(store, where(archive_url, tmp_path)) as one:
        await store.many("normal", [["XADD", store.keys.audit, "*", "at", "soon", "more", "x"]])
        await logged(store, "a")
        await one.step()
    assert kept(archive_url) == ["unreadable", "a"]


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
async def test_what_a_city_keeps_no_longer_is_pruned_each_hour(
    valkey_url: str, archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page a step, without ending the following; the archive notes what the city is called and its clock."""
    place = Where(archive_url, tmp_path / "archive.key", "", "Kota Jauh", "Asia/Jayapura", {"name": 2})
    async with opened(valkey_url) as (store, _), archiving(store, place) as one:
        now = [store.now()]
        await logged(store, "a", "b")
        assert not await one.step()
        monkeypatch.setattr(store, "now", lambda: now[0])
        now[0] += 3 * 86_400_000
        await logged(store, "c")
        assert await one.step(), "a page was pruned: look for more"
        assert not await one.step()
        now[0] += HOUR_MS - 1
        assert not await one.step()
    assert kept(archive_url) == ["x", "x", "c"]
    assert cities(archive_url) == [ArchivedCity(CITY, "Kota Jauh", "Asia/Jayapura")]
