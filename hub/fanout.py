"""Topic -> local sockets. Each change is encoded once per format and pushed to all.

A topic that somebody here follows is kept as a table (views still encoded), fed
by the bus: joins after the first need no store, and a fold takes the latest
views from it. Urgent topics of few go out in the turn they arrive in; all others
through the pump, which takes urgent first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

import msgspec
from msgspec import Raw

from hub.bus import NIL, BusChange, Entry, Moved
from hub.contract import Lane
from hub.figures import Figures
from hub.moves import Move
from hub.outbox import Folded
from hub.pump import CHUNK, LiveTopic, Member, Pump
from hub.recent import DEFAULT_KEEP, Keep, Kept, Recent, by_topic
from hub.store import Snapshot
from hub.wire import PART_BYTES, Format, Since, encode, framed


class Fanout:
    """All live topics of one hub.

    Args:
        read: reads a table from the store.
        delivered: hears each change that was pushed to at least one member.
    """

    def __init__(
        self,
        read: Callable[[Lane, str], Any],
        delivered: Callable[[LiveTopic, BusChange], None] = lambda topic, change: None,
        keep: Keep = DEFAULT_KEEP,
        figures: Figures | None = None,
    ) -> None:
        self._read = read
        self._figures = figures or Figures()
        self._keep = keep
        self.topics: dict[str, LiveTopic] = {}
        self.recent = Recent(self._keep)
        self.epoch = ""
        self.pump = Pump(delivered, self._figures)

    def reset(self, epoch: str) -> None:
        """Positions start anew: forget every table; the sockets are closed by their owner."""
        self.epoch = epoch
        self.topics.clear()
        self.recent = Recent(self._keep)
        self.pump.forget()

    # -- from the bus ---------------------------------------------------------

    def remember(self, entry: Entry) -> None:
        """Keep an entry from before our start for resumes."""
        for topic, kept in by_topic(entry).items():
            self.recent.add(topic, kept)

    def receive_entry(self, entry: Entry) -> None:
        """Apply one commit's changes and send them on; returns without waiting."""
        for name, kept in by_topic(entry).items():
            self.recent.add(name, kept)
            topic = self.topics.get(name)
            if topic is None or topic.offset < 0 or kept.offset <= topic.offset:
                continue
            topic.apply(kept)
            if topic.urgent and topic.settled and len(topic.members) <= CHUNK:
                self._send(topic, kept.changes, kept.encode)
            else:
                self.pump.push(topic, kept)

    def _send(self, topic: LiveTopic, changes: list[BusChange], encode_: Callable[[Format], bytes]) -> None:
        came = monotonic()
        by_format: dict[Format, bytes] = {}
        for member in list(topic.members):
            data = by_format.get(member.fmt)
            if data is None:
                data = by_format[member.fmt] = encode_(member.fmt)
            if member.outbox.push(topic.number, data):
                member.flush_soon()
            else:
                member.overflow()
        self.pump.count(topic, changes)
        if topic.members:  # `flush_soon` of each was called before, so this comes after their writes
            asyncio.get_running_loop().call_soon(self._written, topic, topic.offset, came)

    def _written(self, topic: LiveTopic, commit: int, came: float) -> None:
        self._figures.written[topic.lane].add(monotonic() - came)
        if self._figures.traces is not None:
            self._figures.traces.written((commit,), topic.name, topic.lane, came)

    def receive_moved(self, moved: Moved) -> None:
        """Send a fix on; a slow socket misses it. To many it goes in slices, and a newer one takes its place."""
        heard = []
        for name, id_ in moved.topics:
            topic = self.topics.get(name)
            if topic is not None and id_ in topic.things:
                topic.fixes[id_] = moved.fix
                heard.append((topic, id_))
        move = Move(moved, heard)
        if move.large:
            self.pump.move(move)
            return
        self.pump.overtaken(move)
        for member in move.members():
            move.send(member)

    # -- joins ------------------------------------------------------------------

    async def join(self, member: Member, ref: Any, name: str, lane: Lane, since: Since | None) -> None:
        """Follow a topic from here on: `resumed` when the changes since are known, else `state`.

        Raises:
            StoreError: the table could not be read; nothing was joined.
        """
        topic = self.topics.get(name)
        if topic is None:
            topic = self.topics[name] = LiveTopic(name, lane)
        if topic.offset < 0:
            await self._load(topic)
        if self.topics.get(name) is not topic:  # a reset, or emptied meanwhile: once more
            await self.join(member, ref, name, lane, since)
            return
        self._enter(member, topic, ref, since)

    def joined_at_once(self, member: Member, ref: Any, name: str, since: Since | None) -> bool:
        """The same without waiting, when the table is here already."""
        topic = self.topics.get(name)
        if topic is None or topic.offset < 0:
            return False
        self._enter(member, topic, ref, since)
        return True

    def _enter(self, member: Member, topic: LiveTopic, ref: Any, since: Since | None) -> None:
        member.outbox.forget(topic.name)
        for data in self._answer(topic, ref, since, member.fmt):
            if not member.outbox.push(topic.number, data, granted=True):
                member.overflow()
                return
        topic.enter(member)
        member.topics[topic.name] = topic
        member.flush_soon()

    async def _load(self, topic: LiveTopic) -> None:
        """Read the table once, however many wait for it."""
        if topic.loading is not None:
            await asyncio.shield(topic.loading)
            return
        topic.loading = asyncio.get_running_loop().create_future()
        try:
            snapshot: Snapshot = await self._read(topic.lane, topic.name)
            topic.things, topic.fixes, topic.offset = dict(snapshot.things), dict(snapshot.fixes), snapshot.offset
            for kept in self.recent.after(topic.name, snapshot.offset) or ():
                topic.apply(kept)  # the bus was ahead of the table
        except BaseException as exc:
            if self.topics.get(topic.name) is topic and not topic.members:
                del self.topics[topic.name]
            topic.loading.set_exception(exc)
            topic.loading.exception()
            topic.loading = None
            raise
        topic.loading.set_result(None)
        topic.loading = None

    def leave(self, member: Member, name: str) -> bool:
        """Stop following; a topic that nobody follows is forgotten."""
        topic = member.topics.pop(name, None)
        if topic is None:
            return False
        topic.members.pop(member, None)
        member.outbox.forget(name)
        if not topic.members and topic.loading is None and self.topics.get(name) is topic:
            del self.topics[name]
        return True

    def _answer(self, topic: LiveTopic, ref: Any, since: Since | None, fmt: Format) -> list[bytes]:
        if since is not None and since.epoch == self.epoch:
            missed = [] if since.offset == topic.offset else self.recent.after(topic.name, since.offset)
            # the table may be ahead of the bus: only what leads up to it is all that was missed
            whole = missed is not None and (missed[-1].offset if missed else since.offset) == topic.offset
            if missed is not None and whole and sum(len(kept.changes) for kept in missed) <= 500:
                return [self._resumed(topic, ref, missed, fmt)]
        return state_frames(topic, ref, self.epoch, fmt)

    def _resumed(self, topic: LiveTopic, ref: Any, missed: list[Kept], fmt: Format) -> bytes:
        changes = [
            {**head, "view": Raw(change.view or NIL) if fmt == "msgpack" else json_view(change.view)}
            for kept in missed
            for head, change in zip(kept.frames(), kept.changes, strict=True)
        ]
        frame = {
            "t": "resumed", "ref": ref, "topic": topic.name, "epoch": self.epoch,
            "offset": topic.offset, "changes": changes,
        }  # fmt: skip
        return framed(encode(frame, fmt), fmt)

    def folded(self, topic: LiveTopic, folded: Folded, fmt: Format) -> bytes:
        """One frame with the latest views of what changed while a socket was slow.

        The table is ahead of what is pending or being sent: the frame has that too, or the
        socket would skip it.
        """
        self._figures.folds += 1
        things: dict[str, Any] = {}
        for id_ in folded.ids | topic.unsent():
            view = topic.things.get(id_)
            things[id_] = (Raw(view) if view else None) if fmt == "msgpack" else json_view(view)
        frame = {"t": "folded", "topic": topic.name, "prev": folded.prev, "offset": topic.offset, "things": things}
        return framed(encode(frame, fmt), fmt)


