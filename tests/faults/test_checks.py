"""The checks are checked: what must never be is done on purpose, by the harness, and each of them sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import uvloop

from hub.app import CITY
from hub.keys import Keys
from tests.faults.book import CALLED_AT, CALLER, EPOCH, MEDIC, OTHER, Book, desk_view, offer, small_city
from tests.faults.city import City
from tests.faults.crowd import Size
from tests.faults.history import Answered
from tests.faults.replay import Violation
from tests.faults.resp import LostEntry
from tests.faults.run import Plan, Report, compare, living_city, settle_and_compare
from tests.faults.truth import change_of

replace = msgspec.structs.replace
PLAN = Plan(seconds=6, seed=11, size=Size(residents=12, medics=6, dispatchers=1, shops=2, followers=4))


def violations(book: Book) -> list[Violation]:
    return compare(PLAN, book.truth, [book.desk], EPOCH, []).violations


# -- on paper ------------------------------------------------------------------


def entry_removed(book: Book) -> None:
    del book.truth.log[1]


def table_edited(book: Book) -> None:
    book.truth.tables["dispatch"]["r1"] = desk_view("r1", "cleared", 2, holder=MEDIC)


def outcome_forgotten(book: Book) -> None:
    del book.truth.outcomes[CALLER, "c1"]


def request_gone(book: Book) -> None:
    del book.truth.requests["r1"]


def commit_gone(book: Book) -> None:
    del book.truth.audit[0]


def never_answered(book: Book) -> None:
    book.desk.acts[0].answers = []


def committed_twice(book: Book) -> None:
    book.truth.audit.append(replace(book.truth.audit[0], commit=book.truth.commit + 1))


def answered_otherwise(book: Book) -> None:
    book.desk.acts[0].answers.append(Answered(True, "", {"request": "r2", "candidates": 1}, "http"))


def change_skipped(book: Book) -> None:
    """The client was never told of the second commit, and went on."""
    del book.desk.told[1]
    book.desk.told[1] = replace(book.desk.told[1], before=1)


def went_back(book: Book) -> None:
    book.desk.told.append(replace(book.desk.told[0], before=3, after=1))


def told_what_never_was(book: Book) -> None:
    told = book.desk.told[1]
    book.desk.told[1] = replace(told, said=(replace(told.said[0], view=1),))


def told_another_past(book: Book) -> None:
    told = book.desk.told[2]
    book.desk.told[2] = replace(told, said=(replace(told.said[0], prev=1),))


def applied_and_not_shown(book: Book) -> None:
    book.desk.told[1] = replace(book.desk.told[1], taken=False)


def left_behind(book: Book) -> None:
    book.desk.final["dispatch"] = replace(book.desk.final["dispatch"], offset=2)


def table_differs(book: Book) -> None:
    book.desk.final["dispatch"] = replace(book.desk.final["dispatch"], things={})


def taken_over(book: Book) -> None:
    """Another medic's accept takes the request from a holder who is on the way."""
    views = {
        ("dispatch", "r1"): desk_view("r1", "accepted", 2, holder=OTHER),
        (f"help/{OTHER}", "r1"): offer("r1", "won"),
        (f"help/{MEDIC}", "r1"): offer("r1", "stood_down"),
    }
    book.commit(CALLED_AT + 26_000, "medic.accepted", views, by=OTHER, cmd="medic.accept", id_="a2")
    book.rest()


def both_won(book: Book) -> None:
    book.commit(
        CALLED_AT + 26_000, "medic.won", {(f"help/{OTHER}", "r1"): offer("r1", "won")}, by=OTHER, cmd="x", id_="a2"
    )


def won_and_never_held(book: Book) -> None:
    book.answer(OTHER, "medic.accept", "a9", {"request": "r1"}, {"request": "r1"})


def two_patients(book: Book) -> None:
    book.commit(
        CALLED_AT + 26_000, "medic.accepted", {("dispatch", "r2"): desk_view("r2", "accepted", 0, holder=MEDIC)},
        by=MEDIC, cmd="medic.accept", id_="a5",
    )  # fmt: skip
    book.rest()


def duty_forgets(book: Book) -> None:
    book.truth.medics[MEDIC] = replace(book.truth.medics[MEDIC], state="on", request="")


def wave_never_came(book: Book) -> None:
    """Nothing happened for a minute after the second wave was due."""
    log = book.truth.log
    late = [replace(entry, at=entry.at + 60_000) for entry in log[1:]]
    book.truth.log = [log[0], *late]
    book.truth.now += 60_000


def wave_left_out(book: Book) -> None:
    _second_wave(book, at=CALLED_AT + 20_000, wave=3)


def wave_came_early(book: Book) -> None:
    _second_wave(book, at=CALLED_AT + 12_000, wave=2)


def _second_wave(book: Book, at: int, wave: int) -> None:
    entry = book.truth.log[1]
    first = entry.changes[0]
    changed = change_of(first.topic, first.prev, first.id, first.kind, desk_view("r1", "offered", wave))
    changes = (changed, *entry.changes[1:])
    book.truth.log[1] = replace(entry, at=at, changes=changes)


def timer_lost(book: Book) -> None:
    book.truth.timers["urgent"].clear()


