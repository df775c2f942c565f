"""How old the last backup is, for `/metrics`: whoever made it noted it in the store."""

from __future__ import annotations

from msgspec import Struct
from redis.exceptions import RedisError

from hub.errors import StoreError
from hub.store import Store


class Backed(Struct, frozen=True):
    """The last backup. `at`: the city's time of its cut, ms. `every_s` 0: nobody said when the next one comes."""

    at: int
    every_s: int


async def backed(store: Store) -> Backed | None:
    """The last backup that was noted; None for none, or when the store cannot be asked."""
    if not store.up:
        return None
    try:
        ((at, every_s),) = await store.many("watch", [["HMGET", store.keys.backup, "at", "every_s"]])
    except (StoreError, RedisError):
        return None
    return None if at is None else Backed(int(at), int(every_s or 0))
