"""Whether a store keeps what it accepts: what `kentongan check` asks and says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import redis

from hub.errors import StoreForeign, StoreUnavailable
from hub.keys import Keys
from hub.safety import SAFE

ANSWER_S: Final = 10.0
RETRY_S: Final = 0.2
WANTED = {**SAFE, "save": "", "maxmemory-policy": "noeviction"}


@contextmanager
def asked(url: str) -> Iterator[redis.Redis]:
    """A plain connection for a few questions.

    Raises:
        StoreUnavailable: no store at this address, or it does not let us ask.
    """
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            yield client
    except (redis.RedisError, ValueError) as exc:
        raise StoreUnavailable(f"the store at {url} cannot be asked: {exc}") from exc


def kind_of(url: str, city: str) -> str | None:
    """`demo`, `real`, or None for a store that holds nothing yet.

    Raises:
        StoreUnavailable: as `asked`.
    """
    with asked(url) as client:
        kind = client.hget(Keys(city).head, "kind")
    return kind.decode() if isinstance(kind, bytes) else kind


def refuse_other_kind(url: str, city: str, *, demo: bool) -> None:
    """Refuse a store that holds the other kind of city, before anything is started on it.

    A store that does not answer is waited for: it may be starting beside us.

    Raises:
        StoreForeign: it holds the other kind.
        StoreUnavailable: it did not answer for 10 s, or `url` is none.
    """
    held, wanted = _kind_soon(url, city), "demo" if demo else "real"
    if held not in (None, wanted):
        raise StoreForeign(f"the store at {url} holds a {held} city, expected a {wanted} one: the two never mix")


def _kind_soon(url: str, city: str) -> str | None:
    until = time.monotonic() + ANSWER_S
    while True:
        try:
            return kind_of(url, city)
        except StoreUnavailable as exc:
            if isinstance(exc.__cause__, ValueError) or time.monotonic() > until:
                raise
            time.sleep(RETRY_S)


def faults_of(client: redis.Redis) -> list[str]:
    """What is wrong, one sentence each, in the order in which to mend it; empty when nothing is.

    The settings that readiness insists on come first; the rest loses speed or room, not truth.
    """
    info: dict[str, Any] = client.info()
    faults = []
    version = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    if version < (7, 0):
        faults.append(f"the store is Redis {info['redis_version']}, expected Redis 7 or Valkey")
    for setting, wanted in WANTED.items():
        found = str(client.config_get(setting).get(setting, "not to be read"))
        if found != wanted:
            faults.append(f"the store's {setting} is {found!r}, expected {wanted!r}")
    if not int(info["maxmemory"]):
        faults.append("the store's maxmemory is 0, expected about half the machine's memory")
    if info["aof_enabled"] and info["aof_last_write_status"] != "ok":
        faults.append("the store's last write to its append-only file failed: is the disk full?")
    if info["role"] != "master":
        faults.append(f"the store is a {info['role']}, expected the master")
    # WAITAOF (Redis 7.2) is what proves a commit on a replica's disk; without it a failover could lose it.
    if int(info["connected_slaves"]) and version < (7, 2):
        faults.append(f"the store has replicas and no WAITAOF (Redis {info['redis_version']}), expected 7.2 or newer")
    return faults
