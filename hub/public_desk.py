"""`GET /v1/angka` and `/v1/angka.csv`: the public figures, for anybody.

A hub counts nothing: it asks the query process, one line each way, keeps the answer (compressed in a thread) for
`KEPT_S`, and asks again by then. However many want it meanwhile, one question is under way and all hear its answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Raw, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.contract import Public
from hub.directory import FIGURES_CSV, FIGURES_PATH, Directory, Reply
from hub.dispatch import refused
from hub.pages import Body, answer

KEPT_S: Final = 30.0
NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class File(Struct, frozen=True):
    """What the query process says where a file is asked for. `day`: up to which all is counted, in its name."""

    csv: str
    day: str


class Kept(Struct, frozen=True):
    """An answer that is good for a moment. `name`: of a file; empty: it is none."""

    at: float
    body: Body
    name: str = ""


class PublicFigures:
    """The routes of one city at one public hub.

    Args:
        public: what anybody may read, as the services say.
        city: its code, in the file's name. demo: said there too.
    """

    def __init__(self, directory: Directory, public: Sequence[Public], city: str, *, demo: bool) -> None:
        self._directory, self._public = directory, list(public)
        self._file = f"angka-{city}{'-demo' * demo}"
        self._kept: dict[str, Kept] = {}
        self._asking: dict[str, asyncio.Task[Kept | Reply]] = {}

    def routes(self) -> list[Route]:
        return [Route(FIGURES_PATH, self.figures), Route(FIGURES_CSV, self.figures)]

    async def figures(self, request: Request) -> Response:
        """200 all that is published; 304 to whoever has it already."""
        path = request.url.path
        found = self._fresh(path) or await self._once(path)
        if isinstance(found, Reply):
            return Response(bytes(found.body), found.status, NO_STORE, "application/json")
        response = answer(found.body, request.headers)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if found.name:
            response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
        return response

    def _fresh(self, path: str) -> Kept | None:
        known = self._kept.get(path)
        return known if known is not None and time.monotonic() < known.at + KEPT_S else None

    async def _once(self, path: str) -> Kept | Reply:
        """What is being asked, or a question of one's own."""
        if path not in self._asking:
            self._asking[path] = task = asyncio.ensure_future(self._asked(path))
            task.add_done_callback(lambda _: self._asking.pop(path))
        return await asyncio.shield(self._asking[path])

    async def _asked(self, path: str) -> Kept | Reply:
        """As the query process says it now, or why there is nothing."""
        reply = await self._directory.ask(msgspec.json.encode({"path": path, "public": self._public}) + b"\n")
        if reply is None:
            refusal = refused("unavailable", "the figures cannot be reached; try again", retry=True)
            return Reply(503, Raw(msgspec.json.encode(refusal.body())))
        if reply.status != 200:
            return reply
        kept = self._kept[path] = await asyncio.to_thread(self._made, path, bytes(reply.body))
        return kept

    def _made(self, path: str, said: bytes) -> Kept:
        if path != FIGURES_CSV:
            return Kept(time.monotonic(), Body(said, "application/json"))
        file = msgspec.json.decode(said, type=File)
        return Kept(time.monotonic(), Body(file.csv.encode(), "text/csv"), f"{self._file}-{file.day}.csv")
