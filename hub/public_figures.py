"""`/angka`: what anybody may know of how the city is served, out of the long memory's figures.

A month is published once, when all of it is archived, with its weeks and its kelurahan, and never changes again; so no
newer figure can be taken from an older one. A month is whole weeks, Monday to Sunday: those whose Thursday lies in it
(as ISO 8601 gives a week to a year), so that weeks and months overlap nowhere. What is small is hidden (`hub/hiding`).
Drills, visits and what was simulated are in no figure. Of a simulated city all is simulated: it shows the month that
runs too, and says everywhere that nobody is real.
Durations are exact (nearest rank), in whole seconds, and only where `ENOUGH` were counted and `FEW` had this one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.archive import Archive
from hub.contract import Figure, Public
from hub.hiding import ENOUGH, FEW, Count, Shown, parts, whole
from hub.reports import Logged, took_of
from hub.zones import Zone

MONTHS: Final = 12
ELSEWHERE: Final = ""
"""The place of what lies in no kelurahan, or in one that nobody knew."""
WEEK: Final = timedelta(days=7)
THURSDAY: Final = timedelta(days=3)
DAY: Final = timedelta(days=1)
DAY_MS: Final = 86_400_000


class Span(Struct, frozen=True):
    """From one day to another, both counted."""

    since: date
    until: date


class Cell(Struct, frozen=True):
    """`n` and how many of them were `good`, as they may be shown. `took`: name -> p50 and p90 in s, where shown."""

    n: int | str
    good: int | str
    took: dict[str, tuple[int, int]]


class Week(Struct, frozen=True):
    since: str
    until: str
    cell: Cell


class Part(Struct, frozen=True):
    """A kelurahan; `ELSEWHERE` for the rest."""

    kelurahan: str
    cell: Cell


class Month(Struct, frozen=True):
    """`month` like 2026-11, with its first and last day."""

    month: str
    since: str
    until: str
    cell: Cell
    weeks: list[Week]
    kelurahan: list[Part]


class Published(Struct, frozen=True):
    """The months of one figure, the newest first."""

    name: str
    of: str
    good: str
    ms: tuple[str, ...]
    months: list[Month]


class Released(Struct, frozen=True):
    """Everything that is published.

    Args:
        as_of: up to when the archive has followed the city, ms. next_at: when the next month can come out.
        zone: the letters of the city's clock. demo: nobody of all these is real.
    """

    as_of: int
    next_at: int
    zone: str
    demo: bool
    few: int
    figures: list[Published]


# -- months of whole weeks -----------------------------------------------------------------


def month_of(day: date) -> str:
    """The month that a day's week belongs to."""
    thursday = day - timedelta(days=day.weekday()) + THURSDAY
    return f"{thursday:%Y-%m}"


def span_of(month: str) -> Span:
    """The days of a month."""
    first = date.fromisoformat(f"{month}-01")
    monday = first - timedelta(days=first.weekday())
    since = monday if month_of(first) == month else monday + WEEK
    after = (first + timedelta(days=31)).replace(day=1)
    return Span(since, span_start(after) - DAY)


def span_start(first: date) -> date:
    """Where the month of this first day begins."""
    monday = first - timedelta(days=first.weekday())
    return monday if month_of(first) == f"{first:%Y-%m}" else monday + WEEK


def weeks_of(span: Span) -> Iterator[Span]:
    since = span.since
    while since <= span.until:
        yield Span(since, since + WEEK - DAY)
        since += WEEK


def before(month: str) -> str:
    return f"{date.fromisoformat(f'{month}-01') - DAY:%Y-%m}"


def due(since: int, as_of: int, zone: Zone, *, demo: bool) -> list[str]:
    """The months to publish, the newest first: those that are over; of a simulated city the one that runs as well.

    Args:
        since: when the archive began, ms: a month in the middle of which it began was not counted whole.
    """
    began, month = zone.day(since), month_of(zone.day(as_of))
    months = [month] if demo else []
    while len(months) < MONTHS and span_of(month := before(month)).since >= began:
        months.append(month)
    return months


# -- counting --------------------------------------------------------------------------------


class _Tally:
    """One cell while it is added up."""

    __slots__ = ("good", "ms", "n")

    def __init__(self) -> None:
        self.n = self.good = 0
        self.ms: dict[str, list[int]] = {}

    def add(self, figure: Figure, public: Public) -> None:
        self.n += figure.counts.get(public.of, 0)
        self.good += figure.counts.get(public.good, 0)
        for name in public.ms:
            if name in figure.ms:
                self.ms.setdefault(name, []).append(figure.ms[name])

    @property
    def count(self) -> Count:
        return Count(self.n, self.good)

    def cell(self, shown: Shown) -> Cell:
        took = {}
        for name, durations in self.ms.items() if isinstance(shown.n, int) and shown.n >= ENOUGH else ():
            one = took_of(durations)
            if one.n >= FEW and one.p50_ms is not None and one.p90_ms is not None:
                took[name] = (round(one.p50_ms / 1000), round(one.p90_ms / 1000))
        return Cell(shown.n, shown.good, took)


