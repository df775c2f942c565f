from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clients.crew import HUMAN_S, REMEMBERS_S, Crew, van_text
from clients.timetable import Planner
from tests.clients.city import City, in_virtual_time

STOPS = [
    {"id": "t01", "name": "Balai Kranggan", "kelurahan": "kranggan", "lat": -7.47789, "lon": 112.43522},
    {"id": "t02", "name": "Balai Meri", "kelurahan": "meri", "lat": -7.48778, "lon": 112.44703},
]


async def begun(city: City, **fields: Any) -> Crew:
    """A crew whose van is off before its first stop, unless said otherwise."""
    view = {"state": "off", "name": "Mobil keliling 1", "stop": None, "next": "t01"}
    city.change("van/v1", "v1", **{**view, **fields})
    crew = Crew(city.stage, "v1", STOPS, city.screen("darmo").client())
    await crew.start()
    return crew


def pressed(city: City, kind: str, **fields: Any) -> None:
    city.change("van/v1", "v1", kind, **fields)


@in_virtual_time
async def test_the_button_follows_the_drive() -> None:
    """Set out at once, arrive only when there, depart after standing a while."""
    city = City(seed=1)
    crew = await begun(city)
    assert crew.due() == "van.depart"
    pressed(city, "van.seeded", state="driving", next="t02")
    await city.live(6)
    assert crew.due() is None
    await city.live(900)
    assert crew.due() == "van.arrive"
    assert city.stage.ground.metres(crew.traveller.place, crew._place("t02")) < 1
    pressed(city, "van.seeded", state="at_stop", stop="t02", next=None)
    await city.live(20)
    assert crew.due() is None
    await city.live(60)
    assert crew.due() == "van.depart"


@in_virtual_time
async def test_a_trip_that_is_over_waits() -> None:
    """A van that is off with nothing to come is left alone."""
    city = City(seed=1)
    crew = await begun(city, next=None)
    assert crew.due() is None


@in_virtual_time
async def test_the_van_drives_inside_the_city() -> None:
    """The van is on a way inside the polygons, and says where about each 15 s."""
    city = City(seed=1)
    crew = await begun(city, state="driving", next="t02")
    for _ in range(100):
        await city.live(3)
        assert city.stage.ground.inside(crew.traveller.place)
    assert 15 <= len(city.places("darmo")) <= 21


@in_virtual_time
async def test_a_humans_press_takes_the_van_over() -> None:
    """After a press that is not ours nothing is pressed for two minutes, and the van goes where it was sent."""
    city = City(seed=1)
    crew = await begun(city)
    pressed(city, "van.set_out", state="driving", next="t01")
    await city.live(HUMAN_S - 10)
    assert crew.due() is None
    pressed(city, "van.arrived", state="at_stop", stop="t01", next="t02")
    await city.live(HUMAN_S - 10)
    assert crew.due() is None
    await city.live(20)
    assert crew.due() == "van.depart"


@in_virtual_time
async def test_our_own_press_is_ours() -> None:
    """A press of our own prints its figures and hands nothing over."""
    city = City(seed=1)
    crew = await begun(city)
    press = asyncio.create_task(crew.press("van.depart"))
    await city.live(0.25)
    pressed(city, "van.set_out", state="driving", next="t01")
    await press
    assert city.calls("darmo") == [("van.depart", {"van": "v1"})]
    (event,) = city.events
    assert (event["event"], event["kelurahan"], event["shown_ms"]) == ("van", "Kranggan", 250.0)
    await city.live(10)
    assert crew.due() == "van.arrive"


@in_virtual_time
async def test_a_press_that_nobody_read_prints_nothing() -> None:
    """Without a frame there is no figure, so there is no line."""
    city = City(seed=1)
    crew = await begun(city)
    await crew.press("van.depart")
    assert city.events == []


