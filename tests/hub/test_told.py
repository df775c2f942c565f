"""A page's text as one city says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from hub.city_file import OWN, CityFile
from hub.told import same, told_by

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def other() -> CityFile:
    """Another city with other numbers."""
    numbers = {"medical": "118", "all": "110"}
    return replace(OWN, code="35.99", name="Kabupaten Watugede", short="Watugede", emergency=numbers)


def test_the_citys_own_text_is_left_alone() -> None:
    """Not even looked at."""
    assert told_by(OWN) is same
    assert same("119") == "119"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('<a href="tel:119">119</a>', '<a href="tel:118">118</a>'),
        ("Telepon 119 atau 112.", "Telepon 118 atau 110."),
        ("telpun 119, 112", "telpun 118, 110"),
        ('source_phone_119: "lewat 119"', 'source_phone_119: "lewat 118"'),
        ('advice === "call_119"', 'advice === "call_119"'),
        ("[112.4338, -7.47]", "[112.4338, -7.47]"),
        ("111195 1190 x119", "111195 1190 x119"),
        ("Peta Kota Mojokerto", "Peta Kabupaten Watugede"),
        ("Made in Mojokerto City", "Made in Kabupaten Watugede"),
        ("Buatan Mojokerto", "Buatan Watugede"),
    ],
)
def test_names_and_numbers_are_changed_where_they_stand_alone(other: CityFile, said: str, meant: str) -> None:
    """Words and links, not names of things and not degrees."""
    assert told_by(other)(said) == meant


def test_the_switch_offers_the_citys_languages_alone() -> None:
    """Where the pages have the two lists; a city with all of them changes nothing."""
    text = (ROOT / "static" / "shared" / "words.js").read_text("utf-8")
    told = told_by(replace(OWN, languages=("id", "en")))(text)
    assert told != text
    assert told.count('["id", "en"]') == 2
    assert '"jv"' not in told
    assert told_by(replace(OWN, languages=("id",)))(text).count('["id"]') == 2


@pytest.mark.parametrize(("zone", "hours", "letters"), [("Asia/Makassar", 8, "WITA"), ("Asia/Jayapura", 9, "WIT")])
def test_a_city_in_another_zone_has_its_own_clock(zone: str, hours: int, letters: str) -> None:
    """In the one module that all pages take it from, and in the words; a name with the same letters in it stays."""
    told = told_by(replace(OWN, zone=zone))
    text = told((ROOT / "static" / "shared" / "zone.js").read_text("utf-8"))
    assert f"ZONE_MS = {hours} * 3600000;" in text
    assert f'ZONE = "{letters}";' in text
    assert told("pukul 07:00 WIB, WIBAWA") == f"pukul 07:00 {letters}, WIBAWA"
    assert told_by(replace(OWN, zone="Asia/Pontianak")) is same


def test_no_page_reckons_with_a_zone_of_its_own() -> None:
    """Whoever needs the clock imports it."""
    wrong = [
        str(path.relative_to(ROOT))
        for path in ROOT.glob("static/**/*.js")
        if path.name != "zone.js" and re.search(r"\b7 \* (?:3600|60 \*)|25200|\+07:00", path.read_text("utf-8"))
    ]
    assert wrong == []


def test_no_page_of_another_city_names_ours(other: CityFile) -> None:
    """Every page and every language, as it is sent."""
    told = told_by(other)
    for path in [*ROOT.glob("static/*/index.html"), *ROOT.glob("static/words/*.js")]:
        text = told(path.read_text("utf-8"))
        assert "Mojokerto" not in text, path
        assert "tel:119" not in text, path
        assert "tel:112" not in text, path
