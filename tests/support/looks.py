"""The pages' style sheets as a test reads them: declarations, tokens by theme, and how two colours stand together."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hub.app import STATIC

BASE: Final = STATIC / "shared" / "base.css"
THEMES: Final = {
    "light": r":root \{(.*?)\n\}",
    "dark": r":root:not\(\[data-theme\]\) \{(.*?)\n  \}",
    "sun": r':root\[data-theme="sun"\] \{(.*?)\n\}',
}
COMMENT: Final = re.compile(r"/\*.*?\*/", re.S)
BLOCK: Final = re.compile(r"\{([^{}]*)\}")


def plain(text: str) -> str:
    """A sheet without its comments."""
    return COMMENT.sub("", text)


def declarations(text: str) -> list[tuple[str, str]]:
    """(property, value) of every rule, at whatever depth. Values here hold neither `;` nor braces."""
    parts = [part for block in BLOCK.findall(plain(text)) for part in block.split(";") if part.strip()]
    return [(name.strip(), value.strip()) for name, _, value in (part.partition(":") for part in parts)]


@cache
def tokens(theme: str) -> dict[str, str]:
    """Every token of a theme, `--` left off: the light ones with what the theme says otherwise."""
    text = plain(BASE.read_text("utf-8"))
    light, own = (re.search(THEMES[name], text, re.S) for name in ("light", theme))
    assert light is not None
    assert own is not None, theme
    pairs = re.findall(r"--([\w-]+):\s*([^;]+);", light.group(1) + own.group(1))
    return dict(pairs)


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance" of `#rgb` or `#rrggbb`."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio": 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
