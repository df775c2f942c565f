"""`kentongan restore FILE`: a city out of a backup, and what was lost by it.

Exit codes: 0 restored, 2 refused or failed, and then nothing was changed, unless it says that the city is closed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec
import redis
from msgspec import Struct

from hub import person_keys
from hub.archive_sql import FILE, POSTGRES, SQLITE
from hub.backup import ARCHIVE_KEY, copy_sqlite
from hub.backup_command import SealersOf, key_of
from hub.backup_file import Backup
from hub.backup_key import BackupKey, kept_key
from hub.check import asked
from hub.city_file import CityFile
from hub.embedded import PrivateStore, find_server
from hub.errors import HubError, StartError
from hub.folder import DataFolder, write_whole
from hub.heads import key_path
from hub.keys import Keys
from hub.lost import Lost, archive_says, lost, store_says
from hub.person_keys import Sealers
from hub.progress import Progress
from hub.restoring import Held, Put, Restoring, held, refuse
from hub.settings import Settings
from hub.tracking import Line
from hub.zones import WIB, Zone

STORE_END_S: Final = 30.0
FOLLOW_S: Final = 30.0
"""So long it is waited for replicas: a whole city goes to them at once."""
SHOWN: Final = 10

T = TypeVar("T")
CityOf = Callable[[argparse.Namespace], CityFile]
After = Callable[[str, bool, int], tuple[list[str], int, int]]
"""Forget anew whoever was erased since some time (ms): the store's URL, whether it is a demo, that time; whom, how many
replicas should have the city that was put there, and how many do."""


class Restored(Struct, frozen=True, kw_only=True):
    """What `--json` prints. `commit`, `at`: of the backup's cut; `goes_on_at`: the commit number to go on from.

    `switch_ms`: how long one step of the switch held the store at most; `closed_ms`: how long the city was closed.
    `archive`: `copied` from beside the backup, `kept` as it was, or `none`. `erased`: who was erased since the backup
    and is again; `not_erased`: why that could not be done, and it must be by hand. `replicas`: how many the store has
    or must have, `replicas_have`: how many of them followed.
    """

    event: Literal["restored"] = "restored"
    file: str
    city: str
    kind: str
    place: str
    commit: int
    at: int
    goes_on_at: int
    epoch: str
    keys: int
    took_ms: int
    switch_ms: int
    closed_ms: int = 0
    archive: str
    erased: list[str]
    not_erased: str = ""
    replicas: int = 0
    replicas_have: int = 0
    lost: Lost


def add_restore(
    commands: Any,
    city: CityOf,
    folders: Mapping[bool, Path],
    sealers: SealersOf,
    after: Callable[[argparse.Namespace, Settings], After],
) -> None:
    """Add the command.

    Args:
        city, sealers, after: of the city that the options name.
        folders: the usual data folders, by whether they hold a demo.
    """
    parser = commands.add_parser("restore", help="a city out of a backup, into an empty folder or store")
    parser.add_argument("file", type=Path, metavar="FILE", help="a backup; its folder holds the persons' keys")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--data", type=Path, help="data folder of `kentongan up`, which does not run (the usual one)")
    place.add_argument("--store", metavar="URL", help="a store that runs")
    parser.add_argument("--city", type=Path, metavar="FILE", help="the city's file (Kota Mojokerto)")
    parser.add_argument("--replace", action="store_true", help="what stands there goes, all of it")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the backup key")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(
        run=lambda options, settings: run(
            options, settings, city(options), folders, sealers(options), after(options, settings)
        )
    )


def run(
    options: argparse.Namespace,
    settings: Settings,
    city: CityFile,
    folders: Mapping[bool, Path],
    sealers: Sealers,
    after: After,
) -> int:
    """Restore and say what was lost; the exit code.

    Raises:
        HubError: it was refused or failed.
    """
    backup = Backup.open(options.file)
    data = None if options.store else options.data or folders[backup.header.kind == "demo"]
    place = options.store or str(data)
    refuse(backup, city.code, place, Held("", ""), replace=options.replace)
    key = kept_key(key_of(options, settings), city.code)
    if key.mark != backup.header.key:
        raise StartError(f"{backup.path} was sealed with the backup key {backup.header.key}, and this is {key.mark}")
    archive = settings.archive_url or (f"{SQLITE}{data / FILE}" if data is not None else "")
    work = Work(backup, key, settings, archive, sealers, after, place, replace=options.replace)
    restored = work.into(options.store) if data is None else in_folder(data, backup.header.kind, work.into)
    print(json.dumps(msgspec.to_builtins(restored)) if options.json else "\n".join(lines(restored, city.clock)))
    return 0


def in_folder(path: Path, kind: Literal["demo", "real"], work: Callable[[str], T]) -> T:
    """Work on the store of a data folder in which nothing runs. One that was empty is empty again when it fails.

    Raises:
        StartError: the folder is in use, of the other kind, or somebody else's.
    """
    existed = path.exists()
    fresh = not existed or not any(path.iterdir())

    async def run() -> T:
        server = find_server()
        folder = DataFolder.open(path, kind)
        store = PrivateStore(folder, server, lambda event: None)
        try:
            await store.start()
            return await asyncio.to_thread(work, store.url)
        finally:
            await store.stop(STORE_END_S)
            folder.close()

    try:
        return asyncio.run(run())
    except BaseException:
        if fresh:
            shutil.rmtree(path, ignore_errors=True)
            if existed:
                path.mkdir(exist_ok=True)
        raise


class Work:
    """One restore.

    Args:
        archive: where the long memory is, or will be; empty for none.
        place: what the command line calls the place.
    """

    def __init__(
        self, backup: Backup, key: BackupKey, settings: Settings, archive: str, sealers: Sealers, after: After,
        place: str, *, replace: bool,
    ) -> None:  # fmt: skip
        self._backup, self._key, self._settings, self._archive = backup, key, settings, archive
        self._sealers, self._after, self._place, self._replace = sealers, after, place, replace

    def into(self, url: str) -> Restored:
        """Restore into the store at a URL.

        Raises:
            HubError: it was refused or failed; nothing was changed then, unless it says that the city is closed.
        """
        began, header = time.monotonic(), self._backup.header
        kept = person_keys.read(self._backup.path.parent, header.city, self._key)
        with asked(url) as client:
            there = held(client, header.city)
            refuse(self._backup, header.city, self._place, there, replace=self._replace)
            gone = self._lost(client, there)
            kept = self._with_erased(client, there, kept)
        archive, staged = self._staged_archive()
        try:
            put = self._put(url, there, kept, gone.newest_commit)
            if staged is not None:
                staged.replace(staged.with_suffix(""))
        finally:
            if staged is not None:
                staged.unlink(missing_ok=True)
        self._place_key(put)
        erased, why_not, (wanted, have) = self._followed(url)
        return Restored(
            file=str(self._backup.path), city=header.city, kind=header.kind, place=self._place, commit=header.commit,
            at=header.at, goes_on_at=put.commit, epoch=put.epoch, keys=put.keys,
            took_ms=round((time.monotonic() - began) * 1000), switch_ms=put.switch_ms,
            closed_ms=put.closed_ms, archive=archive,
            erased=erased, not_erased=why_not, replicas=wanted, replicas_have=have, lost=gone,
        )  # fmt: skip

    def _put(self, url: str, there: Held, kept: person_keys.Kept, newest_commit: int) -> Put:
        progress = Progress("keys", self._backup.header.keys, sys.stderr)
        try:
            with Line(url) as line:
                restoring = Restoring(
                    line, self._backup, key=self._key, sealer=self._sealers.opening(kept.keys), kept=kept,
                    said=progress.advance,
                )  # fmt: skip
                put = restoring.run(there, newest_commit)
        finally:
            progress.close()
        if put.not_told:
            print(f"kentongan: start hubs and workers again, they do not know it yet: {put.not_told}", file=sys.stderr)
        return put

    # -- what was lost ------------------------------------------------------------------

    def _lost(self, client: redis.Redis, there: Held) -> Lost:
        header = self._backup.header
        name, seen, rows = archive_says(self._archive, header.city, header.commit)
        witnesses = {name: seen} if name else {}
        beside = f"{SQLITE}{self._backup.path.parent / FILE}"
        if not name:
            name, seen, rows = archive_says(beside, header.city, header.commit)
            witnesses = {name: seen} if name else {}
        if there.commit and not there.broken_off:
            witnesses["the city that was replaced"] = list(store_says(client, header.city, header.commit))
        return lost(header.commit, header.at, witnesses, self._head(), rows)

    def _head(self) -> Mapping[str, int] | None:
        """The signed head that the settings keep in a file."""
        if not self._settings.audit_head_file:
            return None
        try:
            said = msgspec.json.decode(Path(self._settings.audit_head_file).read_bytes())
            return {"seq": int(said["seq"]), "at": int(said["at"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _with_erased(self, client: redis.Redis, there: Held, kept: person_keys.Kept) -> person_keys.Kept:
        """Whoever was erased in the city that is replaced stays erased, also when a restore of it was broken off."""
        if not there.commit and not there.broken_off:
            return kept
        now = person_keys.in_store(client, Keys(self._backup.header.city))
        if there.broken_off:
            now = person_keys.Kept(now.keys, {**now.erased, **person_keys.beside(client, self._backup.header.city)})
        keys = {person: key for person, key in kept.keys.items() if person in now.keys or person not in now.erased}
        return person_keys.Kept(keys, {**kept.erased, **now.erased})

    def _followed(self, url: str) -> tuple[list[str], str, tuple[int, int]]:
        """The city is in its place: what goes wrong here is said, and done by hand."""
        try:
            erased, *replicas = self._after(url, self._backup.header.kind == "demo", self._backup.header.at)
            return erased, "", (replicas[0], replicas[1])
        except (HubError, redis.RedisError) as exc:
            return [], str(exc), (0, 0)

    # -- the archive ----------------------------------------------------------------------

    def _staged_archive(self) -> tuple[str, Path | None]:
        """What becomes of the archive, and a copy that is ready to take its place (without the last suffix).

        One that is there stays: it knows more than its copy.
        """
        if not self._archive or self._archive.startswith(POSTGRES):
            return ("kept" if self._archive else "none"), None
        path, beside = Path(self._archive.removeprefix(SQLITE)), self._backup.path.parent / FILE
        if path.exists():
            return "kept", None
        if not beside.exists():
            return "none", None
        path.parent.mkdir(parents=True, exist_ok=True)
        staged = path.with_name(path.name + ".restored")
        copy_sqlite(beside, staged)
        return "copied", staged

    def _place_key(self, put: Put) -> None:
        """The key that signs heads, where none is: else heads so far would be doubted."""
        said = put.files.get(ARCHIVE_KEY)
        path = key_path(self._archive, self._settings.archive_key) if self._archive else None
        if said is None or path is None or path.exists():
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, said.decode(), 0o600)
        except OSError as exc:
            print(f"kentongan: the key of the archive's heads is not in {path}: {exc.strerror}", file=sys.stderr)


def lines(restored: Restored, clock: Zone = WIB) -> list[str]:
    """For people: what stands, what is lost, what is next."""
    gone = restored.lost
    said = [
        f"city {restored.city} ({restored.kind}) is in {restored.place} as of {clock.said(restored.at)},"
        f" commit {restored.commit:,}, epoch {restored.epoch}; {restored.keys:,} keys"
        f" in {restored.took_ms / 1000:.1f} s",
    ]
    if gone.newest_commit:
        count = f"{gone.commits:,} commits" if gone.commits != 1 else "1 commit"
        said.append(
            f"lost: {count} after {clock.said(gone.after_at)}; the newest one known is {gone.newest_commit:,}"
            f" of {clock.said(gone.newest_at)} (by {', '.join(gone.witnesses)})"
        )
        said += [f"  {type_} ({len(ids):,}): {_some(ids)}" for type_, ids in gone.things.items()]
    elif gone.witnesses:
        said.append(f"lost: no commit after {clock.said(gone.after_at)} is known to {', '.join(gone.witnesses)}")
    else:
        said.append(f"lost: whatever came after {clock.said(gone.after_at)}; no archive is here that would know")
    if gone.head_rows:
        said.append(
            f"  a signed head of {clock.said(gone.head_at)} saw {gone.head_rows:,} entries that no archive here has"
        )
    if restored.erased:
        said.append(f"{len(restored.erased):,} people who were erased since then are erased again")
    if restored.not_erased:
        said.append(
            f"NOT DONE: erasing anew who was erased since then ({restored.not_erased}): `kentongan erase --again`"
        )
    if restored.replicas_have < restored.replicas:
        said.append(
            f"NOT YET: {restored.replicas_have} of {restored.replicas} replicas have it; none of the others may take"
            " over before they do (`kentongan check`)"
        )
    elif restored.replicas:
        said.append(f"{restored.replicas} of {restored.replicas} replicas have it")
    said.append(f"archive: {restored.archive}")
    said.append("everybody reads everything anew (a new epoch); timers that fell due meanwhile act when workers start")
    return said


def _some(ids: list[str]) -> str:
    rest = len(ids) - SHOWN
    return ", ".join(ids[:SHOWN]) + (f" and {rest:,} more (--json names all)" if rest > 0 else "")
