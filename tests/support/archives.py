"""Archives for tests: entries as commits write them, a worker that ends, and what was kept."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from hub.archive import open_archive
from hub.archive_prunes import Prunes
from hub.chain import Blocks
from hub.commit import pack
from hub.link import Args
from hub.store import Store
from tests.support.chains import fault
from tests.support.live import CITY
from workers.archive import Archivist, Where


async def logged(store: Store, *names: str) -> None:
    """So many entries, as a commit writes them."""
    rows: list[Args] = [
        ["XADD", store.keys.audit, "*", "commit", number, "at", store.now(), "e", pack({"cmd": "x", "id": name})]
        for number, name in enumerate(names)
    ]
    await store.many("normal", rows)


@contextlib.asynccontextmanager
async def archiving(store: Store, where: Where, **more: Any) -> AsyncIterator[Archivist]:
    archivist = Archivist(store, where, **more)
    try:
        yield archivist
    finally:
        await archivist.close()


def where(url: str, tmp_path: Path, head_file: str = "") -> Where:
    return Where(url, tmp_path / "archive.key", head_file)


def kept(url: str) -> list[str]:
    """The ids (of notes: the commands) in the archive, whose chain is whole."""
    archive = open_archive(url, CITY, "real")
    try:
        rows = list(archive.rows())
        blocks = Blocks(prune.block for prune in Prunes(archive).all())
        assert fault(rows, archive.position().link, blocks=blocks) is None
        return [row.id or row.type for row in rows]
    finally:
        archive.close()
