"""All histories against the store: what was accepted is there, once, and everybody was told the truth.

Pure: a `Truth`, the `History` of everybody, and out come violations. What is
about requests and their clocks stands in `requests.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from hub.commit import Outcome
from tests.faults.history import Act, Answered, Final, History, Told, digest, table_digest
from tests.faults.replay import Replay, Violation, story
from tests.faults.truth import Truth

UNRECORDED = frozenset({"too_late"})
"""Refusals by age are never recorded: the same act may be answered otherwise later."""
FORGETS_NO = frozenset({"order.receipt"})
"""Commands whose refusals the service does not record: asked again, they may be refused in other words."""
MAKES = {"medic.call": ("request", "request"), "order.place": ("order", "order")}
"""Commands that make a thing: its type, and the key of the answer that names it."""
RETIRED = frozenset({"medic.retired", "order.retired"})
"""Kinds with which a thing leaves its tables when its time is over."""


def check_log(truth: Truth, replay: Replay, epoch: str) -> Iterator[Violation]:
    """The store agrees with itself: played again, its log gives its tables; its epoch is the first one."""
    yield from replay.faults
    if truth.epoch != epoch:
        yield Violation("log", "epoch", f"expected {epoch}, got {truth.epoch}: the store came back without its data")
    for topic in sorted(replay.steps.keys() | truth.tables.keys() | truth.offsets.keys()):
        steps = replay.steps.get(topic, [])
        last = steps[-1].offset if steps else 0
        if truth.offsets.get(topic, 0) != last:
            yield Violation("log", topic, f"offset {truth.offsets.get(topic, 0)}, the log ends at {last}")
        held = {id_: digest(view) for id_, view in truth.tables.get(topic, {}).items()}
        logged = replay.views(topic, last)
        for id_ in sorted(held.keys() | logged.keys()):
            if held.get(id_) != logged.get(id_):
                yield Violation("log", f"{topic} {id_}", "the table is not what the log gives", story(truth, id_))
    for lane, commit in truth.lanes.items():
        entries = [entry.commit for entry in truth.log if entry.lane == lane]
        if not entries or entries[-1] != commit:
            yield Violation("log", lane, f"the lane's last entry is {commit}, its log ends at {entries[-1:]}")


def check_lost(truth: Truth, histories: Iterable[History]) -> Iterator[Violation]:
    """Every `ok` that somebody heard is in the store: its outcome, its commit, and the thing that it made."""
    done = {(one.by, one.id): one for one in truth.audit}
    retired = {change.id for entry in truth.log for change in entry.changes if change.kind in RETIRED}
    for act in acts_of(histories):
        if not act.answers:
            yield Violation("lost", act.id, f"{act.cmd} by {act.person} never got a final answer", _act(act))
        answer = act.ok
        if answer is None:
            continue
        outcome = truth.outcomes.get((act.person, act.id))
        if outcome is None or not _same(answer, outcome):
            yield Violation("lost", act.id, f"{act.cmd} was ok, the store has {outcome}", _act(act))
            continue
        made = MAKES.get(act.cmd)
        if made is None or answer.data.get("existing"):
            continue
        type_, name = made[0], str(answer.data[made[1]])
        there = truth.requests if type_ == "request" else truth.orders
        if name not in there and name not in retired:
            yield Violation("lost", name, f"{act.cmd} {act.id} was ok, the {type_} is not there", story(truth, name))
        one = done.get((act.person, act.id))
        if one is None or f"{type_}/{name}" not in one.things:
            yield Violation("lost", name, f"{act.cmd} {act.id} was ok, no commit made it", story(truth, name))


def check_doubled(truth: Truth, histories: Iterable[History]) -> Iterator[Violation]:
    """One commit per command id, and the same answer whenever and wherever it is asked again."""
    for (by, id_), count in Counter((one.by, one.id) for one in truth.audit).items():
        if count > 1:
            commits = [one for one in truth.audit if (one.by, one.id) == (by, id_)]
            lines = tuple(f"{one.commit:>7} {one.at} {one.cmd} {' '.join(one.things)}" for one in commits)
            yield Violation("doubled", id_, f"{commits[0].cmd} by {by} was committed {count} times", lines)
    for act in acts_of(histories):
        heard = {(one.ok, one.code, digest(one.data)) for one in act.answers}
        if len(heard) > 1 and not any(_unrecorded(act, one) for one in act.answers):
            yield Violation("doubled", act.id, f"{act.cmd} was answered in {len(heard)} ways", _act(act))


def _unrecorded(act: Act, answer: Answered) -> bool:
    return answer.code in UNRECORDED or (act.cmd in FORGETS_NO and not answer.ok)


def check_told(truth: Truth, replay: Replay, histories: Iterable[History]) -> Iterator[Violation]:
    """No client ever went back, and whatever it was told and took is the log's."""
    for history in histories:
        for place, told in enumerate(history.told):
            for why in _untrue(told, replay, truth.epoch):
                lines = tuple(_line(one) for one in history.told[max(0, place - 12) : place + 3])
                yield Violation("told", f"{history.name} {told.topic}", f"at {told.offset}: {why}", lines)


