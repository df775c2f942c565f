"""Archives with months of figures in them, for whoever reads what is published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import msgspec

from channels.medic_times import INTERVALS
from hub.archive import open_archive
from hub.chain import Logged
from hub.contract import Figure
from hub.zones import WIB, Zone
from tests.support.chains import CITY

DAY: Final = timedelta(days=1)
NOON_MS: Final = 12 * 3_600_000


def call(place: str, second: int, *, accepted: bool = True) -> Figure:
    """A call whose every interval took about so many seconds."""
    ms = {name: second * 1000 * number for number, name in enumerate(INTERVALS, 1)} if accepted else {}
    return Figure("medic", place, ms, {"all": 1, "accepted": 1} if accepted else {"all": 1})


def order(place: str, *, answered: bool = True) -> Figure:
    ms = {"rang_answered": 20_000} if answered else {}
    return Figure("order", place, ms, {"all": 1, "asked": 1, **({"answered": 1} if answered else {})})


def arrival(place: str, late_s: int) -> Figure:
    on_time = {"on_time": 1} if late_s <= 300 else {}
    return Figure("van", place, {"late": late_s * 1000}, {"all": 1, "arrived": 1, **on_time})


def logged(day: date, figures: Iterable[Figure], zone: Zone = WIB) -> list[Logged]:
    """Each in an entry of its own, at noon of a day, noted by the archive itself: no log stands behind them."""
    at = zone.midnight(day) + NOON_MS
    return [
        Logged("", 0, at + number, msgspec.msgpack.encode({"cmd": "x", "figures": [figure]}))
        for number, figure in enumerate(figures)
    ]


def fill(
    url: str, entries: list[Logged], *, kind: str = "real", city: str = CITY, began: date = date(2026, 9, 28)
) -> None:
    """Write them behind an entry of the day on which the archive began; the log is followed from its beginning."""
    archive = open_archive(url, city, kind)
    first = Logged("", 0, WIB.midnight(began), msgspec.msgpack.encode({"cmd": "x"}))
    archive.append(archive.position(), [first, *entries], "", "")
    archive.close()


def months_until(end: date, weeks: int) -> list[Logged]:
    """So many weeks of a small city before a day: many calls in Meri, few in Miji, one now and then elsewhere."""
    entries: list[Logged] = []
    for week in range(weeks, 0, -1):
        day = end - timedelta(weeks=week)
        figures = [call("meri", 8 + week % 5 + n, accepted=n % 12 > 0) for n in range(24 + week % 3 * 6)]
        figures += [call("miji", 30)] * (week % 2)
        figures += [call("kranggan", 20 + n) for n in range(9)] + [call("", 60)] * (week % 4 == 0)
        figures += [order("meri", answered=n % 9 > 0) for n in range(40)] + [order("wates") for _ in range(12)]
        figures += [arrival("blooto", 90 * n) for n in range(6)] + [arrival("meri", 60) for _ in range(6)]
        entries += logged(day, figures)
    return entries
