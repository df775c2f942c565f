"""Reports of the query process, out of an archive that its worker may be writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.archive import Position, open_archive
from hub.chain import Logged
from hub.contract import Figure
from hub.dispatch import Answer
from hub.errors import DataError
from tests.hub.test_reports import NOVEMBER, REPORT
from tests.support.chains import CITY
from tests.support.live import on_loop
from workers.reporting import Reporter

SPAN = [("from", "2026-11-01"), ("to", "2026-11-30")]


def archived(url: str) -> None:
    archive = open_archive(url, CITY, "demo")
    body = msgspec.msgpack.encode({"cmd": "x", "figures": [Figure("lamp", "meri", {"lit": 5}, {"all": 1})]})
    archive.append(Position(), [Logged("1-0", 1, NOVEMBER, body)], "e", "1-0")
    archive.close()


@on_loop
async def test_a_report_is_made(archive_url: str) -> None:
    """Of the days that are asked for; a simulated city's says so."""
    archived(archive_url)
    reporter = Reporter(archive_url, CITY, lambda: NOVEMBER)
    found = await reporter.answer(REPORT, SPAN)
    assert isinstance(found, dict)
    assert (found["demo"], found["rows"][0]["n"], found["rows"][0]["took"]["lit"]["p50_ms"]) == (True, 1, 5)
    found = await reporter.answer(REPORT, [("from", "2026-01-01"), ("to", "2026-01-31")])
    assert isinstance(found, dict)
    assert found["rows"][0]["n"] == 0
    with pytest.raises(DataError, match="from"):
        await reporter.answer(REPORT, [("from", "x")])
    reporter.close()


@on_loop
async def test_without_an_archive_there_is_none(tmp_path: Path) -> None:
    """None configured: not found. One that cannot be read now: to be tried again."""
    for url, code, retry in (("", "not_found", False), (f"sqlite:{tmp_path}/none.sqlite", "unavailable", True)):
        reporter = Reporter(url, CITY, lambda: NOVEMBER)
        answer: Any = await reporter.answer(REPORT, SPAN)
        assert isinstance(answer, Answer)
        assert (answer.code, answer.retry) == (code, retry)
        reporter.close()
