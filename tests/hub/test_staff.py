"""A desk's own people, over HTTP: who may enrol, see and sign out whom."""

from __future__ import annotations

import argparse
import asyncio
import logging
from typing import Any

import pytest

from hub import staff as module
from hub.app import CITY
from hub.closing import SIGNED_OUT
from hub.commit import unpack
from hub.enrol_command import enrolled
from hub.identity import Issued
from hub.members import DESKS
from hub.qr import drawn
from hub.settings import Settings
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub, two_hubs

ENROLMENTS, STAFF = "/v1/enrolments", "/v1/staff"
BODIES: dict[tuple[str, str | None], dict[str, str]] = {
    ("medic", None): {"vehicle": "motor"},
    ("seller", None): {"shop": "s01"},
    ("crew", None): {"van": "v1"},
    ("plut", None): {},
    ("admin", None): {},
    **{("dispatcher", desk): {"desk": desk} for desk in DESKS},
}
OWN: dict[str, set[tuple[str, str | None]]] = {
    "medic": {("medic", None), ("dispatcher", "medic")},
    "market": {("seller", None), ("dispatcher", "market")},
    "van": {("crew", None), ("dispatcher", "van")},
    "city": {("plut", None), ("dispatcher", "city")},
    "admin": {("dispatcher", desk) for desk in DESKS},
}


async def seat(hub: Hub, desk: str) -> Issued:
    """Somebody at this desk, in a city with one shop and one van."""
    for kind, id_ in (("shop", "s01"), ("van", "v1")):
        await hub.store.many("normal", [["HSET", hub.store.keys.thing(kind, id_), "v", 1]])
    return await (hub.staff("admin") if desk == "admin" else hub.staff("dispatcher", desk=desk))


async def post(hub: Hub, token: str | None, **body: Any) -> tuple[int, dict[str, str], Any]:
    return await http(hub.port, "POST", ENROLMENTS, body, token=token)


async def people(hub: Hub, token: str, query: str = "") -> dict[str, dict[str, Any]]:
    status, _, body = await http(hub.port, "GET", STAFF + query, token=token)
    assert status == 200, body
    return {one["person"]: one for one in body["people"]}


async def delete(hub: Hub, token: str | None, person: str, which: str) -> tuple[int, Any]:
    status, _, body = await http(hub.port, "DELETE", f"{STAFF}/{person}/sessions/{which}", token=token)
    return status, body


@pytest.mark.parametrize("desk", [*DESKS, "admin"])
@on_loop
async def test_each_desk_enrols_its_own_and_nobody_else(valkey_url: str, desk: str) -> None:
    """201 with a link that works for what is its own, 403 for every other role; the list says the same."""
    async with running_hub(valkey_url) as hub:
        chief = await seat(hub, desk)
        for pair, more in BODIES.items():
            status, headers, body = await post(hub, chief.token, role=pair[0], name=" Budi ", **more)
            if pair not in OWN[desk]:
                assert (status, body["code"]) == (403, "not_allowed"), pair
                continue
            assert status == 201, body
            assert headers["cache-control"] == "no-store"
            address, _, code = body["link"].partition("#masuk=")
            assert code == body["code"]
            assert address.startswith(f"http://127.0.0.1:{hub.port}/")
            code_drawn = drawn(body["link"])
            assert body["qr"] == {"size": code_drawn.size, "path": code_drawn.path}
            redeemed = await hub.node.identity.redeem(code)
            assert redeemed is not None
            actor = redeemed[1]
            assert (actor.person, actor.role, actor.name) == (body["person"], pair[0], "Budi")
            assert {name: getattr(actor, name) for name in more} == more
            assert body["person"] in await people(hub, chief.token)
        _, _, listed = await http(hub.port, "GET", STAFF, token=chief.token)
        assert {(one["role"], one.get("desk")) for one in listed["may"]} == OWN[desk]


