"""Backups for tests: a city with a key of every kind, what stands in a store, and what a backup of it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import redis

from hub.backup_file import Backup, Record
from hub.backup_key import BackupKey, made_key
from hub.commit import pack, unpack
from hub.keys import Keys

CITY = "35.76"
KEYS = Keys(CITY)
AT = 1_790_000_000_000
LATER_MS = 3_600_000


def city(client: redis.Redis, commit: int = 7, *, kind: str = "real", keys: Keys = KEYS) -> None:
    """A small city, with a key of every kind, as commits leave it."""
    head: dict[Any, Any] = {"kind": kind, "version": 1, "epoch": "old", "commit": commit, "at": AT, "replid": "r" * 40}
    pipe = client.pipeline()
    pipe.hset(keys.head, mapping=head)
    pipe.hset(keys.lanes, mapping={"urgent": commit, "normal": commit - 1})
    pipe.hset(keys.thing("lamp", "a"), mapping={"v": commit, "s": pack({"id": "a", "holder": "Siti"})})
    pipe.hset(keys.thing("lamp", "b"), mapping={"v": 1, "s": pack({"id": "b", "holder": "Budi"})})
    pipe.hset(keys.table("normal/a"), mapping={"a": pack({"type": "lamp", "id": "a", "holder": "Siti"})})
    pipe.hset(keys.offsets, mapping={"normal/a": commit})
    pipe.set(keys.claim("lamp/a"), "siti")
    pipe.sadd(keys.set("lamps"), "a", "b")
    pipe.geoadd(keys.geo("lamps"), (112.43, -7.47, "a"))
    pipe.zadd(keys.timers("normal"), {"lamp/a/dim": 5})
    pipe.hset(keys.timer("normal"), mapping={"lamp/a/dim": pack(["lamp.dim", {}]), "lamp/a/dim|v": commit})
    pipe.set(keys.outcome("siti", "c1"), b"yes", px=LATER_MS)
    pipe.rpush(keys.hookline("shop", "o1"), "one", "two")
    member: dict[Any, Any] = {"role": "medic", "name": "Siti Aminah", "at": AT, "vehicle": "motor"}
    pipe.hset(keys.member("siti"), mapping={**member, "desk": "", "shop": "", "van": ""})
    pipe.sadd(keys.sessions("siti"), "d1")
    pipe.hset(keys.session("d1"), mapping={"person": "siti", "role": "medic"})
    pipe.set(keys.secret, b"\x07" * 32)
    pipe.hset(keys.hooks, mapping={"shop": b"webhook's secret"})
    pipe.hset(keys.person_keys, mapping={"siti": b"k" * 32})
    pipe.hset(keys.here("siti"), mapping={"hub": "1 1 1 1"})
    for number in range(1, commit + 1):
        pipe.xadd(keys.log("normal"), {"e": b"entry"}, id=f"{number}-0")
        body = pack({"cmd": "lamp.switch", "id": f"c{number}", "things": [f"lamp/{number}"]})
        pipe.xadd(keys.audit, {"commit": number, "at": AT + number, "e": body}, id=f"{AT + number}-0")
    pipe.execute()


def content(client: redis.Redis, keys: Keys = KEYS) -> dict[str, Any]:
    """Every key of a city: what it holds, and whether it goes by itself."""
    asks: dict[bytes, Callable[[bytes], Any]] = {
        b"string": client.get, b"hash": client.hgetall, b"set": client.smembers, b"stream": client.xrange,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }  # fmt: skip
    found = {}
    for name in client.scan_iter(keys.prefix + "*", count=1000):
        kind: Any = client.type(name)
        found[name.decode().removeprefix(keys.prefix)] = (kind.decode(), asks[kind](name), client.pttl(name) > 0)
    return found


def key_in(folder: Path) -> BackupKey:
    return made_key(folder / "backup.key", CITY)[0]


def folded(records: Iterable[Record], key: BackupKey) -> dict[str, Any]:
    """What records come to: name -> a text, a dict, a list."""
    found: dict[str, Any] = {}
    for record in records:
        name = record.name.decode()
        if record.kind == "none":
            found.pop(name, None)
            continue
        flat = unpack(key.open(record.name, record.value) if record.sealed else record.value)
        if record.kind in ("hash", "zset"):
            made = dict(zip(flat[::2], flat[1::2], strict=True))
            found[name] = found[name] | made if record.more else made
        elif record.kind == "string":
            (found[name],) = flat
        else:
            found[name] = found[name] + flat if record.more else flat
    return found


def read(path: Path, key: BackupKey) -> dict[str, Any]:
    return folded(Backup.open(path).records(), key)


class Marking:
    """A sealer that marks what it seals, and takes the mark away."""

    MARK = b"sealed:"

    def __init__(self) -> None:
        self.met: list[tuple[str, str]] = []

    def meet(self, things: Iterable[tuple[str, str, bytes]]) -> None:
        self.met += ((type_, id_) for type_, id_, _ in things)

    def seal_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        return self.MARK + f"{type_}/{id_}:".encode() + state

    def open_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        mark = self.MARK + f"{type_}/{id_}:".encode()
        assert state.startswith(mark)
        return state.removeprefix(mark)

    seal_view, open_view, seal_own, open_own = seal_thing, open_thing, seal_thing, open_thing

    def sealing(self, client: redis.Redis, keys: Keys) -> Marking:
        return self

    def opening(self, kept: Any) -> Marking:
        return self
