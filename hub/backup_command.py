"""`kentongan backup --to FOLDER`: a backup of a running city, once or again and again.

Exit codes: 0 made (or told to stop), 2 it could not be made. With `--every` what goes wrong is said and tried again
at the next time, and `{city}:backup` grows old: an alarm rings at twice the interval. Whoever is erased meanwhile is
erased in the folder within `ERASED_S`.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import redis

from hub import person_keys
from hub.archive_sql import FILE, SQLITE
from hub.backup import Made, Plan, backed_up
from hub.backup_key import DEFAULT, kept_key
from hub.check import asked
from hub.errors import HubError, StartError
from hub.folder import running_url
from hub.hook_commands import Where
from hub.keys import RESTORING, Keys
from hub.person_keys import Sealers
from hub.settings import Settings
from hub.zones import WIB, Zone

ERASED_S: Final = 10.0
SHORTEST_MIN, LONGEST_MIN = 1, 7 * 24 * 60

SealersOf = Callable[[argparse.Namespace], Sealers]
ZoneOf = Callable[[argparse.Namespace], Zone]


def add_backup(commands: Any, where: Where, folders: Mapping[bool, Path], sealers: SealersOf, zone: ZoneOf) -> None:
    """Add the command.

    Args:
        where: the store and the city that the options name.
        folders: the usual data folders, by whether they hold a demo.
        sealers: of the services of that city. zone: its clock.
    """
    parser = commands.add_parser("backup", help="a backup of a running city, once or every so many minutes")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="one city's, best on another machine")
    store = parser.add_mutually_exclusive_group()
    store.add_argument("--data", type=Path, help="folder of a running `kentongan up`")
    store.add_argument("--store", metavar="URL")
    parser.add_argument("--city", type=Path, metavar="FILE", help="the city's file (Kota Mojokerto)")
    parser.add_argument("--keep", type=_count, default=0, metavar="N", help="the newest N stay (all)")
    parser.add_argument("--every", type=_minutes, default=0, metavar="MINUTES", help="go on, one every so many minutes")
    parser.add_argument("--key", type=Path, metavar="FILE", help=f"what seals secrets, made at first use ({DEFAULT})")
    parser.add_argument("--json", action="store_true", help="one JSON object per backup")
    parser.set_defaults(run=lambda options, settings: run(options, settings, where, folders, sealers, zone))


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"expected how many, from 1 on, got {text!r}")
    return int(text)


def _minutes(text: str) -> int:
    if not text.isdecimal() or not SHORTEST_MIN <= int(text) <= LONGEST_MIN:
        raise argparse.ArgumentTypeError(f"expected whole minutes from {SHORTEST_MIN} to {LONGEST_MIN}, got {text!r}")
    return int(text)


def key_of(options: argparse.Namespace, settings: Settings) -> Path:
    """Where the backup key is: the option, the setting, else the usual place."""
    return options.key or Path(settings.backup_key or DEFAULT)


def run(
    options: argparse.Namespace, settings: Settings, where: Where, folders: Mapping[bool, Path], sealers: SealersOf,
    zone: ZoneOf,
) -> int:  # fmt: skip
    """Make backups as the options say; the exit code.

    Raises:
        HubError: the only one, or the first of many, could not be made.
    """
    url, city = where(options)
    data = [options.data] if options.data else list(folders.values())
    refuse_within(options.to, url, data)
    plan = Plan(
        url=url, city=city, folder=options.to, key=key_of(options, settings), keep=options.keep,
        archive=settings.archive_url or archive_beside(url, data), archive_key=settings.archive_key,
        every_s=options.every * 60, sealers=sealers(options),
    )  # fmt: skip
    began, told = time.monotonic(), threading.Event()
    say = partial(_say, clock=zone(options), as_json=options.json)
    if plan.every_s:  # told meanwhile, it ends behind the backup that is under way
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: told.set())
    say(backed_up(plan))
    if plan.every_s:
        go_on(plan, began, told.wait, say)
    return 0


def refuse_within(folder: Path, url: str, data: list[Path]) -> None:
    """Refuse to put backups where they are lost with what they are of.

    Raises:
        StartError: the folder lies in the data folder of this store.
    """
    for one in data:
        if running_url(one) == url and folder.resolve().is_relative_to(one.resolve()):
            raise StartError(
                f"{folder} lies in the data folder {one}: it would be lost with it; name another with --to"
            )


def archive_beside(url: str, folders: list[Path]) -> str:
    """The archive in the data folder whose store is reached there; empty where there is none."""
    for folder in folders:
        if running_url(folder) == url and (folder / FILE).exists():
            return f"{SQLITE}{folder / FILE}"
    return ""


def go_on(
    plan: Plan,
    began: float,
    told: Callable[[float], bool],
    say: Callable[[Made], None],
    *,
    make: Callable[[Plan], Made] = backed_up,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Make the next backups until told to stop. What goes wrong is said, and the next one is tried at its time.

    Args:
        began: when the first one was begun, by `clock`.
        told: waits so many seconds at most; whether it was told to stop.
    """
    folder, due = Folder(plan), began + plan.every_s
    while not told(min(ERASED_S, max(0.0, due - clock()))):
        try:
            folder.keep_up()
            if clock() >= due:
                due = due + plan.every_s if due + plan.every_s > clock() else clock() + plan.every_s
                say(make(plan))
        except HubError as exc:
            print(f"kentongan: no backup: {exc}", file=sys.stderr, flush=True)


