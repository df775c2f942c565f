"""The keys of persons beside the backups: one file, always the newest, so that whoever is erased is erased there too.

Backups hold personal fields only sealed, each with its person's own key. No backup holds such a key: they lie in
`person-keys` in the same folder, which is written whole at each backup and whenever somebody was erased, and once more
sealed with the backup key. So an erased person cannot be read in any backup, however old: its key is nowhere.
Copies of this one file must not be kept: an old one would bring back who was erased.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import redis
from msgspec import Struct

from hub.backup_key import BackupKey
from hub.blinding import Sealer
from hub.commit import pack, unpack
from hub.errors import StartError
from hub.folder import write_whole
from hub.keys import Keys

FILE: Final = "person-keys"
FORMAT: Final = 1
COUNT: Final = 1000


class Sealers(Protocol):
    """Where sealers come from."""

    def sealing(self, client: redis.Redis, keys: Keys) -> Sealer:
        """One for a backup: it finds, and where there is none makes, persons' keys in the store."""

    def opening(self, kept: Mapping[str, bytes]) -> Sealer:
        """One for a restore: it has these keys alone."""


class Plain:
    """Seals nothing."""

    def meet(self, things: Iterable[tuple[str, str, bytes]]) -> None:
        """Nothing to do."""

    def seal_thing(self, type_: str, id_: str, state: bytes) -> bytes:
        return state

    open_thing = seal_thing

    def seal_view(self, topic: str, id_: str, view: bytes) -> bytes:
        return view

    open_view = seal_view

    def seal_own(self, person: str, name: str, value: bytes) -> bytes:
        return value

    open_own = seal_own

    def sealing(self, client: redis.Redis, keys: Keys) -> Sealer:
        return self

    def opening(self, kept: Mapping[str, bytes]) -> Sealer:
        return self


class Kept(Struct, frozen=True):
    """What the file holds: the key of each person, and who was erased when (ms)."""

    keys: Mapping[str, bytes] = {}
    erased: Mapping[str, int] = {}


class _File(Struct, frozen=True):
    format: int
    city: str
    key: str
    sealed: str


def in_store(client: redis.Redis, keys: Keys) -> Kept:
    """What stands in the store now; slices of a long hash, so that nobody waits."""
    found = {name.decode(): bytes(key) for name, key in client.hscan_iter(keys.person_keys, count=COUNT)}
    erased: Any = client.zrange(keys.erased, 0, -1, withscores=True)
    return Kept(found, {name.decode(): int(at) for name, at in erased})


def epoch(client: redis.Redis, keys: Keys) -> str:
    """The city's epoch: while it is the same before and after, no restore has touched what was read in between."""
    found: Any = client.hget(keys.head, "epoch")
    return "" if found is None else str(found.decode())


def beside(client: redis.Redis, city: str) -> dict[str, int]:
    """Who was erased (ms), as a restore that was broken off had it."""
    found: Any = client.zrange(Keys(city).restoring + "erased", 0, -1, withscores=True)
    return {name.decode(): int(at) for name, at in found}


def write(folder: Path, city: str, key: BackupKey, kept: Kept) -> None:
    """Write the file whole.

    Raises:
        StartError: it cannot be written, or is another city's.
    """
    refuse_other(folder, city)
    sealed = key.seal(FILE.encode(), pack([dict(kept.keys), dict(kept.erased)]))
    said = msgspec.json.encode(_File(FORMAT, city, key.mark, base64.b64encode(sealed).decode()))
    try:
        write_whole(folder / FILE, said.decode() + "\n", 0o600)
    except OSError as exc:
        raise StartError(f"{folder / FILE} cannot be written: {exc.strerror}") from exc


def read(folder: Path, city: str, key: BackupKey) -> Kept:
    """What the file holds; nothing where there is none.

    Raises:
        StartError: it cannot be read, or is another city's, or was sealed with another key.
    """
    found = refuse_other(folder, city)
    if found is None:
        return Kept()
    if found.key != key.mark:
        raise StartError(f"{folder / FILE} was sealed with the backup key {found.key}, and this is {key.mark}")
    keys, erased = unpack(key.open(FILE.encode(), base64.b64decode(found.sealed)))
    return Kept(keys, erased)


def refuse_other(folder: Path, city: str) -> _File | None:
    """The file as it stands, or None.

    Raises:
        StartError: it is another city's: one folder holds the backups of one city.
    """
    path = folder / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise StartError(f"{path} cannot be read: {exc.strerror}") from exc
    except msgspec.MsgspecError:
        raise StartError(f"{path} is no file of person keys: name another folder") from None
    if found.city != city:
        raise StartError(f"{folder} holds the backups of {found.city}, and this is {city}: one folder for each city")
    if found.format > FORMAT:
        raise StartError(f"{path} was written by a newer Kentongan (format {found.format}, this one knows {FORMAT})")
    return found