@in_virtual_time
async def test_what_the_fixes_said_is_no_humans_press() -> None:
    """An arrival or departure of some while ago was found in the fixes: it is told, and the van stays ours."""
    city = City(seed=1)
    crew = await begun(city, state="driving")
    row = {"stop": "t01", "arrived_at": 60_000}
    pressed(city, "van.arrived", state="at_stop", stop="t01", next="t02", at=92_000, trip=[row])
    (event,) = city.events
    assert event["text"] == "Mobil keliling 1 arrived at Balai Kranggan, seen in its fixes after 32 s"
    await city.live(100)
    assert crew.due() == "van.depart"
    row = {**row, "departed_at": 200_000}
    pressed(city, "van.departed", state="driving", stop=None, next="t02", at=200_000, trip=[row])
    assert crew.due() is None


@in_virtual_time
async def test_who_forgets_to_press_drives_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forgotten press leaves the telling to the fixes; after three minutes somebody remembers."""
    city = City(seed=1)
    monkeypatch.setattr(Crew, "_forgotten_s", lambda crew: REMEMBERS_S)
    crew = await begun(city, state="at_stop", stop="t01", next="t02")
    await city.live(100)
    away_m = city.stage.ground.metres(crew.traveller.place, crew._place("t01"))
    assert (away_m > 100, crew.due()) == (True, None)
    await city.live(160)
    assert crew.due() == "van.depart"


@in_virtual_time
async def test_a_dead_phone_is_silent() -> None:
    """While the phone is dead nothing is sent and nobody presses; then it goes on."""
    city = City(seed=1)
    crew = await begun(city)
    await city.live(40)
    crew.phone.die(100)
    before = len(city.places("darmo"))
    await city.live(98)
    assert (len(city.places("darmo")), crew.due()) == (before, None)
    await city.live(30)
    assert len(city.places("darmo")) > before
    assert crew.due() == "van.depart"


@in_virtual_time
async def test_a_queue_keeps_the_van() -> None:
    """While numbers wait the crew serves them and stays, at most three minutes."""
    city = City(seed=1)
    city.answers = {"ticket.call": {"ticket": "t01.KTP.v1.d.1", "number": 1}}
    ticket = {"ticket": "t01.KTP.v1.d.1", "number": 1, "state": "waiting"}
    city.change("queue/v1", "t01.KTP.v1.d", stop="t01", state="open", service="KTP", tickets=[ticket])
    crew = await begun(city, state="at_stop", stop="t01", next="t02")
    await city.live(120)
    assert crew.due() is None
    assert {"ticket.call", "ticket.serve"} <= {cmd for cmd, _ in city.calls("darmo")}
    await city.live(90)
    assert crew.due() == "van.depart"


@in_virtual_time
async def test_a_trip_that_begins_is_planned_for_now() -> None:
    """The desk's timetable begins now, and the van sets out within a minute of it; one that is due now stays."""
    city = City(seed=1)
    trip = [{"stop": stop["id"], "state": "expected", "scheduled_at": 10**12} for stop in STOPS]
    city.change("van/v1", "v1", state="off", name="Mobil keliling 1", stop=None, next="t01", trip=trip)
    desk = city.screen("desk").client()
    planner = Planner(city.stage, "v1", None, desk)
    crew = Crew(city.stage, "v1", STOPS, city.screen("darmo").client(), planner=planner)
    await crew.start()
    await city.live(4)
    ((cmd, data),) = city.calls("desk")
    assert (cmd, [one["stop"] for one in data["stops"]]) == ("trip.save", ["t01", "t02"])
    assert data["stops"][0]["minute"] in (7 * 60 + 1, 7 * 60 + 2)
    assert crew.due() is None
    trip[0]["scheduled_at"] = 120_000
    city.change("van/v1", "v1", trip=trip)
    await city.live(200)
    assert crew.due() == "van.depart"
    assert len(city.calls("desk")) == 1


