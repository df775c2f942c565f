"""The desk: assign, escalate, merge, hand over, close, alarms."""

from __future__ import annotations

import pytest

from tests.channels.medic_world import CALLER, DESK, OTHER_DESK, STRANGER, World, medic


def test_assign_gives_it_to_a_medic_and_tells_the_former_holder() -> None:
    """The former holder is stood down by the new one's name and free; the new one is busy."""
    world = World()
    one, two, three = world.on_duty(1, 2, 3)
    request = world.call()
    world.accept(request, one)
    answer = world.ok("medic.assign", {"request": request, "medic": "m3"}, DESK)
    assert answer["state"] == "accepted"
    assert world.seen_by(one, request)["winner"]["name"] == "Medic 3"
    assert world.seen_by(three, request)["assigned"] is True
    assert (world.duty(one).state, world.duty(three).state) == ("on", "busy")
    assert world.seen_by(two, request)["state"] == "stood_down"
    assert world.ok("medic.assign", {"request": request, "medic": "m3"}, DESK)["state"] == "accepted"


def test_assign_reaches_who_was_not_offered() -> None:
    """The desk may pick anybody on duty, deaf or far."""
    world = World()
    world.on_duty(7, reachable=False)
    request = world.call()
    world.ok("medic.assign", {"request": request, "medic": "m7"}, DESK)
    assert world.request(request).offers["m7"].reason == "assigned"
    assert world.seen_by(medic(7), request)["location"]
    assert world.alarms() == {}


def test_assign_refuses_the_busy_the_absent_and_the_unknown() -> None:
    """Nobody holds two, nobody is sent from the sofa."""
    world = World()
    one, two = world.on_duty(1, 2)
    world.accept(world.call(), one)
    request = world.call(STRANGER)
    assert world.no("medic.assign", {"request": request, "medic": "m1"}, DESK).code == "busy"
    world.ok("medic.duty", {"on": False}, two)
    assert world.no("medic.assign", {"request": request, "medic": "m2"}, DESK).code == "illegal_step"
    assert world.no("medic.assign", {"request": request, "medic": "m9"}, DESK).code == "not_found"


def test_an_assigned_medic_who_does_not_come_is_watched_too() -> None:
    """The same 90 s as after accepting."""
    world = World()
    world.on_duty(1)
    request = world.call()
    world.ok("medic.assign", {"request": request, "medic": "m1"}, DESK)
    world.pass_ms(90_000)
    assert f"{request}.not_under_way" in world.alarms()


@pytest.mark.parametrize(
    ("cmd", "more"),
    [
        ("medic.assign", {"medic": "m2"}),
        ("medic.cancel", {"reason": "other"}),
        ("medic.escalate", {}),
        ("medic.close", {"outcome": "treated"}),
        ("medic.hand_over", {"operator": "Sari"}),
        ("medic.merge", {}),
    ],
)
def test_a_step_of_the_desk_on_what_changed_hands_is_taken(cmd: str, more: dict[str, str]) -> None:
    """Who saw nobody holding it, or another, hears who holds it now; who saw the holder is obeyed."""
    world = World()
    one, _ = world.on_duty(1, 2)
    request, other = world.call(), world.call(STRANGER)
    world.accept(request, one)
    data = {"request": request, **more, **({"into": other} if cmd == "medic.merge" else {})}
    for seen in ("", "m2"):
        refusal = world.no(cmd, {**data, "holder": seen}, OTHER_DESK)
        assert refusal.code == "taken"
        assert refusal.data == {"winner": {"person": "m1", "name": "Medic 1"}, "state": "accepted"}
    world.ok(cmd, {**data, "holder": "m1"}, DESK)


def test_a_step_of_the_desk_on_what_was_released_is_taken_by_nobody() -> None:
    """Who saw a holder hears that there is none."""
    world = World()
    one, _ = world.on_duty(1, 2)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.release", {"request": request}, one)
    refusal = world.no("medic.close", {"request": request, "outcome": "treated", "holder": "m1"}, DESK)
    assert (refusal.code, (refusal.data or {})["winner"]) == ("taken", {"person": "", "name": ""})


def test_two_desks_that_assign_the_same_medic_agree() -> None:
    """Nothing was undone, so nobody is refused."""
    world = World()
    world.on_duty(1)
    request = world.call()
    for desk in (DESK, OTHER_DESK):
        answer = world.ok("medic.assign", {"request": request, "medic": "m1", "holder": ""}, desk)
        assert answer["state"] == "accepted"


def test_escalate_starts_the_next_wave_now() -> None:
    """3 more, then everybody; the schedule goes on from there."""
    world = World()
    world.on_duty(*range(1, 12))
    request = world.call()
    assert world.ok("medic.escalate", {"request": request}, DESK) == {"request": request, "wave": 2}
    assert len(world.open_offers(request)) == 6
    world.ok("medic.escalate", {"request": request}, DESK)
    assert len(world.open_offers(request)) == 11
    world.pass_ms(79_999)
    assert world.request(request).wave == 3
    world.pass_ms(1)
    assert world.request(request).wave == 4


def test_escalate_beside_a_holder_asks_others() -> None:
    """The holder keeps it until another accepts."""
    world = World()
    one, *_ = world.on_duty(1, 2)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.escalate", {"request": request}, DESK)
    assert world.open_offers(request) == ["m2"]
    assert world.request(request).holder == "m1"


