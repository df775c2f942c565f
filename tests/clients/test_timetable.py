from __future__ import annotations

from typing import Any

import pytest

from clients.client import Refused
from clients.drawn import lines
from clients.paths import Point
from clients.timetable import DAY_MIN, SOON_MS, Planner, fitted, is_soon
from tests.clients.city import GROUND, City, in_virtual_time

PLACES = {"t01": Point(-7.47789, 112.43522), "t02": Point(-7.48778, 112.44703)}


@pytest.mark.parametrize("minute", [0.0, 480.5, 1400.0, 1430.2, 1435.0])
def test_a_timetable_fits_the_day(minute: float) -> None:
    """From any minute on stops come later one after the other, and before midnight."""
    found = fitted(minute, [3.0, 7.5, 2.0, 9.0])
    assert found is not None
    assert all(a < b for a, b in zip([int(minute), *found], found, strict=False))
    assert found[-1] < DAY_MIN


def test_a_day_that_is_over_has_no_room() -> None:
    """In the last minutes before midnight nothing is planned: the next day's trip comes."""
    assert fitted(1437.0, [1.0, 1.0, 1.0]) is None
    assert fitted(600.0, [5.0, 4.0]) == [605, 609]


def test_what_is_due_about_now_stays() -> None:
    """A next stop within 20 minutes needs no other timetable; one of this morning, or of tonight, does."""
    now = 50_000_000

    def view(at: int) -> dict[str, Any]:
        return {"next": "t01", "trip": [{"stop": "t01", "scheduled_at": at}]}

    assert is_soon(view(now + SOON_MS), now)
    assert not is_soon(view(now + SOON_MS + 1), now)
    assert not is_soon(view(now - 3_600_000), now)
    assert not is_soon({"next": None}, now)


@in_virtual_time
async def test_the_desk_plans_what_is_expected() -> None:
    """Stops that a desk has cancelled stay out; along the line the way is longer, so its stop is later."""
    city = City(seed=1)
    desk = city.screen("desk").client()
    row = {"state": "expected"}
    trip = [{"stop": "t01", **row}, {"stop": "t09", "state": "cancelled"}, {"stop": "t02", **row}]
    minutes = []
    for line in (None, lines(GROUND)["v1"]):
        planner = Planner(city.stage, "v1", line, desk)
        assert await planner.plan({"trip": trip}, PLACES["t01"], PLACES)
        _, data = city.calls("desk")[-1]
        assert (data["van"], [one["stop"] for one in data["stops"]]) == ("v1", ["t01", "t02"])
        minutes.append(data["stops"][1]["minute"] - data["stops"][0]["minute"])
    assert 5 <= minutes[0] <= minutes[1] <= 15


@in_virtual_time
async def test_a_desk_that_is_refused_plans_nothing() -> None:
    """A refusal, and a trip without stops, are no error."""
    city = City(seed=1)
    planner = Planner(city.stage, "v1", None, city.screen("desk").client())
    assert not await planner.plan({"trip": []}, PLACES["t01"], PLACES)
    city.answers = {"trip.save": Refused("illegal_step")}
    assert not await planner.plan({"trip": [{"stop": "t01", "state": "expected"}]}, PLACES["t01"], PLACES)