@pytest.mark.parametrize("role", ["resident", "medic", "seller", "crew", "plut", "service", "tracker"])
@on_loop
async def test_nobody_else_enrols_sees_or_signs_out(valkey_url: str, role: str) -> None:
    """403 at all three routes, also for a service account at the city's desk; 401 without a sign-in that stands."""
    bound = {"seller": {"shop": "s01"}, "crew": {"van": "v1"}, "tracker": {"van": "v1"}, "service": {"desk": "city"}}
    async with running_hub(valkey_url) as hub:
        await seat(hub, "city")
        one = hub.resident() if role == "resident" else await hub.staff(role, **bound.get(role, {}))
        who = await hub.node.identity.resolve(one.token)
        assert who is not None
        for token, status, code in ((one.token, 403, "not_allowed"), (None, 401, "not_signed_in")):
            for method, path in (("GET", STAFF), ("DELETE", f"{STAFF}/{one.person}/sessions/all")):
                answer = await http(hub.port, method, path, token=token)
                assert (answer[0], answer[2]["code"]) == (status, code)
            answer = await post(hub, token, role="plut", name="Budi")
            assert (answer[0], answer[2]["code"]) == (status, code)
        assert await hub.node.identity.valid([who.digest]) == [True]


@pytest.mark.parametrize(
    ("desk", "body", "field"),
    [
        ("medic", {"name": "Budi"}, "role"),
        ("medic", {"role": 5, "name": "Budi"}, "role"),
        ("medic", {"role": "resident", "name": "Budi"}, "role"),
        ("medic", {"role": "service", "name": "Budi"}, "role"),
        ("medic", {"role": "medic"}, "name"),
        ("medic", {"role": "medic", "name": "  "}, "name"),
        ("medic", {"role": "medic", "name": "x" * 81}, "name"),
        ("medic", {"role": "medic", "name": "Budi", "vehicle": "x" * 41}, "vehicle"),
        ("medic", {"role": "medic", "name": "Budi", "vehicle": 7}, "vehicle"),
        ("medic", {"role": "medic", "name": "Budi", "desk": "medic"}, "desk"),
        ("medic", {"role": "dispatcher", "name": "Budi"}, "desk"),
        ("medic", {"role": "dispatcher", "name": "Budi", "desk": "nowhere"}, "desk"),
        ("medic", {"role": "dispatcher", "name": "Budi", "desk": "medic", "vehicle": "motor"}, "vehicle"),
        ("market", {"role": "seller", "name": "Budi"}, "shop"),
        ("market", {"role": "seller", "name": "Budi", "shop": "s99"}, "shop"),
        ("market", {"role": "seller", "name": "Budi", "shop": "s01", "van": "v1"}, "van"),
        ("van", {"role": "crew", "name": "Budi", "van": ""}, "van"),
        ("van", {"role": "crew", "name": "Budi", "van": "v99"}, "van"),
        ("city", {"role": "plut", "name": "Budi", "desk": "city"}, "desk"),
        ("medic", {"role": "medic", "name": "Budi", "replace": True}, "replace"),
        ("medic", {"person": 5}, "person"),
        ("medic", {"person": "m1", "replace": 5}, "replace"),
    ],
)
@on_loop
async def test_a_wrong_field_is_named(valkey_url: str, desk: str, body: dict[str, Any], field: str) -> None:
    """400 that begins with the field, and nobody is enrolled."""
    async with running_hub(valkey_url) as hub:
        chief = await seat(hub, desk)
        status, _, answer = await post(hub, chief.token, **body)
        assert (status, answer["code"]) == (400, "bad_data")
        assert answer["message"].startswith(f"{field}:"), answer
        assert list(await people(hub, chief.token)) == [chief.person]


