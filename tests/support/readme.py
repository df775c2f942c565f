"""The README's generated parts: `python -m tests.support.readme` writes them anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

import channels
from hub import closing, errors
from hub.machine import diagram
from hub.settings import table
from tests.browser.states import gallery

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PART = re.compile(r"(<!-- (diagram:\w+|codes|closing|settings|gallery) -->\n).*?(<!-- /\w+ -->)", re.S)


def generated(name: str) -> str:
    """One part's text."""
    if name == "settings":
        return table()
    if name == "gallery":
        return gallery()
    if name == "codes":
        return _rows(("code", "meaning"), errors.CODES.items())
    if name == "closing":
        return _rows(("code", "meaning"), closing.MEANING.items())
    borders = json.loads((ROOT / "static" / "data" / "mojokerto-kelurahan.geojson").read_text("utf-8"))
    tables = {thing: steps for channel in channels.services(borders) for thing, steps in channel.tables.items()}
    return f"```mermaid\n{diagram(tables[name.removeprefix('diagram:')])}```\n"


def _rows(head: tuple[str, str], rows: Iterable[tuple[object, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| `{code}` | {meaning} |" for code, meaning in rows]
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """The README with every generated part as it should be."""
    return PART.sub(lambda found: found[1] + generated(found[2]) + found[3], text)


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
