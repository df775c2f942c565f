from __future__ import annotations

import random
from collections import Counter

import pytest

from clients.loads import DAY_S, LOADS, next_of


@pytest.mark.parametrize(("name", "orders_a_day"), [("normal", 180), ("heavy", 880)])
def test_a_day_has_its_events(name: str, orders_a_day: int) -> None:
    """Over many days calls, orders and wants come as often as DOMAIN's table says."""
    rng, load, at, days = random.Random(1), LOADS[name], 0.0, 40
    seen: Counter[str] = Counter()
    while at < days * DAY_S:
        pause_s, what = next_of(load, rng)
        at += pause_s
        seen[what] += 1
    assert seen["order"] / days == pytest.approx(orders_a_day, rel=0.05)
    assert seen["call"] < seen["order"] < seen["want"]


def test_a_crisis() -> None:
    """A crisis has two orders and a want a second, and 200 calls in ten minutes."""
    load = LOADS["crisis"]
    assert (load.orders, load.wants, round(load.calls * 600)) == (2.0, 1.0, 200)
