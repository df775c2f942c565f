"""A whole register: its header, good rows, and faults with their line and column."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from hub.app import ground
from hub.errors import StartError
from hub.register import Register, read_register
from hub.sheet import Fault, shown
from tests.support.make_register import COLUMNS, register, write_register

GROUND = ground()
HEADER = "nib;nama;kategori;kelurahan\n"


def read(text: str, encoding: str = "utf-8") -> Register:
    return read_register(text.encode(encoding), GROUND)


def nib(number: int) -> str:
    return f"{number:013d}"


def test_a_row_becomes_a_shop() -> None:
    """Every column in Indonesian, out of order and oddly spelt; the shop is what `shop.register` takes."""
    found = read(
        " PRODUK ;Jam Buka;Bujur;LINTANG;No. HP;Alamat;Pemilik;Kelurahan;Kategori;Nama;NIB\n"
        "Nasi pecel=12000;Sen-Sab 08.00-16.00;112,4353;-7,4734;81234567890;Jl. Majapahit 1;Sri;kranggan;kuliner;"
        "Warung  Bu Sri;0220001234567\n"
    )
    (row,) = found.good
    assert row.line == 2
    assert row.shop == {
        "id": "nib-0220001234567",
        "nib": "0220001234567",
        "name": "Warung Bu Sri",
        "category": "food",
        "kelurahan": "kranggan",
        "owner": "Sri",
        "phone": "081234567890",
        "address": "Jl. Majapahit 1",
        "lat": -7.4734,
        "lon": 112.4353,
        "hours": [[[480, 960]]] * 6 + [[]],
        "products": [{"id": "p1", "name": "Nasi pecel", "price": 12000}],
    }
    assert (found.rows, found.bad, found.faults, found.unread, found.encoding) == (1, 0, [], [], "UTF-8")


def test_only_what_is_there_is_said() -> None:
    """Empty cells and columns that are missing leave no key; a shop may have its four columns alone."""
    found = read("nib,name,category,kelurahan,phone,hours\n" + f"{nib(1)},Toko A,goods,Miji,,\n")
    assert set(found.good[0].shop) == {"id", "nib", "name", "category", "kelurahan"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_way_to_save_gives_the_same_shops(separator: str, encoding: str) -> None:
    """Three separators and four encodings, with separators, quotes and line breaks inside of fields."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(["nib", "nama", "kategori", "kelurahan", "alamat", "produk", ""])
    writer.writerow([nib(1), 'Café "Ayu"', "kuliner", "Meri", "Jl. A, 1; RT 2\r\nMojokerto\t61315", "A=1;\nB=2", ""])
    writer.writerow(["", "", "", "", "", "", ""])
    writer.writerow([nib(2), "Toko", "toko", "Wates", "", "", ""])
    found = read(out.getvalue() + "\r\n", encoding)
    assert not found.faults
    assert [row.line for row in found.good] == [2, 6]
    shop = found.good[0].shop
    assert shop["name"] == 'Café "Ayu"'
    assert shop["address"] == "Jl. A, 1; RT 2 Mojokerto 61315"
    assert [product["name"] for product in shop["products"]] == ["A", "B"]


def test_a_separator_may_be_named_in_the_first_line() -> None:
    """Excel's `sep=` counts as a line and decides."""
    found = read(f"sep=|\nnib|nama|kategori|kelurahan\n{nib(1)}|A;B,C|toko|Miji\n")
    assert [(row.line, row.shop["name"]) for row in found.good] == [(3, "A;B,C")]


def test_invisible_signs_are_not_part_of_a_name() -> None:
    """Hard spaces become spaces, marks and joiners go, letters are composed."""
    (row,) = read(f"{HEADER}{nib(1)};\ufeff Warung\u00a0\u200bKafe\u0301 ;kuliner;Miji\n").good
    assert row.shop["name"] == "Warung Kafé"


def test_each_fault_names_line_column_and_what_was_there() -> None:
    """All that is wrong with a row is said at once; good rows beside it are kept."""
    found = read(
        "nib;nama;kategori;kelurahan;lintang;bujur;jam\n"
        f"{nib(1)};A;toko;Miji;;;\n"
        '1,23457E+12;"Two\nlines";luar angkasa;Sooko;-7.47;;pagi\n'
        f"{nib(2)};;toko;Miji;;;\n"
        f"{nib(3)};C;toko;Miji;;;\n"
    )
    assert [row.shop["name"] for row in found.good] == ["A", "C"]
    assert (found.rows, found.bad) == (4, 2)
    assert [(fault.line, fault.column, fault.got) for fault in found.faults] == [
        (3, "nib", "1,23457E+12"),
        (3, "category", "luar angkasa"),
        (3, "kelurahan", "Sooko"),
        (3, "hours", "pagi"),
        (3, "lon", "-7.47"),
        (5, "name", ""),
    ]
    assert all(fault.expected for fault in found.faults)