def erased(url: str, city: str, settings: Settings) -> None:
    """Somebody was erased: write the persons' keys beside the last backup anew, or say that nobody did."""
    with asked(url) as client:
        folder: Any = client.hget(Keys(city).backup, "folder")
    if folder is None:
        return
    plan = Plan(url=url, city=city, folder=Path(folder.decode()), key=Path(settings.backup_key or DEFAULT))
    try:
        if not (plan.folder / person_keys.FILE).exists():
            raise StartError(f"{plan.folder / person_keys.FILE} is not here")
        Folder(plan).keep_up()
    except HubError as exc:
        print(f"kentongan: the key is still beside the backups until the next one is made: {exc}", file=sys.stderr)


class Folder:
    """Keeps the persons' keys in a folder as they are in the store."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._erased: tuple[int, int] | None = None

    def keep_up(self) -> bool:
        """Write the file anew if somebody was erased since; whether it was. Not below a restore: next time then.

        Raises:
            HubError: the store or the folder cannot be reached.
        """
        keys = Keys(self._plan.city)
        with asked(self._plan.url) as client:
            erased, before = newest_erased(client, keys), client.hmget(keys.head, "kind", "epoch")
            if erased == self._erased or before[0] == RESTORING.encode():
                return False
            key, kept = kept_key(self._plan.key, self._plan.city), person_keys.in_store(client, keys)
            if client.hmget(keys.head, "kind", "epoch") != before:
                return False
            person_keys.write(self._plan.folder, self._plan.city, key, kept)
        self._erased = erased
        return True


def newest_erased(client: redis.Redis, keys: Keys) -> tuple[int, int]:
    """How many were erased, and when the last one was (ms)."""
    newest = client.zrange(keys.erased, -1, -1, withscores=True)
    return client.zcard(keys.erased), int(newest[0][1]) if newest else 0


def _say(made: Made, *, clock: Zone, as_json: bool) -> None:
    print(json.dumps(msgspec.to_builtins(made)) if as_json else "\n".join(lines(made, clock)), flush=True)


def lines(made: Made, clock: Zone = WIB) -> list[str]:
    """For people."""
    said = [
        f"{made.file}: city {made.city} ({made.kind}) as of {clock.said(made.at)}, commit {made.commit:,}",
        f"  {made.keys:,} keys, {made.things:,} of them things, {made.bytes:,} bytes in {made.took_ms / 1000:.1f} s;"
        f" no question held the store longer than {made.held_ms:g} ms",
    ]
    if made.archive is not None and made.archive.copied:
        said.append(f"  archive: {made.archive.seq:,} rows beside it")
    elif made.archive is not None:
        said.append(f"  archive: {made.archive.name} is backed up with pg_dump; it was at row {made.archive.seq:,}")
    else:
        said.append("  no archive is kept here: after a restore nobody knows what was lost")
    if made.removed:
        said.append(f"  removed: {', '.join(made.removed)}")
    if made.key_made:
        said.append(f"  a backup key was made: {made.key}. Keep a copy of it elsewhere, and not beside the backups:")
        said.append("  without it no restore brings back who residents are, their persons' keys and webhooks' secrets")
    return said
