"""Intervals of a request, and what a day's figures say of them."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.medic_state import Request
from channels.medic_times import (
    BUCKETS,
    DAYS,
    INTERVALS,
    Day,
    Figures,
    bucket_of,
    counts_in_figures,
    durations,
    middle_ms,
    percentile,
    views,
    with_request,
)
from channels.offers import LEVELS, Offer
from channels.van_days import DAY_MS, day_of, day_start
from tests.channels.world import NOW

LONGEST_MS = 2 * 3_600_000
STEPS = {
    "called": NOW,
    "offered": NOW,
    "accepted": NOW + 20_000,
    "en_route": NOW + 50_000,
    "on_scene": NOW + 350_000,
    "at_patient": NOW + 400_000,
    "cleared": NOW + 1_000_000,
}


def asked(**receipts: int) -> Offer:
    return Offer(name="Sari", wave=1, at=NOW, reason="nearest", receipts=receipts)


CLEARED = Request(
    id="r",
    caller="ani",
    called_at=NOW,
    grace_until=NOW + 5_000,
    state="cleared",
    times=STEPS,
    offers={"m1": asked(received=NOW + 300), "m2": asked(received=NOW + 200, audible=NOW + 900)},
)


def test_every_interval_of_a_whole_request() -> None:
    """From the call to the first phone that has it and rings, to each step, and from step to step."""
    assert durations(CLEARED) == {
        "called_received": 200,
        "called_heard": 900,
        "called_accepted": 20_000,
        "accepted_en_route": 30_000,
        "en_route_on_scene": 300_000,
        "on_scene_at_patient": 50_000,
        "at_patient_cleared": 600_000,
        "called_on_scene": 350_000,
        "called_cleared": 1_000_000,
    }


def test_a_step_left_out_ends_no_interval() -> None:
    """Whoever forgets to say "tiba" is in the figures of what was said."""
    times = {state: STEPS[state] for state in ("called", "offered", "accepted", "cleared")}
    found = durations(msgspec.structs.replace(CLEARED, times=times, offers={}))
    assert found == {"called_accepted": 20_000, "called_cleared": 1_000_000}


def test_the_steps_of_a_former_holder_are_no_ends() -> None:
    """After another took it, what the first had said of the way is forgotten; the patient waited all along."""
    times = {**STEPS, "accepted": NOW + 450_000, "cleared": NOW + 500_000}
    found = durations(msgspec.structs.replace(CLEARED, times=times))
    assert found["called_accepted"] == 450_000
    assert found.keys() == {"called_received", "called_heard", "called_accepted", "called_cleared"}


def test_the_first_proof_counts_also_of_one_who_was_asked_anew() -> None:
    """A receipt is not forgotten because its medic was asked again."""
    past = (("m1", asked(received=NOW + 100)),)
    assert durations(msgspec.structs.replace(CLEARED, past=past))["called_received"] == 100


@pytest.mark.parametrize(
    "left_out",
    [{"drill": True}, {"urgency": "visit"}, {"was_visit": True}, {"in_grace": True}, {"state": "at_patient"}],
)
def test_what_is_in_no_figure(left_out: dict[str, object]) -> None:
    """Drills, visits (also one that became urgent later), calls taken back in the grace, and what runs still."""
    assert counts_in_figures(CLEARED)
    assert not counts_in_figures(msgspec.structs.replace(CLEARED, **left_out))


def test_buckets_grow_and_hold_their_middle() -> None:
    """From a quarter of a second to two hours; the middle of a bucket lies in it, at most 6 % from its ends."""
    assert bucket_of(0) == bucket_of(249) == 0
    assert bucket_of(250) == 1
    assert bucket_of(LONGEST_MS * 100) == BUCKETS - 1
    middles = [middle_ms(bucket) for bucket in range(BUCKETS)]
    assert all(one < other for one, other in pairwise(middles))
    assert [bucket_of(ms) for ms in middles] == list(range(BUCKETS))


@given(st.lists(st.integers(250, LONGEST_MS), min_size=1, max_size=60), st.sampled_from([0.5, 0.9]))
def test_a_percentile_is_that_of_the_durations(all_ms: list[int], share: float) -> None:
    """The nearest rank of what was counted, at most 6 % off."""
    counts: dict[int, int] = {}
    for ms in all_ms:
        counts[bucket_of(ms)] = counts.get(bucket_of(ms), 0) + 1
    exact = next(ms for n, ms in enumerate(sorted(all_ms), 1) if n >= share * len(all_ms))
    assert abs(percentile(counts, share) - exact) <= 0.062 * exact + 1


def test_nothing_has_no_percentile() -> None:
    """Of nothing there is nothing to say."""
    assert percentile({}, 0.5) == 0


def test_a_request_is_in_the_day_on_which_it_ended() -> None:
    """Midnight is WIB; each day has its own counts."""
    midnight = day_start(day_of(NOW)) + DAY_MS
    late = msgspec.structs.replace(CLEARED, times={**STEPS, "cleared": midnight - 1})
    early = msgspec.structs.replace(CLEARED, times={**STEPS, "cleared": midnight})
    figures = with_request(with_request(with_request(Figures(), late), early), early)
    assert {day: known.requests for day, known in figures.days.items()} == {day_of(NOW): 1, day_of(midnight): 2}
    assert set(figures.days[day_of(midnight)].counts) == set(INTERVALS)


def test_days_out_of_reach_are_let_go() -> None:
    """Seven days are kept, also when there are days without a request between them."""
    figures = Figures()
    for days in (0, 1, 5, 7, 12):
        ended = msgspec.structs.replace(CLEARED, times={**STEPS, "cleared": STEPS["cleared"] + days * DAY_MS})
        figures = with_request(figures, ended)
    assert list(figures.days) == [day_of(STEPS["cleared"] + days * DAY_MS) for days in (7, 12)]
    assert with_request(figures, CLEARED) == figures, "counted a week too late"
    assert DAYS == 7


def test_a_day_as_the_desk_sees_it() -> None:
    """Its requests; for each interval how many, the percentiles, and the counts by bucket."""
    figures = with_request(with_request(Figures(), CLEARED), CLEARED)
    ((place, view),) = views(figures, NOW).items()
    assert place == ("dispatch", day_of(NOW))
    assert (view["type"], view["state"], view["requests"]) == ("figures", "counted", 2)
    bucket = bucket_of(20_000)
    middle = middle_ms(bucket)
    accepted = {"n": 2, "p50_ms": middle, "p90_ms": middle, "counts": [bucket, 2]}
    assert view["intervals"]["called_accepted"] == accepted
    assert list(view["intervals"]) == list(INTERVALS)


def test_the_fullest_day_fits_a_view() -> None:
    """Every bucket of every interval with thousands in it stays under 4 KB."""
    full = Figures(days={day_of(NOW): Day(99_999, {name: dict.fromkeys(range(BUCKETS), 9_999) for name in INTERVALS})})
    (view,) = views(full, NOW).values()
    assert len(msgspec.msgpack.encode(view)) <= 4_096


def test_levels_that_prove_are_levels() -> None:
    """What an interval ends with is something that a screen can prove."""
    assert {"received", "audible"} <= set(LEVELS)
