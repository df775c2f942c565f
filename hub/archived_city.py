"""Which city of an archive a command is about, and how it is named: `--archive`, `--data`, `--city`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.archive import ArchivedCity, cities
from hub.archive_sql import FILE, shown
from hub.city_file import read_city
from hub.errors import StartError
from hub.settings import Settings


def where(parser: argparse.ArgumentParser) -> None:
    """How a command names an archive, and a city in it."""
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--archive", metavar="URL", help="sqlite:PATH or postgresql://... (the setting's)")
    one.add_argument("--data", type=Path, help="data folder of `kentongan up`")
    parser.add_argument("--city", metavar="CITY", help="its code or its file (the only one of the archive)")


def found(options: argparse.Namespace, settings: Settings, folders: Mapping[bool, Path]) -> str:
    """The archive that is meant.

    Raises:
        StartError: none is named and none is in the usual places.
    """
    if options.archive is not None:
        return str(options.archive)
    if options.data is None and settings.archive_url:
        return settings.archive_url
    for folder in [options.data] if options.data is not None else [folders[False], folders[True]]:
        if (folder / FILE).exists():
            return f"sqlite:{folder / FILE}"
    raise StartError("no archive is here: name it with --archive or --data")


def chosen(url: str, named: str | None) -> ArchivedCity:
    """The city of the archive that is meant.

    Args:
        named: a code, or a city's file; None: the only one.

    Raises:
        ArchiveError: the archive cannot be read.
        StartError: several and none is named, or it is not there.
    """
    there = cities(url)
    if named is None:
        if len(there) != 1:
            said = f"holds several cities: {_listed(there)}: name one with --city" if there else "holds no city yet"
            raise StartError(f"the archive {shown(url)} {said}")
        return there[0]
    code = _code(named)
    for one in there:
        if one.city == code:
            return one
    raise StartError(f"the archive {shown(url)} holds no city {code}; it holds {_listed(there) or 'none'}")


def _code(named: str) -> str:
    if re.fullmatch(r"[0-9]{2}\.[0-9]{2}", named):
        return named
    if not Path(named).is_file():
        raise StartError(f"--city: expected a code such as 35.76, or a city's file, got {named[:80]!r}")
    return read_city(Path(named), whole=False).code


def _listed(there: Sequence[ArchivedCity]) -> str:
    return ", ".join(f"{one.city} ({one.name})" if one.name else one.city for one in there)
