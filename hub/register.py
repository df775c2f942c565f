"""The city's register of shops as a CSV file: good rows become shops, bad ones faults with their line. Pure.

    nib;nama;kategori;kelurahan;pemilik;hp;alamat;lintang;bujur;jam_buka;produk
    0220001234567;Warung Bu Sri;kuliner;Kranggan;Sri;081234567890;Jl. Majapahit 1;-7.4734;112.4353;24 jam;Nasi=12000

Names of columns are English or Indonesian, in any order, case and spacing. A shop's id is `nib-<nib>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from hub.errors import DataError
from hub.register_hours import hours
from hub.register_values import Ground, category, kelurahan_of, nib, phone, point, products, words
from hub.sheet import Columns, Fault, Sheet, shown

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

_IN_LINES: Final = frozenset({"hours", "products"})
"""Columns in which a line break means something."""


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
    sheet = Sheet(data, Columns(COLUMNS, REQUIRED, _IN_LINES))
    reader = _Reader(ground)
    for line, cells, fault in sheet.rows():
        reader.read(line, cells, fault)
    return Register(len(reader.good) + reader.bad, reader.good, reader.bad, reader.faults, sheet.unread, sheet.encoding)


# -- a row -------------------------------------------------------------------------


class _Reader:
    """Takes records one by one; of two rows with one NIB the first that is good counts."""

    def __init__(self, ground: Ground) -> None:
        self.good: list[Row] = []
        self.faults: list[Fault] = []
        self.bad = 0
        self._ground = ground
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

    def read(self, line: int, cells: Mapping[str, str], spoilt: Fault | None) -> None:
        shop, faults = (dict[str, Any](), [spoilt]) if spoilt else self._shop(line, cells)
        if not faults and (first := self._line_of.setdefault(shop["nib"], line)) != line:
            faults = [Fault(line, "nib", f"each NIB once; line {first} has it already", shop["nib"])]
        if faults:
            self.bad += 1
            self.faults += faults
        else:
            self.good.append(Row(line, {"id": f"nib-{shop['nib']}", **shop}))

    def _shop(self, line: int, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Fault]]:
        shop, faults = dict[str, Any](), list[Fault]()
        for column, read in self._readers.items():
            try:
                if text := cells.get(column, ""):
                    shop[column] = read(text)
                elif column in REQUIRED:
                    raise DataError(column, "a value")
            except DataError as exc:
                faults.append(Fault(line, column, exc.expected, shown(cells.get(column, ""))))
        lat, lon = cells.get("lat", ""), cells.get("lon", "")
        try:
            if lat or lon:
                shop["lat"], shop["lon"] = point(lat, lon, self._ground)
        except DataError as exc:
            faults.append(Fault(line, exc.path, exc.expected, shown(f"{lat} {lon}")))
        return shop, faults
