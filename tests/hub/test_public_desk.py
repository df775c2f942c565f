"""The public figures over HTTP: for anybody, out of the query process, kept for a moment."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.address import Address
from tests.support.chains import CITY
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub
from tests.support.published import call, fill, logged
from workers.answering import Answers, Listener
from workers.reporting import Reporter

OCTOBER, DECEMBER = date(2026, 10, 6), date(2026, 12, 1)


@pytest.fixture
def address(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Where the hub of this test asks."""
    monkeypatch.setattr("hub.options.query_address", lambda port, city="": f"unix:{sockets}/q")
    return Address(str(sockets / "q"))


async def get(hub: Hub, path: str, **headers: str) -> tuple[int, Any, Any]:
    return await http(hub.port, "GET", path, headers=headers)


@on_loop
async def test_anybody_reads_what_is_published(valkey_url: str, address: Address, tmp_path: Path) -> None:
    """Without a sign-in, as JSON and as a file; what has not changed is not sent again, nor asked for."""
    url = f"sqlite:{tmp_path}/archive.sqlite"
    fill(url, [*logged(OCTOBER, [call("meri", 9) for _ in range(20)]), *logged(DECEMBER, [call("meri", 9)])])
    async with running_hub(valkey_url) as hub:
        reporter = Reporter(url, CITY, lambda: 0, kelurahan=("meri", "miji"))
        listener = Listener(address, Answers(lambda: None, lambda: 0, (), reporter))
        await listener.open()
        status, told, body = await get(hub, "/v1/angka")
        assert (status, told["cache-control"]) == (200, "no-cache")
        months = body["figures"][0]["months"]
        assert [(one["month"], one["cell"]["n"]) for one in months] == [("2026-11", "<5"), ("2026-10", 20)]
        status, told, raw = await get(hub, "/v1/angka.csv")
        assert (status, told["content-type"]) == (200, "text/csv; charset=utf-8")
        assert told["content-disposition"] == f'attachment; filename="angka-{CITY}-2026-12-01.csv"'
        rows = list(csv.DictReader(io.StringIO(raw.decode())))
        assert ("medic", "month", "20") in {(row["figure"], row["period"], row["n"]) for row in rows}
        await listener.close()
        reporter.close()
        status, told, packed = await get(hub, "/v1/angka.csv", **{"Accept-Encoding": "gzip"})
        assert (status, gzip.decompress(packed)) == (200, raw)
        assert (await get(hub, "/v1/angka.csv", **{"If-None-Match": told["etag"]}))[0] in (200, 304)


@on_loop
async def test_without_an_archive_there_is_nothing(valkey_url: str, address: Address) -> None:
    """None kept: not found. No query process: to be tried again."""
    async with running_hub(valkey_url) as hub:
        status, _, body = await get(hub, "/v1/angka")
        assert (status, body["code"], body["retry"]) == (503, "unavailable", True)
        reporter = Reporter("", CITY, lambda: 0)
        listener = Listener(address, Answers(lambda: None, lambda: 0, (), reporter))
        await listener.open()
        for path in ("/v1/angka", "/v1/angka.csv"):
            status, _, body = await get(hub, path)
            assert (status, body["code"]) == (404, "not_found")
        await listener.close()
        reporter.close()


@on_loop
async def test_the_page_is_anybodys(valkey_url: str) -> None:
    """At `/angka`, with the link to the file where there is no JavaScript."""
    async with running_hub(valkey_url) as hub:
        status, told, raw = await get(hub, "/angka")
        assert (status, told["content-type"]) == (200, "text/html; charset=utf-8")
        assert b'href="/v1/angka.csv"' in raw


@on_loop
async def test_one_question_answers_all_who_wait(valkey_url: str, address: Address) -> None:
    """However many ask while it is under way, also when no answer comes."""
    lines: list[bytes] = []

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(await reader.readline())
        writer.write(b'{"status": 404, "body": {"ok": false, "code": "not_found"}}\n')
        writer.close()

    server = await asyncio.start_unix_server(heard, address.path)
    async with running_hub(valkey_url) as hub:
        answers = await asyncio.gather(*(get(hub, "/v1/angka") for _ in range(20)))
        assert {(status, body["code"]) for status, _, body in answers} == {(404, "not_found")}
        assert len(lines) < 20
        server.close()
