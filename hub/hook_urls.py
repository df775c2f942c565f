"""Where a webhook may lead: addresses of receivers, checked before they are kept and before each call."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from hub.errors import DataError

MAX_URL: Final = 500
PORTS: Final = {"http": 80, "https": 443}


class Target(Struct, frozen=True):
    """A receiver's address, taken apart. `host` is ASCII (IDNA) or an IP address without brackets."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What `Host` says (RFC 9110 section 7.2): the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.tls else "http"] else f"{host}:{self.port}"


def target(url: str) -> Target:
    """Take a receiver's address apart.

    Raises:
        DataError: not http or https, no host, a user name or password in it, or what no address holds.
    """
    if len(url) > MAX_URL or any(c <= " " or c == "\x7f" for c in url):
        raise _wrong(f"at most {MAX_URL} characters and no spaces", url)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise _wrong("http://HOST/... or https://HOST/...", url) from exc
    if parts.scheme not in PORTS or not host or port == 0:
        raise _wrong("http://HOST/... or https://HOST/...", url)
    if "@" in parts.netloc:
        raise DataError("url", "expected no user name or password in it: deliveries are signed instead")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise _wrong("path and query in ASCII (percent-encoded)", url)
    return Target(parts.scheme == "https", _ascii(host, url), port or PORTS[parts.scheme], path)


def _ascii(host: str, url: str) -> str:
    try:
        named = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError as exc:
        raise _wrong("the name of a host", url) from exc
    if not all(c.isalnum() or c in "-._:" for c in named):
        raise _wrong("the name of a host", url)
    return named


def public(address: str) -> bool:
    """Whether an IP address is one of the public Internet: not loopback, private, link-local or multicast."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or _translated(ip) or ip
    return ip.is_global and not ip.is_multicast


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a translated one (RFC 6052 section 2.1: 64:ff9b::/96)."""
    if ip not in ipaddress.ip_network("64:ff9b::/96"):
        return None
    return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)


def literal(host: str) -> str | None:
    """The host when it is an IP address itself, or None for a name; `localhost` is 127.0.0.1 (RFC 6761)."""
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _wrong(expected: str, url: str) -> DataError:
    return DataError("url", f"expected {expected}, got {url[:80]!r}")
