"""The city's ground: which kelurahan a point lies in, how far it is, how long it takes.

A point is located by point-in-polygon, never by the nearest centroid (Miji's
centroid lies inside Kranggan). Polygons are GeoJSON: rings of [lng, lat].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import asin, cos, hypot, radians, sin, sqrt
from typing import Any, Literal

from msgspec import Struct

from channels.rules import RULES, Rules

EARTH_M = 6_371_008.8
M_PER_DEGREE = EARTH_M * radians(1)

SLIVER_M = 15.0
"""The borders were simplified one by one, so neighbours may leave a sliver between
them. A point in no polygon, but this near to one, belongs to it."""

DETOUR = 1.35
FAST_M_S = 35 / 3.6
SLOW_M_S = 15 / 3.6
FIX_FRESH_S = 30
FIX_LOST_S = 90

Band = Literal["lt500", "lt1000", "lt2000", "gt2000", "unknown"]
Point = tuple[float, float]
Ring = tuple[Point, ...]


class Kelurahan(Struct, frozen=True):
    """One ward. `lat` and `lon` name a point that lies inside; rings are (lon, lat)."""

    id: str
    name: str
    code: str
    lat: float
    lon: float
    polygons: tuple[tuple[Ring, ...], ...]
    box: tuple[float, float, float, float]


class City:
    """The kelurahan of one city, in the order of the file.

    Args:
        geojson: a FeatureCollection of Polygons or MultiPolygons with `name`
            and `code`; a kelurahan's id is its name in lower case, a space in it a hyphen.
        rules: what this city decides for itself.
    """

    def __init__(self, geojson: Mapping[str, Any], rules: Rules = RULES) -> None:
        self.rules = rules
        self.kelurahan: dict[str, Kelurahan] = {}
        for feature in geojson["features"]:
            found = _kelurahan(feature)
            self.kelurahan[found.id] = found

    def has(self, kelurahan: str) -> bool:
        return kelurahan in self.kelurahan

    def name(self, kelurahan: str) -> str:
        return self.kelurahan[kelurahan].name

    def kelurahan_at(self, lat: float, lon: float) -> str | None:
        """The kelurahan that holds the point, or None outside the city."""
        for ward in self.kelurahan.values():
            west, south, east, north = ward.box
            if west <= lon <= east and south <= lat <= north and _inside(ward, lat, lon):
                return ward.id
        near, distance = self.nearest_edge(lat, lon)
        return near if distance <= SLIVER_M else None

    def nearest_edge(self, lat: float, lon: float) -> tuple[str, float]:
        """The kelurahan whose border is nearest, and how many metres away it is."""
        return min(
            ((ward.id, _edge_m(ring, lat, lon)) for ward in self.kelurahan.values() for ring in _rings(ward)),
            key=lambda found: found[1],
        )

    def coded(self, code: str) -> tuple[str, ...]:
        """The kelurahan of a Kemendagri code: one, or all of a kecamatan or city (`35.76.01`, `35.76`)."""
        wards = self.kelurahan.values()
        return tuple(ward.id for ward in wards if ward.code == code or ward.code.startswith(code + "."))

    def touched(self, ring: Ring) -> tuple[str, ...]:
        """The kelurahan that share ground with an area: its border, the first point again at the end."""
        return tuple(
            ward.id for ward in self.kelurahan.values() if any(_overlap(ring, one[0]) for one in ward.polygons)
        )

    def within(self, lat: float, lon: float, metres: float) -> tuple[str, ...]:
        """The kelurahan that are no farther than this from a point."""

        def near(ward: Kelurahan) -> bool:
            return _inside(ward, lat, lon) or any(_edge_m(ring, lat, lon) <= metres for ring in _rings(ward))

        return tuple(ward.id for ward in self.kelurahan.values() if near(ward))

    def outward(self, kelurahan: str) -> tuple[str, ...]:
        """All kelurahan, nearest first, this one before all others; `KeyError` for an unknown one."""
        origin = self.kelurahan[kelurahan]

        def away(ward: Kelurahan) -> tuple[float, str]:
            return distance_m(origin.lat, origin.lon, ward.lat, ward.lon), ward.id

        return tuple(ward.id for ward in sorted(self.kelurahan.values(), key=away))

    def point_in(self, kelurahan: str) -> tuple[float, float]:
        """A point (lat, lon) well inside a kelurahan; `KeyError` for an unknown one."""
        ward = self.kelurahan[kelurahan]
        return ward.lat, ward.lon


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance (haversine)."""
    across = sin(radians(other_lat - lat) / 2) ** 2
    along = cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(across + along)))