def timer_left(book: Book) -> None:
    book.truth.timers["urgent"]["request/r1/ladder"] = CALLED_AT + 40_000


def timer_overdue(book: Book) -> None:
    book.truth.now += 3_600_000


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        ("log", entry_removed),
        ("log", table_edited),
        ("lost", outcome_forgotten),
        ("lost", request_gone),
        ("lost", commit_gone),
        ("lost", never_answered),
        ("doubled", committed_twice),
        ("doubled", answered_otherwise),
        ("told", change_skipped),
        ("told", went_back),
        ("told", told_what_never_was),
        ("told", told_another_past),
        ("told", applied_and_not_shown),
        ("tables", left_behind),
        ("tables", table_differs),
        ("winners", taken_over),
        ("winners", both_won),
        ("winners", won_and_never_held),
        ("patients", two_patients),
        ("patients", duty_forgets),
        ("escalations", wave_never_came),
        ("escalations", wave_left_out),
        ("escalations", wave_came_early),
        ("escalations", timer_lost),
        ("escalations", timer_left),
        ("escalations", timer_overdue),
    ],
    ids=lambda value: value.__name__ if callable(value) else value,
)
def test_each_wrong_is_seen(check: str, wrong: Callable[[Book], None]) -> None:
    """A history with one thing wrong in it is caught by the check for it."""
    book = small_city()
    wrong(book)
    assert check in {one.check for one in violations(book)}


def test_nothing_is_seen_where_nothing_is() -> None:
    """A history in which everything is as it should be passes every check."""
    assert violations(small_city()) == []


def test_a_disturbed_worker_may_be_late() -> None:
    """A wave that came late because no worker could run it is no fault."""
    book = small_city()
    wave_never_came(book)
    disturbed = [(CALLED_AT + 20_500, CALLED_AT + 200_000)]
    found = compare(PLAN, book.truth, [book.desk], EPOCH, disturbed).violations
    assert not [one for one in found if "had not come" in one.why]


# -- in a real city ------------------------------------------------------------


class Wronged(msgspec.Struct):
    """What the harness did to a running city, and what the checks said."""

    report: Report
    lost: LostEntry
    doubled: str
    skipper: str

    def seen(self, check: str) -> list[Violation]:
        return [one for one in self.report.violations if one.check == check]


async def wrong_a_city() -> Wronged:
    """A publish is lost on its way to a hub, a command is committed twice, a client skips a change."""
    lost = LostEntry(lane_count=1, wanted=lambda entry: b"medic.called" in entry)
    city = City(pairs=1, workers=1, filters={"help 1": lost.filter})
    async with living_city(PLAN, lambda line: None, city) as run:
        crowd, skipper, buyer = run.crowd, run.crowd.medics[0], run.crowd.followers[0]
        run.lives.start()
        lost.armed = True
        skipper.skip = f"help/{skipper.person}"
        shop = crowd.shops[0]
        line: dict[str, Any] = {"product": shop["products"][0]["id"], "quantity": 1}
        line["price"] = shop["products"][0]["price"]
        await buyer.act(
            "order.place",
            {"shop": shop["id"], "lines": [line], "fulfilment": "pickup", "name": "Ani", "phone": "0812345678"},
        )
        act = buyer.history.acts[-1]
        await asyncio.to_thread(run.reader.store.delete, Keys(CITY).outcome(buyer.person, act.id))
        await buyer.ask_again(act)
        await asyncio.sleep(PLAN.seconds)
        report = await settle_and_compare(run)
    return Wronged(report, lost, act.id, skipper.history.name)


@pytest.fixture(scope="module")
def wronged() -> Wronged:
    return uvloop.run(wrong_a_city())


@pytest.mark.timeout(180)
def test_a_lost_publish_is_seen(wronged: Wronged) -> None:
    """An entry that one hub never got, although the log has it, is seen with those who were told around it."""
    topics = {f"{topic}" for topic in wronged.lost.prevs}
    told = {one.subject.split()[-1] for one in wronged.seen("told")}
    assert "dispatch" in told & topics


@pytest.mark.timeout(180)
def test_a_double_commit_is_seen(wronged: Wronged) -> None:
    """A command that took effect twice, because its outcome was forgotten, is seen."""
    assert wronged.doubled in {one.subject for one in wronged.seen("doubled")}


@pytest.mark.timeout(180)
def test_a_skipped_change_is_seen(wronged: Wronged) -> None:
    """A client that believes to know what it never applied is seen."""
    assert any(one.subject.startswith(wronged.skipper + " ") for one in wronged.seen("told"))


@pytest.mark.timeout(180)
def test_nothing_else_is_seen(wronged: Wronged) -> None:
    """What was left alone is not accused."""
    accused = {one.check for one in wronged.report.violations}
    assert accused <= {"told", "tables", "doubled", "lost"}, [one.why for one in wronged.report.violations]
    acts = {one.subject for check in ("doubled", "lost") for one in wronged.seen(check)}
    assert acts == {wronged.doubled}
    topics = {*wronged.lost.prevs}
    others = [one for one in wronged.seen("told") if not one.subject.startswith(wronged.skipper + " ")]
    assert {one.subject.split()[-1] for one in others} <= topics
