"""The city's log played again: what each topic's table was after each of its changes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct

from tests.faults.history import GONE, Said, thing_digest
from tests.faults.truth import Logged, Truth


class Violation(Struct, frozen=True):
    """Something that must never be.

    Args:
        check: the row of the final table that it counts in.
        subject: the thing, person or topic.
        story: what the log, the audit or the client say about it.
    """

    check: str
    subject: str
    why: str
    story: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """One commit's changes in one topic, and the digest of the table after it."""

    offset: int
    prev: int
    said: tuple[Said, ...]
    table: int


class Replay:
    """Every topic's steps, in order.

    `faults` are places where the log contradicts itself.
    """

    def __init__(self, log: Iterable[Logged]) -> None:
        self.steps: dict[str, list[Step]] = {}
        self.faults: list[Violation] = []
        self._now: dict[str, dict[str, int]] = {}
        self._lane_of: dict[str, str] = {}
        self._lane_last: dict[str, int] = {}
        for entry in log:
            self._take(entry)

    def _take(self, entry: Logged) -> None:
        last = self._lane_last.get(entry.lane, 0)
        if entry.lane_prev != last or entry.commit <= last:
            self._fault(entry.lane, f"entry {entry.commit} follows {entry.lane_prev}, expected {last}")
        self._lane_last[entry.lane] = entry.commit
        groups: dict[str, list[Said]] = {}
        for change in entry.changes:
            said = Said(change.prev, entry.commit, change.id, change.kind, change.digest, True)
            groups.setdefault(change.topic, []).append(said)
        for topic, group in groups.items():
            if self._lane_of.setdefault(topic, entry.lane) != entry.lane:
                self._fault(topic, f"commit {entry.commit} is in lane {entry.lane}, others are not")
            self._step(topic, entry.commit, group)

    def _step(self, topic: str, offset: int, group: list[Said]) -> None:
        steps, now = self.steps.setdefault(topic, []), self._now.setdefault(topic, {})
        prev, table = (steps[-1].offset, steps[-1].table) if steps else (0, 0)
        for said in group:
            if said.prev != prev:
                self._fault(topic, f"commit {offset} has prev {said.prev}, expected {prev}")
            table ^= thing_digest(said.id, now.get(said.id, GONE)) ^ thing_digest(said.id, said.view)
            now[said.id] = said.view
        steps.append(Step(offset, prev, tuple(group), table))

    def _fault(self, subject: str, why: str) -> None:
        self.faults.append(Violation("log", subject, why))

    def at(self, topic: str, offset: int) -> Step | None:
        """The topic's last step at or before an offset."""
        steps = self.steps.get(topic, [])
        place = bisect_right(steps, offset, key=lambda step: step.offset)
        return steps[place - 1] if place else None

    def table(self, topic: str, offset: int) -> int:
        step = self.at(topic, offset)
        return step.table if step is not None else 0

    def between(self, topic: str, after: int, upto: int) -> list[Step]:
        """The topic's steps in (after, upto]."""
        steps = self.steps.get(topic, [])
        first = bisect_right(steps, after, key=lambda step: step.offset)
        last = bisect_right(steps, upto, key=lambda step: step.offset)
        return steps[first:last]

    def views(self, topic: str, offset: int) -> dict[str, int]:
        """The digests of a topic's views at an offset."""
        found: dict[str, int] = {}
        for step in self.between(topic, 0, offset):
            for said in step.said:
                found[said.id] = said.view
        return {id_: view for id_, view in found.items() if view != GONE}


def story(truth: Truth, id_: str, most: int = 40) -> tuple[str, ...]:
    """Everything that the log and the audit say about one thing, by commit."""
    lines = [(at.commit, line) for at, line in _logged(truth, id_)]
    lines += [
        (one.commit, f"{one.commit:>7} {one.at} did   {one.cmd} {one.id} by {one.role} {one.by}")
        for one in truth.audit
        if any(id_ in thing for thing in one.things)
    ]
    return tuple(line for _, line in sorted(lines)[-most:])


def _logged(truth: Truth, id_: str) -> Iterator[tuple[Logged, str]]:
    for entry in truth.log:
        for change in entry.changes:
            if change.id != id_:
                continue
            view = change.view or {}
            told = {key: view[key] for key in ("state", "request_state", "wave", "medic", "winner") if key in view}
            yield entry, f"{entry.commit:>7} {entry.at} said  {change.kind} in {change.topic} prev {change.prev} {told}"
