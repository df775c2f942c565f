"""TLS at the hub's own door: what is spoken, what is refused, and a certificate renewed under open sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.cli import main
from hub.errors import StartError
from hub.outbox import BULK
from hub.settings import Settings
from hub.tls import Tls, context
from tests.support.certificates import DAY, Authority, Pair
from tests.support.live import Hub, on_loop, running_hub, until
from tests.support.processes import free_ports, start_hub
from tests.support.raw import Raw, handshake, packed

HELLO = {"t": "hello"}
SWALLOWED_BYTES = 1_000_000
"""What a client's own receive buffer may take on this machine before anybody notices, and a little."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextlib.asynccontextmanager
async def secure_hub(url: str, pair: Pair) -> AsyncIterator[tuple[Hub, Tls]]:
    settings = Settings(tls_cert=pair.cert, tls_key=pair.key)
    tls = Tls(settings)
    async with running_hub(url, settings=settings, tls=tls) as hub:
        yield hub, tls


async def raw(hub_port: int, client: ssl.SSLContext, data: bytes = b"") -> Raw:
    """A TLS connection by the name `localhost`, and its first bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", hub_port, ssl=client, server_hostname="localhost")
    one = Raw(reader, writer, "msgpack")
    await one.write(data)
    return one


def serial(one: Raw) -> str:
    """Which certificate was shown on a connection."""
    shown: dict[str, Any] = one._writer.get_extra_info("peercert")
    return str(shown["serialNumber"])


@on_loop
async def test_pages_and_sockets_go_over_tls(valkey_url: str, authority: Authority) -> None:
    """HTTP and a WebSocket with the authority as the only root; a frame that came with the handshake is heard."""
    client = authority.context()
    client.set_alpn_protocols(["h2", "http/1.1"])
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, _):
        one = await raw(hub.port, client, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert await one.answered() == 200
        assert one._writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"
        await one.end()
        two = await raw(hub.port, client, handshake(hub.port, token=hub.resident().token) + packed(HELLO))
        assert await two.answered() == 101
        await two.hears("welcome")
        await two.end()
        await until(lambda: not hub.node.connections)


@on_loop
async def test_a_slow_phone_is_noticed_as_soon_as_without_tls(valkey_url: str, authority: Authority) -> None:
    """While it reads nothing is held back from it; when it does not, what waits is in the outbox and not behind TLS."""
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, _):
        client = authority.context()
        one = await raw(hub.port, client, handshake(hub.port, token=hub.resident().token) + packed(HELLO))
        assert await one.answered() == 101
        await one.hears("welcome")
        (connection,) = hub.node.connections
        frame = {"t": "reply", "ref": None, "ok": False, "code": "internal", "message": "x" * 8_000}
        for _ in range(20):
            connection.send(BULK, frame)
            await one.hears("reply")
            assert not connection._paused
        one._writer.transport.pause_reading()  # type: ignore[attr-defined]
        bare = one._writer.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sent = still = 0
        while still < 50 and sent < 10_000_000:
            still = still + 1 if connection._paused else 0
            if connection._paused:
                await asyncio.sleep(0.002)
                continue
            connection.send(BULK, frame)
            sent += 8_000
            await asyncio.sleep(0)
        held = connection.transport
        assert held is not None
        assert connection._paused
        assert held.get_write_buffer_size() < 40_000
        assert sent < SWALLOWED_BYTES, sent
        one.reset()
        await one.end()


@on_loop
async def test_old_versions_and_plain_http_are_refused(valkey_url: str, authority: Authority) -> None:
    """TLS 1.1, a client that does not trust us, and plain bytes end their own connection alone."""
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, tls):
        old = authority.context()
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with pytest.warns(DeprecationWarning, match="TLS"):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        for client in (old, ssl.create_default_context()):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await raw(hub.port, client)
        plain = await Raw.open(hub.port)
        await plain.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"HTTP" not in await plain._reader.read()
        await plain.end()
        one = await raw(hub.port, authority.context(), b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await one.answered() == 200
        await one.end()
        await until(lambda: not tls._tasks)


@on_loop
async def test_cookies_and_addresses_know_of_tls(valkey_url: str, authority: Authority) -> None:
    """`Secure` cookies, `https` and `wss` in what pages are told, and the policy names them."""
    body = b'{"device": "' + b"0" * 64 + b'"}'
    head = f"POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, _):
        one = await raw(hub.port, authority.context(), head.encode() + body)
        assert await one.answered() == 201
        assert "; secure" in one.head.lower()
        await one.end()
        two = await raw(
            hub.port, authority.context(), b"GET /v1/config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert await two.answered() == 200
        told = await two._reader.read()
        assert f'"live":"wss://localhost:{hub.port}/v1/live"'.encode() in told
        assert f'"help_url":"https://localhost:{hub.port + 100}"'.encode() in told
        await two.end()


@on_loop
async def test_a_renewed_certificate_drops_no_socket(valkey_url: str, authority: Authority) -> None:
    """Who is connected stays; who comes hears the new one; one that cannot be used changes nothing."""
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, tls):
        one = await raw(hub.port, authority.context(), handshake(hub.port, token=hub.resident().token) + packed(HELLO))
        assert await one.answered() == 101
        await one.hears("welcome")
        first = serial(one)
        assert not tls.renew()
        authority.issue("localhost")
        assert tls.renew()
        two = await raw(hub.port, authority.context())
        second = serial(two)
        assert second != first
        authority.issue("localhost", ends=-DAY / 2)
        assert not tls.renew()
        three = await raw(hub.port, authority.context())
        assert serial(three) == second
        await one.send({"t": "join", "ref": 1, "topic": "bulk/a"})
        await one.hears("state")
        for each in (one, two, three):
            await each.end()


def test_a_bad_renewal_is_said_once(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """A certificate without its key yet: the sentence comes once, the old pair stays, and the key completes it."""
    pair = authority.issue("localhost")
    tls = Tls(Settings(tls_cert=pair.cert, tls_key=pair.key))
    before = tls.context
    new = authority.issue("localhost", name="new")
    os.replace(new.cert, pair.cert)
    assert [tls.renew(), tls.renew()] == [False, False]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "the certificate in use stays: --tls-key" in caplog.text
    assert tls.context is before
    os.replace(new.key, pair.key)
    assert tls.renew()
    assert tls.context is not before
    Path(pair.cert).unlink()
    assert not tls.renew()
    assert "cannot be read" in caplog.text


def test_an_end_that_comes_near_is_said_daily(authority: Authority, caplog: pytest.LogCaptureFixture) -> None:
    """At the start and then once a day, not at every look."""
    pair, later = authority.issue("localhost", ends=2 * DAY), [datetime.now(UTC)]
    tls = Tls(Settings(tls_cert=pair.cert, tls_key=pair.key), lambda: later[0])
    tls._remind()
    assert caplog.text.count("expires tomorrow") == 1
    later[0] += timedelta(days=1)
    tls._remind()
    assert caplog.text.count("expires today") == 1


def test_a_key_that_openssl_refuses_is_a_sentence(authority: Authority) -> None:
    """What the reading let through and OpenSSL does not take."""
    with pytest.raises(StartError, match=r"--tls-cert: .* cannot be used"):
        context(authority.issue("localhost").cert, authority.issue("localhost", name="other").key)


async def knocks(hub: Hub, authority: Authority, count: int) -> None:
    """Connections that end in six ways."""
    strange = ssl.create_default_context()
    for number in range(count):
        if number % 3 == 0:
            one = await Raw.open(hub.port)
            await one.write(b"no TLS at all\r\n\r\n")
            await one._reader.read()
        elif number % 3 == 1:
            with contextlib.suppress(ssl.SSLError, ConnectionError):
                await raw(hub.port, strange)
            continue
        else:
            data = handshake(hub.port, token=hub.resident(number % 7).token) + packed(HELLO)
            one = await raw(hub.port, authority.context(), data)
            await one.answered()
            await one.hears("welcome")
            if number % 2:
                one.reset()
        await one.end()


@on_loop
async def test_no_cycle_is_left_behind(valkey_url: str, authority: Authority) -> None:
    """No collector runs in a hub: neither a good connection nor a failed handshake leaves anything of ours."""
    async with secure_hub(valkey_url, authority.issue("localhost")) as (hub, tls):
        await knocks(hub, authority, 6)
        gc.collect()
        gc.disable()
        try:
            await knocks(hub, authority, 60)
            await until(lambda: not hub.node.connections and not tls._tasks and not hub.server.server_state.connections)
            hub.node._unheard.clear()
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            left = {f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.garbage}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        assert not [name for name in left if name.startswith(("hub.", "uvloop.", "uvicorn."))], left


@pytest.mark.parametrize("kind", ["expired", "wrong key", "wrong host"])
def test_a_hub_with_a_bad_certificate_does_not_start(
    valkey_url: str, authority: Authority, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """One sentence and exit code 2, for one hub, for `serve` and for `up`; nothing listened, no folder was made."""
    pair = authority.issue("kota.example", ends=-DAY / 2 if kind == "expired" else 9 * DAY)
    if kind == "wrong key":
        pair = Pair(pair.cert, authority.issue("kota.example", name="other").key)
    public = "https://lain.example" if kind == "wrong host" else "https://kota.example"
    options = [*pair.options, "--public-url", public, "--port", str(free_ports())]
    folder = Path(pair.cert).parent / "data"
    serve = ["serve", "--store", valkey_url]
    for command in ([*serve, "--public-only"], serve, ["up", "--data", str(folder)]):
        assert main([*command, *options]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert err.startswith("kentongan: --tls-")
    assert not folder.exists()


@pytest.mark.timeout(90)
def test_sighup_takes_a_new_certificate_over(valkey_url: str, authority: Authority) -> None:
    """A process of its own: flags on the command line, links with https, a new certificate, a clean end."""
    pair, port = authority.issue("localhost"), free_ports()
    environment = {"KENTONGAN_TLS_CERT": pair.cert, "KENTONGAN_TLS_KEY": pair.key, "KENTONGAN_DRAIN_S": "0"}
    process = start_hub("public", valkey_url, port, environment=environment)
    try:
        process.wait_event("hub_ready")

        @on_loop
        async def renewed() -> None:
            one = await raw(port, authority.context())
            before = serial(one)
            authority.issue("localhost")
            process.signal(signal.SIGHUP)
            async with asyncio.timeout(5):
                while True:
                    two = await raw(port, authority.context())
                    now = serial(two)
                    await two.end()
                    if now != before:
                        break
            await one.end()

        renewed()
        assert process.end() == 0
    finally:
        process.kill()
