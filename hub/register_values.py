"""What stands in the columns of a register, read as people and Excel write it. Pure.

Each reader takes a cell's text, cleaned and not empty, and raises `DataError(column, expected)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from hub.errors import DataError

MAX_PRODUCTS: Final = 200
MAX_PRICE: Final = 1_000_000_000
NEAR_M: Final = 5_000

FOOD: Final = (
    "food makanan minuman kuliner makan minum boga restoran resto restaurant kafe cafe kedai depot katering "
    "catering bakery roti kue jajan jajanan camilan snack kopi angkringan lesehan soto bakso mie jamu"
)
GOODS: Final = (
    "goods barang perdagangan dagang pedagang toko eceran grosir retail ritel kelontong sembako kios swalayan "
    "minimarket apotek agen distributor pasar pertanian peternakan perikanan"
)
MADE: Final = (
    "made_to_order made order pesanan pesan kerajinan kriya craft konveksi jahit penjahit penjahitan bordir batik "
    "sablon percetakan mebel meubel furnitur furniture bengkel reparasi servis salon pangkas kecantikan laundry penatu "
    "las konstruksi fotografi persewaan penyewaan rental pakaian anyaman tenun"
)
CATEGORIES: Final = {
    word: category
    for category, words in (("food", FOOD), ("goods", GOODS), ("made_to_order", MADE))
    for word in words.split()
}
# Words that decide only where no other does: "jasa boga" is food, "industri makanan" is food, "jasa" alone is not.
WEAK: Final = {
    "jasa": "made_to_order", "service": "made_to_order", "services": "made_to_order", "industri": "made_to_order",
    "pengolahan": "made_to_order", "warung": "food",
}  # fmt: skip
# Shops that bake; any other "toko" sells goods.
PHRASES: Final = {"toko roti": "food", "toko kue": "food"}
# The first digits of a KBLI 2020 code: divisions of food and drink, of trade, of crafts and services.
KBLI: Final = {
    **dict.fromkeys(("10", "11", "56"), "food"),
    **dict.fromkeys(("01", "03", "45", "46", "47"), "goods"),
    **dict.fromkeys(("13", "14", "15", "16", "18", "23", "25", "31", "32", "74", "77", "95", "96"), "made_to_order"),
}
CATEGORY: Final = (
    "food (makanan, minuman, kuliner), goods (barang, perdagangan, toko) or made_to_order (pesanan, kerajinan, jasa, "
    "konveksi)"
)

_FORMULA: Final = re.compile(r'="(.*)"')
_SCIENTIFIC: Final = re.compile(r"\d(?:[.,]\d+)?e\+?\d+", re.I | re.A)
_ZEROS: Final = re.compile(r"(\d+)[.,]0+", re.A)
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{4,19}")
_DEGREES: Final = re.compile(r"[+-]?\d{1,3}(?:[.,]\d+)?", re.A)
_PRICE: Final = re.compile(r"(?:rp\.?|idr)?\s*(\d{1,3}(?:[., ]\d{3})+|\d+)(?:[.,]0{1,2})?(?:,-)?", re.I | re.A)


class Ground(Struct, frozen=True):
    """The city as a register sees it.

    Args:
        kelurahan: id -> name.
        near: whether a place (lat, lon) lies in the city or within `NEAR_M` of it.
    """

    kelurahan: Mapping[str, str]
    near: Callable[[float, float], bool]


def bare(text: str) -> str:
    """A number that Excel was told to keep as text: `="0123"`, `'0123`."""
    if text[0] not in "='":
        return text
    found = _FORMULA.fullmatch(text)
    return (found[1] if found else text).strip().removeprefix("'").strip()


def nib(text: str) -> str:
    """The 13 digits of a business number."""
    digits = bare(text)
    if _SCIENTIFIC.fullmatch(digits):
        raise DataError(
            "nib",
            "13 digits; Excel rounded this number, its last digits are lost: make the column Text and fill it anew",
        )
    if (whole := _ZEROS.fullmatch(digits)) is not None and len(whole[1]) == 13:
        digits = whole[1]
    digits = re.sub(r"[\s.,-]", "", digits)
    if re.fullmatch(r"\d{13}", digits, re.A):
        return digits
    if re.fullmatch(r"\d{9,12}", digits, re.A):
        raise DataError(
            "nib", f"13 digits, here are {len(digits)}: Excel drops zeros in front unless the column is Text"
        )
    raise DataError("nib", "13 digits")


def words(column: str, most: int) -> Callable[[str], str]:
    """A reader of plain text of at most `most` characters."""

    def read(text: str) -> str:
        if "�" in text:
            raise DataError(column, "readable text; a character was lost when the file was saved")
        if len(text) > most:
            raise DataError(column, f"at most {most} characters, here are {len(text)}")
        return text

    return read


@lru_cache(4096)
def category(text: str) -> str:
    """A shop's category from a word of ours, of everyday speech or of the KBLI, or from a KBLI code."""
    said = re.findall(r"[a-z_]+|\d+", text.lower())
    joined = " ".join(said)
    for phrase, found in PHRASES.items():
        if phrase in joined:
            return found
    if said and said[0].isdecimal() and 2 <= len(said[0]) <= 5 and said[0][:2] in KBLI:
        return KBLI[said[0][:2]]
    for known in (CATEGORIES, WEAK):
        for word in said:
            if word in known:
                return known[word]
    raise DataError("category", CATEGORY)


