"""Days, views and the book of one decision: the small parts of the vans service."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from channels.draft import Draft
from channels.van_book import Book
from channels.van_days import day_of, day_start, is_day, later, trip_id, weekday
from channels.van_drive import again, begun, ended
from channels.van_plan import next_stop
from channels.van_views import visit_now
from hub.contract import Fix, Refusal, State, Thing
from tests.channels.van_world import CREW, DESK, MIDNIGHT, NOW, TODAY, World, planned


@pytest.fixture
def world() -> World:
    return planned()


def test_days() -> None:
    """Days are the city's: they begin at 17:00 UTC of the day before."""
    assert (day_of(MIDNIGHT), day_of(MIDNIGHT - 1)) == (TODAY, later(TODAY, -1))
    assert day_start(day_of(NOW)) == MIDNIGHT
    assert (later("2026-12-31"), weekday("2026-11-30")) == ("2027-01-01", 0)
    assert [is_day(text) for text in ("2026-02-28", "2026-02-29", "20260228", "besok")] == [True, False, False, False]
    assert trip_id("v1", "2026-11-27") == "v1.2026-11-27"


def test_a_trip_is_never_written_without_its_stops(world: World) -> None:
    """One decision writes the trip and every stop whose visit it changes (predicted arrivals too), and no other."""
    world.press("van.arrive")
    decision = world.press("van.skip", "t02")
    written = {(write.type, write.id) for write in decision.writes}
    assert {("trip", world.van.today), ("stop", "t02")} <= written
    assert ("stop", "t01") not in written
    visit = visit_now(world.place("t01"))
    assert visit is not None
    assert (visit.trip, visit.state, visit.arrived_at) == (world.van.today, "arrived", world.now - 1000)


def test_a_stop_that_is_gone_holds_nothing_up(world: World) -> None:
    """A trip that names a stop nobody has goes on without it."""
    state = State()
    for stop in world.trip.stops:
        state.found[Thing("stop", stop.id)] = None
    book = Book(state, Draft(NOW, "trip.cancelled"))
    book.put_trip(world.trip, ended(world.trip, NOW))
    decision = book.decision({})
    assert not isinstance(decision, Refusal)
    assert [write.type for write in decision.writes] == ["trip"]


def test_a_day_begins_where_the_van_stands(world: World) -> None:
    """Within 100 m of a stop it is parked there; anywhere else, or nobody knows, it is not."""
    first = world.trip.stops[0]
    near = Fix("van", "v1", first.lat + 0.0005, first.lon, NOW)
    assert begun(world.trip, world.van, near, NOW).parked == first.id
    assert begun(world.trip, world.van, replace(near, lat=-7.2), NOW).parked == ""
    assert begun(world.trip, world.van, None, NOW).parked == ""


def test_a_trip_again_keeps_what_the_desk_took_out(world: World) -> None:
    """Only what the van did is forgotten."""
    world.press("van.skip", "t01")
    world.done("trip.save", DESK, van="v1", stops=[{"stop": "t02", "minute": 900}, {"stop": "t03", "minute": 960}])
    trip = again(world.trip, NOW)
    assert trip.seq > world.trip.seq
    assert {stop.id for stop in trip.stops if stop.state == "expected"} == {"t02", "t03"}
    assert trip.next == "t02"


def test_next_stop(world: World) -> None:
    """The first expected behind a stop, else the first before it, else none."""
    stops = world.trip.stops[:3]
    assert [next_stop(stops, after) for after in (None, "t02", "t99")] == ["t01", "t02", "t01"]
    assert next_stop([replace(stop, state="departed") for stop in stops], "t01") is None


def test_the_list_view_is_small(world: World) -> None:
    """What the van is and where it goes; rows, services and the day stand in its own topic."""
    world.run("van.depart", CREW)
    listed, whole = world.tables["vans"]["v1"], world.tables["van/v1"]["v1"]
    assert set(listed) == {"type", "id", "state", "at", "name", "next", "next_name"}
    assert set(whole) - set(listed) == {"trip", "services", "day", "trip_state"}
    assert set(whole["trip"][0]) == {"stop", "name", "kelurahan", "state", "scheduled_at", "eta"}
