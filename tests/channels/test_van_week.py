"""What the van desk plans, and what midnight makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from channels.van_days import DAY_MS, day_start, later, weekday
from channels.van_things import MOST_TOUCHED, Planned
from channels.views import ROOM, too_big
from hub.contract import SYSTEM, TIMER, Decision, Thing
from tests.channels.van_world import (
    DESK,
    MIDNIGHT,
    NOW,
    SEED,
    TODAY,
    World,
    kinds,
    planned,
    seeded,
    views,
)

TOMORROW = later(TODAY)


@pytest.fixture
def world() -> World:
    return planned()


def stops(*pairs: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stop": stop, "minute": minute} for stop, minute in pairs]


def test_seed() -> None:
    """A van begins off, with every stop expected at its minute after 07:00 in the city."""
    world = seeded()
    assert (world.trip.state, world.trip.next) == ("planned", "t01")
    assert world.tables["vans"]["v1"]["state"] == "off"
    assert {stop.state for stop in world.trip.stops} == {"expected"}
    assert world.trip.stops[0].scheduled_at == MIDNIGHT + (7 * 60 + 60) * 60_000


def test_seeding_again(world: World) -> None:
    """The same stops go on where they are; other stops begin a new trip, and what left it comes here no more."""
    world.press("van.arrive")
    assert world.done("van.seed", SYSTEM, **SEED) == Decision({"van": "v1"})
    assert world.stop("t01") == "arrived"
    world.done("van.seed", SYSTEM, van=SEED["van"], stops=SEED["stops"][1:])
    assert world.tables["stop/t01"]["t01"]["trip"] != world.van.today
    world.wait(world.now)
    assert world.tables["stop/t01"]["t01"]["state"] == "unplanned"


@pytest.mark.parametrize(
    "bad", [[SEED["stops"][0]] * 2, [{**SEED["stops"][0], "kelurahan": "surabaya"}]], ids=["twice", "elsewhere"]
)
def test_seed_refused(bad: list[dict[str, Any]]) -> None:
    """A stop twice or outside the city is named."""
    assert World().refused("van.seed", SYSTEM, van=SEED["van"], stops=bad).code == "bad_data"


def test_a_week_is_made_ahead(world: World) -> None:
    """The trips of the seven days ahead stand at the desk, and each stop shows what comes."""
    days = [later(TODAY, ahead) for ahead in range(8)]
    assert [world.trip_of(day).day for day in days] == days
    shown = {id_ for id_, view in world.tables["dispatch/van"].items() if view["type"] != "plan"}
    assert shown == {"v1", *(f"v1.{day}" for day in days[1:])}
    stop = world.tables["stop/t01"]["t01"]
    assert (stop["day"], [visit["day"] for visit in stop["visits"]]) == (TODAY, days[1:5])


def test_the_week_stands_at_the_desk(world: World) -> None:
    """Each weekday with stops is a `plan`; what is changed for one day alone does not change it."""
    desk = world.tables["dispatch/van"]
    assert [desk[f"v1.week.{weekday}"]["weekday"] for weekday in range(7)] == list(range(7))
    before = desk["v1.week.0"]
    assert before["stops"][0] == {"stop": "t01", "minute": 8 * 60}
    world.done("trip.save", DESK, van="v1", day=TOMORROW, stops=[{"stop": "t02", "minute": 600}])
    assert world.tables["dispatch/van"]["v1.week.0"] == before
    world.done("trip.save", DESK, van="v1", weekday=0, stops=[{"stop": "t02", "minute": 600}])
    assert world.tables["dispatch/van"]["v1.week.0"]["stops"] == [{"stop": "t02", "minute": 600}]
    world.done("trip.save", DESK, van="v1", weekday=0, stops=[])
    assert "v1.week.0" not in world.tables["dispatch/van"]


def test_midnight(world: World) -> None:
    """At 00:00 WIB the next trip is the van's, the one of seven days ahead is made, and one of a week ago is gone."""
    world.press("van.arrive")
    ran = world.wait(MIDNIGHT + DAY_MS)
    assert sorted(set(ran)) == ["van.copy", "van.foretell", "van.turn"]
    assert (ran.count("van.copy"), ran.count("van.turn")) == (1, 1)
    assert (world.van.day, world.trip.day, world.trip.state) == (TOMORROW, TOMORROW, "planned")
    assert world.trip_of(TODAY).state == "over"
    van = world.tables["van/v1"]["v1"]
    assert (van["day"], van["trip"][0]["state"]) == (TOMORROW, "expected")
    assert van["trip"][0]["scheduled_at"] == MIDNIGHT + DAY_MS + 8 * 3600_000
    assert world.tables["stop/t01"]["t01"]["day"] == TOMORROW
    assert f"v1.{TOMORROW}" not in world.tables["dispatch/van"]
    assert world.trip_of(later(TODAY, 8)).stops
    world.wait(MIDNIGHT + 9 * DAY_MS)
    assert [id_.id for id_, one in world.found.items() if getattr(one, "day", "") == TODAY and "." in id_.id] == []  # type: ignore[union-attr]


