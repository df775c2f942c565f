"""A ground in cells: what nobody has, and what two have."""

from __future__ import annotations

import pytest

from hub.city_raster import CELL_M, MOST_CELLS, Patch, Raster, Ring

BOX = (112.0, -7.01, 112.01, -7.0)


def block(west: float, south: float, width: float, height: float | None = None) -> Ring:
    east, north = west + width, south + (width if height is None else height)
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def raster(*wards: tuple[Ring, ...]) -> Raster:
    return Raster(BOX, wards)


def test_a_full_ground_has_no_holes_and_no_overlaps() -> None:
    """Two halves that touch."""
    made = raster((block(112.0, -7.01, 0.005, 0.01),), (block(112.005, -7.01, 0.005, 0.01),))
    assert (made.holes(), made.overlaps()) == ([], [])


def test_a_hole_has_its_middle_and_its_size() -> None:
    """A quarter kilometre each way; its size is right to a fifth."""
    (hole,) = raster((block(112.0, -7.01, 0.01), block(112.004, -7.006, 0.002))).holes()
    assert hole.wards == ()
    assert hole.middle == pytest.approx((112.005, -7.005), abs=0.0005)
    assert hole.area_m2 == pytest.approx(220**2, rel=0.2)


def test_a_crack_is_no_way_out() -> None:
    """A hole with a slit of ten metres to the outside is a hole; a gate of a hundred metres opens it."""
    inner = (112.002, -7.008, 0.006)

    def walled(gap: float) -> list[Patch]:
        left = block(112.0, -7.01, 0.002, 0.01)
        right = block(112.008, -7.01, 0.002, 0.01)
        south = block(112.002, -7.01, 0.006, 0.002)
        north = block(112.002, -7.002, (0.006 - gap) / 2, 0.002)
        other = block(112.005 + gap / 2, -7.002, (0.006 - gap) / 2, 0.002)
        return raster((left,), (right,), (south,), (north,), (other,)).holes()

    assert len(walled(0.0001)) == 1
    assert walled(0.001) == []
    assert inner[2] == 0.006


def test_an_overlap_names_both() -> None:
    """Where it is three cells wide; a thin one is a sliver."""
    (patch,) = raster((block(112.0, -7.01, 0.006, 0.01),), (block(112.005, -7.01, 0.005, 0.01),)).overlaps()
    assert patch.wards == (0, 1)
    assert raster((block(112.0, -7.01, 0.0051, 0.01),), (block(112.005, -7.01, 0.005, 0.01),)).overlaps() == []


def test_a_large_regency_gets_larger_cells() -> None:
    """A look stays a look."""
    small, large = (
        raster((block(112.0, -7.01, 0.01),)),
        Raster((112.0, -8.0, 113.0, -7.0), [(block(112.0, -8.0, 1.0),)]),
    )
    assert small.cell_m == CELL_M
    assert large.columns <= MOST_CELLS + 5
    assert large.holes() == []
