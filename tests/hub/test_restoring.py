"""A city restored: beside its place first, then into it, or not at all; or, killed in its last second, again."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from hub import closing
from hub.backup import Plan, backed_up
from hub.backup_file import Backup
from hub.blinding import Sealer
from hub.check import refuse_other_kind
from hub.errors import HubError, StartError, StoreUnavailable
from hub.person_keys import Kept, Plain
from hub.restoring import SKIP, Held, Put, Restoring, held, refuse
from hub.store import Store
from hub.tracking import Line
from tests.support.backups import AT, CITY, KEYS, LATER_MS, Marking, city, content, key_in
from tests.support.clients import client
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened, running_hub, switch, until
from tests.workers.test_timers import ring, sets
from workers.timers import Timers

KEPT = Kept({"siti": b"k" * 32}, {"ani": 5})
EMPTY = Held("", "")


def backup(url: str, tmp_path: Path, **more: Any) -> Backup:
    """A backup of what stands in a store."""
    plan = Plan(url=url, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key", **more)
    return Backup.open(Path(backed_up(plan, io.StringIO()).file))


def restored(
    url: str, made: Backup, tmp_path: Path, there: Held = EMPTY, newest: int = 0, *, sealer: Sealer | None = None,
    line: type[Line] = Line,
) -> Put:  # fmt: skip
    with line(url) as one:
        return Restoring(one, made, key=key_in(tmp_path), sealer=sealer or Plain(), kept=KEPT).run(there, newest)


@pytest.fixture
def made(valkey_url: str, tmp_path: Path) -> Backup:
    """A backup of the small city; the store is empty again."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        found = backup(valkey_url, tmp_path)
        client.flushall()
    return found


def test_a_city_comes_back(valkey_url: str, store_url: str, tmp_path: Path) -> None:
    """Every key as it was, on the other server too; a new epoch, numbers above the newest known, no replication id of
    the store that was lost, tables at the cut's commit."""
    with redis.Redis.from_url(valkey_url) as source, redis.Redis.from_url(store_url) as client:
        city(source)
        before = content(source)
        made = backup(valkey_url, tmp_path)
        source.flushall()
        put = restored(store_url, made, tmp_path, newest=900)
        after = content(client)
    head = after.pop("head")[1]
    old = before.pop("head")[1]
    assert head.pop(b"epoch") == put.epoch.encode() != old.pop(b"epoch")
    assert int(head.pop(b"commit")) == put.commit == 900 + SKIP
    del old[b"commit"], old[b"replid"]
    assert head == old
    for name in ("log:normal", "here:siti"):
        del before[name]
    assert after.pop("erased")[1] == [(b"ani", 5.0)]
    assert after == before
    assert put.keys == len(after) + 2


