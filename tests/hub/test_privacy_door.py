"""`/v1/privacy`: what is kept, said by the types; one's own, read, taken and erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub.address import Address
from hub.app import services
from hub.city_file import OWN
from hub.city_keys import RETAIN
from hub.http_shapes import Exported, PrivacyKept, PrivacyMine
from hub.privacy_door import kept
from tests.support.archives import archiving, where
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import CITY, Hub, on_loop, running_hub
from workers.answering import Answers, Listener
from workers.remembering import Remembering

HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


@pytest.fixture
def address(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    """Where the hub of this test asks."""
    monkeypatch.setattr("hub.options.query_address", lambda port, city="": f"unix:{sockets}/q")
    return Address(str(sockets / "q"))


async def ask(hub: Hub, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await http(hub.port, method, f"/v1/privacy{path}", body, headers=headers)


@asynccontextmanager
async def asked(address: Address, url: str) -> AsyncIterator[None]:
    """A query process over an archive."""
    remembering = Remembering(url, CITY, services().declared)
    listener = Listener(address, Answers(lambda: None, lambda: 0, (), None, remembering))
    await listener.open()
    try:
        yield
    finally:
        await listener.close()
        remembering.close()


def test_what_is_kept_is_what_the_services_declare() -> None:
    """Each kind with its days (the city's, else as in Kota Mojokerto), where it is used and the fields' names."""
    told = msgspec.convert(kept(services().channels, OWN), PrivacyKept)
    phone = next(one for one in told.kinds if one.kind == "phone")
    assert phone.days == OWN.retain_days["phone"]
    assert phone.services == ["medic", "order", "shop", "want"]
    assert "phone" in phone.fields
    bare = msgspec.structs.replace(OWN, retain_days={})
    assert {one["kind"]: one["days"] for one in kept(services().channels, bare)["kinds"]} == RETAIN


@on_loop
async def test_a_resident_reads_takes_and_erases_what_is_theirs(
    valkey_url: str, address: Address, tmp_path: Path
) -> None:
    """The caller wins; erased, the next look finds nobody; somebody else is never touched."""
    async with running_hub(valkey_url, carried=services()) as hub:
        ani, budi, url = hub.resident(1), hub.resident(2), f"sqlite:{tmp_path}/archive.sqlite"
        requests = {}
        for issued in (ani, budi):
            client = await Client.open(hub.port, issued.token)
            await client.welcome()
            reply = await client.calls("medic.call", {"location": HERE, "phone": "0812345"})
            requests[issued.person] = reply["data"]["request"]
            await client.end()
        desk = await hub.staff("dispatcher", "Endah", desk="medic")
        headers = {"Authorization": f"Bearer {desk.token}"}
        await http(hub.port, "GET", "/v1/topics/dispatch", headers=headers)
        await hub.node.looks.note()
        async with archiving(hub.store, where(url, tmp_path)) as archivist:
            await archivist.step()

        status, _, body = await ask(hub, "GET", "/mine", ani.token)
        mine = msgspec.convert(body, PrivacyMine)
        assert (status, mine.person, mine.sealed, mine.kept) == (200, ani.person, True, {"request": 1})
        assert [(one.role, one.desk, one.name) for one in mine.looks] == [("dispatcher", "medic", "Endah")]
        assert mine.open == [f"request/{requests[ani.person]}"]

        async with asked(address, url):
            status, told, body = await ask(hub, "GET", "/export", ani.token)
        assert status == 200
        assert told["content-disposition"] == f'attachment; filename="kentongan-{ani.person}.json"'
        msgspec.convert(body, Exported)
        assert [one["told"] for one in body["audit"] if "told" in one] == [{"location": HERE, "phone": "0812345"}]
        assert budi.person not in str(body)
        assert "archive" not in body
        status, _, body = await ask(hub, "GET", "/export", ani.token)
        assert (status, "cannot be reached" in body["archive"]) == (200, True)

        status, _, body = await ask(hub, "POST", "/erase", ani.token, {"sure": True})
        assert (status, body["code"]) == (409, "illegal_step")
        client = await Client.open(hub.port, ani.token)
        await client.welcome()
        assert (await client.calls("medic.cancel", {"request": requests[ani.person], "reason": "solved"}))["ok"]
        await client.end()
        status, told, body = await ask(hub, "POST", "/erase", ani.token, {"sure": True})
        assert (status, body["ok"], body["data"]["person"]) == (200, True, ani.person)
        assert "Max-Age=0" in told["set-cookie"]
        assert (await ask(hub, "POST", "/erase", ani.token, {"sure": True}))[2]["code"] == "not_found"
        mine = msgspec.convert((await ask(hub, "GET", "/mine", ani.token))[2], PrivacyMine)
        assert (mine.sealed, mine.looks) == (False, [])
        assert msgspec.convert((await ask(hub, "GET", "/mine", budi.token))[2], PrivacyMine).kept == {"request": 1}


@on_loop
async def test_who_may_not_is_told_why(valkey_url: str, address: Address) -> None:
    """Nobody without a sign-in; staff by their desk; nothing by half a yes; the list itself to everybody."""
    async with running_hub(valkey_url, carried=services()) as hub:
        ani, medic = hub.resident(1), await hub.staff("medic")
        for path in ("/mine", "/export"):
            assert (await ask(hub, "GET", path))[0] == 401
        assert (await ask(hub, "POST", "/erase", body={"sure": True}))[0] == 401
        status, _, body = await ask(hub, "POST", "/erase", medic.token, {"sure": True})
        assert (status, "kentongan erase" in body["message"]) == (403, True)
        for sure in ({}, {"sure": 1}, {"sure": "ya"}):
            status, _, body = await ask(hub, "POST", "/erase", ani.token, sure)
            assert (status, body["message"]) == (400, "sure: expected true: what is erased cannot be brought back")
        assert (await ask(hub, "GET", "/export", ani.token))[2]["message"] == "nothing is kept of this device's person"
        assert (await ask(hub, "GET", ""))[0] == 200
        for method, path, sent in (
            ("GET", "/export?person=somebody", None),
            ("GET", "/mine?person=somebody", None),
            ("POST", "/erase", {"sure": True, "person": medic.person}),
        ):
            status, _, body = await ask(hub, method, path, ani.token, sent)
            assert (status, body["code"], "somebody else" in body["message"]) == (403, "not_allowed", True)
