"""What a page needs in flight mode: the list of its files, their version, and the service worker that keeps them.

Each page has a worker of its own, whose scope is the page's address. A push subscription belongs to a registration:
with one worker at `/` for all pages, signing out of the shop would take the medic's ring from the same phone. And
each page keeps its own files alone: a resident's phone does not load the desks.

The text is one (`static/shared/worker.js`); before it stands one line of what is this page's: every file that it can
come to load, with its tag, read out of the page and its modules. Nobody keeps that list by hand, and a change in any
file changes the line: a browser that asks for the worker again, as it does at every load, sees a new one.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from hub.errors import StartError
from hub.pages import Body, Tree, answer, tag_of, text_of
from hub.told import Told, same

NAMED: Final = re.compile(
    r"""(?:["'`]|url\()((?:/static/|/client/|\.\.?/)[\w./-]+\.(?:js|css|svg|geojson))(?=["'`)$?#])"""
)
"""A file that is named in a page, module or sheet: imported, or only written down to be loaded later."""
READ_ON: Final = (".js", ".css")


class Place(Struct, frozen=True):
    """A page that can be kept: its name, its address, its file.

    Args:
        whole: the text that is sent instead, for the page that stands in one answer.
        told: what a city makes of a page's text (`hub.told`).
    """

    name: str
    address: str
    file: Path
    whole: str = ""
    told: Told = same

    def html(self) -> str:
        return self.whole or self.told(text_of(self.file))

    def beside(self, name: str) -> str:
        """The address of a file that belongs to this page: `/sw.js`, `/medic/sw.js`."""
        return f"{self.address.rstrip('/')}/{name}"


class Shell(Struct, frozen=True):
    """What of a page is kept: address -> tag, the page itself among them."""

    page: str
    address: str
    files: dict[str, str]

    def line(self, more: str = "") -> str:
        """This page's line before the worker's text. The version changes with any file, and with `more`."""
        whole = json.dumps([self.files, more], sort_keys=True)
        told = {
            "page": self.page,
            "address": self.address,
            "version": hashlib.sha256(whole.encode()).hexdigest()[:12],
            "words": f"/static/words/{self.page}/",
            "files": self.files,
        }
        return f"const SHELL = {json.dumps(told, separators=(',', ':'))};\n"


def shell(place: Place, read: Callable[[str], str]) -> Shell:
    """The page and every file that it, or one of these files, names.

    Raises:
        StartError: a file that is named is not there.
    """
    html = place.html()
    texts = {place.address: html}
    todo = [(place.address, name) for name in named(place.address, html)]
    while todo:
        by, name = todo.pop()
        if name in texts:
            continue
        try:
            texts[name] = read(name)
        except OSError:
            raise StartError(f"{by}: expected the name of a file that is there, got {name!r}") from None
        if name.endswith(READ_ON):
            todo += [(name, more) for more in named(name, texts[name])]
    return Shell(place.name, place.address, {name: tag_of(texts[name]) for name in sorted(texts)})


def named(address: str, text: str) -> list[str]:
    """The addresses of all files that a text names; relative ones as seen from its own address."""
    return [posixpath.normpath(posixpath.join(posixpath.dirname(address), name)) for name in NAMED.findall(text)]


class Worker:
    """The service worker of one page, made when it is first asked for, and anew when one of the files has changed.

    Args:
        source: the text that all workers share.
        more: what else makes a copy old: the policy that pages are sent with.
    """

    def __init__(self, place: Place, tree: Tree, source: Path, more: str) -> None:
        self._place, self._tree, self._source, self._more = place, tree, source, more
        self._paths: list[Path] = []
        self._made_of: list[int] = []
        self._body: Body | None = None

    def _make(self) -> Body:
        kept = shell(self._place, self._tree.read)
        names = [name for name in kept.files if name != self._place.address]
        self._paths = [self._source, self._place.file, *map(self._tree.path, names)]
        self._made_of = self._stamps()
        text = text_of(self._source)
        return Body((kept.line(self._more + text) + text).encode(), "text/javascript")

    def _stamps(self) -> list[int]:
        # some 70 looks at the disk, 0.2 ms: a file that was changed under a running hub is seen at the next load
        return [path.stat().st_mtime_ns if path.exists() else 0 for path in self._paths]

    async def text(self, request: Request) -> Response:
        """The route that answers with it."""
        if self._body is None or self._made_of != self._stamps():
            self._body = self._make()
        response = answer(self._body, request.headers)
        response.headers["Service-Worker-Allowed"] = self._place.address
        return response