def test_numbers_go_on_above_the_cut_when_nobody_knows_more(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """Some commits may have been made that nobody knows."""
    assert restored(valkey_url, made, tmp_path).commit == 7 + SKIP


def test_what_was_replaced_is_gone(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """Nothing of the old city stays; another city's keys do."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client, 20)
        client.set(KEYS.claim("later"), 1)
        client.set("{35.77}:claim:x", 1)
        restored(valkey_url, made, tmp_path, Held("real", "20"), 20)
        found = content(client)
        assert "claim:later" not in found
        assert "here:siti" not in found
        assert client.get("{35.77}:claim:x") == b"1"
        assert client.hget(KEYS.head, "commit") == str(20 + SKIP).encode()


def test_what_is_over_does_not_come_back(valkey_url: str, tmp_path: Path) -> None:
    """An outcome whose day was over by the time of the restore; one that still counts goes when it would have."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        client.set(KEYS.outcome("siti", "short"), b"yes", px=30)
        found = backup(valkey_url, tmp_path)
        while client.exists(KEYS.outcome("siti", "short")):
            pass
        client.flushall()
        restored(valkey_url, found, tmp_path)
        assert not client.exists(KEYS.outcome("siti", "short"))
        assert LATER_MS - 60_000 < client.pttl(KEYS.outcome("siti", "c1")) < LATER_MS


def test_what_was_sealed_is_opened(valkey_url: str, tmp_path: Path) -> None:
    """Things and views go through the sealer the other way."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client)
        before = content(client)
        found = backup(valkey_url, tmp_path, sealers=Marking())
        client.flushall()
        restored(valkey_url, found, tmp_path, sealer=Marking())
        after = content(client)
    for name in ("thing:lamp:a", "thing:lamp:b", "table:normal/a", "member:siti"):
        assert after[name] == before[name]


def test_another_key_opens_nothing(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """A wrong backup key is found out before anything is in place, and nothing is left beside it."""
    (tmp_path / "backup.key").unlink()
    with redis.Redis.from_url(valkey_url) as client:
        with pytest.raises(StartError, match="does not open with the backup key"):
            restored(valkey_url, made, tmp_path)
        assert content(client) == {}


class Broken(Line):
    """Something happens before the last step."""

    happens: Callable[[], None]

    def one(self, *args: Any) -> Any:
        if args[0] == "EVAL":
            type(self).happens()
        return super().one(*args)


def test_a_city_that_moves_on_stays(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """A commit in the city's place during the restore: refused, and that city is as it was with its commit."""
    with redis.Redis.from_url(valkey_url) as client:
        city(client, 20)

        class Moving(Broken):
            happens = staticmethod(lambda: client.hset(KEYS.head, "commit", 21) and None)

        before = content(client)
        with pytest.raises(StartError, match="somebody wrote into the city's place meanwhile"):
            restored(valkey_url, made, tmp_path, Held("real", "20"), 20, line=Moving)
        after = content(client)
        assert after.pop("head")[1][b"commit"] == b"21"
        del before["head"]
        assert after == before


def test_a_fault_on_the_way_leaves_the_place_as_it_was(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """The store refuses in the middle; what lay beside the city's place is taken away."""

    def refuse_it() -> None:
        raise StoreUnavailable("the store refuses: OOM")

    class Full(Broken):
        happens = staticmethod(refuse_it)

    with redis.Redis.from_url(valkey_url) as client:
        client.set(KEYS.restoring + "claim:old", "of one that was killed")
        with pytest.raises(StoreUnavailable, match="OOM"):
            restored(valkey_url, made, tmp_path, line=Full)
        assert content(client) == {}


def test_a_restore_that_was_broken_off_is_made_again(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """It dies in the middle of the switch: nobody adopts what is there, nothing is backed up; then it is whole, and
    whoever was erased stays so."""
    steps = 0

    def dies() -> None:
        nonlocal steps
        steps += 1
        if steps == 3:
            raise StoreUnavailable("it was killed")

    class Dying(Broken):
        happens = staticmethod(dies)

    with redis.Redis.from_url(valkey_url) as client:
        city(client, 20)
        client.zadd(KEYS.erased, {"budi": 9})
        client.sadd("{35.77}:set:x", "kept")
        with pytest.raises(StoreUnavailable, match="it was killed; the city may be closed now: make"):
            restored(valkey_url, made, tmp_path, Held("real", "20"), 20, line=Dying)
        there = held(client, CITY)
        assert there == Held("restoring", "20")
        assert client.zscore(KEYS.erased, "budi") == 9
        for asks in (lambda: refuse_other_kind(valkey_url, CITY, demo=False), lambda: backup(valkey_url, tmp_path)):
            with pytest.raises(HubError, match="the city is closed: a restore is under way, or was broken off"):
                asks()
        with pytest.raises(StoreUnavailable, match="the city is closed"):
            asyncio.run(opens(valkey_url))
        refuse(made, CITY, valkey_url, there, replace=False)
        put = restored(valkey_url, made, tmp_path, there, 20)
        found = content(client)
        assert held(client, CITY) == Held("real", str(put.commit))
        assert put.keys == len(found)
        assert not [name for name in found if name.startswith("restore:")]
        assert client.smembers("{35.77}:set:x") == {b"kept"}


async def opens(url: str) -> None:
    store = Store(url, CITY, demo=False)
    try:
        await store.open(0.3)
    finally:
        await store.close()


def test_two_restores_at_once_leave_one_city(made: Backup, valkey_url: str, tmp_path: Path) -> None:
    """The later one has it; the other one is let go like everybody who was here."""
    with redis.Redis.from_url(valkey_url) as client:
        puts: list[Put] = []
        steps = 0

        def another() -> None:
            nonlocal steps
            steps += 1
            if steps == 2:
                puts.append(restored(valkey_url, made, tmp_path, held(client, CITY), 0))

        class Overtaken(Broken):
            happens = staticmethod(another)

        with pytest.raises(StoreUnavailable, match="the store went away"):
            restored(valkey_url, made, tmp_path, line=Overtaken)
        assert client.hget(KEYS.head, "epoch") == puts[0].epoch.encode()
        assert len(content(client)) == puts[0].keys


def test_what_must_not_be_restored_is_refused(made: Backup) -> None:
    """Another city's, a newer layout, another kind, a place that holds a city: one sentence each."""
    refuse(made, CITY, "var/real", EMPTY, replace=False)
    refuse(made, CITY, "var/real", Held("real", ""), replace=False)
    refuse(made, CITY, "var/real", Held("real", "9"), replace=True)
    newer = Backup(made.path, replace(made.header, layout=2))
    for found, wanted, there, why in (
        (made, "35.77", EMPTY, r"is of city 35\.76, expected 35\.77: name the city's file with --city"),
        (newer, CITY, EMPTY, r"newer Kentongan \(layout 2\)"),
        (made, CITY, Held("demo", ""), "var/real holds a demo city, and .* is of a real one"),
        (made, CITY, Held("real", "9"), r"holds city 35\.76 already, at commit 9: .* say --replace"),
    ):
        with pytest.raises(StartError, match=why):
            refuse(found, wanted, "var/real", there, replace=False)


def test_what_a_store_holds(valkey_url: str) -> None:
    """Nothing, a city in which nothing happened, a city."""
    with redis.Redis.from_url(valkey_url) as client:
        assert held(client, CITY) == EMPTY
        client.hset(KEYS.head, "kind", "demo")
        assert held(client, CITY) == Held("demo", "")
        client.hset(KEYS.head, mapping={"commit": 5, "at": AT})
        assert held(client, CITY) == Held("demo", "5")


@on_loop
async def test_a_timer_that_fell_due_meanwhile_hears_how_late_it_is(valkey_url: str, tmp_path: Path) -> None:
    """Its worker leases it as soon as it runs, and its service is told how long nobody could act."""
    lamps = Lamps()
    async with opened(valkey_url, lamps) as (store, dispatch):
        await sets(dispatch, lamps, ring(store.now() - 600_000))
        found = await asyncio.to_thread(backup, valkey_url, tmp_path)
    with redis.Redis.from_url(valkey_url) as client:
        client.flushall()
    await asyncio.to_thread(restored, valkey_url, found, tmp_path)
    async with opened(valkey_url, lamps) as (store, dispatch):
        worker = Timers(store, dispatch)
        task = asyncio.create_task(worker.run())
        await until(lambda: worker.acted)
        task.cancel()
        await asyncio.wait([task])
        assert lamps.facts[-1].away_ms >= 600_000


@on_loop
async def test_a_hub_that_runs_reads_everything_anew(valkey_url: str, tmp_path: Path) -> None:
    """The city is replaced below a running hub, without a word to it: its clients come back, have the backup's table
    in the new epoch, and go on."""
    async with running_hub(valkey_url) as hub:
        async with client(hub.port, hub.resident().token) as one:
            await one.joins("normal/a")
            await switch(hub, "kept", "normal/a")
            found = await asyncio.to_thread(backup, valkey_url, tmp_path)
            last = await switch(hub, "lost", "normal/a")
            await one.knows("normal/a", lambda table: len(table.things) == 2)
            put = await asyncio.to_thread(restored, valkey_url, found, tmp_path, Held("real", str(last)), last)
            assert await one.closed() == closing.NODE_UNWELL
        async with client(hub.port, hub.resident().token) as again:
            state = await again.joins("normal/a", one.tables["normal/a"])
            assert (state["t"], state["epoch"], list(state["things"])) == ("state", put.epoch, ["kept"])
            assert await switch(hub, "new", "normal/a") == put.commit + 1
            await again.knows("normal/a", lambda table: set(table.things) == {"kept", "new"})
