"""One question to a server that the city named: bounded, over TLS, and every fault a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from hub import fetch as module
from hub.errors import FetchFailed
from hub.fetch import MAX_BODY_BYTES, Fetcher, on_this_machine
from hub.names import Names
from tests.support.certificates import Authority
from tests.support.live import on_loop
from tests.support.processes import free_ports

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Said:
    """A server that says these bytes, and keeps what it was asked."""

    def __init__(self, answer: bytes, *, ends: bool = True) -> None:
        self.answer, self.ends, self.heard, self.port = answer, ends, b"", 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.heard += await reader.readuntil(b"\r\n\r\n")
            if b"POST" in self.heard:
                self.heard += await reader.read(4096)
            writer.write(self.answer)
            await writer.drain()
            if not self.ends:
                await reader.read()
        writer.close()


@contextlib.asynccontextmanager
async def saying(answer: bytes, *, ends: bool = True, context: ssl.SSLContext | None = None) -> AsyncIterator[Said]:
    said = Said(answer, ends=ends)
    server = await asyncio.start_server(said.serve, "127.0.0.1", 0, ssl=context)
    said.port = server.sockets[0].getsockname()[1]
    try:
        yield said
    finally:
        server.close()
        await server.wait_closed()


async def why(url: str, fetch: Fetcher | None = None) -> str:
    with pytest.raises(FetchFailed) as failed:
        await (fetch or Fetcher())(url)
    assert "\n" not in str(failed.value)
    return str(failed.value)


@on_loop
async def test_it_gets_a_document_and_posts_a_form() -> None:
    """Status and body as they came; a name of this machine is this machine."""
    async with saying(OK) as said:
        reply = await Fetcher()(f"http://localhost:{said.port}/a?b=c")
        assert (reply.status, reply.body) == (200, b"ok")
        assert said.heard.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    async with saying(OK) as said:
        await Fetcher()(f"http://127.0.0.1:{said.port}/", {"code": "a b&c"}, {"Authorization": "Basic eA=="})
        head, _, body = said.heard.partition(b"\r\n\r\n")
        assert b"Authorization: Basic eA==" in head
        assert parse_qs(body.decode()) == {"code": ["a b&c"]}


@pytest.mark.parametrize("status", [b"302 Found\r\nLocation: http://127.0.0.1:1/", b"500 Internal Server Error"])
@on_loop
async def test_any_status_is_an_answer_and_no_redirect_is_followed(status: bytes) -> None:
    """Nobody else is asked."""
    async with saying(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as said:
        assert (await Fetcher()(f"http://127.0.0.1:{said.port}/")).status == int(status[:3])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "no whole HTTP message"),
        (b"\x16\x03\x01 what is this\r\n\r\n", "no whole HTTP message"),
        (b"", "no whole HTTP message"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY_BYTES + 1), "longer than 256 KB"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, "no whole HTTP message"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, "no whole HTTP message"),
    ],
)
@on_loop
async def test_what_is_no_answer_is_said_in_words(answer: bytes, says: str) -> None:
    """Half of one, none, too much of it, garbage."""
    async with saying(answer) as said:
        assert says in await why(f"http://127.0.0.1:{said.port}/")


@on_loop
async def test_a_slow_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it has one bound: a server that says a little and waits too."""
    monkeypatch.setattr(module, "WITHIN_S", 0.1)
    for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"):
        async with saying(answer, ends=False) as said:
            assert await why(f"http://127.0.0.1:{said.port}/") == "no whole answer within 0.1 s"


@on_loop
async def test_nobody_there_and_no_such_name() -> None:
    """Which step failed stands in the sentence."""
    assert (await why(f"http://127.0.0.1:{free_ports()}/")).startswith("no connection: ")

    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    assert "not resolved" in await why("https://sso.example/", Fetcher(Names(nowhere)))


@pytest.mark.parametrize("url", ["http://sso.example/", "http://192.168.1.5/", "ftp://a/", "https://a b/", "x"])
@on_loop
async def test_without_tls_only_this_machine_is_asked(url: str) -> None:
    """Before anything is sent; an address that is none as well."""
    assert (await why(url)).startswith("its address is")


@on_loop
async def test_a_certificate_must_be_trusted(tmp_path: Path) -> None:
    """The city's authorities, and the name that was asked for."""
    authority = Authority(tmp_path)
    pair = authority.issue("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    async with saying(OK, context=context) as said:
        url = f"https://127.0.0.1:{said.port}/"
        assert (await Fetcher(context=authority.context())(url)).body == b"ok"
        assert "not to be trusted" in await why(url)


def test_what_this_machine_is() -> None:
    """Loopback addresses and their names, nothing else."""
    assert all(on_this_machine(host) for host in ("127.0.0.1", "localhost", "::1", "a.localhost"))
    assert not any(on_this_machine(host) for host in ("localhost.example", "10.0.0.1", "sso.example", ""))