@in_virtual_time
async def test_its_own_timetable_is_no_news_to_a_crew() -> None:
    """What its desk planned for it is read at once; what somebody at the desk changes rings until a person reads it."""
    city = City(seed=1)
    trip = [{"stop": stop["id"], "state": "expected", "scheduled_at": 10**12} for stop in STOPS]
    city.change("van/v1", "v1", state="off", name="Mobil keliling 1", stop=None, next="t01", trip=trip)
    planner = Planner(city.stage, "v1", None, city.screen("desk").client())
    crew = Crew(city.stage, "v1", STOPS, city.screen("darmo").client(), planner=planner)
    await crew.start()
    await city.live(4)
    city.change("crew/v1", "v1", state="ringing", rung_at=7)
    await city.live(1)
    city.change("crew/v1", "v1", state="seen", rung_at=7)
    await city.live(30)
    city.change("crew/v1", "v1", state="ringing", rung_at=8)
    await city.live(10)
    assert city.calls("darmo") == [("news.seen", {"van": "v1", "rung_at": 7})]


@in_virtual_time
async def test_over_midnight() -> None:
    """In the last minutes of a day nothing is planned and the van goes on; the new day's trip is planned anew."""
    city = City(seed=1)
    city.stage.now_ms = lambda: int((17 * 3600 - 90 + city.stage.now()) * 1000)
    trip = [{"stop": stop["id"], "state": "expected", "scheduled_at": 0} for stop in STOPS]
    city.change("van/v1", "v1", state="off", name="Mobil keliling 1", stop=None, next="t01", trip=trip)
    planner = Planner(city.stage, "v1", None, city.screen("desk").client())
    crew = Crew(city.stage, "v1", STOPS, city.screen("darmo").client(), planner=planner)
    await crew.start()
    await city.live(70)
    assert (city.calls("desk"), crew.due()) == ([], "van.depart")
    trip = [{**row, "scheduled_at": 10**12} for row in trip]
    city.change("van/v1", "v1", "trip.begun", trip=trip)
    await city.live(80)
    ((_, data),) = city.calls("desk")
    assert 0 < data["stops"][0]["minute"] < data["stops"][1]["minute"] < 15


@in_virtual_time
async def test_a_van_goes_on_where_it_was() -> None:
    """After a restart a van on its way is where its last fix was, and one at a stop is there."""
    city = City(seed=1)
    city.change("van/v1", "v1", state="driving", name="Mobil keliling 1", stop=None, next="t02")
    city.tables["van/v1"].fixes["v1"] = {"lat": -7.48, "lon": 112.44, "fix_at": 1}
    assert (await begun(city, state="driving", next="t02")).traveller.place == (-7.48, 112.44)
    assert (await begun(city, state="at_stop", stop="t02")).traveller.place == (STOPS[1]["lat"], STOPS[1]["lon"])


@in_virtual_time
async def test_a_tracker_writes_with_its_own_key() -> None:
    """The van with a tracker gets a key at the start, and its page says no positions."""
    city = City(seed=1)
    city.answers = {"van.tracker": {"key": "k"}}
    city.change("van/v1", "v1", state="off", name="Mobil keliling 1", stop=None, next="t01")
    crew = Crew(city.stage, "v1", STOPS, city.screen("darmo").client(), tracker=True)
    sent: list[Any] = []
    await crew.start()
    crew.phone._send = sent.append
    await city.live(20)
    assert city.calls("darmo") == [("van.tracker", {"van": "v1"})]
    assert city.places("darmo") == []
    assert sent


def test_text() -> None:
    """A press is one sentence."""
    event = {"van": "Mobil keliling 1", "stop": "Balai Meri", "shown_ms": 4.2}
    assert van_text({**event, "state": "arrived"}) == (
        "Mobil keliling 1 arrived at Balai Meri, followers read it after 4 ms"
    )
    assert "left Balai Meri" in van_text({**event, "state": "departed"})
    assert "set out" in van_text({**event, "state": "set out"})
