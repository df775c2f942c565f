"""Archives that are pruned: entries a day apart with something sealed in each, a signer, and what was found wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from hub.archive import Archive, open_archive, read_archive
from hub.audit_command import Verified, verify
from hub.chain import Logged
from hub.contract import Figure
from hub.heads import Signer, kept_key
from hub.prunes import DAY_MS, Pruner
from tests.support.chains import CITY

START: Final = 1_795_000_000_000
KEEPS: Final = {"place": 3, "name": 6}


def sealed(number: int, a_day: int = 1) -> Logged:
    """An entry with a place and a name; so many a day."""
    body = {
        "cmd": "lamp.switch", "id": f"id-{number}", "by": f"person-{number}", "role": "resident",
        "things": [f"lamp/{number}"], "about": f"person-{number}",
        "sealed": {"where": ["place", b"p" * 40], "called": ["name", b"n" * 40]},
        "figures": [Figure("lamp", "meri", {}, {"all": 1})],
    }  # fmt: skip
    return Logged(f"{1000 + number}-0", number, START + number * DAY_MS // a_day, msgspec.msgpack.encode(body))


def signer(tmp_path: Path) -> Signer:
    return Signer(kept_key(tmp_path / "archive.key"), CITY)


def filled(url: str, rows: int, a_day: int = 1) -> Archive:
    """An archive with so many rows."""
    archive = open_archive(url, CITY, "real")
    entries = [sealed(number, a_day) for number in range(1, rows + 1)]
    archive.append(archive.position(), entries, "epoch", entries[-1].log_id)
    return archive


def pruned(archive: Archive, by: Signer, day: int, keeps: dict[str, int] = KEEPS) -> int:
    """Prune all that is due at the end of a day; how many rows were changed."""
    pruner, changed = Pruner(archive, by, keeps), 0
    while (some := pruner.step(START + day * DAY_MS + 1)) is not None:
        changed += some
    return changed


def checked(url: str, *keys: str) -> Verified:
    """What a walk over the archive finds."""
    archive = read_archive(url, CITY)
    try:
        return verify(archive, None, *keys)
    finally:
        archive.close()
