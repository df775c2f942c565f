from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest

from clients.paths import KM_H, Ground, Point, Traveller

GEOJSON = Path(__file__).parents[2] / "static/data/mojokerto-kelurahan.geojson"


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(json.loads(GEOJSON.read_text()))


def test_somewhere_is_inside(ground: Ground) -> None:
    """A random place of a kelurahan lies inside its polygon."""
    rng = random.Random(1)
    assert len(ground.names) == 18
    for kelurahan in ground.names:
        for _ in range(20):
            assert ground.kelurahan_at(ground.somewhere(rng, kelurahan)) == kelurahan


def test_routes_stay_in_the_city(ground: Ground) -> None:
    """Every metre of a way between two places of the city is in the city, and the way is no odyssey."""
    rng = random.Random(2)
    for _ in range(60):
        start, end = (ground.somewhere(rng, rng.choice(list(ground.names))) for _ in range(2))
        way = ground.route(start, end)
        assert (way[0], way[-1]) == (start, end)
        length = 0.0
        for a, b in pairwise(way):
            length += ground.metres(a, b)
            for step in range(21):
                part = step / 20
                between = Point(a.lat + (b.lat - a.lat) * part, a.lon + (b.lon - a.lon) * part)
                assert ground.inside(between)
        assert length <= 2.5 * ground.metres(start, end) + 500


def test_route_to_a_place_outside(ground: Ground) -> None:
    """A place outside the city is reached by a straight line from its border."""
    start, outside = ground.somewhere(random.Random(3), "kranggan"), Point(-7.55, 112.44)
    assert not ground.inside(outside)
    way = ground.route(start, outside)
    assert way[-1] == outside
    assert all(ground.inside(point) for point in way[:-1])


def test_traveller_keeps_the_speed(ground: Ground) -> None:
    """After some seconds a traveller is as far along as the speed says, and arrives exactly."""
    rng = random.Random(4)
    start, end = ground.somewhere(rng, "meri"), ground.somewhere(rng, "meri")
    traveller = Traveller(ground, start)
    traveller.go(end, 30 * KM_H)
    before = traveller.place
    traveller.advance(6.0)
    assert ground.metres(before, traveller.place) == pytest.approx(50, abs=0.5)
    for _ in range(600):
        traveller.advance(1.0)
    assert traveller.arrived
    assert traveller.place == end


def test_halt(ground: Ground) -> None:
    """A traveller who halts stays."""
    traveller = Traveller(ground, ground.somewhere(random.Random(5), "meri"))
    traveller.go(ground.somewhere(random.Random(6), "wates"), 30 * KM_H)
    traveller.advance(5)
    place = traveller.place
    traveller.halt()
    traveller.advance(60)
    assert traveller.place == place
