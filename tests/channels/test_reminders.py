"""Reminders on a moved clock: when they ring, again, are dismissed, and hear that the van does not come."""

from __future__ import annotations

import pytest

from channels.reminder_things import BATCH, REMINDER
from channels.van_days import MINUTE_MS, day_start, later
from hub.contract import TIMER, Refusal, Thing
from hub.machine import step
from tests.channels.queue_world import DESK, Followed, followed, person, saying
from tests.channels.van_world import ACTORS, pairs

A, B = person("a"), person("b")
FAR = "t05"
"""A stop that the van reaches after others, so that it may be late or early for it."""


@pytest.fixture
def world() -> Followed:
    return followed()


@pytest.fixture
def lows(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What is foretold, stop -> lower bound, and nothing else."""
    return saying(monkeypatch)


@pytest.fixture
def untold(world: Followed, lows: dict[str, int]) -> Followed:
    """A van that nobody foretells: its timetable and its delay are all that is known."""
    return world


def wish(world: Followed, minutes: int, stop: str = FAR) -> None:
    world.done("reminder.set", A, stop=stop, minutes=minutes)
    world.settle()


def shown(world: Followed, stop: str = FAR) -> tuple[str, int]:
    view = world.reminder(A, stop)
    return view["state"], view["rings"]


def arrive(world: Followed, stop: str, late_min: int) -> None:
    """The van arrives so late at a stop."""
    world.wait(world.at(stop).scheduled_at + late_min * MINUTE_MS - 1000)
    world.press("van.arrive", stop)
    world.settle()


def in_state(state: str) -> Followed:
    """A's reminder of the first stop in a state."""
    world = followed()
    if state == "new":
        return world
    wish(world, 120 if state == "ringing" else 5, "t01")
    if state == "dismissed":
        world.done("reminder.dismiss", A, stop="t01")
    if state == "over":
        world.press("van.skip", "t01")
        world.settle()
    assert shown(world, "t01")[0] == state
    return world


@pytest.mark.parametrize(
    ("state", "cmd", "role"), pairs(REMINDER, ["reminder.set", "reminder.dismiss"], ["holder", *ACTORS])
)
def test_every_state_command_and_role(state: str, cmd: str, role: str) -> None:
    """Every pair is the table's step or its refusal; somebody else's reminder is never touched."""
    world = in_state(state)
    actor = A if role == "holder" else ACTORS[role]
    before = world.found.get(Thing("reminder", f"{A.person}.t01"))
    stop = "t02" if state == "over" and cmd == "reminder.set" else "t01"
    data = {"stop": stop, "minutes": 7} if cmd == "reminder.set" else {"stop": stop}
    if actor.role != "resident":
        return  # the door lets residents alone give these
    got = world.run(cmd, actor, **data)
    if role != "holder":
        assert world.found.get(Thing("reminder", f"{A.person}.t01")) == before
        return
    rule = step(REMINDER, state, cmd, actor.role)
    if isinstance(rule, Refusal):
        assert isinstance(got, Refusal)
        assert got.code == ("not_found" if state == "new" else rule.code)
    else:
        assert not isinstance(got, Refusal)
        assert world.reminder(A, stop)["state"] == (rule.to or state)


def test_it_rings_once_in_time(untold: Followed) -> None:
    """So many minutes before the van may come, not a moment earlier, and only once."""
    world = untold
    wish(world, 10)
    due = world.at(FAR).scheduled_at - 10 * MINUTE_MS
    world.wait(due - 1)
    assert shown(world) == ("set", 0)
    world.wait(due)
    assert shown(world) == ("ringing", 1)
    assert world.reminder(A, FAR)["eta"] == world.at(FAR).scheduled_at
    world.wait(due + 5 * MINUTE_MS)
    assert shown(world) == ("ringing", 1)


def test_it_rings_until_dismissed(world: Followed) -> None:
    """Dismissing may be said again."""
    wish(world, 120, "t01")
    for _ in range(2):
        world.done("reminder.dismiss", A, stop="t01")
        assert shown(world, "t01") == ("dismissed", 1)


def test_dismissed_before_it_rang_it_does_not(world: Followed) -> None:
    """Not even when the van comes."""
    wish(world, 5, "t01")
    world.done("reminder.dismiss", A, stop="t01")
    arrive(world, "t01", 0)
    assert shown(world, "t01") == ("dismissed", 0)


def test_set_again_replaces(untold: Followed) -> None:
    """One reminder per person and stop: only the last one rings."""
    world = untold
    wish(world, 60)
    wish(world, 10)
    due = world.at(FAR).scheduled_at - 10 * MINUTE_MS
    world.wait(due - 1)
    assert shown(world) == ("set", 0)
    world.wait(due)
    assert shown(world) == ("ringing", 1)


def test_a_late_van_rings_later(untold: Followed) -> None:
    """The delay shifts it."""
    world = untold
    wish(world, 10)
    arrive(world, "t01", 30)
    due = world.at(FAR).scheduled_at + 20 * MINUTE_MS
    world.wait(due - 1)
    assert shown(world) == ("set", 0)
    world.wait(due)
    assert shown(world) == ("ringing", 1)


def test_an_earlier_van_rings_again_at_most_twice(untold: Followed) -> None:
    """3 min earlier than when it rang ring again, twice at most, dismissed or not; less does not."""
    world = untold
    wish(world, 120)
    for stop, late_min, rings in (("t01", -3, 2), ("t02", -5, 2), ("t03", -7, 3), ("t04", -15, 3)):
        before = shown(world)[1] if stop != "t01" else 1
        arrive(world, stop, late_min)
        assert shown(world) == ("ringing" if rings > before else "dismissed", rings)
        world.done("reminder.dismiss", A, stop=FAR)


def test_the_arrival_rings_what_has_not_rung(world: Followed) -> None:
    """Whatever was expected: the van is there."""
    wish(world, 1)
    arrive(world, FAR, -60)
    assert shown(world) == ("ringing", 1)
    world.press("van.depart", FAR)
    world.settle()
    assert (shown(world), world.reminder(A, FAR)["why"]) == (("over", 1), "departed")


@pytest.mark.parametrize("how", ["skip", "cancel", "left out"])
@pytest.mark.parametrize("minutes", [120, 5])
def test_a_van_that_does_not_come_tells(world: Followed, how: str, minutes: int) -> None:
    """Rung or not: it is over, with the reason and the next visit."""
    wish(world, minutes, "t01")
    if how == "skip":
        world.press("van.skip", "t01")
    elif how == "cancel":
        world.done("trip.cancel", DESK, van="v1")
    else:
        world.done("trip.save", DESK, van="v1", stops=[{"stop": "t02", "minute": 1000}])
    world.settle()
    view, tomorrow = world.reminder(A, "t01"), world.trip_of(later(world.van.day)).of("t01")
    assert tomorrow is not None
    assert view["state"] == "over"
    assert (view["why"], view["next_at"]) == ("skipped" if how == "skip" else "cancelled", tomorrow.scheduled_at)


def test_midnight_forgets(world: Followed) -> None:
    """Rung, dismissed, over or never heard: all leave their tables with the day, and nothing is left to be found."""
    wish(world, 120, "t01")
    wish(world, 5, "t02")
    world.done("reminder.dismiss", A, stop="t02")
    wish(world, 5, "t03")
    world.press("van.skip", "t03")
    world.wait(day_start(later(world.van.day)) + MINUTE_MS)
    assert world.mine(A) == {}
    assert not any(thing.type in ("reminder", "watch") and found for thing, found in world.things())
    assert not any(members for index, members in world.sets.items() if index.startswith(("reminders/", "watches/")))
    assert not any(cmd.startswith("reminder.") for _, cmd, _ in world.timers.values())


def test_thousands_are_told_in_parts(untold: Followed) -> None:
    """News of the trip touches no reminder; the people ring in batches, each of at most 32 topics."""
    world = untold
    crowd = [person(number) for number in range(300)]
    for who in crowd:
        world.done("reminder.set", who, stop=FAR, minutes=20)
    world.settle()
    assert world.done("reminder.trip", TIMER, trip=world.van.today).writes == ()
    world.wait(world.at("t01").scheduled_at + MINUTE_MS)
    world.press("van.arrive", "t01")
    decision = world.done("reminder.trip", TIMER, trip=world.van.today)
    assert (decision.changes, len(decision.writes)) == ((), 1)
    ran = world.wait(world.at(FAR).scheduled_at - 18 * MINUTE_MS)
    assert ran.count("reminder.sweep") >= len(crowd) // BATCH
    assert all(world.reminder(who, FAR)["state"] == "ringing" for who in crowd)


def test_a_reminder_of_a_known_group_writes_nothing_shared(world: Followed) -> None:
    """The visit is only guarded, so thousands may follow it at once."""
    wish(world, 10)
    decision = world.done("reminder.set", B, stop=FAR, minutes=10)
    assert [write.type for write in decision.writes] == ["reminder"]


def test_bad_reminders(world: Followed) -> None:
    """One clear code each."""
    assert world.refused("reminder.set", A, stop="t99", minutes=5).code == "not_found"
    assert world.refused("reminder.dismiss", A, stop="t01").code == "not_found"
    for trip in (world.trip, *(world.trip_of(later(world.van.day, days)) for days in range(1, 8))):
        if world.found.get(Thing("trip", trip.id)):
            world.done("trip.cancel", DESK, van="v1", day=trip.day)
    assert world.refused("reminder.set", A, stop="t01", minutes=5).code == "not_found"
    assert world.done("reminder.sweep", TIMER, watch="t01.nobody").writes == ()
