"""A link as a QR code (ISO/IEC 18004) that a page draws by itself: the text never becomes part of an address."""

from __future__ import annotations

from itertools import groupby

import segno
from msgspec import Struct


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
