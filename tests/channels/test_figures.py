"""What the long memory counts of requests, orders and trips when they are over."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from channels.figures import REPORTS, of_order, of_request, of_trip
from channels.medic_times import INTERVALS, durations
from channels.order_things import Order
from channels.van_days import DAY_MS
from channels.van_things import Trip, TripStop
from hub.contract import TIMER, Decision, Figure
from hub.members import DESKS
from tests.channels.market_world import BUYER, SELLER, Market
from tests.channels.medic_world import World
from tests.channels.test_medic_count import whole
from tests.channels.test_medic_times import CLEARED, asked
from tests.channels.van_world import MIDNIGHT, planned
from tests.channels.world import NOW

REQUEST = replace(CLEARED, kelurahan="meri")
ORDER = Order(
    id="o", state="completed", at=NOW, shop="s", shop_name="S", kelurahan="miji", buyer="b", lines=(),
    fulfilment="pickup", name="Ani", phone="08", placed_at=NOW, accept_s=180, ring_at=NOW + 1_000,
    times={"accepted": NOW + 31_000, "ready": NOW + 631_000, "completed": NOW + 700_000},
)  # fmt: skip


def test_a_request_counts_its_intervals_and_offers() -> None:
    """Every named interval, whether it was accepted and how soon, how many were asked and how many came."""
    offers = {"m1": replace(asked(), state="won"), "m2": asked(), "m3": asked()}
    request = replace(REQUEST, offers=offers, past=(("m4", asked()),))
    (figure,) = of_request(request, demo=False)
    assert (figure.name, figure.place, figure.ms) == ("medic", "meri", durations(request))
    assert figure.counts == {"all": 1, "accepted": 1, "accepted_60s": 1, "offers": 4, "offers_accepted": 1}


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"outcome": "unfounded"}, {"accepted": 1, "accepted_60s": 1, "unfounded": 1}),
        ({"state": "cancelled", "reason": "mistake", "times": {"called": NOW, "cancelled": NOW + 9}}, {"mistake": 1}),
        ({"times": {"called": NOW, "accepted": NOW + 60_001}}, {"accepted": 1}),
    ],
)
def test_false_and_late_calls_are_told_apart(more: dict[str, Any], counts: dict[str, int]) -> None:
    """Unfounded, a mistake, accepted after a minute."""
    (figure,) = of_request(replace(REQUEST, offers={}, **more), demo=False)
    assert figure.counts == {"all": 1, "offers": 0, "offers_accepted": 0, **counts}


@pytest.mark.parametrize("more", [{"drill": True}, {"urgency": "visit"}, {"was_visit": True}, {"in_grace": True}])
def test_a_drill_or_a_visit_is_in_no_figure(more: dict[str, Any]) -> None:
    """Nor what was taken back in the grace, nor what is not over."""
    assert of_request(replace(REQUEST, **more), demo=True) == ()
    assert of_request(replace(REQUEST, state="called"), demo=True) == ()


def test_what_is_simulated_counts_in_a_simulated_city_alone() -> None:
    """A demo's archive is marked as one; in a real city nobody simulated is counted."""
    request = replace(REQUEST, source="sim")
    assert of_request(request, demo=False) == ()
    assert len(of_request(request, demo=True)) == 1


@pytest.mark.parametrize(
    ("more", "ms", "counts"),
    [
        ({}, {"rang_answered": 30_000, "accepted_ready": 600_000}, {"asked": 1, "answered": 1, "completed": 1}),
        (
            {"state": "rejected", "times": {"rejected": NOW + 2_000}},
            {"rang_answered": 1_000},
            {"asked": 1, "answered": 1},
        ),
        ({"state": "expired", "times": {"expired": NOW + 180_000}}, {}, {"asked": 1, "expired": 1}),
        ({"state": "cancelled", "times": {"cancelled": NOW}}, {}, {}),
        (
            {"state": "cancelled", "reason": "no_show", "times": {"accepted": NOW + 2_000}},
            {"rang_answered": 1_000},
            {"asked": 1, "answered": 1, "no_show": 1},
        ),
    ],
)
def test_an_order_counts_how_it_was_answered(more: dict[str, Any], ms: dict[str, int], counts: dict[str, int]) -> None:
    """In time, never, or not at all because the buyer took it back first."""
    assert of_order(replace(ORDER, **more)) == (Figure("order", "miji", ms, {"all": 1, **counts}),)


