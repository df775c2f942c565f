"""Reports of the query process: read out of the archive in a thread of their own, one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from hub.archive import read_archive
from hub.contract import Report
from hub.dispatch import Answer, refused
from hub.errors import ArchiveError
from hub.reports import Days, Made, days, made
from hub.zones import WIB, Zone


class Reporter:
    """Makes reports from one archive.

    Args:
        url: where it is; empty for none. now: the city's time in ms. zone: its clock.
    """

    def __init__(self, url: str, city: str, now: Callable[[], int], zone: Zone = WIB) -> None:
        self._url, self._city, self._now, self._zone = url, city, now, zone
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

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
