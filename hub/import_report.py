"""What every import from a file does around its rows: read the bytes, check the places, report what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from hub.errors import StartError
from hub.folder import write_whole
from hub.import_links import table
from hub.sheet import Fault

MAX_BYTES: Final = 256 * 1024 * 1024
HEADER: Final = ("line", "column", "expected", "got")


def read_bytes(path: Path, what: str) -> bytes:
    """A file's bytes.

    Raises:
        StartError: it cannot be read, or is too big; names the file as `what`.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise StartError(f"the {what} {path}: expected at most {MAX_BYTES // 1024**2} MB")
        return path.read_bytes()
    except OSError as exc:
        raise StartError(f"the {what} {path} cannot be read: {exc.strerror}") from exc


def notes(encoding: str, unread: Sequence[str]) -> None:
    """Say what a person might not expect of how a file was read."""
    if encoding == "Windows-1252":
        say("read as Windows-1252, for it is no UTF-8")
    if unread:
        say("columns that are not read: " + ", ".join(unread))


def say(text: str) -> None:
    print(f"kentongan: {text}", file=sys.stderr)


def check_places(file: Path, places: Mapping[str, Path | None]) -> None:
    """Refuse a place where nothing can be written, or something else is, before the work and not behind it."""
    taken = {file.resolve()}
    for option, path in places.items():
        if path is None:
            continue
        folder = path.absolute().parent
        if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise StartError(f"{path} cannot be written: name another file with {option}")
        if path.resolve() in taken:
            raise StartError(f"{path} is in use as another file of this import: name another with {option}")
        taken.add(path.resolve())


def reported(path: Path, faults: Sequence[Fault]) -> str | None:
    """Write the report where there is one to write; an older one of ours goes, for it speaks of another run."""
    text = table(HEADER, [(fault.line, fault.column, fault.expected, fault.got) for fault in faults])
    if faults:
        try:
            write_whole(path, text)
        except OSError as exc:
            say(f"the report {path} cannot be written: {exc.strerror}")
            return None
        return str(path)
    with suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
        if file.readline() == text:
            path.unlink()
    return None
