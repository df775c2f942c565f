"""Reports and public figures of the query process: read out of the archive in a thread of their own, one at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec

from hub.archive import read_archive
from hub.contract import Public, Report
from hub.dispatch import Answer, refused
from hub.errors import ArchiveError
from hub.public_figures import Released, read
from hub.public_table import table
from hub.reports import Days, Made, days, made
from hub.zones import WIB, Zone

FRESH_S: Final = 60.0
"""So long what is published is not made anew, however many ask."""


class Reporter:
    """Makes reports from one archive.

    Args:
        url: where it is; empty for none. now: the city's time in ms. zone: its clock. kelurahan: the ids of its.
    """

    def __init__(
        self, url: str, city: str, now: Callable[[], int], zone: Zone = WIB, kelurahan: Collection[str] = ()
    ) -> None:
        self._url, self._city, self._now, self._zone = url, city, now, zone
        self._kelurahan = kelurahan
        self._released: tuple[float, Sequence[Public], Released] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reports")

    async def answer(self, report: Report, params: Iterable[tuple[str, str]]) -> dict[str, Any] | Answer:
        """The report as a body, or why there is none.

        Raises:
            DataError: a day is none.
        """
        asked = dict(params)
        span = days(asked.get("from"), asked.get("to"), self._now(), self._zone)
        if not self._url:
            return refused("not_found", "no archive follows the audit log here")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._thread, self._made, report, span)
        except ArchiveError as exc:
            return refused("unavailable", str(exc), retry=True)
        body: dict[str, Any] = msgspec.to_builtins(found)
        return body

    def _made(self, report: Report, span: Days) -> Made:
        archive = read_archive(self._url, self._city)
        try:
            return made(report, span, archive.figures(*span.ms), demo=archive.kind() == "demo")
        finally:
            archive.close()

    async def public(self, public: Sequence[Public], *, csv: bool) -> dict[str, Any] | Answer:
        """What anybody may read, as a body or as `{csv, day}`, or why there is nothing."""
        if not self._url:
            return refused("not_found", "no archive follows the audit log here")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._told, public, csv)
        except ArchiveError as exc:
            return refused("unavailable", str(exc), retry=True)

    def _told(self, public: Sequence[Public], csv: bool) -> dict[str, Any]:
        said = self._fresh(public)
        body: dict[str, Any] = (
            {"csv": table(said), "day": self._zone.day(said.as_of).isoformat()} if csv else msgspec.to_builtins(said)
        )
        return body

    def _fresh(self, public: Sequence[Public]) -> Released:
        """As it was made at most `FRESH_S` ago."""
        at, of, known = self._released or (0.0, (), None)
        known = known if list(of) == list(public) else None
        if known is not None and time.monotonic() < at + FRESH_S:
            return known
        archive = read_archive(self._url, self._city)
        try:
            said = read(archive, public, self._kelurahan, self._now(), self._zone, known)
        finally:
            archive.close()
        self._released = (time.monotonic(), public, said)
        return said

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
