"""A small city on paper: commits, audit and what one client heard of them, all consistent, for tests of the checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.medic_commit import deadlines
from channels.medic_state import Medic, Request
from hub.commit import Outcome
from tests.faults.history import Act, Answered, Final, History, Said, Told, table_digest
from tests.faults.truth import Audited, Change, Logged, Truth, change_of

EPOCH = "e0"
CALLED_AT = 1_000_000
CALLER, MEDIC, OTHER = "caller", "medic-1", "medic-2"

View = dict[str, Any]


class Book:
    """Writes a log as the store would, and tells it to one client as a hub would."""

    def __init__(self) -> None:
        self.truth = Truth(
            EPOCH, 0, CALLED_AT, {}, {}, [], {}, {}, [], {}, {}, {}, {}, {"urgent": {}, "normal": {}, "bulk": {}},
            {"medics": set(), "requests": set()},
        )  # fmt: skip
        self.desk = History("desk", "desk", "dispatcher")

    def commit(
        self, at: int, kind: str, views: Mapping[tuple[str, str], View | None], *, by: str, cmd: str, id_: str
    ) -> None:
        """One commit in the urgent lane; `views` by (topic, id)."""
        truth = self.truth
        truth.commit += 1
        truth.now = max(truth.now, at)
        changes = []
        for (topic, thing), view in views.items():
            changes.append(change_of(topic, truth.offsets.get(topic, 0), thing, kind, view))
            table = truth.tables.setdefault(topic, {})
            if view is None:
                table.pop(thing, None)
            else:
                table[thing] = view
        for change in changes:
            truth.offsets[change.topic] = truth.commit
        truth.log.append(Logged("urgent", truth.commit, EPOCH, truth.lanes.get("urgent", 0), at, tuple(changes)))
        truth.lanes["urgent"] = truth.commit
        things = tuple(sorted({f"request/{thing}" for _, thing in views}))
        truth.audit.append(Audited(truth.commit, at, cmd, id_, by, "timer" if by == "timer" else "resident", things))
        self._tell("dispatch", [change for change in changes if change.topic == "dispatch"])

    def _tell(self, topic: str, changes: list[Change]) -> None:
        for place, change in enumerate(changes):
            last = place == len(changes) - 1
            offset = self.truth.commit
            said = Said(change.prev, offset, change.id, change.kind, change.digest, not last)
            after = offset if last else change.prev
            whole = table_digest(self.truth.tables[topic]) if last else None
            self.desk.told.append(
                Told(topic, "change", "", offset, (said,), 0, change.prev, EPOCH, after, EPOCH, whole)
            )  # fmt: skip

    def answer(self, person: str, cmd: str, id_: str, data: View, ok: View | None, code: str = "") -> Act:
        """An act with its answer and its recorded outcome."""
        said = Answered(ok is not None, code, ok or {}, "socket")
        act = Act(person, "", id_, cmd, data, CALLED_AT, [said])
        self.truth.outcomes[person, id_] = Outcome(b"", said.ok, said.data, code)
        self.desk.acts.append(act)
        return act

    def rest(self) -> None:
        """The client's last tables; the timers that the states ask for."""
        things = dict(self.truth.tables["dispatch"])
        self.desk.final["dispatch"] = Final(EPOCH, self.truth.offsets["dispatch"], things)
        for request in self.truth.requests.values():
            for name, (due, _) in deadlines(request).items():
                self.truth.timers["urgent"][f"request/{request.id}/{name}"] = due


def desk_view(id_: str, state: str, wave: int, *, holder: str = "", waiting: bool = False) -> View:
    view: View = {
        "type": "request", "id": id_, "state": state, "wave": wave, "unanswered_since": CALLED_AT,
        "offers": [{"person": MEDIC, "state": "open"}], "offers_more": {},
    }  # fmt: skip
    if holder:
        view["medic"] = {"person": holder}
    return view | ({"waiting_for_holder": True} if waiting else {})


def offer(id_: str, state: str) -> View:
    return {"type": "offer", "id": id_, "state": state, "request_state": "accepted"}


def small_city() -> Book:
    """Request `r1` is called, climbs to wave 2 in its time, and is accepted by one medic; all is as it should be."""
    book, at = Book(), CALLED_AT
    mine, other = (f"help/{MEDIC}", "r1"), (f"help/{OTHER}", "r1")
    called = desk_view("r1", "offered", 1)
    book.commit(
        at,
        "medic.called",
        {("dispatch", "r1"): called, mine: offer("r1", "open")},
        by=CALLER,
        cmd="medic.call",
        id_="c1",
    )
    book.commit(
        at + 20_000, "medic.escalated", {("dispatch", "r1"): desk_view("r1", "offered", 2), other: offer("r1", "open")},
        by="timer", cmd="medic.wave", id_="request/r1/ladder@1",
    )  # fmt: skip
    taken = desk_view("r1", "accepted", 2, holder=MEDIC)
    book.commit(
        at + 25_000, "medic.accepted",
        {("dispatch", "r1"): taken, mine: offer("r1", "won"), other: offer("r1", "stood_down")},
        by=MEDIC, cmd="medic.accept", id_="a1",
    )  # fmt: skip
    times = {"called": at, "accepted": at + 25_000}
    book.truth.requests["r1"] = Request(
        id="r1", caller=CALLER, called_at=at, grace_until=at, state="accepted", holder=MEDIC, claim="open_call/caller",
        wave=2, ladder_at=at, times=times,
    )  # fmt: skip
    book.truth.claims["open_call/caller"] = "r1"
    book.truth.sets["requests"].add("r1")
    for name, state in ((MEDIC, "busy"), (OTHER, "on")):
        request = "r1" if state == "busy" else ""
        book.truth.medics[name] = Medic(id=name, name=name, state="busy" if request else "on", request=request)
        book.truth.sets["medics"].add(name)
    book.answer(CALLER, "medic.call", "c1", {}, {"request": "r1", "candidates": 1})
    book.answer(MEDIC, "medic.accept", "a1", {"request": "r1"}, {"request": "r1", "state": "accepted"})
    winner = {"winner": {"person": MEDIC, "name": MEDIC}}
    act = book.answer(OTHER, "medic.accept", "a2", {"request": "r1"}, None, "taken")
    act.answers = [Answered(False, "taken", winner, "socket")]
    book.rest()
    return book
