"""HTTP beside the sockets, and the handshake: who gets in, and in which words others are refused."""

from __future__ import annotations

import json
import uuid
from typing import Any

import msgspec
import pytest

from hub import closing, wire
from hub.contract import Actor
from hub.settings import Settings
from tests.support.clients import Client, Raw, client, handshake, http
from tests.support.lamps import Lamps
from tests.support.live import Hub, on_loop, running_hub, until

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
    from hub.identity import enrol

    async with running_hub(valkey_url) as hub:
        cookies = []
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


def command(**more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "cmd": "lamp.switch", "data": {"lamp": "a"}, **more}


@on_loop
async def test_commands_come_by_http_as_by_socket(valkey_url: str) -> None:
    """The same command, the same id, the same answer, whichever way it came; JSON or MessagePack."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        token, body = hub.resident().token, command()
        assert await http(hub.port, "POST", "/v1/commands", body, token=token) == await http(
            hub.port, "POST", "/v1/commands", body, token=token
        )
        reply = await one.calls(body["cmd"], body["data"], body["id"])
        assert reply["data"] == {"count": 1}
        kinds = {"Content-Type": "application/msgpack", "Accept": "application/msgpack"}
        status, headers, raw = await http(
            hub.port, "POST", "/v1/commands", wire.encode(body, "msgpack"), token=token, headers=kinds
        )
        assert (status, headers["content-type"]) == (200, "application/msgpack")
        assert msgspec.msgpack.decode(raw) == {"ok": True, "data": {"count": 1}}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (command(id="1"), 400, "bad_data"),
        (command(data={"lamp": 5}), 400, "bad_data"),
        (command(data={"lamp": "x" * 17_000}), 400, "bad_data"),
        (command(age_ms=-1), 400, "bad_data"),
        (command(cmd="lamp.fly"), 404, "unknown_command"),
        (command(cmd="lamp.presence", data={}), 403, "not_allowed"),
        ({}, 400, "bad_data"),
        (b"nonsense", 400, "bad_frame"),
        (b'{"id": NaN}', 400, "bad_frame"),
    ],
)
@on_loop
async def test_a_refused_command_has_a_status_and_a_code(valkey_url: str, body: Any, status: int, code: str) -> None:
    """4xx with the same body as the socket's reply, and nothing is written."""
    async with running_hub(valkey_url) as hub:
        found, _, answer = await http(hub.port, "POST", "/v1/commands", body, token=hub.resident().token)
        assert (found, answer["code"], answer["retry"]) == (status, code, False)
        assert hub.store.seen_commit == 0


@on_loop
async def test_nobody_commands_nothing(valkey_url: str) -> None:
    """401 without a valid session; a cookie without Origin is none."""
    async with running_hub(valkey_url) as hub:
        cookie = {"Cookie": f"kt_resident_{hub.port}={hub.resident().token}"}
        for headers in ({}, cookie):
            status, _, body = await http(hub.port, "POST", "/v1/commands", command(), headers=headers)
            assert (status, body["code"]) == (401, "not_signed_in")
        status, _, _ = await http(hub.port, "POST", "/v1/commands", command(), headers=cookie | page(hub))
        assert status == 200


@on_loop
async def test_limits_say_when_to_come_again(valkey_url: str) -> None:
    """New devices per address, known ones per device; staff and calls for help are never refused."""
    settings = Settings(new_device_burst=2, new_device_per_s=0.5, device_burst=2, device_per_s=0.5)
    async with running_hub(valkey_url, settings=settings) as hub:

        async def tries(seed: int, cmd: str = "lamp.switch") -> tuple[int, Any]:
            status, headers, body = await http(
                hub.port, "POST", "/v1/commands", command(cmd=cmd), token=hub.resident(seed).token
            )
            return status, headers.get("retry-after") or body.get("code")

        assert [(await tries(seed))[0] for seed in (1, 2)] == [200, 200]
        assert await tries(3) == (429, "2")
        assert (await tries(3, "lamp.help"))[0] == 200
        assert [(await tries(1))[0] for _ in range(3)] == [200, 200, 429]
        medic = await hub.staff("medic")
        for _ in range(5):
            assert (await http(hub.port, "POST", "/v1/commands", command(), token=medic.token))[0] == 200


