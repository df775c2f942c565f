"""Addresses between processes of ours."""

from __future__ import annotations

import os
import tempfile

import pytest

from hub.address import MAX_SOCKET_PATH_BYTES, Address, address_of, host_of, query_address
from hub.errors import StartError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("unix:/run/kentongan.sock", Address("/run/kentongan.sock")),
        ("unix:///run/kentongan.sock", Address("/run/kentongan.sock")),
        ("unix:query.sock", Address("query.sock")),
        ("127.0.0.1:8200", Address(None, "127.0.0.1", 8200)),
        ("[::1]:8200", Address(None, "::1", 8200)),
    ],
)
def test_a_socket_or_a_host_and_port(text: str, address: Address) -> None:
    """Both forms are read."""
    assert address_of(text, "--query") == address


@pytest.mark.parametrize(
    "text", ["", "unix:", "8200", ":8200", "host:", "host:http", "host:0", "host:65536", "/run/kentongan.sock",
             "unix:/" + "x" * MAX_SOCKET_PATH_BYTES],
)  # fmt: skip
def test_anything_else_is_refused_by_the_options_name(text: str) -> None:
    """One sentence: the option, what was expected, what came."""
    with pytest.raises(StartError, match=r"^--query: expected "):
        address_of(text, "--query")


def test_the_default_names_the_user_and_the_port() -> None:
    """Two users' cities, and two cities of one user, never share a socket; what is said is read again."""
    assert query_address(8000) == f"unix:{tempfile.gettempdir()}/kentongan-{os.getuid()}-8000.sock"
    assert query_address(8000) != query_address(8001)
    assert str(address_of(query_address(8000), "--query")) == query_address(8000)
    assert str(address_of("127.0.0.1:82", "--query")) == "127.0.0.1:82"


@pytest.mark.parametrize(
    ("host", "shown"),
    [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("192.168.1.5", "192.168.1.5"), ("::1", "[::1]"), ("kota", "kota")],
)
def test_a_host_stands_in_an_address_as_it_can_be_asked(host: str, shown: str) -> None:
    """What means every address is this machine's own; IPv6 stands in brackets."""
    assert host_of(host) == shown