def distance_band(metres: float | None) -> Band:
    """What a medic may know of the distance before accepting."""
    if metres is None:
        return "unknown"
    if metres < 500:
        return "lt500"
    if metres < 1000:
        return "lt1000"
    return "lt2000" if metres < 2000 else "gt2000"


def eta_s(metres: float, fix_age_ms: int = 0) -> list[int] | None:
    """The time to come as [low, high] seconds, until something better is measured.

    Straight line x 1.35 at 35 and at 15 km/h. A fix older than 30 s widens the
    band by the excess on both sides; older than 90 s there is none.
    """
    age_s = fix_age_ms / 1000
    if age_s > FIX_LOST_S:
        return None
    excess = max(0.0, age_s - FIX_FRESH_S)
    way = metres * DETOUR
    return [round(max(0.0, way / FAST_M_S - excess)), round(way / SLOW_M_S + excess)]


def blurred(lat: float, lon: float) -> tuple[float, float]:
    """A place to about 500 m, for what is kept after the patient left."""
    return round(lat * 200) / 200, round(lon * 200) / 200


def _kelurahan(feature: Mapping[str, Any]) -> Kelurahan:
    properties, geometry = feature["properties"], feature["geometry"]
    shapes = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    polygons = tuple(
        tuple(tuple((float(point[0]), float(point[1])) for point in ring) for ring in shape) for shape in shapes
    )
    lons = [lon for polygon in polygons for lon, _ in polygon[0]]
    lats = [lat for polygon in polygons for _, lat in polygon[0]]
    lat, lon = _point_inside(polygons, min(lats), max(lats))
    return Kelurahan(
        id=properties["name"].lower().replace(" ", "-"),
        name=properties["name"],
        code=properties["code"],
        lat=lat,
        lon=lon,
        polygons=polygons,
        box=(min(lons), min(lats), max(lons), max(lats)),
    )


def _rings(ward: Kelurahan) -> Iterator[Ring]:
    for polygon in ward.polygons:
        yield from polygon


def _crossings(ring: Ring, lat: float) -> list[float]:
    """Longitudes where a ring crosses a parallel; each vertex belongs to one edge only."""
    found = []
    for (lon_a, lat_a), (lon_b, lat_b) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (lat_a > lat) != (lat_b > lat):
            found.append(lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a))
    return sorted(found)


def _inside(ward: Kelurahan, lat: float, lon: float) -> bool:
    """Even-odd rule over all rings of a polygon, holes included."""
    return any(_holds(polygon, lat, lon) for polygon in ward.polygons)


def _holds(rings: Iterable[Ring], lat: float, lon: float) -> bool:
    return sum(1 for ring in rings for crossing in _crossings(ring, lat) if crossing > lon) % 2 == 1


def _overlap(one: Ring, other: Ring) -> bool:
    """Whether two areas share ground: their borders cross, or one lies in the other."""
    west, south = (min(axis) for axis in zip(*other, strict=True))
    east, north = (max(axis) for axis in zip(*other, strict=True))
    beside = [
        (a, b)
        for a, b in pairwise(one)
        if min(a[0], b[0]) <= east and max(a[0], b[0]) >= west and min(a[1], b[1]) <= north and max(a[1], b[1]) >= south
    ]
    if any(_cross(a, b, c, d) for a, b in beside for c, d in pairwise(other)):
        return True
    return _holds([one], other[0][1], other[0][0]) or _holds([other], one[0][1], one[0][0])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, point: Point) -> float:
    """Left or right of the line from a to b, by its sign."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _point_inside(polygons: tuple[tuple[Ring, ...], ...], south: float, north: float) -> tuple[float, float]:
    """The middle of a stretch inside, over some parallels, that is farthest from every border."""
    best, room = (0.0, 0.0), -1.0
    for part in range(2, 31):
        lat = south + (north - south) * part / 32
        for polygon in polygons:
            crossings = sorted(crossing for ring in polygon for crossing in _crossings(ring, lat))
            for west, east in zip(crossings[::2], crossings[1::2], strict=True):
                lon = (west + east) / 2
                edge = min(_edge_m(ring, lat, lon) for ring in polygon)
                if edge > room:
                    best, room = (lat, lon), edge
    return best


def _edge_m(ring: Ring, lat: float, lon: float) -> float:
    """Distance to a ring, on a plane that touches the point: right for a city's size."""
    scale = cos(radians(lat)) * M_PER_DEGREE
    flat = [((x - lon) * scale, (y - lat) * M_PER_DEGREE) for x, y in ring]
    best = float("inf")
    for (ax, ay), (bx, by) in zip(flat, flat[1:] + flat[:1], strict=True):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = 0.0 if length == 0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
        best = min(best, hypot(ax + along * dx, ay + along * dy))
    return best
