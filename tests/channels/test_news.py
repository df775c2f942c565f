"""The crew's news: they ring until somebody of the crew read them, together with what came meanwhile."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from channels.news import CrewNews
from channels.news_things import NEWS
from channels.van_days import DAY_MS, day_start
from channels.vans import Vans
from hub.contract import SYSTEM, TIMER, Actor, Decision, Refusal
from hub.machine import step
from hub.services import Services
from tests.channels.van_world import CREW, DESK, SEED
from tests.channels.world import CITY, Memory

OTHER = Actor("joko", "crew", van="v2")
HEAR_NOTHING = ("ticket.trip", "reminder.trip")


class Driven(Memory):
    """The seed's van with its crew; those who wait for it are not in this city."""

    services: ClassVar[Services] = Services([Vans(CITY), CrewNews(CITY)])

    def _keep(self, decision: Decision) -> None:
        super()._keep(decision)
        self.timers = {key: one for key, one in self.timers.items() if one.cmd not in HEAR_NOTHING}

    @property
    def news(self) -> dict[str, Any]:
        return self.view("crew/v1", "v1")

    def plan(self, *stops: tuple[str, int]) -> None:
        """The desk saves today's trip."""
        self.ok("trip.save", {"van": "v1", "stops": [{"stop": stop, "minute": at} for stop, at in stops]}, DESK)
        self.settle()

    def seen(self, rung_at: int, actor: Actor = CREW) -> dict[str, Any]:
        return self.ok("news.seen", {"van": "v1", "rung_at": rung_at}, actor)


@pytest.fixture
def world() -> Driven:
    made = Driven()
    made.ok("van.seed", {**SEED, "stops": SEED["stops"][:4]}, SYSTEM)
    made.plan(("t01", 1000), ("t02", 1030), ("t03", 1060))
    made.seen(made.news["rung_at"])
    return made


def test_every_step_is_one_of_the_table(world: Driven) -> None:
    """Every (state, command, role) is a step for those it names, or a named refusal."""
    for state, rules in NEWS.items():
        for cmd, spec in CrewNews.commands.items():
            for role in spec.roles:
                found = step(NEWS, state, cmd, role)
                assert isinstance(found, Refusal) == (cmd not in rules)


def test_a_desks_change_rings_for_the_crew(world: Driven) -> None:
    """What was changed stands in it, as it is now; read on one phone it is read on all."""
    world.now += 1000
    world.plan(("t01", 1000), ("t02", 1040))
    news = world.news
    assert (news["state"], news["what"], news["rung_at"]) == ("ringing", "changed", world.now)
    names = {stop["id"]: stop["name"] for stop in SEED["stops"]}
    told = {one["stop"]: (one["kind"], one["name"]) for one in news["stops"]}
    assert told == {"t02": ("moved", names["t02"]), "t03": ("cancelled", names["t03"])}
    assert news["stops"][0]["scheduled_at"] == day_start(news["day"]) + 1040 * 60_000
    assert world.seen(world.now) == {"van": "v1", "state": "seen"}
    assert world.news["state"] == "seen"
    assert world.seen(world.now) == {"van": "v1", "state": "seen"}


def test_what_was_not_read_yet_is_told_again_with_what_came(world: Driven) -> None:
    """A stop once, as it is now; a tap on what stood there before does not silence what came behind it."""
    world.now += 1000
    world.plan(("t01", 1000), ("t02", 1040), ("t03", 1060))
    first = world.now
    world.now += 1000
    world.plan(("t01", 1000), ("t02", 1045), ("t03", 1070))
    assert [(one["stop"], one["kind"]) for one in world.news["stops"]] == [("t02", "moved"), ("t03", "moved")]
    assert world.seen(first) == {"van": "v1", "state": "ringing"}
    assert world.news["rung_at"] == world.now
    world.seen(world.now)
    world.now += 1000
    world.plan(("t01", 1000), ("t02", 1045))
    assert [one["stop"] for one in world.news["stops"]] == ["t03"]


def test_a_trip_that_does_not_take_place_says_why(world: Driven) -> None:
    """The reason is the desk's; a change to a trip that is new to the crew leaves it new."""
    world.now += 1000
    world.ok("trip.cancel", {"van": "v1", "reason": "Mobil mogok"}, DESK)
    world.settle()
    assert (world.news["what"], world.news["reason"], world.news["stops"]) == ("cancelled", "Mobil mogok", [])
    world.now += 1000
    world.plan(("t01", 1000))
    world.now += 1000
    world.plan(("t01", 1000), ("t02", 1030))
    assert (world.news["what"], world.news["stops"], "reason" in world.news) == ("again", [], False)


def test_only_the_vans_crew_says_that_it_read_them(world: Driven) -> None:
    """Another van's crew is told so; where nothing was changed there is nothing to read."""
    assert world.no("news.seen", {"van": "v1", "rung_at": 1}, OTHER).code == "not_allowed"
    assert world.no("news.seen", {"van": "v2", "rung_at": 1}, OTHER).code == "not_found"


def test_they_leave_at_midnight(world: Driven) -> None:
    """Yesterday's are gone before the day begins; what came too late for its day is none."""
    trip, day = world.things["van", "v1"].today, world.news["day"]
    world.pass_ms(day_start(day) + DAY_MS - world.now)
    assert world.tables["crew/v1"] == {}
    assert ("news", "v1") not in world.things
    told = {"trip": trip, "what": "changed", "stops": [{"stop": "t02", "kind": "moved"}]}
    assert world.run("news.trip", told, TIMER) == Decision()
    assert world.run("news.trip", {**told, "trip": "v9.2020-01-01"}, TIMER) == Decision()
    assert world.run("news.end", {"news": "v1"}, TIMER) == Decision()
