"""Ended requests are counted once, on a clock that the test moves."""

from __future__ import annotations

from typing import Any

from channels.medic_times import INTERVALS, bucket_of, middle_ms
from channels.van_days import DAY_MS, day_of
from hub.contract import TIMER
from tests.channels.medic_world import CALLER, DESK, STRANGER, World, medic

WAY = (("en_route", 30_000), ("on_scene", 300_000), ("at_patient", 45_000), ("cleared", 600_000))


def whole(world: World, accepts_ms: int = 20_000) -> str:
    """One call that is heard, accepted and brought to its end."""
    request = world.call()
    world.pass_ms(400)
    world.receive(request, medic(1))
    world.pass_ms(600)
    world.receive(request, medic(1), level="audible")
    world.pass_ms(accepts_ms - 1_000)
    world.accept(request, medic(1))
    for to, ms in WAY:
        world.pass_ms(ms)
        world.ok("medic.advance", {"request": request, "to": to}, medic(1))
    return request


def figures(world: World) -> dict[str, dict[str, Any]]:
    """Views of days at the desk."""
    return {id_: view for id_, view in world.tables.get("dispatch", {}).items() if view["type"] == "figures"}


def test_a_whole_request_is_in_every_figure_of_its_day() -> None:
    """Right after its end, without anybody asking; the screens of the patient do not wait for it."""
    world = World()
    world.on_duty(1)
    whole(world)
    assert not figures(world), "the end itself counts nothing"
    world.settle()
    view = figures(world)[day_of(world.now)]
    exact = {
        "called_received": 400,
        "called_heard": 1_000,
        "called_accepted": 20_000,
        "accepted_en_route": 30_000,
        "en_route_on_scene": 300_000,
        "on_scene_at_patient": 45_000,
        "at_patient_cleared": 600_000,
        "called_on_scene": 350_000,
        "called_cleared": 995_000,
    }
    assert exact.keys() == INTERVALS.keys()
    for name, ms in exact.items():
        assert view["intervals"][name]["counts"] == [bucket_of(ms), 1]
        assert view["intervals"][name]["p50_ms"] == middle_ms(bucket_of(ms))


def test_a_request_is_counted_once() -> None:
    """However often the timer comes, and whatever happens to the request later."""
    world = World()
    world.on_duty(1)
    request = whole(world)
    world.settle()
    world.run("medic.count", {"request": request}, TIMER)
    world.pass_ms(3 * 3_600_000)
    world.run("medic.count", {"request": request}, TIMER)
    assert figures(world)[day_of(world.now)]["requests"] == 1


def test_what_ended_early_counts_where_it_came() -> None:
    """Cancelled and unfounded ones are in the intervals that they completed, and in no other."""
    world = World()
    world.on_duty(1)
    request = world.call()
    world.receive(request, medic(1))
    world.pass_ms(8_000)
    world.ok("medic.cancel", {"request": request, "reason": "solved"}, CALLER)
    other = world.call(STRANGER)
    world.pass_ms(3_000)
    world.accept(other, medic(1))
    world.ok("medic.close", {"request": other, "outcome": "unfounded"}, DESK)
    world.settle()
    view = figures(world)[day_of(world.now)]
    assert view["requests"] == 2
    assert {name: found["n"] for name, found in view["intervals"].items()} == {
        "called_received": 1,
        "called_accepted": 1,
    }


def test_drills_visits_and_calls_taken_back_are_in_no_figure() -> None:
    """A drill to its end, a visit that was closed, one that became urgent, and a cancel in the grace."""
    world = World()
    world.on_duty(1, drills=True)
    world.call(drill=True)
    world.pass_ms(120_000)
    visit = world.call(urgency="visit")
    world.ok("medic.close", {"request": visit, "outcome": "treated"}, DESK)
    urgent = world.call(STRANGER, urgency="visit")
    world.ok("medic.escalate", {"request": urgent}, DESK)
    world.accept(urgent, medic(1))
    world.ok("medic.advance", {"request": urgent, "to": "cleared"}, medic(1))
    back = world.call()
    world.ok("medic.cancel", {"request": back}, CALLER)
    world.settle()
    assert not figures(world)


def test_seven_days_stand_at_the_desk() -> None:
    """A day that is out of reach leaves the table with the first request that is counted after it."""
    world = World()
    world.on_duty(1)
    whole(world)
    world.settle()
    first = day_of(world.now)
    world.pass_ms(6 * DAY_MS)
    whole(world)
    world.settle()
    assert set(figures(world)) == {first, day_of(world.now)}
    world.pass_ms(DAY_MS)
    whole(world)
    world.settle()
    assert first not in figures(world)
    assert len(figures(world)) == 2
