"""Whether a van has arrived or departed: the rule, and what noise, spikes, order and repetition cannot do to it."""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, pi, radians, sin
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as changed

from channels.van_arrival import (
    KEEP,
    KEEP_MS,
    Event,
    Judged,
    Sample,
    Track,
    added,
    agrees,
    arrived,
    counted,
    departed,
    event,
    follows,
    judged,
)
from channels.van_things import Trip, TripStop

LAT, LON = -7.47, 112.43
M = 1 / 111_195.0
T0 = 1_800_000_000_000
STOPS = (
    TripStop("t01", "Balai", "miji", LAT, LON, T0),
    TripStop("t02", "Pasar", "miji", LAT + 1000 * M, LON, T0 + 3_600_000),
    TripStop("t03", "Kantor", "miji", LAT + 2000 * M, LON, T0 + 7_200_000),
)
DRIVING = Trip(
    id="v1.d", van="v1", van_name="V", services=(), day="d", stops=STOPS, state="driving", live=True, next="t01"
)


def fix(at_s: float, north_m: float, east_m: float = 0.0, **more: Any) -> Sample:
    """A fix so many seconds after the beginning, so many metres north and east of the first stop."""
    lon = LON + east_m * M / cos(radians(LAT))
    fields = {"source": "a", "accuracy_m": 5.0, "speed_kmh": 0.0, **more}
    return Sample(T0 + int(at_s * 1000), lat=LAT + north_m * M, lon=lon, **fields)


def seen(samples: Iterable[Sample], lead: str = "") -> tuple[Track, Judged]:
    track = added(Track(lead=lead), samples)
    return track, judged(track)


def happened(
    samples: Iterable[Sample], trip: Trip = DRIVING, now_s: float | None = None, agreed: int = -1
) -> Event | None:
    track, found = seen(samples)
    track = Track(track.samples, found.lead, agreed)
    now = track.samples[-1].fix_at if now_s is None else T0 + int(now_s * 1000)
    return event(trip, track, found, now)


STANDING = [fix(at, 10) for at in (0, 10, 20)]
AWAY = [fix(at, 150) for at in (100, 115, 130)]
AT_STOP = changed(DRIVING, state="at_stop", stop="t01")


@pytest.mark.parametrize(
    ("samples", "since"),
    [
        (STANDING, 0),
        (STANDING[:2], None),
        ([fix(at, 10) for at in (0, 9, 19.9)], None),
        ([fix(at, 10) for at in (0, 20)], None),
        ([fix(at, 49.9) for at in (0, 10, 20)], 0),
        ([fix(at, 50.1) for at in (0, 10, 20)], None),
        ([fix(at, 10, speed_kmh=5.0) for at in (0, 10, 20)], None),
        ([fix(at, 10, speed_kmh=4.9) for at in (0, 10, 20)], 0),
        ([*STANDING[:2], fix(15, 60), *STANDING[2:]], None),
        ([fix(0, 60), *(fix(at, 10) for at in (5, 15, 25))], 5),
        ([fix(at, 10, speed_kmh=-1.0) for at in (0, 10, 20)], 0),
        ([fix(at, 2 * at - 20, speed_kmh=-1.0) for at in (0, 10, 20)], None),
    ],
    ids=[
        "three over 20 s", "two", "under 20 s", "two over 20 s", "at 50 m", "at 51 m", "at 5 km/h", "slower",
        "one between outside", "since it came", "speed not said", "speed not said, passing",
    ],
)  # fmt: skip
def test_arrived(samples: list[Sample], since: float | None) -> None:
    """At least three in a row that span 20 s, all within 50 m and under 5 km/h; it arrived with the first of them."""
    assert arrived(samples, LAT, LON) == (None if since is None else T0 + since * 1000)


@pytest.mark.parametrize(
    ("samples", "since"),
    [
        (AWAY, 100),
        (AWAY[:2], None),
        ([fix(at, 150) for at in (100, 115, 129)], None),
        ([fix(at, 99.9) for at in (100, 115, 130)], None),
        ([*AWAY[:2], fix(120, 90), AWAY[2]], None),
    ],
    ids=["three over 30 s", "two", "under 30 s", "at 100 m", "one between inside"],
)
def test_departed(samples: list[Sample], since: int | None) -> None:
    """At least three in a row that span 30 s, all beyond 100 m."""
    assert departed(samples, LAT, LON) == (None if since is None else T0 + since * 1000)


