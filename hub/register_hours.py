"""Opening hours as people write them: `08:00-21:00`, `Sen-Jum 08.00-16.00; Sab 08-12`, `24 jam`, `Min tutup`. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hub.errors import DataError

Spans = list[list[int]]

DAY_MIN: Final = 1440
MOST_SPANS: Final = 4
EXPECTED: Final = "hours such as 08:00-21:00, Sen-Jum 08:00-16:00; Sab 08:00-12:00, or 24 jam"
DAYS: Final = {
    "sen": 0, "senin": 0, "mon": 0, "monday": 0,
    "sel": 1, "selasa": 1, "tue": 1, "tues": 1, "tuesday": 1,
    "rab": 2, "rabu": 2, "wed": 2, "wednesday": 2,
    "kam": 3, "kamis": 3, "thu": 3, "thur": 3, "thurs": 3, "thursday": 3,
    "jum": 4, "jumat": 4, "jum'at": 4, "jmt": 4, "fri": 4, "friday": 4,
    "sab": 5, "sabtu": 5, "sat": 5, "saturday": 5,
    "min": 6, "minggu": 6, "ahad": 6, "sun": 6, "sunday": 6,
}  # fmt: skip
_IDLE: Final = frozenset({"wib", "wita", "wit", "jam", "pukul", "buka", "hari", "dan", "and", "open"})
_DASH: Final = re.compile(r"[‐-―−~]|\bs\s?[/.]\s?d\b\.?|\bsd\b|\bsampai\b|\bhingga\b|\bto\b")
_TOKEN: Final = re.compile(
    r"(?P<span>(\d{1,2})(?:[:.](\d{2})(?::00)?)?(?:\s*(?:wib|wita|wit)\b)?\s*-\s*(\d{1,2})(?:[:.](\d{2})(?::00)?)?(?![:.]*\d))"
    r"|(?P<round>24\s*jam|24\s*hours?|24\s*h\b|24/7)"
    r"|(?P<shut>\b(?:tutup|libur|closed)\b)"
    r"|(?P<every>\b(?:setiap|tiap)\s+hari\b|\bevery\s*day\b|\bdaily\b)"
    r"|(?P<word>[a-z']+)"
    r"|(?P<dash>-)|(?P<end>[;\n])|(?P<idle>[\s,&+/.:()])"
)


class _Week:
    """What was read so far: a rule for every day, and days that have one of their own."""

    def __init__(self) -> None:
        self.every: Spans | None = None
        self.own: dict[int, Spans] = {}
        self._days: list[int] = []
        self._through = self._timed = False

    def day(self, day: int) -> None:
        if self._timed:
            self.end()
        if self._through and self._days:
            first = self._days[-1]
            self._days += [(first + step) % 7 for step in range(1, (day - first) % 7 + 1)]
        else:
            self._days.append(day)
        self._through = False

    def through(self) -> None:
        self._through = True

    def end(self) -> None:
        """A group is over: what comes next speaks of other days."""
        if (self._days and not self._timed) or self._through:
            raise DataError("hours", EXPECTED)
        self._days, self._timed = [], False

    def times(self, spans: Spans) -> None:
        """These spans for the days just named, or for every day; none means closed."""
        self._timed = True
        if not self._days:
            self.every = [*(self.every or []), *spans]
        for day in self._days:
            self.own[day] = [*self.own.get(day, []), *spans]

    def days(self) -> list[Spans]:
        """Monday first; what runs past midnight is the next day's."""
        days: list[Spans] = [[] for _ in range(7)]
        for day in range(7):
            for opens, closes in self.own.get(day, self.every or []):
                days[day].append([opens, min(closes, DAY_MIN)])
                if closes > DAY_MIN:
                    days[(day + 1) % 7].append([0, closes - DAY_MIN])
        return [_joined(spans) for spans in days]


@lru_cache(4096)
def hours(text: str) -> list[Spans]:
    """Seven days of [opens, closes] in minutes from midnight, Monday first; [] for always.

    A day that is named has its own hours and no others; days that are not named have those given without a
    day, and are closed where there are none. Hours past midnight (`18:00-02:00`) are split between two days.

    Raises:
        DataError: not to be read, or never open.
    """
    week = _Week()
    bare = _DASH.sub("-", text.lower().replace("’", "'"))
    at = 0
    while at < len(bare):
        found = _TOKEN.match(bare, at)
        if found is None:
            raise DataError("hours", EXPECTED)
        _take(week, found)
        at = found.end()
    week.end()
    days = week.days()
    if not any(days):
        raise DataError("hours", f"{EXPECTED}; at least one day open")
    if max(map(len, days)) > MOST_SPANS:
        raise DataError("hours", f"{EXPECTED}; at most {MOST_SPANS} openings a day")
    return [] if all(spans == [[0, DAY_MIN]] for spans in days) else days


def _take(week: _Week, found: re.Match[str]) -> None:
    match found.lastgroup:
        case "span":
            week.times([_span(found)])
        case "round":
            week.times([[0, DAY_MIN]])
        case "shut":
            week.times([])
        case "every" | "end":
            week.end()
        case "dash":
            week.through()
        case "word" if (day := DAYS.get(found[0])) is not None:
            week.day(day)
        case "word" if found[0] not in _IDLE:
            raise DataError("hours", EXPECTED)


def _span(found: re.Match[str]) -> list[int]:
    opens = _minute(found[2], found[3]) % DAY_MIN
    closes = _minute(found[4], found[5])
    if opens == closes and opens:
        raise DataError("hours", f"{EXPECTED}; opening and closing at different times")
    return [opens, closes if closes > opens else closes + DAY_MIN]


def _minute(hour: str, minute: str | None) -> int:
    at = int(hour) * 60 + int(minute or 0)
    if at > DAY_MIN or int(minute or 0) > 59:
        raise DataError("hours", f"{EXPECTED}; times from 00:00 to 24:00")
    return at


def _joined(spans: Spans) -> Spans:
    """In order, none touching another."""
    joined: Spans = []
    for opens, closes in sorted(spans):
        if joined and opens <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], closes)
        else:
            joined.append([opens, closes])
    return joined
