"""One POST to a stranger, who may be anything."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from hub.hook_urls import Target, target
from hub.names import Names
from tests.support.live import on_loop, until
from tests.support.processes import free_ports
from tests.support.receivers import FAULT, GARBAGE, GONE, HALF, OK, REDIRECT, SILENT, always, standing
from workers import post as module
from workers.post import Answer, Poster

PEM = Path(__file__).resolve().parents[1] / "support" / "localhost.pem"
BODY = b'{"id":"e.1.0"}'
HEADERS = {"Content-Type": "application/json", "Kentongan-Id": "e.1.0"}


async def posts(url: str, within_s: float = 5.0, names: Names | None = None, *, private: bool = True) -> Answer:
    return await Poster(names or Names(), private=private)(target(url), HEADERS, BODY, within_s)


@pytest.mark.parametrize(
    ("said", "wait_s"), [("Retry-After: 7", 7.0), ("Retry-After: Fri, 27 Nov 2026 02:00:00 GMT", 0.0), ("X: 7", 0.0)]
)
@on_loop
async def test_how_long_it_wants_to_be_left_alone(said: str, wait_s: float) -> None:
    """`Retry-After` in seconds; a date is not read."""
    async with standing() as stand:
        stand.answering = always(f"HTTP/1.1 429 Later\r\n{said}\r\nContent-Length: 0\r\n\r\n".encode())
        answer = await posts(stand.url)
        assert (answer.status, answer.retry_after_s) == (429, wait_s)


@on_loop
async def test_the_request_is_what_was_asked_for() -> None:
    """Method, path with query, host with port, the headers, and the body byte for byte, on a connection of its own."""
    async with standing() as stand:
        assert await posts(stand.url) == Answer(200)
        assert await posts(f"http://localhost:{stand.port}") == Answer(200)
        first, second = stand.heard
        assert first.line == "POST /hook?a=b HTTP/1.1"
        assert first.headers == {
            "host": f"127.0.0.1:{stand.port}",
            "connection": "close",
            "content-type": "application/json",
            "content-length": str(len(BODY)),
            "kentongan-id": "e.1.0",
        }
        assert first.body == BODY
        assert (second.line, second.headers["host"]) == ("POST / HTTP/1.1", f"localhost:{stand.port}")


def answer(status: int, head: str = "Content-Length: 0\r\n", body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status} Reason\r\n{head}\r\n".encode() + body


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (OK, 200, ""),
        (answer(201), 201, ""),
        (answer(204, ""), 204, ""),
        (answer(299), 299, ""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, ""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil it closes", 200, ""),
        (answer(200, "Content-Length: 100\r\n", b"cut off"), 200, ""),
        (answer(200, "Transfer-Encoding: chunked\r\n", b"zz\r\n"), 200, ""),
        (answer(200, "Content-Length: 100000\r\n", b"x" * 100_000), 200, ""),
        (FAULT, 500, "it answered 500"),
        (GONE, 410, "it answered 410"),
        (answer(404), 404, "it answered 404"),
        (answer(302, "Location: http://127.0.0.1/\r\n"), 302, "it answered 302 (redirects are not followed)"),
        (REDIRECT, 307, "it answered 307 (redirects are not followed)"),
        (HALF, 0, "it closed the connection before it answered"),
        (b"", 0, "it closed the connection before it answered"),
        (GARBAGE, 0, "it answered no HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", 0, "it closed the connection before it answered"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000, 0, "it answered no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", 0, "it answered no HTTP"),
        (b"HTTP/1.1 102 Processing\r\n\r\n" * 50, 0, "it answered no HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", 0, "it answered no HTTP"),
    ],
)
@on_loop
async def test_whatever_comes_back_is_an_answer(said: bytes, status: int, error: str) -> None:
    """2xx is taken whatever follows; all else is named, in our words, never in the receiver's."""
    async with standing() as stand:
        stand.answering = always(said)
        assert await posts(stand.url) == Answer(status, error)
        assert len(stand.heard) == 1


def test_what_is_taken_and_what_is_gone() -> None:
    """Nothing wrong is ok; only 410 is gone."""
    assert Answer(204).ok
    assert not Answer(500, "x").ok
    assert Answer(410, "x").gone
    assert not Answer(404, "x").gone


@on_loop
async def test_a_receiver_that_never_answers_is_given_up() -> None:
    """The time is one absolute deadline, over all steps."""
    async with standing() as stand:
        stand.answering = always(SILENT)
        assert await posts(stand.url, 0.1) == Answer(0, "no answer within 0.1 s")


