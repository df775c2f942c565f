"""Days of the city (WIB, UTC+7, no summer time): midnights, names of days, ids of trips. Pure arithmetic."""

from __future__ import annotations

from datetime import date
from typing import Final

DAY_MS: Final = 24 * 3600 * 1000
WIB_MS: Final = 7 * 3600 * 1000
MINUTE_MS: Final = 60_000
EPOCH: Final = date(1970, 1, 1).toordinal()

AHEAD_DAYS: Final = 7
"""How many days ahead the trips of the week's plan are made."""


def day_of(now: int) -> str:
    """The day in the city, `2026-11-27`."""
    return date.fromordinal(EPOCH + (now + WIB_MS) // DAY_MS).isoformat()


def day_start(day: str) -> int:
    """Its midnight, ms."""
    return (date.fromisoformat(day).toordinal() - EPOCH) * DAY_MS - WIB_MS


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