def test_an_inaccurate_fix_does_not_count() -> None:
    """Over 100 m of accuracy it is neither a reason nor an objection."""
    vague = [fix(at, 10, accuracy_m=101.0) for at in (0, 10, 20)]
    assert counted(seen(vague)[1], 0) == []
    assert happened(vague) is None
    assert happened([*STANDING, fix(15, 80, accuracy_m=150.0)]) == Event("van.arrive", "t01", T0)


def test_the_trip_says_what_may_happen() -> None:
    """Driving it arrives; at a stop it departs; over or cancelled, or not today's, nothing happens."""
    assert happened(STANDING) == Event("van.arrive", "t01", T0)
    assert happened(AWAY, AT_STOP) == Event("van.depart", "t01", T0 + 100_000)
    assert happened(STANDING, AT_STOP) is None
    ways: list[dict[str, Any]] = [{"state": "cancelled"}, {"state": "over"}, {"live": False}]
    for fields in ways:
        assert happened(STANDING, changed(DRIVING, **fields)) is None


def test_an_old_fix_announces_nothing() -> None:
    """The last of the fixes is at most 90 s old, or nothing is said."""
    assert happened(STANDING, now_s=110) == Event("van.arrive", "t01", T0)
    assert happened(STANDING, now_s=110.1) is None


def test_only_fixes_after_the_last_event_speak() -> None:
    """A press overrules what was before it: the fixes decide again on the next event, from fixes behind it."""
    assert happened(AWAY, changed(AT_STOP, event_at=T0 + 100_000)) is None
    assert happened([*AWAY, fix(145, 150)], changed(AT_STOP, event_at=T0 + 100_000)) is not None


def test_a_press_that_fixes_deny_is_not_undone_by_them() -> None:
    """ "Arrived" pressed while the fixes say elsewhere: no departure, until some fix agreed; then as ever."""
    by_hand = changed(AT_STOP, pressed=True, seq=4)
    assert not agrees(by_hand, AWAY)
    assert happened(AWAY, by_hand) is None
    assert happened(AWAY, by_hand, agreed=3) is None
    assert agrees(by_hand, [fix(50, 60), *AWAY])
    assert happened(AWAY, by_hand, agreed=4) == Event("van.depart", "t01", T0 + 100_000)


def test_the_next_event_after_a_denied_press() -> None:
    """A stop whose place is wrong: the next thing the fixes may say is the arrival at another."""
    stops = (changed(STOPS[0], state="arrived"), *STOPS[1:])
    by_hand = changed(AT_STOP, pressed=True, seq=4, next="t02", stops=stops)
    at_next = [fix(at, 1000) for at in (200, 210, 220)]
    assert happened(at_next, by_hand) == Event("van.arrive", "t02", T0 + 200_000)


def test_a_skipped_stop_is_not_arrived_at_by_fixes() -> None:
    """What the crew left out only the crew takes up again; a stop that was left stays left."""
    for state in ("skipped", "departed", "cancelled"):
        stops = (changed(STOPS[0], state=state), *STOPS[1:])
        assert happened(STANDING, changed(DRIVING, next="t02", stops=stops)) is None


def test_a_later_stop_takes_two_minutes() -> None:
    """A traffic light beside a stop that is not the next is no visit."""
    there = [fix(at, 1000) for at in range(0, 130, 10)]
    assert happened(there[:12]) is None
    assert happened(there) == Event("van.arrive", "t02", T0)


def test_a_van_parked_overnight_has_not_arrived() -> None:
    """Where it stood when the day began it arrives only after it went away: then the trip has begun."""
    parked = changed(DRIVING, state="planned", parked="t01")
    assert happened(STANDING, parked) is None
    assert happened(AWAY, parked) == Event("van.depart", None, T0 + 100_000)
    assert happened(STANDING, changed(parked, parked="")) == Event("van.arrive", "t01", T0)


def test_quarantine() -> None:
    """Over 120 km/h is not believed; three that agree with each other are, and the old place is forgotten."""
    far = [fix(at, 5000) for at in (21, 23, 24)]
    assert not follows(STANDING[-1], far[0])
    for number in (1, 2):
        assert seen([*STANDING, *far[:number]])[1].accepted == tuple(STANDING)
    assert seen([*STANDING, *far])[1].accepted == tuple(far)
    assert seen([*STANDING, far[0], fix(22, 10), *far[1:]])[1].accepted[-1] == fix(22, 10)
    apart = [fix(21 + place, 5000 * place) for place in range(1, 9)]
    assert seen([*STANDING, *apart])[1].accepted == tuple(STANDING)


