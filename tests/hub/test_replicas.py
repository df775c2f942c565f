"""Whether replicas have what was written."""

from __future__ import annotations

import signal

import redis

from hub.replicas import Had, had
from hub.store import Store
from tests.support.backups import CITY, KEYS
from tests.support.live import on_loop, opened
from tests.support.servers import running_pair


@on_loop
async def test_a_store_alone_has_nobody_to_wait_for(store_url: str) -> None:
    """Nor is anything written."""
    async with opened(store_url) as (store, _):
        told = await had(store)
        assert (told, told.by_all) == (Had(0, 0), True)
        assert await store.many("bulk", [["EXISTS", store.keys.prefix + "fence"]]) == [0]


@on_loop
async def test_every_replica_that_is_there_or_must_be_is_waited_for() -> None:
    """What was written by any link stands there when it says so; who is frozen or missing is counted."""
    with running_pair() as (primary, replica), redis.Redis.from_url(replica.url) as there:
        async with opened(primary.url) as (store, _):
            await store.many("normal", [["SET", store.keys.claim("x"), "1"]])
            assert await had(store) == Had(1, 1)
            assert there.get(KEYS.claim("x")) == b"1"
            replica.signal(signal.SIGSTOP)
            told = await had(store, 0.2)
            assert (told, told.by_all) == (Had(1, 0), False)
            replica.signal(signal.SIGCONT)
            assert await had(store) == Had(1, 1)
        strict = Store(primary.url, CITY, demo=False, replicas=2)
        try:
            await strict.open()
            assert await had(strict, 0.2) == Had(2, 1)
        finally:
            await strict.close()
