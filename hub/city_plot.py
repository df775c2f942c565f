"""A city's ground as a picture (SVG): its kelurahan with their names, and in red what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from itertools import pairwise
from math import cos, radians
from typing import Final

from hub.city_ground import Ground, Ring, Ward
from hub.city_raster import M_PER_DEGREE, Patch, Raster

WIDTH: Final = 900.0
EDGE: Final = 30.0
HEAD: Final = 60.0
FILLS: Final = ("#cfe3d4", "#f3e2bf", "#d5dff0", "#efd3d0", "#e2d8ee", "#d9e8bd")
STRETCHES: Final = 24


def drawn(ground: Ground, title: str) -> str:
    """The picture. North is up; a degree east is as long as it is there."""
    west, south, east, north = ground.box
    squeeze = cos(radians((south + north) / 2))
    unit = (WIDTH - 2 * EDGE) / max((east - west) * squeeze, (north - south))
    height = HEAD + EDGE + (north - south) * unit

    def at(lon: float, lat: float) -> tuple[float, float]:
        return EDGE + (lon - west) * squeeze * unit, HEAD + (north - lat) * unit

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" font-family="sans-serif">',
        f'<rect width="100%" height="100%" fill="#ffffff"/><title>{escape(title)}</title>',
        f'<text x="{EDGE:.0f}" y="38" font-size="22" font-weight="bold">{escape(title)}</text>',
    ]
    for number, ward in enumerate(ground.wards):
        paths = " ".join("M" + " L".join("{:.1f},{:.1f}".format(*at(*point)) for point in ring) for ring in ward.rings)
        fill = FILLS[number % len(FILLS)]
        lines.append(f'<path d="{paths}" fill="{fill}" fill-rule="evenodd" stroke="#444" stroke-width="1"/>')
    for ward in ground.wards:
        x, y = at(*inside(ward))
        lines.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="middle">{escape(ward.name)}</text>')
    lines += _wrong(ground, at, unit / M_PER_DEGREE)
    return "\n".join([*lines, "</svg>", ""])


def _wrong(ground: Ground, at: Callable[[float, float], tuple[float, float]], unit_m: float) -> Iterator[str]:
    """A red ring around every hole and overlap, at least so large that it is seen."""
    if any(len(ring) < 4 for ward in ground.wards for ring in ward.rings):
        return
    raster = Raster(ground.box, [ward.rings for ward in ground.wards])
    patches: list[Patch] = [*raster.holes(), *raster.overlaps()]
    for patch in patches:
        (x, y), what = at(*patch.middle), "overlap" if patch.wards else "hole"
        radius = max(10.0, patch.area_m2**0.5 * unit_m)
        yield (
            f'<circle class="{what}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="#c00000" '
            f'stroke-width="3"/>'
        )


def inside(ward: Ward) -> tuple[float, float]:
    """The middle of a wide stretch of a kelurahan, neither far north nor far south: a name stands there."""
    lats = [lat for ring in ward.rings for _, lat in ring]
    south, north = min(lats), max(lats)
    best, width = ward.rings[0][0], 0.0
    for part in range(1, STRETCHES):
        lat = south + (north - south) * part / STRETCHES
        crossings = sorted(lon for ring in ward.rings for lon in _crossings(ring, lat))
        for left, right in zip(crossings[::2], crossings[1::2], strict=False):
            if (right - left) * min(part, STRETCHES - part) > width:
                best, width = ((left + right) / 2, lat), (right - left) * min(part, STRETCHES - part)
    return best


def _crossings(ring: Ring, lat: float) -> Iterator[float]:
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a > lat) != (lat_b > lat):
            yield lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)


def area_km2(ground: Ground) -> float:
    """Of all kelurahan together, holes left out."""
    return sum(_area(ward) for ward in ground.wards)


def _area(ward: Ward) -> float:
    total = 0.0
    for polygon in ward.polygons:
        for number, ring in enumerate(polygon):
            lat = sum(point[1] for point in ring) / len(ring)
            twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            total += (1 if number == 0 else -1) * abs(twice) / 2 * cos(radians(lat)) * 111.195**2
    return total
