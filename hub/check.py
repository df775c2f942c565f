"""Whether a store keeps what it accepts: what `kentongan check` asks and finds.

A finding has a level: `lost` (an accepted command could be lost there), `fault` (costs speed, room or
punctuality, not truth) or `phone` (what a phone would miss: `hub/reach.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

import redis
from msgspec import Struct

from hub.errors import StoreForeign, StoreUnavailable
from hub.keys import CLOSED, RESTORING, Keys
from hub.safety import SAFE, WAITAOF_SINCE, WHY

ANSWER_S: Final = 10.0
RETRY_S: Final = 0.2
OLDEST: Final = (7, 0)
CLOCK_MS: Final = 5_000
IN_MEMORY: Final = ("/dev/shm", "/run")
"""Folders that are memory on every Linux (Filesystem Hierarchy Standard 3.0, section 3.15; shm_overview(7))."""

Level = Literal["lost", "fault", "phone"]


class Finding(Struct, frozen=True):
    """One thing that is not as it should be, and what comes of it."""

    level: Level
    what: str
    found: str
    wanted: str
    why: str

    def __str__(self) -> str:
        whose = "" if self.level == "phone" else "the store's "
        return f"{whose}{self.what} is {self.found!r}, expected {self.wanted!r}: {self.why}"


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
    if held == RESTORING:
        raise StoreUnavailable(f"the store at {url}: {CLOSED}")
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


def findings(client: redis.Redis, city: str, *, replicas: int, local_ms: int) -> list[Finding]:
    """What is wrong with a store, what could lose an accepted command first; empty when nothing is.

    Args:
        replicas: how many the hubs wait for (`KENTONGAN_REPLICAS`).
        local_ms: this machine's time.

    Raises:
        redis.RedisError: it went away, or does not let us ask at all.
    """
    info: dict[str, Any] = client.info()
    found = [*_settings(client), *_server(info), *_replicas(info, replicas), *_disk(client, info)]
    found += [*_clock(client, city, local_ms), *_closed(client, city)]
    return sorted(found, key=lambda one: one.level != "lost")


def server_of(client: redis.Redis) -> str:
    """What answers there, with its version: `valkey 9.1.0`."""
    info: dict[str, Any] = client.info("server")
    name = info.get("server_name", "redis")
    return f"{name} {info.get(f'{name}_version', info['redis_version'])}"


def _settings(client: redis.Redis) -> Iterator[Finding]:
    for name, wanted in SAFE.items():
        if (found := _setting(client, name)) != wanted:
            yield Finding("lost", name, found, wanted, WHY[name])
    if found := _setting(client, "save"):
        yield Finding("fault", "save", found, "", "snapshots take time and memory, and nobody reads them")


def _setting(client: redis.Redis, name: str) -> str:
    try:
        return str(client.config_get(name).get(name, "not to be read"))
    except redis.ResponseError as exc:
        return f"not to be read ({exc})"


def _server(info: Mapping[str, Any]) -> Iterator[Finding]:
    if _version(info) < OLDEST:
        why = "nobody has tried whether an older one keeps what it accepts"
        yield Finding("lost", "version", str(info["redis_version"]), "Redis 7 or Valkey", why)
    if info["role"] != "master":
        why = "what is written there is gone when it follows its master again"
        yield Finding("lost", "role", str(info["role"]), "master", why)
    if not int(info["maxmemory"]):
        why = "the kernel ends it when the machine's memory is used up"
        yield Finding("fault", "maxmemory", "0", "about half the machine's memory", why)


def _version(info: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])


def _replicas(info: Mapping[str, Any], replicas: int) -> Iterator[Finding]:
    connected = int(info["connected_slaves"])
    if (connected or replicas) and _version(info) < WAITAOF_SINCE:
        why = "it has no WAITAOF, so nothing proves that a commit is on a replica's disk"
        yield Finding("lost", "version, with replicas,", str(info["redis_version"]), "7.2 or newer", why)
    if connected < replicas:
        why = f"commands are `unconfirmed` until as many have them on disk (KENTONGAN_REPLICAS is {replicas})"
        yield Finding("fault", "number of replicas", str(connected), str(replicas), why)
    if connected > replicas:
        why = (
            f"KENTONGAN_REPLICAS is {replicas}: a replica that is not waited for may take over without the last commits"
        )
        yield Finding("lost", "number of replicas", str(connected), str(replicas), why)


def _disk(client: redis.Redis, info: Mapping[str, Any]) -> Iterator[Finding]:
    folder = _setting(client, "dir")
    if any(folder == place or folder.startswith(place + "/") for place in IN_MEMORY):
        yield Finding("lost", "dir", folder, "a folder on a disk", "it is memory: a restart of the machine empties it")
    if info["aof_enabled"] and info["aof_last_write_status"] != "ok":
        why = "its last write to the append-only file failed: is the disk full?"
        yield Finding("fault", "aof_last_write_status", str(info["aof_last_write_status"]), "ok", why)
    if info["aof_enabled"] and info["aof_last_bgrewrite_status"] != "ok":
        why = "the append-only file could not be written anew and grows: is the disk full?"
        yield Finding("fault", "aof_last_bgrewrite_status", str(info["aof_last_bgrewrite_status"]), "ok", why)


def _closed(client: redis.Redis, city: str) -> Iterator[Finding]:
    """A restore of the city is in its last part, or was killed there."""
    kind: Any = client.hget(Keys(city).head, "kind")
    if kind == RESTORING.encode():
        yield Finding("fault", f"city {city}", "closed", "open", "a restore of it was broken off: make it again")


def _clock(client: redis.Redis, city: str, local_ms: int) -> Iterator[Finding]:
    """The city's time is the store's, and never goes back: what it said last stands in the head."""
    seconds, micros = client.time()
    now = int(seconds) * 1000 + int(micros) // 1000
    if abs(now - local_ms) > CLOCK_MS:
        way = "ahead of" if now > local_ms else "behind"
        found = f"{abs(now - local_ms) / 1000:.0f} s {way} this machine's"
        why = "one of the two is wrong, and times on screens and of timers are the store's"
        yield Finding("fault", "clock", found, "within 5 s of it", why)
    last = int(client.hget(Keys(city).head, "at") or 0)
    if last - now > CLOCK_MS:
        found = f"{(last - now) / 1000:.0f} s behind the city's time"
        why = "it was set back, and timers ring late by that much"
        yield Finding("fault", "clock", found, "not before the last commit", why)
