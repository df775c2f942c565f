"""One socket's queue: bounded, urgent first, folding when slow.

What waits, waits here and not in the kernel. Urgent frames are never folded:
over their limit the socket is closed and resumes. Normal and bulk topics of a
slow socket fold: their changes are remembered as ids, and one `folded` frame
with the latest views is made when the socket drains. `moved` is dropped.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from msgspec import Struct

URGENT, NORMAL, BULK = 0, 1, 2
LANE_NUMBER: Final = {"urgent": URGENT, "normal": NORMAL, "bulk": BULK}

PIECE_BYTES: Final = 16 * 1024
MOVED_BYTES: Final = 16 * 1024
REPLY_BYTES: Final = 1024 * 1024
GRANTED_BYTES: Final = 4 * 1024 * 1024


class Limits(Struct, frozen=True):
    """Bytes that may wait for one socket: beyond, normal and bulk fold, urgent closes it."""

    fold_bytes: int = 256 * 1024
    urgent_bytes: int = 256 * 1024


DEFAULT_LIMITS: Final = Limits()


class Folded:
    """Changes of one topic that a slow socket has not been sent."""

    __slots__ = ("ids", "prev")

    def __init__(self, prev: int) -> None:
        self.prev = prev
        self.ids: set[str] = set()


class Outbox:
    """Frames that wait for one socket, already encoded and framed.

    Queues exist only while something waits: an idle socket holds none.
    """

    __slots__ = ("_granted", "_limits", "_queues", "behind", "sizes")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._queues: list[deque[bytes] | None] = [None, None, None]
        self.sizes = [0, 0, 0]
        self._granted = [0, 0, 0]
        self.behind: dict[str, Folded] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that wait."""
        return sum(self.sizes)

    @property
    def empty(self) -> bool:
        return not any(self._queues) and not self.behind

    def push(self, lane: int, data: bytes, *, granted: bool = False) -> bool:
        """Queue whole frames; false when the lane is over its limit (close with 4008).

        What is `granted` raises the limit until the lane is drained (up to 4 MB): a table that a
        client asked for may be larger than the limit, and closing would only make it ask again.
        """
        queue = self._queues[lane]
        if queue is None:
            queue = self._queues[lane] = deque()
        queue.append(data)
        self.sizes[lane] += len(data)
        if granted and self._granted[lane] < GRANTED_BYTES:
            self._granted[lane] += len(data)
        most = self._limits.urgent_bytes if lane == URGENT else REPLY_BYTES
        return self.sizes[lane] - self._granted[lane] <= most

    def folds(self, lane: int, topic: str) -> bool:
        """Whether a change of this topic must fold: the socket is slow, or the topic is behind already."""
        if lane == URGENT:
            return False
        return (self.behind is not None and topic in self.behind) or self.sizes[lane] > self._limits.fold_bytes

    def fold(self, topic: str, prev: int, ids: list[str]) -> None:
        """Remember that these things changed; `prev` counts only for the first of a run."""
        if self.behind is None:
            self.behind = {}
        folded = self.behind.get(topic)
        if folded is None:
            folded = self.behind[topic] = Folded(prev)
        folded.ids.update(ids)

    def forget(self, topic: str) -> None:
        """The topic was left, or a fresh snapshot follows."""
        if self.behind is not None:
            self.behind.pop(topic, None)

    def take_behind(self) -> tuple[str, Folded] | None:
        """A topic to send as one `folded` frame, once normal and bulk frames have drained."""
        if not self.behind or self._queues[NORMAL] or self._queues[BULK]:
            return None
        topic = next(iter(self.behind))
        return topic, self.behind.pop(topic)

    def take(self) -> bytes:
        """Up to 16 KB of whole frames, urgent first; at least one frame when any waits."""
        pieces: list[bytes] = []
        size = 0
        for lane in (URGENT, NORMAL, BULK):
            queue = self._queues[lane]
            while queue:
                length = len(queue[0])
                if pieces and size + length > PIECE_BYTES:
                    return b"".join(pieces)
                pieces.append(queue.popleft())
                size += length
                self.sizes[lane] -= length
            if queue is not None:
                self._queues[lane], self._granted[lane] = None, 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def clear(self) -> None:
        self._queues = [None, None, None]
        self.sizes, self._granted = [0, 0, 0], [0, 0, 0]
        self.behind = None
