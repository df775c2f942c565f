"""Scoring: the public buckets, minute by minute."""

from __future__ import annotations

import pytest

from channels.van_score import BUCKETS, NONE, bucket, counted, good, shares, shown

CAME = 1_800_000_000_000


def minutes(value: float) -> int:
    return round(value * 60_000)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(-0.1, None), (0, 0), (2.99, 0), (3, 1), (5.99, 1), (6, 2), (9.99, 2), (10, 3), (14.99, 3), (15, None)],
)
def test_bucket_by_minutes_ahead(ahead: float, expected: int | None) -> None:
    """A bucket holds its lower end and not its upper one; beyond 15 minutes nothing is scored."""
    assert bucket(CAME - minutes(ahead), CAME) == expected


@pytest.mark.parametrize("number", range(len(BUCKETS)))
def test_early_and_late_ends(number: int) -> None:
    """A van may come as much before and after the predicted time as its bucket says, and no more."""
    _, _, before, after = BUCKETS[number]
    assert good(number, CAME - minutes(after), CAME)
    assert good(number, CAME - minutes(before), CAME)
    assert not good(number, CAME - minutes(after + 0.01), CAME)
    assert not good(number, CAME - minutes(before - 0.01), CAME)


def test_silence_is_wrong() -> None:
    """Who predicts nothing is not good."""
    assert not good(0, None, CAME)


def test_counts_add_up() -> None:
    """Each arrival adds its predictions to the counts; shares are by bucket and over all."""
    said = [(CAME - minutes(1), CAME), (CAME - minutes(2), CAME + minutes(3)), (CAME - minutes(12), None)]
    counts = counted(NONE, said, CAME)
    assert counts == ((1, 2), (0, 0), (0, 0), (0, 1))
    assert counted(counts, [(CAME - minutes(4), CAME)], CAME)[1] == (1, 1)
    assert shares(counts) == [0.5, None, None, 0.0, 1 / 3]
    assert shown(counts)["0-3"] == [1, 2]
