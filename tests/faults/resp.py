"""The store's protocol, read and written again: for a harness that hides one message from a hub.

Source: Redis serialization protocol 2 (simple strings, errors, integers, bulk strings, arrays).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

Line = bytes
"""A simple string, an error, an integer or a null: kept as its line."""


class Bulk(Struct, frozen=True):
    data: bytes


Value = Any
"""`Line`, `Bulk`, or a list of values."""


def read(buffer: bytes, at: int = 0) -> tuple[Value, int] | None:
    """The value at a place and where it ends; None while it is not whole."""
    end = buffer.find(b"\r\n", at)
    if end < 0:
        return None
    line, after = buffer[at:end], end + 2
    kind, count = line[:1], line[1:]
    if kind == b"$" and count != b"-1":
        stop = after + int(count)
        return (Bulk(buffer[after:stop]), stop + 2) if len(buffer) >= stop + 2 else None
    if kind == b"*" and count != b"-1":
        values = []
        for _ in range(int(count)):
            found = read(buffer, after)
            if found is None:
                return None
            value, after = found
            values.append(value)
        return values, after
    return line, after


def write(value: Value) -> bytes:
    if isinstance(value, Bulk):
        return b"$%d\r\n%s\r\n" % (len(value.data), value.data)
    if isinstance(value, list):
        return b"*%d\r\n%s" % (len(value), b"".join(map(write, value)))
    assert isinstance(value, bytes)
    return value + b"\r\n"


class Rewriter:
    """A relay's filter: every value that the store sends goes through `change`; None leaves it out."""

    def __init__(self, change: Callable[[Value], Value | None]) -> None:
        self._change = change
        self._buffer = b""

    def __call__(self, data: bytes) -> bytes:
        self._buffer += data
        out, at = [], 0
        while (found := read(self._buffer, at)) is not None:
            value, at = found
            changed = self._change(value)
            if changed is not None:
                out.append(write(changed))
        self._buffer = self._buffer[at:]
        return b"".join(out)


class LostEntry:
    """Hides one entry of a lane from one hub as if it had never been published nor logged.

    The message is dropped, the log and the heads that this hub reads do not show
    it, and the entry after it claims to follow the one before it. The store
    itself is right: this is a bus that lies.

    Args:
        lane_count: how many lanes the hub follows (its heads are read in one array).
        wanted: chooses the entry, by its bytes.
    """

    def __init__(self, lane_count: int, wanted: Callable[[bytes], bool]) -> None:
        self._lane_count, self._wanted = lane_count, wanted
        self.armed = False
        self.commit = 0
        self._lane_prev = 0
        self.prevs: dict[str, bytes] = {}
        """The topics of the entry, and the `prev` of each."""

    def filter(self) -> Rewriter:
        return Rewriter(self._change)

    def _change(self, value: Value) -> Value | None:
        if not isinstance(value, list):
            return value
        if len(value) == 3 and value[0] == Bulk(b"message") and b":bus:" in value[1].data:
            entry = self._entry(value[2].data)
            return None if entry is None else [*value[:2], Bulk(entry)]
        if value and all(_is_row(row) for row in value):
            rows = [(row[0], self._entry(row[1][1].data)) for row in value]
            return [[id_, [Bulk(b"e"), Bulk(entry)]] for id_, entry in rows if entry is not None]
        if len(value) == self._lane_count and self.commit:
            shown = str(self._lane_prev).encode()
            return [Bulk(shown) if one == Bulk(str(self.commit).encode()) else one for one in value]
        return value

    def _entry(self, entry: bytes) -> bytes | None:
        head, _, blob = entry.partition(b"\n")
        commit, epoch, lane_prev, at, prevs = head.split(b" ")
        topics = [topic for topic, *_ in msgspec.msgpack.decode(blob)]
        if self.armed and not self.commit and self._wanted(blob):
            self.commit, self._lane_prev = int(commit), int(lane_prev)
            self.prevs = dict(zip(topics, prevs.split(b","), strict=True))
        if not self.commit:
            return entry
        if int(commit) == self.commit:
            return None
        lost = str(self.commit).encode()
        if lane_prev == lost:
            lane_prev = str(self._lane_prev).encode()
        pairs = zip(topics, prevs.split(b","), strict=True)
        told = b",".join(self.prevs[topic] if prev == lost else prev for topic, prev in pairs)
        return b" ".join((commit, epoch, lane_prev, at, told)) + b"\n" + blob


def _is_row(value: Value) -> bool:
    """Whether it is one entry of a log: `[id, [e, bytes]]`."""
    return (
        isinstance(value, list)
        and len(value) == 2
        and isinstance(value[1], list)
        and len(value[1]) == 2
        and value[1][0] == Bulk(b"e")
    )
