"""Who stands before the hub and may say for whom: `X-Forwarded-For`, read from its near end. Pure.

Each proxy appends the address that it saw, so only what stands right of the last address that is none of ours is
somebody's word that counts; what a client wrote itself stands further left and is never looked at.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

SUBSCRIBER_BITS: Final = 64
"""Of an IPv6 address: one subscriber has all the addresses below (RFC 6177), so limits count them as one."""


class Proxies:
    """The proxies that are believed.

    Args:
        named: addresses and networks (`10.0.0.9`, `10.0.0.0/8`, `fd00::/8`), valid ones.
    """

    def __init__(self, named: Iterable[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(one, strict=False) for one in named)

    def trusts(self, peer: str) -> bool:
        """Whether an address is one of theirs."""
        address = _ip(peer)
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: str, forwarded: Sequence[str]) -> str:
        """The address of whoever asks: the peer's, or what proxies of ours say, nearest first.

        Args:
            peer: the other end of the connection.
            forwarded: every `X-Forwarded-For` header, in order.
        """
        said = [part.strip() for header in forwarded for part in header.split(",")]
        while said and self.trusts(peer):
            address = _ip(said.pop())
            if address is None:  # a word that is no address ends the chain: what is left of it proves nothing
                break
            peer = str(address)
        return _plain(peer)


def subscriber(address: str) -> str:
    """What limits count: an IPv4 address, or the network that one IPv6 subscriber has."""
    found = _ip(address)
    if isinstance(found, ipaddress.IPv6Address) and not found.is_loopback:
        return str(ipaddress.ip_network((found, SUBSCRIBER_BITS), strict=False))
    return address


def _plain(address: str) -> str:
    found = _ip(address)
    return address if found is None else str(found)


def _ip(text: str) -> Ip | None:
    """An address as proxies write it: bare, with a port, in brackets; IPv4 in an IPv6 coat is IPv4."""
    bare = text.strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
