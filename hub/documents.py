"""`/v1/openapi.json`, `/v1/asyncapi.json` and `/docs`: what a hub speaks, from the types that it speaks in.

Made when somebody asks for the first time, then kept: they change with the program and with nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.asyncapi import asyncapi
from hub.catalog import Faces, commands, topics
from hub.docs_page import page, words_of
from hub.frames import FROM_CLIENT, FROM_HUB
from hub.openapi import http_types, openapi
from hub.pages import SECTION, fixed
from hub.schema import Schemas
from hub.services import Services

JSON: Final = "application/json"
PATHS: Final = ("/v1/openapi.json", "/v1/asyncapi.json", "/docs")
Answering = Callable[[Request], Awaitable[Response]]


class Source(Struct, frozen=True):
    """What the documents are made from.

    Args:
        hosts: base addresses of the public and of the help hub.
        static: the pages' files, for the frame of `/docs` and its headings.
    """

    services: Services
    faces: Faces
    city: str
    hosts: tuple[str, str]
    static: Path


class Documents:
    """The routes of one hub. Whoever asks first waits a moment; nobody else does: they are made in a thread."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._making: asyncio.Future[dict[str, Answering]] | None = None

    def routes(self) -> list[Route]:
        return [Route(path, self.answer) for path in PATHS]

    async def answer(self, request: Request) -> Response:
        """One of the three; 304 to whoever has it already."""
        if self._making is None:
            self._making = asyncio.ensure_future(asyncio.to_thread(texts, self._source))
        return await (await asyncio.shield(self._making))[request.url.path](request)


def texts(source: Source) -> dict[str, Answering]:
    """Both documents and the page, by path."""
    both = made(source)
    words = {found[1]: found[0] for found in SECTION.finditer((source.static / "words" / "id.js").read_text("utf-8"))}
    html = page(*both, (source.static / "docs" / "index.html").read_text("utf-8"), words_of(words["docs"]))
    bodies = [fixed(msgspec.json.encode(one).decode(), JSON) for one in both]
    return dict(zip(PATHS, [*bodies, fixed(html)], strict=True))


def made(source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both documents; the names of their schemas are the same."""
    asked, shown = commands(source.services), topics(source.services, source.faces)
    data = [one.spec.data for one in asked]
    answers = [source.faces.answers[one.cmd] for one in asked if one.cmd in source.faces.answers]
    views = [view for one in shown for view in one.views]
    frames = [*FROM_CLIENT.values(), *FROM_HUB.values()]
    schemas = Schemas([*data, *answers, *views, *frames, *http_types()])
    title = f"Kentongan, {source.city}"
    return (
        openapi(asked, source.faces, schemas, title),
        asyncapi(asked, shown, source.faces, schemas, title, source.hosts),
    )
