"""The documents' page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from hub.app import STATIC, HubOptions, services, source
from hub.docs_page import page, words_of
from hub.documents import made
from hub.pages import SECTION
from hub.settings import Settings

BOTH = made(source(HubOptions("public", "", 8000, 8000, 8001, Settings()), services()))
FRAME = (STATIC / "docs" / "index.html").read_text("utf-8")
WORDS = words_of({one[1]: one[0] for one in SECTION.finditer((STATIC / "words/id.js").read_text("utf-8"))}["docs"])
HTML = page(*BOTH, FRAME, WORDS)


class Reader(HTMLParser):
    """Ids and links of a page; every tag must be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids += [id_] if (id_ := named.get("id")) else []
        self.links += [link] if (link := named.get("href")) else []
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read() -> Reader:
    reader = Reader()
    reader.feed(HTML)
    return reader


def test_it_is_whole_html() -> None:
    """Tags are closed, ids are there once, every link within leads somewhere, and no heading lacks its word."""
    reader = read()
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    assert "data-word" not in HTML
    assert "<!--" not in HTML


def test_it_needs_no_script_and_nobody_else() -> None:
    """No script, no style of its own, nothing from another host."""
    assert "<script" not in HTML
    assert "style=" not in HTML
    assert all(link[0] in "#/" or link == "data:," for link in read().links)


def test_it_holds_everything() -> None:
    """Every route, command, topic, shape and code of the documents can be read there."""
    openapi, asyncapi = BOTH
    text = re.sub(r"<[^>]+>", "", HTML)
    for path in openapi["paths"]:
        assert path in text
    for channel in asyncapi["channels"].values():
        assert channel["address"] in text
    for name in asyncapi["components"]["schemas"]:
        assert f'id="shape-{name}"' in HTML
    for one in openapi["x-refusals"]:
        assert one["code"] in text
    assert "resident, dispatcher; at a desk only medic" in text
    assert "seller only of their own shop" in text


def test_a_heading_without_a_word_is_an_error() -> None:
    """A page is never served with an empty heading."""
    with pytest.raises(KeyError):
        page(*BOTH, FRAME, {})


def test_words_keep_their_quotes() -> None:
    """A word is read as the pages read it."""
    assert words_of('  docs: {\n    a: "satu \\"dua\\"", b: "tiga",\n  },\n') == {"a": 'satu "dua"', "b": "tiga"}
