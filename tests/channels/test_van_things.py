from __future__ import annotations

import msgspec

from channels.van_things import Van
from tests.channels.van_world import CITY, FILE, seeded


def test_seed_file() -> None:
    """The seed has one van and 18 stops, one inside each kelurahan."""
    assert {stop["kelurahan"] for stop in FILE["stops"]} == set(CITY.kelurahan)
    assert all(CITY.kelurahan_at(stop["lat"], stop["lon"]) == stop["kelurahan"] for stop in FILE["stops"])
    assert len(FILE["stops"]) == 18


def test_van_survives_the_store() -> None:
    """What is written decodes to the same van."""
    world = seeded()
    world.press("van.arrive")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(world.van), type=Van) == world.van
