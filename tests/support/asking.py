"""Ask a query process as a hub does: one line there, one line back."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from hub.address import Address
from workers.answering import Answers, Listener
from workers.search import Index

ANSWERED_S = 5.0
KELURAHAN = frozenset({"kranggan", "miji"})


async def asked(path: Path | str, line: bytes) -> bytes:
    """What comes back for these bytes, until an end of line or of the connection."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        writer.write(line)
        async with asyncio.timeout(ANSWERED_S):
            return await reader.readline()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def ask(path: Path | str, what: str = "/v1/shops", **params: str) -> tuple[int, dict[str, Any]]:
    """(status, body) of one question."""
    line = json.dumps({"path": what, "params": list(params.items())}).encode() + b"\n"
    reply = json.loads(await asked(path, line))
    return reply["status"], reply["body"]


@contextlib.asynccontextmanager
async def listening(address: Address, index: Index | None, now: int = 0) -> AsyncIterator[Listener]:
    """A query process's socket over one index, without the following."""
    listener = Listener(address, Answers(lambda: index, lambda: now, KELURAHAN))
    await listener.open()
    try:
        yield listener
    finally:
        await listener.close()
