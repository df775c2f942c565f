"""The browser floor as a linter: what a page's files use that Chrome 80 or Safari 15.0 do not have.

Theory: every script and sheet is parsed (tree-sitter, nothing else is needed on a fresh machine) and each name that
the tables (`floor_tables.py`) know is a finding, unless the file shows its fallback. A script does so by asking for
the name before it uses it, a sheet by `@supports`, or by a plain value of the same property before the new one.
Syntax has no fallback: one word of it and the whole file is dead on an old phone.

What it cannot see: a name taken apart (`const { locks } = navigator`), a method called by its name as text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from tree_sitter import Node

from tests.support.floor_tables import CHROME, HARMLESS, SAFARI


class Since(Struct, frozen=True):
    """The versions that brought a feature; None for a browser that never got it."""

    chrome: float | None
    safari: float | None

    @property
    def on_the_floor(self) -> bool:
        """Both of the floor's browsers have it."""
        return _reached(self.chrome, CHROME) and _reached(self.safari, SAFARI)


class Finding(Struct, frozen=True):
    """One use that an old browser does not know."""

    path: str
    line: int
    feature: str
    since: Since

    def __str__(self) -> str:
        since = f"Chrome {_said(self.since.chrome)}, Safari {_said(self.since.safari)}"
        return f"{self.path}:{self.line}: {self.feature} ({since})"


NOT_PARSED: Final = Since(None, None)


def table(text: str) -> dict[str, Since]:
    """The rows of one of the tables: `name chrome safari`, apart by `|` or a line's end."""
    rows = [row.split() for line in text.splitlines() for row in line.split("|") if row.strip()]
    found = {" ".join(row[:-2]): Since(_version(row[-2]), _version(row[-1])) for row in rows}
    if len(found) != len(rows):
        raise ValueError("expected each feature once")
    return found


def files(folder: Path, *suffixes: str) -> dict[str, str]:
    """Path below the project -> text."""
    found = sorted(path for suffix in suffixes for path in folder.rglob(f"*{suffix}"))
    return {str(path.relative_to(folder.parent)): path.read_text("utf-8") for path in found}


def unexcused(findings: list[Finding], pending: Mapping[str, str]) -> list[str]:
    """What has neither a fallback nor a stated reason. `pending`: `path: feature` -> who mends it."""
    return [str(one) for one in findings if one.feature not in HARMLESS and f"{one.path}: {one.feature}" not in pending]


def nodes(root: Node) -> Iterator[Node]:
    """A tree's named nodes in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def text_of(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""


def line_of(node: Node) -> int:
    return node.start_point.row + 1


def above(node: Node) -> Iterator[Node]:
    """Whatever encloses a node, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _reached(since: float | None, floor: float) -> bool:
    return since is not None and since <= floor


def _version(text: str) -> float | None:
    return None if text == "-" else float(text)


def _said(since: float | None) -> str:
    return "never" if since is None else f"{since:g}"
