"""One HTTP/1.1 request with a JSON body, on asyncio streams: what a client needs beside its sockets.

Source: RFC 9112 (message format; chunked coding in section 7.1).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

MAX_BODY_BYTES: Final = 4 * 1024 * 1024
MAX_HEADERS: Final = 100


class HttpError(OSError):
    """The peer's bytes are no answer."""


class Answer(NamedTuple):
    """A status and the decoded body, `{}` for one that is no JSON object."""

    status: int
    body: dict[str, Any]


async def request(
    method: str, url: str, body: dict[str, Any] | None = None, *, token: str | None = None, limit_s: float = 10.0
) -> Answer:
    """Send one request on a connection of its own.

    Args:
        token: goes as `Authorization: Bearer`.
        limit_s: seconds until the whole answer must be there.

    Raises:
        OSError: no connection, no answer (`HttpError`), or too late (`TimeoutError`).
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    data = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/json", "Connection: close"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(data)}"]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    async with asyncio.timeout(limit_s):
        reader, writer = await asyncio.open_connection(host, parts.port or (443 if secure else 80), ssl=secure or None)
        try:
            writer.write(head + data)
            await writer.drain()
            return await _answer(reader)
        except (asyncio.IncompleteReadError, ValueError) as exc:
            raise HttpError(f"expected an HTTP answer from {parts.netloc}, got {exc}") from exc
        finally:
            writer.close()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    words = (await reader.readline()).split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        raise HttpError("expected an HTTP status line, got none")
    status = int(words[1])
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADERS):
        line = (await reader.readline()).decode("latin-1").strip()
        if not line:
            break
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raw = await _body(reader, headers)
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        body = {}
    return Answer(status, body if isinstance(body, dict) else {})


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        size = int(headers["content-length"])
        if size > MAX_BODY_BYTES:
            raise HttpError(f"expected at most {MAX_BODY_BYTES} bytes, got {size}")
        return await reader.readexactly(size)
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.read(MAX_BODY_BYTES)
    pieces: list[bytes] = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        if size + sum(map(len, pieces)) > MAX_BODY_BYTES:
            raise HttpError(f"expected at most {MAX_BODY_BYTES} bytes, got more")
        pieces.append(await reader.readexactly(size))
        await reader.readline()
    return b"".join(pieces)
