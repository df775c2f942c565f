"""The services of a city."""

from __future__ import annotations

import json

from channels import services
from tests.channels.medic_world import ROOT


def test_a_city_has_its_services() -> None:
    """Medic, orders and vans; no two have a command of the same name."""
    found = services(json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text()))
    assert found[0].name == "medic"
    assert len(found) == 3
    names = [name for channel in found for name in channel.commands]
    assert len(names) == len(set(names))