def test_a_hub_that_was_away_for_days_catches_up(world: World) -> None:
    """Each midnight is made up for, one by one."""
    world.now = MIDNIGHT + 3 * DAY_MS + 5000
    assert world.wait(world.now).count("van.turn") == 3
    assert world.van.day == later(TODAY, 3)
    assert world.van.planned == later(TODAY, 10)


def test_a_single_day_is_an_exception(world: World) -> None:
    """Another time on one day moves that day alone; it is not copied a week on, and who follows the stop is told."""
    decision = world.done("trip.save", DESK, van="v1", day=TOMORROW, stops=stops(("t01", 600), ("t02", 660)))
    trip = world.trip_of(TOMORROW)
    assert trip.exception
    assert kinds(decision)["stop/t01"] == "stop.moved"
    assert kinds(decision)["stop/t03"] == "stop.cancelled"
    assert [stop.id for stop in trip.stops if stop.state == "expected"] == ["t01", "t02"]
    assert {stop.state for stop in trip.stops} == {"expected", "cancelled"}
    visits = [visit for visit in world.place("t03").visits if visit.day == TOMORROW]
    assert [visit.state for visit in visits] == ["cancelled"]
    world.wait(MIDNIGHT + DAY_MS)
    assert len(world.trip_of(later(TODAY, 8)).stops) == 18
    assert {stop.state for stop in world.trip_of(later(TODAY, 8)).stops} == {"expected"}


def test_the_week_changes_from_the_next_such_day_on(world: World) -> None:
    """A weekday's plan changes its trip ahead, and neither today's nor an exception."""
    day = later(TODAY, 2)
    world.done("trip.save", DESK, van="v1", weekday=weekday(day), stops=stops(("t05", 480)))
    assert [stop.id for stop in world.trip_of(day).stops] == ["t05"]
    assert not world.trip_of(day).exception
    assert len(world.trip_of(later(day)).stops) == 18
    decision = world.done("trip.save", DESK, van="v1", weekday=weekday(TODAY), stops=stops(("t06", 480)))
    assert decision.answer["trips"] == [f"v1.{later(TODAY, 7)}"]
    assert len(world.trip.stops) == 18
    world.wait(MIDNIGHT + 7 * DAY_MS)
    assert [stop.id for stop in world.trip.stops] == ["t06"]
    assert [stop.id for stop in world.trip_of(later(TODAY, 9)).stops] == ["t05"]


def test_moved_added_and_cancelled_on_the_day(world: World) -> None:
    """Today's trip changes under way: where the van was stays, each follower is told by kind and state."""
    world.done("stop.save", DESK, name="Pasar Miji", kelurahan="Miji")
    new = next(id_.id for id_ in world.found if getattr(id_, "type", "") == "stop" and id_.id.startswith("h"))  # type: ignore[union-attr]
    world.press("van.arrive")
    rest = [("t01", 480), *((stop.id, 700 + 5 * place) for place, stop in enumerate(world.trip.stops[2:]))]
    decision = world.done("trip.save", DESK, van="v1", stops=stops(*rest, (new, 1200)))
    told, seen = kinds(decision), views(decision)
    assert (told["van/v1"], told["stop/t02"], told["stop/t03"]) == ("trip.saved", "stop.cancelled", "stop.moved")
    assert (told[f"stop/{new}"], seen[f"stop/{new}"]["state"]) == ("stop.added", "expected")
    assert (seen["stop/t02"]["state"], world.stop("t01"), world.trip.next) == ("cancelled", "arrived", "t03")
    world.press("van.depart")
    world.press("van.arrive")
    assert world.stop("t03") == "arrived"


def test_a_cancelled_trip_is_told_to_all(world: World) -> None:
    """One change each for the list, the van, the desk and every stop, with kind, state and reason."""
    world.press("van.arrive")
    decision = world.done("trip.cancel", DESK, van="v1", reason="Ban bocor")
    assert set(kinds(decision).values()) == {"trip.cancelled"}
    seen = views(decision)
    assert (seen["van/v1"]["trip_state"], seen["van/v1"]["reason"], seen["vans"]["cancelled"]) == (
        "cancelled",
        "Ban bocor",
        True,
    )
    assert (seen["stop/t01"]["state"], seen["stop/t02"]["state"]) == ("departed", "cancelled")
    assert len(seen) == 3 + 18 + 1
    decision = world.done("trip.save", DESK, van="v1", stops=stops(("t02", 800)))
    assert (kinds(decision)["stop/t02"], world.stop("t02"), world.trip.state) == ("stop.added", "expected", "planned")


