"""The services of a city."""

from __future__ import annotations

from collections import Counter

from channels import services
from tests.channels.world import BORDERS


def test_a_city_has_its_services() -> None:
    """Every service of `channels.SERVICES`, in its order; a command of several services is at a desk each."""
    found = services(BORDERS)
    assert [channel.name for channel in found] == [
        "medic", "shop", "order", "want", "van", "alert", "workshop", "ticket", "reminder", "news",
        "asked", "phone", "city_phone",
    ]  # fmt: skip
    names = Counter(name for channel in found for name in channel.commands)
    twice = {name for name, times in names.items() if times > 1}
    assert twice == {"alarm.take"}
    desks = [channel.commands["alarm.take"].desk for channel in found if "alarm.take" in channel.commands]
    assert desks == ["medic", "market", "van", "city"]