@on_loop
async def test_a_body_that_is_none_is_refused(valkey_url: str) -> None:
    """No map, or longer than anybody's name."""
    async with running_hub(valkey_url) as hub:
        chief = await seat(hub, "medic")
        for body, code in ((b"[1]", "bad_frame"), (b'{"name": "' + b"a" * 5000 + b'"}', "bad_data")):
            status, _, answer = await http(hub.port, "POST", ENROLMENTS, body, token=chief.token)
            assert (status, answer["code"]) == (400, code)


@on_loop
async def test_another_desks_people_do_not_exist_here(valkey_url: str) -> None:
    """Not listed, and signing them out is the same 404 as for nobody; they stay signed in."""
    async with running_hub(valkey_url) as hub:
        chiefs = {desk: await seat(hub, desk) for desk in DESKS}
        medic, admin = await hub.staff("medic"), await hub.staff("admin")
        for desk in ("market", "van", "city"):
            token = chiefs[desk].token
            assert list(await people(hub, token)) == [chiefs[desk].person]
            nobody = await delete(hub, token, "nobody", "all")
            for other in (medic.person, admin.person, chiefs["medic"].person):
                assert await delete(hub, token, other, "all") == nobody
            assert nobody[0] == 404
            for query in ("?desk=medic", "?desk=admin", "?desk=nowhere"):
                assert (await http(hub.port, "GET", STAFF + query, token=token))[0] == 404
        assert (await http(hub.port, "GET", f"{STAFF}?shop=s01", token=chiefs["medic"].token))[0] == 404
        assert (await delete(hub, chiefs["medic"].token, admin.person, "all"))[0] == 404
        for one in (medic, admin):
            assert await hub.node.identity.resolve(one.token) is not None
        listed = await people(hub, admin.token)
        assert set(listed) == {medic.person, admin.person, *(chief.person for chief in chiefs.values())}
        assert set(await people(hub, admin.token, "?desk=medic")) == {medic.person, chiefs["medic"].person}


@on_loop
async def test_who_was_enrolled_at_the_command_line_is_listed(valkey_url: str) -> None:
    """With the bound shop and, until it is used, how long the link is good; a shop's own people can be asked for."""
    async with running_hub(valkey_url) as hub:
        chief = await seat(hub, "market")
        names = ("shop", "van", "desk", "webhook", "person", "replace")
        options = argparse.Namespace(role="seller", name="Sri", vehicle="", url="http://city", **dict.fromkeys(names))
        options.shop = "s01"
        made = await enrolled(options, Settings(), valkey_url, CITY)
        row = (await people(hub, chief.token))[made["person"]]
        assert (row["name"], row["role"], row["shop"], row["sessions"]) == ("Sri", "seller", "s01", [])
        assert abs(row["link_until"] - made["expires_at"]) < 2000
        assert list(await people(hub, chief.token, "?shop=s01")) == [made["person"]]
        assert await people(hub, chief.token, "?shop=s02") == {}


