"""`kentongan audit verify`: whether the archived audit log is whole; else which row is wrong, and how.

Exit codes: 0 whole, 1 not, 2 it could not be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from hub.archive import Archive, Head, read_archive
from hub.archive_prunes import Prunes
from hub.archive_sql import shown
from hub.archived_city import chosen, found, where
from hub.chain import Blocks, Broken, Fault, Link, Walk
from hub.errors import ArchiveUnavailable
from hub.heads import given, is_signed, kept_key, key_path
from hub.progress import Progress
from hub.prunes import trusted
from hub.settings import Settings
from hub.zones import WIB, Zone, zone_of

STEP: Final = 1000


class Named(Struct, frozen=True):
    """What stands in the row at fault now; `at` in ms."""

    log_id: str
    at: int
    type: str
    id: str
    person: str


class Verified(Struct, frozen=True):
    """What `--json` prints.

    Args:
        heads: how many signed ones agree. pruned: out of how many rows something was taken when its time was over.
        doubted: how many heads and prunes bear no signature of the key.
        row: what stands at the fault now, None where nothing does.
    """

    ok: bool
    archive: str
    city: str
    rows: int
    hash: str
    heads: int
    doubted: int
    pruned: int = 0
    fault: Fault | None = None
    row: Named | None = None


def add_audit(commands: Any, folders: Mapping[bool, Path]) -> None:
    """Add the command and its verb.

    Args:
        folders: the usual data folders, by whether they hold a demo.
    """
    verbs = commands.add_parser("audit", help="the archived audit log").add_subparsers(metavar="VERB", required=True)
    verify = verbs.add_parser("verify", help="whether it is whole; else which row is wrong, and how")
    where(verify)
    verify.add_argument("--head", metavar="H", help="a head kept elsewhere: SEQ:HASH, its JSON, or a file with it")
    verify.add_argument(
        "--key", metavar="HEX", action="append", default=[],
        help="the public key of heads and prunes, several times after a new one (the archive's key file)",
    )  # fmt: skip
    verify.add_argument(
        "--json", action="store_true", help="{ok, archive, city, rows, hash, heads, doubted, pruned, fault, row}"
    )
    verify.set_defaults(run=lambda options, settings: run(options, settings, folders))


def run(options: argparse.Namespace, settings: Settings, folders: Mapping[bool, Path]) -> int:
    """Walk the whole chain and say what was found.

    Raises:
        ArchiveError: it cannot be read. StartError: an option is wrong, or which city is not said.
    """
    kept = given(options.head) if options.head is not None else None
    url = found(options, settings, folders)
    city = chosen(url, options.city)
    archive = read_archive(url, city.city)
    try:
        with archive.snapshot():
            verified = verify(archive, kept, *(options.key or [_public_key(url, settings)]))
    finally:
        archive.close()
    verified = msgspec.structs.replace(verified, archive=shown(url))
    print(json.dumps(msgspec.to_builtins(verified)) if options.json else "\n".join(lines(verified, zone_of(city.zone))))
    return 0 if verified.ok else 1


def _public_key(url: str, settings: Settings) -> str:
    """That of the archive's own key file; empty where there is none: then the first head's is believed."""
    path = key_path(url, settings.archive_key)
    if not path.exists():
        return ""
    try:
        return kept_key(path).public_key().public_bytes_raw().hex()
    except ArchiveUnavailable:
        return ""


def verify(archive: Archive, kept: Link | None, *public_keys: str) -> Verified:
    """Walk a city's chain against its own end, the heads that were signed, the one that was kept, and what was pruned.

    Args:
        public_keys: of who signs; without any, the first head's is believed.
    """
    signed, prunes = archive.heads(), Prunes(archive).all()
    first = [*(one.public_key for one in signed), *(one.public_key for one in prunes)][:1]
    keys = [key for key in public_keys if key] or first
    heads, doubted = _trusted(signed, keys)
    blocks, forged = trusted(prunes, keys)
    if kept is not None:
        heads[kept.seq] = kept.hash
    walk = Walk(archive.city, archive.position().link, heads, Blocks(blocks))
    progress = Progress("rows", archive.count(), sys.stderr)
    fault: Fault | None = None
    try:
        for number, _ in enumerate(walk.over(archive.rows()), 1):
            if number % STEP == 0:
                progress.advance(STEP)
    except Broken as broken:
        fault = broken.fault
    finally:
        progress.close()
    agreed = sum(1 for seq in heads if seq <= walk.proven)
    last = walk.at
    return Verified(
        fault is None, archive.name, archive.city, last.seq, last.hash.hex(), agreed, doubted + forged,
        walk.pruned, fault, _named(archive, fault),
    )  # fmt: skip


def _named(archive: Archive, fault: Fault | None) -> Named | None:
    row = archive.row(fault.seq) if fault is not None else None
    return Named(row.log_id, row.at, row.type, row.id, row.person) if row is not None else None


def _trusted(heads: Iterable[Head], keys: Collection[str]) -> tuple[dict[int, bytes], int]:
    """seq -> hash of the heads that a key signed, and how many none did. The first of a row counts."""
    believed: dict[int, bytes] = {}
    doubted = 0
    for head in heads:
        if any(is_signed(head, key) for key in keys):
            believed.setdefault(head.seq, head.hash)
        else:
            doubted += 1
    return believed, doubted


def lines(verified: Verified, zone: Zone = WIB) -> list[str]:
    """For people."""
    said = [f"{verified.archive}, city {verified.city}"]
    if verified.fault is not None:
        said.append(f"NOT WHOLE: {verified.fault}")
        if (row := verified.row) is not None:
            what = f"{row.type or '?'} {row.id} by {row.person or '?'}"
            said.append(f"there stands now: {what}, {row.log_id} of {zone.said(row.at)}")
        said.append(f"the {verified.rows:,} rows before it are as they were written")
    else:
        said.append(f"whole: {verified.rows:,} rows, the last hash {verified.hash}")
        said.append(f"{verified.heads:,} heads agree; keep this one elsewhere: {verified.rows}:{verified.hash}")
    if verified.pruned:
        said.append(f"{verified.pruned:,} rows were pruned when their time was over, and are as the prune left them")
    if verified.doubted:
        said.append(f"{verified.doubted:,} heads or prunes are not signed by this key: not counted")
    return said
