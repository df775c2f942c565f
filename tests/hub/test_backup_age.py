"""How old the last backup is, as `/metrics` says it."""

from __future__ import annotations

import redis

from hub.backup_age import Backed, backed
from tests.hub.test_metrics import scrape
from tests.support.live import on_loop, opened, running_hub


@on_loop
async def test_the_note_in_the_store_is_read(valkey_url: str) -> None:
    """None before the first backup; 0 when nobody said how often one is made; none of a store that is closed."""
    async with opened(valkey_url) as (store, _):
        assert await backed(store) is None
        with redis.Redis.from_url(valkey_url) as client:
            client.hset(store.keys.backup, mapping={"at": 5})
            assert await backed(store) == Backed(5, 0)
            client.hset(store.keys.backup, mapping={"every_s": 60})
        assert await backed(store) == Backed(5, 60)
        await store.close()
        assert await backed(store) is None


@on_loop
async def test_hubs_print_it(valkey_url: str) -> None:
    """No figure without a backup; then its age and how often one is made."""
    async with running_hub(valkey_url) as hub:
        found = await scrape(hub)
        assert found["kentongan_backup_age_seconds"].samples == found["kentongan_backup_every_seconds"].samples == {}
        with redis.Redis.from_url(valkey_url) as client:
            client.hset(hub.store.keys.backup, mapping={"at": hub.store.now() - 90_000, "every_s": 60})
        found = await scrape(hub)
        assert 90 <= found["kentongan_backup_age_seconds"].value() < 100
        assert found["kentongan_backup_every_seconds"].value() == 60
