"""Position arithmetic: how a client's table becomes, and stays, the topic's table.

A client keeps one number per topic. Every durable change carries `offset` (the
city's commit that made it) and `prev` (the topic's offset before that commit):

    offset <= mine          skip   (seen already)
    prev <= mine < offset   apply  (mine = offset)
    prev > mine             hole   (join again with `since`)

After the frame with `offset` n the client's table *is* the topic's table at
commit n, whatever was repeated, folded or lost before (PROTOCOL section 1).
"""

from __future__ import annotations

from typing import Any, Literal

Step = Literal["skip", "apply", "hole"]
View = dict[str, Any]


def step(mine: int, prev: int, offset: int) -> Step:
    """What a change with these positions means for a table at `mine`."""
    if offset <= mine:
        return "skip"
    return "apply" if prev <= mine else "hole"


class Table:
    """One topic as a client holds it. Feed it frames; it never goes back.

    `epoch` is None until the first complete `state`. After `hole` or an epoch
    that differs the owner joins again with `since()`.
    """

    __slots__ = ("_group", "_part_fixes", "_parts", "epoch", "fixes", "offset", "things")

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.offset = 0
        self.things: dict[str, View] = {}
        self.fixes: dict[str, View] = {}
        self._parts: dict[str, View] | None = None
        self._part_fixes: dict[str, View] = {}
        self._group: list[View] = []

    def since(self) -> dict[str, Any] | None:
        """What to resume with, or None for a table never filled."""
        return None if self.epoch is None else {"epoch": self.epoch, "offset": self.offset}

    def receive(self, frame: dict[str, Any]) -> Step:
        """Take one `state`, `resumed`, `change`, `folded` or `moved` frame.

        Returns:
            `apply` when the table may have changed, `skip` when not (yet),
            `hole` when a change is missing: join again with `since()`.
        """
        kind = frame["t"]
        if kind == "state":
            return self._receive_state(frame)
        if kind == "resumed":
            return self._receive_resumed(frame)
        if kind == "change":
            return self._receive_change(frame)
        if kind == "folded":
            return self._receive_folded(frame)
        if kind == "moved":
            return self._receive_moved(frame["id"], frame["fix"])
        raise ValueError(f"expected state, resumed, change, folded or moved, got {kind!r}")

    def _receive_state(self, frame: dict[str, Any]) -> Step:
        if frame.get("part", 0) == 0 or self._parts is None:
            self._parts, self._part_fixes = {}, {}
        self._parts.update(frame["things"])
        self._part_fixes.update(frame.get("fixes") or {})
        if not frame["last"]:
            return "skip"
        things, fixes, self._parts = self._parts, self._part_fixes, None
        self._group = []
        if frame["epoch"] == self.epoch and frame["offset"] < self.offset:
            return "skip"  # an older snapshot must not take the table back
        self.epoch, self.offset, self.things = frame["epoch"], frame["offset"], things
        kept = {id_: fix for id_, fix in self.fixes.items() if id_ in things}
        self.fixes = kept
        for id_, fix in fixes.items():
            self._receive_moved(id_, fix)
        return "apply"

    def _receive_resumed(self, frame: dict[str, Any]) -> Step:
        if frame["epoch"] != self.epoch:
            return "hole"
        self._group = []
        result: Step = "skip"
        for change in frame["changes"]:
            taken = self._receive_change(change)
            if taken == "hole":
                return "hole"
            if taken == "apply":
                result = "apply"
        if frame["offset"] > self.offset:
            self.offset = frame["offset"]
        return result

    def _receive_change(self, frame: dict[str, Any]) -> Step:
        taken = step(self.offset, frame["prev"], frame["offset"])
        if self.epoch is None:
            return "skip"  # joined, but the first snapshot has not arrived
        if taken != "apply":
            self._group = []
            return taken
        if self._group and self._group[0]["offset"] != frame["offset"]:
            self._group = []  # the rest of a broken group: its hole shows below
            return "hole"
        self._group.append(frame)
        if frame.get("more"):
            return "skip"
        group, self._group = self._group, []
        for change in group:
            self._put(change["id"], change["view"])
        self.offset = frame["offset"]
        return "apply"

    def _receive_folded(self, frame: dict[str, Any]) -> Step:
        if self.epoch is None:
            return "skip"
        self._group = []
        taken = step(self.offset, frame["prev"], frame["offset"])
        if taken == "apply":
            for id_, view in frame["things"].items():
                self._put(id_, view)
            self.offset = frame["offset"]
        return taken

    def _receive_moved(self, id_: str, fix: View) -> Step:
        known = self.fixes.get(id_)
        if id_ not in self.things or (known is not None and known["fix_at"] >= fix["fix_at"]):
            return "skip"
        self.fixes[id_] = fix
        return "apply"

    def _put(self, id_: str, view: View | None) -> None:
        if view is None:
            self.things.pop(id_, None)
            self.fixes.pop(id_, None)
        else:
            self.things[id_] = view
