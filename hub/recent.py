"""The last changes of every topic, in memory: they serve resumes without the store."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from msgspec import Struct

from hub.bus import NIL, BusChange, Entry
from hub.wire import Format, framed, spliced


class Keep(Struct, frozen=True):
    """How much is kept: the oldest go first when either is exceeded."""

    bytes: int = 32 * 1024 * 1024
    ms: int = 15 * 60 * 1000


DEFAULT_KEEP: Final = Keep()


class Kept(Struct, frozen=True):
    """One topic's share of an entry, kept for resumes."""

    prev: int
    offset: int
    at: int
    changes: list[BusChange]

    def frames(self) -> list[dict[str, Any]]:
        """As `change` frames without their views: (head, view) is joined by the caller."""
        last = len(self.changes) - 1
        heads = []
        for place, change in enumerate(self.changes):
            head: dict[str, Any] = {
                "t": "change", "topic": change.topic, "prev": self.prev, "offset": self.offset,
                "id": change.id, "kind": change.kind, "at": self.at,
            }  # fmt: skip
            if place < last:
                head["more"] = True
            heads.append(head)
        return heads

    def encode(self, fmt: Format) -> bytes:
        """All its frames, with WebSocket headers, as one run of bytes."""
        return b"".join(
            framed(spliced(head, "view", change.view or NIL, fmt), fmt)
            for head, change in zip(self.frames(), self.changes, strict=True)
        )


class Recent:
    """The last 15 minutes or 32 MB of changes by topic: serves resumes without the store."""

    def __init__(self, keep: Keep = DEFAULT_KEEP) -> None:
        self._keep = keep
        self._order: deque[tuple[str, int, int, int]] = deque()
        self._by_topic: dict[str, deque[Kept]] = {}
        self._bytes = 0

    def add(self, topic: str, kept: Kept) -> None:
        size = 200 + sum(len(change.view or b"") for change in kept.changes)
        self._by_topic.setdefault(topic, deque()).append(kept)
        self._order.append((topic, kept.offset, kept.at, size))
        self._bytes += size
        while self._order and (self._bytes > self._keep.bytes or self._order[0][2] < kept.at - self._keep.ms):
            old, _, _, size = self._order.popleft()
            self._bytes -= size
            queue = self._by_topic[old]
            queue.popleft()
            if not queue:
                del self._by_topic[old]

    def after(self, topic: str, offset: int) -> list[Kept] | None:
        """Every change of the topic after `offset`, or None when that cannot be proven from here."""
        queue = self._by_topic.get(topic)
        if not queue:
            return None
        found = [kept for kept in queue if kept.offset > offset]
        if found:
            return found if found[0].prev <= offset else None
        return [] if queue[-1].offset == offset else None


def by_topic(entry: Entry) -> dict[str, Kept]:
    grouped: dict[str, list[BusChange]] = {}
    for change in entry.changes:
        grouped.setdefault(change.topic, []).append(change)
    return {topic: Kept(changes[0].prev, entry.commit, entry.at, changes) for topic, changes in grouped.items()}