def test_a_trip_to_come_is_cancelled(world: World) -> None:
    """Its stops show it as cancelled until its day is over; the van's trip of today is not touched."""
    decision = world.done("trip.cancel", DESK, van="v1", day=TOMORROW)
    assert "van/v1" not in views(decision)
    assert world.tables["dispatch/van"][f"v1.{TOMORROW}"]["state"] == "cancelled"
    world.wait(MIDNIGHT + DAY_MS)
    assert world.tables["vans"]["v1"]["cancelled"] is True
    assert world.tables["stop/t01"]["t01"]["state"] == "cancelled"
    world.wait(MIDNIGHT + 2 * DAY_MS)
    assert world.tables["stop/t01"]["t01"]["state"] == "expected"
    assert world.refused("trip.cancel", DESK, van="v1", day="2030-01-01").code == "not_found"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"stops": stops(("t01", 600), ("t02", 600))}, "data.stops[1].minute"),
        ({"stops": stops(("t01", 600), ("t02", 540))}, "data.stops[1].minute"),
        ({"stops": stops(("t01", 600), ("t99", 700))}, "data.stops[1].stop"),
        ({"stops": stops(("t01", 600), ("t01", 700))}, "data.stops[1].stop"),
        ({"stops": [], "day": later(TODAY, -1)}, "data.day"),
        ({"stops": [], "day": later(TODAY, 61)}, "data.day"),
        ({"stops": [], "day": "2027-02-30"}, "data.day"),
        ({"stops": [], "day": TODAY, "weekday": 1}, "data.weekday"),
    ],
)
def test_bad_trips(world: World, data: dict[str, Any], path: str) -> None:
    """What is wrong is named by its path, and nothing changes."""
    before = dict(world.found)
    refusal = world.refused("trip.save", DESK, van="v1", **data)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)
    assert world.found == before


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"kelurahan": "Miji"}, "data.name"),
        ({"name": "Balai"}, "data.kelurahan"),
        ({"name": "Balai", "kelurahan": "Surabaya"}, "data.kelurahan"),
        ({"name": "Balai", "kelurahan": "Miji", "lat": -7.47}, "data.lon"),
        ({"name": "Balai", "kelurahan": "Miji", "lat": -7.25, "lon": 112.75}, "data.lat"),
        ({"name": "Balai", "kelurahan": "Miji", "lat": 0.0, "lon": 0.0}, "data.lat"),
    ],
)
def test_bad_stops(world: World, data: dict[str, Any], path: str) -> None:
    """A stop outside the city, in an unknown kelurahan or without a name is refused by its path."""
    refusal = world.refused("stop.save", DESK, **data)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)


def test_a_stop_that_moves_is_told_to_its_trips(world: World) -> None:
    """Its new place is in every trip that visits it; services, papers and quotas stand in its view."""
    services = [{"service": "KTP", "papers": ["KK asli"], "quota": 40}]
    decision = world.done(
        "stop.save", DESK, stop="t02", name="Lapangan Meri", lat=-7.486, lon=112.447, services=services
    )
    assert set(kinds(decision).values()) == {"stop.moved"}
    assert (world.at("t02").name, world.trip_of(TOMORROW).stops[1].lat) == ("Lapangan Meri", -7.486)
    seen = world.tables["stop/t02"]["t02"]
    assert (seen["services"], seen["state"], seen["kelurahan"]) == (services, "expected", "meri")
    again = world.done("stop.save", DESK, stop="t02", name="Lapangan Meri")
    assert (again.writes, again.changes) == ((), ())
    assert world.refused("stop.save", DESK, stop="t77", name="X").code == "not_found"


def test_a_new_van(world: World) -> None:
    """It has an empty trip today, which its weekday's plan fills at once; an import leaves one that is there."""
    world.done("van.save", DESK, van="v2", name="Mobil keliling 2", services=["KTP"])
    assert world.tables["vans"]["v2"]["state"] == "off"
    world.done("trip.save", DESK, van="v2", weekday=weekday(TODAY), stops=stops(("t05", 480)))
    assert [stop.id for stop in world.trip_of(TODAY, "v2").stops] == ["t05"]
    assert {visit.van for visit in world.place("t05").visits} == {"v1", "v2"}
    assert world.done("van.save", SYSTEM, van="v2", name="Lain").writes == ()
    decision = world.done("van.save", DESK, van="v2", name="Si Dua")
    assert views(decision)["vans"]["name"] == "Si Dua"
    assert world.refused("van.save", DESK, van="v3").code == "bad_data"


