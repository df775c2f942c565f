"""What is kept for flight mode: all that a page can load, under a version that changes with any of it."""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from starlette.requests import Request

from hub.app import PAGES, STATIC, TREE, WHOLE, places, services
from hub.errors import StartError
from hub.inline import whole
from hub.pages import Tree, tag_of
from hub.shell import Place, Shell, Worker, named, shell
from tests.hub.test_pages import GZIP, graph
from tests.support.http import http
from tests.support.live import on_loop, running_hub

PLACES = {place.name: place for place in places("")}


def kept(page: str) -> Shell:
    """What the hub lists for a page."""
    place = PLACES[page]
    first = whole(place.html(), TREE.read).html if page == "resident" else ""
    return shell(Place(place.name, place.address, place.file, first), TREE.read)


def told(script: bytes) -> dict[str, Any]:
    """The line before a worker's text."""
    found = re.match(r"const SHELL = (\{.*\});\n", script.decode())
    assert found
    said: dict[str, Any] = json.loads(found.group(1))
    return said


@pytest.mark.parametrize("page", PAGES.values())
def test_every_module_that_a_page_can_load_is_kept(page: str) -> None:
    """All of its folder and all that these import, now or later; but what stands in the resident's one answer."""
    files = kept(page).files
    inside = at_once("/static/resident/main.js") if page == "resident" else set()
    for joined in WHOLE.keys() & files.keys():
        inside |= at_once(joined) - set(WHOLE[joined])
    sheets = {f"/static/{page}/{path.name}" for path in (STATIC / page).glob("*.css")}
    wanted = {name for name in graph(page) if not name.endswith(".html")} | sheets | {f"/static/words/{page}/id.js"}
    assert sorted(wanted - set(files) - inside - {"/static/resident/resident.css"}) == []
    for name in files:
        if name.endswith(".js") and not name.startswith("/static/words/"):
            assert imports(name) - set(files) == set(), name


def imports(
    name: str, pattern: str = r"""(?:from|import\()\s*["']([\w./-]+\.js)""", read: Callable[[str], str] = TREE.read
) -> set[str]:
    """Addresses of the modules that one imports."""
    found = re.findall(pattern, read(name))
    return {posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in found}


def at_once(name: str) -> set[str]:
    """A module and all that run before it does."""
    found, todo = set(), [name]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += imports(one, r"""from\s*["']([\w./-]+\.js)""", TREE.plain)
    return found


@pytest.mark.parametrize("page", PAGES.values())
def test_nothing_else_is_kept(page: str) -> None:
    """No answer of the hub, no other page, no sound, no picture; each with the tag that the hub sends it with."""
    for address, tag in kept(page).files.items():
        assert address == PLACES[page].address or re.fullmatch(r"/(static|client)/.+\.(js|css|svg|geojson)", address), (
            address
        )
        if address != PLACES[page].address:
            assert tag == tag_of(TREE.read(address))


def test_names_are_found_however_they_are_loaded() -> None:
    """Imported, imported later by a name from a table, fetched, drawn with, or in a sheet; a pattern is no name."""
    text = """
      import { a } from "./a.js";
      const PARTS = { "#one": "./one.js", two: '../shared/two.js' };
      await import(`/client/kentongan.js${again}`); await import("/static/b.js?1");
      import(`/static/words/${own}/${tongue}.js`); fetch("/static/data/x.geojson"); fetch("/v1/config.js");
      src = "/static/sounds/a.wav"; url(/static/drum.svg) url("./c.css")
    """
    assert named("/static/page/main.js", text) == [
        *("/static/page/a.js", "/static/page/one.js", "/static/shared/two.js", "/client/kentongan.js", "/static/b.js"),
        *("/static/data/x.geojson", "/static/drum.svg", "/static/page/c.css"),
    ]


def test_a_name_without_a_file_is_an_error(tmp_path: Path) -> None:
    """One sentence says who names it."""
    (tmp_path / "index.html").write_text('<script type="module" src="/static/gone.js"></script>')
    with pytest.raises(StartError, match=r"/x: expected the name of a file that is there, got '/static/gone.js'"):
        shell(Place("x", "/x", tmp_path / "index.html"), TREE.read)


def test_the_version_changes_with_any_file_and_with_the_policy() -> None:
    """The same files have the same version at every hub."""
    one = Shell("x", "/x", {"/x": "a", "/static/x.js": "b"})
    same = Shell("x", "/x", {"/static/x.js": "b", "/x": "a"})
    other = Shell("x", "/x", {"/x": "a", "/static/x.js": "c"})
    versions = [told(line.encode())["version"] for line in (one.line(), same.line(), other.line(), one.line("policy"))]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3


@on_loop
async def test_every_page_has_its_worker(valkey_url: str) -> None:
    """Beside the page, for its own address alone; its tags are those that files are sent with, the words' too."""
    async with running_hub(valkey_url, carried=services()) as hub:
        for place in places(""):
            status, headers, script = await http(hub.port, "GET", place.beside("sw.js"))
            assert (status, headers["service-worker-allowed"]) == (200, place.address)
            assert headers["cache-control"] == "no-cache"
            said = told(script)
            assert (said["page"], said["address"]) == (place.name, place.address)
            for address in (place.address, f"/static/words/{place.name}/id.js", "/client/kentongan.js"):
                etag = (await http(hub.port, "GET", address, headers=GZIP))[1]["etag"]
                assert said["files"][address] in etag
        assert (await http(hub.port, "GET", "/demo/sw.js"))[0] == 404


@on_loop
async def test_a_worker_is_made_anew_when_a_file_has_changed() -> None:
    """Under a running hub too: the next look sees another version, and without a change the same bytes."""
    with TemporaryDirectory() as folder:
        static = Path(folder)
        for name, text in SMALL.items():
            (static / name).parent.mkdir(exist_ok=True)
            (static / name).write_text(text)
        place = Place("x", "/x", static / "x" / "index.html")
        worker = Worker(place, Tree(static, static, {}), static / "shared" / "worker.js", "policy")
        first, again = await script(worker), await script(worker)
        assert first == again
        assert first.endswith(b"run();\n")
        for name in ("x/x.js", "x/index.html", "shared/worker.js"):
            (static / name).write_text(SMALL[name] + "<!-- -->\n")
            os.utime(static / name, ns=(1, len(name)))
            changed = await script(worker)
            assert told(changed)["version"] != told(first)["version"], name
            first = changed


SMALL = {
    "x/index.html": '<script type="module" src="/static/x/x.js"></script>\n',
    "x/x.js": 'import words from "/static/words/x/id.js";\n',
    "words/id.js": "export default {\n  x: {\n  },\n  y: {\n  },\n};\n",
    "words/pages.json": '{"x": ["x"]}',
    "shared/worker.js": "run();\n",
}


async def script(worker: Worker) -> bytes:
    answer = await worker.text(Request({"type": "http", "method": "GET", "headers": []}))
    return bytes(answer.body)
