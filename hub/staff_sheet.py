"""A list of people for the desks, as a CSV file that people made: who, as what, and for which shop, van or desk.

    nama;peran;toko;mobil;meja;kendaraan
    Sari Wulandari;medis;;;;motor
    Endah;pusat;;;medis;

Columns and roles are English or Indonesian. A row that is wrong is a fault with its line; the others are read. Two
rows for the same person are one mistake: the first is kept, the second is a fault. Pure.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final

from msgspec import Struct

from hub.enrol_command import BOUND
from hub.identity import NAME_LENGTH
from hub.members import DESKS
from hub.sheet import Columns, Fault, Sheet, shown

PEOPLE: Final = uuid.UUID("2f5d0c7e-6b3a-5d0e-8c1f-35760000c5f6")
MOST_ROWS: Final = 5_000
VEHICLE_LENGTH: Final = 40
ID_LENGTH: Final = 80
COLUMNS: Final = Columns(
    names={
        "name": "nama petugas namapetugas",
        "role": "peran jabatan sebagai",
        "shop": "toko idtoko warung",
        "van": "mobil idmobil",
        "desk": "meja loket",
        "vehicle": "kendaraan",
    },
    required={"name": "name (nama)", "role": "role (peran)"},
)
ROLES: Final = {
    "medic": "medic", "medis": "medic", "petugas medis": "medic",
    "seller": "seller", "penjual": "seller",
    "crew": "crew", "awak": "crew", "petugas mobil": "crew",
    "dispatcher": "dispatcher", "pusat": "dispatcher", "petugas pusat": "dispatcher",
    "plut": "plut",
}  # fmt: skip
DESK_WORDS: Final = {"medis": "medic", "pasar": "market", "mobil": "van", "kota": "city"}
EMPTY: Final = ("shop", "van", "desk")


class Person(Struct, frozen=True):
    """One good row. `id`: the same whenever the same person is read again."""

    line: int
    role: str
    name: str
    shop: str | None = None
    van: str | None = None
    desk: str | None = None
    vehicle: str = ""

    @property
    def id(self) -> str:
        bound = self.shop or self.van or self.desk or ""
        return str(uuid.uuid5(PEOPLE, "/".join((self.role, bound, self.name.casefold()))))


class People(Struct, frozen=True):
    """What was read. `rows`: how many there were, wrong ones among them."""

    good: tuple[Person, ...]
    faults: tuple[Fault, ...]
    rows: int
    encoding: str
    unread: tuple[str, ...]


def read_people(data: bytes, desks: Collection[str] = DESKS) -> People:
    """Everybody in a file.

    Args:
        desks: those that this city has.

    Raises:
        StartError: no text, no header, or a column that must be there is not.
    """
    sheet = Sheet(data, COLUMNS)
    good: dict[str, Person] = {}
    faults: list[Fault] = []
    rows = 0
    for line, cells, fault in sheet.rows():
        if not fault and not any(cells.values()):
            continue
        rows += 1
        read = fault or (_person(line, cells, desks) if rows <= MOST_ROWS else _surplus(line))
        if isinstance(read, Person) and read.id in good:
            first = good[read.id].line
            read = Fault(line, "name", f"each person once; this one stands in line {first} too", shown(read.name))
        if isinstance(read, Fault):
            faults.append(read)
        else:
            good[read.id] = read
    return People(tuple(good.values()), tuple(faults), rows, sheet.encoding, tuple(sheet.unread))


def _surplus(line: int) -> Fault:
    return Fault(line, "row", f"at most {MOST_ROWS:,} rows in one file", "more")


def _person(line: int, cells: dict[str, str], desks: Collection[str]) -> Person | Fault:
    """One row, or the first thing that is wrong with it."""
    name, said, vehicle = cells.get("name", ""), cells.get("role", ""), cells.get("vehicle", "")
    role = ROLES.get(said.lower())
    if role is None:
        return Fault(line, "role", "one of " + ", ".join(dict.fromkeys(ROLES.values())), shown(said))
    if not 1 <= len(name) <= NAME_LENGTH:
        return Fault(line, "name", f"1 to {NAME_LENGTH} characters", shown(name))
    wanted = BOUND.get(role)
    values = {column: cells.get(column, "") for column in EMPTY}
    values["desk"] = DESK_WORDS.get(values["desk"].lower(), values["desk"].lower())
    for column, value in values.items():
        if bool(value) != (column == wanted):
            return Fault(line, column, f"one for a {role}" if column == wanted else f"none for a {role}", shown(value))
        if len(value) > ID_LENGTH:
            return Fault(line, column, f"at most {ID_LENGTH} characters", shown(value))
    if wanted == "desk" and values["desk"] not in desks:
        return Fault(line, "desk", "one of " + ", ".join(desks), shown(cells.get("desk", "")))
    if vehicle and (role != "medic" or len(vehicle) > VEHICLE_LENGTH):
        expected = f"at most {VEHICLE_LENGTH} characters" if role == "medic" else f"none for a {role}"
        return Fault(line, "vehicle", expected, shown(vehicle))
    bound = {wanted: values[wanted]} if wanted else {}
    return Person(line, role, name, vehicle=vehicle, **bound)
