"""The call: taken in every case, rung by the rules."""

from __future__ import annotations

from typing import Any

import pytest

from hub.contract import HUB, Actor, Reach
from tests.channels.medic_world import (
    CALLER,
    DESK,
    HERE,
    HOME,
    OUTSIDE,
    STRANGER,
    World,
    medic,
)


def test_nobody_on_duty_is_said_in_the_reply() -> None:
    """No candidate: the reply has 0, 119 is advised, the desk's alarm sounds."""
    world = World()
    answer = world.ok("medic.call", {"location": HERE}, CALLER)
    assert answer["candidates"] == 0
    view = world.seen_by(CALLER, answer["request"])
    assert (view["state"], view["advice"], view["shortfall"]) == ("called", "call_119", "no_candidates")
    alarm = world.view("dispatch", f"{answer['request']}.no_candidates")
    assert (alarm["state"], alarm["reason"], alarm["request"]) == ("ringing", "no_candidates", answer["request"])


def test_deaf_and_busy_are_no_candidates() -> None:
    """Who does not hear, or has a patient, is not asked in the first wave; the shortfall says why."""
    world = World()
    world.on_duty(1)
    world.accept(world.call(), medic(1))
    world.on_duty(2, reachable=False)
    request = world.call(STRANGER)
    assert world.request(request).offers == {}
    assert world.request(request).shortfall == "deaf"


def test_a_stale_fix_does_not_count() -> None:
    """A fix over 30 min ranks its medic after all others, with the reason."""
    world = World()
    world.on_duty(1)
    world.pass_ms(30 * 60_000 + 1)
    world.on_duty(5)
    offers = world.request(world.call()).offers
    assert list(offers) == ["m5", "m1"]
    assert (offers["m1"].reason, offers["m1"].distance_m) == ("stale_fix", None)
    assert (offers["m5"].reason, offers["m5"].distance_m) == ("nearest", 500)


def test_a_call_without_place_asks_by_the_last_here() -> None:
    """No place: who answered last is asked first, reason `no_location`."""
    world = World()
    world.on_duty(1, 2, 3, 4)
    world.here["m4"] = Reach(connected=True, audible=True, here_at=world.now + 9)
    offers = world.request(world.ok("medic.call", {}, CALLER)["request"]).offers
    assert next(iter(offers)) == "m4"
    assert {offer.reason for offer in offers.values()} == {"no_location"}
    assert len(offers) == 3


def test_a_named_kelurahan_is_a_place_to_search_from() -> None:
    """The kelurahan alone finds the nearest, too."""
    world = World()
    world.on_duty(1, 2)
    request = world.ok("medic.call", {"kelurahan": "kranggan"}, CALLER)["request"]
    assert world.request(request).offers["m1"].reason == "nearest"
    assert world.seen_by(medic(1), request)["kelurahan"] == "kranggan"


def test_outside_the_city_rings_nobody_and_the_desk_decides() -> None:
    """Taken and marked, 119 first, no ring; the desk starts the waves if it wants."""
    world = World()
    world.on_duty(1)
    answer = world.ok("medic.call", {"location": OUTSIDE}, CALLER)
    request = answer["request"]
    assert answer["candidates"] == 0
    view = world.seen_by(CALLER, request)
    assert (view["outside_city"], view["advice"], view["state"]) == (True, "call_119", "called")
    assert f"{request}.outside_city" in world.alarms()
    world.pass_ms(300_000)
    assert world.request(request).offers == {}
    world.ok("medic.escalate", {"request": request}, DESK)
    assert world.open_offers(request) == ["m1"]


def test_a_coarse_fix_outside_is_no_place() -> None:
    """A fix whose circle holds the city says neither where nor outside; a named kelurahan goes before it."""
    world = World()
    world.on_duty(1)
    coarse = {**OUTSIDE, "accuracy_m": 80_000.0}
    request = world.ok("medic.call", {"location": coarse}, CALLER)["request"]
    assert not world.request(request).outside_city
    assert world.request(request).place is None
    named = world.ok("medic.call", {"location": OUTSIDE, "kelurahan": "meri"}, STRANGER)["request"]
    assert not world.request(named).outside_city
    assert world.request(named).kelurahan == "meri"


