from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from clients.http import Answer, HttpError, request

pytestmark = pytest.mark.asyncio

JSON = b'{"ok": true}'


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says one thing and keeps what it was asked."""
    asked: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
        asked.append(head + await reader.readexactly(size))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 12\r\n\r\n" + JSON,
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n" + JSON[:5] + b"\r\n7;x=1\r\n" + JSON[5:] + b"\r\n0\r\n\r\n",
        b"\r\n" + JSON,
    ],
    ids=["length", "chunked", "to the end"],
)
async def test_body_forms(body: bytes) -> None:
    """A body is read by its length, in chunks, or to the connection's end."""
    async with answering(b"HTTP/1.1 200 OK\r\n" + body) as (url, _):
        assert await request("GET", url + "/v1/config") == Answer(200, {"ok": True})


async def test_what_is_sent() -> None:
    """A body goes as JSON with its length, a token as `Authorization: Bearer`."""
    async with answering(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}") as (url, asked):
        answer = await request("POST", url + "/v1/commands?a=b", {"id": "x"}, token="k1.secret")
    assert answer.status == 409
    assert asked[0].startswith(b"POST /v1/commands?a=b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Bearer k1.secret\r\n" in asked[0]
    assert asked[0].endswith(b'Content-Length: 11\r\n\r\n{"id": "x"}')


@pytest.mark.parametrize(
    "answer",
    [b"", b"SMTP ready\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", b"HTTP/1.1 x OK\r\n\r\n"],
)
async def test_no_answer(answer: bytes) -> None:
    """Bytes that are no whole answer are an `HttpError`, which is an `OSError`."""
    async with answering(answer) as (url, _):
        with pytest.raises(HttpError):
            await request("GET", url)


async def test_too_large() -> None:
    """A body over 4 MB is not read."""
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n") as (url, _):
        with pytest.raises(HttpError, match="at most"):
            await request("GET", url)


@pytest.mark.parametrize("body", [b"<html>", b"[1]"])
async def test_no_json_object(body: bytes) -> None:
    """A body that is no JSON object reads as an empty one."""
    async with answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n" + body) as (url, _):
        assert await request("GET", url) == Answer(502, {})


async def test_nobody_there() -> None:
    """A closed port is an `OSError`."""
    with pytest.raises(OSError, match="Connect"):
        await request("GET", "http://127.0.0.1:9")
