"""The chain of the archive: each row's hash covers the hash before it, so that no row changes, goes or comes unseen.

    hash(n) = SHA-256(hash(n-1) + canonical(n)),  hash(0) = 32 zero bytes
    canonical(n) = MessagePack of [city, seq, log_id, commit, at, body]

`body` is the entry exactly as the hub logged it: what is sealed in it is hashed sealed, so a key may be erased and
the chain stays whole. Columns that are only read out of the body are held against it. The walk names the first row
that is wrong and how. Who may write the table may also make every later hash anew: that shows against a head that
was signed, or better, one that was kept elsewhere.

A row out of which something was pruned (`hub/prunes.py`) keeps its hash and its place, so the chain goes on through it;
its content is held against the signed mark of what the prune left.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

GENESIS: Final = bytes(32)
WINDOW: Final = 256
"""Rows looked at on either side of the first one that is wrong."""

MARK: Final = 16
"""Bytes of a pruned row's mark."""

MOST_REMOVED: Final = 10_000
"""So many removed rows are still told from a changed one where the rest was renumbered."""

How = Literal["changed", "removed", "inserted", "cut"]


class Link(Struct, frozen=True):
    """The end of the chain, or some place in it."""

    seq: int = 0
    hash: bytes = GENESIS


class Row(Struct, frozen=True, kw_only=True):
    """One entry as the archive keeps it."""

    city: str
    seq: int
    log_id: str
    commit: int
    at: int
    body: bytes
    id: str
    type: str
    version: int
    person: str
    role: str
    things: str
    figures: int
    prev_hash: bytes
    hash: bytes


class Logged(Struct, frozen=True):
    """One entry of the audit log. `log_id` is empty for what the archive notes itself."""

    log_id: str
    commit: int
    at: int
    body: bytes


class Block(Struct, frozen=True):
    """Rows from `first` to `last` out of which something was pruned. `marks`: one after the other, of what was left."""

    first: int
    last: int
    marks: bytes

    def mark(self, seq: int) -> bytes:
        at = (seq - self.first) * MARK
        return self.marks[at : at + MARK]


