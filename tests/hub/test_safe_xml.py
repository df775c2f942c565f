"""XML from strangers: a small tree, or a named refusal."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as Tree

import pytest

from hub.errors import DataError
from hub.safe_xml import MAX_DEPTH, MAX_ELEMENTS, put, read, written, written_time

NS = "urn:x"


def doc(inside: str, head: str = "") -> bytes:
    return f'{head}<a xmlns="{NS}">{inside}</a>'.encode()


def test_a_tree_knows_where_everything_stands() -> None:
    """Paths count from the second element of a name; text is stripped; other namespaces keep theirs."""
    root = read(doc('<b> x &amp; y </b><b><c/></b><d xmlns="urn:other">z</d>'), "a", NS)
    assert [(one.tag, one.path, one.text) for one in root.children] == [
        ("b", "a/b", "x & y"),
        ("b", "a/b[2]", ""),
        ("urn:other d", "a/d", "z"),
    ]
    assert root.all("b")[1].children[0].path == "a/b[2]/c"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "body"),
        (b"<a", "body"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "body"),
        (doc("&unknown;"), "body"),
        (doc("", "<!DOCTYPE a>"), "body"),
        (doc("&e;", '<!DOCTYPE a [<!ENTITY e "x">]>'), "body"),
        (doc("&e;", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "body"),
        (doc("", '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">'), "body"),
        (b"<a/>", "a"),
        (b'<b xmlns="urn:x"/>', "a"),
        (b'<a xmlns="urn:y"/>', "a"),
        (doc("<b/>" * MAX_ELEMENTS), f"a/b[{MAX_ELEMENTS}]"),
        (doc("<b>" * MAX_DEPTH + "</b>" * MAX_DEPTH), "a" + "/b" * MAX_DEPTH),
    ],
)
def test_what_is_refused(body: bytes, path: str) -> None:
    """Broken, of another kind, too big, or with a DTD: refused, and the path says where."""
    with pytest.raises(DataError) as error:
        read(body, "a", NS)
    assert error.value.path == path


def test_a_thousand_laughs_are_not_counted() -> None:
    """Nested entities are refused at the DOCTYPE, before one is expanded."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    with pytest.raises(DataError, match="DOCTYPE"):
        read(doc("&l8;", f"<!DOCTYPE a [{laughs}]>"), "a", NS)


def test_values() -> None:
    """One element, one word, one time; a wrong one is named by its path."""
    root = read(doc("<b>One</b><b>Two</b><t>2026-01-31T08:00:00+07:00</t><z>2026-01-31T01:00:00Z</z><e/>"), "a", NS)
    assert root.word("b", "One Two", first=True) == "one"
    assert root.need("t").millis() == 1_769_821_200_000
    assert written_time(1_769_821_200_999) == "2026-01-31T08:00:00+07:00"
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: root.one("b"), "a/b[2]"),
        (lambda: root.need("e"), "a/e"),
        (lambda: root.need("nothing"), "a/nothing"),
        (lambda: root.word("b", "Two", first=True), "a/b"),
        (lambda: root.need("z").millis(), "a/z"),
    ]
    for ask, path in wrong:
        with pytest.raises(DataError) as error:
            ask()
        assert error.value.path == path


@pytest.mark.parametrize(
    "text", ["2026-13-01T08:00:00+07:00", "0001-01-01T00:00:00+14:00", "1969-12-31T00:00:00+00:00"]
)
def test_times_that_are_none(text: str) -> None:
    """No such month, before the calendar, before 1970."""
    with pytest.raises(DataError):
        read(doc(f"<t>{text}</t>"), "a", NS).need("t").millis()


def test_what_is_written_can_be_read() -> None:
    """Elements in their order; characters that XML has not become a space."""
    root = Tree.Element("a", xmlns=NS)
    put(root, b="x < y & \x00z", c="baris\ndua")
    again = read(written(root), "a", NS)
    assert [(one.tag, one.text) for one in again.children] == [("b", "x < y &  z"), ("c", "baris\ndua")]
