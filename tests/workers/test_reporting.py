"""Reports of the query process, out of an archive that its worker may be writing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from hub.archive import Archive, Position, open_archive, read_archive
from hub.chain import Logged
from hub.contract import Figure, Public
from hub.dispatch import Answer
from hub.errors import DataError
from tests.hub.test_reports import NOVEMBER, REPORT
from tests.support.chains import CITY
from tests.support.live import on_loop
from tests.support.published import call, fill, logged
from workers.reporting import Reporter

CALLS: Final = Public("medic", "all", "accepted", ("called_accepted",))
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


@on_loop
async def test_public_figures_are_made_once_a_minute(archive_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask; as a body and as a file."""
    fill(archive_url, [*logged(date(2026, 10, 6), [call("meri", 9)] * 20), *logged(date(2026, 12, 1), [call("", 9)])])
    now, opened = [100.0], list[str]()

    def counted(url: str, city: str) -> Archive:
        opened.append(city)
        return read_archive(url, city)

    monkeypatch.setattr("workers.reporting.time.monotonic", lambda: now[0])
    monkeypatch.setattr("workers.reporting.read_archive", counted)
    reporter = Reporter(archive_url, CITY, lambda: NOVEMBER, kelurahan=("meri",))
    for seconds, times in ((0, 1), (59, 1), (1, 2)):
        now[0] += seconds
        body, file = await reporter.public([CALLS], csv=False), await reporter.public([CALLS], csv=True)
        assert isinstance(body, dict)
        assert isinstance(file, dict)
        assert [month["cell"]["n"] for month in body["figures"][0]["months"]] == ["<5", 20]
        assert file["csv"].startswith("figure,period,")
        assert len(opened) == times
    reporter.close()
    none: Any = await Reporter("", CITY, lambda: NOVEMBER).public([CALLS], csv=False)
    assert none.code == "not_found"