def test_unknown_kelurahan_is_bad_data() -> None:
    """A kelurahan of another city is refused with the path."""
    refusal = World().no("medic.call", {"kelurahan": "gubeng"}, CALLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.kelurahan")


def test_an_old_call_asks_first() -> None:
    """Over 120 s old is `too_late`, not recorded, unless the person confirms; then it is taken."""
    world = World()
    refusal = world.no("medic.call", {"location": HERE}, CALLER, age_ms=120_001)
    assert (refusal.code, refusal.record) == ("too_late", False)
    assert world.things == {}
    assert world.ok("medic.call", {"location": HERE, "confirmed": True}, CALLER, age_ms=120_001)["request"]
    assert world.ok("medic.call", {"location": HERE}, STRANGER, age_ms=120_000)["request"]


def test_a_call_after_the_end_is_a_new_request() -> None:
    """The claim of an ended request is free again."""
    world = World()
    world.on_duty(1)
    first = world.call()
    world.ok("medic.cancel", {"request": first}, CALLER)
    assert world.call() != first


@pytest.mark.parametrize("other", [{"drill": True}, {"urgency": "visit"}])
def test_drill_and_visit_absorb_no_real_call(other: dict[str, Any]) -> None:
    """Neither a practice nor a visit ever answers for an emergency."""
    world = World()
    world.on_duty(1)
    world.call(**other)
    answer = world.ok("medic.call", {"location": HERE}, CALLER)
    assert "existing" not in answer
    assert answer["candidates"] == 1


def test_a_visit_rings_nobody() -> None:
    """A visit goes to the desk's list: no offer, no alarm, no advice, no wave."""
    world = World()
    world.on_duty(1)
    request = world.call(urgency="visit")
    world.pass_ms(300_000)
    assert world.request(request).offers == {}
    assert world.alarms() == {}
    assert world.view("dispatch", request)["urgency"] == "visit"
    assert world.seen_by(CALLER, request)["advice"] is None
    world.ok("medic.escalate", {"request": request}, DESK)
    assert world.open_offers(request) == ["m1"]


def test_phone_callers_are_requests_of_their_own() -> None:
    """The desk enters any number of calls; they claim nothing and have callers of their own."""
    world = World()
    world.on_duty(1)
    data = {"location": HERE, "source": "phone_119"}
    first, second = (world.ok("medic.call", data, DESK) for _ in range(2))
    assert first["request"] != second["request"]
    assert world.claims == {}
    callers = {world.request(one["request"]).caller for one in (first, second)}
    assert len(callers) == 2
    assert "endah" not in callers
    assert not any(topic.startswith("help/phone") for topic in world.tables)


def test_sources_are_not_borrowed() -> None:
    """A resident is no phone operator, the desk no app; `sim` exists only in a demo."""
    world = World()
    assert world.no("medic.call", {"source": "phone_119"}, CALLER).code == "bad_data"
    assert world.no("medic.call", {"location": HERE}, DESK).code == "bad_data"
    assert world.request(world.call(source="sim")).source == "app"
    world.demo = True
    assert world.request(world.call(STRANGER, source="sim")).source == "sim"


def test_the_offer_says_whose_hand_called() -> None:
    """A simulated medic can leave a human's call to humans."""
    world = World()
    world.on_duty(1)
    assert world.seen_by(medic(1), world.call())["source"] == "app"


def test_a_new_device_is_marked_not_blocked() -> None:
    """A device without a record is taken, and marked `unverified` for the desk."""
    world = World()
    request = world.call(Actor("new", "resident", verified=False))
    assert world.view("dispatch", request)["unverified"] is True


def test_nearby_calls_are_marked_not_swallowed() -> None:
    """Two exact calls within 150 m and 10 min are marked; both stay requests."""
    world = World()
    world.on_duty(1)
    first = world.call()
    near = {**HERE, "lat": HOME[0] + 0.001}
    second = world.call(STRANGER, location=near)
    assert world.request(second).maybe_same == (first,)
    assert world.view("dispatch", second)["maybe_same"] == [first]
    assert world.seen_by(STRANGER, second)["maybe_same"] is True
    assert first not in str(world.seen_by(STRANGER, second))


@pytest.mark.parametrize(
    ("location", "wait_ms"),
    [
        ({**HERE, "accuracy_m": 50.0}, 0),
        ({**HERE, "lat": HOME[0] + 0.0015}, 0),
        (HERE, 600_001),
    ],
)
def test_far_coarse_or_late_is_not_the_same(location: dict[str, float], wait_ms: int) -> None:
    """Accuracy of 50 m, 150 m apart, or over 10 min later: no mark."""
    world = World()
    world.on_duty(1)
    world.call()
    world.pass_ms(wait_ms)
    assert world.request(world.call(STRANGER, location=location)).maybe_same == ()


def test_two_unfounded_calls_go_to_a_staffed_desk_first() -> None:
    """The desk hears first for 15 s, then the waves start by themselves."""
    world = World()
    world.on_duty(1)
    for _ in range(2):
        world.ok("medic.close", {"request": world.call(), "outcome": "unfounded"}, DESK)
    unstaffed = world.call()
    assert world.open_offers(unstaffed) == ["m1"]
    world.ok("medic.close", {"request": unstaffed, "outcome": "treated"}, DESK)
    world.here[DESK.person] = Reach(connected=True)
    world.ok("medic.desk_presence", {"person": DESK.person, "reachable": False, "connected": True}, HUB)
    request = world.call()
    assert world.open_offers(request) == []
    assert f"{request}.unanswered" in world.alarms()
    world.pass_ms(14_999)
    assert world.open_offers(request) == []
    world.pass_ms(1)
    assert world.open_offers(request) == ["m1"]
    world.pass_ms(20_000)
    assert world.request(request).wave == 2


def test_old_unfounded_calls_are_forgiven() -> None:
    """After 30 days the device rings phones at once."""
    world = World()
    for _ in range(2):
        world.ok("medic.close", {"request": world.call(), "outcome": "unfounded"}, DESK)
    world.here[DESK.person] = Reach(connected=True)
    world.ok("medic.desk_presence", {"person": DESK.person, "reachable": False, "connected": True}, HUB)
    world.pass_ms(30 * 86_400_000 + 1)
    world.on_duty(1)
    assert world.open_offers(world.call()) == ["m1"]


def test_a_stale_claim_never_costs_a_call() -> None:
    """A name that an ended request still holds is a fault somewhere else; the call is taken."""
    world = World()
    world.on_duty(1)
    world.claims["open_call/ani"] = "gone"
    assert world.open_offers(world.call()) == ["m1"]
