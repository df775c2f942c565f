"""Predictions: a range that is honest about what is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from channels.van_eta import LOST_MS, PACE, UNKNOWN_MS, Place, foretold, pace, stay_share
from channels.van_things import Eta, Trip, TripStop

NOW = 1_800_000_000_000
MIN = 60_000
GAP = 25 * MIN
STOPS = tuple(TripStop(f"s{n}", f"s{n}", "", -7.47, 112.40 + n * 0.01, NOW + n * GAP) for n in range(6))
"""About 1.1 km and 25 minutes apart."""


def trip(state: str = "driving", been: int = 1, late: int = 0) -> Trip:
    """A trip that was at its first stops, each so late; at a stop it has just arrived at the last of them."""
    rows = list(STOPS)
    for n in range(been):
        at = STOPS[n].scheduled_at + late
        rows[n] = replace(STOPS[n], state="departed", arrived_at=at, departed_at=at + 20 * MIN)
    here = None
    if state == "at_stop":
        here = rows[been - 1].id
        rows[been - 1] = replace(rows[been - 1], state="arrived", departed_at=None)
    last = rows[been - 1].departed_at or rows[been - 1].arrived_at or 0 if been else 0
    return Trip(
        id="t", van="v", van_name="", services=(), day="", live=True, state=state,  # type: ignore[arg-type]
        stops=tuple(rows), stop=here, next=rows[been].id, event_at=last,
    )  # fmt: skip


TRIPS = st.builds(
    trip,
    st.sampled_from(["planned", "driving", "at_stop"]),
    st.integers(1, 5),
    st.integers(-10 * MIN, 90 * MIN),
)
PLACES = st.builds(Place, st.floats(-7.5, -7.44), st.floats(112.39, 112.47), st.integers(NOW - 2 * LOST_MS, NOW))
TIMES = st.integers(NOW, NOW + 8 * 3600 * 1000)


@given(TRIPS, st.none() | PLACES, TIMES)
def test_range_holds_its_guess_and_goes_forward(trip: Trip, place: Place | None, now: int) -> None:
    """now <= low <= at <= high, and no stop is foretold before the one before it."""
    if place is not None:
        place = Place(place.lat, place.lon, place.fix_at - NOW + now)
    found = list(foretold(trip, place, now).values())
    assert all(now <= eta.low <= eta.at <= eta.high for eta in found)
    for key in ("low", "at", "high"):
        row = [getattr(eta, key) for eta in found]
        assert row == sorted(row)


@given(PLACES, st.integers(0, LOST_MS - 1), st.integers(0, LOST_MS - 1))
def test_range_widens_with_the_age_of_the_fix(place: Place, one: int, other: int) -> None:
    """Of two fixes at the same place the older one never gives the narrower range, when the van is on its way."""
    young, old = sorted((one, other))
    now = NOW + 21 * MIN

    def spread(age: int) -> list[int]:
        far = Place(-7.47, 112.30, now - age)  # so far that the range is nowhere cut off by the present
        return [eta.high - eta.low for eta in foretold(trip(), far, now).values()]

    assert all(narrow <= wide + 1 for narrow, wide in zip(spread(young), spread(old), strict=True))


def test_without_a_fix_the_timetable_is_shifted() -> None:
    """A van on its way that nobody sees comes as late as it was, in a wider range, and says so."""
    now = NOW + 32 * MIN
    late = trip(late=10 * MIN)
    blind = foretold(late, None, now)["s1"]
    seen = foretold(late, Place(-7.47, 112.405, now), now)["s1"]
    assert (blind.source, blind.fix_age_s) == ("schedule", None)
    assert blind.low < STOPS[1].scheduled_at + 10 * MIN < blind.high
    assert (seen.source, seen.fix_age_s) == ("fix", 0)
    assert seen.high - seen.low < blind.high - blind.low


def test_lost_fix_counts_for_nothing() -> None:
    """A fix of more than ten minutes ago is as good as none."""
    now = NOW + 40 * MIN
    lost = Place(-7.47, 112.405, now - LOST_MS - 1)
    assert foretold(trip(), lost, now) == foretold(trip(), None, now)


def test_after_two_hours_nothing_is_said() -> None:
    """A van that nobody has seen for two hours is foretold nowhere."""
    assert foretold(trip(), None, STOPS[1].scheduled_at + UNKNOWN_MS + 1) == {}


def test_only_what_comes_today() -> None:
    """No prediction for a trip that is over, cancelled or of another day, nor for a stop that was left out."""
    assert foretold(replace(trip(), state="over"), None, NOW) == {}
    assert foretold(replace(trip(), live=False), None, NOW) == {}
    rows = tuple(replace(stop, state="skipped") if stop.id == "s2" else stop for stop in trip().stops)
    assert list(foretold(replace(trip(), stops=rows), None, NOW + 21 * MIN)) == ["s1", "s3", "s4", "s5"]


def test_pace_is_learned() -> None:
    """A trip that needs twice as long for its legs comes later at the next one."""
    slow = [replace(stop, departed_at=(stop.departed_at or 0) - 10 * MIN) for stop in trip(been=4).stops[:4]]
    learned = replace(trip(been=4), stops=(*slow, *trip(been=4).stops[4:]))
    assert pace(replace(trip(), stops=STOPS)) == pytest.approx(PACE)
    assert pace(learned) > pace(trip(been=4))
    now, place = NOW + 96 * MIN, Place(-7.47, 112.435, NOW + 96 * MIN)
    assert foretold(learned, place, now)["s4"].at > foretold(trip(been=4), place, now)["s4"].at


def test_long_stays_are_learned() -> None:
    """Where the work takes longer than planned on this trip, the stays to come are longer too."""
    rows = [replace(s, departed_at=(s.arrived_at or 0) + 40 * MIN) if s.arrived_at else s for s in trip(been=4).stops]
    assert stay_share(replace(trip(been=4), stops=tuple(rows))) > stay_share(trip(been=4))


def test_early_van_waits_for_its_timetable() -> None:
    """A van that is at its stop ten minutes early is not foretold early at the next one."""
    found = foretold(trip("at_stop", late=-10 * MIN), None, NOW)
    assert abs(found["s1"].at - STOPS[1].scheduled_at) <= 2 * MIN


def test_stay_that_is_over_may_end_any_moment() -> None:
    """A van that has stood too long is expected to leave soon, again and again, never in the past."""
    late = trip("at_stop", late=30 * MIN)
    whens: list[Eta] = [foretold(late, None, NOW + after * MIN)["s1"] for after in (30, 50, 60, 80)]
    assert [eta.at for eta in whens] == sorted(eta.at for eta in whens)


def test_van_that_keeps_no_timetable_does_not_wait() -> None:
    """A van that came hours early, and leaves when it is done, is not expected to wait for its timetable."""
    early = trip("at_stop", been=3, late=-5 * 60 * MIN)
    rows = [replace(s, departed_at=(s.arrived_at or 0) + MIN) if s.departed_at else s for s in early.stops]
    now = (rows[2].arrived_at or 0) + MIN
    found = foretold(replace(early, stops=tuple(rows)), None, now)
    assert found["s3"].at - now < 20 * MIN
