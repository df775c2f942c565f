"""XML that somebody else sends, as a small tree: no DTD, no entities of its own, few elements, not deep; and ours.

Expat reads it; whatever could grow (declared entities) or reach out (external
ones, a DTD) is refused before it is looked at. What is wrong is a `DataError`
with the element's path (`alert/info[2]/expires`, counting from the second).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as Tree
from xml.parsers import expat

from hub.errors import DataError
from hub.zones import WIB, Zone

MAX_DEPTH: Final = 12
MAX_ELEMENTS: Final = 1_000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Element:
    """One element; `tag` is its local name in the document's namespace, and `<namespace> <name>` in another."""

    __slots__ = ("children", "path", "tag", "text")

    def __init__(self, tag: str, path: str) -> None:
        self.tag, self.path, self.text = tag, path, ""
        self.children: list[Element] = []

    def all(self, tag: str) -> list[Element]:
        return [child for child in self.children if child.tag == tag]

    def one(self, tag: str) -> Element | None:
        """The element of this name, or None; two are refused."""
        found = self.all(tag)
        if len(found) > 1:
            raise DataError(found[1].path, "expected one")
        return found[0] if found else None

    def need(self, tag: str) -> Element:
        """The element of this name, which must say something."""
        found = self.one(tag)
        if found is None or not found.text:
            raise DataError(f"{self.path}/{tag}", "expected a value, got none")
        return found

    def word(self, tag: str, words: str, *, first: bool = False) -> str:
        """One of these words, as ours are written: in lower case. `first`: of several such elements."""
        found = self.all(tag)[0] if first and self.all(tag) else self.need(tag)
        if found.text not in words.split():
            raise DataError(found.path, f"expected one of {words}, got {found.text[:40]!r}")
        return found.text.lower()

    def millis(self) -> int:
        """A time in ms: whole seconds and a zone in numbers, as CAP 1.2 section 3.3.2 demands."""
        try:
            at = datetime.fromisoformat(self.text).timestamp() if _TIME.fullmatch(self.text) else -1
        except (ValueError, OverflowError):
            at = -1
        if at < 0:
            raise DataError(self.path, f"expected a time like 2026-01-31T08:00:00+07:00, got {self.text[:40]!r}")
        return int(at) * 1000


def read(body: bytes, tag: str, namespace: str) -> Element:
    """The tree of a document whose outermost element is this one.

    Raises:
        DataError: it is none, or is more than this module takes.
    """
    tree = _Tree(tag, namespace)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.text
    # Only a DTD can declare an entity: the others are a second lock on the same door.
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _forbidden
    parser.UnparsedEntityDeclHandler = parser.ExternalEntityRefHandler = _forbidden
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as exc:
        raise DataError("body", f"expected well-formed XML: {exc}") from exc
    assert tree.root is not None
    return tree.root


class _Tree:
    def __init__(self, tag: str, namespace: str) -> None:
        self.root: Element | None = None
        self._tag, self._namespace = tag, namespace
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if self.root is None:
            if (space, local) != (self._namespace, self._tag):
                raise DataError(self._tag, f'expected <{self._tag} xmlns="{self._namespace}">, got {name[:80]!r}')
            self.root = element = Element(local, local)
        else:
            parent = self._open[-1]
            tag = local if space == self._namespace else name
            place = len(parent.all(tag)) + 1
            element = Element(tag, f"{parent.path}/{local}" + (f"[{place}]" if place > 1 else ""))
            parent.children.append(element)
        self._open.append(element)
        self._count += 1
        if len(self._open) > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise DataError(element.path, f"expected at most {MAX_ELEMENTS} elements, {MAX_DEPTH} deep")

    def end(self, name: str) -> None:
        element = self._open.pop()
        element.text = element.text.strip()

    def text(self, text: str) -> None:
        self._open[-1].text += text


# -- out ----------------------------------------------------------------------------------


def put(parent: Tree.Element, **texts: str) -> None:
    """Append one element for each text, in this order; what XML cannot say becomes a space."""
    for tag, text in texts.items():
        Tree.SubElement(parent, tag).text = _ILLEGAL.sub(" ", text)


def written(root: Tree.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + Tree.tostring(root, "unicode").encode()


def written_time(millis: int, zone: Zone = WIB) -> str:
    """The city's time: `2026-01-31T08:00:00+07:00`."""
    return zone.at(millis // 1000 * 1000).isoformat()


def _forbidden(*_: object) -> int:
    raise DataError("body", "expected XML without DOCTYPE and entities")
