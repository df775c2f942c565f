"""Cells of a register as people and Excel write them."""

from __future__ import annotations

from typing import Any

import pytest

from hub.app import ground
from hub.errors import DataError
from hub.register_values import category, kelurahan_of, nib, phone, point, products, words

GROUND = ground()


def refused(read: Any, *cells: Any) -> DataError:
    with pytest.raises(DataError) as found:
        read(*cells)
    return found.value


@pytest.mark.parametrize(
    "text",
    [
        "0220001234567",
        "'0220001234567",
        '="0220001234567"',
        "0220 0012 34567",
        "0220-0012-34567",
        "0.220.001.234.567",
        "0220001234567.0",
        "0220001234567,00",
    ],
)
def test_a_nib_is_13_digits_in_any_dress(text: str) -> None:
    """Signs that keep it text, spaces and groups of digits are taken off."""
    assert nib(text) == "0220001234567"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.23457E+12", "Excel rounded"),
        ("1,23457E+12", "Excel rounded"),
        ("1e12", "Excel rounded"),
        ("220001234567", "here are 12: Excel drops zeros"),
        ("02200012345678", "13 digits"),
        ("٠٢٢٠٠٠١٢٣٤٥٦٧", "13 digits"),
        ("NIB", "13 digits"),
    ],
)
def test_a_nib_that_lost_digits_says_why(text: str, why: str) -> None:
    """A number that Excel rounded or shortened is not guessed: the error says how it comes about."""
    error = refused(nib, text)
    assert error.path == "nib"
    assert why in error.expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("food", "food"),
        ("Makanan", "food"),
        ("KULINER", "food"),
        ("Jasa boga", "food"),
        ("Rumah/Warung Makan", "food"),
        ("Industri makanan olahan", "food"),
        ("Warung", "food"),
        ("Toko roti", "food"),
        ("56102", "food"),
        ("10710 - Industri produk roti", "food"),
        ("goods", "goods"),
        ("Perdagangan eceran makanan dan minuman", "goods"),
        ("Toko sepatu", "goods"),
        ("warung kelontong", "goods"),
        ("47112", "goods"),
        ("made_to_order", "made_to_order"),
        ("Made to order", "made_to_order"),
        ("pesanan", "made_to_order"),
        ("Kerajinan kayu", "made_to_order"),
        ("Konveksi", "made_to_order"),
        ("Jasa penjahitan", "made_to_order"),
        ("jasa", "made_to_order"),
        ("Industri", "made_to_order"),
        ("15202", "made_to_order"),
    ],
)
def test_a_category_is_found_in_everyday_words(text: str, expected: str) -> None:
    """Our words, everyday ones, those of the KBLI and its codes."""
    assert category(text) == expected


@pytest.mark.parametrize("text", ["lain-lain", "62019", "561020", "?"])
def test_an_unknown_category_lists_what_is_known(text: str) -> None:
    """What is none of these is refused with examples of each."""
    error = refused(category, text)
    assert error.path == "category"
    assert all(word in error.expected for word in ("makanan", "toko", "konveksi"))


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("Kranggan", "kranggan"),
        ("KRANGGAN", "kranggan"),
        ("kel. Kranggan", "kranggan"),
        ("Kelurahan Prajurit Kulon", "prajuritkulon"),
        ("Gunung Gedangan", "gununggedangan"),
        ("kedundung", "kedundung"),
    ],
)
def test_a_kelurahan_is_found_by_name(text: str, id_: str) -> None:
    """In any case and spacing, with or without the word itself."""
    assert kelurahan_of(GROUND)(text) == id_


def test_another_kelurahan_is_refused_with_the_names() -> None:
    """One that is not the city's is refused with those that are."""
    error = refused(kelurahan_of(GROUND), "Sooko")
    assert error.path == "kelurahan"
    assert error.expected.startswith("one of Balongsari, Blooto, ")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("081234567890", "081234567890"),
        ("0812-3456-7890", "0812-3456-7890"),
        ("+62 812 3456 7890", "+62 812 3456 7890"),
        ("6281234567890", "+6281234567890"),
        ("81234567890", "081234567890"),
        ("81234567890.0", "081234567890"),
        ("'081234567890", "081234567890"),
        ("(0321) 123456", None),
        ("0812345/0812346", None),
        ("8,12346E+11", None),
        ("tidak ada", None),
    ],
)
def test_a_phone_number_gets_its_zero_back(text: str, number: str | None) -> None:
    """What Excel took from the front is put back; two numbers, words and rounded numbers are refused."""
    if number is None:
        assert refused(phone, text).path == "phone"
    else:
        assert phone(text) == number


def test_a_place_is_in_or_near_the_city() -> None:
    """Both halves, with a decimal point or comma, within 5 km of the city."""
    assert point("-7.4734", "112.4353", GROUND) == (-7.4734, 112.4353)
    assert point("-7,4734", "112,4353", GROUND) == (-7.4734, 112.4353)
    assert point("-7.4734", "112.3700", GROUND) == (-7.4734, 112.37)  # 4 km west of the border


@pytest.mark.parametrize(
    ("lat", "lon", "column", "why"),
    [
        ("-7.47", "", "lon", "both lat and lon"),
        ("", "112.43", "lat", "both lat and lon"),
        ("-7.4734", "112.3000", "lat", "within 5 km"),
        ("0", "0", "lat", "within 5 km"),
        ("112.4353", "-7.4734", "lat", "swapped"),
        ("-7.472.314", "112.4353", "lat", "degrees such as"),
        ("-7.4734", "112° 26'", "lon", "degrees such as"),
        ("nan", "112.4353", "lat", "degrees such as"),
    ],
)
def test_a_place_elsewhere_is_refused(lat: str, lon: str, column: str, why: str) -> None:
    """Half a place, another town, the halves swapped, or what Excel made of a decimal point."""
    error = refused(point, lat, lon, GROUND)
    assert error.path == column
    assert why in error.expected


def test_products_are_named_and_priced() -> None:
    """Separated by semicolons or line breaks, with prices as Indonesians write them; ids in their order."""
    found = products(
        "Nasi pecel=12000; Soto ayam = Rp 14.000 ;\nEs teh=Rp4.000,-\nKopi=5000.00;Bakso=12,500;; Teh A=B=3000"
    )
    assert [product["id"] for product in found] == ["p1", "p2", "p3", "p4", "p5", "p6"]
    assert {product["name"]: product["price"] for product in found} == {
        "Nasi pecel": 12000,
        "Soto ayam": 14000,
        "Es teh": 4000,
        "Kopi": 5000,
        "Bakso": 12500,
        "Teh A=B": 3000,
    }
    assert products("A=1;A=1") == [{"id": "p1", "name": "A", "price": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "Nasi pecel",
        "=12000",
        "Nasi=-500",
        "Nasi=12.5",
        "Nasi=mahal",
        "Nasi=",
        "Nasi=99999999999",
        "Nasi=1E+5",
        "Nasi=1000; Nasi=2000",
        "x" * 61 + "=1",
        "Caf�=1000",
        ";".join(f"A{n}=1" for n in range(201)),
    ],
)
def test_wrong_products_are_refused(text: str) -> None:
    """Without a price, with one that is negative, broken or no number, twice at two prices, or too many."""
    assert refused(products, text).path == "products"


def test_words_have_a_length_and_can_be_read() -> None:
    """Text that is too long, or lost a letter on its way, is refused."""
    read = words("name", 10)
    assert read("Warung") == "Warung"
    assert "here are 11" in refused(read, "x" * 11).expected
    assert "lost" in refused(read, "Caf�").expected
