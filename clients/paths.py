"""Ways through the city for simulated people: drawn inside its polygons, never along streets.

No street data are supplied, so nobody here pretends to know any: a way is a
straight line where that stays inside the city, and otherwise a few straight
lines over a grid of points inside it. Pure: chance comes in as `random.Random`,
time as seconds gone by.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import cos, floor, hypot, radians
from typing import Any, Final, NamedTuple

METRES_PER_DEGREE: Final = 111_195.0
CELL_M: Final = 120.0
SAMPLE_M: Final = 25.0
SLIVER_M: Final = 20.0
"""Borders were simplified one by one: between neighbours may be a sliver in neither."""

KM_H: Final = 1 / 3.6
"""Metres per second."""

Ring = tuple[tuple[float, float], ...]
Cell = tuple[int, int]


class Point(NamedTuple):
    lat: float
    lon: float


class Ground:
    """The kelurahan of a GeoJSON FeatureCollection, in metres around their middle."""

    def __init__(self, geojson: Mapping[str, Any]) -> None:
        shapes = {}
        self.names: dict[str, str] = {}
        for feature in geojson["features"]:
            name, geometry = feature["properties"]["name"], feature["geometry"]
            parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
            self.names[name.lower()] = name
            shapes[name.lower()] = [ring for part in parts for ring in part]
        points = [point for rings in shapes.values() for ring in rings for point in ring]
        self._lat = sum(point[1] for point in points) / len(points)
        self._lon = sum(point[0] for point in points) / len(points)
        self._scale = cos(radians(self._lat)) * METRES_PER_DEGREE
        self._rings: dict[str, list[Ring]] = {
            name: [tuple(self._flat(Point(lat, lon)) for lon, lat in ring) for ring in rings]
            for name, rings in shapes.items()
        }
        self._boxes = {name: _box(rings) for name, rings in self._rings.items()}
        self._cells = self._grid()
        self._free = cache(self._free_between)

    def kelurahan_at(self, place: Point) -> str | None:
        """The kelurahan that holds a place, or None."""
        x, y = self._flat(place)
        for name, (west, south, east, north) in self._boxes.items():
            if west <= x <= east and south <= y <= north and _holds(self._rings[name], x, y):
                return name
        return None

    def inside(self, place: Point) -> bool:
        """Whether a place is in the city; a sliver between two kelurahan is."""
        return self.kelurahan_at(place) is not None or self._sliver(place)

    def somewhere(self, rng: random.Random, kelurahan: str) -> Point:
        """A random place inside one kelurahan."""
        west, south, east, north = self._boxes[kelurahan]
        while True:
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            place = Point(*(round(degrees, 6) for degrees in self._point(x, y)))
            if self.kelurahan_at(place) == kelurahan:
                return place

    def metres(self, a: Point, b: Point) -> float:
        (ax, ay), (bx, by) = self._flat(a), self._flat(b)
        return hypot(bx - ax, by - ay)

    def route(self, start: Point, end: Point) -> tuple[Point, ...]:
        """A way from `start` to `end`, both included.

        Every piece stays inside the city, except to a `start` or `end` that is
        outside it.
        """
        if self._clear(start, end):
            return (start, end)
        first, last = self._nearest_cell(start), self._nearest_cell(end)
        points = [start, *(self._middle(cell) for cell in self._search(first, last)), end]
        way, place = [start], 0
        while place < len(points) - 1:
            reach = next(
                (far for far in range(len(points) - 1, place + 1, -1) if self._clear(points[place], points[far])),
                place + 1,
            )
            way.append(points[reach])
            place = reach
        return tuple(way)

    def _search(self, first: Cell, last: Cell) -> list[Cell]:
        """A* over the grid; straight to `last` when no way leads there."""
        came: dict[Cell, Cell | None] = {first: None}
        cost = {first: 0.0}
        waiting: list[tuple[float, Cell]] = [(0.0, first)]
        while waiting:
            _, cell = heapq.heappop(waiting)
            if cell == last:
                way = [cell]
                while (before := came[way[-1]]) is not None:
                    way.append(before)
                return way[::-1]
            for dx, dy in _AROUND:
                near = cell[0] + dx, cell[1] + dy
                if near in self._cells and self._free(cell, near):
                    dearer = cost[cell] + hypot(dx, dy)
                    if dearer < cost.get(near, float("inf")):
                        cost[near], came[near] = dearer, cell
                        heapq.heappush(waiting, (dearer + hypot(last[0] - near[0], last[1] - near[1]), near))
        return [first, last]

    def _clear(self, a: Point, b: Point) -> bool:
        steps = max(1, int(self.metres(a, b) / SAMPLE_M))
        return all(
            self.inside(Point(a.lat + (b.lat - a.lat) * step / steps, a.lon + (b.lon - a.lon) * step / steps))
            for step in range(steps + 1)
        )

    def _free_between(self, a: Cell, b: Cell) -> bool:
        return self._clear(self._middle(a), self._middle(b))

    def _grid(self) -> frozenset[Cell]:
        west, south, east, north = _box([ring for rings in self._rings.values() for ring in rings])
        columns, rows = range(floor(west / CELL_M), floor(east / CELL_M) + 1), range(floor(south / CELL_M), 1000)
        return frozenset(
            (column, row)
            for row in rows
            if row * CELL_M <= north
            for column in columns
            if self.kelurahan_at(self._middle((column, row))) is not None
        )

    def _nearest_cell(self, place: Point) -> Cell:
        x, y = self._flat(place)

        def away(cell: Cell) -> float:
            return hypot((cell[0] + 0.5) * CELL_M - x, (cell[1] + 0.5) * CELL_M - y)

        near = sorted(self._cells, key=away)[:8]
        return next((cell for cell in near if self._clear(place, self._middle(cell))), near[0])

    def _middle(self, cell: Cell) -> Point:
        return self._point((cell[0] + 0.5) * CELL_M, (cell[1] + 0.5) * CELL_M)

    def _flat(self, place: Point) -> tuple[float, float]:
        return (place.lon - self._lon) * self._scale, (place.lat - self._lat) * METRES_PER_DEGREE

    def _point(self, x: float, y: float) -> Point:
        return Point(self._lat + y / METRES_PER_DEGREE, self._lon + x / self._scale)

    def _sliver(self, place: Point) -> bool:
        x, y = self._flat(place)
        for name, (west, south, east, north) in self._boxes.items():
            if west - SLIVER_M <= x <= east + SLIVER_M and south - SLIVER_M <= y <= north + SLIVER_M:
                for ring in self._rings[name]:
                    if any(_edge_m(a, b, x, y) <= SLIVER_M for a, b in pairwise(ring)):
                        return True
        return False


class Traveller:
    """Somebody on a way: where they are after so many seconds."""

    def __init__(self, ground: Ground, place: Point) -> None:
        self._ground = ground
        self.place = place
        self._way: list[Point] = []
        self.speed = 0.0

    @property
    def arrived(self) -> bool:
        return not self._way

    def go(self, end: Point, speed_m_s: float) -> None:
        """Set out for `end` from where one is."""
        self.take(self._ground.route(self.place, end), speed_m_s)

    def take(self, way: Sequence[Point], speed_m_s: float) -> None:
        """Set out on a way that begins where one is."""
        self._way = list(way[1:])
        self.speed = speed_m_s

    def halt(self) -> None:
        self._way.clear()

    def advance(self, seconds: float) -> None:
        """Go on for a while; a bend costs no time."""
        left = self.speed * seconds
        while self._way and left > 0:
            ahead = self._ground.metres(self.place, self._way[0])
            if ahead <= left:
                self.place = self._way.pop(0)
                left -= ahead
            else:
                part, end = left / ahead, self._way[0]
                lat, lon = self.place
                self.place = Point(lat + (end.lat - lat) * part, lon + (end.lon - lon) * part)
                left = 0.0


_AROUND: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))


def _box(rings: Sequence[Ring]) -> tuple[float, float, float, float]:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _holds(rings: Sequence[Ring], x: float, y: float) -> bool:
    """Even-odd rule; GeoJSON rings end where they begin (RFC 7946 section 3.1.6)."""
    odd = False
    for ring in rings:
        for (ax, ay), (bx, by) in pairwise(ring):
            if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                odd = not odd
    return odd


def _edge_m(a: tuple[float, float], b: tuple[float, float], x: float, y: float) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - a[0]) * dx + (y - a[1]) * dy) / length))
    return hypot(a[0] + along * dx - x, a[1] + along * dy - y)
