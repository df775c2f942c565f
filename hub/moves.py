"""A position on its way to the sockets of its topics.

A van is in the list of vans and in a topic of its own, and whoever follows both is written both frames at once. Each
is encoded once per format; what the sockets of the same topics get is the same bytes object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.outbox import BULK, MOVED_BYTES
from hub.wire import Format, framed, spliced

if TYPE_CHECKING:
    from hub.bus import Moved
    from hub.pump import LiveTopic, Member

AT_ONCE: Final = 64
"""Sockets of a topic that are written to in the turn in which a position comes in; more take turns of their own."""


class Move:
    """One position and the topics that hear of it here."""

    __slots__ = ("_encoded", "_moved", "_topics")

    def __init__(self, moved: Moved, topics: list[tuple[LiveTopic, str]]) -> None:
        self._moved, self._topics = moved, topics
        self._encoded: dict[tuple[Format, tuple[str, ...]], bytes] = {}

    @property
    def what(self) -> tuple[tuple[str, str], ...]:
        """What moved, by its places in topics: a newer position of the same takes this one's place."""
        return tuple(self._moved.topics)

    @property
    def large(self) -> bool:
        return any(len(topic.members) > AT_ONCE for topic, _ in self._topics)

    def members(self) -> list[Member]:
        """Everybody who hears of it, once."""
        return list(dict.fromkeys(member for topic, _ in self._topics for member in topic.members))

    def send(self, member: Member) -> None:
        """Write it, or queue it behind what waits; a slow socket misses it, and so does one that has left."""
        behind = member.outbox.behind or ()
        names = tuple(
            topic.name
            for topic, _ in self._topics
            if member.topics.get(topic.name) is topic and topic.name not in behind
        )
        if not names or member.outbox.waiting > MOVED_BYTES:
            return
        data = self._frames(member.fmt, names)
        if not member.write_through((data,)):
            member.outbox.push(BULK, data)
            member.flush_soon()

    def _frames(self, fmt: Format, names: tuple[str, ...]) -> bytes:
        found = self._encoded.get((fmt, names))
        if found is None:
            heads = [
                {"t": "moved", "topic": topic.name, "id": id_, "at": self._moved.at}
                for topic, id_ in self._topics
                if topic.name in names
            ]
            found = b"".join(framed(spliced(head, "fix", self._moved.fix, fmt), fmt) for head in heads)
            self._encoded[fmt, names] = found
        return found