def test_too_many_stops_at_once(world: World) -> None:
    """One command shows at most 28 stops anew: a commit touches 32 topics."""
    for number in range(20):
        world.done("stop.save", SYSTEM, stop=f"x{number}", name=f"X {number}", kelurahan="Miji")
    refusal = world.refused("trip.save", DESK, van="v1", stops=stops(*((f"x{n}", 600 + n) for n in range(20))))
    assert (refusal.code, str(MOST_TOUCHED) in refusal.message) == ("bad_data", True)


def test_cancelled_stops_do_not_pile_up(world: World) -> None:
    """A trip keeps at most 28 stops with its cancelled ones, so that it can always be cancelled and ended."""
    for number in range(16):
        world.done("stop.save", SYSTEM, stop=f"x{number}", name=f"X {number}", kelurahan="Miji")
    world.done("trip.save", DESK, van="v1", stops=stops(*((f"x{n}", 600 + n) for n in range(10))))
    refusal = world.refused("trip.save", DESK, van="v1", stops=stops(*((f"x{n}", 600 + n) for n in range(16))))
    assert "cancelled" in refusal.message
    assert len(world.trip.stops) == 28
    world.done("trip.cancel", DESK)
    assert "van.turn" in world.wait(MIDNIGHT + DAY_MS)


def test_a_commit_of_28_stops_with_their_papers_fits(world: World) -> None:
    """32 topics are all that a commit touches: three of the van, the list of stops, 28 stops; under 60 KB in all."""
    services = [{"service": f"Layanan {n}", "papers": ["KTP asli", "KK asli"], "quota": 20} for n in range(6)]
    for number in range(10):
        world.done("stop.save", SYSTEM, stop=f"x{number}", name=f"Balai warga RW {number}", kelurahan="Miji")
    world.done("trip.save", DESK, van="v1", stops=stops(*((f"x{n}", 600 + n) for n in range(10))))
    for stop in world.trip.stops:
        world.done("stop.save", DESK, stop=stop.id, services=services, address="Jalan Gajah Mada 12, di halaman balai")
    world.now = MIDNIGHT + DAY_MS
    decision = world.done("van.turn", TIMER)
    assert len({change.topic for change in decision.changes}) == ROOM
    assert not too_big(decision.changes)


def test_a_plan_too_different_holds_no_day_up(world: World) -> None:
    """A trip made before that cannot be made anew in one commit stays; the days behind it are planned."""
    for number in range(20):
        world.done("stop.save", SYSTEM, stop=f"x{number}", name=f"X {number}", kelurahan="Miji")
    plan = {day: tuple(Planned(f"x{n}", 600 + n) for n in range(20)) for day in range(7)}
    world.found[Thing("van", "v1")] = replace(world.van, plan=plan, planned=later(TODAY, 6))
    world.done("van.copy", TIMER)
    assert world.van.planned == later(TODAY, 7)
    assert world.trip_of(later(TODAY, 7)).stops[0].id == "t01"
    world.wait(MIDNIGHT + DAY_MS)
    assert world.trip_of(later(TODAY, 8)).stops[0].id == "x0"


def test_the_first_visit_counts(world: World) -> None:
    """Of two vans on one day a stop shows the one that is there, then the one that comes, then the last."""
    world.done("van.save", DESK, van="v2", name="Dua")
    world.done("trip.save", DESK, van="v2", stops=stops(("t01", 1000)))
    shown = world.tables["stop/t01"]
    assert (shown["t01"]["van"], shown["t01"]["visits"][0]["van"]) == ("v1", "v2")
    world.press("van.arrive")
    world.press("van.depart")
    assert (shown["t01"]["van"], shown["t01"]["state"]) == ("v2", "expected")


def test_days_are_the_citys() -> None:
    """Midnight is WIB's, and a trip's times count from it."""
    assert day_start(TODAY) == MIDNIGHT
    assert (NOW - MIDNIGHT) < DAY_MS
    assert weekday("2026-11-27") == 4


def test_a_seed_gives_services_once() -> None:
    """A stop without services gets the seed's, with papers and quota; those that a desk saved stay."""
    world = World()
    first = {**SEED["stops"][0], "services": [{"service": "KTP", "papers": ["KK"], "quota": 20}]}
    world.done("van.seed", SYSTEM, van=SEED["van"], stops=[first])
    (service,) = world.place("t01").services
    assert (service.service, service.papers, service.quota) == ("KTP", ("KK",), 20)
    world.done("stop.save", DESK, stop="t01", services=[{"service": "KK"}])
    world.done("van.seed", SYSTEM, van=SEED["van"], stops=[first, SEED["stops"][1]])
    assert [service.service for service in world.place("t01").services] == ["KK"]
