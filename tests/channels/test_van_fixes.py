"""Positions of a van: what is shown, what is refused, and what its fixes say by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import msgpack

from channels.van_arrival import KEEP
from channels.van_days import DAY_MS
from channels.van_things import MOST_FIXES
from hub.contract import Actor, Fix, FixOf, Refusal, Seen
from tests.channels.van_world import ACTORS, CREW, DESK, FILE, MIDNIGHT, NOW, World, planned, seeded

T01, T02 = FILE["stops"][0], FILE["stops"][1]
TRACKER = ACTORS["tracker"]
OTHER = Actor("joko", "crew", van="v1")


@pytest.fixture
def world() -> World:
    return seeded()


def taken(seen: Seen | Refusal | None) -> tuple[int, ...]:
    """(taken, late, quarantined, refused) as its sender is told."""
    assert isinstance(seen, Seen), seen
    return tuple(seen.answer[key] for key in ("taken", "late", "quarantined", "refused"))


def stand(world: World, stop: dict[str, Any], seconds: int = 30, actor: Actor = CREW, **more: Any) -> None:
    world.drive(stop["lat"], stop["lon"], seconds, actor, **more)


def go(world: World, stop: dict[str, Any]) -> None:
    """Be there, after a while without a fix."""
    world.now += 240_000
    stand(world, stop)


def test_position_is_shown_to_followers(world: World) -> None:
    """The crew's position goes to the list and to the van's own topic, with speed, heading and battery."""
    world.tell(lat=-7.47, lon=112.43, accuracy_m=8, speed_kmh=20, battery=50)
    assert (world.fix.topics, world.fix.fix_at) == ((("vans", "v1"), ("van/v1", "v1")), NOW)
    assert world.fix.extra == {"speed_kmh": 20, "battery": 50}


@pytest.mark.parametrize("who", ["another crew", "crew", "tracker"])
def test_position_of_own_van_only(world: World, who: str) -> None:
    """Only the van's own crew and tracker move it."""
    seen = world.tell(ACTORS[who], lat=-7.47, lon=112.43)
    assert (seen is not None) == (who != "another crew")


@pytest.mark.parametrize(
    ("later_s", "location", "counts"),
    [
        (10, {"lat": -7.4705, "lon": 112.43}, (1, 0, 0, 0)),
        (10, {"lat": -7.48, "lon": 112.43}, (0, 0, 1, 0)),
        (10, {"lat": -7.48, "lon": 112.43, "accuracy_m": 900}, (1, 0, 0, 0)),
        (0, {"lat": -7.47, "lon": 112.43}, (0, 1, 0, 0)),
        (-95, {"lat": -7.47, "lon": 112.43}, (1, 0, 0, 0)),
        (-1000, {"lat": -7.47, "lon": 112.43}, (0, 1, 0, 0)),
    ],
    ids=["moves", "faster than 120 km/h", "within its accuracy", "repeated", "late", "too late to matter"],
)
def test_positions_taken(world: World, later_s: int, location: dict[str, Any], counts: tuple[int, ...]) -> None:
    """What a sender is told of one more fix; only the newest that is believed is shown."""
    world.tell(lat=-7.47, lon=112.43)
    world.now += max(0, later_s * 1000)
    assert taken(world.tell(fix_at=NOW + later_s * 1000, **location)) == counts
    moves = counts[0] == 1 and later_s > 0
    assert world.fix.fix_at == (NOW + later_s * 1000 if moves else NOW)


@pytest.mark.parametrize(
    ("location", "code", "field"),
    [
        ({"lat": 0.0, "lon": 0.0}, "bad_data", "data.locations[0]"),
        ({"lat": -7.47, "lon": 112.43, "fix_at": NOW + 75_000}, "wrong_clock", "data.locations[0].fix_at"),
        ({"lat": -7.47, "lon": 112.43, "fix_at": NOW + 365 * DAY_MS}, "wrong_clock", "data.locations[0].fix_at"),
    ],
    ids=["0,0", "a wrong clock", "next year"],
)
def test_impossible_positions(world: World, location: dict[str, Any], code: str, field: str) -> None:
    """One clear code and the field; among good ones it is left out and counted."""
    refusal = world.tell(**location)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.message.partition(":")[0]) == (code, field)
    assert FixOf("van", "v1") not in world.found
    assert taken(world.tells([location, {"lat": -7.47, "lon": 112.43}])) == (1, 0, 0, 1)


