"""Escalations against the log: each in its time, each once, none left out.

Pure. The ladder of a request is read from the desk's view: when it began, and
when each wave did. That a wave came late because workers or store were broken
is no fault; that it came not at all, twice or early is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from channels.medic_commit import deadlines, medic_deadlines
from channels.medic_state import REPEAT_MS, WAVE_MS
from tests.faults.replay import Violation, story
from tests.faults.requests import Row
from tests.faults.truth import Truth

LATE_MS = 12_000
"""A due timer is acted on within this much undisturbed time: a lease of 5 s may run out once, or twice under load."""
EARLY_MS = 2
OVERDUE_MS = 1_500

Window = tuple[int, int]
"""Milliseconds by the store's clock during which workers or store were disturbed."""


class Figures(Struct):
    """What was looked at."""

    waves: int = 0
    timers: int = 0
    late_ms: int = 0


class Rung(Struct, frozen=True):
    """How long a request waited on one rung of its ladder: until the next wave, or until something ended it."""

    wave: int
    due: int
    left: Row | None
    left_at: int
    ladder_ended: bool
    last: Row


def check_escalations(
    truth: Truth, rows: dict[str, list[Row]], disturbed: Sequence[Window], figures: Figures
) -> Iterator[Violation]:
    """Every wave came once, not before its time and not after it."""
    for id_, seen in rows.items():
        for rung in rungs(seen, truth.now):
            why = _wrong(rung, truth, disturbed, figures)
            if why is not None:
                yield Violation("escalations", id_, why, story(truth, id_))
    yield from _timers(truth, disturbed, figures)


def due_ms(ladder: int, wave: int) -> int:
    """When the wave after this one starts."""
    if wave < len(WAVE_MS):
        return ladder + WAVE_MS[wave]
    return ladder + WAVE_MS[-1] + REPEAT_MS * (wave - len(WAVE_MS) + 1)


def rungs(seen: Sequence[Row], now: int) -> Iterator[Rung]:
    """The rungs of all ladders of one request. A release, or others asked beside a holder, begins a new ladder."""
    ladder, wave, last = 0, 0, seen[0]
    for row in seen:
        here = _ladder(row, ladder, wave)
        if wave and (here != ladder or row.wave != wave):
            yield Rung(wave, due_ms(ladder, wave), row, row.at, here != ladder, last)
        ladder, wave, last = here, (row.wave if here else 0), row
    if wave:
        yield Rung(wave, due_ms(ladder, wave), None, now, True, last)


def _ladder(row: Row, ladder: int, wave: int) -> int:
    """When the ladder of this row began, 0 for a row that has none."""
    if row.unanswered:
        return row.since if row.wave else 0
    if row.state == "accepted" and row.waiting:
        if row.kind == "medic.others_asked" or (row.kind == "medic.escalated" and row.wave == 1 != wave):
            return row.at
        return ladder if wave else 0
    return 0


def _wrong(rung: Rung, truth: Truth, disturbed: Sequence[Window], figures: Figures) -> str | None:
    waited = _undisturbed(rung.due, rung.left_at, disturbed)
    if waited > LATE_MS:
        return f"wave {rung.wave + 1} was due at {rung.due} and {waited} ms later had not come"
    if rung.ladder_ended or rung.left is None:
        return None
    row = rung.left
    if row.wave != rung.wave + 1:
        return f"wave {rung.wave} was followed by wave {row.wave}"
    cmd = next((one.cmd for one in truth.audit if one.commit == row.commit), "")
    if cmd == "medic.escalate":
        return None
    if cmd != "medic.wave":
        return f"wave {row.wave} was started by {cmd or 'nobody'}"
    figures.waves += 1
    if row.at + EARLY_MS < rung.due and rung.last.open_offers:
        return f"wave {row.wave} started {rung.due - row.at} ms before its time"
    if row.at >= rung.due:
        figures.late_ms = max(figures.late_ms, waited)
    return None


def _undisturbed(start: int, end: int, disturbed: Sequence[Window]) -> int:
    """The milliseconds between two times that no window covers."""
    total, at = max(0, end - start), start
    for first, last in sorted(disturbed):
        first, last = max(first, at), min(last, end)
        if last > first:
            total -= last - first
            at = last
    return total


def _timers(truth: Truth, disturbed: Sequence[Window], figures: Figures) -> Iterator[Violation]:
    """What waits is exactly what the states ask for, and nothing that is due waits."""
    figures.timers = len({one.id for one in truth.audit if one.by == "timer"})
    waiting = truth.timers["urgent"]
    expected: dict[str, int] = {}
    for request in truth.requests.values():
        for name, (due, _) in deadlines(request).items():
            expected[f"request/{request.id}/{name}"] = due
        if request.behind:
            expected[f"request/{request.id}/follow"] = truth.now
    for medic in truth.medics.values():
        for name, (due, _) in medic_deadlines(medic).items():
            expected[f"medic/{medic.id}/{name}"] = due
    for id_, due in expected.items():
        thing = id_.split("/")[1]
        if id_ not in waiting:
            yield Violation("escalations", id_, f"due at {due}, and no timer waits for it", story(truth, thing))
        elif (waited := _undisturbed(due, truth.now, disturbed)) > OVERDUE_MS:
            yield Violation("escalations", id_, f"due {waited} ms ago", story(truth, thing))
    for id_ in waiting:
        if id_.startswith("request/") and id_ not in expected:
            yield Violation("escalations", id_, "waits for nothing", story(truth, id_.split("/")[1]))
    normal = truth.timers["normal"]
    for order in truth.orders.values():
        if order.state == "placed" and f"order/{order.id}/expire" not in normal:
            yield Violation("escalations", order.id, "placed, and no timer expires it", story(truth, order.id))
