"""What a restore loses: all that was committed after the backup's cut, as far as somebody still knows of it.

Witnesses: the archive (each commit that wrote something, with the things it wrote), the city that is replaced (its
head and its audit log), and a signed head (how many entries the log had at some hour). Without any the time alone
is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import msgspec
import redis
from msgspec import Struct

from hub.archive import read_archive
from hub.archive_sql import shown
from hub.errors import ArchiveError
from hub.keys import Keys

PAGE: Final = 500

Seen = tuple[int, int, str]
"""(commit, at, things as `type/id type/id`)."""


class Lost(Struct, frozen=True, kw_only=True):
    """What is lost. `newest_commit` 0: nobody knows of any. `things`: type -> ids that lost commits wrote.

    `commits`: how many are known one by one. `witnesses`: who says so. `head_at`: when a signed head was made that
    is younger than the backup, 0 for none; `head_rows`: how many entries it saw that are in no archive here.
    """

    after_commit: int
    after_at: int
    newest_commit: int = 0
    newest_at: int = 0
    commits: int = 0
    things: Mapping[str, list[str]] = {}
    witnesses: list[str] = []
    head_at: int = 0
    head_rows: int = 0


def lost(
    commit: int, at: int, witnesses: Mapping[str, Iterable[Seen]], head: Mapping[str, int] | None, rows: int
) -> Lost:
    """Put together what the witnesses say.

    Args:
        commit, at: of the backup's cut.
        witnesses: name -> what it saw, later commits alone.
        head: `seq` and `at` of a signed head.
        rows: how many the archive holds.
    """
    commits: set[int] = set()
    things: dict[str, dict[str, None]] = {}
    newest = (0, 0)
    told = []
    for name, seen in witnesses.items():
        told.append(name)
        for number, when, wrote in seen:
            newest = max(newest, (number, when))
            if wrote:
                commits.add(number)
            for thing in wrote.split():
                type_, _, id_ = thing.partition("/")
                things.setdefault(type_, {})[id_] = None
    younger = head is not None and head["at"] > at
    return Lost(
        after_commit=commit, after_at=at, newest_commit=newest[0], newest_at=newest[1],
        commits=len(commits), things={type_: list(ids) for type_, ids in sorted(things.items())}, witnesses=told,
        head_at=head["at"] if head is not None and younger else 0,
        head_rows=max(0, head["seq"] - rows) if head is not None and younger else 0,
    )  # fmt: skip


def archive_says(url: str, city: str, commit: int) -> tuple[str, list[Seen], int]:
    """(name, what it saw after a commit, how many rows it has); an empty name where there is no archive to ask."""
    if not url:
        return "", [], 0
    try:
        archive = read_archive(url, city)
    except ArchiveError:
        return "", [], 0
    try:
        with archive.snapshot():
            return shown(url), list(archive.after_commit(commit)), archive.position().link.seq
    finally:
        archive.close()


def store_says(client: redis.Redis, city: str, commit: int) -> Iterator[Seen]:
    """What the city that is replaced knows, the newest first."""
    keys = Keys(city)
    number, at = cast(Any, client.hmget(keys.head, "commit", "at"))
    if int(number or 0) > commit:
        yield int(number), int(at or 0), ""
    before = "+"
    while page := cast(Any, client.xrevrange(keys.audit, before, "-", count=PAGE)):
        for _, fields in page:
            if int(fields.get(b"commit", 0)) <= commit:
                return
            yield int(fields[b"commit"]), int(fields[b"at"]), " ".join(_things(fields.get(b"e", b"")))
        before = f"({page[-1][0].decode()}"


def _things(body: bytes) -> list[str]:
    try:
        said: Any = msgspec.msgpack.decode(body)
    except msgspec.MsgspecError:
        return []
    things = said.get("things") if isinstance(said, dict) else None
    return [str(one) for one in things] if isinstance(things, list) else []
