from __future__ import annotations

import msgspec
import pytest

from channels.van_things import Position, SaveStop, SaveTrip, Seed
from tests.channels.van_world import CITY, FILE, SEED


def test_seed_file() -> None:
    """The seed has one van and 18 stops, one inside each kelurahan."""
    assert {stop["kelurahan"] for stop in FILE["stops"]} == set(CITY.kelurahan)
    assert all(CITY.kelurahan_at(stop["lat"], stop["lon"]) == stop["kelurahan"] for stop in FILE["stops"])
    assert len(FILE["stops"]) == 18
    assert len(msgspec.convert(SEED, Seed).stops) == 18


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (Position, {"van": "v1", "location": {"lat": 95, "lon": 112.43}}),
        (Position, {"van": "v1", "location": {"lat": -7.47, "lon": 112.43, "speed_kmh": 900}}),
        (SaveTrip, {"van": "v1", "stops": [{"stop": "t01", "minute": 1440}]}),
        (SaveTrip, {"van": "v1", "stops": [], "day": "besok"}),
        (SaveTrip, {"van": "v.1", "stops": []}),
        (SaveStop, {"stop": "t/1"}),
        (SaveStop, {"services": [{"service": "KTP", "quota": -1}]}),
    ],
    ids=["latitude", "900 km/h", "24:00", "no day", "a dot in an id", "a slash in an id", "quota"],
)
def test_what_cannot_be(type_: type[msgspec.Struct], data: dict[str, object]) -> None:
    """Refused before a service sees it."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, type_)
