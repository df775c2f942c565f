"""What is kept: old records decode, alarms ring as they should."""

from __future__ import annotations

import msgspec
import pytest

from channels.alarms import Alarm
from channels.medic_data import Answers
from channels.medic_state import LINE, PAST, Request, asked, moved_to, rung, with_line
from channels.offers import Candidate

REQUEST = Request(id="r", caller="ani", called_at=1, grace_until=5_001, times={"called": 1})


def test_the_oldest_record_decodes() -> None:
    """Fields that came later have defaults."""
    oldest = msgspec.msgpack.encode({"id": "r", "caller": "ani", "called_at": 1, "grace_until": 5_001})
    decoded = msgspec.msgpack.decode(oldest, type=Request)
    assert decoded == msgspec.structs.replace(REQUEST, times={})


@pytest.mark.parametrize(
    ("answers", "priority"),
    [
        (Answers(), "yellow"),
        (Answers(breathing="no"), "red"),
        (Answers(awake="no"), "red"),
        (Answers(bleeding="heavy"), "red"),
        (Answers("yes", "yes", "none"), "green"),
        (Answers("yes", "yes", "some"), "yellow"),
    ],
)
def test_priority(answers: Answers, priority: str) -> None:
    """Unknown is not harmless."""
    assert msgspec.structs.replace(REQUEST, answers=answers).priority == priority


def test_backup_is_always_red() -> None:
    """Whoever is with the patient asks for more."""
    assert msgspec.structs.replace(REQUEST, backup=True).priority == "red"


def test_an_alarm_counts_and_keeps_its_silence() -> None:
    """It rings again and again, but not while somebody has it."""
    first = rung(REQUEST, "unanswered", 10)
    again = rung(first, "unanswered", 20)
    assert again.alarms["unanswered"] == Alarm(at=10, count=2)
    taken = {"unanswered": Alarm(at=10, taken_by="endah", silent_until=100)}
    silent = msgspec.structs.replace(REQUEST, alarms=taken)
    assert rung(silent, "unanswered", 99) == silent
    assert rung(silent, "unanswered", 100).alarms["unanswered"] == Alarm(at=10, count=2, untaken_at=100)


def test_a_drill_never_alarms() -> None:
    """Practice disturbs no desk."""
    drill = msgspec.structs.replace(REQUEST, drill=True)
    assert rung(drill, "unanswered", 10) == drill


def test_accepting_ends_the_alarms_of_waiting() -> None:
    """Only a red that was rung while held stays until the end."""
    waiting = rung(rung(REQUEST, "unanswered", 10), "red", 10)
    held = moved_to(waiting, "accepted", 20, "Medic 1", holder="m1")
    assert held.alarms == {}
    later = moved_to(rung(held, "red", 30), "en_route", 40, "Medic 1")
    assert later.alarms.keys() == {"red"}
    assert moved_to(later, "cleared", 50, "Medic 1").alarms == {}
    assert later.times == {"called": 1, "accepted": 20, "en_route": 40}


def test_the_line_is_bounded() -> None:
    """A request that waits for days keeps its newest entries."""
    request = REQUEST
    for at in range(200):
        request = with_line(request, at, "wave")
    assert len(request.line) == LINE
    assert request.line[-1].at == 199


def test_names_of_states() -> None:
    """Unanswered, held and ended exclude each other; a seeking holder rings."""
    assert (REQUEST.unanswered, REQUEST.held, REQUEST.ended, REQUEST.rings) == (True, False, False, True)
    held = msgspec.structs.replace(REQUEST, state="en_route")
    assert (held.unanswered, held.held, held.rings) == (False, True, False)
    assert msgspec.structs.replace(held, seeking=True).rings
    over = moved_to(REQUEST, "cancelled", 77, "")
    assert (over.ended, over.ended_at) == (True, 77)


def test_the_first_ring_of_an_alarm_is_in_the_time_line() -> None:
    """With its reason, once: a repeating alarm does not push the other entries out."""
    again = rung(rung(REQUEST, "unanswered", 10), "unanswered", 20)
    assert [(entry.at, entry.what, entry.why) for entry in again.line] == [(10, "alarm", "unanswered")]


def test_an_end_says_why() -> None:
    """Operator, outcome or reason stand beside the end in the time line."""
    ends = [
        moved_to(REQUEST, "cancelled", 10, "", reason="solved"),
        moved_to(REQUEST, "closed", 10, "Endah", outcome="treated"),
        moved_to(REQUEST, "handed_over", 10, "Endah", outcome="handed_over", operator="Sari 119"),
    ]
    assert [one.line[-1].why for one in ends] == ["solved", "treated", "Sari 119"]


def test_an_offer_before_the_last_is_kept() -> None:
    """Whoever is asked anew keeps what was proven before, of the newest twenty."""
    sari = Candidate("m1", "Sari", "motor", True, "nearest", 100, 100.0)
    request = asked(REQUEST, (sari,), 1, 0)
    assert request.past == ()
    for at in range(1, PAST + 10):
        request = asked(request, (sari,), 1, at)
    assert [offer.at for _, offer in request.past] == list(range(9, PAST + 9))
    assert request.offers["m1"].at == PAST + 9
