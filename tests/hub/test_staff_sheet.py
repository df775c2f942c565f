"""A list of people as a CSV file: what is read, and what is said of rows that are wrong."""

from __future__ import annotations

import pytest

from hub.errors import StartError
from hub.staff_sheet import MOST_ROWS, read_people

HEAD = "nama;peran;toko;mobil;meja;kendaraan\n"
GOOD = (
    HEAD + "Sari Wulandari;medis;;;;motor\nSri;penjual;s01;;;\nJoko;awak;;v1;;\nEndah;pusat;;;medis;\nWati;PLUT;;;;\n"
)


def test_everybody_is_read_with_their_place() -> None:
    """Indonesian and English words, in any case; the line is the file's."""
    people = read_people(GOOD.encode())
    assert [(one.line, one.role, one.name, one.shop, one.van, one.desk, one.vehicle) for one in people.good] == [
        (2, "medic", "Sari Wulandari", None, None, None, "motor"),
        (3, "seller", "Sri", "s01", None, None, ""),
        (4, "crew", "Joko", None, "v1", None, ""),
        (5, "dispatcher", "Endah", None, None, "medic", ""),
        (6, "plut", "Wati", None, None, None, ""),
    ]
    assert (people.faults, people.rows) == ((), 5)


@pytest.mark.parametrize(
    "form", [lambda text: "\ufeff" + text, lambda text: text.replace(";", ","), lambda text: text.replace("\n", "\r\n")]
)
def test_a_file_as_a_spreadsheet_writes_it_is_the_same(form: object) -> None:
    """A byte-order mark, commas, Windows' line ends."""
    assert callable(form)
    assert read_people(form(GOOD).encode("utf-8")).good == read_people(GOOD.encode()).good


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("Sari;dokter;;;;", "role", "one of medic, seller, crew, dispatcher, plut"),
        ("Sari;admin;;;;", "role", "one of medic"),
        (";medis;;;;", "name", "1 to 80 characters"),
        (f"{'x' * 81};medis;;;;", "name", "1 to 80 characters"),
        ("Sri;penjual;;;;", "shop", "one for a seller"),
        ("Sari;medis;s01;;;", "shop", "none for a medic"),
        ("Endah;pusat;;;;", "desk", "one for a dispatcher"),
        ("Endah;pusat;;;dapur;", "desk", "one of medic, market, van, city"),
        ("Sri;penjual;s01;;;motor", "vehicle", "none for a seller"),
        (f"Sari;medis;;;;{'x' * 41}", "vehicle", "at most 40 characters"),
        (f"Sri;penjual;{'x' * 81};;;", "shop", "at most 80 characters"),
        ("Sari;medis;;;;motor;lagi", "row", "6 columns"),
    ],
)
def test_a_wrong_row_is_a_fault_with_its_line_and_the_others_are_read(row: str, column: str, expected: str) -> None:
    """What was expected there, in which column."""
    people = read_people((GOOD + row + "\nTini;medis;;;;\n").encode())
    (fault,) = people.faults
    assert (fault.line, fault.column) == (7, column)
    assert expected in fault.expected
    assert people.good[-1].name == "Tini"
    assert len(people.good) == 6


def test_the_same_person_twice_is_said_with_both_lines() -> None:
    """The first is kept; another desk or another shop makes another sign-in."""
    twice = "SARI WULANDARI;medic;;;;mobil\nSri;penjual;s02;;;\nEndah;pusat;;;mobil;\n"
    people = read_people((GOOD + twice).encode())
    (fault,) = people.faults
    assert (fault.line, fault.column, fault.got) == (7, "name", "SARI WULANDARI")
    assert "stands in line 2 too" in fault.expected
    assert len(people.good) == 7
    assert len({one.id for one in people.good}) == 7


def test_a_person_has_one_id_whenever_the_list_is_read() -> None:
    """In whatever order and spelling of the case."""
    again = read_people((HEAD + "sari wulandari;MEDIS;;;;\n").encode()).good[0]
    assert again.id == read_people(GOOD.encode()).good[0].id


def test_a_desk_that_the_city_has_not_is_none() -> None:
    """Its people could do nothing."""
    (fault,) = read_people(GOOD.replace("medis;\n", "kota;\n").encode(), ("medic", "van")).faults
    assert (fault.column, fault.expected, fault.got) == ("desk", "one of medic, van", "kota")


@pytest.mark.parametrize(("text", "says"), [("", "empty file"), ("nama;toko\nSari;s01\n", "role (peran)")])
def test_what_is_no_list_is_refused(text: str, says: str) -> None:
    """The columns that must be there are named."""
    with pytest.raises(StartError) as refused:
        read_people(text.encode())
    assert says in str(refused.value)


def test_a_list_without_end_has_one() -> None:
    """What is beyond is a fault each, not silence."""
    people = read_people((HEAD + "".join(f"M{n};medis;;;;\n" for n in range(MOST_ROWS + 1))).encode())
    assert (len(people.good), len(people.faults)) == (MOST_ROWS, 1)
