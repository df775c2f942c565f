"""`kentongan import-staff FILE.csv --links FILE`: people for all desks from a list, with a one-time link for each.

Exit codes: 0 everybody is in, 1 some rows are not (errors, or the store went away), 2 nothing could start.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct
from redis.exceptions import RedisError

from hub.errors import HubError, StartError
from hub.folder import write_whole
from hub.identity import recorded_base
from hub.import_command import Door
from hub.import_links import table
from hub.import_report import check_places, notes, read_bytes, reported, say
from hub.progress import Progress
from hub.sheet import Fault
from hub.staff_import import Enrolled, Link, enrol_all
from hub.staff_sheet import People, read_people


class Summary(Struct, frozen=True):
    """What one run came to; `report` and `links` name files that were written, or are None."""

    rows: int
    enrolled: int
    same: int
    errors: int
    left: int
    report: str | None
    links: str | None


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="folder of a running `kentongan up` (var/real, in the demo var/demo)")
    where.add_argument("--store", metavar="URL", help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--demo", action="store_true", help="a simulated city")
    parser.add_argument("--report", type=Path, metavar="FILE", help="rows with errors (FILE.csv.errors.csv)")
    parser.add_argument("--links", type=Path, metavar="FILE", required=True, help="write everybody's link there")
    parser.add_argument("--url", metavar="BASE", help="address in the links (the one the running hub recorded)")
    parser.add_argument("--json", action="store_true", help="{rows, enrolled, same, errors, left, report, links}")


def run(options: argparse.Namespace, desks: Sequence[str], door: Door) -> int:
    """Read, enrol, report; the exit code.

    Args:
        desks: those of the city.
        door: opens it.

    Raises:
        HubError: nothing could start, and nobody was enrolled.
    """
    report = options.report or options.file.with_name(options.file.name + ".errors.csv")
    people = _read(options.file, desks)
    check_places(options.file, {"--report": report, "--links": options.links})
    notes(people.encoding, people.unread)
    done = asyncio.run(_enrolled(options, people, door))
    faults = sorted([*people.faults, *(done.faults if done else ())], key=lambda fault: fault.line)
    said = _summary(options, people, done, faults, report)
    print(json.dumps(msgspec.to_builtins(said)) if options.json else sentence(said))
    return 1 if said.errors or said.left else 0


def _read(path: Path, desks: Sequence[str]) -> People:
    data = read_bytes(path, "list of staff")
    try:
        return read_people(data, desks)
    except StartError as exc:
        raise StartError(f"the list of staff {path}: {exc}") from exc


async def _enrolled(options: argparse.Namespace, people: People, door: Door) -> Enrolled | None:
    """What became of them, their links written; None when the store went away, and then there are no links."""
    async with door() as dispatch:
        store = dispatch.store
        if store.unsafe is not None:
            raise StartError(str(store.unsafe))
        base = options.url or await recorded_base(store)
        if base is None:
            raise StartError("no hub has run on this store yet: start one, or name the address of the links with --url")
        try:
            with closing(Progress("people", len(people.good), sys.stderr)) as progress:
                done = await enrol_all(store, people.good, progress.advance)
            write_links(options.links, done.links, base)
        except (HubError, RedisError, OSError) as exc:
            say(f"no links were written: {exc}; run the same command again")
            return None
        return done


def write_links(path: Path, links: Sequence[Link], base: str) -> None:
    """Replace a file by these links, whole or not at all: nobody but its owner may read it."""
    rows = [(one.line, one.role, one.name, base.rstrip("/") + one.path) for one in links]
    write_whole(path, table(("line", "role", "name", "link"), rows), mode=0o600)


def _summary(
    options: argparse.Namespace, people: People, done: Enrolled | None, faults: Sequence[Fault], report: Path
) -> Summary:
    return Summary(
        rows=people.rows,
        enrolled=len(done.links) if done else 0,
        same=done.same if done else 0,
        errors=len(faults),
        left=0 if done else len(people.good),
        report=reported(report, faults),
        links=str(options.links) if done else None,
    )


def sentence(said: Summary) -> str:
    """A summary for people."""
    see = f" (see {said.report})" if said.report else ""
    left = f", {said.left:,} not enrolled" if said.left else ""
    done = f"{said.enrolled:,} links, {said.same:,} signed in already, {said.errors:,} errors"
    text = f"{said.rows:,} rows: {done}{see}{left}"
    return f"{text}\nlinks that work once, for 24 hours: {said.links}" if said.links else text
