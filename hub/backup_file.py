"""One backup, one file: written whole or not at all, and checked from its first byte to its last.

    4096 bytes   `kentongan backup` and a line of JSON (`Header`), filled up with spaces, the last a line feed
    blocks       4 bytes of length (big endian), then zlib of MessagePack: a list of `Record`; length 0 is the end

The header's `sha256` is over the header without it and all that follows. Records hold what stands in the store in its
own types (text, hash, set, ...), not in one server's dump format: a backup of Valkey 9 goes into Redis 7.
A later record of a name takes the place of earlier ones, but for `more`, which adds to them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from hub.errors import StartError

FORMAT: Final = 1
MAGIC: Final = b"kentongan backup\n"
HEADER_BYTES: Final = 4096
BLOCK_BYTES: Final = 512 * 1024
SUFFIX: Final = ".backup"

Kind = Literal["string", "hash", "set", "zset", "list", "stream", "none", "file"]


class Archived(Struct, frozen=True):
    """How far the long memory was. `name`: where it is; `copied`: a copy lies beside the backup."""

    name: str
    copied: bool
    seq: int
    log_id: str


class Header(Struct, frozen=True, kw_only=True):
    """What a backup is of. `at`: the city's time of the cut, ms. `key`: the mark of the key that sealed secrets."""

    format: int = FORMAT
    city: str
    kind: Literal["demo", "real"]
    layout: int
    epoch: str
    commit: int
    at: int
    lanes: dict[str, int]
    keys: int
    things: int
    key: str
    archive: Archived | None
    sha256: str = ""


class Record(Struct, frozen=True, array_like=True):
    """One key, or a part of one. `name`: without the city's prefix.

    `expires_at`: ms of the city's time, 0 for never. `value`: MessagePack of what the kind has (a flat list; of a
    hash: field, value, ...), or that sealed with the backup key.
    """

    name: bytes
    kind: Kind
    value: bytes
    expires_at: int = 0
    more: bool = False
    sealed: bool = False


_pack = msgspec.msgpack.Encoder().encode
_records = msgspec.msgpack.Decoder(list[Record])
_header = msgspec.json.Decoder(Header)


def name_of(header: Header) -> str:
    """A backup's file name: by their names they stand in the order in which they were made."""
    return f"kentongan-{header.city}-{header.at:013d}-{header.commit}{SUFFIX}"


class Writer:
    """Writes a backup beside its place and puts it there when it is whole. One at a time in a folder and city."""

    def __init__(self, folder: Path, city: str) -> None:
        """Raises: StartError: the folder cannot be written, or another backup of this city is being written there."""
        self.folder = folder
        self._scratch = folder / f"kentongan-{city}.new"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.fdopen(os.open(self._scratch, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
        except OSError as exc:
            raise self._failed(exc) from exc
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.truncate(0)
            self._file.seek(HEADER_BYTES)
        except BlockingIOError:
            self._file.close()
            raise StartError(f"another backup of {city} is being written in {folder}") from None
        except OSError as exc:
            self._file.close()
            raise self._failed(exc) from exc
        self._block: list[Record] = []
        self._size = 0

    def _failed(self, exc: OSError) -> StartError:
        return StartError(f"the folder {self.folder} cannot be written: {exc.strerror}")

    def put(self, record: Record) -> None:
        """Raises: StartError: there is no room for it."""
        self._block.append(record)
        self._size += len(record.name) + len(record.value)
        if self._size >= BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        data = zlib.compress(_pack(self._block), 1)
        try:
            self._file.write(len(data).to_bytes(4, "big") + data)
        except OSError as exc:
            raise self._failed(exc) from exc
        self._block, self._size = [], 0

    def finish(self, header: Header) -> tuple[Path, Header]:
        """Put it in its place, on disk; where, and its header with its checksum.

        Raises:
            StartError: there is no room for it.
        """
        self._flush()
        try:
            return self._finished(header)
        except OSError as exc:
            raise self._failed(exc) from exc

    def _finished(self, header: Header) -> tuple[Path, Header]:
        self._file.write(bytes(4))
        header = replace(header, sha256=_digest(header, self._file))
        said = MAGIC + msgspec.json.encode(header)
        self._file.seek(0)
        self._file.write(said.ljust(HEADER_BYTES - 1) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        path = self.folder / name_of(header)
        self._scratch.replace(path)
        self._file.close()
        synced(self.folder)
        return path, header

    def abandon(self) -> None:
        """Leave nothing behind. Idempotent; nothing after `finish`."""
        if not self._file.closed:
            self._scratch.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # what is still to be written finds no room either
                self._file.close()


def synced(folder: Path) -> None:
    """A rename is on disk when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Backup:
    """A backup that was read once and found whole."""

    def __init__(self, path: Path, header: Header) -> None:
        self.path, self.header = path, header

    @classmethod
    def open(cls, path: Path) -> Backup:
        """Read the header and check all of the file against it.

        Raises:
            StartError: there is none, it is something else, of a newer version, or damaged.
        """
        try:
            with path.open("rb") as file:
                header = _read_header(path, file)
                if _digest(header, file) != header.sha256:
                    raise StartError(f"{path} is damaged: its checksum is not that of what it holds; take an older one")
        except OSError as exc:
            raise StartError(f"the backup {path} cannot be read: {exc.strerror}") from exc
        return cls(path, header)

    def records(self) -> Iterator[Record]:
        """All records, in their order."""
        with self.path.open("rb") as file:
            file.seek(HEADER_BYTES)
            while size := int.from_bytes(file.read(4), "big"):
                yield from _records.decode(zlib.decompress(file.read(size)))


def _read_header(path: Path, file: BinaryIO) -> Header:
    said = file.read(HEADER_BYTES)
    if not said.startswith(MAGIC):
        raise StartError(f"{path} is no backup of Kentongan")
    try:
        text = said.removeprefix(MAGIC)
        version = msgspec.json.decode(text, type=dict[str, object]).get("format")
        if isinstance(version, int) and version > FORMAT:
            raise StartError(
                f"{path} was written by a newer Kentongan (format {version}, this one knows {FORMAT}): restore it there"
            )
        return _header.decode(text)
    except msgspec.MsgspecError:
        raise StartError(f"{path} is damaged: its header cannot be read; take an older one") from None


def _digest(header: Header, file: BinaryIO) -> str:
    found = hashlib.sha256(msgspec.json.encode(replace(header, sha256="")))
    file.seek(HEADER_BYTES)
    while data := file.read(1 << 20):
        found.update(data)
    return found.hexdigest()


def backups(folder: Path, city: str) -> list[Path]:
    """The backups of a city in a folder, the oldest first."""
    return sorted(folder.glob(f"kentongan-{city}-*{SUFFIX}"))
