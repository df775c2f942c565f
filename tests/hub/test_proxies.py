"""Who may say for whom a request comes."""

from __future__ import annotations

import pytest

from hub.proxies import Proxies, subscriber

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
