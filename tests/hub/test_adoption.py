"""Adopting a store: its data are the ones that positions were counted in, or a new epoch begins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.contract import Change, Decision
from hub.errors import StoreForeign, StoreUnavailable, StoreUnsafe
from hub.store import Committed, Store
from tests.support.commits import commit, everything, lamp, topics
from tests.support.live import on_loop, opened, until
from tests.support.servers import StoreServer, running_store


@pytest.fixture
def server() -> Iterator[StoreServer]:
    with running_store("valkey") as one:
        yield one


@on_loop
async def test_an_empty_store_gets_an_epoch_and_a_secret_once(store_url: str) -> None:
    """The first hub mints them, the next ones find them."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _):
        assert one.epoch == two.epoch != ""
        assert one.secret == two.secret
        assert len(one.secret) == 32


@on_loop
async def test_cities_share_a_store_and_nothing_else(store_url: str) -> None:
    """Another city has an epoch, a secret and things of its own."""
    async with opened(store_url) as (one, _), opened(store_url, city="35.77") as (two, _):
        assert one.epoch != two.epoch
        assert one.secret != two.secret
        await commit(one, Decision(writes=(lamp(),)))
        assert isinstance(await commit(two, Decision(writes=(lamp(),))), Committed)


@on_loop
async def test_a_plain_restart_keeps_the_epoch(server: StoreServer) -> None:
    """Every commit is on disk: `kill -9` and a new start lose nothing and change no position."""
    async with opened(server.url) as (store, _):
        await commit(store, Decision(writes=(lamp(),), changes=topics(2)))
        epoch, before = store.epoch, await everything(store)
        server.restart()
        await until(lambda: not store.up)
        await until(lambda: store.up)
        assert store.epoch == epoch
        head = store.keys.head.encode()  # notes the store's new replication id
        after = await everything(store)
        assert {key: after[key] for key in after if key != head} == {key: before[key] for key in before if key != head}
        result = await commit(store, Decision(writes=(lamp("b"),)))
        assert isinstance(result, Committed)
        assert result.commit == 2


