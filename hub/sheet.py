"""A CSV file with a header that people made: its columns by any of their names, its rows with the line each begins on.

Names of columns are English or Indonesian, in any order, case and spacing. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from hub.errors import StartError
from hub.register_text import SEPARATORS, Lines, Record, decoded

ROW: Final = "row"
"""Where a fault says `column` and means the whole row."""

GOT_CHARS: Final = 120


class Columns(Struct, frozen=True):
    """What a sheet may hold.

    Args:
        names: each column and its other names; case, spaces and signs do not count.
        required: those that must be there, as a person is told.
        in_lines: columns in which a line break means something.
    """

    names: Mapping[str, str]
    required: Mapping[str, str]
    in_lines: frozenset[str] = frozenset()

    def of(self, field: str) -> str:
        """The column that a header's field names, or the field itself."""
        bare = re.sub(r"[\W_]", "", field.lower())
        for column, names in self.names.items():
            if bare == column.replace("_", "") or bare in names.replace("_", "").split():
                return column
        return field.strip()


class Fault(Struct, frozen=True):
    """What is wrong with one cell: the line in the file, the column, what was expected, what was there."""

    line: int
    column: str
    expected: str
    got: str


class Sheet:
    """A file, read as far as its header; what else is in it comes by `rows`.

    `encoding`: what it was read as. `unread`: columns that nobody reads.

    Raises:
        StartError: no text, no header, or a column that must be there is not.
    """

    def __init__(self, data: bytes, columns: Columns) -> None:
        text, self.encoding = decoded(data)
        self._lines, self._columns = Lines(text), columns
        self._separator = self._separated()
        header = next(self._lines.records(self._separator), None)
        if header is None:
            raise StartError("expected a header and rows, got an empty file")
        self._header = header
        self.places, self.unread = self._placed(header)

    def rows(self) -> Iterator[tuple[int, dict[str, str], Fault | None]]:
        """(line, column -> its cell, what is wrong with a row that does not fall into columns)."""
        for record in self._lines.records(self._separator, len(self._header.fields)):
            if record.line > self._header.line:
                fault = self._spoilt(record)
                yield record.line, {} if fault else self._cells(record), fault

    def _separated(self) -> str:
        """The one that Excel named, or the one by which the header has the most columns that are known."""
        if self._lines.separator is not None:
            return self._lines.separator

        def known(separator: str) -> int:
            header = next(self._lines.records(separator), None)
            fields = [] if header is None else header.fields
            return sum(self._columns.of(field) in self._columns.names for field in fields)

        return max(SEPARATORS, key=known)

    def _placed(self, header: Record) -> tuple[dict[str, int], list[str]]:
        """Where each column stands, and what the other columns are called."""
        places: dict[str, int] = {}
        unread = []
        for place, field in enumerate(header.fields):
            column = self._columns.of(field)
            if column in places:
                here, there = field.strip(), header.fields[places[column]].strip()
                raise StartError(f"expected one column for {column}, got two: {there!r} and {here!r}")
            if column in self._columns.names:
                places[column] = place
            elif column:
                unread.append(column)
        required = self._columns.required
        if missing := [column for column in required if column not in places]:
            found = ", ".join(field.strip() for field in header.fields if field.strip())[:200]
            wanted = ", ".join(required[column] for column in missing)
            raise StartError(
                f"expected the columns {', '.join(required)}; missing: {wanted}; line {header.line} is: {found}"
            )
        return places, unread

    def _spoilt(self, record: Record) -> Fault | None:
        width = len(self._header.fields)
        if record.fault:
            return Fault(record.line, ROW, record.fault, shown(record.fields[0]))
        if surplus := [field.strip() for field in record.fields[width:] if field.strip()]:
            expected = f"{width} columns, as in the header (a field that holds a separator needs quotes around it)"
            return Fault(record.line, ROW, expected, shown(f"more, the last of them {surplus[-1]}"))
        return None

    def _cells(self, record: Record) -> dict[str, str]:
        return {
            column: _clean(record.fields[place], column in self._columns.in_lines)
            for column, place in self.places.items()
            if place < len(record.fields)
        }


def _clean(text: str, in_lines: bool) -> str:
    """A cell as it was meant: composed letters, single spaces, nothing that cannot be seen."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    lines = unicodedata.normalize("NFC", text).splitlines()
    seen = (
        "".join(char if char.isprintable() else "" if unicodedata.category(char) == "Cf" else " " for char in line)
        for line in lines
    )
    return ("\n" if in_lines else " ").join(filter(None, (" ".join(line.split()) for line in seen)))


def shown(text: str, most: int = GOT_CHARS) -> str:
    """What was there, as a report shows it: on one line, and not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
