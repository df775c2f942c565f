"""What one process counts."""

from __future__ import annotations

from time import monotonic

import pytest
from msgspec import Struct

from hub.closing import MEANING
from hub.errors import CODES
from hub.figures import BOUNDS_S, LANES, Figures, Histogram


class Level(Struct):
    level: str


def test_a_bucket_holds_its_bound() -> None:
    """`le` is inclusive: what took exactly as long as a bound counts in its bucket, and what is longer in the last."""
    histogram = Histogram()
    for place, bound in enumerate(BOUNDS_S):
        histogram.add(bound)
        assert histogram.counts[place] == 1
    histogram.add(1e6)
    assert histogram.counts[-1] == 1
    assert histogram.count == len(BOUNDS_S) + 1
    assert histogram.total_s == pytest.approx(sum(BOUNDS_S) + 1e6)


def test_bounds_grow() -> None:
    """Buckets are looked up by halving: their bounds are sorted."""
    assert list(BOUNDS_S) == sorted(set(BOUNDS_S))


@pytest.mark.parametrize("lane", LANES)
def test_a_commit_is_one_observation_of_two_stages(lane: str) -> None:
    """Decided and committed are measured apart; a refusal that is not recorded is decided only."""
    figures, now = Figures(), monotonic()
    figures.committed_now(lane, now - 0.3, now - 0.1)
    assert figures.decided[lane].total_s == pytest.approx(0.2)
    assert 0.1 <= figures.committed[lane].total_s < 1
    figures.refused_now(lane, now)
    assert (figures.decided[lane].count, figures.committed[lane].count) == (2, 1)


def test_what_is_known_beforehand_is_there_with_zero() -> None:
    """A rate needs the zero before the first one: commands, refusals and close codes."""
    figures = Figures(["lamp.ask"])
    assert figures.commands == {"lamp.ask": 0}
    assert figures.refusals == dict.fromkeys(CODES, 0)
    assert figures.closed == dict.fromkeys(MEANING, 0)


def test_receipts_are_counted_by_level() -> None:
    """Commands that carry receipts are counted by their level as well; no other command is."""
    figures = Figures(receipts=["lamp.receipt"])
    figures.done("lamp.receipt", Level("sent"))
    figures.done("lamp.receipt", Level("seen"))
    figures.done("lamp.receipt", Level("seen"))
    figures.done("lamp.ask", Level("seen"))
    assert figures.receipts == {("lamp.receipt", "sent"): 1, ("lamp.receipt", "seen"): 2}
    assert figures.commands == {"lamp.receipt": 3, "lamp.ask": 1}


def test_refusals_and_closes_are_counted_by_code() -> None:
    """Also by one that nobody foresaw."""
    figures = Figures()
    figures.refuse("taken")
    figures.refuse("new")
    figures.close(4008)
    figures.close(4999)
    assert (figures.refusals["taken"], figures.refusals["new"]) == (1, 1)
    assert (figures.closed[4008], figures.closed[4999]) == (1, 1)
