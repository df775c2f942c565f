"""From a register file's bytes to records with the line each begins on, whatever Excel made of it. Pure.

Encodings: UTF-8, UTF-16 with a byte order mark, Windows-1252. What is none of these is refused in one
sentence that says where it was seen: a wrong guess would write wrong names for thousands of shops.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from hub.errors import StartError

SEPARATORS: Final = (",", ";", "\t")
EXPECTED: Final = "expected CSV text in UTF-8, UTF-16 with a byte order mark, or Windows-1252"
MOST_LINES: Final = 40
"""A record over more lines than this is a quote that was never closed."""

_NO_TEXT: Final = (
    (b"PK\x03\x04", "an Excel workbook (save it as CSV UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (save it as CSV UTF-8)"),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (b"%PDF", "a PDF"),
)
_BREAK: Final = re.compile(rb"\r\n|\r|\n")
# Letters and typographic signs of UTF-8, which a file in Windows-1252 would hold only by a strange chance.
_MULTIBYTE: Final = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x80-\xbf]")
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
# The accented letters of DOS and of old Macs: in Windows-1252 the same bytes are signs that stand in no word.
_OTHER_PAGE: Final = re.compile(rb"[A-Za-z][\x82-\x84\x86-\x88]|[a-z][\x8a\x8c\x8e]")
_SEP: Final = re.compile(r"sep=(.)\r?\n?", re.I | re.S)


class Record(Struct, frozen=True):
    """One record. `line`: where it begins, from 1. `fault`: what was expected, when it cannot be taken apart."""

    line: int
    fields: list[str]
    fault: str = ""


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding.

    Raises:
        StartError: it is no text in an encoding that is known; names the line.
    """
    for magic, what in _NO_TEXT:
        if data.startswith(magic):
            raise StartError(f"{EXPECTED}, got {what}")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data), "UTF-16"
    if (nul := data.find(b"\0")) >= 0:
        raise _wrong(data, nul, "a NUL byte (UTF-16 without its mark?)")
    marked = data.startswith(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as exc:
        at = exc.start + len(codecs.BOM_UTF8) * marked
    if marked:
        raise _wrong(data, at, f"the byte 0x{data[at]:02x} in a file that is marked as UTF-8")
    return _windows(data, at), "Windows-1252"


def _utf16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as exc:
        # the decoder counts from behind the mark
        before = data[: exc.start + 2].decode("utf-16", "ignore").encode()
        raise StartError(f"line {_line(before, len(before))}: {EXPECTED}, got UTF-16 that is cut off") from exc


def _windows(data: bytes, at: int) -> str:
    """Single bytes, unless they speak against it. `at`: the first that is no UTF-8."""
    if _MULTIBYTE.search(data):
        raise _wrong(data, at, f"the byte 0x{data[at]:02x} in a file that is UTF-8 elsewhere")
    if (found := _UNDEFINED.search(data) or _OTHER_PAGE.search(data)) is not None:
        last = found.end() - 1
        raise _wrong(data, last, f"the byte 0x{data[last]:02x}, as in another code page")
    return data.decode("cp1252")


def _wrong(data: bytes, at: int, got: str) -> StartError:
    return StartError(f"line {_line(data, at)}: {EXPECTED}, got {got}")


def _line(data: bytes, at: int) -> int:
    return len(_BREAK.findall(data[:at])) + 1


# -- records -------------------------------------------------------------------


class Lines:
    """The lines of a text, and the separator that Excel may have named in the first (`sep=;`)."""

    def __init__(self, text: str) -> None:
        self.all = list(io.StringIO(text, newline=""))
        said = _SEP.fullmatch(self.all[0]) if self.all else None
        self.separator = said[1] if said else None
        self.first = 1 if said else 0

    def records(self, separator: str, width: int = 0) -> Iterator[Record]:
        """The records that hold anything, in order.

        A quote that is never closed spoils its own line and none after it.

        Args:
            width: how many columns there are; a record over several lines that holds more is such a quote.
                0: unknown.
        """
        at = self.first
        while at < len(self.all):
            line = self.all[at]
            if '"' not in line:
                fields, used = line.rstrip("\r\n").split(separator), 1
            else:
                fields, used = self._quoted(at, separator)
            if used > 1 and width and any(field.strip() for field in fields[width:]):
                fields, used = [], 1
            if not fields:
                yield Record(at + 1, [line.rstrip("\r\n")], _UNCLOSED)
            elif any(field and not field.isspace() for field in fields):
                yield Record(at + 1, fields)
            at += used

    def _quoted(self, at: int, separator: str) -> tuple[list[str], int]:
        """One record and its number of lines; no fields when its quotes do not fit."""
        reader = csv.reader(self.all[at : at + MOST_LINES], delimiter=separator, strict=True)
        try:
            return next(reader), reader.line_num
        except csv.Error:
            return [], 1


_UNCLOSED: Final = "quotes that close before the next separator (a quote inside a field is written twice)"