def test_no_position_at_all(world: World) -> None:
    """An input without a position is refused; one of the day before yesterday, or of an unknown van, shows nothing."""
    assert taken(world.tell(lat=-7.47, lon=112.43, fix_at=NOW - 2 * DAY_MS)) == (0, 1, 0, 0)
    refusal = world.tells([])
    assert isinstance(refusal, Refusal)
    assert world.tells([{"lat": -7.47, "lon": 112.43}], Actor("x", "crew", van="v9"), "v9") is None


def test_the_fixes_drive_the_trip(world: World) -> None:
    """Arrived and departed without a press, at the time of the first fix that says so."""
    stand(world, T01)
    assert (world.stop("t01"), world.trip.pressed) == ("arrived", False)
    assert world.at("t01").arrived_at == NOW + 5000
    assert world.tables["stop/t01"]["t01"]["state"] == "arrived"
    world.drive(T01["lat"] + 0.002, T01["lon"], 40)
    assert (world.stop("t01"), world.trip.state) == ("departed", "driving")
    assert world.at("t01").departed_at == NOW + 40_000  # the first fix was 220 m away after 5 s: in quarantine
    go(world, T02)
    assert (world.stop("t02"), world.trip.stop) == ("arrived", "t02")


def test_a_fix_is_an_event_once(world: World) -> None:
    """What follows is named by trip, event and stop, whoever saw it and with whichever fix."""
    names = []
    for _ in range(3):
        sight = [{"lat": T01["lat"], "lon": T01["lon"], "fix_at": NOW + at} for at in (-22_000, -12_000, -2_000)]
        hub = seeded()
        hub.found[FixOf("van", "v1")] = world.found.get(FixOf("van", "v1"))
        seen = hub.tells(sight)
        assert isinstance(seen, Seen)
        names += [(follow.id, follow.cmd) for follow in seen.follow]
    assert set(names) == {(f"van.arrive:{world.van.today}:0:t01", "van.arrive")}


def test_a_buffer_of_two_hours(world: World) -> None:
    """1,440 old fixes are taken at once: the newest is shown with its age, nobody is told "arrived"."""
    there = {"lat": T01["lat"], "lon": T01["lon"], "speed_kmh": 0}
    buffer = [{**there, "fix_at": NOW - 100_000 - at * 5000} for at in range(MOST_FIXES)]
    seen = world.tells(buffer, TRACKER)
    assert taken(seen) == (KEEP, MOST_FIXES - KEEP, 0, 0)
    assert (world.fix.fix_at, world.stop("t01")) == (NOW - 100_000, "expected")
    assert len(msgpack.encode(world.fix)) < 6000
    assert isinstance(seen, Seen)
    assert seen.follow == ()
    world.tell(TRACKER, **there, fix_at=NOW)
    assert world.stop("t01") == "arrived"


def test_the_phone_dies_between_stops(world: World) -> None:
    """No fix, no arrival; when it comes back at another stop, what it passed unseen stays expected."""
    stand(world, T01)
    world.drive(T01["lat"] + 0.002, T01["lon"], 40)
    world.now += 3_600_000
    assert (world.stop("t02"), world.fix.fix_at < world.now - 90_000) == ("expected", True)
    third = FILE["stops"][2]
    stand(world, third, 30)
    assert world.stop("t03") == "expected"
    stand(world, third, 120)
    assert (world.stop("t02"), world.stop("t03")) == ("expected", "arrived")


def test_a_tracker_that_sends_for_a_cancelled_trip(world: World) -> None:
    """Its place and age are shown; nobody is told "arrived"."""
    world.done("trip.cancel", DESK, van="v1")
    stand(world, T01, 60, TRACKER)
    assert (world.fix.fix_at, world.stop("t01"), world.trip.state) == (world.now, "cancelled", "cancelled")


