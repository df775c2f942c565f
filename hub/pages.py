"""The pages' files as they go over a phone's network: compressed once, asked about again by tag, words by page.

Every text file is sent gzipped to whoever takes it; the compressed bytes are kept until the file changes. A page's
words are its own sections of the one file of a language (`/static/words/<page>/<language>.js`), as
`static/words/pages.json` says: a resident does not load what the dispatcher reads.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from hub.inline import served
from hub.told import Told, same

TEXT: Final = frozenset({".html", ".js", ".css", ".svg", ".json", ".geojson", ".txt"})
SPOKEN: Final = frozenset({".html", ".js", ".json"})
"""Those in which a city has its own name and numbers."""
LEVEL: Final = 9
TAG: Final = 20
LEAST: Final = 256
"""Bytes below which compressing gains nothing."""
SECTION: Final = re.compile(r"^  (\w+): \{\n.*?^  \},\n", re.MULTILINE | re.DOTALL)
WORDS: Final = re.compile(r"/static/words/(\w+)/(\w+)\.js")
ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
"""Kept by the browser, and asked about before use: a new version is seen at once, an old one costs one small answer."""


COMMENT: Final = re.compile(r"^[ \t]*(?://.*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n|^[ \t]*\n", re.MULTILINE)
"""Lines that are nothing but comment, and empty ones: a quarter of what a phone would load, read by nobody there."""


def lean(text: str) -> str:
    """A script or style without the lines that say nothing to a browser."""
    return COMMENT.sub("", text)


class Files(StaticFiles):
    """A folder of files; compressed where that helps and the asker takes it.

    Args:
        told: what a city makes of a page's text (`hub.told`).
    """

    def __init__(self, folder: Path, told: Told = same) -> None:
        super().__init__(directory=folder)
        self._told = told
        self._kept: dict[str, tuple[int, Body]] = {}

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        path = Path(full_path)
        if path.suffix not in TEXT:
            response = super().file_response(full_path, stat_result, scope, status_code)
            response.headers.update(ASK_AGAIN)
            return response
        return answer(self._body(path, stat_result), Headers(scope=scope))

    def _body(self, path: Path, stat: os.stat_result) -> Body:
        known = self._kept.get(str(path))
        if known is None or known[0] != stat.st_mtime_ns:
            known = self._kept[str(path)] = (stat.st_mtime_ns, Body(self._text(path).encode(), _type_of(path)))
        return known[1]

    def _text(self, path: Path) -> str:
        text = text_of(path)
        return self._told(text) if path.suffix in SPOKEN else text

    def page(self, path: Path) -> Callable[[Request], Awaitable[Response]]:
        """A route that answers with one file of this folder."""

        async def one(request: Request) -> Response:
            return self.file_response(path, os.stat(path), request.scope)

        return one


def fixed(text: str, type_: str = "text/html") -> Callable[[Request], Awaitable[Response]]:
    """A route that answers with one text as it was when it was made."""
    body = Body(text.encode(), type_)

    async def one(request: Request) -> Response:
        return answer(body, request.headers)

    return one


def text_of(path: Path) -> str:
    """A text file as it is sent."""
    text = path.read_text("utf-8")
    return lean(text) if path.suffix in (".js", ".css") else text


class Tree:
    """The pages' files by the address at which browsers ask for them.

    Args:
        joined: modules that are sent as one file with all that they import, but for these.
        told: what a city makes of a page's text (`hub.told`).
        made: address -> text of what is no file: the city's kelurahan.
    """

    def __init__(
        self,
        static: Path,
        client: Path,
        joined: Mapping[str, Sequence[str]],
        told: Told = same,
        made: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._static, self._client, self._joined = static, client, joined
        self.told, self._made = told, made
        self._sent: dict[str, str] = {}

    @cached_property
    def _sections(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads((self._static / "words" / "pages.json").read_text("utf-8"))
        return found

    def path(self, address: str) -> Path:
        """Where the text behind an address stands."""
        words = WORDS.fullmatch(address)
        if words:
            return self._static / "words" / f"{words.group(2)}.js"
        base = self._client if address.startswith("/client/") else self._static
        return base / address.split("/", 2)[2]

    def read(self, address: str) -> str:
        """The text that is sent from an address; what is joined stays as it was when it was first asked for.

        Raises:
            OSError: there is none.
        """
        if address not in self._joined:
            return self.plain(address)
        if address not in self._sent:
            self._sent[address] = served(address, self.plain, self._joined[address])
        return self._sent[address]

    def plain(self, address: str) -> str:
        """The text of one file alone. Raises OSError where there is none."""
        if address in self._made:
            return self._made[address]
        words, path = WORDS.fullmatch(address), self.path(address)
        text = cut(path.read_text("utf-8"), self._sections[words.group(1)]) if words else text_of(path)
        return self.told(text) if path.suffix in SPOKEN and not address.startswith("/client/") else text


class Words:
    """`/static/words/<page>/<language>.js`: a language's file cut down to the sections that a page reads."""

    def __init__(self, folder: Path, told: Told = same) -> None:
        self._folder, self._told = folder, told
        self._pages: dict[str, list[str]] = json.loads((folder / "pages.json").read_text("utf-8"))
        self._kept: dict[tuple[str, str], tuple[int, Body]] = {}

    async def words(self, request: Request) -> Response:
        page, language = request.path_params["page"], request.path_params["language"]
        path = self._folder / f"{language}.js"
        if page not in self._pages or not re.fullmatch(r"[a-z]{2}", language) or not path.is_file():
            raise HTTPException(404)
        changed = path.stat().st_mtime_ns
        known = self._kept.get((page, language))
        if known is None or known[0] != changed:
            body = Body(self._told(cut(path.read_text("utf-8"), self._pages[page])).encode(), "text/javascript")
            known = self._kept[page, language] = (changed, body)
        return answer(known[1], request.headers)


def cut(text: str, sections: list[str]) -> str:
    """A file of words with these sections alone, in the file's order; a section that it has not is left out."""
    found = [match.group() for match in SECTION.finditer(text) if match.group(1) in sections]
    return f"export default {{\n{''.join(found)}}};\n"


class Body:
    """A text, and the same compressed; what it is known by."""

    def __init__(self, plain: bytes, type_: str) -> None:
        self.plain, self.type = plain, f"{type_}; charset=utf-8"
        self.packed = gzip.compress(plain, LEVEL, mtime=0) if len(plain) >= LEAST else None
        self.tag = tag_of(plain)


def tag_of(text: str | bytes) -> str:
    """What an unchanged text is known by, here and at any other hub."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()[:TAG]


def answer(body: Body, asked: Headers) -> Response:
    """The compressed text where it is taken; nothing but "not modified" to who has it already."""
    packed = body.packed is not None and _takes_gzip(asked.get("accept-encoding", ""))
    tag = f'"{body.tag}-gz"' if packed else f'"{body.tag}"'
    headers: dict[str, Any] = {**ASK_AGAIN, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in (one.strip().removeprefix("W/") for one in asked.get("if-none-match", "").split(",")):
        return NotModifiedResponse(Headers(headers))
    if packed:
        return Response(body.packed, media_type=body.type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(body.plain, media_type=body.type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    for one in accepted.split(","):
        name, _, quality = one.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _type_of(path: Path) -> str:
    if path.suffix == ".js":
        return "text/javascript"
    if path.suffix in (".geojson", ".json"):
        return "application/json"
    return mimetypes.guess_type(path.name)[0] or "text/plain"
