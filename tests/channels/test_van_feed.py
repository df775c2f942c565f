"""What a feed says of a van: nothing that is older than 90 s, and of a stop only what is known."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from channels.van_days import MINUTE_MS, day_start, later
from channels.van_feed import FRESH_MS, Moment, Row, Told, told
from channels.van_things import Trip
from hub.contract import Fix, FixOf
from tests.channels.van_world import DESK, MIDNIGHT, NOW, SEED, TODAY, World, seeded

T01: dict[str, Any] = SEED["stops"][0]


def feed(world: World, ago_ms: int = 0) -> Told:
    """What is said when everything known is so much older."""
    now = world.now + ago_ms
    return told(world.van, world.trip, world.found.get(FixOf("van", "v1")), now, now // 1000 * 1000)


def row(said: Told, stop: str) -> Row:
    assert said.run is not None
    return next(one for one in said.run.rows if one.stop == stop)


def driving() -> World:
    """A van on its way from its first stop to its second, with a fix of now."""
    world = seeded()
    world.now = MIDNIGHT + 7 * 60 * MINUTE_MS
    world.press("van.arrive", "t01")
    world.press("van.depart")
    world.now += 60_000
    world.tell(lat=T01["lat"] + 0.002, lon=T01["lon"], fix_at=world.now, speed_kmh=18, heading=360)
    return world


def test_where_a_van_is() -> None:
    """The believed fix with its bearing and speed, its trip, and the stop that it drives to; `until` it is 90 s old."""
    world = driving()
    said = feed(world)
    assert said.sight is not None
    assert (said.sight.fix_at, said.sight.bearing, said.sight.speed_m_s) == (world.now, 0, 5)
    assert (said.sight.trip, said.sight.stop, said.sight.place, said.sight.stands) == (f"v1.{TODAY}", "t02", 2, False)
    assert said.until == world.now + FRESH_MS


def test_a_van_at_a_stop() -> None:
    """It stands at the stop where its trip is."""
    world = driving()
    world.press("van.arrive", "t02")
    sight = feed(world).sight
    assert sight is not None
    assert (sight.stop, sight.place, sight.stands) == ("t02", 2, True)


def test_a_van_whose_trip_has_not_begun_has_no_stop() -> None:
    """Its position names the trip it will serve; after the trip and on a cancelled day it serves none."""
    world = seeded()
    world.tell(lat=T01["lat"], lon=T01["lon"], fix_at=world.now)
    sight = feed(world).sight
    assert sight is not None
    assert (sight.trip, sight.stop, sight.place) == (f"v1.{TODAY}", None, 0)
    assert (sight.bearing, sight.speed_m_s) == (None, None)
    world.done("trip.cancel", DESK, van="v1")
    sight = feed(world).sight
    assert sight is not None
    assert sight.trip is None


@pytest.mark.parametrize(("ago_ms", "there"), [(0, True), (89_000, True), (90_000, True), (90_001, False)])
def test_nothing_is_older_than_90_s(ago_ms: int, there: bool) -> None:
    """With the fix's 90 s go the position and every time to come; what has happened stays."""
    world = driving()
    said = feed(world, ago_ms)
    assert (said.sight is not None) == there
    assert said.run is not None
    assert said.run.measured_at == (world.now if there else None)
    assert (row(said, "t02").arrival is not None) == there
    been = world.at("t01")
    assert been.arrived_at is not None
    assert been.departed_at is not None
    assert (row(said, "t01").arrival, row(said, "t01").departure) == (
        Moment(been.arrived_at),
        Moment(been.departed_at),
    )


def test_a_guess_says_how_far_off_it_may_be() -> None:
    """The moment is the best guess, and the foretold range lies within its uncertainty."""
    world = driving()
    said = feed(world)
    guess = row(said, "t02").arrival
    assert guess is not None
    view = world.fix.extra["eta"]["t02"]
    low, high = (world.now + 1000 * seconds for seconds in view)
    assert guess.at - 1000 * guess.within_s <= low <= guess.at <= high <= guess.at + 1000 * guess.within_s + 1000


