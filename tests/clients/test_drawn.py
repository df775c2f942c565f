from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from clients.drawn import FILE, Line, lines
from clients.paths import Point
from tests.clients.city import GROUND

SEED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "clients/seed.json").read_text())
STOPS = {stop["id"]: Point(stop["lat"], stop["lon"]) for stop in SEED["stops"]}
SQUARE = [Point(-7.470, 112.430), Point(-7.470, 112.440), Point(-7.475, 112.440), Point(-7.475, 112.430)]


def test_the_file_says_where_its_lines_come_from() -> None:
    """No street data are supplied, and nobody pretends otherwise."""
    assert "no real street" in json.loads(FILE.read_text())["origin"]


@pytest.mark.parametrize("van", SEED["vans"], ids=lambda van: str(van["id"]))
def test_every_van_has_a_line_through_its_stops(van: dict[str, Any]) -> None:
    """From stop to stop the line stays inside the city, has bends, and is longer than straight on."""
    line = lines(GROUND)[van["id"]]
    for one, other in pairwise([*van["stops"], van["stops"][0]]):
        way = line.way(STOPS[one], other, STOPS[other])
        straight = GROUND.metres(STOPS[one], STOPS[other])
        assert (way[0], way[-1]) == (STOPS[one], STOPS[other])
        assert straight * 1.05 < line.metres(way) < straight * 1.6
        assert len(way) > 2
        assert all(GROUND._clear(a, b) for a, b in pairwise(way))


def test_the_shorter_way_round() -> None:
    """From between two corners a van goes on, or back, whichever is shorter."""
    line = Line(GROUND, SQUARE, {"a": 0, "b": 1, "c": 2})
    near_b = Point(-7.470, 112.4389)
    assert line.way(near_b, "b", SQUARE[1]) == (near_b, SQUARE[1])
    assert line.way(near_b, "a", SQUARE[0]) == (near_b, SQUARE[0])
    assert line.way(near_b, "c", SQUARE[2]) == (near_b, SQUARE[1], SQUARE[2])
    assert line.way(SQUARE[3], "a", SQUARE[0]) == (SQUARE[3], SQUARE[0])


def test_off_the_line() -> None:
    """From elsewhere one drives to the line first; a stop that is not on it is driven to straight on."""
    line = Line(GROUND, SQUARE, {"a": 0, "b": 1})
    away, meri = Point(-7.472, 112.436), STOPS["t02"]
    way = line.way(away, "b", SQUARE[1])
    assert (way[0], way[-1]) == (away, SQUARE[1])
    assert GROUND.metres(way[-2], Point(-7.470, 112.436)) < 5
    assert line.way(away, "t02", meri) == GROUND.route(away, meri)
    moved = Point(-7.472, 112.440)
    assert line.way(away, "b", moved) == GROUND.route(away, moved)
    assert (line.before("a"), line.before("b"), line.before("t02")) == (SQUARE[2], SQUARE[3], None)