@on_loop
async def test_a_topic_is_read_without_a_socket(valkey_url: str) -> None:
    """A snapshot at one position, from memory or from the store; only for whoever may join."""
    async with running_hub(valkey_url) as hub:
        me, token = hub.resident().person, hub.resident().token
        await http(
            hub.port,
            "POST",
            "/v1/commands",
            command(data={"lamp": "x", "topics": ["bulk/a", f"help/{me}"]}),
            token=token,
        )
        status, _, body = await http(hub.port, "GET", "/v1/topics/bulk/a")
        assert (status, body["topic"], body["offset"], body["epoch"]) == (200, "bulk/a", 1, hub.store.epoch)
        assert body["things"]["x"]["state"] == "on"
        async with client(hub.port, token) as one:
            await one.joins("bulk/a")
            assert (await http(hub.port, "GET", "/v1/topics/bulk/a"))[2] == body
        assert (await http(hub.port, "GET", f"/v1/topics/help/{me}", token=token))[0] == 200
        for path, who, status in (
            (f"help/{me}", None, 401),
            (f"help/{me}", hub.resident(9).token, 403),
            ("nowhere", token, 404),
        ):
            assert (await http(hub.port, "GET", f"/v1/topics/{path}", token=who))[0] == status


@on_loop
async def test_a_page_learns_where_it_is(valkey_url: str) -> None:
    """Addresses by the name asked for, the emergency numbers, the beat; medics on duty from the `city` topic."""
    async with running_hub(valkey_url) as hub:
        status, headers, body = await http(hub.port, "GET", "/v1/config", headers=page(hub))
        assert status == 200
        assert body["city"] == "35.76"
        assert body["emergency"] == ["119", "112"]
        assert body["live"] == f"ws://127.0.0.1:{hub.port}/v1/live"
        assert body["help"] == f"ws://127.0.0.1:{hub.port + 100}/v1/live"
        assert body["medics_on_duty"] == 0
        assert headers["access-control-allow-origin"] == page(hub)["Origin"]
        assert headers["cache-control"] == "no-store"


@on_loop
async def test_a_preflight_of_our_page_is_answered(valkey_url: str) -> None:
    """With credentials for our origins; a foreign page and a foreign host get 403 on any path."""
    async with running_hub(valkey_url, kind="help") as hub:
        asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        status, headers, _ = await http(hub.port, "OPTIONS", "/v1/commands", headers=page(hub) | asks)
        assert (status, headers["access-control-allow-credentials"]) == (204, "true")
        assert "POST" in headers["access-control-allow-methods"]
        for bad in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            for method, path in (("OPTIONS", "/v1/commands"), ("POST", "/v1/commands"), ("GET", "/health/live")):
                assert (await http(hub.port, method, path, headers=bad))[0] == 403


@on_loop
async def test_readiness_says_why_not(valkey_url: str) -> None:
    """200 with the node's name, or 503 with one sentence."""
    async with running_hub(valkey_url) as hub:
        status, _, body = await http(hub.port, "GET", "/health/ready")
        assert (status, body) == (200, {"ready": True, "node": hub.node.name})
        await hub.store.many("normal", [["CONFIG", "SET", "appendfsync", "everysec"]])
        await hub.store.check_safe()
        status, _, body = await http(hub.port, "GET", "/health/ready")
        assert status == 503
        assert "appendfsync" in body["why"]


@on_loop
async def test_a_service_that_shows_the_visitor_nothing_stays_hidden(valkey_url: str) -> None:
    """A topic for everybody is public, a topic with a condition is not."""
    async with running_hub(valkey_url, Lamps()) as hub:
        found = hub.node.services.topic("help/x")
        assert found is not None
        assert not found.allows(Actor("", "visitor"))
        assert (await http(hub.port, "GET", "/v1/topics/help/x"))[0] == 401
        await until(lambda: not hub.node.connections)
        assert json.loads(json.dumps(closing.MEANING))