def test_the_button_overrules_the_fixes(world: World) -> None:
    """Pressed while the fixes say elsewhere, it stands; once a fix agreed, they decide on the next event again."""
    world.press("van.arrive", "t01")
    world.drive(T01["lat"] + 0.003, T01["lon"], 60)
    assert world.stop("t01") == "arrived"
    world.drive(T01["lat"] + 0.0005, T01["lon"], 10)
    world.drive(T01["lat"] + 0.003, T01["lon"], 60)
    assert world.stop("t01") == "departed"


def test_an_early_departure_by_hand_stands(world: World) -> None:
    """Who pressed "Berangkat" and still stands there has not arrived again."""
    stand(world, T01)
    world.press("van.depart")
    stand(world, T01, 120)
    assert (world.stop("t01"), world.trip.state) == ("departed", "driving")


def test_two_crew_phones_that_disagree(world: World) -> None:
    """One at the stop, one at home: neither announces anything, and what is shown does not jump."""
    shown = set()
    for _ in range(60):
        world.now += 1000
        world.tell(lat=T01["lat"], lon=T01["lon"], accuracy_m=5, speed_kmh=0)
        world.tell(OTHER, lat=T02["lat"], lon=T02["lon"], accuracy_m=5, speed_kmh=0)
        shown.add((world.fix.lat, world.fix.lon))
    assert shown == {(T01["lat"], T01["lon"])}
    assert (world.stop("t01"), world.stop("t02")) == ("expected", "expected")
    stand(world, T01, 45)
    assert world.stop("t01") == "arrived"


def test_a_way_out_of_quarantine(world: World) -> None:
    """A receiver that was wrong for a while: three fixes that agree bring the van back."""
    world.tell(lat=-7.2, lon=112.7)
    for place in range(3):
        world.now += 10_000
        counts = taken(world.tell(lat=T01["lat"], lon=T01["lon"]))
        assert counts == ((0, 0, 1, 0) if place < 2 else (1, 0, 0, 0))
    assert world.fix.lat == T01["lat"]


def test_parked_overnight_at_the_first_stop() -> None:
    """At midnight nobody is told that the van arrived where it stands; it sets out, and then arrives."""
    world = planned()
    world.wait(MIDNIGHT + DAY_MS - 60_000)
    stand(world, T01, 20)
    world.wait(MIDNIGHT + DAY_MS + 1000)
    stand(world, T01, 60)
    assert (world.trip.parked, world.stop("t01"), world.trip.state) == ("t01", "expected", "planned")
    world.drive(T01["lat"] + 0.002, T01["lon"], 40)
    assert world.tables["van/v1"]["v1"]["state"] == "driving"
    stand(world, T01)
    assert world.stop("t01") == "arrived"


def test_a_fix_without_a_memory_is_gone_on_from(world: World) -> None:
    """What stands in a store of the first layout is the beginning of the track."""
    world.found[FixOf("van", "v1")] = Fix("van", "v1", -7.47, 112.43, NOW)
    world.now += 5000
    assert taken(world.tell(lat=-7.4702, lon=112.43)) == (1, 0, 0, 0)
    packed = msgpack.decode(msgpack.encode(world.fix), type=Fix)
    world.found[FixOf("van", "v1")] = packed
    world.now += 5000
    assert taken(world.tell(lat=-7.4704, lon=112.43)) == (1, 0, 0, 0)
    assert len(world.fix.memory.samples) == 3


def test_a_press_between_sight_and_command(world: World) -> None:
    """A crew that presses before the hub's command comes has decided: the command changes nothing."""
    sight = [{"lat": T01["lat"], "lon": T01["lon"], "fix_at": NOW + at} for at in (-22_000, -12_000, -2_000)]
    seen = seeded().tells(sight)
    assert isinstance(seen, Seen)
    world.press("van.skip", "t01")
    refusal = world.follow(seen.follow[0])
    assert isinstance(refusal, Refusal)
    assert refusal.code == "too_late"
    assert world.stop("t01") == "skipped"