def test_a_trip_counts_each_of_its_stops() -> None:
    """On time from a minute before to five after; early is not late; a cancelled stop does not count."""
    due = [TripStop(id=str(n), name="x", kelurahan="miji", lat=0, lon=0, scheduled_at=NOW) for n in range(6)]
    late = [-61_000, -60_000, 300_000, 300_001]
    stops = [replace(stop, state="departed", arrived_at=NOW + ms) for stop, ms in zip(due, late, strict=False)]
    stops += [replace(due[4], state="skipped"), replace(due[5], state="cancelled")]
    trip = Trip(id="t", van="v", van_name="V", services=(), day="2026-11-27", stops=tuple(stops))
    found = of_trip(trip)
    assert [figure.ms.get("late") for figure in found] == [0, 0, 300_000, 300_001, None]
    assert [figure.counts.get("on_time", 0) for figure in found] == [0, 1, 1, 0, 0]
    assert found[4] == Figure("van", "miji", {}, {"all": 1, "skipped": 1})
    assert of_trip(replace(trip, state="cancelled")) == ()


def test_every_report_is_of_a_desk_and_counts_what_is_counted() -> None:
    """Names of durations and shares are those that figures have."""
    names = {report.name: report for report in REPORTS}
    assert {report.desk for report in REPORTS} <= set(DESKS)
    assert names["medic"].ms == tuple(INTERVALS)
    (order,) = of_order(ORDER)
    assert set(order.ms) == set(names["order"].ms)
    for report in REPORTS:
        assert all(of in {"all", "offers", "asked", "arrived"} for of in report.shares.values())


# -- through the services ------------------------------------------------------------------


def test_a_request_is_counted_by_its_timer_once() -> None:
    """The command that adds it to its day carries the figure."""
    world = World()
    world.on_duty(1)
    request = whole(world)
    outcome = world.run("medic.count", {"request": request}, TIMER)
    assert isinstance(outcome, Decision)
    (figure,) = outcome.figures
    assert (figure.place, figure.counts["accepted"]) == ("kranggan", 1)
    world.settle()
    again = world.run("medic.count", {"request": request}, TIMER)
    assert not isinstance(again, Decision) or again.figures == ()


def test_an_order_is_counted_at_its_end() -> None:
    """Not while it goes on."""
    world = Market()
    world.open_shop("s1")
    order = world.place()
    accepted = world.run("order.accept", {"order": order, "prep_min": 5}, SELLER)
    assert isinstance(accepted, Decision)
    assert accepted.figures == ()
    done = world.run("order.advance", {"order": order, "to": "completed"}, SELLER)
    assert isinstance(done, Decision)
    assert [figure.counts["completed"] for figure in done.figures] == [1]
    other = world.place()
    taken_back = world.run("order.cancel", {"order": other, "reason": "mistake"}, BUYER)
    assert isinstance(taken_back, Decision)
    assert taken_back.figures[0].counts == {"all": 1}


def test_a_trip_is_counted_at_midnight() -> None:
    """A figure for each stop of the day."""
    world = planned()
    count = len(world.trip.stops)
    world.press("van.arrive")
    world.now = MIDNIGHT + DAY_MS
    outcome = world.done("van.turn", TIMER)
    assert len(outcome.figures) == count
    assert sum(figure.counts.get("arrived", 0) for figure in outcome.figures) == 1
