"""A consistent cut of a city that goes on working: every key as it stood after one commit, and no moment's halt.

    1 track    from now on the store says which keys change (`hub/tracking.py`)
    2 scan     every key is read, fifty in a script of about a millisecond, large ones in slices
    3 chase    what changed meanwhile is read again, until few keys are left
    4 cut      the commit number is read; once all is known that changed before, one script reads those few, if the
               number is still the same; else 3 again. After `PATIENCE` of them (a machine at its end gives a backup
               no turn between two commits) writes wait for the next one: as long as that takes, a second at most

What is guaranteed: `head` says commit N, and each thing, claim, index, table, timer and outcome is as commit N left it:
those that changed after they were first read were in the script, in which no commit can fall. What no commit
writes (sign-ins, positions, leases) is as it was at the cut or some ms later. The audit log goes up to N.
Left out: the lanes' logs and their offsets, which mean nothing in the new epoch of a restored city, and what says who
is there right now.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from msgspec import Struct

from hub.backup_file import Kind, Record
from hub.backup_key import BackupKey
from hub.blinding import Sealer, blinded, met, secret
from hub.commit import pack
from hub.errors import StoreUnavailable
from hub.keys import Keys
from hub.store import SCRIPTS, SHA
from hub.tracking import Tracked

SLICE: Final = 50
LARGE: Final = 500
"""Elements of a collection that are read at once, but for the cut."""
FEW: Final = 100
"""Changed keys that the cut may have to read."""
PATIENCE: Final = 30
PAUSE_FIRST_MS, PAUSE_MOST_MS = 100, 1_000
CUT_S: Final = 60.0
AUDIT_PAGE: Final = 500
ONE_BY_ONE: Final[Mapping[str, str]] = {"hash": "HSCAN", "set": "SSCAN", "zset": "ZSCAN"}
LEFT_OUT: Final = re.compile(rb"(log|here|seen|restore):|(offsets|workers|fence|backup|audit|person_keys)$")


class Cut(Struct, frozen=True):
    """What was copied. `at`: the city's time of the cut, ms.

    `held_ms`: the longest that one question kept the store's thread; 0 where a script has no clock (Redis 7.0).
    `paused_ms`: how long commits waited for the cut.
    """

    head: dict[str, str]
    lanes: dict[str, int]
    at: int
    keys: int
    things: int
    again: int
    tries: int
    held_ms: float
    paused_ms: int


class Copying:
    """Copies one city once.

    Args:
        put: takes each record.
        sealer: seals personal fields.
        audit_from: the audit log's entries from this id on; empty: all.
        said: hears how many more keys were read.
    """

    def __init__(
        self,
        link: Tracked,
        keys: Keys,
        put: Callable[[Record], None],
        *,
        key: BackupKey,
        sealer: Sealer,
        audit_from: str = "",
        said: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._link, self._keys, self._put = link, keys, put
        self._key, self._sealer, self._audit_from, self._said = key, sealer, audit_from, said
        self._prefix, self._tables = keys.prefix.encode(), keys.table("").encode()
        self._known: dict[bytes, bool] = {}
        self._again = self._tries = self._turns = self._paused_ms = 0
        self._held_us = 0

    def run(self) -> Cut:
        """Copy it.

        Raises:
            StoreUnavailable: the store went away, or the city never stood still long enough.
        """
        self._link.one("SCRIPT", "LOAD", SCRIPTS["copy"])
        self._now = self._clock()
        tables: list[bytes] = []
        for names in _slices(self._scan(), SLICE):
            tables += (name for name in names if name.startswith(self._tables))
            self._read([name for name in names if not name.startswith(self._tables)])
        for names in _slices(tables, SLICE):  # behind the things that they show: the sealer has seen those
            self._read(names)
        head, lanes = self._cut()
        self._audit(int(head["commit"]))
        there = [name for name, exists in self._known.items() if exists]
        things = sum(name.startswith(b"thing:") for name in there)
        at = max(self._now, int(head.get("at", 0)))
        return Cut(
            head, lanes, at, len(there), things, self._again, self._tries, round(self._held_us / 1000, 1),
            self._paused_ms,
        )  # fmt: skip

    def _clock(self) -> int:
        seconds, micros = self._link.one("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def _scan(self) -> Iterator[bytes]:
        cursor = b"0"
        while True:
            cursor, names = self._link.one("SCAN", cursor, "MATCH", self._keys.prefix + "*", "COUNT", 20 * SLICE)
            yield from (name for name in names if wanted(name.removeprefix(self._prefix)))
            if cursor == b"0":
                return

    # -- reading keys -------------------------------------------------------------------

    def _ask(self, commit: str, most: int, names: Iterable[bytes]) -> tuple[str, list[list[Any]]]:
        stands, *rest = self._link.one("EVALSHA_RO", SHA["copy"], 1, self._keys.head, commit, most, *names)
        held_us, *found = rest or [0]
        self._held_us = max(self._held_us, held_us)
        return stands.decode(), found

    def _read(self, names: list[bytes]) -> None:
        _, found = self._ask("", LARGE, names)
        self._meet(names, found)
        for name, row in zip(names, found, strict=True):
            self._take(name, row)
        self._said(len(names))

    def _meet(self, names: list[bytes], found: list[list[Any]]) -> None:
        rows = zip(names, found, strict=True)
        met(self._sealer, [(name.removeprefix(self._prefix), row[2]) for name, row in rows if _whole_hash(row)])

    def _take(self, name: bytes, row: list[Any]) -> None:
        short, kind = name.removeprefix(self._prefix), row[0].decode()
        if kind.startswith("other:"):
            raise StoreUnavailable(f"{name.decode()} is a {kind[6:]}, which no version of this layout writes")
        if kind == "none":
            if self._known.get(short):
                self._put(Record(short, "none", b""))
            self._known[short] = False
            return
        self._known[short] = True
        expires_at = self._now + row[1] if row[1] > 0 else 0
        if isinstance(row[2], int):
            self._take_large(short, name, kind, expires_at)
        else:
            self._write(short, kind, row[2] if isinstance(row[2], list) else [row[2]], expires_at)

    def _take_large(self, short: bytes, name: bytes, kind: str, expires_at: int) -> None:
        """In slices: what changes meanwhile is read again. A list has no such slices; those that we have are short."""
        if kind == "list":
            self._write(short, kind, self._link.one("LRANGE", name, 0, -1), expires_at)
            return
        cursor, more = b"0", False
        while True:
            cursor, flat = self._link.one(ONE_BY_ONE[kind], name, cursor, "COUNT", LARGE)
            self._write(short, kind, flat, expires_at, more=more)
            more = True
            if cursor == b"0":
                return

    def _write(self, short: bytes, kind: str, flat: list[Any], expires_at: int, *, more: bool = False) -> None:
        value, sealed = pack(blinded(self._sealer, short, kind, flat)), secret(short)
        made: Kind = kind  # type: ignore[assignment]  # as the store names its types
        self._put(Record(short, made, self._key.seal(short, value) if sealed else value, expires_at, more, sealed))

    # -- the cut ------------------------------------------------------------------------

    def _cut(self) -> tuple[dict[str, str], dict[str, int]]:
        """Chase what changes until one script reads the rest at one commit."""
        until = time.monotonic() + CUT_S
        while True:
            while len(self._link.changed) > FEW and self._turns < PATIENCE:
                self._reread()
                self._turns += 1
            self._turns += 1
            commit, names, found = self._tried() if self._turns <= PATIENCE else self._tried_alone()
            if found:
                break
            self._link.changed.update(names)
            if time.monotonic() > until:
                raise StoreUnavailable(f"the city did not stand still for a moment in {CUT_S:g} s: try again later")
        self._meet(names, found)
        for name, row in zip(names, found, strict=True):
            self._take(name, row)
        self._again += len(names)
        head = {field.decode(): value.decode() for field, value in _pairs(found[0])}
        return head | {"commit": commit}, {lane.decode(): int(number) for lane, number in _pairs(found[1])}

    def _tried(self) -> tuple[str, list[bytes], list[list[Any]]]:
        """(commit, keys, what they hold), nothing in the last when a commit fell in between."""
        always = [self._keys.head.encode(), self._keys.lanes.encode()]
        self._tries += 1
        self._now = self._clock()
        commit = (self._link.one("HGET", self._keys.head, "commit") or b"0").decode()
        self._link.one("PING")  # behind the first answer: now all is known that changed before it
        rest = sorted(self._link.changed.difference(always), key=lambda name: name.startswith(self._tables))
        names = [*always, *rest]
        self._link.changed.clear()
        stands, found = self._ask(commit, 0, names)
        return commit, names, found if stands == commit else []

    def _tried_alone(self) -> tuple[str, list[bytes], list[list[Any]]]:
        """The same while whoever writes waits; they go on by themselves when we do not."""
        pause_ms = min(PAUSE_FIRST_MS * 2 ** min(10, self._turns - PATIENCE - 1), PAUSE_MOST_MS)
        began = time.monotonic()
        self._link.one("CLIENT", "PAUSE", pause_ms, "WRITE")
        try:
            return self._tried()
        finally:
            self._link.one("CLIENT", "UNPAUSE")
            self._paused_ms += min(pause_ms, round((time.monotonic() - began) * 1000))

    def _reread(self) -> None:
        names = sorted(islice(self._link.changed, SLICE), key=lambda name: name.startswith(self._tables))
        self._link.changed.difference_update(names)  # before the question: what changes after it comes again
        self._read(names)
        self._again += len(names)

    # -- the audit log --------------------------------------------------------------------

    def _audit(self, commit: int) -> None:
        """Its entries up to the cut's commit: a log that only grows needs no cut."""
        after = self._audit_from or "-"
        more = False
        while page := self._link.one("XRANGE", self._keys.audit, after, "+", "COUNT", AUDIT_PAGE):
            rows = [[id_, fields] for id_, fields in page if _commit_of(fields) <= commit]
            self._put(Record(b"audit", "stream", pack(rows), more=more))
            after, more = f"({page[-1][0].decode()}", True


def wanted(name: bytes) -> bool:
    """Whether a key goes into a backup; without the city's prefix."""
    return LEFT_OUT.match(name) is None


def _pairs(row: list[Any]) -> Iterator[tuple[bytes, bytes]]:
    if len(row) < 3:
        return iter(())
    return zip(row[2][::2], row[2][1::2], strict=True)


def _whole_hash(row: list[Any]) -> bool:
    return bool(row[0] == b"hash" and isinstance(row[2], list))


def _commit_of(fields: list[bytes]) -> int:
    said = dict(zip(fields[::2], fields[1::2], strict=True))
    return int(said.get(b"commit", b"0"))


def _slices(names: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """So many at a time, none twice in a row of them."""
    rest = iter(names)
    while found := list(islice(rest, size)):
        yield list(dict.fromkeys(found))
