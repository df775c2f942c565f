"""A city's kelurahan as its file draws them, and what is wrong with the drawing.

Borders are drawn one kelurahan at a time, so neighbours leave slivers and overlap by metres: nobody is harmed, a point
in a sliver belongs to whoever is nearest. A hole as wide as a house row is another thing: whoever taps there lies
outside the city. So the ground is laid out in cells (`Raster`), and what is thinner than two cells is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import cos, hypot, isfinite, radians
from typing import Any, Final

from msgspec import Struct

from hub.city_raster import Patch, Raster

Point = tuple[float, float]
"""Longitude, latitude: as GeoJSON has them (RFC 7946 section 3.1.1)."""
Ring = tuple[Point, ...]

INDONESIA: Final = (94.5, -11.5, 141.5, 6.5)
"""West, south, east, north, with room."""
WIDEST: Final = 6.0
"""Degrees: Merauke, the largest regency, takes four."""
MOST_WARDS: Final = 1_000
MOST_POINTS: Final = 200_000
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


class Ward(Struct, frozen=True):
    """One kelurahan: its polygons, each an outer ring and those of its holes."""

    id: str
    name: str
    code: str
    polygons: tuple[tuple[Ring, ...], ...]

    @property
    def rings(self) -> tuple[Ring, ...]:
        return tuple(ring for polygon in self.polygons for ring in polygon)


class Ground(Struct, frozen=True):
    """All of them, and the GeoJSON that they were read from."""

    geojson: Mapping[str, Any]
    wards: tuple[Ward, ...]

    @classmethod
    def of(cls, geojson: Any, code: str) -> Ground:
        """Read a FeatureCollection of the kelurahan of a city, or of any city when `code` is empty.

        Raises:
            ValueError: it is none, or a feature is no such kelurahan; says what was expected, and where.
        """
        if not isinstance(geojson, dict) or geojson.get("type") != "FeatureCollection":
            raise ValueError("a GeoJSON FeatureCollection")
        features = geojson.get("features")
        if not isinstance(features, list) or not 1 <= len(features) <= MOST_WARDS:
            raise ValueError(f"1 to {MOST_WARDS} features, one for each kelurahan")
        wards = tuple(_ward(feature, number, code) for number, feature in enumerate(features, 1))
        for what in ("id", "code"):
            seen: dict[str, Ward] = {}
            for ward in wards:
                if (key := getattr(ward, what)) in seen:
                    raise ValueError(
                        f"each kelurahan once, got {ward.name} ({ward.code}) and {seen[key].name} as {key}"
                    )
                seen[key] = ward
        if sum(len(ring) for ward in wards for ring in ward.rings) > MOST_POINTS:
            raise ValueError(f"at most {MOST_POINTS:,} points: simplify the borders")
        return cls(geojson, wards)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        points = [point for ward in self.wards for ring in ward.rings for point in ring]
        lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
        return min(lons), min(lats), max(lons), max(lats)


def flaws_of(ground: Ground) -> list[str]:
    """What is wrong with a ground, a sentence each: where it lies, each ring by itself, then holes and overlaps."""
    where = _misplaced(ground)
    if where is not None:
        return [where]
    rings = [said for ward in ground.wards for said in _ring_flaws(ward)]
    if rings:
        return rings  # what does not close has no inside that could be laid out in cells
    raster = Raster(ground.box, [ward.rings for ward in ground.wards])
    return [_hole(ground, patch) for patch in raster.holes()] + [_overlap(ground, patch) for patch in raster.overlaps()]


def _ward(feature: Any, number: int, code: str) -> Ward:
    try:
        properties, geometry = feature["properties"], feature["geometry"]
        name, own = properties["name"], properties["code"]
        shapes = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        polygons = tuple(tuple(tuple(_point(one) for one in ring) for ring in shape) for shape in shapes)
        if geometry["type"] not in ("Polygon", "MultiPolygon") or not polygons or not all(polygons):
            raise TypeError
    except (KeyError, TypeError, IndexError, ValueError):
        raise ValueError(f"a Polygon or MultiPolygon with `name` and `code` as feature {number}") from None
    id_ = str(name).lower().replace(" ", "-")
    if not isinstance(name, str) or not _SEGMENT.fullmatch(id_):
        raise ValueError(f"a name of letters, digits, spaces and hyphens as feature {number}, got {name!r}")
    if not isinstance(own, str) or (code and not own.startswith(f"{code}.")):
        raise ValueError(f"a code that begins with {code}. for {name} (feature {number}), got {own!r}")
    return Ward(id_, name, own, polygons)


def _point(value: Any) -> Point:
    lon, lat = float(value[0]), float(value[1])
    if not (isfinite(lon) and isfinite(lat)):
        raise ValueError
    return lon, lat


def _misplaced(ground: Ground) -> str | None:
    west, south, east, north = ground.box
    least_lon, least_lat, most_lon, most_lat = INDONESIA
    found = f"latitude {south:.2f} to {north:.2f}, longitude {west:.2f} to {east:.2f}"
    if not (least_lon <= west and east <= most_lon and least_lat <= south and north <= most_lat):
        turned = least_lon <= south and north <= most_lon
        hint = "; GeoJSON has the longitude first" if turned else ""
        return f"expected a place in Indonesia, got {found}{hint}"
    if max(east - west, north - south) > WIDEST or min(east - west, north - south) < 0.002:
        return f"expected a city or regency of 0.002 to {WIDEST:g} degrees, got {found}"
    return None


def _ring_flaws(ward: Ward) -> Iterator[str]:
    for ring in ward.rings:
        if len(ring) < 4 or ring[0] != ring[-1]:
            lon, lat = ring[-1] if ring else (0.0, 0.0)
            yield f"the border of {ward.name} is not closed: its last point ({lat:.5f}, {lon:.5f}) is not its first"
        elif (crossing := crossed(ring)) is not None:
            lon, lat = crossing
            yield f"the border of {ward.name} crosses itself near {lat:.5f}, {lon:.5f}"


def crossed(ring: Ring) -> Point | None:
    """Where a closed ring crosses itself, or None: a sweep from west to east over its edges."""
    edges = sorted(
        ((min(a[0], b[0]), max(a[0], b[0]), number, a, b) for number, (a, b) in enumerate(pairwise(ring)) if a != b)
    )
    active: list[tuple[float, float, int, Point, Point]] = []
    for edge in edges:
        west, _, _, a, b = edge
        active = [other for other in active if other[1] >= west]
        for _, _, _, c, d in active:
            if _cross(a, b, c, d):
                return _meeting(a, b, c, d)
        active.append(edge)
    return None


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, point: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _meeting(a: Point, b: Point, c: Point, d: Point) -> Point:
    part = _side(c, d, a) / (_side(c, d, a) - _side(c, d, b))
    return a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])


def _hole(ground: Ground, patch: Patch) -> str:
    near = " and ".join(ground.wards[number].name for number in _nearest(ground.wards, patch.middle))
    lon, lat = patch.middle
    return f"a hole of {_area(patch)} at {lat:.5f}, {lon:.5f} (between {near}) is in no kelurahan"


def _overlap(ground: Ground, patch: Patch) -> str:
    lon, lat = patch.middle
    one, other = (ground.wards[number].name for number in patch.wards)
    return f"{one} and {other} both have {_area(patch)} at {lat:.5f}, {lon:.5f}"


def _area(patch: Patch) -> str:
    return f"{patch.area_m2 / 10_000:.1f} ha" if patch.area_m2 >= 1_000 else f"{patch.area_m2:.0f} m²"


def _nearest(wards: Sequence[Ward], point: Point) -> list[int]:
    """The two wards with a corner nearest to a point."""
    scale = cos(radians(point[1]))

    def away(number: int) -> float:
        corners = (corner for ring in wards[number].rings for corner in ring)
        return min(hypot((lon - point[0]) * scale, lat - point[1]) for lon, lat in corners)

    return sorted(range(len(wards)), key=away)[:2]
