"""Addresses of receivers: what is one, what is refused, and which are public."""

from __future__ import annotations

import pytest

from hub.errors import DataError
from hub.hook_urls import MAX_URL, Target, literal, public, target


@pytest.mark.parametrize(
    ("url", "wanted", "authority"),
    [
        ("http://toko.example", Target(False, "toko.example", 80, "/"), "toko.example"),
        ("https://toko.example/", Target(True, "toko.example", 443, "/"), "toko.example"),
        ("HTTPS://Toko.Example:8443/a/b?c=d", Target(True, "toko.example", 8443, "/a/b?c=d"), "toko.example:8443"),
        ("http://toko.example?x=1", Target(False, "toko.example", 80, "/?x=1"), "toko.example"),
        ("http://[::1]:9000/h", Target(False, "::1", 9000, "/h"), "[::1]:9000"),
        ("http://[2001:db8::1]/", Target(False, "2001:db8::1", 80, "/"), "[2001:db8::1]"),
        ("http://10.0.0.5:80/#part", Target(False, "10.0.0.5", 80, "/"), "10.0.0.5"),
        ("https://bücher.example/", Target(True, "xn--bcher-kva.example", 443, "/"), "xn--bcher-kva.example"),
    ],
)
def test_an_address_is_taken_apart(url: str, wanted: Target, authority: str) -> None:
    """Scheme, host in ASCII, port, path with query; what `Host` says of it."""
    assert target(url) == wanted
    assert target(url).authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "toko.example",
        "//toko.example/",
        "ftp://toko.example/",
        "file:///etc/passwd",
        "http://",
        "http:///path",
        "https://:443/",
        "http://toko.example:0/",
        "http://toko.example:65536/",
        "http://toko.example:http/",
        "http://[::1/",
        "http://toko.example/a b",
        "http://toko.example/\r\nX: y",
        "http://toko.example/\x00",
        "http://toko.example/héllo",
        "http://to ko.example/",
        "http://toko<b>.example/",
        "http://%61.example/",
        "http://" + "a" * 64 + "é.example/",
        "http://toko.example/" + "a" * MAX_URL,
    ],
)
def test_what_is_no_receiver_is_named(url: str) -> None:
    """One sentence that begins with the field and says what was expected."""
    with pytest.raises(DataError) as caught:
        target(url)
    assert caught.value.path == "url"
    assert str(caught.value).startswith("url: expected ")
    assert "\n" not in str(caught.value)


def test_an_address_holds_no_password() -> None:
    """A user name or password in a URL ends in logs and lists."""
    with pytest.raises(DataError, match="no user name or password") as caught:
        target("https://kasir:rahasia@toko.example/")
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize("address", ["8.8.8.8", "103.10.20.30", "2400:cb00::1", "::ffff:8.8.8.8"])
def test_public_addresses(address: str) -> None:
    """Addresses of the Internet, IPv4 in IPv6 too."""
    assert public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    """This machine, private networks, link-local, multicast, and the same dressed as IPv6."""
    assert not public(address)


def test_which_hosts_are_addresses_themselves() -> None:
    """Addresses and `localhost`; names are not."""
    assert literal("10.0.0.5") == "10.0.0.5"
    assert literal("::1") == "::1"
    assert literal("localhost") == "127.0.0.1"
    assert literal("kasir.localhost") == "127.0.0.1"
    assert literal("toko.example") is None
    assert literal("localhost.example") is None
