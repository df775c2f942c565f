"""What is swept: leases of screens whose hub died, and logs that grew long."""

from __future__ import annotations

import asyncio

import pytest

from hub.contract import Change, Decision, Refusal
from hub.keys import AUDIT_MOST
from hub.link import Args
from hub.settings import Settings
from hub.store import SCRIPTS, Store
from tests.support.commits import commit
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened, until
from workers.janitor import Janitor


async def leased(store: Store, person: str, until_ms: int, role: str = "medic") -> None:
    await store.many("normal", [["ZADD", store.keys.prefix + "leases", until_ms, f"{role}:{person}"]])


async def leases(store: Store) -> list[bytes]:
    (members,) = await store.many("normal", [["ZRANGE", store.keys.prefix + "leases", 0, -1]])
    found: list[bytes] = members
    return found


async def log_of(store: Store) -> list[int]:
    (rows,) = await store.many("normal", [["XRANGE", store.keys.log("bulk"), "-", "+"]])
    return [int(row[0].split(b"-")[0]) for row in rows]


async def say(store: Store, text: str = "x") -> None:
    await commit(store, Decision(changes=(Change("bulk/a", "a", "k", {"v": text}),)))


@on_loop
async def test_a_lease_that_ran_out_is_looked_at_by_the_service(store_url: str) -> None:
    """Whichever hub held it; one that stands is left alone, one of a role that nobody asked for goes too."""
    lamps = Lamps()
    async with opened(store_url, lamps) as (store, dispatch):
        janitor = Janitor(store, dispatch, dispatch.services, Settings())
        await leased(store, "gone", store.now() - 5000)
        await leased(store, "here", store.now() + 5000)
        await leased(store, "x", store.now() - 5000, role="nobody")
        await janitor._leases()
        assert [(cmd, data.person, data.connected) for cmd, data in lamps.heard] == [("lamp.presence", "gone", False)]
        assert await leases(store) == [b"medic:here"]
        await janitor._leases()
        assert len(lamps.heard) == 1


@on_loop
async def test_a_lease_that_could_not_be_looked_at_stays(valkey_url: str) -> None:
    """Tried again at the next sweep."""
    lamps = Lamps()
    lamps.decision = lambda *_: Refusal("unavailable", "later", retry=True)
    async with opened(valkey_url, lamps) as (store, dispatch):
        janitor = Janitor(store, dispatch, dispatch.services, Settings())
        await leased(store, "gone", store.now() - 5000)
        await janitor._leases()
        assert await leases(store) == [b"medic:gone"]


@on_loop
async def test_only_what_is_too_old_leaves_the_log(store_url: str) -> None:
    """An entry stays for its hours, however quiet the city."""
    async with opened(store_url) as (store, dispatch):
        janitor = Janitor(store, dispatch, dispatch.services, Settings(log_keep_h=24))
        for _ in range(3):
            await say(store)
        later = store.now() + 30 * 3_600_000
        await store.many("normal", [["HSET", store.keys.head, "at", later]])
        await store.load("normal", "x", "x", store.deadline())
        for _ in range(3):
            await say(store)
        await janitor._trim()
        assert await log_of(store) == [4, 5, 6]


@on_loop
async def test_a_log_that_grew_too_big_loses_its_oldest(store_url: str) -> None:
    """Down to its megabytes; the newest stay."""
    async with opened(store_url) as (store, dispatch):
        janitor = Janitor(store, dispatch, dispatch.services, Settings(log_keep_mb=1))
        for _ in range(40):
            await say(store, "x" * 50_000)
        await janitor._trim()
        left = await log_of(store)
        assert left == list(range(41 - len(left), 41))
        assert 1 <= len(left) <= 21
        (memory,) = await store.many("normal", [["MEMORY", "USAGE", store.keys.log("bulk")]])
        assert memory <= 1024 * 1024


@on_loop
async def test_the_audit_log_is_trimmed_only_behind_the_archive(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before it follows, not what is not archived, not its position, nor what is young unless it grows."""
    async with opened(store_url) as (store, dispatch):
        janitor = Janitor(store, dispatch, dispatch.services, Settings(log_keep_h=24), archived=True)
        audit, now = store.keys.audit, store.now()
        old, young = ([f"{now - hours * 3_600_000 + n}-0" for n in range(600)] for hours in (48, 2))
        for ids in (old, young):
            await store.many("normal", [["XADD", audit, id_, "commit", 0, "at", 0, "e", "x"] for id_ in ids])

        async def trimmed(position: str | None) -> int:
            if position is not None:
                await store.many("normal", [["HSET", store.keys.archive, "position", position]])
            await janitor._trim_audit()
            first, length = await store.many("normal", [["XRANGE", audit, "-", "+", "COUNT", 1], ["XLEN", audit]])
            assert position is None or first[0][0].decode() <= position
            return int(length)

        assert await trimmed(None) == 1200
        assert 900 <= await trimmed(old[299]) <= 1000
        assert 600 <= await trimmed(young[-1]) < 700
        monkeypatch.setattr("workers.janitor.AUDIT_KEPT", 500)
        assert 1 <= await trimmed(young[-1]) <= 100


@on_loop
async def test_without_an_archive_the_audit_log_keeps_its_newest(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many of them, whatever their age; the commit itself drops none before the stated maximum."""
    monkeypatch.setattr("workers.janitor.AUDIT_KEPT", 200)
    assert f"'~', {AUDIT_MOST}," in SCRIPTS["commit"].decode()
    async with opened(store_url) as (store, dispatch):
        rows: list[Args] = [["XADD", store.keys.audit, "*", "commit", 0, "at", 0, "e", "x"]] * 600
        await store.many("normal", rows)
        await Janitor(store, dispatch, dispatch.services, Settings())._trim_audit()
        (length,) = await store.many("normal", [["XLEN", store.keys.audit]])
        assert 200 <= length < 300


@on_loop
async def test_a_sweep_goes_on_after_the_store_was_away(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the store is logged, not the end."""
    monkeypatch.setattr("workers.janitor.SWEEP_S", 0.01)
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        task = asyncio.create_task(Janitor(store, dispatch, dispatch.services, Settings()).run())
        for link in store._links.values():
            link.kick()
        await leased(store, "gone", store.now() - 5000)
        await until(lambda: lamps.heard)
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