class Blocks:
    """The blocks of a city, none of which overlap."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self._blocks = sorted(blocks, key=lambda block: block.first)
        self._firsts = [block.first for block in self._blocks]
        self.last = max((block.last for block in self._blocks), default=0)

    def of(self, seq: int) -> Block | None:
        """The block that a row is in."""
        place = bisect_right(self._firsts, seq)
        block = self._blocks[place - 1] if place else None
        return block if block is not None and seq <= block.last else None


class Fault(Struct, frozen=True):
    """The first row that is wrong. `cut`: it and all after it are missing."""

    how: How
    seq: int
    why: str

    def __str__(self) -> str:
        return f"row {self.seq} was {self.how}: {self.why}"


pack: Final = msgspec.msgpack.Encoder().encode


def linked(city: str, before: Link, entry: Logged) -> Row:
    """The row that follows `before`."""
    seq = before.seq + 1
    made = _hash(before.hash, city, seq, entry.log_id, entry.commit, entry.at, entry.body)
    return Row(
        city=city, seq=seq, log_id=entry.log_id, commit=entry.commit, at=entry.at, body=entry.body,
        prev_hash=before.hash, hash=made, **read(entry.body),
    )  # fmt: skip


def _hash(before: bytes, *canonical: Any) -> bytes:
    return sha256(before + pack(canonical)).digest()


def mark(row: Row) -> bytes:
    """What a prune signs of a row as it left it."""
    said = (row.city, row.seq, row.log_id, row.commit, row.at, row.body, row.prev_hash, row.hash)
    return sha256(pack(said)).digest()[:MARK]


def read(body: bytes) -> dict[str, Any]:
    """The columns that are read out of a body; one that nobody can read is kept all the same."""
    try:
        said = msgspec.msgpack.decode(body)
    except msgspec.MsgspecError:
        said = None
    if not isinstance(said, dict):
        said = {"cmd": "unreadable"}
    version, things = said.get("v", 1), said.get("things")
    return {
        "id": str(said.get("id", "")),
        "type": str(said.get("cmd", "")),
        "version": version if isinstance(version, int) else 0,
        "person": str(said.get("by", "")),
        "role": str(said.get("role", "")),
        "things": " ".join(map(str, things)) if isinstance(things, list) else "",
        "figures": int(bool(said.get("figures"))),
    }


# -- the walk ---------------------------------------------------------------------------


class Walk:
    """Goes along a city's rows, in the order of `seq`, and stops at the first fault.

    Args:
        heads: seq -> hash that a signed head, or one kept elsewhere, gives there.
        end: as the archive's own position says.
        blocks: what was pruned, as the archive's key signed it.
    """

    def __init__(self, city: str, end: Link, heads: Mapping[int, bytes], blocks: Blocks | None = None) -> None:
        self._city, self._mark, self._heads, self._blocks = city, end, heads, blocks or Blocks()
        self._longest = max([end.seq, self._blocks.last, *heads])
        self.pruned = 0
        """How many of the rows so far lie in a block."""
        self.at = Link()
        self.proven = 0
        """The last place where a head agreed."""
        self._behind: deque[Link] = deque([Link()], WINDOW)

    def over(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Each row that is right, as it is passed.

        Raises:
            Broken: at the first one that is not.
        """
        for row in rows:
            wrong = self._wrong(row)
            if wrong:
                ahead = [row, *(one for one, _ in zip(rows, range(WINDOW), strict=False))]
                raise Broken(self._named(ahead, wrong))
            self.at = Link(row.seq, row.hash)
            self.pruned += self._blocks.of(row.seq) is not None
            self._behind.append(self.at)
            self._meet(row)
            yield row
        self._end()

    def _wrong(self, row: Row) -> str:
        """Why a row does not follow, or nothing."""
        if row.seq != self.at.seq + 1:
            return f"after row {self.at.seq} comes row {row.seq}"
        if row.prev_hash != self.at.hash:
            return "it does not name the hash of the row before it"
        if not self._holds(row, row.seq):
            pruned = self._blocks.of(row.seq) is not None
            return "it is not what the prune left of it" if pruned else "its hash is not that of what it says"
        told = read(row.body)
        wrong = [name for name, value in told.items() if getattr(row, name) != value]
        if row.city != self._city:
            wrong.append("city")
        return f"its {wrong[0]} is not what its body says" if wrong else ""

    def _named(self, ahead: list[Row], wrong: str) -> Fault:
        first, due = ahead[0], self.at.seq + 1
        if first.seq > due:
            return Fault("removed", due, wrong)
        if first.seq < due:
            return Fault("inserted", first.seq, wrong)
        known = {link.hash: link.seq for link in self._behind}
        if first.hash in known:
            return Fault("inserted", due, f"it is row {known[first.hash]} again")
        for row in ahead:
            was = known.get(row.prev_hash, row.seq) + 1
            if was < row.seq and self._holds(row, was):
                return Fault("inserted", was, f"row {row.seq} was made as row {was}")
        if due > self._longest:
            return Fault("inserted", due, f"the archive wrote {self._mark.seq} rows")
        if first.prev_hash == self.at.hash or self._holds(replace(first, prev_hash=self.at.hash), due):
            return Fault("changed", due, wrong)
        if self.at.seq and self._holds(first, due) and self._vouched(ahead):
            return Fault("changed", self.at.seq, "the row after it names another hash")
        for gone in range(1, MOST_REMOVED):
            if self._holds(first, due + gone):
                return Fault("removed", due, f"what is row {due} now was made as row {due + gone}")
        return Fault("changed", due, wrong)

    def _holds(self, row: Row, seq: int) -> bool:
        """Whether the row is what was written, or what a prune left, at this place."""
        block = self._blocks.of(seq)
        return _holds(row, seq) if block is None else mark(replace(row, seq=seq)) == block.mark(seq)

    def _vouched(self, ahead: list[Row]) -> bool:
        """Whether what comes after the first row of `ahead` names its hash."""
        if len(ahead) > 1:
            return ahead[1].prev_hash == ahead[0].hash
        return self._mark.hash == ahead[0].hash

    def _meet(self, row: Row) -> None:
        head = self._heads.get(row.seq)
        if head is not None and head != row.hash:
            why = f"a head of row {row.seq} has another hash: rows {self.proven + 1} to {row.seq} were made anew"
            raise Broken(Fault("changed", self.proven + 1, why))
        if head is not None:
            self.proven = row.seq

    def _end(self) -> None:
        last = self.at.seq
        if self._longest > last:
            raise Broken(Fault("cut", last + 1, f"there were {self._longest} rows, and the last one is {last}"))
        if self._mark.seq < last:
            raise Broken(Fault("inserted", self._mark.seq + 1, f"the archive wrote {self._mark.seq} rows"))
        if self._mark.hash != self.at.hash:
            raise Broken(Fault("changed", last, "the archive wrote another hash"))


class Broken(Exception):
    """The chain is not whole."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def _holds(row: Row, seq: int) -> bool:
    """Whether the row's hash is that of its content at this place."""
    return row.hash == _hash(row.prev_hash, row.city, seq, row.log_id, row.commit, row.at, row.body)
