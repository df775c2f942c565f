"""Who may say for whom a request comes."""

from __future__ import annotations

import uuid

import pytest

from hub.proxies import Proxies, subscriber
from hub.settings import Settings
from tests.support.http import http
from tests.support.live import Hub, on_loop, running_hub

TRUSTED = Proxies(("10.0.0.0/8", "127.0.0.1", "fd00::/8", "2001:db8::9"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.9", ["203.0.113.7"], "203.0.113.7"),
        ("10.0.0.9", ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        ("10.0.0.9", ["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        ("10.0.0.9", ["1.1.1.1, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("203.0.113.9", ["1.1.1.1"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, _hidden"], "127.0.0.1"),
        ("127.0.0.2", ["203.0.113.7"], "127.0.0.2"),
        ("fd00::1", ["2001:DB8:1:0::7"], "2001:db8:1::7"),
        ("2001:db8::9", ["[2001:db8:1::7]:4711"], "2001:db8:1::7"),
        ("2001:db8::8", ["2001:db8:1::7"], "2001:db8::8"),
        ("::ffff:10.0.0.9", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("fd00::1%eth0", ["203.0.113.7"], "203.0.113.7"),
        ("", ["1.1.1.1"], ""),
    ],
)
def test_the_nearest_address_that_is_no_proxys_counts(peer: str, forwarded: list[str], client: str) -> None:
    """What stands left of it was written by the client; a stranger's header is nobody's; in one line or several."""
    assert TRUSTED.client(peer, forwarded) == client


def test_nobody_is_believed_by_default() -> None:
    """Not even this machine."""
    assert Proxies(()).client("127.0.0.1", ["1.1.1.1"]) == "127.0.0.1"
    assert not Proxies(()).trusts("127.0.0.1")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_limits_count_subscribers(address: str, counted: str) -> None:
    """Whoever has one IPv6 address has 2^64: they are one."""
    assert subscriber(address) == counted


async def switched(hub: Hub, device: int, forwarded: str) -> int:
    """The status of a new device's command that came through these hops."""
    command = {"id": str(uuid.uuid4()), "cmd": "lamp.switch", "data": {"lamp": f"l{device}"}}
    headers = {"X-Forwarded-For": forwarded}
    status, _, _ = await http(
        hub.port, "POST", "/v1/commands", command, token=hub.resident(device).token, headers=headers
    )
    return status


@on_loop
async def test_limits_go_by_the_true_client(valkey_url: str) -> None:
    """Behind a trusted proxy each client has its own; what a client writes before the proxy's word changes nothing."""
    settings = Settings(trusted_proxies=("127.0.0.1",), new_device_burst=1, new_device_per_s=0.001)
    async with running_hub(valkey_url, settings=settings) as hub:
        said = ["203.0.113.7", "198.51.100.1, 203.0.113.7", "203.0.113.8", "2001:db8:1:2::7", "2001:db8:1:2::8"]
        assert [await switched(hub, number, one) for number, one in enumerate(said)] == [200, 429, 200, 200, 429]


@on_loop
async def test_a_strangers_header_is_not_believed(valkey_url: str) -> None:
    """Not even from this machine: whoever names a new address for each command has one limit all the same."""
    settings = Settings(new_device_burst=1, new_device_per_s=0.001)
    async with running_hub(valkey_url, settings=settings) as hub:
        said = ["203.0.113.7", "203.0.113.8", "127.0.0.9"]
        assert [await switched(hub, number, one) for number, one in enumerate(said)] == [200, 429, 429]
