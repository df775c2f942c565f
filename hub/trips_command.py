"""`kentongan import-trips FILE.csv`: a timetable of vans, stops and trips, and what is wrong with it.

Exit codes: 0 every row is in, 1 some are not (errors, or the store went away), 2 nothing could start.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from pathlib import Path

import uvloop

from hub.errors import StartError
from hub.import_command import Door, Summary, sentence
from hub.import_report import check_places, notes, read_bytes, reported, say
from hub.import_shops import Imported
from hub.import_trips import TripImport
from hub.progress import Progress
from hub.register_values import Ground
from hub.timetable import Timetable, read_timetable


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="folder of a running `kentongan up` (var/real, in the demo var/demo)")
    where.add_argument("--store", metavar="URL", help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--demo", action="store_true", help="a simulated city")
    parser.add_argument("--report", type=Path, metavar="FILE", help="rows with errors (FILE.csv.errors.csv)")
    parser.add_argument("--dry-run", action="store_true", help="read and check only; needs no store")
    parser.add_argument("--json", action="store_true", help="{rows, written, same, errors, left, report}")


def run(options: argparse.Namespace, ground: Ground, door: Door) -> int:
    """Read, write, report; the exit code.

    Raises:
        HubError: nothing could start, and nothing was written.
    """
    data = read_bytes(options.file, "timetable")
    try:
        timetable = read_timetable(data, ground)
    except StartError as exc:
        raise StartError(f"the timetable {options.file}: {exc}") from exc
    report = options.report or options.file.with_name(options.file.name + ".errors.csv")
    check_places(options.file, {"--report": report})
    notes(timetable.encoding, timetable.unread)
    good = sum(len(trip.lines) for trip in timetable.trips)
    done = Imported(left=good) if options.dry_run else uvloop.run(_imported(timetable, good, door))
    faults = sorted([*timetable.faults, *done.faults], key=lambda fault: fault.line)
    said = Summary(
        rows=timetable.rows,
        written=done.written,
        same=done.same,
        errors=timetable.bad + len(done.faults),
        left=done.left + timetable.left,
        report=reported(report, faults),
        links=None,
    )
    plain = {name: getattr(said, name) for name in said.__struct_fields__ if name != "links"}
    print(json.dumps(plain) if options.json else sentence(said, dry_run=options.dry_run))
    return 1 if said.errors or (done.left and not options.dry_run) else 0


async def _imported(timetable: Timetable, good: int, door: Door) -> Imported:
    async with door() as dispatch:
        if dispatch.store.unsafe is not None:
            raise StartError(str(dispatch.store.unsafe))
        with closing(Progress("rows", good, sys.stderr)) as progress:
            done = await TripImport(dispatch, timetable, progress.advance).run()
    if done.why:
        say(f"{done.why}: {done.written + done.same:,} of {good:,} rows are in; run the same command again")
    return done
