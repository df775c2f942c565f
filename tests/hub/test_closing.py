"""Close codes, and when to come back."""

from __future__ import annotations

import pytest

from hub import closing


@pytest.mark.parametrize("code", sorted(closing.MEANING))
def test_codes_say_whether_to_come_back(code: int) -> None:
    """4500 to 4999 do not come back with the same credentials, all others do."""
    assert closing.may_return(code) is not (4500 <= code <= 4999)


def test_the_codes_are_the_protocols() -> None:
    """Every code of PROTOCOL section 5, with its meaning; a reason fits into a close frame (RFC 6455 section 5.5)."""
    assert set(closing.MEANING) == {1000, 1009, 4000, 4001, 4008, 4029, 4501, 4503, 4504}
    assert all(len(meaning.encode()) <= 123 for meaning in closing.MEANING.values())


def test_waits_are_drawn_from_a_bound_that_doubles() -> None:
    """Full jitter from zero to 0.25 s, doubling up to 15 s."""
    assert [closing.backoff_s(attempt, 1.0) for attempt in range(8)] == [0.25, 0.5, 1, 2, 4, 8, 15, 15]
    assert closing.backoff_s(5, 0.0) == 0.0
    assert closing.backoff_s(1, 0.5) == 0.25
    assert closing.backoff_s(10_000, 1.0) == 15.0