@on_loop
async def test_a_2xx_whose_body_never_ends_is_taken() -> None:
    """The status was said: the rest is not waited for, not even to the deadline."""
    said = answer(200, "Content-Length: 10\r\n", b"x")
    loop = asyncio.get_running_loop()

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(drips, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    began = loop.time()
    assert await posts(url, 0.2) == Answer(200)
    assert await posts(url, 8.0) == Answer(200)
    assert loop.time() - began < 4
    server.close()


@on_loop
async def test_a_receiver_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not fit into anybody's buffers waits no longer than the deadline."""

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
    where = target(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    big = b"x" * (32 * 1024 * 1024)
    assert (await Poster(Names(), private=True)(where, HEADERS, big, 0.2)).error == "no answer within 0.2 s"
    for writer in held:
        writer.transport.abort()
    server.close()


@on_loop
async def test_a_receiver_that_refuses_is_named() -> None:
    """Nobody listens."""
    assert (await posts(f"http://127.0.0.1:{free_ports()}/")).error == "no connection: Connection refused"


@on_loop
async def test_a_name_that_hangs_or_is_none_is_named() -> None:
    """The look-up is under the same deadline."""

    class Hanging(Names):
        async def addresses(self, host: str, port: int) -> list[str]:
            await asyncio.Event().wait()
            raise AssertionError

    assert (await posts("http://a.example/", 0.05, Hanging())).error == "the name was not resolved within 0.05 s"

    def none(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    error = (await posts("http://a.example/", names=Names(none))).error
    assert error == "the name was not resolved: Name or service not known"


@on_loop
async def test_the_first_address_that_listens_is_taken() -> None:
    """A name with a dead address in front works."""
    async with standing() as stand:
        names = Names(lambda host, port: ["127.0.0.2", "127.0.0.1"])
        assert (await posts(f"http://toko.example:{stand.port}/", names=names)).ok
        assert stand.heard[0].headers["host"] == f"toko.example:{stand.port}"


@on_loop
async def test_an_address_that_swallows_is_not_waited_for_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one has its turn before the deadline."""
    monkeypatch.setattr(module, "CONNECT_S", 0.05)
    real = asyncio.open_connection

    async def connect(host: str, port: int, **more: object) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if host == "192.0.2.1":
            await asyncio.Event().wait()
        return await real(host, port, limit=1 << 14)

    monkeypatch.setattr(asyncio, "open_connection", connect)
    async with standing() as stand:
        names = Names(lambda host, port: ["192.0.2.1", "127.0.0.1"])
        assert (await posts(f"http://toko.example:{stand.port}/", names=names)).ok
    only = Names(lambda host, port: ["192.0.2.1"])
    assert (await posts("http://toko.example/", names=only)).error == "no connection within 0.05 s"


@on_loop
async def test_private_addresses_are_called_only_where_they_may_be() -> None:
    """What a name means is checked on what is connected to, at every call."""
    async with standing() as stand:
        assert (await posts(stand.url, private=False)).error == "its address 127.0.0.1 is not public"
        names = Names(lambda host, port: ["10.0.0.7", "169.254.169.254"])
        error = (await posts("http://toko.example/", names=names, private=False)).error
        assert error == "its address 10.0.0.7 is not public"
        assert stand.heard == []
        assert (await posts(stand.url)).ok


@on_loop
async def test_over_tls_the_certificate_is_checked() -> None:
    """Trusted by its authority and for its name: anything else is named, and no request was made."""
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(PEM)
    trusting = ssl.create_default_context(cafile=str(PEM))
    async with standing(served) as stand:
        good, local = Poster(Names(), private=True, context=trusting), Target(True, "localhost", stand.port, "/")
        assert await good(local, HEADERS, BODY) == Answer(200)
        assert (await posts(f"https://localhost:{stand.port}/")).error.startswith(
            "its certificate is not to be trusted: self"
        )
        names = Names(lambda host, port: ["127.0.0.1"])
        other = Target(True, "toko.example", stand.port, "/")
        error = (await Poster(names, private=True, context=trusting)(other, HEADERS, BODY)).error
        assert error.startswith("its certificate is not to be trusted: Hostname mismatch")
        assert len(stand.heard) == 1
    async with standing() as stand:
        error = (await posts(f"https://127.0.0.1:{stand.port}/", 2.0)).error
        assert error.startswith("no TLS: ") or error == "no connection within 2 s"


@on_loop
async def test_no_connection_is_left_open() -> None:
    """After any answer, and after none."""
    async with standing() as stand:
        for said in (OK, FAULT, GARBAGE, SILENT):
            stand.answering = always(said)
            await posts(stand.url, 0.1)
        await until(lambda: not stand.connections)
