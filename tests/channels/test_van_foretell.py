"""Predictions on a trip: what is told, when it is told again, and how it is scored."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from channels.van_days import day_of
from channels.van_eta import LOST_MS
from channels.van_foretell import IN_FRAME
from channels.van_score import NAMES
from channels.vans import Vans
from hub.commit import unpack
from hub.contract import SYSTEM, TIMER, Decision
from tests.channels.van_world import CITY, CREW, DESK, FILE, MIDNIGHT, SEED, World, kinds, planned
from tests.support.live import on_loop, running_hub

MIN = 60_000
T01, T02 = FILE["stops"][0], FILE["stops"][1]
OPENS = MIDNIGHT + 24 * 60 * MIN + 8 * 60 * MIN
"""When the van is due at its first stop, tomorrow."""


@pytest.fixture
def world() -> World:
    """A van that has set out ten minutes before its first stop."""
    made = planned()
    made.wait(OPENS - 10 * MIN)
    made.press("van.depart")
    return made


def minute(world: World) -> Decision:
    """The next timer of predictions, run by itself."""
    world.now = max(world.now, world.timers[(world.trip.id, "eta")][0])
    return world.done("van.foretell", TIMER, trip=world.trip.id)


def eta(world: World, stop: str) -> dict[str, Any]:
    found: dict[str, Any] = world.tables[f"stop/{stop}"][stop]["eta"]
    return found


def test_expected_stops_show_a_range(world: World) -> None:
    """A stop and the van's rows show the same range; without a fix it is the timetable's."""
    assert eta(world, "t01")["from"] == "schedule"
    assert eta(world, "t01")["low"] <= OPENS <= eta(world, "t01")["high"]
    rows = world.tables["van/v1"]["v1"]["trip"]
    assert rows[0]["eta"] == eta(world, "t01")
    world.press("van.arrive")
    assert "eta" not in world.tables["stop/t01"]["t01"]
    assert "eta" not in world.tables["van/v1"]["v1"]["trip"][0]
    assert "eta" in world.tables["van/v1"]["v1"]["trip"][1]


def test_the_list_of_stops_hears_no_prediction(world: World) -> None:
    """`stops` says where each stop is, its services and its next visit; a new range is told in its own topic alone."""
    brief = world.tables["stops"]["t01"]
    assert (brief["name"], brief["kelurahan"], brief["state"], brief["van"]) == (
        "Balai Kranggan",
        "kranggan",
        "expected",
        "v1",
    )
    assert (brief["day"], brief["scheduled_at"]) == (day_of(OPENS), OPENS)
    assert len(world.tables["stops"]) == len(FILE["stops"])
    assert all(len(msgspec.msgpack.encode(view)) < 300 for view in world.tables["stops"].values())
    world.now += 5 * MIN
    told = minute(world).changes
    assert any(change.topic == "stop/t01" for change in told)
    assert all(change.topic != "stops" for change in told)
    world.press("van.arrive")
    assert world.tables["stops"]["t01"]["state"] == "arrived"


def test_fix_carries_the_next_stops_and_commits_nothing(world: World) -> None:
    """A fix says the ranges of the next few stops, in seconds; what is kept of the trip does not change."""
    before = world.trip
    world.drive(T01["lat"] + 0.01, T01["lon"], 5)
    said = world.fix.extra["eta"]
    assert list(said) == [f"t0{number}" for number in range(1, IN_FRAME + 1)]
    assert all(0 <= low <= high for low, high in said.values())
    assert world.trip is before


def test_timer_tells_what_moved(world: World) -> None:
    """A minute later the fix is behind the prediction, and the stop says how old it is."""
    world.drive(T01["lat"] + 0.01, T01["lon"], 5)
    decision = minute(world)
    assert kinds(decision)["stop/t01"] == "van.foretold"
    assert eta(world, "t01")["from"] == "fix"
    assert eta(world, "t01")["fix_age_s"] >= 50


def test_timer_is_silent_when_nothing_moved(world: World) -> None:
    """Where no bound has moved nobody is told; the timer waits for the next minute all the same."""
    decision = minute(world)
    assert decision.changes == ()
    assert [timer.cmd for timer in decision.timers] == ["van.foretell"]
    assert world.timers[(world.trip.id, "eta")][0] == world.now + MIN


def test_phone_that_dies(world: World) -> None:
    """When the fixes end, the range falls back to the timetable; nobody is told that the van arrived."""
    world.drive(T01["lat"] + 0.01, T01["lon"], 5)
    minute(world)
    world.wait(world.now + LOST_MS + 2 * MIN)
    assert eta(world, "t01")["from"] == "schedule"
    assert world.stop("t01") == "expected"


def test_timer_before_its_time_does_nothing(world: World) -> None:
    """A timer that is leased twice or too early tells nothing; one of a trip that is gone neither."""
    assert world.done("van.foretell", TIMER, trip=world.trip.id).changes == ()
    assert world.done("van.foretell", TIMER, trip="nobody") == Decision()


def test_predictions_begin_before_the_trip() -> None:
    """A quarter of an hour before its first stop a trip that waits is foretold; a trip that is over is not."""
    world = planned()
    world.wait(OPENS - 16 * MIN)
    assert "eta" not in world.tables["stop/t01"]["t01"]
    world.wait(OPENS - 14 * MIN)
    assert eta(world, "t01")["from"] == "schedule"
    for _ in FILE["stops"]:
        world.press("van.depart") if world.trip.state == "planned" else None
        world.press("van.arrive")
    world.press("van.depart")
    assert world.trip.state == "over"
    assert (world.trip.id, "eta") not in world.timers


def test_a_trip_that_is_changed_is_foretold_anew(world: World) -> None:
    """The desk's commit holds the new ranges: nobody goes by one of the trip before, not for a minute."""
    before = eta(world, "t03")["low"]
    planned_at = {at.id: (at.scheduled_at - MIDNIGHT) // MIN - 24 * 60 for at in world.trip.stops}
    later = [
        {"stop": stop, "minute": minute + (45 if number >= 2 else 0)}
        for number, (stop, minute) in enumerate(planned_at.items())
    ]
    world.done("trip.save", DESK, van="v1", stops=later)
    assert before + 40 * MIN < eta(world, "t03")["low"] < before + 50 * MIN
    assert world.trip.foretold_at == world.now


def test_a_trip_that_only_waits_is_not_foretold() -> None:
    """A stop that is skipped hours before brings no range that nobody renews."""
    world = planned()
    world.wait(OPENS - 120 * MIN)
    world.press("van.skip")
    assert "eta" not in world.tables["stop/t02"]["t02"]


def test_arrival_is_scored_for_the_desk(world: World) -> None:
    """What was said in the last minutes is counted by bucket when the van is there; only the desk sees it."""
    for _ in range(8):
        minute(world)
    world.press("van.arrive")
    score = world.tables["dispatch/van"]["v1"]["eta_score"]
    assert list(score) == list(NAMES)
    assert 8 <= sum(many for _, many in score.values()) <= 15
    assert "eta_score" not in world.tables["van/v1"]["v1"]
    assert all(stop.said == () for stop in world.trip.stops if stop.state != "expected")


def test_skipped_stop_is_not_scored(world: World) -> None:
    """A stop that is left out is no arrival, and its range goes."""
    minute(world)
    world.press("van.skip")
    assert "eta_score" not in world.tables["dispatch/van"]["v1"]
    assert "eta" not in world.tables["stop/t01"]["t01"]


@on_loop
async def test_prediction_goes_through_a_real_store(valkey_url: str) -> None:
    """A van that sets out has ranges at its stops, a timer in the store, and ranges beside its next fix."""
    async with running_hub(valkey_url, Vans(CITY)) as hub:
        await hub.node.dispatch.run("van.seed", SEED, SYSTEM, "s1")
        assert (await hub.node.dispatch.run("van.depart", {"van": "v1"}, CREW, str(uuid.uuid4()))).ok
        stop = unpack((await hub.store.table("bulk", "stop/t01")).things["t01"])
        assert stop["eta"]["low"] <= stop["eta"]["high"]
        trip = f"v1.{day_of(hub.store.now())}"
        _, blobs = await hub.store.many("bulk", [["PING"], ["HKEYS", hub.store.keys.timer("bulk")]])
        assert any(trip.encode() in name and b"eta" in name for name in blobs)
        assert (await hub.node.dispatch.run("van.foretell", {"trip": trip}, TIMER, str(uuid.uuid4()))).ok
        await hub.node.dispatch.observe(
            "van.position", {"van": "v1", "location": {"lat": T01["lat"], "lon": T01["lon"] + 0.01}}, CREW
        )
        fix = unpack((await hub.store.table("bulk", "van/v1")).fixes["v1"])
        assert next(iter(fix["eta"])) == "t01"
