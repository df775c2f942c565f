"""Requests and medics against the log: one winner, one patient, and states that agree.

Pure. Who holds a request is read from the desk's view of it, commit by commit;
who was told to have won it, from the medics' own tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from msgspec import Struct

from channels.medic_table import HELD, UNANSWERED
from tests.faults.checks import acts_of
from tests.faults.history import History
from tests.faults.replay import Violation, story
from tests.faults.truth import Truth


class Row(Struct, frozen=True):
    """What the desk saw of a request from a commit on."""

    commit: int
    at: int
    kind: str
    state: str
    wave: int
    holder: str
    since: int
    waiting: bool
    open_offers: int

    @property
    def held(self) -> bool:
        return self.state in HELD

    @property
    def unanswered(self) -> bool:
        return self.state in UNANSWERED


def rows_of(truth: Truth) -> dict[str, list[Row]]:
    """Of each request that the desk sees: its rows, in order of commits."""
    found: dict[str, list[Row]] = {}
    for entry in truth.log:
        for change in entry.changes:
            view = change.view
            if change.topic == "dispatch" and view is not None and view["type"] == "request":
                found.setdefault(change.id, []).append(_row(entry.commit, entry.at, change.kind, view))
    return found


def _row(commit: int, at: int, kind: str, view: dict[str, Any]) -> Row:
    holder = view.get("medic", {}).get("person", "") if view["state"] in (*HELD, "cleared") else ""
    return Row(
        commit, at, kind, view["state"], view["wave"], holder, view.get("unanswered_since", 0),
        bool(view.get("waiting_for_holder")), view["open_offers"],
    )  # fmt: skip


def check_winners(truth: Truth, rows: dict[str, list[Row]], histories: Iterable[History]) -> Iterator[Violation]:
    """A request has one winner at a time; who heard `ok` was it, and who heard `taken` was told by whom."""
    for id_, seen in rows.items():
        for before, after in pairwise(seen):
            if before.held and after.holder != before.holder and not _given_over(before, after):
                why = f"{before.holder} held it, {after.holder or 'nobody'} has it by {after.kind} at {after.commit}"
                yield Violation("winners", id_, why, story(truth, id_))
    yield from _two_winners(truth)
    won = _won(truth)
    for act in acts_of(histories):
        if act.cmd != "medic.accept":
            continue
        request = str(act.data["request"])
        for answer in act.answers:
            if answer.ok and (request, act.person) not in won:
                yield Violation("winners", request, f"{act.person} heard ok and never won it", story(truth, request))
            if answer.code == "taken":
                winner = answer.data["winner"]["person"]
                if winner == act.person or (winner != "robot" and (request, winner) not in won):
                    yield Violation("winners", request, f"{act.person} heard taken by {winner}", story(truth, request))


def _given_over(before: Row, after: Row) -> bool:
    """Whether a holder may lose a request by this step to another, or to nobody."""
    if after.holder:
        return after.kind == "medic.assigned" or (after.kind == "medic.accepted" and before.waiting)
    return after.kind == "medic.released" or not (after.held or after.unanswered)


def _two_winners(truth: Truth) -> Iterator[Violation]:
    """At most one medic's table says `won`; a commit without room for all screens is followed by others."""
    won: dict[str, set[str]] = {}
    doubtful: dict[str, int] = {}
    for entry in truth.log:
        touched = set()
        for change in entry.changes:
            view = change.view or {}
            if not change.topic.startswith("help/") or (view and view["type"] != "offer"):
                continue
            holders = won.setdefault(change.id, set())
            touched.add(change.id)
            wins = view.get("state") == "won" and view.get("request_state") in HELD
            (holders.add if wins else holders.discard)(change.topic)
        for id_ in touched:
            if len(won[id_]) > 1:
                doubtful.setdefault(id_, entry.commit)
            else:
                doubtful.pop(id_, None)
    for id_, commit in doubtful.items():
        yield Violation("winners", id_, f"since {commit} won by {sorted(won[id_])}", story(truth, id_))


def _won(truth: Truth) -> set[tuple[str, str]]:
    """(request, medic) of every offer that was ever shown as won."""
    return {
        (change.id, change.topic.removeprefix("help/"))
        for entry in truth.log
        for change in entry.changes
        if change.view is not None and change.view["type"] == "offer" and change.view["state"] == "won"
    }


def check_patients(truth: Truth) -> Iterator[Violation]:
    """A medic holds one patient at a time, at every commit, and both sides say so at the end."""
    held: dict[str, str] = {}
    reported = set[str]()
    for entry in truth.log:
        for change in entry.changes:
            view = change.view or {}
            if change.topic != "dispatch" or (view and view["type"] != "request"):
                continue
            held.pop(change.id, None)
            if view and view["state"] in HELD:
                held[change.id] = view["medic"]["person"]
        holders = list(held.values())
        for medic in set(holders) - reported:
            if holders.count(medic) > 1:
                reported.add(medic)
                mine = sorted(id_ for id_, holder in held.items() if holder == medic)
                lines = tuple(line for id_ in mine for line in story(truth, id_, 12))
                yield Violation("patients", medic, f"holds {mine} at {entry.commit}", lines)
    for request in truth.requests.values():
        if request.held and not request.drill:
            medic_ = truth.medics.get(request.holder)
            if medic_ is None or medic_.state != "busy" or medic_.request != request.id:
                why = f"{request.state} by {request.holder}, whose duty says {medic_ and medic_.request!r}"
                yield Violation("patients", request.id, why, story(truth, request.id))
    for medic_ in truth.medics.values():
        mine_ = truth.requests.get(medic_.request)
        if medic_.state == "busy" and (mine_ is None or not mine_.held or mine_.holder != medic_.id):
            why = f"busy with {medic_.request!r}, not its holder"
            yield Violation("patients", medic_.id, why, story(truth, medic_.id))


def check_names(truth: Truth) -> Iterator[Violation]:
    """Claims and indexes name what there is: an open request of a device, a medic on duty."""
    for request in truth.requests.values():
        held = truth.claims.get(request.claim) if request.claim else None
        if request.claim and (held == request.id) == request.ended:
            yield Violation("log", request.claim, f"{request.state} {request.id}, claimed by {held}")
    rings = {one.id for one in truth.requests.values() if not (one.ended or one.drill or one.urgency == "visit")}
    duty = {one.id for one in truth.medics.values() if one.state != "off"}
    for name, expected in (("requests", rings), ("medics", duty)):
        if truth.sets[name] != expected:
            wrong = sorted(truth.sets[name] ^ expected)
            yield Violation("log", name, f"the index and the states differ in {wrong}", story(truth, wrong[0]))
