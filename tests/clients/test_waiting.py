from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clients import waiting as module
from clients.client import Refused
from clients.loads import Crowd
from clients.waiting import Waiting, reminder_text
from tests.clients.city import City, in_virtual_time

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())
TICKET = "t01.KTP.v1.2026-11-27.1"


def city_of() -> City:
    """A city whose devices are screens, and whose first van is at t01."""
    city = City(seed=2)

    async def client(*, device: str) -> Any:
        return city.screen(device).client()

    city.stage.client = client  # type: ignore[method-assign, assignment]
    rows = [{"stop": stop, "state": "expected"} for stop in SEED["vans"][0]["stops"]]
    rows[0]["state"], rows[1]["state"] = "departed", "arrived"
    city.change("van/v1", "v1", state="driving", trip=rows)
    return city


def crowd(city: City, followers: int, **rates: float) -> Waiting:
    of = Crowd(followers, **{"numbers": 1e-9, "reminders": 1e-9, "wishes": 1e-9, **rates})
    return Waiting(city.stage, SEED, "city", of)


def followers(city: City) -> list[Any]:
    """All screens but the one that only looks."""
    return [screen for screen in city.screens.values() if "van/v1" not in screen.tables or len(screen.tables) < 3]


def said(city: City, cmd: str) -> list[Any]:
    return [data for screen in city.screens.values() for name, data in screen.calls if name == cmd]


@in_virtual_time
async def test_followers_come_and_change() -> None:
    """As many follow at once as the crowd has; each follows a van or a stop for some minutes, then another."""
    city = city_of()
    city.stage.spawn(crowd(city, 30).live(), "waiting")
    await city.live(20)
    assert len(followers(city)) == 30
    topics = {topic for screen in followers(city) for topic in screen.tables}
    assert any(topic.startswith("van/") for topic in topics)
    assert any(topic.startswith("stop/") for topic in topics)
    await city.live(1_300)
    assert all(screen.left for screen in followers(city))
    await city.stage.close()


@in_virtual_time
async def test_stops_that_come_next() -> None:
    """People wait where a van is or comes soon, not where it has been; a reminder is of where it is not yet."""
    city = city_of()
    people = crowd(city, 0)
    city.stage.spawn(people.live(), "waiting")
    await city.live(1)
    assert people.coming("arrived", "expected") == [("v1", "t02"), ("v1", "t09")]
    assert people.coming("expected") == [("v1", "t09"), ("v1", "t10")]
    await city.stage.close()


@in_virtual_time
async def test_numbers_are_taken(monkeypatch: Any) -> None:
    """Whoever took a number says whether they will come, and forgets it when it is over."""
    monkeypatch.setattr(module, "GIVES_BACK", 0.0)
    city = city_of()
    city.answers = {"ticket.take": {"ticket": TICKET, "number": 1, "ahead": 0, "state": "waiting"}}
    city.stage.spawn(crowd(city, 1, numbers=1.0).live(), "waiting")
    await city.live(10)
    (data,) = said(city, "ticket.take")
    assert data["stop"] in ("t02", "t09")
    assert data["service"] in ("KTP", "KK", "akta")
    assert data["name"] in SEED["residents"]
    assert set(city.stage.holders) == {TICKET}
    await city.stage.close()


@in_virtual_time
async def test_numbers_are_given_back(monkeypatch: Any) -> None:
    """Some give their number back within a minute and a half."""
    monkeypatch.setattr(module, "GIVES_BACK", 1.0)
    city = city_of()
    city.answers = {"ticket.take": {"ticket": TICKET, "number": 1, "ahead": 0, "state": "waiting"}}
    city.stage.spawn(crowd(city, 1, numbers=1.0).live(), "waiting")
    await city.live(100)
    assert said(city, "ticket.cancel")[0] == {"ticket": TICKET}
    await city.stage.close()


@in_virtual_time
async def test_a_full_queue_ends_quietly() -> None:
    """Who gets no number goes on following, and may try again."""
    city = city_of()
    city.answers = {"ticket.take": Refused("out_of_stock")}
    city.stage.spawn(crowd(city, 1, numbers=1.0).live(), "waiting")
    await city.live(30)
    assert len(said(city, "ticket.take")) > 3
    assert city.stage.holders == {}
    await city.stage.close()


@in_virtual_time
async def test_a_reminder_rings_and_is_touched() -> None:
    """One line when it rings, with how far the van is; then it is dismissed."""
    city = city_of()
    city.stage.spawn(crowd(city, 1, reminders=1.0).live(), "waiting")
    await city.live(5)
    stop = said(city, "reminder.set")[0]["stop"]
    person = next(name for name, screen in city.screens.items() if screen.calls)
    city.change(f"person/{person}", stop, state="set")
    await city.live(5)
    city.change(f"person/{person}", stop, state="ringing", eta=city.stage.now_ms() + 300_000)
    await city.live(12)
    assert said(city, "reminder.dismiss")[0] == {"stop": stop}
    event = city.events[0]
    assert (event["event"], event["ahead_min"]) == ("reminder", 5.0)
    await city.stage.close()


@in_virtual_time
async def test_a_stop_is_asked_for() -> None:
    """A wish names a kelurahan and a service, and its line how many names there are this month."""
    city = city_of()
    city.answers = {"stop.ask": {"kelurahan": "miji", "month": "2026-11", "names": 12}}
    city.stage.spawn(crowd(city, 1, wishes=0.2).live(), "waiting")
    await city.live(30)
    assert said(city, "stop.ask")[0]["kelurahan"] in city.stage.ground.names
    assert "12 this month" in city.events[0]["text"]
    await city.stage.close()


def test_text() -> None:
    """A reminder is one sentence, with or without a time."""
    event = {"stop": "Balai Meri", "minutes": 10, "ahead_min": 9.6}
    assert reminder_text(event).endswith("set to 10 min before; the van may come in 9.6 min")
    assert reminder_text({**event, "ahead_min": None}) == "reminder of Balai Meri rang, set to 10 min before"