def test_merge_closes_one_as_duplicate_and_links_the_other() -> None:
    """`closed`, outcome duplicate, merged_into; its phones fall silent; the other lists it."""
    world = World()
    one, two = world.on_duty(1, 2)
    first, second = world.call(), world.call(STRANGER)
    world.accept(second, two)
    world.ok("medic.merge", {"request": second, "into": first}, DESK)
    view = world.view("dispatch", second)
    assert (view["state"], view["outcome"], view["merged_into"]) == ("closed", "duplicate", first)
    assert world.view("dispatch", first)["linked"] == [second]
    assert world.seen_by(one, second)["state"] == "stood_down"
    assert world.duty(two).state == "on"
    assert world.no("medic.merge", {"request": first, "into": second}, DESK).code == "illegal_step"
    assert world.no("medic.merge", {"request": first, "into": first}, DESK).code == "illegal_step"
    assert world.no("medic.merge", {"request": first, "into": "none"}, DESK).code == "not_found"


def test_hand_over_needs_a_name() -> None:
    """Handed over to a named operator, not to a word."""
    world = World()
    request = world.call()
    refusal = world.no("medic.hand_over", {"request": request, "operator": "  "}, DESK)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.operator")
    world.ok("medic.hand_over", {"request": request, "operator": "Sari", "reference": "A-7"}, DESK)
    view = world.view("dispatch", request)
    assert (view["state"], view["operator"], view["reference"]) == ("handed_over", "Sari", "A-7")
    assert world.seen_by(CALLER, request)["state"] == "handed_over"
    assert world.claims == {}


@pytest.mark.parametrize("outcome", ["treated", "unfounded", "duplicate", "handed_over"])
def test_close_ends_with_an_outcome_and_frees_the_holder(outcome: str) -> None:
    """The holder reads the end and is free."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.close", {"request": request, "outcome": outcome, "note": "selesai"}, DESK)
    assert world.view("dispatch", request)["outcome"] == outcome
    assert world.seen_by(one, request)["request_state"] == "closed"
    assert world.duty(one).state == "on"
    remembered = world.things.get(("caller", "ani"))
    assert (remembered is not None) == (outcome == "unfounded")


def test_a_drill_is_not_the_desks() -> None:
    """It is no request on the board, and the desk cannot touch it."""
    world = World()
    request = world.call(drill=True)
    assert world.view("dispatch", request)["type"] == "drill"
    assert world.no("medic.close", {"request": request, "outcome": "treated"}, DESK).code == "not_found"
    other = world.call(STRANGER)
    assert world.no("medic.merge", {"request": other, "into": request}, DESK).code == "not_found"


# -- alarms -------------------------------------------------------------------------


def test_taking_an_alarm_names_the_handler_and_silences_it_for_a_minute() -> None:
    """On every screen at once; after 60 s it rings again if the request still waits."""
    world = World()
    request = world.call()
    alarm = f"{request}.no_candidates"
    answer = world.ok("alarm.take", {"alarm": alarm}, DESK)
    assert answer == {"alarm": alarm, "silent_until": world.now + 60_000}
    view = world.view("dispatch", alarm)
    assert (view["state"], view["taken_by"], view["silent_until"]) == ("taken", "Endah", world.now + 60_000)
    refusal = world.no("alarm.take", {"alarm": alarm}, OTHER_DESK)
    assert (refusal.code, refusal.data) == ("taken", {"winner": {"person": "endah", "name": "Endah"}})
    world.pass_ms(59_999)
    assert world.view("dispatch", alarm)["state"] == "taken"
    world.pass_ms(1)
    assert (world.view("dispatch", alarm)["state"], world.view("dispatch", alarm)["count"]) == ("ringing", 2)
    world.ok("alarm.take", {"alarm": alarm}, OTHER_DESK)


def test_a_repeat_does_not_break_the_silence() -> None:
    """Taken at 75 s: the repeats of 80 and 110 s are silent, it rings at 135 s."""
    world = World()
    request = world.call()
    alarm = f"{request}.unanswered"
    world.pass_ms(75_000)
    world.ok("alarm.take", {"alarm": alarm}, DESK)
    world.pass_ms(59_999)
    assert world.view("dispatch", alarm)["state"] == "taken"
    world.pass_ms(1)
    assert world.view("dispatch", alarm)["state"] == "ringing"


def test_an_alarm_that_is_over_cannot_be_taken() -> None:
    """Accepted meanwhile: there is nothing left to take."""
    world = World()
    request = world.call()
    world.on_duty(1)
    world.accept(request, medic(1))
    assert world.alarms() == {}
    for alarm in (f"{request}.no_candidates", "nothing.unanswered", "m1.deaf", "word"):
        assert world.no("alarm.take", {"alarm": alarm}, DESK).code == "not_found"


def test_a_red_alarm_taken_after_accepting_stays_over() -> None:
    """Somebody comes and the desk knows: it does not ring again."""
    world = World()
    world.on_duty(1)
    request = world.call()
    world.accept(request, medic(1))
    world.ok("medic.describe", {"request": request, "answers": {"awake": "no"}}, CALLER)
    world.ok("alarm.take", {"alarm": f"{request}.red"}, DESK)
    world.pass_ms(60_000)
    assert world.alarms() == {}
