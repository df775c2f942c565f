"""What of a desk's changes the crew has to hear, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from channels.van_days import later, weekday
from hub.contract import Decision, Timer
from tests.channels.van_world import CREW, DESK, MIDNIGHT, TODAY, World, planned

TOMORROW = later(TODAY)


@pytest.fixture
def world() -> World:
    return planned()


def told(decision: Decision) -> dict[str, Any] | None:
    """What the news' timer carries: at once, for the crew of that trip."""
    timers: list[Timer] = [timer for timer in decision.timers if timer.cmd == "news.trip"]
    assert len({timer.name for timer in timers}) == len(timers) <= 1
    return timers[0].data if timers else None


def save(world: World, *stops: tuple[str, int], **more: Any) -> dict[str, Any] | None:
    rows = [{"stop": stop, "minute": minute} for stop, minute in stops]
    return told(world.done("trip.save", DESK, **{"van": "v1", "stops": rows, **more}))


def as_it_is(world: World) -> list[tuple[str, int]]:
    """Today's stops as they are, for a save that changes one of them."""
    return [(one.id, (one.scheduled_at - MIDNIGHT) // 60_000) for one in world.trip.stops if one.state != "cancelled"]


def test_a_stop_that_is_new_moved_or_left_out_is_told(world: World) -> None:
    """By its id and how; the others are not named."""
    world.done("stop.save", DESK, stop=None, name="Pasar Miji", kelurahan="Miji")
    new = next(one.id for one in world.found if getattr(one, "type", "") == "stop" and one.id.startswith("h"))  # type: ignore[union-attr]
    rows = as_it_is(world)
    (first, at), rest = rows[1], [rows[0], *rows[3:]]
    found = save(world, *rest[:1], (first, at + 5), *rest[1:], (new, 1300))
    assert found is not None
    assert (found["trip"], found["what"]) == (world.trip.id, "changed")
    assert {one["stop"]: one["kind"] for one in found["stops"]} == {
        first: "moved", rows[2][0]: "cancelled", new: "added",
    }  # fmt: skip
    assert save(world, *as_it_is(world)) is None


def test_what_lies_behind_the_van_is_no_news(world: World) -> None:
    """A stop where it was, and one that the crew left out itself."""
    world.press("van.arrive", "t01")
    world.press("van.depart", "t01")
    world.press("van.skip", "t02")
    rows = as_it_is(world)
    assert save(world, (rows[0][0], rows[0][1] - 5), *rows[2:]) is None


def test_what_the_crew_and_its_fixes_do_is_no_news(world: World) -> None:
    """Arriving, leaving, skipping, and a new day."""
    for press in ("van.depart", "van.arrive", "van.skip"):
        stop = "t03" if press == "van.skip" else None
        assert told(world.press(press, stop)) is None
    assert "news.trip" not in world.wait(MIDNIGHT + 86_400_000)


def test_a_trip_that_is_cancelled_and_takes_place_after_all(world: World) -> None:
    """Each is one sentence, without its stops."""
    cancelled = told(world.done("trip.cancel", DESK, van="v1", reason="Ban bocor"))
    assert cancelled == {"trip": world.trip.id, "what": "cancelled", "stops": []}
    again = save(world, ("t02", 1200))
    assert again == {"trip": world.trip.id, "what": "again", "stops": []}


def test_a_trip_that_is_given_to_a_van(world: World) -> None:
    """By its day or by the week's plan, where today had none; without stops there is nothing to tell."""
    for van in ("v2", "v3", "v4"):
        world.done("van.save", DESK, van=van, name=van)
    day = save(world, ("t05", 700), van="v2")
    assert day is not None
    assert (day["trip"], day["what"]) == (f"v2.{TODAY}", "given")
    assert save(world, van="v3") is None
    week = save(world, ("t06", 700), van="v4", weekday=weekday(TODAY))
    assert week is not None
    assert (week["trip"], week["what"]) == (f"v4.{TODAY}", "given")


def test_a_stop_at_another_place_is_told_where_the_van_comes_still(world: World) -> None:
    """A new name as well; other papers or quotas are not, nor a stop that was left out."""
    moved = told(world.done("stop.save", DESK, stop="t02", name="Lapangan Meri"))
    assert moved is not None
    assert moved["stops"] == [{"stop": "t02", "kind": "placed"}]
    services = [{"service": "KTP", "papers": ["KK"], "quota": 4}]
    assert told(world.done("stop.save", DESK, stop="t02", services=services)) is None
    world.done("van.skip", CREW, van="v1", stop="t03")
    assert told(world.done("stop.save", DESK, stop="t03", name="Lapangan Lain")) is None


def test_another_day_is_looked_at_in_the_morning(world: World) -> None:
    """Nobody rings for tomorrow."""
    assert save(world, ("t02", 600), day=TOMORROW) is None
    assert told(world.done("trip.cancel", DESK, van="v1", day=TOMORROW)) is None
