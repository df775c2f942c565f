"""One followed topic: its table, whether a join is on its way, and who watches.

Sans-I/O: frames come in through `receive`, which says when to join again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple

from clients.link import Link
from hub.recovery import Step, Table

View = dict[str, Any]


class Change(NamedTuple):
    """One thing's new face.

    `kind` is the event's name (`medic.accepted`), or how it became known:
    `state`, `folded`, `moved`. `view` None: it left the table.
    """

    topic: str
    id: str
    kind: str
    view: View | None
    fix: View | None
    at: int | None


Watch = Callable[[Change], None]


class Following:
    """A topic's table as this client holds it.

    `ref` is the newest join's, None while none is on its way to a hub.
    `whole` is done with the first complete table.
    """

    __slots__ = ("_group", "link", "ref", "table", "topic", "watches", "whole")

    def __init__(self, topic: str, link: Link) -> None:
        self.topic, self.link = topic, link
        self.table = Table()
        self.ref: int | None = None
        self.whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.watches: list[Watch] = []
        self._group: list[View] = []

    def receive(self, frame: View) -> Step:
        """Apply one frame and tell the watches; `hole` means: join again."""
        kind = frame["t"]
        if kind in ("state", "resumed") and frame.get("ref") != self.ref:
            return "skip"  # the answer to an earlier join: the newest one's is on its way
        before = self.table.things
        step = self.table.receive(frame)
        if kind == "change":
            self._receive_change(frame, step)
        elif step == "apply":
            if kind == "state":
                self._receive_state(before)
            elif kind == "resumed":
                for change in frame["changes"]:
                    self._tell(change["id"], change["kind"], change["at"])
            elif kind == "folded":
                for id_ in frame["things"]:
                    self._tell(id_, "folded", None)
            else:
                self._tell(frame["id"], "moved", frame["at"])
        if kind in ("state", "resumed") and step != "hole" and not self.whole.done() and self.table.epoch is not None:
            self.whole.set_result(None)
        return step

    def misses(self, head: int) -> bool:
        """Whether a beat names a newer offset than the table's, with no join under way."""
        return self.whole.done() and self.table.offset < head

    def end(self, error: BaseException) -> None:
        """Nothing more comes."""
        if not self.whole.done():
            if isinstance(error, asyncio.CancelledError):
                self.whole.cancel()
            else:
                self.whole.set_exception(error)
                self.whole.exception()  # asked for here, so that nobody has to
        for watch in self.watches:
            if isinstance(watch, Reader):
                watch.end(error)

    def _receive_change(self, frame: View, step: Step) -> None:
        if step == "apply":
            group, self._group = [*self._group, frame], []
            for change in group:
                self._tell(change["id"], change["kind"], change["at"])
        elif frame.get("more") and step == "skip" and frame["offset"] > self.table.offset:
            self._group.append(frame)
        else:
            self._group = []

    def _receive_state(self, before: dict[str, View]) -> None:
        self._group = []
        now = self.table.things
        for id_, view in now.items():
            if before.get(id_) != view:
                self._tell(id_, "state", None)
        for id_ in before.keys() - now.keys():
            self._tell(id_, "state", None)

    def _tell(self, id_: str, kind: str, at: int | None) -> None:
        if self.watches:
            change = Change(self.topic, id_, kind, self.table.things.get(id_), self.table.fixes.get(id_), at)
            for watch in list(self.watches):
                try:
                    watch(change)
                except Exception as exc:  # a watch at fault must not cost the table its frames
                    fault = {"message": f"a watch of {self.topic} failed", "exception": exc}
                    asyncio.get_running_loop().call_exception_handler(fault)


class Reader:
    """A watch that an `async for` reads: each thing's newest change once."""

    def __init__(self) -> None:
        self._waiting: dict[str, Change] = {}
        self._some = asyncio.Event()
        self._error: BaseException | None = None

    def __call__(self, change: Change) -> None:
        self._waiting[change.id] = change
        self._some.set()

    def end(self, error: BaseException) -> None:
        self._error = error
        self._some.set()

    async def next(self) -> Change | None:
        """The change that waited longest; None when nothing more comes."""
        while not self._waiting:
            if self._error is not None:
                if isinstance(self._error, asyncio.CancelledError):
                    return None
                raise self._error
            self._some.clear()
            await self._some.wait()
        return self._waiting.pop(next(iter(self._waiting)))


async def hears(following: Following) -> AsyncIterator[Change]:
    """The changes of a topic from what is in it now until it is left."""
    reader = Reader()
    table = following.table
    for id_, view in table.things.items():
        reader(Change(following.topic, id_, "state", view, table.fixes.get(id_), None))
    following.watches.append(reader)
    try:
        while (change := await reader.next()) is not None:
            yield change
    finally:
        following.watches.remove(reader)
