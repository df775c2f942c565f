"""A city's ground as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from hub.city_file import OWN
from hub.city_ground import Ground
from hub.city_plot import area_km2, drawn, inside
from tests.support.neighbour import CODE, with_hole

SVG = "{http://www.w3.org/2000/svg}"


def test_every_kelurahan_is_drawn_with_its_name() -> None:
    """A well-formed picture; nothing in it is red where nothing is wrong."""
    root = ET.fromstring(drawn(Ground.of(OWN.geojson, "35.76"), "Kota Mojokerto <&>"))
    assert len(root.findall(f"{SVG}path")) == 18
    texts = {one.text for one in root.findall(f"{SVG}text")}
    assert {"Kranggan", "Miji", "Kota Mojokerto <&>"} <= texts
    assert root.findall(f"{SVG}circle") == []


def test_a_hole_is_ringed_in_red() -> None:
    """It is what a person should see first."""
    root = ET.fromstring(drawn(Ground.of(with_hole(), CODE), "x"))
    (ring,) = root.findall(f"{SVG}circle")
    assert (ring.get("class"), ring.get("stroke")) == ("hole", "#c00000")
    assert float(ring.get("r") or 0) > 10


def test_a_name_stands_inside_its_kelurahan() -> None:
    """Miji's centroid does not lie in Miji."""
    from channels.geo import City

    city = City(OWN.geojson)
    for ward in Ground.of(OWN.geojson, "35.76").wards:
        lon, lat = inside(ward)
        assert city.kelurahan_at(lat, lon) == ward.id


def test_the_area_is_that_of_the_city() -> None:
    """20.48 km2 (BPS); a hole is no area."""
    assert area_km2(Ground.of(OWN.geojson, "35.76")) == pytest.approx(20.48, rel=0.02)
    assert area_km2(Ground.of(with_hole(), CODE)) == pytest.approx(4 * 4.9 - 0.31, rel=0.02)
