"""Simulated days: whole, in order, and the same for the same seed."""

from __future__ import annotations

from clients.eta_days import Press, days


def test_same_seed_same_days() -> None:
    """A seed fixes everything that happens and everything that is heard; another is another day."""
    assert days(5) == days(5)
    assert days(5) != days(6)


def test_day_is_whole() -> None:
    """Three trips, each through all of its stops in order, nothing known before it happens."""
    trips = days(2)
    assert len(trips) == 3
    for day in trips:
        assert list(day.arrived) == [call.stop for call in day.calls]
        assert list(day.arrived.values()) == sorted(day.arrived.values())
        assert [one[0] for one in day.heard] == sorted(one[0] for one in day.heard)
        assert all(one.known_s > one.at_s for one in day.heard if isinstance(one, Press))
        assert all(abs(day.arrived[call.stop] - call.scheduled_s) < 3 * 3600 for call in day.calls)
