"""The timetable of a simulated van: its trip is planned for now, whatever time of the day it is.

The van desk saves it as the exception of this day, as it would for a van that starts late; the week's plan stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from clients.client import Client, Refused, Unanswered
from clients.drawn import Line
from clients.gps_noise import NOISE
from clients.paths import Point
from clients.stage import Stage

View = dict[str, Any]

DAY_MIN: Final = 24 * 60
MINUTE_MS: Final = 60_000

FIRST_MIN: Final = 1.5
"""From the plan until the van sets out."""
STAY_MIN: Final = 2.0
LIGHTS: Final = 1.2
"""How much longer a way takes than at the speed alone: it has red lights."""
SOON_MS: Final = 20 * MINUTE_MS
"""A first stop that is due within this time needs no other timetable."""
LATE_MS: Final = 5 * MINUTE_MS
"""Nor does one for which the crew is so late."""


def fitted(minute: float, gaps: Sequence[float]) -> list[int] | None:
    """The minutes of the day of stops so many minutes apart, each later than the one before.

    Before midnight they are moved together; None when the day has no room for them.
    """
    if minute + len(gaps) >= DAY_MIN:
        return None
    room = DAY_MIN - 1 - len(gaps) - minute
    share = min(1.0, room / (sum(gaps) or 1.0))
    minutes: list[int] = []
    at = minute
    for gap in gaps:
        at += gap * share
        minutes.append(max(int(at), minutes[-1] + 1 if minutes else int(minute) + 1))
    return minutes


def is_soon(view: View, now_ms: int) -> bool:
    """Whether a trip's next stop is due about now."""
    at = next((stop["scheduled_at"] for stop in view.get("trip", ()) if stop["stop"] == view.get("next")), None)
    return at is not None and -LATE_MS <= at - now_ms <= SOON_MS


class Planner:
    """The van desk, which makes one van's timetable of today."""

    def __init__(self, stage: Stage, van: str, line: Line | None, desk: Client) -> None:
        self._stage, self._van, self._line, self._desk = stage, van, line, desk

    async def plan(self, view: View, start: Point, places: dict[str, Point]) -> bool:
        """Save the stops that are expected, in their order, from now on; whether that was done."""
        stops = [row["stop"] for row in view["trip"] if row["state"] == "expected" and row["stop"] in places]
        minute = (self._stage.now_ms() + self._stage.zone_ms) / MINUTE_MS % DAY_MIN
        minutes = fitted(minute, self._gaps(start, [(stop, places[stop]) for stop in stops]))
        if minutes is None or not stops:
            return False
        planned = [{"stop": stop, "minute": at} for stop, at in zip(stops, minutes, strict=True)]
        try:
            await self._desk.call("trip.save", {"van": self._van, "stops": planned})
        except (Refused, Unanswered):
            return False
        return True

    def _gaps(self, start: Point, stops: list[tuple[str, Point]]) -> list[float]:
        gaps, place, wait = [], start, FIRST_MIN
        for stop, there in stops:
            metres = self._metres(place, stop, there)
            gaps.append(wait + metres / (NOISE.speed_kmh / 3.6) / 60 * LIGHTS)
            place, wait = there, STAY_MIN
        return gaps

    def _metres(self, start: Point, stop: str, place: Point) -> float:
        if self._line is None:
            return self._stage.ground.metres(start, place) * NOISE.detour_mean
        return self._line.metres(self._line.way(start, stop, place))