def test_a_nib_counts_once() -> None:
    """The first good row of a NIB is kept; later ones are faults that name its line."""
    found = read(f"{HEADER}{nib(1)};;toko;Miji\n{nib(1)};B;toko;Miji\n\n{nib(1)};C;toko;Miji\n")
    assert [(row.line, row.shop["name"]) for row in found.good] == [(3, "B")]
    assert found.faults[1] == Fault(5, "nib", "each NIB once; line 3 has it already", nib(1))


def test_a_row_out_of_its_columns_is_a_fault_of_the_row() -> None:
    """An unquoted separator and a quote that is never closed cost their own row."""
    found = read(f'{HEADER}{nib(1)};A; B;toko;Miji\n{nib(2)};"B;toko;Miji\n{nib(3)};C;toko;Miji;;;\n')
    assert [(fault.line, fault.column) for fault in found.faults] == [(2, "row"), (3, "row")]
    assert "4 columns" in found.faults[0].expected
    assert [row.shop["name"] for row in found.good] == ["C"]


def test_missing_columns_are_named_in_one_sentence() -> None:
    """Which columns must be there, which are not, and what the header says instead."""
    with pytest.raises(StartError) as refused:
        read("\nNIB,Alamat,Nama Usaha\n1,2,3\n")
    said = str(refused.value)
    assert "missing: category (kategori), kelurahan; line 2" in said
    assert "line 2 is: NIB, Alamat, Nama Usaha" in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["", "\n\n", " , ,\n"])
def test_an_empty_file_is_no_register(text: str) -> None:
    """Nothing in it, or only separators."""
    with pytest.raises(StartError, match="empty file"):
        read(text)


def test_a_column_may_stand_once() -> None:
    """Two columns of one meaning are not chosen between."""
    with pytest.raises(StartError, match="one column for name, got two: 'nama' and 'Nama Usaha'"):
        read("nib;nama;kategori;kelurahan;Nama Usaha\n")


def test_columns_that_nobody_reads_are_told() -> None:
    """A column of another name is no fault, and is not passed over in silence either."""
    found = read(f"nib;nama;kategori;kelurahan;Modal (Rp);;hpp\n{nib(1)};A;toko;Miji;5;;6\n")
    assert found.unread == ["Modal (Rp)", "hpp"]
    assert len(found.good) == 1


def test_a_header_alone_is_an_empty_register() -> None:
    """No rows, no faults."""
    assert read(HEADER).rows == 0


def test_what_was_there_is_shown_short() -> None:
    """On one line, cut where it is too long."""
    assert shown("a\n  b") == "a b"
    assert shown("x" * 200) == "x" * 119 + "…"


NOISE = (b'"', b";", b"\n", b"\r", b"\t", b"\xe9", b"=", b"-", b"E+12", "é²٣\u2028\u00a0".encode(), b" 24 jam", b"Sen-")


def test_a_spoilt_file_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever is cut out of it or put into it, every row is good or has a fault, or one sentence refuses the file."""
    path, chance = tmp_path / "register.csv", random.Random(7)
    write_register(path, 10, separator=";")
    for _ in range(300):
        data = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(data))
            data[at : at + chance.choice((0, 0, 1, 20))] = chance.choice((*NOISE, b""))
        try:
            found = read_register(bytes(data), GROUND)
        except StartError:
            continue
        assert found.rows == len(found.good) + found.bad
        assert found.bad == len({fault.line for fault in found.faults})


def test_a_generated_register_is_believable(tmp_path: Path) -> None:
    """The same seed gives the same rows; all are good, in every kelurahan, with about seven products each."""
    path = tmp_path / "register.csv"
    write_register(path, 2000)
    assert list(register(3)) == list(register(2000))[:3]
    assert list(register(3, seed=8)) != list(register(3))
    found = read_register(path.read_bytes(), GROUND)
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert (len(found.good), found.faults) == (2000, [])
    shops = [row.shop for row in found.good]
    assert {shop["kelurahan"] for shop in shops} == set(GROUND.kelurahan)
    assert {shop["category"] for shop in shops} == {"food", "goods", "made_to_order"}
    assert 13_500 < sum(len(shop["products"]) for shop in shops) < 15_200
