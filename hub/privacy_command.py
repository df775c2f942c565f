"""`kentongan erase PERSON` and `kentongan export PERSON`: what a person may ask of a city.

Exit codes: 0 done, 1 refused (the sentence says why), 2 it could not start.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError

from hub.archive import read_archive
from hub.archived_city import found
from hub.city_file import CityFile
from hub.dispatch import Dispatch
from hub.errors import StartError, StoreUnavailable
from hub.privacy import OPERATOR, Privacy
from hub.replicas import had
from hub.settings import Settings
from hub.trail import Row, Trail, archived, export
from hub.zones import WIB, Zone

Door = Callable[[], AbstractAsyncContextManager[Dispatch]]


def erase_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("person", nargs="?", metavar="PERSON", help="their id (`phone.<request>`, `shop.<shop>` too)")
    what.add_argument("--again", action="store_true", help="after a restore: everybody who was erased, anew")
    _where(parser)
    parser.add_argument("--json", action="store_true", help="{ok, person, things, at}, of --again {ok, people}")


def export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("person", metavar="PERSON", help="their id")
    _where(parser)
    parser.add_argument("--archive", metavar="URL", help="sqlite:PATH or postgresql://... (the setting's)")
    parser.add_argument("--json", action="store_true", help="all of it; without this a summary")


def _where(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, help="folder of a running `kentongan up` (var/real, in the demo var/demo)")
    where.add_argument("--store", metavar="URL", help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--demo", action="store_true", help="a simulated city")


def erase(options: argparse.Namespace, door: Door) -> tuple[int, bool]:
    """Forget one person, or those of the list anew; the exit code, and whether somebody's key may have gone.

    Raises:
        StoreError: the store cannot be reached.
    """
    told = asyncio.run(_run(door, lambda dispatch: _erased(dispatch, options)))
    if options.json:
        print(json.dumps(told))
    elif not told["ok"]:
        print(f"kentongan: {told['message']}", file=sys.stderr)
    elif options.again:
        print(f"{len(told['people'])} people erased anew" + "".join(f"\n{one}" for one in told["people"]))
    else:
        print(f"{told['person']} is erased: {told['things']} things without them, the key is gone")
    return (0, True) if told["ok"] else (1, told["code"] == "unconfirmed")


async def _erased(dispatch: Dispatch, options: argparse.Namespace) -> dict[str, Any]:
    privacy = Privacy(dispatch)
    if options.again:
        people, told = await privacy.again(), await had(dispatch.store)
        message = f"{len(people)} people are erased here anew, {told.have} of {told.wanted} replicas followed so far"
        left = {} if told.by_all else {"code": "unconfirmed", "message": f"{message}: ask again"}
        return {"ok": told.by_all, "people": people, **left}
    answer = await privacy.erase(options.person, OPERATOR)
    return {"ok": True, **(answer.data or {})} if answer.ok else answer.body()


def exported(
    options: argparse.Namespace, settings: Settings, folders: Mapping[bool, Path], city: CityFile, door: Door
) -> int:
    """Print everything that is kept of one person; the exit code.

    Raises:
        StoreError, ArchiveError: it cannot be reached.
    """

    async def work(dispatch: Dispatch) -> tuple[dict[str, Any] | None, str]:
        trail = Trail(options.person, dispatch.services.declared)
        before, archive = _archived(options, settings, folders, city.code, trail)
        return await export(dispatch, options.person, before, trail), archive

    told, archive = asyncio.run(_run(door, work))
    if told is None:
        print(f"kentongan: nothing is kept of {options.person}", file=sys.stderr)
        return 1
    told["archive"] = archive or "none is here: only what the store's own log still has"
    print(json.dumps(told, ensure_ascii=False) if options.json else "\n".join(lines(told, city.clock)))
    return 0


def _archived(
    options: argparse.Namespace, settings: Settings, folders: Mapping[bool, Path], city: str, trail: Trail
) -> tuple[list[Row], str]:
    """The archive's rows about them, and where it is; none where no archive is."""
    try:
        if options.store is not None and options.archive is None and not settings.archive_url:
            return [], ""  # another machine's store is not this folder's
        url = found(options, settings, folders)
    except StartError:
        return [], ""
    archive = read_archive(url, city)
    try:
        with archive.snapshot():
            return archived(archive, trail), archive.name
    finally:
        archive.close()


async def _run(door: Door, work: Callable[[Dispatch], Any]) -> Any:
    try:
        async with door() as dispatch:
            return await work(dispatch)
    except RedisError as exc:
        raise StoreUnavailable(str(exc)) from exc


def lines(told: Mapping[str, Any], clock: Zone = WIB) -> list[str]:
    """For people: what there is; `--json` says it."""
    said = [f"{told['person']}, city {told['city']}"]
    if told.get("erased_at"):
        said.append(f"erased {clock.said(told['erased_at'])}")
    said += [f"{name}: {', '.join(sorted(state))}" for name, state in told["things"].items()]
    opened = sum("told" in entry for entry in told["audit"])
    said.append(f"{len(told['sign_ins'])} sign-ins, {len(told['looks'])} looks at a card")
    said.append(f"{len(told['audit'])} audit entries, {opened} with what was said; archive: {told['archive']}")
    return [*said, str(told["note"])] if "note" in told else said
