"""Reports over the long memory's figures: by month and place, durations as p50 and p90, shares as so many of so many.

The machinery adds up; what is counted, and which desk may read it, is said by the services (`contract.Report`).
Percentiles are exact: the smallest duration that at least this share did not exceed (nearest rank). Months are the
city's. A row without a month is of all months, one without a place of all places.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import ceil
from typing import Any, Final

import msgspec
from msgspec import Struct

from hub.contract import Figure, Report
from hub.errors import DataError
from hub.zones import WIB, Zone

DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 1100
ALL: Final = ""


class Logged(Struct, frozen=True):
    """What a report reads of an audit entry."""

    figures: list[Figure] = []


class Took(Struct, frozen=True):
    """How long something took, `n` times; None of nothing."""

    n: int
    p50_ms: int | None
    p90_ms: int | None


class Share(Struct, frozen=True):
    """So many `of` so many."""

    n: int
    of: int


class Row(Struct, frozen=True):
    """`month` like 2026-11; empty: all. `place`: a kelurahan's id; empty: all. `n`: how many were counted."""

    month: str
    place: str
    n: int
    took: dict[str, Took]
    shares: dict[str, Share]


class Made(Struct, frozen=True):
    """A report. `since` and `until` are days, both counted. `demo`: of a simulated city."""

    name: str
    since: str
    until: str
    demo: bool
    rows: list[Row]


class Days(Struct, frozen=True):
    """From one day to another, both counted, by the city's clock."""

    since: date
    until: date
    zone: Zone = WIB

    @property
    def ms(self) -> tuple[int, int]:
        """From the first one's beginning to before the last one's end, in the city."""
        return self.zone.midnight(self.since), self.zone.midnight(self.until) + DAY_MS


def days(since: str | None, until: str | None, now: int, zone: Zone = WIB) -> Days:
    """The days that are asked for: without an end up to today, without a beginning since the month began.

    Raises:
        DataError: `from` or `to` is no day, or they are no span.
    """
    last = _day("to", until) if until else zone.day(now)
    first = _day("from", since) if since else last.replace(day=1)
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise DataError("from", f"expected a day before `to`, at most {MOST_DAYS} days")
    return Days(first, last, zone)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DataError(name, f"expected a day like 2026-11-27, got {text[:20]!r}") from None


class _Tally:
    """One row while it is added up."""

    def __init__(self) -> None:
        self.n = 0
        self.ms: dict[str, list[int]] = {}
        self.counts: dict[str, int] = {}

    def add(self, figure: Figure) -> None:
        self.n += 1
        for name, ms in figure.ms.items():
            self.ms.setdefault(name, []).append(ms)
        for name, count in figure.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def row(self, month: str, place: str, report: Report) -> Row:
        took = {name: took_of(self.ms.get(name, [])) for name in report.ms}
        shares = {name: Share(self.counts.get(name, 0), self.counts.get(of, 0)) for name, of in report.shares.items()}
        return Row(month, place, self.n, took, shares)


def took_of(durations: Iterable[int]) -> Took:
    ordered = sorted(durations)
    if not ordered:
        return Took(0, None, None)
    p50, p90 = (ordered[max(0, ceil(share * len(ordered)) - 1)] for share in (0.5, 0.9))
    return Took(len(ordered), p50, p90)


def made(report: Report, span: Days, entries: Iterable[tuple[int, bytes]], *, demo: bool) -> Made:
    """Add up the entries, (at, body) each: the whole, each month, each place, each place by month."""
    decode = msgspec.msgpack.Decoder(Logged).decode
    tallies: dict[tuple[str, str], _Tally] = {(ALL, ALL): _Tally()}
    for at, body in entries:
        month = f"{span.zone.at(at):%Y-%m}"
        for figure in _of(report, body, decode):
            for key in {(ALL, ALL), (month, ALL), (ALL, figure.place), (month, figure.place)}:
                tallies.setdefault(key, _Tally()).add(figure)
    rows = [tally.row(*key, report) for key, tally in sorted(tallies.items())]
    return Made(report.name, span.since.isoformat(), span.until.isoformat(), demo, rows)


def _of(report: Report, body: bytes, decode: Any) -> Iterator[Figure]:
    """The report's figures in an entry; one of another make has none."""
    try:
        said = decode(body)
    except msgspec.MsgspecError:
        return
    yield from (figure for figure in said.figures if figure.name == report.name)


def table(made: Made, report: Report) -> str:
    """As CSV: a line for each row; milliseconds, and so many of so many."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(heads(report))
    for row in made.rows:
        took = [part for name in report.ms for part in _cells(row.took[name])]
        shares = [part for name in report.shares for part in (row.shares[name].n, row.shares[name].of)]
        write([row.month, row.place, row.n, *took, *shares])
    return out.getvalue()


def heads(report: Report) -> list[str]:
    took = [f"{name}_{what}" for name in report.ms for what in ("n", "p50_ms", "p90_ms")]
    shares = [part for name in report.shares for part in (name, f"{name}_of")]
    return ["month", "kelurahan", "n", *took, *shares]


def _cells(took: Took) -> Sequence[int | str]:
    return [took.n, "" if took.p50_ms is None else took.p50_ms, "" if took.p90_ms is None else took.p90_ms]
