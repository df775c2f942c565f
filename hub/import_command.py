"""`kentongan import-shops FILE.csv`: a whole register of shops, what is wrong with it, and links for its sellers.

Exit codes: 0 every row is in, 1 some are not (errors, or the store went away), 2 nothing could start.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Any, Final

import uvloop
from msgspec import Struct
from redis.exceptions import RedisError

from hub.dispatch import Dispatch
from hub.errors import HubError, StartError
from hub.identity import recorded_base
from hub.import_links import seller_links, write_links
from hub.import_report import check_places, notes, read_bytes, reported, say
from hub.import_shops import Import, Imported
from hub.progress import Progress
from hub.register import Register, Row, read_register
from hub.register_values import Ground
from hub.store import Store

Door = Callable[[], AbstractAsyncContextManager[Dispatch]]

NICE: Final = 10


class Summary(Struct, frozen=True):
    """What one run came to; `report` and `links` name files that were written, or are None."""

    rows: int
    written: int
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
    parser.add_argument("--links", type=Path, metavar="FILE", help="write a one-time link for the seller of each shop")
    parser.add_argument("--url", metavar="BASE", help="address in the links (the one the running hub recorded)")
    parser.add_argument("--dry-run", action="store_true", help="read and check only; needs no store")
    parser.add_argument("--json", action="store_true", help="{rows, written, same, errors, left, report, links}")


def read_file(path: Path, ground: Ground) -> Register:
    """The register in a file.

    Raises:
        StartError: it cannot be read, or is none; names the file.
    """
    data = read_bytes(path, "register")
    try:
        return read_register(data, ground)
    except StartError as exc:
        raise StartError(f"the register {path}: {exc}") from exc


def run(options: argparse.Namespace, ground: Ground, door: Door) -> int:
    """Read, write, report; the exit code.

    Args:
        door: opens the city; not called in a dry run.

    Raises:
        HubError: nothing could start, and nothing was written.
    """
    register = read_file(options.file, ground)
    report = options.report or options.file.with_name(options.file.name + ".errors.csv")
    check_places(options.file, {"--report": report, "--links": options.links})
    notes(register.encoding, register.unread)
    done, links = Imported(left=len(register.good)), None
    if not options.dry_run:
        os.nice(NICE)  # the hubs of this machine come first
        done, links = uvloop.run(_imported(options, register.good, door))
    faults = sorted([*register.faults, *done.faults], key=lambda fault: fault.line)
    said = Summary(
        rows=register.rows,
        written=done.written,
        same=done.same,
        errors=register.bad + len(done.faults),
        left=done.left,
        report=reported(report, faults),
        links=links,
    )
    print(json.dumps(_plain(said)) if options.json else sentence(said, dry_run=options.dry_run))
    incomplete = done.left > 0 and not options.dry_run
    return 1 if said.errors or incomplete or (options.links and links is None and not options.dry_run) else 0


async def _imported(options: argparse.Namespace, rows: Sequence[Row], door: Door) -> tuple[Imported, str | None]:
    """The import and the file of links that was written, if one was asked for and all went well."""
    async with door() as dispatch:
        if dispatch.store.unsafe is not None:
            raise StartError(str(dispatch.store.unsafe))
        base = await _base(options, dispatch.store) if options.links else ""
        with closing(Progress("rows", len(rows), sys.stderr)) as progress:
            done = await Import(dispatch, rows, progress.advance).run()
        if done.why:
            known = done.written + done.same
            say(f"{done.why}: {known:,} of {len(rows):,} rows are in; run the same command again for the rest")
        if not options.links or done.why:
            return done, None
        refused = {fault.line for fault in done.faults}
        shops = [row.shop for row in rows if row.line not in refused]
        return done, await _linked(options.links, dispatch.store, shops, base)


async def _base(options: argparse.Namespace, store: Store) -> str:
    base: str | None = options.url or await recorded_base(store)
    if base is None:
        raise StartError("no hub has run on this store yet: start one, or name the address of the links with --url")
    return base


async def _linked(path: Path, store: Store, shops: Sequence[dict[str, Any]], base: str) -> str | None:
    try:
        with closing(Progress("links", len(shops), sys.stderr)) as progress:
            write_links(path, await seller_links(store, shops, base, progress.advance))
    except (HubError, RedisError, OSError) as exc:
        say(f"no links were written: {exc}; run the same command again")
        return None
    return str(path)


def sentence(said: Summary, *, dry_run: bool = False) -> str:
    """A summary for people."""
    see = f" (see {said.report})" if said.report else ""
    if dry_run:
        return f"{said.rows:,} rows: {said.left:,} good, {said.errors:,} errors{see}; nothing was written (dry run)"
    left = f", {said.left:,} not written" if said.left else ""
    text = f"{said.rows:,} rows: {said.written:,} written, {said.same:,} unchanged, {said.errors:,} errors{see}{left}"
    if said.links:
        text += f"\nlinks that work once, for 24 hours: {said.links}"
    return text


def _plain(said: Summary) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__struct_fields__}
