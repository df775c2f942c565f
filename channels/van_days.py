"""Days of the city (no summer time): midnights, names of days, ids of trips. Pure arithmetic.

`zone_ms`: how far the city's clock is ahead of UTC.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from channels.rules import WIB_MS

DAY_MS: Final = 24 * 3600 * 1000
MINUTE_MS: Final = 60_000
EPOCH: Final = date(1970, 1, 1).toordinal()

AHEAD_DAYS: Final = 7
"""How many days ahead the trips of the week's plan are made."""


def day_of(now: int, zone_ms: int = WIB_MS) -> str:
    """The day in the city, `2026-11-27`."""
    return date.fromordinal(EPOCH + (now + zone_ms) // DAY_MS).isoformat()


def day_start(day: str, zone_ms: int = WIB_MS) -> int:
    """Its midnight, ms."""
    return (date.fromisoformat(day).toordinal() - EPOCH) * DAY_MS - zone_ms


def later(day: str, days: int = 1) -> str:
    """The day so many days after it; before it when negative."""
    return date.fromordinal(date.fromisoformat(day).toordinal() + days).isoformat()


def weekday(day: str) -> int:
    """0 is Monday."""
    return date.fromisoformat(day).weekday()


def is_day(text: str) -> bool:
    """Whether `text` is a day that there is, written as `2026-11-27`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def trip_id(van: str, day: str) -> str:
    """A van has one trip a day."""
    return f"{van}.{day}"
