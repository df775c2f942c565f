"""One HTTP request at a time, on a connection of its own, with every header the test's own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from hub import wire

Frame = dict[str, Any]
ANSWERED_S = 5.0


async def http(
    port: int,
    method: str,
    path: str,
    body: bytes | Frame | None = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, str], Any]:
    """One HTTP request on a connection of its own: (status, headers, body; decoded when it is JSON)."""
    payload = wire.encode(body, "json") if isinstance(body, dict) else body or b""
    fields = {"Host": f"127.0.0.1:{port}", "Connection": "close"}
    if body is not None:
        fields |= {"Content-Length": str(len(payload)), "Content-Type": "application/json"}
    if token is not None:
        fields["Authorization"] = f"Bearer {token}"
    fields |= headers or {}
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in fields.items()), "", ""])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + payload)
        await writer.drain()
        async with asyncio.timeout(ANSWERED_S):
            answer = await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    top, _, rest = answer.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        found[key] = f"{found[key]}\n{value.strip()}" if key in found else value.strip()
    if found.get("transfer-encoding") == "chunked":
        rest = unchunked(rest)
    kind = found.get("content-type", "")
    decoded: Any = wire.decode(rest, "json") if kind.startswith("application/json") else rest
    return int(first.split(" ", 2)[1]), found, decoded


def unchunked(data: bytes) -> bytes:
    whole = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        whole += data[:length]
        data = data[length + 2 :]
    return whole
