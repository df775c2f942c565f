"""One question to a server that the city named: bounded in time, bytes and redirects; what is wrong is one sentence.

h11 reads the answer (RFC 9112). TLS always, but on this machine itself. A redirect is an answer like another: it is
not followed, or a server could send a secret on to anybody.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import h11
from msgspec import Struct

from hub.errors import DataError, FetchFailed
from hub.hook_urls import Target, literal, target
from hub.names import Names

WITHIN_S: Final = 5.0
"""From the question to the last byte, the name's look-up and TLS included."""
MAX_BODY_BYTES: Final = 256 * 1024
MAX_HEAD_BYTES: Final = 16 * 1024
MAX_INFORMATIONAL: Final = 8
READ_BYTES: Final = 16 * 1024
NO_MESSAGE: Final = "it answered no whole HTTP message"


class Reply(Struct, frozen=True):
    status: int
    body: bytes


def on_this_machine(host: str) -> bool:
    """Whether a host is a loopback address: nobody else is on the way there."""
    address = literal(host)
    return address is not None and ipaddress.ip_address(address).is_loopback


class Fetcher:
    """Asks, each time on a connection of its own.

    Args:
        context: whom to trust over TLS; the system's authorities when None.
    """

    def __init__(self, names: Names | None = None, context: ssl.SSLContext | None = None) -> None:
        self._names = names or Names()
        self._context = context or ssl.create_default_context()

    async def __call__(
        self, url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """GET an address, or POST a form to it; whatever its status.

        Raises:
            FetchFailed: no whole answer came within `WITHIN_S`, it is too long, or the address is none to be asked.
        """
        where, step = _target(url), "its name was not resolved"
        try:
            async with asyncio.timeout(WITHIN_S):
                addresses = await self._names.addresses(literal(where.host) or where.host, where.port)
                step = "no connection"
                reader, writer = await self._connected(where, addresses)
                step = "no whole answer"
                try:
                    return await _answer(await _asked(where, form, headers or {}, writer), reader)
                finally:
                    writer.transport.abort()
        except TimeoutError as exc:
            raise FetchFailed(f"{step} within {WITHIN_S:g} s") from exc
        except ssl.SSLCertVerificationError as exc:
            raise FetchFailed(f"its certificate is not to be trusted: {exc.verify_message}") from exc
        except ssl.SSLError as exc:
            raise FetchFailed(f"no TLS: {exc.reason}") from exc
        except OSError as exc:
            raise FetchFailed(f"{step}: {exc.strerror or exc}") from exc

    async def _connected(
        self, where: Target, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The first address that takes a connection."""
        why = "it has no address"
        for address in addresses:
            try:
                return await asyncio.open_connection(
                    address, where.port, limit=MAX_HEAD_BYTES, ssl=self._context if where.tls else None,
                    server_hostname=where.host if where.tls else None,
                )  # fmt: skip
            except ssl.SSLError:
                raise
            except OSError as exc:  # its words alone: an exception that is kept is a cycle, and a hub collects none
                why = os.strerror(exc.errno) if exc.errno else str(exc)
        raise FetchFailed(f"no connection: {why}")


def _target(url: str) -> Target:
    try:
        where = target(url)
    except DataError as exc:
        raise FetchFailed(f"its address is none: {exc.expected}") from exc
    if not where.tls and not on_this_machine(where.host):
        raise FetchFailed("its address is not https")
    return where


async def _asked(
    where: Target, form: Mapping[str, str] | None, headers: Mapping[str, str], writer: asyncio.StreamWriter
) -> h11.Connection:
    """Send the question; what reads its answer."""
    body = b"" if form is None else urlencode(form).encode()
    fields = {"Host": where.authority, "Connection": "close", "Accept": "application/json", **headers}
    if form is not None:
        fields |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    peer = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    method = "GET" if form is None else "POST"
    request = h11.Request(method=method, target=where.path, headers=list(fields.items()))
    writer.write(b"".join(peer.send(part) or b"" for part in (request, h11.Data(data=body), h11.EndOfMessage())))
    await writer.drain()
    return peer


async def _answer(peer: h11.Connection, reader: asyncio.StreamReader) -> Reply:
    status, body, informational = 0, bytearray(), 0
    while True:
        try:
            event = peer.next_event()
        except h11.RemoteProtocolError as exc:
            raise FetchFailed(NO_MESSAGE) from exc
        if event is h11.NEED_DATA:
            peer.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY_BYTES:
                raise FetchFailed(f"its answer is longer than {MAX_BODY_BYTES // 1024} KB")
        elif isinstance(event, h11.EndOfMessage):
            return Reply(status, bytes(body))
        elif isinstance(event, h11.InformationalResponse) and informational < MAX_INFORMATIONAL:
            informational += 1
        else:
            raise FetchFailed(NO_MESSAGE)
