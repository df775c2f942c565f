"""The services of a city: pure, one file each (medic, which is big, has siblings `medic_*`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from channels.geo import City
from channels.rules import RULES, Rules
from hub.contract import Channel

SERVICES = (
    ("channels.medic", "Medic"),
    ("channels.shops", "Shops"),
    ("channels.orders", "Orders"),
    ("channels.wants", "Wants"),
    ("channels.vans", "Vans"),
    ("channels.alerts", "Alerts"),
    ("channels.workshops", "Workshops"),
    ("channels.tickets", "Tickets"),
    ("channels.reminders", "Reminders"),
    ("channels.news", "CrewNews"),
    ("channels.asked", "Asking"),
    ("channels.phones", "Phones"),
    ("channels.phones", "CityPhones"),
)
"""Module and class of each service, in the order in which their diagrams are shown."""


def services(geojson: Mapping[str, Any], rules: Rules = RULES) -> tuple[Channel, ...]:
    """Make every service of one city.

    Args:
        geojson: the city's kelurahan as a FeatureCollection of polygons.
        rules: what the city decides for itself.
    """
    city = City(geojson, rules)
    return tuple(getattr(import_module(module), name)(city) for module, name in SERVICES)
