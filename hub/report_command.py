"""`kentongan report NAME`: what the long memory counted, as text, JSON, CSV or a picture.

Exit codes: 0 made, 2 it could not be.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from hub.archive import read_archive
from hub.archived_city import chosen, found, where
from hub.contract import Report
from hub.errors import StartError
from hub.folder import write_whole
from hub.report_plot import picture, span
from hub.reports import ALL, Days, Made, Row, days, made, table
from hub.settings import Settings
from hub.zones import zone_of

STANDARD_OUTPUT: Final = "-"


def add_report(
    commands: Any, folders: Mapping[bool, Path], names: Sequence[str], load: Callable[[], Sequence[Report]]
) -> None:
    """Add the command.

    Args:
        folders: the usual data folders, by whether they hold a demo.
        names: of the reports that the services make. load: the reports.
    """
    parser = commands.add_parser("report", help="what the archive counted: " + ", ".join(names))
    parser.add_argument("name", choices=names, metavar="NAME", help=", ".join(names))
    where(parser)
    parser.add_argument("--from", dest="since", metavar="DAY", help="like 2026-11-01 (the month's first)")
    parser.add_argument("--to", dest="until", metavar="DAY", help="the last day that counts (today)")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", metavar="FILE", help="by month and kelurahan; - for standard output")
    how.add_argument("--plot", metavar="FILE", help="an SVG picture of the whole and each month")
    how.add_argument("--json", action="store_true", help="{name, since, until, demo, rows}")

    def start(options: argparse.Namespace, settings: Settings) -> int:
        (report,) = (one for one in load() if one.name == options.name)
        return run(options, settings, folders, report)

    parser.set_defaults(run=start)


def run(options: argparse.Namespace, settings: Settings, folders: Mapping[bool, Path], report: Report) -> int:
    """Make the report and write it where it is wanted.

    Raises:
        DataError: a day is none. ArchiveError: it cannot be read. StartError: no archive, no such city, or no file.
    """
    url = found(options, settings, folders)
    city = chosen(url, options.city)
    asked = days(options.since, options.until, time.time_ns() // 1_000_000, zone_of(city.zone))
    one = read_report(url, city.city, report, asked)
    if options.json:
        print(json.dumps(msgspec.to_builtins(one)))
    elif options.csv == STANDARD_OUTPUT:
        print(table(one, report), end="")
    elif options.csv or options.plot:
        _write(options.csv or options.plot, table(one, report) if options.csv else picture(one, report))
    else:
        print("\n".join(lines(one)))
    return 0


def read_report(url: str, city: str, report: Report, asked: Days) -> Made:
    """One report of a city out of an archive.

    Raises:
        ArchiveError: it cannot be read.
    """
    archive = read_archive(url, city)
    try:
        return made(report, asked, archive.figures(*asked.ms), demo=archive.kind() == "demo")
    finally:
        archive.close()


def _write(path: str, text: str) -> None:
    try:
        write_whole(Path(path), text)
    except OSError as exc:
        raise StartError(f"{path} cannot be written: {exc.strerror}") from exc


def lines(one: Made) -> list[str]:
    """For people: the whole, and each month."""
    said = [f"{one.name}, {one.since} - {one.until}" + (" (DEMO)" if one.demo else "")]
    for row in one.rows:
        if row.place == ALL:
            said += ["", f"{row.month or 'all'}: {row.n} counted", *_row(row)]
    return said


def _row(row: Row) -> list[str]:
    took = [
        f"  {name:<22}{span(one.p50_ms):>12} half {span(one.p90_ms):>12} nine of ten ({one.n})"
        for name, one in row.took.items()
        if one.p50_ms is not None and one.p90_ms is not None
    ]
    shares = [
        f"  {name:<22}{one.n / one.of:>12.0%} ({one.n} of {one.of})" for name, one in row.shares.items() if one.of
    ]
    return took + shares
