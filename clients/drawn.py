"""The lines that simulated vans drive along, as they stand in `routes.json`, which says where they come from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any, Final

from clients.paths import Ground, Point

FILE: Final = Path(__file__).parent / "routes.json"
ON_LINE_M: Final = 40.0
"""Who is farther from the line first drives to it, as everybody without a line does."""


CORNERS_BEFORE: Final = 2


class Line:
    """One van's closed line through its stops.

    Args:
        points: its corners; after the last comes the first.
        stops: stop -> which corner it is.
    """

    def __init__(self, ground: Ground, points: Sequence[Point], stops: Mapping[str, int]) -> None:
        self._ground, self._points, self._stops = ground, tuple(points), dict(stops)

    def way(self, start: Point, stop: str, place: Point) -> tuple[Point, ...]:
        """From where a van is to a stop, along the line the shorter way round; both ends included.

        A stop that is not on the line, or no longer where it was drawn, is driven to straight on.
        """
        if stop not in self._stops or self._ground.metres(self._points[self._stops[stop]], place) > ON_LINE_M:
            return self._ground.route(start, place)
        edge, foot = self._nearest(start)
        many, last = len(self._points), self._stops[stop]
        ahead = [self._points[(edge + 1 + step) % many] for step in range((last - edge - 1) % many + 1)]
        back = [self._points[(edge - step) % many] for step in range((edge - last) % many + 1)]
        shorter = min((ahead, back), key=lambda way: self.metres((foot, *way)))
        far = self._ground.metres(start, foot) > ON_LINE_M
        to_line = self._ground.route(start, foot) if far else (start,)
        corners = [*to_line, *shorter]
        return (*(a for a, b in pairwise(corners) if a != b), corners[-1])

    def before(self, stop: str) -> Point | None:
        """A corner some way before a stop, where a van stands that has not set out; None for a stop not on the line."""
        return self._points[self._stops[stop] - CORNERS_BEFORE] if stop in self._stops else None

    def metres(self, way: Iterable[Point]) -> float:
        return sum(self._ground.metres(a, b) for a, b in pairwise(way))

    def _nearest(self, place: Point) -> tuple[int, Point]:
        """The edge that a place is nearest to, by its first corner, and the nearest point on it."""
        edges = enumerate(zip(self._points, (*self._points[1:], self._points[0]), strict=True))
        feet = ((number, _foot(a, b, place)) for number, (a, b) in edges)
        return min(feet, key=lambda found: self._ground.metres(found[1], place))


def lines(ground: Ground, file: Path = FILE) -> dict[str, Line]:
    """Van -> its line."""
    drawn: dict[str, Any] = json.loads(file.read_text("utf-8"))["vans"]
    return {van: Line(ground, [Point(*point) for point in one["line"]], one["stops"]) for van, one in drawn.items()}


def _foot(a: Point, b: Point, place: Point) -> Point:
    scale = cos(radians(a.lat))
    north, east = b.lat - a.lat, (b.lon - a.lon) * scale
    length = north * north + east * east
    if not length:
        return a
    along = ((place.lat - a.lat) * north + (place.lon - a.lon) * scale * east) / length
    part = max(0.0, min(1.0, along))
    return Point(a.lat + (b.lat - a.lat) * part, a.lon + (b.lon - a.lon) * part)
