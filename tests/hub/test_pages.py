"""The pages' files: compressed, asked about by tag, and the words of a page."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from hub.app import STATIC, TREE, services
from hub.pages import COMMENT, SECTION, cut, lean
from tests.support.http import http
from tests.support.live import on_loop, running_hub

ROOT = STATIC.parent
WORDS = STATIC / "words"
SECTIONS: dict[str, list[str]] = json.loads((WORDS / "pages.json").read_text("utf-8"))
GZIP = {"Accept-Encoding": "br, gzip;q=0.8"}
IMPORT = re.compile(r"""(?:from\s+|import\s*\(\s*|import\s+)["']([^"']+)["']""")
USED = re.compile(r"""(?:words?\([^)]*?["`]|data-word[a-z-]*=")([a-z]+)\.[a-z]""")


def graph(page: str) -> dict[str, str]:
    """Address -> text of every module that a page can load, and of the page itself."""
    index = (STATIC / page / "index.html").read_text("utf-8")
    found, todo = {f"/static/{page}/index.html": index}, re.findall(r'type="module" src="([^"]+)"', index)
    # Parts that a page imports by a name it puts together: all modules of its folder.
    todo += [f"/static/{page}/{path.name}" for path in (STATIC / page).glob("*.js")]
    while todo:
        address = todo.pop()
        if address in found or address.startswith("/static/words/"):
            continue
        base = ROOT / "clients" / "js" if address.startswith("/client/") else STATIC
        path = base / address.removeprefix("/client/").removeprefix("/static/")
        found[address] = re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        for name in IMPORT.findall(found[address]):
            todo.append(name if name.startswith("/") else str(Path(address).parent / name).replace("/./", "/"))
    return found


@pytest.mark.parametrize("page", SECTIONS)
def test_a_page_gets_every_section_that_it_reads(page: str) -> None:
    """Whatever words a page's own modules name are in its part of the file, and no section is carried for nothing."""
    used = {section for text in graph(page).values() for section in USED.findall(text)}
    assert used <= set(SECTIONS[page]), page
    assert used, page


def test_the_sections_of_a_page_are_those_of_the_one_file() -> None:
    """Cutting takes whole sections, in order, and all of them together are the file."""
    whole = (WORDS / "id.js").read_text("utf-8")
    names = [match.group(1) for match in SECTION.finditer(whole)]
    assert {name for sections in SECTIONS.values() for name in sections} == set(names)
    assert cut(whole, names).splitlines()[1:] == whole[whole.index("export default {") :].splitlines()[1:]
    part = cut(whole, ["van", "common"])
    assert [match.group(1) for match in SECTION.finditer(part)] == ["common", "van"]


@on_loop
async def test_words_are_cut_for_a_page(valkey_url: str) -> None:
    """The resident's phone gets its own sections; an unknown page or language is 404, never another file."""
    async with running_hub(valkey_url, carried=services()) as hub:
        status, headers, body = await http(hub.port, "GET", "/static/words/resident/id.js")
        assert status == 200
        assert headers["content-type"].startswith("text/javascript")
        text = body.decode()
        assert text.startswith("export default {\n  common: {")
        assert "\n  resident: {" in text
        assert "\n  dispatch: {" not in text
        for path in ("nobody/id.js", "resident/xx.js", "resident/%2e%2e.js", "resident/pages.js"):
            assert (await http(hub.port, "GET", f"/static/words/{path}"))[0] == 404, path
        assert (await http(hub.port, "GET", "/static/words/id.js"))[0] == 200


def test_a_file_is_read_by_the_address_that_browsers_use() -> None:
    """As it is sent: a page's words cut, a script without its comments, the client from its own folder."""
    assert TREE.read("/static/words/van/id.js") == cut((WORDS / "id.js").read_text("utf-8"), SECTIONS["van"])
    assert TREE.read("/client/http.js") == lean((ROOT / "clients" / "js" / "http.js").read_text("utf-8"))
    with pytest.raises(OSError, match="gone"):
        TREE.read("/static/van/gone.js")


@on_loop
async def test_text_is_compressed_for_who_takes_it(valkey_url: str) -> None:
    """The same bytes either way, marked as they are; a picture or a sound goes as it is."""
    async with running_hub(valkey_url, carried=services()) as hub:
        for path in ("/", "/sw.js", "/static/resident/main.js", "/client/kentongan.js", "/static/words/medic/id.js"):
            plain = await http(hub.port, "GET", path)
            packed = await http(hub.port, "GET", path, headers=GZIP)
            assert plain[0] == packed[0] == 200
            assert "content-encoding" not in plain[1]
            assert packed[1]["content-encoding"] == "gzip"
            assert "accept-encoding" in packed[1]["vary"].lower()
            assert gzip.decompress(packed[2]) == plain[2], path
            assert len(packed[2]) < len(plain[2])
        refused = await http(hub.port, "GET", "/", headers={"Accept-Encoding": "gzip;q=0, br"})
        assert "content-encoding" not in refused[1]
        sound = await http(hub.port, "GET", "/static/sounds/beat.wav", headers=GZIP)
        assert sound[0] == 200
        assert "content-encoding" not in sound[1]


@on_loop
async def test_what_a_phone_has_is_not_sent_again(valkey_url: str) -> None:
    """Asked by its tag, an unchanged file is 304 without a body; HEAD says the length and sends nothing."""
    async with running_hub(valkey_url, carried=services()) as hub:
        for path in ("/", "/static/resident/main.js", "/static/words/resident/id.js"):
            _, first, _ = await http(hub.port, "GET", path, headers=GZIP)
            assert first["cache-control"] == "no-cache"
            again = await http(hub.port, "GET", path, headers={**GZIP, "If-None-Match": first["etag"]})
            assert (again[0], again[2]) == (304, b"")
            other = await http(hub.port, "GET", path, headers={"If-None-Match": first["etag"]})
            assert other[0] == 200
            head = await http(hub.port, "HEAD", path, headers=GZIP)
            assert (head[0], head[2], head[1]["content-length"]) == (200, b"", first["content-length"])


def test_only_whole_lines_of_comment_are_left_out() -> None:
    """What stands beside code, in a text or in a rule stays."""
    text = 'a(); // why\n\n// gone\n  /** gone\n   * too */\nconst u = "http://x"; /* stays */\n  /* gone */\nb();\n'
    assert lean(text) == 'a(); // why\nconst u = "http://x"; /* stays */\nb();\n'


def test_no_line_inside_a_text_looks_like_a_comment() -> None:
    """A template literal over several lines would lose it: before every comment all backticks are closed."""
    for path in [*STATIC.rglob("*.js"), *(ROOT / "clients" / "js").rglob("*.js")]:
        text = path.read_text("utf-8")
        for match in COMMENT.finditer(text):
            before = re.sub(r"//.*", "", lean(text[: match.start()]))
            assert before.count("`") % 2 == 0, f"{path.name}: {match.group()!r}"
