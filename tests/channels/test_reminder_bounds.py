"""Reminders and the moving range: they ring by its lower end as it is then, and a minute's news writes no follower."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.reminder_things import EARLIER_MS, MOST_RINGS, watch_id
from channels.van_days import MINUTE_MS
from hub.contract import TIMER
from tests.channels.queue_world import DESK, Followed, followed, person, saying, writing

A = person("a")
FAR = "t05"
"""A stop that the van reaches after others."""


@pytest.fixture
def world() -> Followed:
    return followed()


@pytest.fixture
def lows(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What is foretold, stop -> lower bound, and nothing else."""
    return saying(monkeypatch)


def foretell(world: Followed, lows: dict[str, int], low: int) -> None:
    """From the next minute on the van is foretold to come to the far stop at this time at the earliest."""
    lows[FAR] = low
    world.wait(max(world.now, next_minute(world)))


def next_minute(world: Followed) -> int:
    return world.timers[world.van.today, "eta"][0]


def wish(world: Followed, minutes: int, stop: str = FAR) -> None:
    world.done("reminder.set", A, stop=stop, minutes=minutes)
    world.settle()


def shown(world: Followed, stop: str = FAR) -> tuple[str, int]:
    view = world.reminder(A, stop)
    return view["state"], view["rings"]


def test_it_rings_by_the_lower_end_of_what_is_foretold(world: Followed, lows: dict[str, int]) -> None:
    """The bound moves later, then earlier: it rings so long before it as it is then, not a moment earlier."""
    wish(world, 10)
    first = next_minute(world)
    low = first + 40 * MINUTE_MS + 1
    foretell(world, lows, low)
    world.wait(low - 12 * MINUTE_MS)
    foretell(world, lows, low + 20 * MINUTE_MS)
    world.wait(low)
    assert shown(world) == ("set", 0)
    foretell(world, lows, low + 15 * MINUTE_MS)
    world.wait(low + 5 * MINUTE_MS - 1)
    assert shown(world) == ("set", 0)
    world.wait(low + 5 * MINUTE_MS)
    assert shown(world) == ("ringing", 1)
    view = world.reminder(A, FAR)
    assert (view["at"], view["eta"]) == (low + 5 * MINUTE_MS, low + 15 * MINUTE_MS)


def test_a_bound_that_is_due_at_once_rings_with_the_news(world: Followed, lows: dict[str, int]) -> None:
    """A van that is suddenly near is said in the minute in which it is known."""
    wish(world, 10)
    foretell(world, lows, world.at(FAR).scheduled_at)
    near = next_minute(world)
    foretell(world, lows, near - MINUTE_MS)
    view = world.reminder(A, FAR)
    assert (shown(world), view["at"], view["eta"]) == (("ringing", 1), near, near)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-2, 45), min_size=2, max_size=14), st.integers(1, 30))
def test_any_sequence_of_bounds(bounds: list[int], minutes: int) -> None:
    """It rings when the bound that counts is so near, again 3 min earlier than when it rang, thrice in all."""
    with pytest.MonkeyPatch.context() as patch:
        world, lows = followed(), saying(patch)
        wish(world, minutes)
        start, rings, rang_at, rang_for = next_minute(world), 0, 0, 0
        for number, bound in enumerate(bounds):
            tick = start + number * MINUTE_MS
            low = start + 2 * bound * MINUTE_MS + MINUTE_MS // 2
            foretell(world, lows, low)
            world.wait(tick + MINUTE_MS - 1)
            eta, due = max(tick, low), max(tick, low - minutes * MINUTE_MS)
            if (rings == 0 and due < tick + MINUTE_MS) or (0 < rings < MOST_RINGS and rang_for - eta >= EARLIER_MS):
                rings, rang_at, rang_for = rings + 1, due if rings == 0 else tick, max(eta, due if rings == 0 else 0)
            assert shown(world)[1] == rings
            if rings:
                assert (world.reminder(A, FAR)["at"], world.reminder(A, FAR)["eta"]) == (rang_at, rang_for)


def test_a_range_around_the_timetable_is_no_news(world: Followed) -> None:
    """When the foretelling begins the bound becomes earlier than the timetable's time; nobody rings again for that."""
    wish(world, 30, "t01")
    scheduled = world.at("t01").scheduled_at
    world.wait(scheduled - 30 * MINUTE_MS)
    assert shown(world, "t01") == ("ringing", 1)
    world.wait(scheduled - 14 * MINUTE_MS)
    eta = world.at("t01").eta
    assert eta is not None
    assert eta.low <= scheduled - EARLIER_MS
    world.wait(scheduled - MINUTE_MS)
    assert shown(world, "t01") == ("ringing", 1)


def test_it_rings_by_what_its_page_shows(world: Followed) -> None:
    """With real predictions: so long before the lower end of the range that the stop shows."""
    wish(world, 10, "t02")
    world.wait(world.at("t01").scheduled_at)
    world.press("van.arrive", "t01")
    while shown(world, "t02")[1] == 0:
        world.wait(world.now + MINUTE_MS)
        assert world.now < world.at("t02").scheduled_at
    low = world.tables["stop/t02"]["t02"]["eta"]["low"]
    assert world.reminder(A, "t02")["eta"] == low
    assert world.reminder(A, "t02")["at"] == low - 10 * MINUTE_MS


@pytest.mark.parametrize("how", ["van.skip", "van.arrive", "trip.cancel"])
def test_a_timer_that_overtakes_the_news_rings_nobody(world: Followed, lows: dict[str, int], how: str) -> None:
    """A sweep that fires before the visit has heard looks at the trip itself."""
    wish(world, 10, "t01")
    world.wait(world.at("t01").scheduled_at - 10 * MINUTE_MS - 1)
    world.done("trip.cancel", DESK, van="v1") if how == "trip.cancel" else world.press(how, "t01")
    if how == "van.arrive":
        world.press("van.depart", "t01")
    world.now += MINUTE_MS
    world.done("reminder.sweep", TIMER, watch=watch_id("t01", world.van.today))
    assert shown(world, "t01") == ("set", 0)
    world.settle()
    assert shown(world, "t01") == ("over", 0)


@pytest.mark.parametrize("followers", [1, 2000])
def test_a_minutes_news_writes_the_visit_and_no_follower(
    world: Followed, lows: dict[str, int], monkeypatch: pytest.MonkeyPatch, followers: int
) -> None:
    """However many follow a stop, a bound that moves writes its visit once; one that does not writes nothing of it."""
    for number in range(followers):
        world.done("reminder.set", person(number), stop=FAR, minutes=5)
    foretell(world, lows, world.at(FAR).scheduled_at)
    written = writing(world, monkeypatch)
    foretell(world, lows, world.at(FAR).scheduled_at + 5 * MINUTE_MS)
    assert sorted(written) == sorted(["trip", "stop", "watch", f"stop/{FAR}", "van/v1", "dispatch/van"])
    written.clear()
    foretell(world, lows, world.at(FAR).scheduled_at + 5 * MINUTE_MS)
    assert written == ["trip"]


def test_a_bound_that_was_reached_writes_nothing_more(
    world: Followed, lows: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A van that is overdue may come any minute: the bound moves with the clock, and nobody hears of that."""
    wish(world, 10)
    foretell(world, lows, next_minute(world) + MINUTE_MS)
    world.wait(world.now + 2 * MINUTE_MS)
    written = writing(world, monkeypatch)
    lows[FAR] -= 5 * MINUTE_MS
    world.wait(world.now + 2 * MINUTE_MS)
    assert "watch" not in written
    assert shown(world) == ("ringing", 1)