@on_loop
async def test_a_row_says_who_is_live_and_who_hears(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed in and seen, heard or not; the asker's own device is marked."""
    monkeypatch.setattr(module, "BURST", 0)
    async with two_hubs(valkey_url) as (hub, other):
        chief, medic = await seat(hub, "medic"), await hub.staff("medic", vehicle="motor")
        row = (await people(hub, chief.token))[medic.person]
        assert (row["live"], row["reachable"], row["vehicle"]) == (False, False, "motor")
        assert "seen_at" not in row["sessions"][0]
        one = await Client.open(other.port, medic.token)
        await one.welcome()
        await one.send({"t": "here", "visible": True, "audible": True, "tested_at": hub.store.now()})
        async with asyncio.timeout(5):
            while not (row["live"] and row["reachable"]):
                row = (await people(hub, chief.token))[medic.person]
        assert abs(row["sessions"][0]["seen_at"] - hub.store.now()) < 10_000
        own = (await people(other, chief.token))[chief.person]["sessions"]
        assert [device.get("current") for device in own] == [True]
        await one.end()


@on_loop
async def test_signing_out_closes_sockets_at_every_hub(valkey_url: str) -> None:
    """By id one device, by `all` the rest and an unused link: within 2 s, with 4501, and no way back in."""
    async with two_hubs(valkey_url) as (one, two):
        chief = await seat(one, "medic")
        status, _, made = await post(one, chief.token, role="medic", name="Budi")
        assert status == 201
        redeemed = await one.node.identity.redeem(made["code"])
        assert redeemed is not None
        token, bystander = redeemed[0].token, await one.staff("medic")
        sockets = [await Client.open(hub.port, token) for hub in (one, two)]
        others = [await Client.open(hub.port, bystander.token) for hub in (one, two)]
        for socket in (*sockets, *others):
            await socket.welcome()
        (row,) = (await people(one, chief.token))[made["person"]]["sessions"]
        assert await delete(two, chief.token, made["person"], "0" * 32) == (
            404, {"ok": False, "code": "not_found", "message": "no such session of this person", "retry": False}
        )  # fmt: skip
        assert await delete(two, chief.token, made["person"], row["id"]) == (200, {"revoked": 1})
        for socket in sockets:
            assert await socket.closed(within_s=2) == SIGNED_OUT
        again = await Client.open(one.port, token)
        assert await again.closed() == SIGNED_OUT
        assert await delete(two, chief.token, bystander.person, "all") == (200, {"revoked": 1})
        for socket in others:
            assert await socket.closed(within_s=2) == SIGNED_OUT
        assert await delete(one, chief.token, made["person"], "all") == (200, {"revoked": 0})
        for socket in (*sockets, *others, again):
            await socket.end()


@on_loop
async def test_a_dispatcher_who_was_signed_out_enrols_nobody(valkey_url: str) -> None:
    """Their own sign-in counts at the moment they ask."""
    async with running_hub(valkey_url) as hub:
        chief, deputy = await seat(hub, "medic"), await hub.staff("dispatcher", desk="medic")
        assert (await delete(hub, chief.token, deputy.person, "all"))[0] == 200
        status, _, body = await post(hub, deputy.token, role="medic", name="Budi")
        assert (status, body["code"]) == (401, "not_signed_in")


@on_loop
async def test_asking_too_often_is_429(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `Retry-After`, one person at a time."""
    monkeypatch.setattr(module, "BURST", 2)
    async with running_hub(valkey_url) as hub:
        chief, other = await seat(hub, "medic"), await hub.staff("dispatcher", desk="medic")
        for _ in range(2):
            assert (await post(hub, chief.token, role="medic", name="Budi"))[0] == 201
        status, headers, body = await post(hub, chief.token, role="medic", name="Budi")
        assert (status, body["code"], headers["retry-after"]) == (429, "too_many", "1")
        assert body["data"]["after_ms"] > 0
        assert (await http(hub.port, "GET", STAFF, token=other.token))[0] == 200


@on_loop
async def test_a_code_is_in_no_log_and_a_trace_says_who_did_it(
    valkey_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The audit holds ids alone: no code, no name."""
    caplog.set_level(logging.DEBUG)
    async with running_hub(valkey_url) as hub:
        chief = await seat(hub, "medic")
        _, _, made = await post(hub, chief.token, role="medic", name="Budi Santoso")
        await delete(hub, chief.token, made["person"], "all")
        (rows,) = await hub.store.many("normal", [["XRANGE", hub.store.keys.audit, "-", "+"]])
        entries = [unpack(dict(zip(row[1][::2], row[1][1::2], strict=True))[b"e"]) for row in rows]
        assert [(entry["cmd"], entry["by"]) for entry in entries] == [
            ("staff.enrol", chief.person),
            ("staff.revoke", chief.person),
        ]
        assert all(entry["things"] == [f"person/{made['person']}"] for entry in entries)
        assert made["code"] not in caplog.text
        assert "Budi" not in caplog.text + str(entries)
