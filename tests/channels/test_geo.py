"""Where a point lies, how far it is, how long it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.geo import City, blurred, distance_band, distance_m, eta_s
from tests.channels.world import CITY

SQUARE = [[0.0, 0.0], [0.01, 0.0], [0.01, 0.01], [0.0, 0.01], [0.0, 0.0]]
HOLE = [[0.004, 0.004], [0.006, 0.004], [0.006, 0.006], [0.004, 0.006], [0.004, 0.004]]


def city(*shapes: tuple[str, list[object]]) -> City:
    features = [
        {
            "properties": {"name": f"Ward {number}", "code": f"1.{number}"},
            "geometry": {"type": kind, "coordinates": coordinates},
        }
        for number, (kind, coordinates) in enumerate(shapes)
    ]
    return City({"features": features})


def test_there_are_eighteen_kelurahan() -> None:
    """A kelurahan's id is its name in lower case, its code an attribute."""
    assert len(CITY.kelurahan) == 18
    assert CITY.name("kranggan") == "Kranggan"
    assert CITY.kelurahan["kranggan"].code == "35.76.03.1001"
    assert CITY.has("blooto")
    assert not CITY.has("surabaya")


def test_mijis_centroid_lies_inside_kranggan() -> None:
    """A point is located by its polygon, never by the nearest centroid."""
    assert CITY.kelurahan_at(-7.475697, 112.434534) == "kranggan"


@pytest.mark.parametrize("kelurahan", sorted(CITY.kelurahan))
def test_every_kelurahan_has_a_point_well_inside(kelurahan: str) -> None:
    """`point_in` lies in its own polygon, at least 60 m from every border."""
    lat, lon = CITY.point_in(kelurahan)
    assert CITY.kelurahan_at(lat, lon) == kelurahan
    assert CITY.nearest_edge(lat, lon)[1] > 60


def test_outside_is_none() -> None:
    """Surabaya is in no kelurahan; the nearest border is kilometres away."""
    assert CITY.kelurahan_at(-7.2575, 112.7521) is None
    assert CITY.nearest_edge(-7.2575, 112.7521)[1] > 30_000


def test_a_sliver_belongs_to_its_neighbour() -> None:
    """A point in no polygon but within 15 m of one counts for it; one 30 m away does not."""
    made = city(("Polygon", [SQUARE]))
    assert made.kelurahan_at(0.005, 0.01 + 10 / 111_195) == "ward-0"
    assert made.kelurahan_at(0.005, 0.01 + 30 / 111_195) is None


def test_a_hole_is_outside() -> None:
    """Holes and several polygons follow the even-odd rule."""
    made = city(("MultiPolygon", [[SQUARE, HOLE]]))
    assert made.kelurahan_at(0.005, 0.005) is None
    assert made.kelurahan_at(0.002, 0.002) == "ward-0"
    lat, lon = made.point_in("ward-0")
    assert made.kelurahan_at(lat, lon) == "ward-0"


def test_an_unknown_kelurahan_is_a_fault() -> None:
    """`point_in` of an unknown kelurahan raises."""
    with pytest.raises(KeyError):
        CITY.point_in("surabaya")


def test_one_degree_of_latitude() -> None:
    """A degree of latitude is 111.2 km."""
    assert distance_m(-7.0, 112.0, -8.0, 112.0) == pytest.approx(111_195, abs=1)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_distance_is_symmetric(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    """A distance is the same both ways, never negative, never over half the globe."""
    there = distance_m(lat, lon, other_lat, other_lon)
    assert there == pytest.approx(distance_m(other_lat, other_lon, lat, lon), abs=0.01)
    assert 0 <= there < 20_040_000


@pytest.mark.parametrize(
    ("metres", "band"),
    [(None, "unknown"), (0, "lt500"), (499, "lt500"), (500, "lt1000"), (1999, "lt2000"), (2000, "gt2000")],
)
def test_distance_bands(metres: float | None, band: str) -> None:
    """Bands begin at 500, 1000 and 2000 m."""
    assert distance_band(metres) == band


def test_eta_is_a_band_that_widens_and_ends() -> None:
    """Straight line x 1.35 at 35 and 15 km/h; wider from 30 s of age, none from 90 s."""
    assert eta_s(1000) == [139, 324]
    assert eta_s(1000, 30_000) == [139, 324]
    assert eta_s(1000, 60_000) == [109, 354]
    assert eta_s(100, 80_000) == [0, 82]
    assert eta_s(1000, 90_001) is None


@given(st.floats(-89, 89), st.floats(-179, 179))
def test_blurring_moves_a_place_by_less_than_five_hundred_metres(lat: float, lon: float) -> None:
    """A blurred place is near, and blurring it again changes nothing."""
    there = blurred(lat, lon)
    assert distance_m(lat, lon, *there) < 500
    assert blurred(*there) == there


def test_an_area_touches_what_it_shares_ground_with() -> None:
    """Borders that cross, an area inside a kelurahan, one around it, a strip that has no corner in it."""
    both = city(("Polygon", [SQUARE]), ("Polygon", [[[x + 0.02, y] for x, y in SQUARE]]))

    def box(west: float, south: float, east: float, north: float) -> tuple[tuple[float, float], ...]:
        return ((west, south), (east, south), (east, north), (west, north), (west, south))

    assert both.touched(box(0.002, 0.002, 0.003, 0.003)) == ("ward-0",)
    assert both.touched(box(-1, -1, 1, 1)) == ("ward-0", "ward-1")
    assert both.touched(box(-0.01, 0.004, 0.015, 0.006)) == ("ward-0",)
    assert both.touched(box(0.012, 0, 0.018, 0.01)) == ()


def test_by_code_and_within() -> None:
    """A code names a kelurahan, or all of a kecamatan or the city, never one that only begins alike."""
    assert CITY.coded("35.76.03.1001") == ("kranggan",)
    assert set(CITY.coded("35.76")) == set(CITY.kelurahan)
    assert 1 < len(CITY.coded("35.76.01")) < 18
    assert CITY.coded("35.7") == ()
    lat, lon = CITY.point_in("kranggan")
    assert CITY.within(lat, lon, 0) == ("kranggan",)
    assert set(CITY.within(lat, lon, 20_000)) == set(CITY.kelurahan)
