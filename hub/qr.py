"""A link as a QR code (ISO/IEC 18004): as a path that a page draws by itself, so that the text never becomes part of an
address, and as lines for a terminal.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

import segno
from msgspec import Struct

QUIET: Final = 2
"""Light modules around a code in a terminal: half of what the standard wants, and what phones need."""


class Drawing(Struct, frozen=True):
    """Dark modules as one SVG path.

    Args:
        size: modules of a side, without the quiet zone of 4 that the standard wants around them.
    """

    size: int
    path: str


def drawn(text: str) -> Drawing:
    """Draw a text; a code of which 15 % is covered or dirty can still be read (level M)."""
    rows = segno.make(text, error="m", micro=False, boost_error=False).matrix
    return Drawing(len(rows), "".join(_runs(y, row) for y, row in enumerate(rows)))


def _runs(y: int, row: bytearray) -> str:
    """Each run of dark modules in a row as one box."""
    x, parts = 0, []
    for dark, cells in groupby(row):
        wide = len(list(cells))
        if dark:
            parts.append(f"M{x} {y}h{wide}v1h-{wide}z")
        x += wide
    return "".join(parts)


def in_terminal(text: str) -> str:
    """Lines of half blocks, black on white whatever the terminal's own colours are; two rows of modules a line."""
    rows = segno.make(text, error="l", micro=False, boost_error=False).matrix_iter(border=QUIET)
    dark = [[bool(cell) for cell in row] for row in rows]
    if len(dark) % 2:
        dark.append([False] * len(dark[0]))
    pairs = zip(dark[::2], dark[1::2], strict=True)
    return "\n".join("\x1b[30;107m" + "".join(map(_half, upper, lower)) + "\x1b[0m" for upper, lower in pairs)


def _half(upper: bool, lower: bool) -> str:
    return "█" if upper and lower else "▀" if upper else "▄" if lower else " "
