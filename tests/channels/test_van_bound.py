"""The earliest time at which a van may come: what is foretold while that is of use, else timetable and delay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.van_bound import STALE_MS, kept, least_bound, lower_bound, next_visit, state_at
from channels.van_days import MINUTE_MS
from channels.van_things import Eta, Stop, Trip, TripStop, Visit

NOW = 1_800_000_000_000
OPENS = NOW + 60 * MINUTE_MS
LOW = OPENS - 20 * MINUTE_MS
STOPS = tuple(TripStop(f"s{n}", f"s{n}", "", -7.47, 112.40 + n * 0.01, OPENS + n * 30 * MINUTE_MS) for n in range(4))
TRIP = Trip(id="v.d", van="v", van_name="", services=(), day="d", live=True, stops=STOPS, next="s0", foretold_at=NOW)


def told(trip: Trip = TRIP, low: int = LOW, stop: str = "s1") -> Trip:
    eta = Eta(low, low, low + MINUTE_MS, "fix", 0)
    return replace(trip, stops=tuple(replace(at, eta=eta) if at.id == stop else at for at in trip.stops))


def been(late: int, state: str = "departed") -> Trip:
    """At its first stop, so late."""
    first = replace(STOPS[0], state=state, arrived_at=OPENS + late)
    return replace(TRIP, state="driving", stops=(first, *STOPS[1:]), next="s1")


def test_without_a_foretelling_it_is_the_timetable() -> None:
    """Shifted by the known delay, either way, and never before now; where the van is, since when."""
    assert lower_bound(TRIP, "s1", NOW) == STOPS[1].scheduled_at
    assert lower_bound(TRIP, "s1", STOPS[1].scheduled_at + 1) == STOPS[1].scheduled_at + 1
    assert lower_bound(TRIP, "s9", 7) == 7
    for late in (4 * MINUTE_MS, -4 * MINUTE_MS):
        assert lower_bound(been(late), "s1", NOW) == STOPS[1].scheduled_at + late
    assert lower_bound(been(5, "arrived"), "s0", OPENS + MINUTE_MS) == OPENS + 5


def test_a_foretelling_counts_before_the_timetable() -> None:
    """Its lower end, earlier or later; never before now."""
    assert lower_bound(told(), "s1", NOW) == LOW
    assert lower_bound(told(been(0), OPENS + 999 * MINUTE_MS), "s1", NOW) == OPENS + 999 * MINUTE_MS
    assert lower_bound(told(low=NOW - 1), "s1", NOW) == NOW


@pytest.mark.parametrize(
    "trip",
    [
        replace(told(), foretold_at=NOW - STALE_MS - 1),
        replace(told(), live=False),
        replace(told(), state="over"),
        replace(told(), state="cancelled"),
        replace(told(), stops=tuple(replace(at, state="skipped") for at in told().stops)),
        TRIP,
    ],
    ids=["not renewed", "not today", "over", "cancelled", "skipped", "none"],
)
def test_a_foretelling_that_is_of_no_use_does_not_count(trip: Trip) -> None:
    """One that nobody renewed for five minutes, or of a visit that is not to come today."""
    assert lower_bound(trip, "s1", NOW) == STOPS[1].scheduled_at


def test_five_minutes_are_still_of_use() -> None:
    """Missed minutes are no reason to go back to the timetable at once."""
    assert lower_bound(replace(told(), foretold_at=NOW - STALE_MS), "s1", NOW) == LOW


def test_the_least_bound_is_what_will_be_foretold_without_news() -> None:
    """The lower end of the timetable's range before it is told; then the bound itself."""
    least = least_bound(replace(TRIP, live=False), "s1", NOW)
    assert STOPS[1].scheduled_at - 20 * MINUTE_MS < least < STOPS[1].scheduled_at - 5 * MINUTE_MS
    assert least_bound(told(), "s1", NOW) == LOW
    assert least_bound(been(5, "arrived"), "s0", OPENS + MINUTE_MS) == OPENS + 5
    assert least_bound(TRIP, "s9", 7) == 7


@given(st.integers(NOW - 9 * MINUTE_MS, NOW + 9 * MINUTE_MS), st.integers(NOW, NOW + 9 * MINUTE_MS))
def test_a_bound_that_was_reached_is_kept(known: int, bound: int) -> None:
    """Only while it was reached and still is: then both are due in the same way."""
    assert max(NOW, kept(known, bound, NOW)) == bound
    assert kept(known, bound, NOW) in (known, bound)


def test_where_the_van_is_for_those_who_wait() -> None:
    """A stop that is not on the trip, or no trip, is cancelled; one of a trip that is over was left."""
    assert [state_at(been(0), stop) for stop in ("s0", "s1", "s9")] == ["departed", "expected", "cancelled"]
    assert [state_at(replace(TRIP, state=state), "s1") for state in ("over", "cancelled")] == ["departed", "cancelled"]
    assert state_at(None, "s1") == "cancelled"


def test_the_next_visit() -> None:
    """The first that is expected after a time; 0 when nobody knows."""
    visits = tuple(
        Visit(trip=f"v.{n}", van="v", van_name="", day="d", scheduled_at=NOW + n, state=state)  # type: ignore[arg-type]
        for n, state in ((1, "expected"), (2, "cancelled"), (3, "expected"))
    )
    stop = Stop(id="s", name="", kelurahan="", lat=0, lon=0, visits=visits)
    assert [next_visit(stop, NOW + behind) for behind in (0, 1, 3)] == [NOW + 1, NOW + 3, 0]
    assert next_visit(None, 0) == 0
