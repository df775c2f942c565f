"""Reports and heads over HTTP: each desk its own."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.address import Address
from hub.archive import Position, open_archive
from hub.chain import Logged
from hub.contract import Figure
from tests.support.chains import CITY
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub
from workers.answering import Answers, Listener
from workers.reporting import Reporter

NOVEMBER = 1_795_000_000_000
SPAN = "from=2026-11-01&to=2026-11-30"


@pytest.fixture
def address(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Where the hub of this test asks."""
    monkeypatch.setattr("hub.options.query_address", lambda port, city="": f"unix:{sockets}/q")
    return Address(str(sockets / "q"))


def archived(tmp_path: Path) -> str:
    url = f"sqlite:{tmp_path}/archive.sqlite"
    archive = open_archive(url, CITY, "real")
    body = msgspec.msgpack.encode({"figures": [Figure("medic", "meri", {"called_accepted": 9_000}, {"all": 1})]})
    archive.append(Position(), [Logged("1-0", 1, NOVEMBER, body)], "e", "1-0")
    archive.close()
    return url


async def get(hub: Hub, path: str, token: str = "", **headers: str) -> tuple[int, Any, Any]:
    if token:
        headers["Authorization"] = f"Bearer {token}"
    status, told, body = await http(hub.port, "GET", path, headers=headers)
    return status, told, body


@on_loop
async def test_a_desk_reads_its_own_report(valkey_url: str, address: Address, tmp_path: Path) -> None:
    """As JSON or as a file; another desk's is not there; a resident and a medic have none; an admin has all."""
    async with running_hub(valkey_url) as hub:
        reporter = Reporter(archived(tmp_path), CITY, lambda: NOVEMBER)
        listener = Listener(address, Answers(lambda: None, lambda: 0, (), reporter))
        await listener.open()
        try:
            desk = (await hub.staff("dispatcher", desk="medic")).token
            status, _, body = await get(hub, "/v1/reports", desk)
            assert (status, [one["name"] for one in body["reports"]]) == (200, ["medic"])
            status, _, body = await get(hub, f"/v1/reports/medic?{SPAN}", desk)
            assert (status, body["rows"][0]["n"]) == (200, 1)
            assert body["rows"][0]["took"]["called_accepted"]["p90_ms"] == 9_000
            status, told, raw = await get(hub, f"/v1/reports/medic?{SPAN}&format=csv", desk)
            assert (status, told["content-type"]) == (200, "text/csv; charset=utf-8")
            assert told["content-disposition"] == 'attachment; filename="medic-2026-11-01-2026-11-30.csv"'
            rows = list(csv.DictReader(io.StringIO(raw.decode())))
            assert rows[0]["called_accepted_p50_ms"] == "9000"
            status, _, body = await get(hub, f"/v1/reports/order?{SPAN}", desk)
            assert (status, body["code"]) == (404, "not_found")
            for wrong in ("from=x", "format=xml", "from=2026-11-02&to=2026-11-01"):
                status, _, body = await get(hub, f"/v1/reports/medic?{wrong}", desk)
                assert (status, body["code"]) == (400, "bad_data")
            for token, code in (("", "not_signed_in"), ((await hub.staff("medic")).token, "not_allowed")):
                _, _, body = await get(hub, "/v1/reports", token)
                assert body["code"] == code
            admin = (await hub.staff("admin")).token
            _, _, body = await get(hub, "/v1/reports", admin)
            assert [one["name"] for one in body["reports"]] == ["medic", "order", "van"]
        finally:
            await listener.close()
            reporter.close()


@on_loop
async def test_a_report_that_does_not_come_is_unavailable(valkey_url: str, address: Address) -> None:
    """No query process: to be tried again."""
    async with running_hub(valkey_url) as hub:
        desk = (await hub.staff("dispatcher", desk="van")).token
        status, _, body = await get(hub, "/v1/reports/van", desk)
        assert (status, body["code"], body["retry"]) == (503, "unavailable", True)


@on_loop
async def test_the_newest_head_is_anybodys_to_keep(valkey_url: str) -> None:
    """As the worker published it; before the first there is none."""
    async with running_hub(valkey_url) as hub:
        status, _, body = await get(hub, "/v1/audit/head")
        assert (status, body["code"]) == (404, "not_found")
        head = {"city": CITY, "seq": 7, "hash": "ab", "at": 1, "public_key": "cd", "signature": "ef"}
        await hub.store.many("normal", [["HSET", hub.store.keys.archive, "head", msgspec.json.encode(head)]])
        assert (await get(hub, "/v1/audit/head"))[::2] == (200, head)
