"""Subscribing to Web Push over HTTP: whose it is, and what is no subscription."""

from __future__ import annotations

import base64
from typing import Any

import pytest

import channels
from channels.medic import Medic
from hub.contract import Actor
from hub.fanout import json_view
from hub.push import Subscriptions, got, public_key
from hub.settings import Settings
from tests.channels.medic_world import HERE
from tests.channels.world import BORDERS, CITY
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub
from tests.support.push import Device


async def ask(hub: Hub, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    status, _, told = await http(hub.port, method, path, body, headers=headers)
    return status, told


@on_loop
async def test_a_medic_subscribes_and_is_known_to_be_wakeable(valkey_url: str) -> None:
    """Bound to this sign-in; the duty says so; taken back, it is gone."""
    async with running_hub(valkey_url, Medic(CITY)) as hub:
        medic, other = await hub.staff("medic"), await hub.staff("medic")
        status, told = await ask(hub, "GET", "/v1/push", medic.token)
        key = base64.urlsafe_b64decode(told["key"] + "=")
        assert (status, key, told["mine"]) == (200, public_key(hub.store.secret), False)
        assert (await ask(hub, "POST", "/v1/push/subscriptions", medic.token, Device().said))[0] == 201
        assert (await ask(hub, "GET", "/v1/push", medic.token))[1]["mine"] is True
        assert (await ask(hub, "GET", "/v1/push", other.token))[1]["mine"] is False
        assert (await ask(hub, "GET", "/v1/push"))[1] == {"key": told["key"], "mine": False}
        duty = (await hub.store.table("urgent", f"help/{medic.person}")).things[medic.person]
        assert b"wakeable" in duty
        assert (await ask(hub, "DELETE", "/v1/push/subscriptions", medic.token))[0] == 200
        assert (await ask(hub, "GET", "/v1/push", medic.token))[1]["mine"] is False
        duty = (await hub.store.table("urgent", f"help/{medic.person}")).things[medic.person]
        assert b"wakeable" not in duty


@on_loop
async def test_only_who_is_woken_may_subscribe(valkey_url: str) -> None:
    """Nobody without a sign-in, and no role that nothing is sent to."""
    async with running_hub(valkey_url, Medic(CITY)) as hub:
        path, said = "/v1/push/subscriptions", Device().said
        assert (await ask(hub, "POST", path, body=said))[0] == 401
        status, told = await ask(hub, "POST", path, hub.resident().token, said)
        assert (status, told["message"]) == (403, "expected a sign-in of dispatcher, medic")
        assert (await ask(hub, "DELETE", path, hub.resident().token))[0] == 200


@on_loop
async def test_a_residents_device_is_recorded_with_its_subscription(valkey_url: str) -> None:
    """It may be its first durable act, limited as others are; the sign-in stands, so that it is woken."""
    async with running_hub(valkey_url, *channels.services(BORDERS)) as hub:
        someone = hub.resident()
        assert (await ask(hub, "POST", "/v1/push/subscriptions", someone.token, Device().said))[0] == 201
        assert (await ask(hub, "GET", "/v1/push", someone.token))[1]["mine"] is True
        kept = Subscriptions(hub.store, hub.node.dispatch)
        (one,) = await kept.of("resident", someone.person)
        assert await kept.stands(one)
        assert await kept.people() == [("resident", someone.person)]


@on_loop
async def test_a_crews_device_is_its_vans(valkey_url: str) -> None:
    """A ring for the crew of a van finds it."""
    async with running_hub(valkey_url, *channels.services(BORDERS)) as hub:
        crew = await hub.staff("crew", van="v1")
        assert (await ask(hub, "POST", "/v1/push/subscriptions", crew.token, Device().said))[0] == 201
        (one,) = await Subscriptions(hub.store, hub.node.dispatch).of("crew", crew.person)
        assert (one.van, one.shop, one.desk) == ("v1", "", "")


@on_loop
async def test_a_phone_says_what_it_received(valkey_url: str) -> None:
    """What the service makes of it is done; of a ring without a receipt it is noted for an hour; both are counted."""
    async with running_hub(valkey_url, *channels.services(BORDERS)) as hub:
        medic = await hub.staff("medic")
        actor = Actor(medic.person, "medic", "Sari")
        path, node = "/v1/push/received", hub.node
        await node.dispatch.run("medic.duty", {"on": True}, actor, "d")
        await hub.store.many(
            "normal", [["HSET", hub.store.keys.here(medic.person), "n", f"{hub.store.now() + 9000} 1 1 1"]]
        )
        caller = Actor(hub.resident().person, "resident")
        called = await node.dispatch.run("medic.call", {"location": HERE}, caller, "c")
        request = (called.data or {})["request"]
        said = {"id": "00000000-0000-4000-8000-000000000001", "kind": "offer", "of": request}
        for _ in range(2):  # a retry says the same
            status, told = await ask(hub, "POST", path, medic.token, said)
            assert (status, told["ok"]) == (200, True), told
        view = json_view((await hub.store.table("urgent", f"help/{medic.person}")).things[request])
        assert "received" in view["my_receipts"]
        status, told = await ask(hub, "POST", path, medic.token, {**said, "kind": "test", "of": "1234"})
        assert (status, told) == (200, {"ok": True, "data": {}})
        assert await got(hub.store, "test", "1234") == {medic.person}
        assert node.figures.woken == {"offer": 2, "test": 1}
        assert (await ask(hub, "POST", path, body=said))[0] == 401
        status, told = await ask(hub, "POST", path, medic.token, {**said, "kind": "nothing"})
        assert (status, told["message"].partition(":")[0]) == (400, "kind")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"endpoint": 7}, "endpoint: "),
        ({"endpoint": "http://push.example/one"}, "endpoint: expected https"),
        ({"endpoint": "https://127.0.0.1/one"}, "endpoint: expected a public address"),
        ({"endpoint": "https://[::1]/one"}, "endpoint: expected a public address"),
        ({"endpoint": "https://169.254.169.254/latest"}, "endpoint: expected a public address"),
        ({"endpoint": "https://a:b@push.example/"}, "endpoint: "),
        ({"keys": None}, "keys: "),
        ({"keys": {"auth": "AAAAAAAAAAAAAAAAAAAAAA"}}, "keys.p256dh: "),
        ({"keys": {"p256dh": "A" * 87, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}, "keys.p256dh: "),
    ],
)
@on_loop
async def test_what_is_no_subscription_names_the_field(valkey_url: str, more: dict[str, Any], message: str) -> None:
    """A worker calls this address: it must be one of the public Internet, over TLS."""
    async with running_hub(valkey_url, Medic(CITY)) as hub:
        medic = await hub.staff("medic")
        status, told = await ask(hub, "POST", "/v1/push/subscriptions", medic.token, {**Device().said, **more})
        assert (status, told["code"]) == (400, "bad_data")
        assert told["message"].startswith(message)


@on_loop
async def test_a_short_secret_is_refused_and_a_city_may_allow_private_addresses(valkey_url: str) -> None:
    """As for webhooks, by the same setting."""
    async with running_hub(valkey_url, Medic(CITY), settings=Settings(webhook_private=True)) as hub:
        medic, said = await hub.staff("medic"), Device("http://127.0.0.1:9/one").said
        short = {**said, "keys": {**said["keys"], "auth": "AAAA"}}
        status, told = await ask(hub, "POST", "/v1/push/subscriptions", medic.token, short)
        assert (status, told["message"][:10]) == (400, "keys.auth:")
        assert (await ask(hub, "POST", "/v1/push/subscriptions", medic.token, said))[0] == 201
