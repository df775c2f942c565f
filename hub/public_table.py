"""The public figures as a file: CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from hub.public_figures import Cell, Published, Released

HEADS: Final = ("figure", "period", "since", "until", "kelurahan", "n", "good")


def table(said: Released) -> str:
    """As CSV: a line for each cell; seconds; a hidden count as its mark."""
    names = list(dict.fromkeys(name for one in said.figures for name in one.ms))
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write([*HEADS, *(f"{name}_{what}" for name in names for what in ("p50_s", "p90_s"))])
    for figure in said.figures:
        for row, cell in _rows(figure):
            took = [part for name in names for part in cell.took.get(name, ("", ""))]
            write([*row, cell.n, cell.good, *took])
    return out.getvalue()


def _rows(figure: Published) -> Iterator[tuple[list[Any], Cell]]:
    for month in figure.months:
        yield [figure.name, "month", month.since, month.until, ""], month.cell
        for week in month.weeks:
            yield [figure.name, "week", week.since, week.until, ""], week.cell
        for part in month.kelurahan:
            place = part.kelurahan or "elsewhere"
            yield [figure.name, "month", month.since, month.until, place], part.cell
