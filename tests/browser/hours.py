"""The clock of the browser tests' city: Kota Mojokerto's, unless its day is about to end.

A story plans a van's day around now, so it wants some hours of the same day before it. Late in the evening the city of
the tests lives two hours to the east, where the next day has begun.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from hub.city_file import OWN, CityFile
from hub.zones import WIB, ZONES, Zone
from tests.support.neighbour import home_file

LATE_H: Final = 22.5


def _clock(now_ms: int) -> Zone:
    at = WIB.at(now_ms)
    return ZONES["Asia/Jayapura"] if at.hour + at.minute / 60 >= LATE_H else WIB


CLOCK: Final = _clock(int(time.time() * 1000))
HERE: Final[CityFile] = replace(OWN, zone=CLOCK.name)


def city_arguments(folder: Path) -> list[str]:
    """What the city's processes are told besides: nothing, or its file with the other clock, written to `folder`."""
    return [] if CLOCK is WIB else ["--city", str(home_file(folder, host="", zone=CLOCK.name))]
