"""The three clocks."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.zones import WIB, ZONES, Zone, zone_of

NOON = int(datetime(2026, 11, 27, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("zone", ZONES.values(), ids=lambda zone: zone.name)
def test_a_zone_is_as_far_ahead_as_the_iana_list_says(zone: Zone) -> None:
    """In January and in July: none of them has summer time."""
    for month in (1, 7):
        moment = datetime(2026, month, 1)
        assert zoneinfo.ZoneInfo(zone.name).utcoffset(moment) == timedelta(hours=zone.hours)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Asia/Jakarta", "2026-11-27 19:00:00 WIB"),
        ("Asia/Makassar", "2026-11-27 20:00:00 WITA"),
        ("Asia/Jayapura", "2026-11-27 21:00:00 WIT"),
    ],
)
def test_a_time_is_said_with_its_letters(name: str, said: str) -> None:
    """On the city's clock, whatever this machine's is."""
    assert ZONES[name].said(NOON) == said
    assert ZONES[name].said(2**62) == f"{2**62} ms"


@pytest.mark.parametrize("zone", ZONES.values(), ids=lambda zone: zone.name)
def test_a_day_begins_at_the_citys_midnight(zone: Zone) -> None:
    """A moment before it is the day before."""
    midnight = zone.midnight(date(2026, 11, 27))
    assert (zone.day(midnight), zone.day(midnight - 1)) == (date(2026, 11, 27), date(2026, 11, 26))
    assert midnight % 86_400_000 == 86_400_000 - zone.ms


def test_an_unknown_name_is_wib() -> None:
    """What an archive of before says nothing about was served in UTC+7."""
    assert zone_of("") is WIB
    assert zone_of("Asia/Jayapura").hours == 9
