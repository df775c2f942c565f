"""One POST to a stranger: bounded in time, bytes and addresses, and whatever comes back is an answer in words.

h11 reads the answer (RFC 9112); the body of it is thrown away. A redirect is an
answer like another: it is not followed, or a receiver could send signed bodies
anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from typing import Final

import h11
from msgspec import Struct

from hub.hook_urls import Target, public
from hub.hooks import ATTEMPT_S
from hub.names import Names

CONNECT_S: Final = 4.0
REST_S: Final = 1.0
MAX_HEAD_BYTES: Final = 16 * 1024
MAX_REST_BYTES: Final = 16 * 1024
MAX_INFORMATIONAL: Final = 8
READ_BYTES: Final = 4096


class Answer(Struct, frozen=True):
    """What came of it. `error` is empty for a 2xx and else says what was wrong, in words of ours only.

    Args:
        retry_after_s: what `Retry-After` said in seconds (RFC 9110 section 10.2.3), 0 for nothing usable.
    """

    status: int = 0
    error: str = ""
    retry_after_s: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        """410 (RFC 9110 section 15.5.11): the receiver itself says that it will not come back."""
        return self.status == 410


class Failed(Exception):
    """No answer; says why."""


class Poster:
    """Makes requests, each on a connection of its own.

    Args:
        private: whether addresses that are not public may be called.
        context: whom to trust over TLS; the system's authorities when None.
    """

    def __init__(self, names: Names, *, private: bool, context: ssl.SSLContext | None = None) -> None:
        self._names, self._private = names, private
        self._context = context or ssl.create_default_context()

    async def __call__(
        self, target: Target, headers: Mapping[str, str], body: bytes, within_s: float = ATTEMPT_S
    ) -> Answer:
        """POST a body; always answers, within `within_s` of the call."""
        step, status, after_s = "the name was not resolved", 0, 0.0
        try:
            async with asyncio.timeout(within_s):
                addresses = self._allowed(await self._names.addresses(target.host, target.port))
                step = "no connection"
                reader, writer = await self._connected(target, addresses)
                step = "no answer"
                try:
                    peer = await _sent(target, headers, body, writer)
                    status, after_s = await _status(peer, reader)
                    await _thrown_away(peer, reader)
                finally:
                    writer.transport.abort()
        except TimeoutError:
            return Answer(status, _judged(status) if status else f"{step} within {within_s:g} s")
        except Failed as exc:
            return Answer(error=str(exc))
        except ssl.SSLCertVerificationError as exc:
            return Answer(error=f"its certificate is not to be trusted: {exc.verify_message}")
        except ssl.SSLError as exc:
            return Answer(error=f"no TLS: {exc.reason}")
        except OSError as exc:
            return Answer(error=f"{step}: {exc.strerror or exc}")
        return Answer(status, _judged(status), after_s)

    def _allowed(self, addresses: list[str]) -> list[str]:
        """Checked here, on what is connected to: a name may mean something else the next time."""
        if self._private:
            return addresses
        allowed = [address for address in addresses if public(address)]
        if not allowed:
            raise Failed(f"its address {addresses[0]} is not public")
        return allowed

    async def _connected(
        self, target: Target, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The first address that takes a connection."""
        failure: Exception = OSError("it has no address")
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_S):
                    return await asyncio.open_connection(
                        address, target.port, limit=MAX_HEAD_BYTES,
                        ssl=self._context if target.tls else None,
                        server_hostname=target.host if target.tls else None,
                    )  # fmt: skip
            except TimeoutError:
                failure = Failed(f"no connection within {CONNECT_S:g} s")
            except OSError as exc:
                failure = exc
        raise failure


async def _sent(
    target: Target, headers: Mapping[str, str], body: bytes, writer: asyncio.StreamWriter
) -> h11.Connection:
    """Send the request; what reads its answer."""
    fields = {
        "Host": target.authority,
        "Connection": "close",
        "Content-Length": str(len(body)),
        **headers,
    }
    peer = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
    request = h11.Request(method="POST", target=target.path, headers=list(fields.items()))
    writer.write(b"".join(peer.send(part) or b"" for part in (request, h11.Data(data=body), h11.EndOfMessage())))
    await writer.drain()
    return peer


async def _status(peer: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, float]:
    """What it answered, and how long it wants to be left alone."""
    ended, informational = False, 0
    while True:
        try:
            event = peer.next_event()
        except h11.RemoteProtocolError as exc:
            raise Failed("it closed the connection before it answered" if ended else "it answered no HTTP") from exc
        if event is h11.NEED_DATA:
            try:
                data = await reader.read(READ_BYTES)
            except ConnectionError:
                data = b""
            ended = not data
            peer.receive_data(data)
        elif isinstance(event, h11.Response):
            return event.status_code, _after_s(event)
        elif isinstance(event, h11.InformationalResponse) and informational < MAX_INFORMATIONAL:
            informational += 1
        else:
            raise Failed("it closed the connection before it answered" if ended else "it answered no HTTP")


def _after_s(event: h11.Response) -> float:
    said = next((value for name, value in event.headers if name == b"retry-after"), b"").decode("latin-1").strip()
    return float(said) if said.isdecimal() and len(said) <= 6 else 0.0


async def _thrown_away(peer: h11.Connection, reader: asyncio.StreamReader) -> None:
    """Read a little of the body, so that a receiver that is well is not cut off while it writes."""
    size = 0
    with contextlib.suppress(TimeoutError, OSError, h11.RemoteProtocolError):
        async with asyncio.timeout(REST_S):
            while size < MAX_REST_BYTES:
                event = peer.next_event()
                if event is h11.NEED_DATA:
                    data = await reader.read(READ_BYTES)
                    size += len(data)
                    peer.receive_data(data)
                elif not isinstance(event, h11.Data):
                    return


def _judged(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return f"it answered {status}" + (" (redirects are not followed)" if 300 <= status < 400 else "")