def json_view(view: bytes | None) -> Any:
    return None if view is None else msgspec.msgpack.decode(view)


def state_frames(topic: LiveTopic, ref: Any, epoch: str, fmt: Format) -> list[bytes]:
    """The table in parts of at most 16 KB; the last one carries `last: true`."""
    parts: list[list[str]] = [[]]
    size = 0
    for id_, view in topic.things.items():
        cost = len(id_) + len(view) * (1 if fmt == "msgpack" else 2) + len(topic.fixes.get(id_, b"")) + 16
        if parts[-1] and size + cost > PART_BYTES - 512:
            parts.append([])
            size = 0
        parts[-1].append(id_)
        size += cost
    frames = []
    for number, ids in enumerate(parts):
        things: dict[str, Any] = {}
        fixes: dict[str, Any] = {}
        for id_ in ids:
            view = topic.things[id_]
            things[id_] = Raw(view) if fmt == "msgpack" else json_view(view)
            fix = topic.fixes.get(id_)
            if fix is not None:
                fixes[id_] = Raw(fix) if fmt == "msgpack" else json_view(fix)
        frame = {
            "t": "state", "ref": ref, "topic": topic.name, "epoch": epoch, "offset": topic.offset,
            "things": things, "fixes": fixes, "part": number, "last": number == len(parts) - 1,
        }  # fmt: skip
        frames.append(framed(encode(frame, fmt), fmt))
    return frames
