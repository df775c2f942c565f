"""Whether accepted means on disk: what a store is asked, and what its answers mean.

With replicas, a commit is accepted only when each of them has it on disk too
(`WAIT` and `WAITAOF` behind the script). `WAITAOF` came with Redis 7.2: an
older store with replicas is not ready (https://redis.io/commands/waitaof).
Eviction belongs here as well: a store that is full and may evict drops what
it had on disk (https://valkey.io/topics/lru-cache).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis.exceptions import RedisError

from hub.errors import StoreUnsafe
from hub.link import Args

SAFE: Final = {
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "maxmemory-policy": "noeviction",
}
WHY: Final = {
    "appendonly": "nothing is written as it happens, so a restart loses what was accepted since the last snapshot",
    "appendfsync": "what was accepted in the last second or more goes with the power",
    "no-appendfsync-on-rewrite": "while the file is written anew, nothing is on disk when it is accepted",
    "maxmemory-policy": "when it is full it drops what it accepted, and outcomes that retries ask for",
}
_SETTINGS: Final[list[Args]] = [["CONFIG", "GET", setting] for setting in SAFE]
QUESTIONS: Final[list[Args]] = [*_SETTINGS, ["INFO", "replication"], ["INFO", "server"]]
WAITAOF_SINCE: Final = (7, 2)


def unsafe(replies: Sequence[Any], replicas: int) -> StoreUnsafe | None:
    """The first reason why the store could lose what was accepted, from the replies to `QUESTIONS`.

    Args:
        replies: errors as values.
        replicas: how many must have a commit on disk; 0 means the store alone.
    """
    *settings, replication, server = replies
    for (setting, wanted), reply in zip(SAFE.items(), settings, strict=True):
        found = f"not to be read ({reply})" if isinstance(reply, RedisError) or not reply else reply[1].decode()
        if found != wanted:
            return StoreUnsafe(setting, found, wanted)
    for reply in (replication, server):
        if isinstance(reply, RedisError):
            return StoreUnsafe("INFO", f"not to be read ({reply})", "to be read")
    connected, version = fields(replication).get("connected_slaves", "0"), fields(server)["redis_version"]
    if int(connected) < replicas:
        return StoreUnsafe("connected_slaves", connected, f"{replicas} or more")
    known = tuple(int(part) for part in version.split(".")[:2])
    if (replicas or int(connected)) and known < WAITAOF_SINCE:
        return StoreUnsafe("version, which has replicas and no WAITAOF,", version, "7.2 or newer")
    return None


def fields(info: bytes) -> Mapping[str, str]:
    """The `name:value` lines of an `INFO` reply."""
    return dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
