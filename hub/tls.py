"""TLS at the hub's own door: TLS 1.2 and newer, HTTP/1.1 by ALPN, and a renewed certificate without a lost socket.

A connection's handshake is done here and not by uvicorn, because whoever starts TLS himself holds the transport below
it: 64 KB that TLS has sealed already would wait there unseen, where an emergency cannot go before them. With a limit
of 0 what waits, waits in the outbox, as without TLS.

Whoever connects hears the context of that moment; sockets that are open keep theirs. A new file that cannot be used
is said once, and the old certificate stays in use.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from hub import certificate
from hub.certificate import CERT, Certificate
from hub.errors import StartError
from hub.server import HandoverHttp
from hub.settings import Settings

log = logging.getLogger("kentongan.tls")

HANDSHAKE_S: Final = 10.0
SHUTDOWN_S: Final = 3.0
HANDSHAKES: Final = 32
"""At once; others wait in the kernel and in their transports, unread."""
EARLY_BYTES: Final = 1 << 20
CHECK_S: Final = 10.0
REMIND: Final = timedelta(days=1)

Stamp = tuple[tuple[int, int, int], ...]


def context(cert: str, key: str) -> ssl.SSLContext:
    """What a handshake is done with.

    Raises:
        StartError: OpenSSL takes them for none of its own (a key that is too short, a broken chain).
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    made.set_alpn_protocols(["http/1.1"])  # no socket of ours speaks HTTP/2
    try:
        made.load_cert_chain(cert, key)
    except (ssl.SSLError, OSError) as exc:
        raise StartError(f"{CERT}: {cert} cannot be used: {exc.strerror or exc}") from exc
    return made


class Tls:
    """The certificate of one hub, and the handshakes that are under way.

    Raises:
        StartError: it cannot be used; one sentence.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._settings, self._now = settings, now
        self._stamp = self._stamped()
        self.certificate, self.context = self._read()
        self._reminded = now() - REMIND
        self._turns = asyncio.Semaphore(HANDSHAKES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._remind()

    def _read(self) -> tuple[Certificate, ssl.SSLContext]:
        found = certificate.of(self._settings, self._now())
        assert found is not None, "a hub without a certificate speaks no TLS"
        return found, context(self._settings.tls_cert, self._settings.tls_key)

    def _stamped(self) -> Stamp:
        """What changes when a file does; a missing one is a change as well."""
        found = []
        for path in (self._settings.tls_cert, self._settings.tls_key):
            try:
                stat = os.stat(path)
            except OSError:
                found.append((0, 0, 0))
            else:
                found.append((stat.st_mtime_ns, stat.st_ino, stat.st_size))
        return tuple(found)

    # -- renewal ------------------------------------------------------------------------

    def renew(self, *, asked: bool = False) -> bool:
        """Take the files over if they changed, or when asked to (SIGHUP); whether that was done.

        Both or neither: a certificate that came before its key is tried again when the key has come.
        """
        stamp = self._stamped()
        if stamp == self._stamp and not asked:
            return False
        self._stamp = stamp
        try:
            self.certificate, self.context = self._read()
        except StartError as exc:
            log.error("the certificate in use stays: %s", exc)
            return False
        self._remind()
        return True

    async def watch(self) -> None:
        """Look at the files every few seconds, and speak of an end that comes near once a day."""
        while True:
            await asyncio.sleep(CHECK_S)
            self.renew()
            self._remind()

    def _remind(self) -> None:
        now = self._now()
        if now - self._reminded >= REMIND and (why := self.certificate.soon(now)) is not None:
            self._reminded = now
            log.warning("%s", why)

    # -- connections ------------------------------------------------------------------------

    def protocol(self, **given: Any) -> asyncio.Protocol:
        """What uvicorn makes for each connection, in place of its HTTP protocol."""
        return Knock(self, partial(HandoverHttp, **given))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def secured(self, raw: asyncio.Transport, knock: Knock) -> asyncio.Transport | None:
        """Do one handshake; None when the other side does not speak TLS as we do, or went away."""
        raw.set_write_buffer_limits(0)
        raw.pause_reading()
        async with self._turns:
            if raw.is_closing():
                return None
            loop = asyncio.get_running_loop()
            shaking = loop.create_task(
                loop.start_tls(
                    raw, knock, self.context, server_side=True,
                    ssl_handshake_timeout=HANDSHAKE_S, ssl_shutdown_timeout=SHUTDOWN_S,
                )
            )  # fmt: skip
            # Two turns on TLS owns the transport, and has read nothing yet.
            loop.call_soon(loop.call_soon, _replay, raw, knock.taken())
            try:
                return await shaking
            except Exception as exc:  # scanners and phones that do not trust us: no fault of ours, and many
                _let_go(exc)
                raw.abort()
                return None

    async def close(self) -> None:
        """End the handshakes that are under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Knock(asyncio.Protocol):
    """A connection until its handshake is done. What came right behind it is handed on, in the same turn."""

    __slots__ = ("_early", "_make", "_raw", "_tls")

    def __init__(self, tls: Tls, make: Callable[[], HandoverHttp]) -> None:
        self._tls, self._make = tls, make
        self._early = b""
        self._raw: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast(asyncio.Transport, transport)
        self._tls.spawn(self._shake(self._raw))

    def connection_lost(self, exc: Exception | None) -> None:
        self._raw = None

    def data_received(self, data: bytes) -> None:
        self._early += data
        if len(self._early) > EARLY_BYTES and self._raw is not None:  # nobody's request, before anybody could read it
            self._raw.abort()

    def taken(self) -> bytes:
        """What came so far, once."""
        early, self._early = self._early, b""
        return early

    async def _shake(self, raw: asyncio.Transport) -> None:
        secure = await self._tls.secured(raw, self)
        self._raw = None
        if secure is None or secure.is_closing():
            return
        http, early = self._make(), self.taken()
        secure.set_protocol(http)
        http.connection_made(secure)
        if early:
            http.data_received(early)


def _replay(raw: asyncio.Transport, data: bytes) -> None:
    """Give TLS what was read before it was there: a transport reads from its first turn on."""
    protocol = cast(Any, raw.get_protocol())  # a BufferedProtocol
    while data and not raw.is_closing():
        room = protocol.get_buffer(len(data))
        size = min(len(room), len(data))
        room[:size] = data[:size]
        protocol.buffer_updated(size)
        data = data[size:]


def _let_go(error: BaseException | None) -> None:
    """An error's traceback holds the frames that hold the error: a cycle for each scanner, and no collector runs."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
