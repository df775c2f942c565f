"""One backup of a running city: the archive first, then the store at one commit, then the persons' keys.

In the folder, which is one city's alone:

    kentongan-<city>-<at>-<commit>.backup   the store (`hub/backup_file.py`), the newest `keep` of them
    archive.sqlite                          the long memory, by SQLite's online backup; the newest alone, for it only
                                            grows. PostgreSQL's own tool is pg_dump: its position is noted
    person-keys                             `hub/person_keys.py`

The order is what makes them fit: the archive's copy ends within the audit log that the store's copy brings, so that its
worker goes on without a gap; a backup takes its place only when the keys of those in it are on disk.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any, Final, Literal, TextIO, cast

import redis
from msgspec import Struct

from hub import person_keys
from hub.archive import read_archive
from hub.archive_sql import BUSY_S, FILE, POSTGRES, SQLITE, shown
from hub.backup_file import Archived, Header, Record, Writer, backups, synced
from hub.backup_key import BackupKey, made_key
from hub.check import asked
from hub.commit import pack
from hub.copying import Copying, Cut, wanted
from hub.errors import ArchiveUnavailable, StartError
from hub.heads import key_path
from hub.keys import CLOSED, LAYOUT_VERSION, RESTORING, Keys
from hub.person_keys import Plain, Sealers
from hub.progress import Progress
from hub.tracking import Tracked

ARCHIVE_KEY: Final = b"archive.key"


class Plan(Struct, frozen=True, kw_only=True):
    """What goes where. `archive` empty: there is no long memory. `keep` 0: no old backup goes. `every_s` 0: once."""

    url: str
    city: str
    folder: Path
    key: Path
    archive: str = ""
    archive_key: str = ""
    keep: int = 0
    every_s: int = 0
    sealers: Sealers = Plain()


class Made(Struct, frozen=True, kw_only=True):
    """What `--json` prints of a backup. `lost_at_most_s`: what a restore of it may miss, before the next one."""

    event: Literal["backup"] = "backup"
    file: str
    city: str
    kind: str
    epoch: str
    commit: int
    lanes: dict[str, int]
    at: int
    keys: int
    things: int
    again: int
    tries: int
    held_ms: float
    paused_ms: int
    took_ms: int
    bytes: int
    archive: Archived | None
    archive_ms: int
    removed: list[str]
    key: str
    key_made: bool
    lost_at_most_s: int


def backed_up(plan: Plan, out: TextIO | None = None) -> Made:
    """Make one backup.

    Raises:
        StartError: the folder, the key or the store is not what it should be. StoreUnavailable: the store went away.
        ArchiveError: the archive cannot be read. Nothing is left of this backup then.
    """
    began = time.monotonic()
    keys = Keys(plan.city)
    with asked(plan.url) as client:
        kind = _kind(client, plan)
        person_keys.refuse_other(plan.folder, plan.city)
        key, fresh = made_key(plan.key, plan.city)
        writer = Writer(plan.folder, plan.city)
        try:
            archive = copied_archive(plan)
            archive_ms = round((time.monotonic() - began) * 1000)
            _put_archive_key(plan, key, writer)
            cut = _copied(plan, client, key, writer, archive, out or sys.stderr)
            kept = person_keys.in_store(client, keys)
            if (cut.head["kind"], cut.head.get("epoch", "")) != (kind, person_keys.epoch(client, keys)):
                raise StartError(f"the store at {plan.url}: {CLOSED}")
            person_keys.write(plan.folder, plan.city, key, kept)
            path, header = writer.finish(_header(plan, kind, cut, key, archive))
        finally:
            writer.abandon()
        removed = _thinned(plan)
        took_ms, size = round((time.monotonic() - began) * 1000), path.stat().st_size
        told: dict[Any, Any] = {"at": header.at, "commit": header.commit, "took_ms": took_ms, "bytes": size}
        if plan.every_s:  # one by hand in between changes nothing about when the next is due
            told["every_s"] = plan.every_s
        client.hset(keys.backup, mapping={**told, "folder": str(plan.folder.absolute())})
    return Made(
        file=str(path), city=plan.city, kind=kind, epoch=header.epoch, commit=header.commit, lanes=header.lanes,
        at=header.at, keys=cut.keys, things=cut.things, again=cut.again, tries=cut.tries, held_ms=cut.held_ms,
        paused_ms=cut.paused_ms,
        took_ms=took_ms, bytes=size, archive=archive, archive_ms=archive_ms, removed=removed, key=str(plan.key),
        key_made=fresh, lost_at_most_s=plan.every_s + -(-took_ms // 1000) if plan.every_s else 0,
    )  # fmt: skip


def _kind(client: redis.Redis, plan: Plan) -> str:
    kind, version = cast(Any, client.hmget(Keys(plan.city).head, "kind", "version"))
    if kind is None:
        raise StartError(f"the store at {plan.url} holds no city {plan.city}: nothing to back up")
    if kind.decode() == RESTORING:
        raise StartError(f"the store at {plan.url}: {CLOSED}")
    if int(version) > LAYOUT_VERSION:
        raise StartError(f"the store at {plan.url} was written by a newer Kentongan (layout {int(version)})")
    return str(kind.decode())


def _copied(
    plan: Plan, client: redis.Redis, key: BackupKey, writer: Writer, archive: Archived | None, out: TextIO
) -> Cut:
    keys, prefix = Keys(plan.city), len(Keys(plan.city).prefix)
    progress = Progress("keys", int(client.dbsize()), out)
    try:
        with Tracked(plan.url, keys.prefix, lambda name: wanted(name[prefix:])) as link:
            return Copying(
                link, keys, writer.put, key=key, sealer=plan.sealers.sealing(client, keys),
                audit_from="" if archive is None else archive.log_id, said=progress.advance,
            ).run()  # fmt: skip
    finally:
        progress.close()


def _header(plan: Plan, kind: str, cut: Cut, key: BackupKey, archive: Archived | None) -> Header:
    return Header(
        city=plan.city, kind=cast(Literal["demo", "real"], kind), layout=int(cut.head["version"]),
        epoch=cut.head.get("epoch", ""), commit=int(cut.head["commit"]), at=cut.at,
        lanes=cut.lanes, keys=cut.keys, things=cut.things, key=key.mark, archive=archive,
    )  # fmt: skip


def _thinned(plan: Plan) -> list[str]:
    """The newest `keep` stay."""
    old = backups(plan.folder, plan.city)[: -plan.keep] if plan.keep else []
    for path in old:
        path.unlink(missing_ok=True)
    return [path.name for path in old]


# -- the archive ---------------------------------------------------------------------------


def copied_archive(plan: Plan) -> Archived | None:
    """Copy the archive into the folder, or note how far it is where it has a tool of its own.

    Raises:
        ArchiveError: it cannot be read, or is none.
    """
    if not plan.archive:
        return None
    archive = read_archive(plan.archive, plan.city)
    try:
        position = archive.position()
    finally:
        archive.close()
    copied = not plan.archive.startswith(POSTGRES)
    if copied:
        copy_sqlite(Path(plan.archive.removeprefix(SQLITE)), plan.folder / FILE)
    return Archived(shown(plan.archive), copied, position.link.seq, position.log_id)


def copy_sqlite(source: Path, target: Path) -> None:
    """The database as it is at one moment, while it is written; the target is replaced whole.

    Raises:
        ArchiveUnavailable: one of the two cannot be read or written.
    """
    scratch = target.with_name(target.name + ".new")
    try:
        scratch.unlink(missing_ok=True)
        os.close(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        # WAL: one read transaction, and nobody who writes waits for it (sqlite.org/backup.html)
        with (
            contextlib.closing(
                sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
            ) as one,
            contextlib.closing(sqlite3.connect(scratch, isolation_level=None)) as other,
        ):
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        with scratch.open("rb") as file:
            os.fsync(file.fileno())
        scratch.replace(target)
        synced(target.parent)
    except (sqlite3.Error, OSError) as exc:
        scratch.unlink(missing_ok=True)
        raise ArchiveUnavailable(f"the archive {source} cannot be copied to {target}: {exc}") from exc


def _put_archive_key(plan: Plan, key: BackupKey, writer: Writer) -> None:
    """The key that signs heads goes along, sealed: with another one the heads so far would be doubted."""
    path = key_path(plan.archive, plan.archive_key) if plan.archive else None
    with contextlib.suppress(FileNotFoundError):
        if path is not None:
            writer.put(Record(ARCHIVE_KEY, "file", key.seal(ARCHIVE_KEY, pack([path.read_bytes()])), sealed=True))