def test_a_button_is_a_sign_as_a_fix_is() -> None:
    """A van without fixes is foretold for 90 s after its crew's button, from the delay that it showed."""
    world = seeded()
    world.now = MIDNIGHT + 7 * 60 * MINUTE_MS
    world.press("van.arrive", "t01")
    said = feed(world, 60_000)
    assert said.sight is None
    assert said.run is not None
    assert said.run.measured_at == world.now
    assert row(said, "t02").arrival is not None
    assert row(feed(world, FRESH_MS + 1), "t02").arrival is None


def test_a_quarter_of_an_hour_before_its_trip() -> None:
    """Earlier than that the timetable says all that is known, as on every screen, however fresh the fix."""
    world = seeded()
    first = world.at("t01").scheduled_at
    for before_min, known in ((16, False), (14, True)):
        world.now = first - before_min * MINUTE_MS
        world.tell(lat=T01["lat"], lon=T01["lon"], fix_at=world.now)
        said = feed(world)
        assert (row(said, "t01").arrival is not None) == known
        assert said.run is not None
        assert (said.run.measured_at is not None) == known


def test_two_moments_of_one_second_say_the_same() -> None:
    """Predictions are made for the whole second, so that two hubs agree."""
    world = driving()
    fix: Fix = world.fix
    said = [told(world.van, world.trip, fix, world.now + ms, world.now) for ms in (0, 999)]
    assert said[0] == said[1]


def test_stops_that_are_left_out() -> None:
    """Skipped by the crew and cancelled by the desk are both skipped, in the order of the trip."""
    world = driving()
    world.press("van.skip", "t02")
    stops = [{"stop": one.id, "minute": _minute(one.scheduled_at)} for one in world.trip.stops if one.id != "t05"]
    world.done("trip.save", DESK, van="v1", stops=stops)
    said = feed(world)
    assert said.run is not None
    assert [one.stop for one in said.run.rows if one.skipped] == ["t02", "t05"]
    assert [one.stop for one in said.run.rows] == [one.id for one in world.trip.stops]
    assert said.run.relation == "scheduled"


def _minute(at: int) -> int:
    return (at - MIDNIGHT) // MINUTE_MS


def test_what_the_desk_added() -> None:
    """A stop that the week's plan has not makes the day's trip an added one; another time does not."""
    world = seeded()
    answer = world.done("stop.save", DESK, name="Balai Baru", kelurahan="miji").answer
    assert answer is not None
    new = answer["stop"]
    stops = [{"stop": one.id, "minute": _minute(one.scheduled_at)} for one in world.trip.stops]
    stops[-1] = {"stop": stops[-1]["stop"], "minute": _minute(world.trip.stops[-1].scheduled_at) + 5}
    world.done("trip.save", DESK, van="v1", stops=stops)
    assert feed(world).run.relation == "scheduled"  # type: ignore[union-attr]
    world.done("trip.save", DESK, van="v1", stops=[*stops, {"stop": new, "minute": 23 * 60}])
    assert feed(world).run.relation == "added"  # type: ignore[union-attr]
    world.done("trip.save", DESK, van="v1", stops=stops)
    assert feed(world).run.relation == "scheduled"  # type: ignore[union-attr]


def test_a_cancelled_trip() -> None:
    """It has no stops to come, and says so in two languages until its day is over, with the desk's reason."""
    world = seeded()
    world.done("trip.cancel", DESK, van="v1", reason="Ban bocor")
    said = feed(world)
    assert said.run is not None
    assert (said.run.relation, said.run.rows) == ("canceled", ())
    assert said.off is not None
    assert (said.off.since, said.off.until) == (NOW, day_start(later(TODAY)))
    assert said.off.texts["id"] == f"{world.van.name} tidak beroperasi pada {TODAY}"
    assert set(said.off.texts) == {"id", "en"}
    assert said.off.reason == "Ban bocor"


def test_a_van_without_a_trip() -> None:
    """A day without stops is no trip; nor is one that is not today's."""
    world = seeded()
    empty: Trip = replace(world.trip, stops=(), next=None)
    assert told(world.van, empty, None, NOW, NOW).run is None
    assert told(world.van, replace(world.trip, live=False), None, NOW, NOW).run is None
    assert told(world.van, None, None, NOW, NOW) == Told(van="v1", name=world.van.name)
