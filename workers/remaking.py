"""Read all shops from the store into an index that is made anew."""

from __future__ import annotations

import asyncio
from typing import Final

from redis.exceptions import RedisError

from hub.errors import StoreError
from hub.store import Snapshot, Store
from workers.search import Index, Table
from workers.shop_views import TOPIC

SHOPS: Final = "shops"
"""The set index that names all shops."""

NAMES_AT_ONCE: Final = 500
TABLES_AT_ONCE: Final = 8
RETRY_S: Final = 0.2


async def remake(store: Store, index: Index) -> int:
    """Fill an index with every shop's table, a few at a time, however often the store goes away meanwhile.

    A table that was read before the log brought a later change of it is read again.

    Returns:
        The highest commit that any table shows: the index is whole once the log has brought it that far.
    """
    highest = 0
    left = await _shops(store)
    while left:
        some, left = left[:TABLES_AT_ONCE], left[TABLES_AT_ONCE:]
        tables = await _tables(store, some)
        left += index.put(tables)
        highest = max(highest, *(table.offset for table in tables))
    return highest


async def _shops(store: Store) -> list[str]:
    """Ids of all shops. One that is registered meanwhile comes by the log."""
    found: set[str] = set()
    cursor: bytes | int = 0
    while True:
        asked = ["SSCAN", store.keys.set(SHOPS), cursor, "COUNT", NAMES_AT_ONCE]
        try:
            ((cursor, some),) = await store.many("bulk", [asked])
        except (StoreError, RedisError):
            await asyncio.sleep(RETRY_S)
            continue
        found |= {member.decode() for member in some}
        if cursor == b"0":
            return sorted(found)


async def _tables(store: Store, shops: list[str]) -> list[Table]:
    """Whole or not at all: what could not be read is read again."""
    while True:
        reads = (store.table("bulk", TOPIC + shop) for shop in shops)
        read = await asyncio.gather(*reads, return_exceptions=True)
        failed = [result for result in read if isinstance(result, BaseException)]
        for error in failed:
            if not isinstance(error, StoreError | RedisError):
                raise error
        if not failed:
            snapshots = [result for result in read if isinstance(result, Snapshot)]
            return [Table(shop, table.offset, table.things) for shop, table in zip(shops, snapshots, strict=True)]
        await asyncio.sleep(RETRY_S)
