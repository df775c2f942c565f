"""A page as one answer: its styles and its first modules stand in the page itself.

On a slow network every file that a page waits for costs a whole round trip, and a module's imports are found only when
it has come. So the page whose button must work at once is put together when the hub starts: each stylesheet becomes a
`<style>`, and the first module with everything it imports one inline module. Nothing is rewritten but import and export
lines, in the few forms that these files use; another form ends the start with its file and line, never a broken page.
What the page loads next is one file as well (`served`): sixteen of them are three times the way to a phone.
The Content-Security-Policy names the inline texts by hash, so that nothing else inline runs.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from hub.errors import StartError

STYLE: Final = re.compile(r'[ \t]*<link rel="stylesheet" href="([^"]+)">\n')
SCRIPT: Final = re.compile(r'[ \t]*<script type="module" src="([^"]+)"></script>\n')
TAKEN: Final = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
WHOLLY: Final = re.compile(r'^import (\w+) from "([^"]+)";\n', re.MULTILINE)
GIVEN: Final = re.compile(r"^export (?=(?:const|let|function|async function|class) ([\w$]+))", re.MULTILINE)
LISTED: Final = re.compile(r"^export \{ ([\w$]+(?:, [\w$]+)*) \};\n", re.MULTILINE)
OTHER: Final = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)
LATER: Final = re.compile(r"\bimport\(([\"'`])(\.[^\"'`$]*)")

Read = Callable[[str], str]
"""Address (`/static/...`, `/client/...`) -> text."""


class Whole(Struct, frozen=True):
    """A page with nothing left to fetch before it works, and the policy's words for what stands in it."""

    html: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]


def whole(html: str, read: Read) -> Whole:
    """Put a page's styles and first modules into it.

    Raises:
        StartError: a module imports or exports in a form that is not known here, or holds `</script`.
    """
    styles: list[str] = []
    scripts: list[str] = []

    def style(match: re.Match[str]) -> str:
        text = read(match.group(1))
        styles.append(_hash(text))
        return f"  <style>{text}</style>\n"

    def script(match: re.Match[str]) -> str:
        text = bundle(match.group(1), read)
        scripts.append(_hash(text))
        return f'  <script type="module">{text}</script>\n'

    page = SCRIPT.sub(script, STYLE.sub(style, html))
    return Whole(page, tuple(scripts), tuple(styles))


def served(address: str, read: Read, outside: Sequence[str]) -> str:
    """A module with all that it imports as one file, which gives what it gave.

    Modules of `outside` are imported as before: what keeps a state must be the same one for whoever comes later.
    """
    text = bundle(address, read, outside)
    given = ", ".join(_given(read(address)))
    last = re.findall(r"^const (m\d+) = ", text, re.MULTILINE)[-1]
    return f"{text}export const {{ {given} }} = {last};\n"


def bundle(address: str, read: Read, outside: Sequence[str] = ()) -> str:
    """A module and all that it imports but `outside`, each run once, before those who import it."""
    names = {one: f"w{place}" for place, one in enumerate(outside)}
    parts = [f'import * as {name} from "{one}";\n' for one, name in names.items()]

    def add(one: str) -> str:
        if one in names:
            return names[one]
        text = read(one)
        text = LATER.sub(lambda match: f"import({match.group(1)}{_absolute(match.group(2), one)}", text)
        text = TAKEN.sub(
            lambda match: f"const {{{_renamed(match.group(1))}}} = {add(_absolute(match.group(2), one))};\n", text
        )
        text = WHOLLY.sub(lambda match: _default(match, names, outside), text)
        given = _given(text)
        text = LISTED.sub("", GIVEN.sub("", text))
        _check(one, text)
        names[one] = f"m{len(names)}"
        parts.append(f"const {names[one]} = (() => {{\n{text}return {{ {', '.join(given)} }};\n}})();\n")
        return names[one]

    add(address)
    return "".join(parts)


def _default(match: re.Match[str], names: Mapping[str, str], outside: Sequence[str]) -> str:
    """A module's default, of one that stays outside; another is left to the check."""
    name, address = match.groups()
    return f"const {{ default: {name} }} = {names[address]};\n" if address in outside else match.group()


def _given(text: str) -> list[str]:
    """The names that a module exports."""
    listed = [name.strip() for match in LISTED.finditer(text) for name in match.group(1).split(",")]
    return [match.group(1) for match in GIVEN.finditer(text)] + listed


def _renamed(names: str) -> str:
    """`a, b as c` of an import as a destructuring says it: `a, b: c`."""
    return re.sub(r"\s+as\s+", ": ", names)


def _absolute(name: str, beside: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(beside), name))


def _check(address: str, text: str) -> None:
    for line in OTHER.findall(text):
        raise StartError(f"{address}: expected `import {{..}} from` or `export const|let|function|class`, got {line!r}")
    if "</script" in text:
        raise StartError(f"{address}: expected no `</script` in a module that stands in the page")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
