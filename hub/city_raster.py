"""A city's ground in cells: which belong to no kelurahan although kelurahan lie all around, and which to two.

A set of cells is one whole number with a bit for each, row after row from the south. Growing a set by its neighbours is
then a few shifts, and a look at a whole city takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import ceil, cos, radians
from typing import Final

from msgspec import Struct

Point = tuple[float, float]
Ring = tuple[Point, ...]

M_PER_DEGREE: Final = 111_195.0
CELL_M: Final = 15.0
"""As wide as the slivers that simplified borders leave."""
MOST_CELLS: Final = 400
"""Of one side: a large regency gets larger cells, so that a look takes a second and not a minute."""
MARGIN: Final = 2
"""Empty cells on every side: the outside hangs together, and a shift past a row's end meets nothing of the city."""


class Patch(Struct, frozen=True):
    """Cells that hang together. `wards`: the two that both have them; none for a hole."""

    middle: Point
    area_m2: float
    wards: tuple[int, ...] = ()


class Raster:
    """Cells over a box, each with the kelurahan whose polygons hold its middle.

    Args:
        box: west, south, east, north, in degrees.
        wards: the rings of each kelurahan, holes among them (even-odd).
    """

    def __init__(self, box: tuple[float, float, float, float], wards: Sequence[Sequence[Ring]]) -> None:
        west, south, east, north = box
        scale = cos(radians((south + north) / 2)) * M_PER_DEGREE
        widest = max((east - west) * scale, (north - south) * M_PER_DEGREE)
        self.cell_m = max(CELL_M, widest / MOST_CELLS)
        self._dx, self._dy = self.cell_m / scale, self.cell_m / M_PER_DEGREE
        self._west, self._south = west - MARGIN * self._dx, south - MARGIN * self._dy
        self.columns = ceil((east - west) / self._dx) + 2 * MARGIN
        self.rows = ceil((north - south) / self._dy) + 2 * MARGIN
        self._all = (1 << self.columns * self.rows) - 1
        self._wards = [self._cells(rings) for rings in wards]

    def _cells(self, rings: Sequence[Ring]) -> int:
        """Row by row: between an odd crossing and the next one lies the inside."""
        crossings: dict[int, list[float]] = {}
        for ring in rings:
            for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
                low, high = min(lat_a, lat_b), max(lat_a, lat_b)
                for row in range(self._row_after(low), self._row_after(high)):
                    lat = self._lat(row)
                    crossings.setdefault(row, []).append(lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a))
        cells = 0
        for row, found in crossings.items():
            found.sort()
            for left, right in zip(found[::2], found[1::2], strict=False):
                first, end = self._column_after(left), self._column_after(right)
                cells |= ((1 << end - first) - 1) << row * self.columns + first
        return cells

    def _row_after(self, lat: float) -> int:
        """The first row whose middle is not south of it."""
        return ceil((lat - self._south) / self._dy - 0.5)

    def _column_after(self, lon: float) -> int:
        return ceil((lon - self._west) / self._dx - 0.5)

    def _lat(self, row: int) -> float:
        return self._south + (row + 0.5) * self._dy

    # -- what is wrong ----------------------------------------------------------------

    def holes(self) -> list[Patch]:
        """Ground in no kelurahan that cannot be left without crossing one; the largest first."""
        owned = 0
        for ward in self._wards:
            owned |= ward
        # a crack between two borders is no way out: cells beside an owned one are shut
        open_ = self._all & ~self._grown(owned)
        inner = open_ & ~self._together(1, open_)
        found = []
        while inner:
            patch = self._together(inner & -inner, inner)
            inner &= ~patch
            found.append(self._patch(self._grown(patch) & ~owned))
        return sorted(found, key=lambda patch: -patch.area_m2)

    def overlaps(self) -> list[Patch]:
        """Ground that two kelurahan have, where it is three cells wide at least; the largest first."""
        found = []
        for wards in combinations(range(len(self._wards)), 2):
            both = self._wards[wards[0]] & self._wards[wards[1]]
            thick = both & ~self._grown(self._grown(both) & ~both) if both else 0
            while thick:
                patch = self._together(thick & -thick, both)
                thick &= ~patch
                found.append(self._patch(patch, wards))
        return sorted(found, key=lambda patch: -patch.area_m2)

    def _grown(self, cells: int) -> int:
        """With the eight neighbours of each."""
        wide = cells | cells << 1 | cells >> 1
        return (wide | wide << self.columns | wide >> self.columns) & self._all

    def _together(self, start: int, cells: int) -> int:
        """The cells of a set that hang together with some of them."""
        found = start
        while (more := self._grown(found) & cells) != found:
            found = more
        return found

    def _patch(self, cells: int, wards: tuple[int, ...] = ()) -> Patch:
        """The cell of the patch that is nearest to its middle, and how large it is."""
        places = [divmod(cell, self.columns) for cell in _bits(cells)]
        row, column = (sum(axis) / len(places) for axis in zip(*places, strict=True))
        near = min(places, key=lambda place: abs(place[0] - row) + abs(place[1] - column))
        middle = self._west + (near[1] + 0.5) * self._dx, self._lat(near[0])
        return Patch(middle, len(places) * self.cell_m**2, wards)


def _bits(cells: int) -> Iterator[int]:
    """Where a number has its ones."""
    return (place for place, digit in enumerate(reversed(f"{cells:b}")) if digit == "1")