def kelurahan_of(ground: Ground) -> Callable[[str], str]:
    """A reader of kelurahan: the id by the name, in any case and spacing."""
    known = {_letters(name): id_ for id_, name in ground.kelurahan.items()}
    expected = "one of " + ", ".join(sorted(ground.kelurahan.values()))

    def read(text: str) -> str:
        wanted = _letters(text)
        for name in (wanted, wanted.removeprefix("kelurahan"), wanted.removeprefix("kel")):
            if name in known:
                return known[name]
        raise DataError("kelurahan", expected)

    return read


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def phone(text: str) -> str:
    """One phone number; the zero that Excel took from its front is put back."""
    number = bare(text)
    if _SCIENTIFIC.fullmatch(number):
        raise DataError("phone", "a phone number; Excel rounded this one: make the column Text and fill it anew")
    if (whole := _ZEROS.fullmatch(number)) is not None:
        number = whole[1]
    digits = re.sub(r"[ ().-]", "", number)
    if re.fullmatch(r"8\d{8,11}", digits, re.A):
        number = "0" + number
    elif re.fullmatch(r"62\d{8,12}", digits, re.A):
        number = "+" + number
    if not _PHONE.fullmatch(number):
        raise DataError("phone", "one phone number such as 0812 3456 7890 or +62 321 123456")
    return number


def point(lat: str, lon: str, ground: Ground) -> tuple[float, float]:
    """A position in or near the city; both halves are needed."""
    if not lat or not lon:
        raise DataError("lat" if not lat else "lon", "both lat and lon, or neither")
    place = _degrees("lat", lat), _degrees("lon", lon)
    if not ground.near(*place):
        swapped = abs(place[1]) <= 90 and ground.near(place[1], place[0])
        raise DataError(
            "lat", f"a place within {NEAR_M // 1000} km of the city" + "; lat and lon are swapped" * swapped
        )
    return place


def _degrees(column: str, text: str) -> float:
    if not _DEGREES.fullmatch(number := bare(text).replace("−", "-")):
        raise DataError(column, "degrees such as " + ("-7.4722" if column == "lat" else "112.4338"))
    return float(number.replace(",", "."))


def products(text: str) -> list[dict[str, Any]]:
    """Products with ids `p1`, `p2` in the order in which they stand; the same one twice counts once."""
    prices: dict[str, int] = {}
    for item in text.replace("\n", ";").split(";"):
        name, _, written = item.rpartition("=")
        name = name.strip()
        if not name and not item.strip():
            continue
        if not name or len(name) > 60 or "�" in name:
            raise DataError(
                "products", f"name=price; name=price, names of 1 to 60 characters; at {item.strip()[:60]!r}"
            )
        price = _price(written.strip(), item)
        if prices.setdefault(name, price) != price:
            raise DataError("products", f"one price for each product; {name!r} has two")
    if len(prices) > MAX_PRODUCTS:
        raise DataError("products", f"at most {MAX_PRODUCTS} products, here are {len(prices)}")
    return [
        {"id": f"p{number}", "name": name, "price": price} for number, (name, price) in enumerate(prices.items(), 1)
    ]


def _price(text: str, item: str) -> int:
    found = None if text.isdecimal() and text.isascii() else _PRICE.fullmatch(text)
    whole = text if found is None else re.sub(r"[., ]", "", found[1])
    price = int(whole) if whole.isdecimal() and len(whole) < 12 else -1
    if not 0 <= price <= MAX_PRICE:
        raise DataError("products", f"a price in whole rupiah from 0 to {MAX_PRICE:,}; at {item.strip()[:60]!r}")
    return price
