from __future__ import annotations

from typing import Any

from clients.client import Refused
from clients.counter import Counter, ticket_text
from tests.clients.city import City, in_virtual_time

STOPS = {"t01": {"id": "t01", "name": "Balai Kranggan", "kelurahan": "kranggan"}}
QUEUE = "t01.KTP.v1.2026-11-27"
FIRST = {"ticket": f"{QUEUE}.1", "number": 1}


async def opened(city: City, *states: str, state: str = "open") -> Counter:
    tickets = [{"ticket": f"{QUEUE}.{n}", "number": n, "state": one} for n, one in enumerate(states, 1)]
    city.change("queue/v1", QUEUE, stop="t01", service="KTP", state=state, tickets=tickets)
    counter = Counter(city.stage, "v1", STOPS, city.screen("darmo").client())
    await counter.start()
    return counter


def commands(city: City) -> list[tuple[str, Any]]:
    return city.calls("darmo")


@in_virtual_time
async def test_who_waits() -> None:
    """A number that waits, or was called and not decided, is waited for; others and other stops' are not."""
    city = City(seed=1)
    counter = await opened(city, "no_show", "waiting")
    assert (counter.waiting("t01"), counter.waiting("t02")) == (True, False)
    assert (await opened(city, "called")).waiting("t01")
    assert not (await opened(city, "no_show")).waiting("t01")
    assert not (await opened(city, "waiting", state="closed")).waiting("t01")


@in_virtual_time
async def test_a_number_is_called_and_served() -> None:
    """Whoever comes is served, one at a time, and one line says so."""
    city = City(seed=1)
    city.answers = {"ticket.call": FIRST}
    counter = await opened(city, "waiting")
    counter.begin("t01")
    counter.begin("t01")
    await city.live(30)
    assert commands(city) == [("ticket.call", {"stop": "t01"}), ("ticket.serve", {"ticket": FIRST["ticket"]})]
    (event,) = city.events
    assert (event["event"], event["kelurahan"], event["number"], event["state"]) == ("ticket", "Kranggan", 1, "served")
    assert not counter.busy


@in_virtual_time
async def test_nobody_comes() -> None:
    """A simulated holder who does not come is a no-show."""
    city = City(seed=1)
    city.answers = {"ticket.call": FIRST}
    city.stage.holders[FIRST["ticket"]] = False  # type: ignore[index]
    counter = await opened(city, "waiting")
    counter.begin("t01")
    await city.live(30)
    assert commands(city)[-1] == ("ticket.no_show", {"ticket": FIRST["ticket"]})
    assert "nobody came" in city.events[0]["text"]


@in_virtual_time
async def test_a_number_that_was_called_before_goes_on() -> None:
    """After a restart the number that is called already is served; without one nothing is done."""
    city = City(seed=1)
    city.answers = {"ticket.call": Refused("illegal_step", "", {"ticket": f"{QUEUE}.7", "number": 7})}
    counter = await opened(city, "called")
    counter.begin("t01")
    await city.live(30)
    assert commands(city)[-1] == ("ticket.serve", {"ticket": f"{QUEUE}.7"})
    city.answers = {"ticket.call": Refused("not_found", "nobody is waiting")}
    counter.begin("t01")
    await city.live(30)
    assert (commands(city)[-1][0], counter.busy) == ("ticket.call", False)


@in_virtual_time
async def test_a_human_was_faster() -> None:
    """A number that somebody else has served prints nothing, and the counter goes on."""
    city = City(seed=1)
    city.answers = {"ticket.call": FIRST, "ticket.serve": Refused("illegal_step")}
    counter = await opened(city, "waiting")
    counter.begin("t01")
    await city.live(30)
    assert (city.events, counter.busy) == ([], False)


def test_text() -> None:
    """What came of a number is one sentence."""
    event = {"number": 4, "service": "KTP", "stop": "Balai Meri", "state": "served", "after_s": 12.3}
    assert ticket_text(event) == "number 4 for KTP called at Balai Meri, served after 12 s"
