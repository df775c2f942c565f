"""The clocks of Indonesia's cities: three, none with summer time, each with the letters that people know it by.

A city's file names its zone as the IANA list does; whatever reckons days, weeks and opening hours takes it from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from msgspec import Struct

HOUR_MS: Final = 3_600_000


class Zone(Struct, frozen=True):
    """A city's clock. `letters`: as it is said beside a time (`07:00 WIB`)."""

    name: str
    hours: int
    letters: str

    @property
    def ms(self) -> int:
        """How far it is ahead of UTC."""
        return self.hours * HOUR_MS

    @property
    def info(self) -> timezone:
        return timezone(timedelta(hours=self.hours))

    def at(self, ms: int) -> datetime:
        """The clock at a time. Raises ValueError, OverflowError or OSError for one that no calendar has."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.info)

    def day(self, ms: int) -> date:
        return self.at(ms).date()

    def midnight(self, day: date) -> int:
        """When a day begins, ms."""
        return int(datetime(day.year, day.month, day.day, tzinfo=self.info).timestamp() * 1000)

    def said(self, ms: int) -> str:
        """For a person: `2026-11-27 07:00:00 WIB`; a forged time may be none."""
        try:
            return f"{self.at(ms):%Y-%m-%d %H:%M:%S} {self.letters}"
        except (ValueError, OverflowError, OSError):
            return f"{ms} ms"


ZONES: Final[Mapping[str, Zone]] = {
    name: Zone(name, hours, letters)
    for name, hours, letters in (
        ("Asia/Jakarta", 7, "WIB"),
        ("Asia/Pontianak", 7, "WIB"),
        ("Asia/Makassar", 8, "WITA"),
        ("Asia/Jayapura", 9, "WIT"),
    )
}
WIB: Final = ZONES["Asia/Jakarta"]


def zone_of(name: str) -> Zone:
    """The clock of this name; WIB for one that none of our cities has."""
    return ZONES.get(name, WIB)
