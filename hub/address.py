"""Where a process of ours listens for other processes of ours: a Unix socket, or a host and a port."""

from __future__ import annotations

import os
import tempfile
from typing import Final

from msgspec import Struct

from hub.errors import StartError

WILDCARDS: Final = ("0.0.0.0", "::", "")
"""Hosts to listen on that are no address to ask at."""

MAX_SOCKET_PATH_BYTES: Final = 100  # sun_path holds 108 with its end on Linux, 104 on macOS


class Address(Struct, frozen=True):
    """One of the two: `path`, or `host` and `port`."""

    path: str | None = None
    host: str = ""
    port: int = 0

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path is not None else f"{self.host}:{self.port}"


def query_address(public_port: int, city: str = "") -> str:
    """Where the query process beside the public hub of this port listens, unless something else is said.

    Args:
        city: of which one, where that hub serves several.
    """
    name = f"kentongan-{os.getuid()}-{public_port}{f'-{city}' if city else ''}.sock"
    path = os.path.join(tempfile.gettempdir(), name)
    return f"unix:{path if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES else os.path.join('/tmp', name)}"


def address_of(text: str, option: str) -> Address:
    """Read `unix:PATH` or `HOST:PORT`.

    Raises:
        StartError: it is neither, or the path is too long for a socket; names `option`.
    """
    if text.startswith("unix:"):
        path = text.removeprefix("unix:").removeprefix("//")
        if path and len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
            return Address(path)
        raise StartError(f"{option}: expected a path of 1 to {MAX_SOCKET_PATH_BYTES} bytes after unix:, got {path!r}")
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise StartError(f"{option}: expected unix:PATH or HOST:PORT, got {text!r}")
    return Address(None, host.strip("[]"), int(port))


def host_of(host: str) -> str:
    """A host that is listened on, as it stands in an address: one that can be asked, IPv6 in brackets (RFC 3986)."""
    if host in WILDCARDS:
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
