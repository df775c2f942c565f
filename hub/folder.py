"""The data folder of one city on this machine: locked while in use, marked with what it holds.

kentongan.json   {"kind": "demo" | "real", "format": 1}
lock             held by the starter and by its store (which inherits it, so that a store
                 whose starter was killed still holds it)
store/           the append-only files, the configuration, the server's log
store.url        where the running store is reached; gone when it is stopped
ballast          room that is given back when the disk is full, so that the store can start again
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Final, Literal

from hub.errors import StartError

Kind = Literal["demo", "real"]

FORMAT: Final = 1
LOCK_WAIT_S: Final = 2.0


class DataFolder:
    """A folder that is ours alone until `close`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.lock = lock

    @classmethod
    def open(cls, path: Path, kind: Kind) -> DataFolder:
        """Make or take over a folder, lock it and mark it.

        Raises:
            StartError: not writable, of the other kind, of a newer version, somebody else's, or in use.
                Nothing was changed in it then.
        """
        path = path.absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
            fresh = _check_marker(path, kind)
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                _take(lock, path)
                if fresh:
                    write_whole(path / "kentongan.json", json.dumps({"kind": kind, "format": FORMAT}) + "\n")
            except BaseException:
                os.close(lock)
                raise
        except OSError as exc:
            raise StartError(f"the data folder {path} cannot be written: {exc.strerror}") from exc
        return cls(path, lock)

    def close(self) -> None:
        os.close(self.lock)


def _check_marker(path: Path, kind: Kind) -> bool:
    """Whether the folder is empty and may be marked."""
    try:
        marker = json.loads((path / "kentongan.json").read_text())
        held, version = str(marker["kind"]), int(marker["format"])
    except FileNotFoundError:
        if any(entry.name != "lock" for entry in path.iterdir()):
            raise StartError(f"{path} holds something else: name an empty folder with --data") from None
        return True
    except (ValueError, KeyError, TypeError):
        raise StartError(f"{path / 'kentongan.json'} cannot be read: name another folder with --data") from None
    if version > FORMAT:
        raise StartError(f"{path} was written by a newer Kentongan (format {version}; this one knows {FORMAT})")
    if held != kind:
        wanted = "the demo" if kind == "demo" else "a real city"
        raise StartError(f"{path} holds a {held} city and this is {wanted}: name another folder with --data")
    return False


def _take(lock: int, path: Path) -> None:
    """Lock, waiting for a store whose starter was just killed."""
    until = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise StartError(f"{path} is in use by another Kentongan") from None
            time.sleep(0.05)


def write_whole(path: Path, text: str, mode: int | None = None) -> None:
    """Replace a file so that it is never seen half-written.

    Args:
        mode: who may read it, from its first byte on (0o600: its owner). None: as the umask says.
    """
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)  # one that was left behind would keep its own mode
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def running_url(path: Path) -> str | None:
    """Where the store that runs in this folder is reached, or None when none runs."""
    try:
        return (path / "store.url").read_text().strip()
    except OSError:
        return None
