"""HTTP beside the sockets: commands, snapshots, config, health."""

from __future__ import annotations

import json
import uuid
from typing import Any

import msgspec
import pytest

from hub import closing, wire
from hub.contract import Actor
from hub.settings import Settings
from tests.support.clients import client
from tests.support.http import http
from tests.support.lamps import Lamps
from tests.support.live import Hub, on_loop, running_hub, until


def page(hub: Hub) -> dict[str, str]:
    """The headers of one of our pages."""
    return {"Origin": f"http://127.0.0.1:{hub.port}"}


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
