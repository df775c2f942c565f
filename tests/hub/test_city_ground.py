"""What is wrong with a city's kelurahan, in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.city_file import OWN
from hub.city_ground import Ground, crossed, flaws_of
from tests.support.neighbour import CODE, SIDE, SOUTH, WEST, block, collection, feature, square, with_hole


def ground(geojson: Any) -> Ground:
    return Ground.of(geojson, CODE)


def moved(geojson: Any, lon: float, lat: float) -> Any:
    """All of it, so many degrees away."""
    features = geojson["features"]
    for one in features:
        rings = one["geometry"]["coordinates"]
        one["geometry"]["coordinates"] = [[[x + lon, y + lat] for x, y in ring] for ring in rings]
    return geojson


def test_kota_mojokerto_has_nothing_wrong() -> None:
    """Its real borders leave slivers of metres, which are no holes."""
    assert flaws_of(Ground.of(OWN.geojson, "35.76")) == []


def test_four_squares_side_by_side_have_nothing_wrong() -> None:
    """A name with a space has an id with a hyphen."""
    made = ground(collection())
    assert flaws_of(made) == []
    assert [ward.id for ward in made.wards] == ["lor-kulon", "lor-wetan", "kidul-kulon", "kidul-wetan"]


def test_a_hole_inside_one_and_a_missing_middle_are_both_holes() -> None:
    """Ground in nobody's hands, whoever drew it."""
    (said,) = flaws_of(ground(with_hole()))
    assert "a hole of 30" in said
    eight = [
        feature(f"W{column}{row}", 10 * column + row, block(WEST + column * 0.01, SOUTH + row * 0.01, 0.01))
        for column in range(3)
        for row in range(3)
        if (column, row) != (1, 1)
    ]
    (said,) = flaws_of(ground(collection(eight)))
    assert "a hole of 12" in said
    assert "at -7.47" in said


def test_a_bay_is_no_hole_and_a_sliver_neither() -> None:
    """What is open to the outside is outside; a crack of ten metres belongs to whoever is nearest."""
    three = collection()["features"][:3]
    assert flaws_of(ground(collection(three))) == []
    shifted = collection()
    shifted["features"][0]["geometry"]["coordinates"] = [block(WEST - 0.0001, SOUTH, SIDE)]
    assert flaws_of(ground(shifted)) == []


def test_ground_that_two_have_is_named_with_both() -> None:
    """An overlap as wide as a street block."""
    both = collection()
    both["features"][0]["geometry"]["coordinates"] = [block(WEST, SOUTH, SIDE + 0.002)]
    said = flaws_of(ground(both))
    assert all("both have" in one and "Lor Kulon" in one for one in said)
    assert len(said) == 3


def test_a_border_that_crosses_itself_says_where() -> None:
    """A bow tie: its crossing lies in the middle."""
    tie = [[WEST, SOUTH], [WEST + SIDE, SOUTH + SIDE], [WEST + SIDE, SOUTH], [WEST, SOUTH + SIDE], [WEST, SOUTH]]
    (said,) = flaws_of(ground(collection([feature("Lor", 0, tie)])))
    assert said == f"the border of Lor crosses itself near {SOUTH + SIDE / 2:.5f}, {WEST + SIDE / 2:.5f}"


def test_a_border_that_does_not_close_is_named() -> None:
    """With its last point."""
    (said,) = flaws_of(ground(collection([feature("Lor", 0, square(0, 0)[:-1])])))
    assert "the border of Lor is not closed" in said


@pytest.mark.parametrize(
    ("lon", "lat", "says"),
    [(0.0, 60.0, "expected a place in Indonesia"), (-100.0, 0.0, "expected a place in Indonesia")],
)
def test_a_city_elsewhere_is_refused(lon: float, lat: float, says: str) -> None:
    """What lies in another country was meant otherwise."""
    (said,) = flaws_of(ground(moved(collection(), lon, lat)))
    assert said.startswith(says)


def test_turned_coordinates_get_a_hint() -> None:
    """Latitude first is the usual mistake."""
    turned = json.loads(json.dumps(collection()))
    for one in turned["features"]:
        rings = one["geometry"]["coordinates"]
        one["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring] for ring in rings]
    (said,) = flaws_of(ground(turned))
    assert said.endswith("GeoJSON has the longitude first")


def test_a_country_is_no_city() -> None:
    """Nor is a garden."""
    (said,) = flaws_of(ground(collection([feature("Lor", 0, block(100.0, -5.0, 9.0))])))
    assert "expected a city or regency" in said
    (said,) = flaws_of(ground(collection([feature("Lor", 0, block(112.0, -7.0, 0.0001))])))
    assert "expected a city or regency" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Feature"},
        {"type": "FeatureCollection"},
        collection([feature("", 0, square(0, 0))]),
        collection([{**feature("Lor", 0, square(0, 0)), "geometry": {"type": "Point", "coordinates": [1, 2]}}]),
        collection([feature("Lor", 0, [[1.0]])]),
        collection([feature("Lor", 0, [[float("nan"), 1.0]] * 4)]),
        collection([{**feature("Lor", 0, square(0, 0)), "properties": {"name": "Lor", "code": "35.76.01.1001"}}]),
    ],
)
def test_what_is_no_kelurahan_of_this_city_is_refused(wrong: Any) -> None:
    """With what was expected, never with an error of Python's."""
    with pytest.raises(ValueError, match=r"a GeoJSON|features|feature 1"):
        ground(wrong)


def test_a_crossing_is_found_among_many_edges() -> None:
    """A long border that crosses itself once; the same without it is clean."""
    north = [(WEST + step * 0.0001, SOUTH + 0.01 + (step % 7) * 0.0001) for step in range(2_000)]
    ring = (*north, (WEST + 0.2, SOUTH), (WEST, SOUTH), north[0])
    assert crossed(ring) is None
    spiked = (*ring[:1_000], (WEST + 0.05, SOUTH - 0.01), *ring[1_000:])
    assert crossed(spiked) is not None