def test_two_senders_that_disagree() -> None:
    """The one who is believed stays so; neither announces anything; who alone is left is believed after 30 s."""
    home = [fix(at + 0.5, 1000, source="b") for at in range(0, 40, 2)]
    there = [fix(at, 10) for at in range(0, 40, 10)]
    track, found = seen([*there, *home], lead="a")
    assert {one.source for one in found.accepted} == {"a"}
    assert found.disputed
    assert event(DRIVING, track, found, T0 + 40_000) is None
    alone = [fix(at, 1000, source="b") for at in range(40, 70, 5)]
    assert judged(added(track, alone)).accepted[-1].source == "b"
    agree = [fix(at + 0.5, 12, source="b") for at in range(0, 40, 2)]
    assert not seen([*there, *agree], lead="a")[1].disputed


def test_a_track_is_bounded() -> None:
    """At most 64 fixes over 10 minutes, of each sender one a second; what is older changes nothing."""
    track = added(Track(), [fix(at / 4, 10) for at in range(1000)])
    assert len(track.samples) == KEEP
    assert len({one.fix_at // 1000 for one in track.samples}) == KEEP
    assert added(track, [fix(0, 10)]) == track
    sparse = added(Track(), [fix(at, 10) for at in range(0, 3600, 60)])
    assert sparse.samples[-1].fix_at - sparse.samples[0].fix_at == KEEP_MS


# -- properties ------------------------------------------------------------------

noisy = st.tuples(
    st.integers(0, 2**32), st.sampled_from([1, 2, 5, 10, 15]), st.integers(0, 99), st.booleans(), st.integers(60, 400)
)


def visit(seed: int, step_s: int, spike: int, speeds: bool, stands_s: int) -> list[Sample]:
    """A van that comes, stands for a while and leaves: 30 m of noise, and one fix of a hundred 300 m away."""
    chance, samples, north = Random(seed), list[Sample](), -800.0
    leaves_at = None
    at = 0
    while north < 800:
        if north >= 0 and leaves_at is None:
            leaves_at = at + stands_s
        moving = leaves_at is None or at >= leaves_at
        north += 6 * step_s if moving else 0
        far = 300.0 if len(samples) % 100 == spike else chance.uniform(0, 30)
        turn = chance.uniform(0, 2 * pi)
        speed = (21.6 if moving else chance.uniform(0, 3)) if speeds else -1.0
        samples.append(fix(at, north + far * cos(turn), far * sin(turn), accuracy_m=20.0, speed_kmh=speed))
        at += step_s
    return samples


def lived(samples: Iterable[Sample]) -> list[tuple[str, int]]:
    """(what, when it was known) of a machine that may arrive as often as it likes."""
    track, here, since, told = Track(), False, 0, list[tuple[str, int]]()
    for sample in samples:
        track = added(track, [sample])
        found = judged(track)
        track = Track(track.samples, found.lead)
        at = (departed if here else arrived)(counted(found, since), LAT, LON)
        if at is not None:
            here, since = not here, at
            told.append(("arrived" if here else "departed", sample.fix_at))
    return told


@settings(max_examples=60, deadline=None)
@given(noisy)
def test_no_arrival_departure_arrival_within_two_minutes(drawn: tuple[int, int, int, bool, int]) -> None:
    """Under 30 m of noise with 1 % of 300 m spikes."""
    told = lived(visit(*drawn))
    for first, third in zip(told, told[2:], strict=False):
        assert first[0] != "arrived" or third[1] - first[1] > 120_000


@settings(max_examples=40, deadline=None)
@given(noisy, st.randoms(use_true_random=False), st.integers(3, 60))
def test_order_and_repetition_do_not_matter(drawn: tuple[int, int, int, bool, int], chance: Random, until: int) -> None:
    """The same fixes in any order, any of them twice, leave the same track, and it says the same."""
    samples = visit(*drawn)[:until]
    expected = seen(samples)
    mixed = [*samples, *chance.choices(samples, k=10)]
    chance.shuffle(mixed)
    track = Track()
    for sample in mixed:
        track = added(track, [sample])
        track = Track(track.samples, judged(track).lead)
    assert (track.samples, judged(track)) == (expected[0].samples, expected[1])
    assert event(DRIVING, track, judged(track), T0) == event(DRIVING, *expected, T0)
