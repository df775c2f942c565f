"""What is said after the tap: places, answers, who else must come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.medic_world import CALLER, DESK, HERE, HOME, OUTSIDE, STRANGER, World, medic

RED: list[dict[str, str]] = [{"breathing": "no"}, {"awake": "no"}, {"bleeding": "heavy"}]


@pytest.mark.parametrize("answers", RED)
def test_red_asks_five_and_alarms_the_desk(answers: dict[str, str]) -> None:
    """Not breathing, not awake or heavy bleeding: wave 1 takes five, the desk hears."""
    world = World()
    world.on_duty(1, 2, 3, 4, 5, 6)
    request = world.call()
    assert len(world.open_offers(request)) == 3
    world.ok("medic.describe", {"request": request, "answers": answers}, CALLER)
    assert world.open_offers(request) == ["m1", "m2", "m3", "m4", "m5"]
    assert world.seen_by(medic(1), request)["need"] == "red"
    assert f"{request}.red" in world.alarms()


@pytest.mark.parametrize(
    ("answers", "priority"),
    [
        ({}, "yellow"),
        ({"breathing": "yes"}, "yellow"),
        ({"breathing": "yes", "awake": "yes", "bleeding": "none"}, "green"),
        ({"breathing": "yes", "awake": "yes", "bleeding": "some"}, "yellow"),
    ],
)
def test_unanswered_questions_are_yellow(answers: dict[str, str], priority: str) -> None:
    """Only three good answers are green."""
    world = World()
    request = world.call()
    assert world.ok("medic.describe", {"request": request, "answers": answers}, CALLER)["priority"] == priority


def test_red_after_accepting_is_told_to_holder_and_desk() -> None:
    """Nobody more is asked once somebody comes; holder and desk read it."""
    world = World()
    one, *_ = world.on_duty(1, 2, 3, 4)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.describe", {"request": request, "answers": {"breathing": "no"}, "note": "jatuh"}, CALLER)
    won = world.seen_by(one, request)
    assert (won["need"], won["note"], won["answers"]["breathing"]) == ("red", "jatuh", "no")
    assert world.open_offers(request) == []
    assert f"{request}.red" in world.alarms()


def test_a_first_place_asks_the_nearest() -> None:
    """Those asked blindly keep their offers; the three nearest are asked as well."""
    world = World()
    world.on_duty(*range(1, 10))
    request = world.ok("medic.call", {}, CALLER)["request"]
    blind = set(world.open_offers(request))
    world.ok("medic.describe", {"request": request, "kelurahan": "kranggan"}, CALLER)
    offers = world.request(request).offers
    assert len(offers) == 6
    assert {offers[who].reason for who in offers.keys() - blind} == {"nearest"}


def test_a_better_fix_follows_and_the_holder_sees_it() -> None:
    """A later location replaces the first."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.accept(request, one)
    better = {**HERE, "lat": HOME[0] + 0.0001, "accuracy_m": 5.0}
    world.ok("medic.describe", {"request": request, "location": better}, CALLER)
    assert world.seen_by(one, request)["location"]["lat"] == better["lat"]


def test_a_fix_outside_does_not_move_a_call_out_of_the_city() -> None:
    """Once the kelurahan is known, a stray fix changes nothing of it."""
    world = World()
    world.on_duty(1)
    request = world.call()
    world.ok("medic.describe", {"request": request, "location": OUTSIDE}, CALLER)
    assert not world.request(request).outside_city
    assert world.request(request).kelurahan == "kranggan"


def test_naming_a_kelurahan_brings_an_outside_call_in() -> None:
    """The waves start at once, the alarm of the outside is over."""
    world = World()
    world.on_duty(1)
    request = world.call(location=OUTSIDE)
    world.ok("medic.describe", {"request": request, "kelurahan": "meri"}, CALLER)
    assert world.open_offers(request) == ["m1"]
    assert world.alarms() == {}
    view = world.seen_by(CALLER, request)
    assert view["advice"] is None
    assert "outside_city" not in view


def test_the_callers_yes_links() -> None:
    """Only the caller's yes or the desk's merge links two requests; no answer leaves two."""
    world = World()
    first, second = world.call(), world.call(STRANGER)
    assert world.request(second).linked == ()
    world.ok("medic.describe", {"request": second, "same": True}, STRANGER)
    assert world.view("dispatch", second)["linked"] == [first]
    assert world.request(second).state == "called"


def test_a_no_takes_the_mark_away() -> None:
    """Not the same: the mark is gone."""
    world = World()
    world.call()
    second = world.call(STRANGER)
    world.ok("medic.describe", {"request": second, "same": False}, STRANGER)
    assert world.request(second).maybe_same == ()
    assert "maybe_same" not in world.seen_by(STRANGER, second)


@pytest.mark.parametrize("data", [{"note": "😀" * 251}, {"kelurahan": "gubeng"}])
def test_bad_words_are_refused_with_their_path(data: dict[str, Any]) -> None:
    """A note over 1000 bytes and an unknown kelurahan are `bad_data`."""
    world = World()
    refusal = world.no("medic.describe", {"request": world.call(), **data}, CALLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", f"data.{next(iter(data))}")


def test_the_same_again_writes_nothing() -> None:
    """Describing what is known already is no commit."""
    world = World()
    request = world.call(phone="0812345678")
    commits = world.commits
    world.ok("medic.describe", {"request": request, "phone": "0812345678"}, CALLER)
    assert world.commits == commits


def test_only_the_caller_and_the_desk_describe() -> None:
    """Somebody else's request is not described; the desk does it for callers by phone."""
    world = World()
    request = world.ok("medic.call", {"source": "phone_112", "kelurahan": "meri"}, DESK)["request"]
    assert world.no("medic.describe", {"request": request, "note": "x"}, CALLER).code == "not_allowed"
    world.ok("medic.describe", {"request": request, "note": "x", "patients": 2}, DESK)
    assert world.view("dispatch", request)["patients"] == 2
