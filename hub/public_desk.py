"""`GET /v1/angka` and `/v1/angka.csv`: the public figures, for anybody.

A hub counts nothing: it asks the query process, one line each way, keeps the answer (compressed in a thread) for
`KEPT_S`, and asks again by then, however many want it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.contract import Public
from hub.directory import FIGURES_CSV, FIGURES_PATH, Directory
from hub.dispatch import refused
from hub.pages import Body, answer

KEPT_S: Final = 30.0
NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class File(Struct, frozen=True):
    """What the query process says where a file is asked for."""

    csv: str


class PublicFigures:
    """The routes of one city at one public hub.

    Args:
        public: what anybody may read, as the services say.
        city: its code, in the file's name. demo: said there too.
    """

    def __init__(self, directory: Directory, public: Sequence[Public], city: str, *, demo: bool) -> None:
        self._directory, self._public = directory, list(public)
        self._file = f"angka-{city}{'-demo' * demo}.csv"
        self._kept: dict[str, tuple[float, Body]] = {}
        self._asking = asyncio.Lock()

    def routes(self) -> list[Route]:
        return [Route(FIGURES_PATH, self.figures), Route(FIGURES_CSV, self.figures)]

    async def figures(self, request: Request) -> Response:
        """200 all that is published; 304 to whoever has it already."""
        path = request.url.path
        known = self._kept.get(path)
        if known is None or time.monotonic() >= known[0] + KEPT_S:
            async with self._asking:
                found = await self._asked(path)
            if isinstance(found, Response):
                return found
            known = (0.0, found)
        response = answer(known[1], request.headers)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if path == FIGURES_CSV:
            response.headers["Content-Disposition"] = f'attachment; filename="{self._file}"'
        return response

    async def _asked(self, path: str) -> Body | Response:
        """As it was asked for at most `KEPT_S` ago, or why there is nothing."""
        known = self._kept.get(path)
        if known is not None and time.monotonic() < known[0] + KEPT_S:
            return known[1]
        reply = await self._directory.ask(msgspec.json.encode({"path": path, "public": self._public}) + b"\n")
        if reply is None:
            refusal = refused("unavailable", "the figures cannot be reached; try again", retry=True)
            return Response(msgspec.json.encode(refusal.body()), 503, NO_STORE, "application/json")
        if reply.status != 200:
            return Response(bytes(reply.body), reply.status, NO_STORE, "application/json")
        if path == FIGURES_CSV:
            made = await asyncio.to_thread(_file, bytes(reply.body))
        else:
            made = await asyncio.to_thread(Body, bytes(reply.body), "application/json")
        self._kept[path] = (time.monotonic(), made)
        return made


def _file(body: bytes) -> Body:
    return Body(msgspec.json.decode(body, type=File).csv.encode(), "text/csv")