@on_loop
async def test_an_emptied_store_begins_a_new_epoch(valkey_url: str) -> None:
    """FLUSHALL under a live hub: nothing is accepted for the old data, a new epoch is minted on the new connection."""
    async with opened(valkey_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        old = store.epoch
        heard: list[str] = []
        store.on_epoch = heard.append
        await store.many("normal", [["FLUSHALL"]])
        assert not isinstance(await commit(store, Decision(writes=(lamp("b"),))), Committed)
        store.adopt_again()
        await until(lambda: store.up and store.epoch != old)
        assert heard == [store.epoch]
        result = await commit(store, Decision(writes=(lamp(),)))
        assert isinstance(result, Committed)
        assert result.commit == 1


@on_loop
async def test_a_missing_head_begins_a_new_epoch_above_what_the_logs_have(store_url: str) -> None:
    """Half of a city's data: commits go on above the highest number that is left, and stay whole."""
    async with opened(store_url) as (store, _):
        for number in range(5):
            await commit(store, Decision(writes=(lamp(str(number)),), changes=topics(2)))
        old = store.epoch
        await store.many("normal", [["DEL", store.keys.head]])
        store.adopt_again()
        await until(lambda: store.up and store.epoch != old)
        change = Change("bulk/0", "a", "k", {"v": 2})
        result = await commit(store, Decision(writes=(lamp("x"),), changes=(change,)))
        assert isinstance(result, Committed)
        assert result.commit > 5
        assert (await store.table("bulk", "bulk/0")).offset == result.commit


@on_loop
async def test_a_position_ahead_of_the_head_begins_a_new_epoch(store_url: str) -> None:
    """A store that was set back to an older copy has lost what this hub has seen."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        old, store.seen_commit = store.epoch, 7
        store.adopt_again()
        await until(lambda: store.up and store.epoch != old)
        assert store.seen_commit == 0


@on_loop
async def test_a_promotion_begins_a_new_epoch(server: StoreServer) -> None:
    """A replica that was made the master may lack the last commits of the old one."""
    with running_store("valkey") as other:
        async with opened(server.url) as (store, _):
            await store.many("normal", [["CONFIG", "SET", "repl-diskless-sync-delay", "0"]])
            await commit(store, Decision(writes=(lamp(),)))
            old = store.epoch
            async with opened(other.url, city="1.1") as (replica, _):
                await replica.many("normal", [["REPLICAOF", "127.0.0.1", "1"]])
                address = await listening(store)
                await replica.many("normal", [["REPLICAOF", *address]])
                for _ in range(400):
                    (info,) = await replica.many("normal", [["INFO", "replication"]])
                    if b"master_link_status:up" in info:
                        break
                    await store.many("normal", [["WAIT", "1", "50"]])
                await replica.many("normal", [["REPLICAOF", "NO", "ONE"]])
            async with opened(other.url) as (promoted, _):
                assert promoted.epoch != old
                new = promoted.epoch
            async with opened(other.url) as (again, _):
                assert again.epoch == new


async def listening(store: Store) -> list[str]:
    """Make the store listen on a free port as well: replication needs one."""
    for port in range(20_111, 20_211):
        try:
            await store.many("normal", [["CONFIG", "SET", "port", port]])
        except Exception:
            continue
        return ["127.0.0.1", str(port)]
    raise AssertionError("no free port")


@pytest.mark.parametrize("demo", [False, True])
@on_loop
async def test_demo_and_real_never_mix(store_url: str, demo: bool) -> None:
    """The other kind is refused, and nothing of the store is changed by it."""
    async with opened(store_url, demo=demo) as (store, _):
        before = await everything(store)
        with pytest.raises(StoreForeign, match="never mix"):
            async with opened(store_url, demo=not demo):
                pass
        assert await everything(store) == before


@on_loop
async def test_a_newer_layout_is_refused(store_url: str) -> None:
    """A store written by a newer version is left alone."""
    async with opened(store_url) as (store, _):
        await store.many("normal", [["HSET", store.keys.head, "version", 99]])
        before = await everything(store)
        with pytest.raises(StoreForeign, match="newer version"):
            async with opened(store_url):
                pass
        assert await everything(store) == before


@pytest.mark.parametrize(
    ("setting", "value"), [("appendfsync", "everysec"), ("appendonly", "no"), ("no-appendfsync-on-rewrite", "yes")]
)
@on_loop
async def test_an_unsafe_store_is_named_and_accepts_nothing(store_url: str, setting: str, value: str) -> None:
    """Accepted means on disk: the setting at fault is named, and every commit is refused as not accepted."""
    async with opened(store_url) as (plain, _):
        (row,) = await plain.many("normal", [["CONFIG", "GET", setting]])
        await plain.many("normal", [["CONFIG", "SET", setting, value]])
        try:
            async with opened(store_url) as (store, _):
                assert isinstance(store.unsafe, StoreUnsafe)
                assert (store.unsafe.setting, store.unsafe.found) == (setting, value)
                assert not store.up
                with pytest.raises(StoreUnavailable, match=setting):
                    await commit(store, Decision(writes=(lamp(),)))
        finally:
            await plain.many("normal", [["CONFIG", "SET", setting, row[1]]])
            await plain.many("normal", [["PING"]])


@on_loop
async def test_an_unsafe_store_is_unsafe_until_it_was_asked_again(valkey_url: str) -> None:
    """A link that comes back does not make it safe before the answer is there."""
    async with opened(valkey_url) as (plain, _):
        await plain.many("normal", [["CONFIG", "SET", "appendfsync", "everysec"]])
        async with opened(valkey_url) as (store, _):
            assert store.unsafe is not None
            seen: list[StoreUnsafe | None] = []
            link = store._links["bulk"]
            raw = link.raw

            async def watched(*commands: object) -> list[object]:
                seen.append(store.unsafe)
                return await raw(*commands)  # type: ignore[arg-type]

            link.raw = watched  # type: ignore[method-assign]
            link.kick()
            await until(lambda: link.up)
            assert seen
            assert None not in seen


@on_loop
async def test_a_store_made_safe_is_noticed(valkey_url: str) -> None:
    """An operator corrects the setting, or spoils it: asked again, the store says so, without a restart."""
    async with opened(valkey_url) as (store, _):
        for value in ("everysec", "always"):
            await store.many("normal", [["CONFIG", "SET", "appendfsync", value]])
            await store.check_safe()
            assert (store.unsafe is None) is (value == "always")
        assert store.up


@on_loop
async def test_a_replica_accepts_nothing(server: StoreServer) -> None:
    """A store that became a replica refuses writes before the first: not accepted."""
    async with opened(server.url) as (store, _):
        await commit(store, Decision(writes=(lamp(),)))
        await store.many("normal", [["REPLICAOF", "127.0.0.1", "1"]])
        with pytest.raises(StoreUnavailable):
            await commit(store, Decision(writes=(lamp("b"),)))


@on_loop
async def test_nobody_there_is_said_in_one_sentence() -> None:
    """A store that cannot be reached is named with its address."""
    store = Store("unix:///tmp/kt-nobody-here", "35.76", demo=False)
    try:
        with pytest.raises(StoreUnavailable, match="unix:///tmp/kt-nobody-here cannot be reached"):
            await store.open(0.1)
    finally:
        await store.close()
