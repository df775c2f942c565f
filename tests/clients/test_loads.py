from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from clients.loads import DAY_S, LOADS, SHOW, next_at_vans, next_of


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


def test_the_crowd_at_the_vans() -> None:
    """300 follow on a normal day, 2,000 on a heavy one, which asks for more numbers than there are."""
    assert [LOADS[name].vans.followers for name in ("normal", "heavy")] == [300, 2_000]
    seed = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())
    quotas = sum(len(van["stops"]) * sum(one["quota"] for one in van["services"]) for van in seed["vans"])
    normal, heavy = LOADS["normal"].vans, LOADS["heavy"].vans
    assert normal.numbers * DAY_S == pytest.approx(quotas / 2, rel=0.1)
    assert heavy.numbers * DAY_S > quotas


def test_a_show_has_all_acts() -> None:
    """Numbers, reminders and wishes come as often as the crowd says."""
    rng, at, seen = random.Random(1), 0.0, Counter[str]()
    while at < 100_000:
        pause_s, what = next_at_vans(SHOW, rng)
        at += pause_s
        seen[what] += 1
    assert seen["number"] == pytest.approx(SHOW.numbers * at, rel=0.1)
    assert seen["number"] > seen["reminder"] > seen["wish"] > 0
