"""Token buckets."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub import limits
from hub.limits import Buckets


def test_a_burst_is_free_and_the_next_waits() -> None:
    """After the burst the answer says how long to wait, and then there is one."""
    buckets = Buckets(3, 2.0)
    assert [buckets.take("a", 10.0) for _ in range(3)] == [0, 0, 0]
    wait_ms = buckets.take("a", 10.0)
    assert 500 <= wait_ms <= 501
    assert buckets.take("a", 10.0 + wait_ms / 1000) == 0


def test_names_have_buckets_of_their_own() -> None:
    """One device's haste is not another's."""
    buckets = Buckets(1, 1.0)
    assert buckets.take("a", 0.0) == 0
    assert buckets.take("a", 0.0) > 0
    assert buckets.take("b", 0.0) == 0


def test_no_burst_is_no_limit() -> None:
    """Zero switches the limit off."""
    buckets = Buckets(0, 0.0)
    assert all(buckets.take("a", 0.0) == 0 for _ in range(1000))


def test_nothing_comes_back_at_rate_zero() -> None:
    """A bucket that is never filled again says a minute."""
    buckets = Buckets(1, 0.0)
    buckets.take("a", 0.0)
    assert buckets.take("a", 1e9) == 60_000


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_no_more_than_burst_and_rate_pass(gaps: list[float]) -> None:
    """Over any time t at most burst + rate * t tokens are given."""
    buckets, now, given_ = Buckets(5, 2.0), 0.0, 0
    for gap in gaps:
        now += gap
        given_ += buckets.take("a", now) == 0
    assert given_ <= 5 + 2.0 * now + 1e-6


def test_memory_is_bounded() -> None:
    """The name unused for longest is forgotten."""
    buckets = Buckets(1, 0.0)
    buckets.take("first", 0.0)
    for number in range(limits.MOST_BUCKETS):
        buckets.take(str(number), 0.0)
    assert buckets.take("first", 0.0) == 0
