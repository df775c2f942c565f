"""From things before and after to one decision: nothing is forgotten, nothing told twice.

What screens see of a thing, when it needs waking, and by what it is found are
functions of its state. A service says them once, in a `Kind`; a decision is
then the difference between before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from channels.views import Place, Views, change, differing
from hub.contract import Claim, Decision, GeoEntry, Guard, SetEntry, Timer, View, Write

Deadlines = Mapping[str, tuple[int, str]]
"""Timer name -> (due, command)."""

Entries = Mapping[tuple[str, str], SetEntry | GeoEntry]
"""(index, member) -> the entry; another value of the same key replaces it."""


class Kind(Struct, frozen=True):
    """What follows from the state of one type of thing.

    Args:
        type: the thing's type; its timers' commands take `{type: id}`.
        views: (thing, now) -> what every screen sees.
        deadlines: when it needs waking. None: never.
        index: by what it is found. None: by its id alone.
    """

    type: str
    views: Callable[[Any, int], Views]
    deadlines: Callable[[Any], Deadlines] | None = None
    index: Callable[[Any], Entries] | None = None


class Draft:
    """Gathers what one command does to things, then makes the decision.

    Args:
        event: the kind of the changes (`order.accepted`).
        fired: the name of the timer that this command is; when it is still
            wanted it is set anew, because a timer that fired is deleted.
    """

    def __init__(self, now: int, event: str, *, fired: str = "") -> None:
        self.now, self.event, self.fired = now, event, fired
        self._things: list[tuple[Kind, str, Any, Any, str]] = []
        self.writes: list[Write] = []
        self.guards: list[Guard] = []
        self.claims: list[Claim] = []
        self.timers: list[Timer] = []

    def put(self, kind: Kind, id_: str, before: Struct | None, after: Struct | None, *, event: str = "") -> None:
        """A thing becomes `after` (None: it is deleted). The same object on both sides changes nothing."""
        if before is not after or self.fired in _deadlines(kind, after):
            self._things.append((kind, id_, before, after, event or self.event))

    def decision(self, answer: dict[str, Any] | None = None, *, once: dict[str, Any] | None = None) -> Decision:
        """All of it as one decision; a view that passes from one thing to another is one change."""
        was: dict[Place, View] = {}
        is_: dict[Place, View] = {}
        events: dict[Place, str] = {}
        index: list[SetEntry | GeoEntry] = []
        writes, timers = list(self.writes), list(self.timers)
        for kind, id_, before, after, event in self._things:
            seen, shown = _views(kind, before, self.now), _views(kind, after, self.now)
            was, is_ = {**was, **seen}, {**is_, **shown}
            events = {**dict.fromkeys(seen, event), **events, **dict.fromkeys(shown, event)}
            writes.append(Write(kind.type, id_, after))
            timers += timers_between(
                kind.type, id_, _deadlines(kind, before), _deadlines(kind, after), fired=self.fired
            )
            index += entries_between(_entries(kind, before), _entries(kind, after))
        return Decision(
            answer=answer or {},
            once=once or {},
            writes=tuple(writes),
            guards=tuple(self.guards),
            claims=tuple(self.claims),
            index=tuple(index),
            changes=tuple(change(place, events[place], is_) for place in differing(was, is_)),
            timers=tuple(timers),
        )


def too_early(kind: Kind, id_: str, thing: Struct, timer: str, now: int) -> Decision | None:
    """What to answer when a timer has nothing to do: it is not wanted, or not due and set anew."""
    due = _deadlines(kind, thing).get(timer)
    if due is None:
        return Decision()
    if due[0] <= now:
        return None
    draft = Draft(now, f"{kind.type}.waits", fired=timer)
    draft.put(kind, id_, thing, thing)
    return draft.decision()


def timers_between(type_: str, id_: str, before: Deadlines, after: Deadlines, *, fired: str = "") -> list[Timer]:
    """The timers to set and to cancel."""
    timers = [
        Timer(type_, id_, name, due, cmd, {type_: id_})
        for name, (due, cmd) in after.items()
        if before.get(name) != (due, cmd) or name == fired
    ]
    return timers + [Timer(type_, id_, name, None) for name in before if name not in after]


def entries_between(before: Entries, after: Entries) -> Sequence[SetEntry | GeoEntry]:
    """The entries to write and to remove."""
    entries = [entry for key, entry in after.items() if before.get(key) != entry]
    for key, entry in before.items():
        if key not in after:
            gone = isinstance(entry, GeoEntry)
            entries.append(GeoEntry(*key) if gone else SetEntry(*key, remove=True))
    return entries


def _views(kind: Kind, thing: Any, now: int) -> Views:
    return {} if thing is None else kind.views(thing, now)


def _deadlines(kind: Kind, thing: Any) -> Deadlines:
    return {} if thing is None or kind.deadlines is None else kind.deadlines(thing)


def _entries(kind: Kind, thing: Any) -> Entries:
    return {} if thing is None or kind.index is None else kind.index(thing)
