"""What the archive holds of one person, for hubs that ask: read in a thread of its own, one person at a time."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from hub.archive import read_archive
from hub.dispatch import Answer, refused
from hub.errors import ArchiveError
from hub.personal import Declared
from hub.trail import Row, Trail, archived

MOST_BYTES: Final = 2 * 1024 * 1024
"""Of entries in one answer: the newest of a person who has more."""


class Remembering:
    """Answers from one archive.

    Args:
        url: where it is; empty for none.
    """

    def __init__(self, url: str, city: str, declared: Declared) -> None:
        self._url, self._city, self._declared = url, city, declared
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="remembering")

    async def answer(self, person: str) -> dict[str, Any] | Answer:
        """`{rows: [[at, base64 of the entry], ...]}`, or why there is none."""
        if not self._url:
            return refused("not_found", "no archive follows the audit log here")
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(self._thread, self._rows, person)
        except ArchiveError as exc:
            return refused("unavailable", str(exc), retry=True)
        return {"rows": [[at, base64.b64encode(body).decode()] for at, body in rows]}

    def _rows(self, person: str) -> list[Row]:
        archive = read_archive(self._url, self._city)
        try:
            return bounded(archived(archive, Trail(person, self._declared)))
        finally:
            archive.close()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def bounded(rows: list[Row]) -> list[Row]:
    """The newest of them that one answer may hold, in their order."""
    size = 0
    for number in range(len(rows) - 1, -1, -1):
        size += len(rows[number][1])
        if size > MOST_BYTES:
            return rows[number + 1 :]
    return rows
