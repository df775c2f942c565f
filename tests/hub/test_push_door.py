"""Subscribing to Web Push over HTTP: whose it is, and what is no subscription."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from channels.medic import Medic
from hub.push import public_key
from hub.settings import Settings
from tests.channels.world import CITY
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
        assert (await ask(hub, "POST", path, hub.resident().token, said))[0] == 403
        assert (await ask(hub, "DELETE", path, hub.resident().token))[0] == 200


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