class Counted:
    """Figures by name, month, week and place; a place that is no kelurahan of the city is elsewhere."""

    def __init__(
        self, public: Sequence[Public], months: Collection[str], kelurahan: Collection[str], zone: Zone
    ) -> None:
        self._public, self._months, self._zone = {one.name: one for one in public}, frozenset(months), zone
        self._places, self._known = sorted(kelurahan), frozenset(kelurahan)
        self._days: dict[int, tuple[str, str]] = {}
        self._tallies: dict[tuple[str, str, str], _Tally] = {}
        self._decode = msgspec.msgpack.Decoder(Logged).decode

    def add(self, entries: Iterable[tuple[int, bytes]]) -> None:
        """Rows of the archive that carry figures, (at, body) each; one of another make has none."""
        for at, body in entries:
            month, week = self._when(at)
            if month not in self._months:
                continue
            try:
                figures = self._decode(body).figures
            except msgspec.MsgspecError:
                continue
            for figure in figures:
                if (public := self._public.get(figure.name)) is None:
                    continue
                place = figure.place if figure.place in self._known else ELSEWHERE
                for part in ("", week, f"k{place}"):
                    self._of(figure.name, month, part).add(figure, public)

    def _when(self, at: int) -> tuple[str, str]:
        """The month and the week of a time."""
        number = (at + self._zone.ms) // DAY_MS
        if number not in self._days:
            day = self._zone.day(at)
            self._days[number] = month_of(day), f"w{day - timedelta(days=day.weekday())}"
        return self._days[number]

    def _of(self, name: str, month: str, part: str) -> _Tally:
        return self._tallies.setdefault((name, month, part), _Tally())

    def month(self, name: str, month: str, today: date) -> Month:
        """A month with its weeks, as far as they have begun, and its kelurahan, the small ones hidden."""
        span, all_ = span_of(month), self._of(name, month, "")
        weeks = [one for one in weeks_of(span) if one.since <= today]
        places = [*self._places, ELSEWHERE]
        by_week = self._shown(all_, [self._of(name, month, f"w{one.since}") for one in weeks])
        by_place = self._shown(all_, [self._of(name, month, f"k{one}") for one in places])
        return Month(
            month, span.since.isoformat(), span.until.isoformat(), all_.cell(whole(all_.count)),
            [Week(one.since.isoformat(), one.until.isoformat(), cell)
             for one, cell in zip(weeks, by_week, strict=True)],
            [Part(one, cell) for one, cell in zip(places, by_place, strict=True)],
        )  # fmt: skip

    def _shown(self, all_: _Tally, tallies: list[_Tally]) -> list[Cell]:
        shown = parts(all_.count, [one.count for one in tallies])
        return [one.cell(how) for one, how in zip(tallies, shown, strict=True)]


def released(
    public: Sequence[Public], counted: Counted, months: Sequence[str], as_of: int, zone: Zone, *, demo: bool
) -> Released:
    """Everything that may be published of these months."""
    today = zone.day(as_of)
    figures = [
        Published(one.name, one.of, one.good, one.ms, [counted.month(one.name, month, today) for month in months])
        for one in public
    ]
    return Released(as_of, _next(as_of, zone), zone.letters, demo, FEW, figures)


def _next(as_of: int, zone: Zone) -> int:
    """When the month that runs is over."""
    return zone.midnight(span_of(month_of(zone.day(as_of))).until + DAY)


def read(
    archive: Archive, public: Sequence[Public], kelurahan: Collection[str], now: int, zone: Zone,
    known: Released | None = None,
) -> Released:  # fmt: skip
    """Everything that may be published of an archive.

    Args:
        known: as it was read before: months that have come out are not counted again.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    with archive.snapshot():
        demo = archive.kind() == "demo"
        first, last = archive.row(1), archive.row(archive.position().link.seq)
        since, as_of = (now, now) if first is None or last is None else (first.at, last.at)
        months = due(since, as_of, zone, demo=demo)
        if known is not None and not demo and all([one.month for one in of.months] == months for of in known.figures):
            return replace(known, as_of=as_of, next_at=_next(as_of, zone))
        counted = Counted(public, months, kelurahan, zone)
        if months:
            begin = zone.midnight(span_of(months[-1]).since)
            counted.add(archive.figures(begin, as_of + 1))
    return released(public, counted, months, as_of, zone, demo=demo)
