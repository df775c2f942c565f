"""What the long memory counts: one figure for each request, order and stop of a trip, when it is over.

A figure holds durations and yes-or-no counts, no name, no id and no place finer than a kelurahan. Drills, visits and
what was simulated make none. The reports over them are named here, each with the desk that may read it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from channels.medic_state import Request
from channels.medic_times import INTERVALS, counts_in_figures, durations
from channels.order_things import Order
from channels.van_things import Trip
from hub.contract import Figure, Public, Report

ACCEPTED_SOON_MS: Final = 60_000
ON_TIME_MS: Final = (-60_000, 300_000)
"""A van is on time from a minute before the timetable to five minutes after it."""

REPORTS: Final = (
    Report(
        "medic", "medic", tuple(INTERVALS),
        {"accepted": "all", "accepted_60s": "all", "offers_accepted": "offers", "unfounded": "all", "mistake": "all"},
    ),
    Report("order", "market", ("rang_answered", "accepted_ready"),
           {"answered": "asked", "expired": "asked", "completed": "all", "no_show": "all"}),
    Report("van", "van", ("late",), {"on_time": "arrived", "arrived": "all", "skipped": "all"}),
)  # fmt: skip

PUBLIC: Final = (
    Public("medic", "all", "accepted", tuple(INTERVALS)),
    Public("order", "asked", "answered", ("rang_answered",)),
    Public("van", "arrived", "on_time", ("late",)),
)
"""For everybody: calls and whether a medic came, orders answered in time, vans on time."""


def of_request(request: Request, *, demo: bool) -> tuple[Figure, ...]:
    """Of a request that has ended; none of a drill, a visit, one taken back in the grace, or a simulated one."""
    if not counts_in_figures(request) or (request.source == "sim" and not demo):
        return ()
    ms = durations(request)
    asked = [*request.offers.values(), *(offer for _, offer in request.past)]
    accepted = ms.get("called_accepted")
    counts = {
        "accepted": accepted is not None,
        "accepted_60s": accepted is not None and accepted <= ACCEPTED_SOON_MS,
        "unfounded": request.outcome == "unfounded",
        "mistake": request.reason == "mistake",
    }
    offers = {"offers": len(asked), "offers_accepted": sum(offer.state == "won" for offer in asked)}
    return (Figure("medic", request.kelurahan, ms, {"all": 1, **offers, **_ones(counts)}),)


def of_order(order: Order) -> tuple[Figure, ...]:
    """Of an order that has ended. One that its buyer took back before an answer asked the shop for none."""
    times, ms = order.times, {}
    answered_at = times.get("accepted") or times.get("rejected")
    if answered_at and order.ring_at:
        ms["rang_answered"] = max(0, answered_at - order.ring_at)
    if "accepted" in times and "ready" in times:
        ms["accepted_ready"] = times["ready"] - times["accepted"]
    counts = {
        "asked": bool(answered_at) or order.state == "expired",
        "answered": bool(answered_at),
        "expired": order.state == "expired",
        "completed": order.state == "completed",
        "no_show": order.reason == "no_show",
    }
    return (Figure("order", order.kelurahan, ms, {"all": 1, **_ones(counts)}),)


def of_trip(trip: Trip) -> tuple[Figure, ...]:
    """Of a trip whose day is over: one for each stop; none of a trip or a stop that was cancelled."""
    if trip.state == "cancelled":
        return ()
    return tuple(_of_stop(stop.kelurahan, stop.scheduled_at, stop.arrived_at, stop.state == "skipped")
                 for stop in trip.stops if stop.state != "cancelled")  # fmt: skip


def _of_stop(kelurahan: str, scheduled_at: int, arrived_at: int | None, skipped: bool) -> Figure:
    if arrived_at is None:
        return Figure("van", kelurahan, {}, {"all": 1, **_ones({"skipped": skipped})})
    late = arrived_at - scheduled_at
    on_time = ON_TIME_MS[0] <= late <= ON_TIME_MS[1]
    counts = {"arrived": True, "on_time": on_time, "skipped": skipped}
    return Figure("van", kelurahan, {"late": max(0, late)}, {"all": 1, **_ones(counts)})


def _ones(counts: dict[str, bool]) -> dict[str, int]:
    return {name: 1 for name, yes in counts.items() if yes}


def reports_of(desks: Iterable[str]) -> tuple[Report, ...]:
    """Those that somebody at these desks may read."""
    return tuple(report for report in REPORTS if report.desk in set(desks))
