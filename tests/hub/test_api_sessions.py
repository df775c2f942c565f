"""The handshake and `/v1/sessions`: who gets in, and in which words others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from hub import closing
from hub.identity import enrol
from tests.support.clients import Client, client
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub
from tests.support.raw import Raw, handshake

DEVICE = "5a" * 32


def page(hub: Hub) -> dict[str, str]:
    """The headers of one of our pages."""
    return {"Origin": f"http://127.0.0.1:{hub.port}"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 101),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Sec-WebSocket-Protocol": "graphql-ws"}, 400),
        ({"Sec-WebSocket-Protocol": "graphql-ws, kentongan.v1.json"}, 101),
    ],
)
@on_loop
async def test_the_handshake_refuses_what_cannot_be_told_later(
    valkey_url: str, headers: dict[str, str], status: int
) -> None:
    """A foreign Origin or Host is 403, no subprotocol of ours 400."""
    async with running_hub(valkey_url) as hub:
        one = await Raw.open(hub.port)
        await one.write(handshake(hub.port, token=hub.resident().token, headers=headers))
        assert await one.answered() == status
        assert ("permessage-deflate" in one.head) is False
        await one.end()


@on_loop
async def test_no_subprotocol_at_all_is_refused(valkey_url: str) -> None:
    """400, in words."""
    async with running_hub(valkey_url) as hub:
        one = await Raw.open(hub.port)
        await one.write(handshake(hub.port, token=hub.resident().token, protocol=None))
        assert await one.answered() == 400
        await one.end()


@on_loop
async def test_a_stale_or_revoked_token_is_accepted_and_then_closed(valkey_url: str) -> None:
    """A browser cannot see a refused handshake's status: `bye` and 4501 instead."""
    async with running_hub(valkey_url) as hub:
        medic = await hub.staff("medic")
        who = await hub.node.identity.resolve(medic.token)
        assert who is not None
        await hub.node.identity.revoke(who, "current")
        for token in (medic.token, "k1.35.76.never-made", "k1.99.99.elsewhere"):
            one = await Client.open(hub.port, token)
            assert await one.closed() == closing.SIGNED_OUT
            assert [f["t"] for f in one.frames] == ["bye"]
            await one.end()


@on_loop
async def test_a_draining_hub_takes_no_new_socket(valkey_url: str) -> None:
    """503 at the handshake and at `ready`; `live` stays 200."""
    async with running_hub(valkey_url) as hub:
        hub.node.draining = True
        one = await Raw.open(hub.port)
        await one.write(handshake(hub.port, token=hub.resident().token))
        assert await one.answered() == 503
        await one.end()
        assert (await http(hub.port, "GET", "/health/ready"))[0] == 503
        assert (await http(hub.port, "GET", "/health/live"))[0] == 200


@on_loop
async def test_a_device_signs_in(valkey_url: str) -> None:
    """201, the same each time, with a cookie that no script reads and no other site sends."""
    async with running_hub(valkey_url) as hub:
        status, headers, body = await http(hub.port, "POST", "/v1/sessions", {"device": DEVICE}, headers=page(hub))
        again = await http(hub.port, "POST", "/v1/sessions", {"device": DEVICE, "city": "35.76"})
        assert (status, body["role"], again[2]["token"]) == (201, "resident", body["token"])
        cookie = headers["set-cookie"]
        assert cookie.startswith(f"kt_resident_{hub.port}={body['token']};")
        for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age="):
            assert word in cookie
        assert "Secure" not in cookie
        jar = {**page(hub), "Cookie": cookie.partition(";")[0]}
        async with client(hub.port, None, headers=jar) as one:
            assert (await one.welcome())["person"] == body["person"]
        refused = await Client.open(hub.port, None, headers={"Cookie": jar["Cookie"]})
        assert await refused.closed() == closing.SIGNED_OUT
        await refused.end()


@on_loop
async def test_a_code_signs_staff_in_once_and_replaces_no_valid_cookie(valkey_url: str) -> None:
    """201, then 403; one browser keeps the sign-in it has, a stale one is replaced."""
    async with running_hub(valkey_url) as hub:
        cookies: list[str] = []
        for _ in range(2):
            made = await enrol(hub.store, role="medic", name="Sari")
            held = {"Cookie": cookies[0]} if cookies else {}
            status, headers, body = await http(
                hub.port, "POST", "/v1/sessions", {"code": made.code}, headers=page(hub) | held
            )
            assert (status, body["role"]) == (201, "medic")
            assert (await http(hub.port, "POST", "/v1/sessions", {"code": made.code}))[0] == 403
            cookies.append(headers.get("set-cookie", "").partition(";")[0])
        assert cookies[0].startswith("kt_medic_")
        assert cookies[1] == ""
        made = await enrol(hub.store, role="medic", name="Sari")
        stale = page(hub) | {"Cookie": f"kt_medic_{hub.port}=k1.35.76.stale"}
        _, headers, _ = await http(hub.port, "POST", "/v1/sessions", {"code": made.code}, headers=stale)
        assert "set-cookie" in headers


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({"device": "short"}, "bad_data", "device:"),
        ({}, "bad_data", "device:"),
        ({"code": 5}, "bad_data", "code:"),
        ({"device": DEVICE, "city": "99"}, "bad_data", "city:"),
        (b"nonsense", "bad_frame", ""),
        (b"[1]", "bad_frame", ""),
        (b"", "bad_frame", ""),
        (b'{"device": "' + b"a" * 40_000 + b'"}', "bad_data", "body:"),
    ],
)
@on_loop
async def test_a_wrong_body_is_named(valkey_url: str, body: Any, code: str, says: str) -> None:
    """400 with a code and the path of the wrong field."""
    async with running_hub(valkey_url) as hub:
        status, _, answer = await http(hub.port, "POST", "/v1/sessions", body)
        assert (status, answer["code"], answer["ok"]) == (400, code, False)
        assert answer["message"].startswith(says)


@on_loop
async def test_devices_are_listed_and_signed_out(valkey_url: str) -> None:
    """Mine only; a signed-out one cannot be used again, by socket or by HTTP, and loses its cookie."""
    async with running_hub(valkey_url) as hub:
        medic, other = await hub.staff("medic"), await hub.staff("medic")
        status, _, body = await http(hub.port, "GET", "/v1/sessions", token=medic.token)
        (row,) = body["sessions"]
        assert (status, row["role"]) == (200, "medic")
        path = f"/v1/sessions/{row['id']}"
        assert (await http(hub.port, "DELETE", path, token=other.token))[0] == 404
        status, headers, _ = await http(hub.port, "DELETE", path, token=medic.token)
        assert status == 200
        assert f'kt_medic_{hub.port}=""' in headers["set-cookie"]
        for method, where in (("GET", "/v1/sessions"), ("DELETE", "/v1/sessions/current")):
            status, _, body = await http(hub.port, method, where, token=medic.token)
            assert (status, body["code"]) == (401, "not_signed_in")