def _untrue(told: Told, replay: Replay, epoch: str) -> Iterator[str]:
    if told.before_epoch == told.after_epoch and told.after < told.before:
        yield f"went back from {told.before} to {told.after}"
    if told.epoch and told.epoch != epoch:
        yield f"epoch {told.epoch}, the store has {epoch}"
    if told.t == "state" and told.frame_table != replay.table(told.topic, told.offset):
        yield "this state is not the table at that commit"
    if told.t == "folded":
        views = replay.views(told.topic, told.offset)
        changed = {one.id for step in replay.between(told.topic, told.said[0].prev, told.offset) for one in step.said}
        if not changed <= {one.id for one in told.said}:
            yield "folded without a thing that changed"
        if any(views.get(one.id, 0) != one.view for one in told.said):
            yield "folded into what never was"
    if told.t in ("change", "resumed"):
        yield from _unlogged(told, replay)
    if told.after > told.before and told.t in ("change", "resumed") and told.before_epoch == told.after_epoch:
        offsets = {one.offset for one in told.said}
        missed = [s.offset for s in replay.between(told.topic, told.before, told.after) if s.offset not in offsets]
        if missed:
            yield f"went from {told.before} to {told.after} without {missed[:5]}"
    if told.table is not None and told.table != replay.table(told.topic, told.after):
        yield "the client's table is not the log's at that commit"
    if not told.taken:
        yield "the change was applied and the client's table does not show it"


def _unlogged(told: Told, replay: Replay) -> Iterator[str]:
    for one in told.said:
        step = replay.at(told.topic, one.offset)
        if step is None or step.offset != one.offset:
            yield f"the log has no change of this topic at {one.offset}"
        elif one.prev != step.prev:
            yield f"prev of {one.offset} is {one.prev}, in the log {step.prev}"
        elif not any((s.id, s.kind, s.view) == (one.id, one.kind, one.view) for s in step.said):
            yield f"{one.kind} of {one.id} at {one.offset} is not what the log has"


def check_tables(truth: Truth, histories: Iterable[History]) -> Iterator[Violation]:
    """When all is quiet every client's tables are the store's."""
    for history in histories:
        for topic, final in history.final.items():
            why = _differs(truth, topic, final)
            if why is not None:
                lines = tuple(_line(one) for one in history.told if one.topic == topic)[-15:]
                yield Violation("tables", f"{history.name} {topic}", why, lines)


def _differs(truth: Truth, topic: str, final: Final) -> str | None:
    if final.epoch != truth.epoch:
        return f"epoch {final.epoch}, the store has {truth.epoch}"
    offset = truth.offsets.get(topic, 0)
    if final.offset != offset:
        return f"stands at {final.offset}, the store at {offset}"
    things = truth.tables.get(topic, {})
    if table_digest(final.things) == table_digest(things):
        return None
    names = sorted(final.things.keys() | things.keys())
    other = [name for name in names if final.things.get(name) != things.get(name)]
    return f"{len(other)} things differ from the store's: {other[:3]}"


def acts_of(histories: Iterable[History]) -> list[Act]:
    return [act for history in histories for act in history.acts]


def _same(answer: Answered, outcome: Outcome) -> bool:
    return outcome.ok == answer.ok and (outcome.data or {}) == answer.data


def _act(act: Act) -> tuple[str, ...]:
    said = [f"{one.door}: ok={one.ok} {one.code} {one.data}" for one in act.answers]
    return (f"{act.at} {act.cmd} {act.id} by {act.role} {act.person} {act.data}", *said)


def _line(told: Told) -> str:
    said = " ".join(f"{one.kind}:{one.id[:18]}@{one.prev}-{one.offset}" for one in told.said[:4])
    return f"{told.t:>8} {told.topic} {told.before} -> {told.after} offset {told.offset} {said}"
