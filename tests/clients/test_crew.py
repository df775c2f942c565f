from __future__ import annotations

import asyncio
from typing import Any

from clients.crew import HUMAN_S, Crew, van_text
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
    await city.live(400)
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
async def test_positions_are_inside_the_city() -> None:
    """The van says where it is on a way inside the polygons."""
    city = City(seed=1)
    await begun(city, state="driving", next="t02")
    await city.live(300)
    places = city.places("darmo")
    assert len(places) == 99
    assert all(city.stage.ground.inside(place) for place in places)


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


def test_text() -> None:
    """A press is one sentence."""
    event = {"van": "Mobil keliling 1", "stop": "Balai Meri", "shown_ms": 4.2}
    assert van_text({**event, "state": "arrived"}) == (
        "Mobil keliling 1 arrived at Balai Meri, followers read it after 4 ms"
    )
    assert "left Balai Meri" in van_text({**event, "state": "departed"})
    assert "set out" in van_text({**event, "state": "set out"})
