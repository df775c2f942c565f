"""Restore a city into a store: beside its place first, then into it.

    records --> {city}:restore:<key> --hub/switching.py--> {city}:<key>, a new epoch, a commit number above all known

Until the switch nothing of the city that may be there is touched; whatever goes wrong before, the keys beside its place
are taken away again. From then on it is closed until all of it is in its place: a second or two per 100,000 keys.

The epoch is new, so that every client, hub and archive reads everything anew and no position of the lost time means
anything. Commit numbers go on far above the newest that anybody knows, so that no number is given twice. Timers keep
their times: those that fell due meanwhile act at once, and their services hear how late (`facts.away_ms`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, cast

import redis
from msgspec import Struct

from hub.backup_file import Backup, Record
from hub.backup_key import BackupKey
from hub.blinding import Sealer, opened
from hub.commit import unpack
from hub.errors import StartError, StoreUnavailable
from hub.keys import LAYOUT_VERSION, RESTORING, Keys
from hub.link import Args
from hub.person_keys import Kept
from hub.switching import Switching, names
from hub.tracking import Line

BATCH: Final = 500
PAIRS: Final = 500
SKIP: Final = 10_000
"""Numbers that are left out above the newest known commit: some may have been made that nobody knows."""


class Held(Struct, frozen=True):
    """What a store holds of a city: `kind` empty for nothing, `commit` empty for a city in which nothing happened."""

    kind: str
    commit: str

    @property
    def broken_off(self) -> bool:
        """A restore was: what stands there is no city."""
        return self.kind == RESTORING


class Put(Struct, frozen=True):
    """What was put in place.

    Args:
        commit: the number to go on from.
        switch_ms: how long one step of the switch held the store at most. closed_ms: how long the city was closed.
        files: name -> content, for whoever places them.
        not_told: why hubs and workers that were here could not be let go; empty: they were, or there were none.
    """

    epoch: str
    commit: int
    keys: int
    switch_ms: int
    closed_ms: int
    files: Mapping[bytes, bytes]
    not_told: str = ""


def held(client: redis.Redis, city: str) -> Held:
    kind, commit = cast(Any, client.hmget(Keys(city).head, "kind", "commit"))
    return Held((kind or b"").decode(), (commit or b"").decode())


def refuse(backup: Backup, city: str, place: str, there: Held, *, replace: bool) -> None:
    """Refuse what must not be restored there.

    Raises:
        StartError: another city's backup, another kind or a newer layout, or a place that holds a city.
    """
    header = backup.header
    if header.city != city:
        raise StartError(f"{backup.path} is of city {header.city}, expected {city}: name the city's file with --city")
    if header.layout > LAYOUT_VERSION:
        raise StartError(f"{backup.path} was written by a newer Kentongan (layout {header.layout}): restore it there")
    if there.broken_off:
        return
    if there.kind and there.kind != header.kind:
        raise StartError(f"{place} holds a {there.kind} city, and {backup.path} is of a {header.kind} one: never mixed")
    if there.commit and not replace:
        held_there = f"{place} holds city {city} already, at commit {there.commit}"
        raise StartError(f"{held_there}: restore into an empty place, or say --replace")


class Restoring:
    """Puts one backup into one store, once.

    Args:
        sealer: opens personal fields.
        kept: the persons' keys, and who was erased, as they are now.
        said: hears how many more keys were written.
    """

    def __init__(
        self,
        line: Line,
        backup: Backup,
        *,
        key: BackupKey,
        sealer: Sealer,
        kept: Kept,
        said: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._line, self._backup, self._key, self._sealer = line, backup, key, sealer
        self._kept, self._said = kept, said
        self._keys = Keys(backup.header.city)
        self._beside = self._keys.restoring.encode()
        self._seen: dict[bytes, bool] = {}
        self._files: dict[bytes, bytes] = {}

    def run(self, there: Held, newest_commit: int) -> Put:
        """Put it in place.

        Args:
            there: what the place held when it was looked at; it must hold the same still.
            newest_commit: the newest that anybody knows.

        Raises:
            StoreUnavailable: the store went away or refused. StartError: a city moved on in its place, or a secret
                does not open. Nothing was changed in the city's place then, unless it says that the city is closed.
        """
        switching = Switching(self._line, self._keys)
        self._clear()
        try:
            self._now = self._clock()
            self._write(self._commands())
            self._write(iter(self._made_anew()))
            switching.close(there.commit)
        except BaseException:
            self._clear()
            raise
        try:
            return self._in_place(switching, max(self._backup.header.commit, newest_commit) + SKIP)
        except StoreUnavailable as exc:
            raise StoreUnavailable(f"{exc}; the city may be closed now: make the same restore again") from exc

    def _in_place(self, switching: Switching, commit: int) -> Put:
        began, epoch, not_told = time.monotonic(), secrets.token_hex(8), ""
        if switching.here:
            try:
                switching.let_go()
            except StoreUnavailable as exc:
                not_told = str(exc)
        count = switching.move()
        switching.open(epoch, commit)
        closed_ms, longest_ms = round((time.monotonic() - began) * 1000), -(-switching.longest_us // 1000)
        return Put(epoch, commit, count + 1, longest_ms, closed_ms, self._files, not_told)

    def _clock(self) -> int:
        seconds, micros = self._line.one("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def _clear(self) -> None:
        """Take away what lies beside the city's place."""
        for found in names(self._line, self._keys.restoring + "*"):
            if found:
                self._line.one("UNLINK", *found)

    def _write(self, commands: Iterator[Args]) -> None:
        while batch := list(islice(commands, BATCH)):
            self._line.ask(batch)

    # -- what is written ----------------------------------------------------------------

    def _commands(self) -> Iterator[Args]:
        for record in self._backup.records():
            if record.kind == "file":
                (self._files[record.name],) = self._value(record)
                continue
            yield from self._put(record)
            self._said(not record.more)

    def _put(self, record: Record) -> Iterator[Args]:
        key = self._beside + record.name
        if self._seen.get(record.name) and not record.more:
            yield ["UNLINK", key]
        over = record.expires_at and record.expires_at <= self._now
        self._seen[record.name] = there = record.kind != "none" and not over
        if not there:
            return
        flat = opened(self._sealer, record.name, record.kind, self._value(record))
        if not flat:  # of somebody who was erased
            return
        yield from _written(record.kind, key, flat)
        if record.expires_at:
            yield ["PEXPIREAT", key, record.expires_at]

    def _value(self, record: Record) -> list[Any]:
        value = self._key.open(record.name, record.value) if record.sealed else record.value
        found: list[Any] = unpack(value)
        return found

    def _made_anew(self) -> list[Args]:
        """What no backup holds: each table is the city's at the cut; the persons' keys; how far the archive is."""
        made: list[Args] = []
        tables = [name.partition(b":")[2] for name, there in self._seen.items() if there and name.startswith(b"table:")]
        for topics in _parts(tables, PAIRS):
            pairs = [one for topic in topics for one in (topic, self._backup.header.commit)]
            made.append(["HSET", self._beside + b"offsets", *pairs])
        for people in _parts(list(self._kept.keys.items()), PAIRS):
            made.append(["HSET", self._beside + b"person_keys", *(one for pair in people for one in pair)])
        for person, at in self._kept.erased.items():
            made.append(["ZADD", self._beside + b"erased", at, person])
        # its worker says it again; of the city that was lost it may have known more
        made.append(["HDEL", self._beside + b"archive", "position", "seq", "hash"])
        return made


def _written(kind: str, key: bytes, flat: list[Any]) -> Iterator[Args]:
    if kind == "string":
        yield ["SET", key, flat[0]]
    elif kind == "stream":
        for id_, fields in flat:
            yield ["XADD", key, id_, *fields]
    elif kind == "zset":
        for part in _parts(flat, 2 * PAIRS):
            yield ["ZADD", key, *(one for pair in zip(part[1::2], part[::2], strict=True) for one in pair)]
    else:
        word = {"hash": "HSET", "set": "SADD", "list": "RPUSH"}[kind]
        for part in _parts(flat, 2 * PAIRS):
            yield [word, key, *part]


def _parts(values: list[Any], size: int) -> Iterator[list[Any]]:
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]
