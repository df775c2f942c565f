"""The city's register of shops as a CSV file: good rows become shops, bad ones faults with their line. Pure.

    nib;nama;kategori;kelurahan;pemilik;hp;alamat;lintang;bujur;jam_buka;produk
    0220001234567;Warung Bu Sri;kuliner;Kranggan;Sri;081234567890;Jl. Majapahit 1;-7.4734;112.4353;24 jam;Nasi=12000

Names of columns are English or Indonesian, in any order, case and spacing. A shop's id is `nib-<nib>`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from hub.errors import DataError, StartError
from hub.register_hours import hours
from hub.register_text import SEPARATORS, Lines, Record, decoded
from hub.register_values import Ground, category, kelurahan_of, nib, phone, point, products, words

COLUMNS: Final = {
    "nib": "nomorindukberusaha nonib nomornib",
    "name": "nama namausaha namatoko shop toko",
    "category": "kategori jenisusaha kbli",
    "kelurahan": "kel desakelurahan kelurahandesa",
    "owner": "pemilik namapemilik",
    "phone": "telepon telp hp nohp nomorhp notelepon handphone whatsapp wa",
    "address": "alamat alamatusaha",
    "lat": "lintang latitude",
    "lon": "bujur lng long longitude",
    "hours": "jam_buka jam jamoperasional",
    "products": "produk barang menu",
}
"""Each column and its other names; case, spaces and signs do not count."""

REQUIRED: Final = {"nib": "NIB", "name": "name (nama)", "category": "category (kategori)", "kelurahan": "kelurahan"}
"""The columns that must be there, as a person is told."""

ROW: Final = "row"
"""Where a fault says `column` and means the whole row."""

GOT_CHARS: Final = 120

_NAMED: Final = {
    name.replace("_", ""): column for column, names in COLUMNS.items() for name in (column, *names.split())
}
_IN_LINES: Final = frozenset({"hours", "products"})
"""Columns in which a line break means something."""


class Fault(Struct, frozen=True):
    """What is wrong with one cell: the line in the file, the column, what was expected, what was there."""

    line: int
    column: str
    expected: str
    got: str


class Row(Struct, frozen=True):
    """A good row: the line in the file, and the shop as `shop.register` takes it."""

    line: int
    shop: dict[str, Any]


class Register(Struct, frozen=True):
    """A file, read.

    `rows`: how many hold anything. `good` and `bad` together are these; a bad row may have several `faults`.
    `unread`: columns that nobody reads. `encoding`: what the file was read as.
    """

    rows: int
    good: list[Row]
    bad: int
    faults: list[Fault]
    unread: list[str]
    encoding: str


def read_register(data: bytes, ground: Ground) -> Register:
    """Read a whole register.

    Raises:
        StartError: no text, no header, or a column that must be there is not.
    """
    text, encoding = decoded(data)
    lines = Lines(text)
    separator = _separator(lines)
    records = lines.records(separator)
    header = next(records, None)
    if header is None:
        raise StartError("expected a header and rows, got an empty file")
    places, unread = _places(header)
    reader = _Reader(places, len(header.fields), ground)
    for record in lines.records(separator, len(header.fields)):
        if record.line > header.line:
            reader.read(record)
    return Register(len(reader.good) + reader.bad, reader.good, reader.bad, reader.faults, unread, encoding)


# -- the header ------------------------------------------------------------------


def _separator(lines: Lines) -> str:
    """The one that Excel named, or the one by which the header has the most columns that are known."""
    if lines.separator is not None:
        return lines.separator

    def known(separator: str) -> int:
        header = next(lines.records(separator), None)
        return 0 if header is None else sum(_column(field) in COLUMNS for field in header.fields)

    return max(SEPARATORS, key=known)


def _column(field: str) -> str:
    """The column that a header's field names, or the field itself."""
    return _NAMED.get(re.sub(r"[\W_]", "", field.lower()), field.strip())


def _places(header: Record) -> tuple[dict[str, int], list[str]]:
    """Where each column stands, and what the other columns are called."""
    places: dict[str, int] = {}
    unread = []
    for place, field in enumerate(header.fields):
        column = _column(field)
        if column in places:
            here, there = field.strip(), header.fields[places[column]].strip()
            raise StartError(f"expected one column for {column}, got two: {there!r} and {here!r}")
        if column in COLUMNS:
            places[column] = place
        elif column:
            unread.append(column)
    if missing := [column for column in REQUIRED if column not in places]:
        found = ", ".join(field.strip() for field in header.fields if field.strip())[:200]
        wanted = ", ".join(REQUIRED[column] for column in missing)
        raise StartError(
            f"expected the columns {', '.join(REQUIRED)}; missing: {wanted}; line {header.line} is: {found}"
        )
    return places, unread


# -- a row -------------------------------------------------------------------------


class _Reader:
    """Takes records one by one; of two rows with one NIB the first that is good counts."""

    def __init__(self, places: Mapping[str, int], width: int, ground: Ground) -> None:
        self.good: list[Row] = []
        self.faults: list[Fault] = []
        self.bad = 0
        self._places, self._width, self._ground = places, width, ground
        self._line_of: dict[str, int] = {}
        self._readers: Mapping[str, Callable[[str], Any]] = {
            "nib": nib,
            "name": words("name", 60),
            "category": category,
            "kelurahan": kelurahan_of(ground),
            "owner": words("owner", 60),
            "phone": phone,
            "address": words("address", 200),
            "hours": hours,
            "products": products,
        }

    def read(self, record: Record) -> None:
        shop, faults = dict[str, Any](), self._spoilt(record)
        if not faults:
            shop, faults = self._shop(record)
        if not faults and (first := self._line_of.setdefault(shop["nib"], record.line)) != record.line:
            faults = [Fault(record.line, "nib", f"each NIB once; line {first} has it already", shop["nib"])]
        if faults:
            self.bad += 1
            self.faults += faults
        else:
            self.good.append(Row(record.line, {"id": f"nib-{shop['nib']}", **shop}))

    def _spoilt(self, record: Record) -> list[Fault]:
        """What is wrong with a row that does not fall into columns."""
        if record.fault:
            return [Fault(record.line, ROW, record.fault, shown(record.fields[0]))]
        if surplus := [field.strip() for field in record.fields[self._width :] if field.strip()]:
            expected = (
                f"{self._width} columns, as in the header (a field that holds a separator needs quotes around it)"
            )
            return [Fault(record.line, ROW, expected, shown(f"more, the last of them {surplus[-1]}"))]
        return []

    def _shop(self, record: Record) -> tuple[dict[str, Any], list[Fault]]:
        fields, shop, faults = record.fields, dict[str, Any](), list[Fault]()
        cells = {
            column: _clean(fields[place], column in _IN_LINES)
            for column, place in self._places.items()
            if place < len(fields)
        }
        for column, read in self._readers.items():
            try:
                if text := cells.get(column, ""):
                    shop[column] = read(text)
                elif column in REQUIRED:
                    raise DataError(column, "a value")
            except DataError as exc:
                faults.append(Fault(record.line, column, exc.expected, shown(cells.get(column, ""))))
        lat, lon = cells.get("lat", ""), cells.get("lon", "")
        try:
            if lat or lon:
                shop["lat"], shop["lon"] = point(lat, lon, self._ground)
        except DataError as exc:
            faults.append(Fault(record.line, exc.path, exc.expected, shown(f"{lat} {lon}")))
        return shop, faults


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
