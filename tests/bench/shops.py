"""A city's shops and products for benchmarks: names as they are here, some words much commoner than others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

from workers.words import words

SHOPS: Final = 27_900
PRODUCTS: Final = 200_000
COMMONEST: Final = "nasi"
"""In every tenth product."""

Views = dict[str, dict[str, Any]]


def _listed(text: str) -> list[str]:
    return text.split()


KELURAHAN: Final = _listed(
    "mentikan kauman pulorejo prajuritkulon surodinawan blooto gununggedangan magersari gedongan balongsari "
    "kedundung wates kranggan miji meri jagalan sentanan purwotengah"
)
_FOOD: Final = _listed(
    "ayam bakso mie soto sate es teh kopi gorengan tahu tempe lontong rawon pecel gado kue roti onde donat pisang "
    "keripik kerupuk sambal bubur martabak dawet cendol jus jeruk susu telur ikan lele bebek gurame udang sayur"
)
_GOODS: Final = _listed(
    "sepatu sandal kaos kemeja celana batik tas dompet semen paku cat kuas lampu kabel pipa sabun sampo buku pensil "
    "kertas beras gula minyak tepung garam kecap gas galon oli ban helm payung obat masker plester bibit pupuk pot"
)
_KIND: Final = _listed(
    "goreng bakar rebus kuah pedas manis asin jumbo mini spesial komplit keju coklat pandan hangat dingin kecil besar "
    "kotak hitam putih merah hijau 1kg 3kg 250gr isi10"
)
_KEEPER: Final = _listed("sri yanto budi siti agus dewi joko rini tono wati slamet endang hadi yuli eko ratna bambang")
_SIGN: Final = ("Warung", "Toko", "Depot", "Kedai", "UD", "Pusat", "Rumah")


def city(shops: int = SHOPS, products: int = PRODUCTS, seed: int = 1) -> Iterator[tuple[str, Views]]:
    """(shop id, the views of its topic), one shop after the other; 70 % are open."""
    dice = random.Random(seed)
    brands = [_brand(dice) for _ in range(20_000)]
    for number in range(shops):
        mine = products // shops + (number < products % shops)
        yield _shop(dice, brands, f"nib-{number:013d}", mine)


def _shop(dice: random.Random, brands: list[str], id_: str, products: int) -> tuple[str, Views]:
    food = dice.random() < 0.6
    is_open = dice.random() < 0.7
    shop: dict[str, Any] = {
        "type": "shop", "id": id_, "state": "open" if is_open else "closed", "at": 1,
        "name": f"{dice.choice(_SIGN)} {dice.choice(_KEEPER)} {dice.choice(brands)}".title(),
        "category": "food" if food else dice.choice(("goods", "goods", "made_to_order")),
        "kelurahan": dice.choice(KELURAHAN), "lat": -7.47 + dice.uniform(-0.03, 0.03),
        "lon": 112.435 + dice.uniform(-0.03, 0.03), "busy_min": 0, "hours": [], "deaf": False, "listening": 1,
        "owner": "Sri", "phone": "0812", "contact": {"name": "Yanto", "phone": "0813"}, "expired": 0,
    }  # fmt: skip
    if not is_open:
        shop |= {"why": "hours", "opens_at": 1_800_000_000_000}
    views: Views = {id_: shop}
    for place in range(products):
        name = _product(dice, brands, food)
        views[f"p{place}"] = {
            "type": "product", "id": f"p{place}", "state": "available", "at": 1, "shop": id_, "name": name,
            "price": dice.randint(2, 400) * 500, "stock": None, "made_here": dice.random() < 0.1,
        }  # fmt: skip
    return id_, views


def _product(dice: random.Random, brands: list[str], food: bool) -> str:
    parts = [dice.choice(_FOOD if food else _GOODS), dice.choice(_KIND)]
    if food and dice.random() < 0.17:
        parts.insert(0, COMMONEST)
    if dice.random() < 0.5:
        parts.append(dice.choice(brands))
    return " ".join(parts).capitalize()


def _brand(dice: random.Random) -> str:
    return "".join(
        dice.choice("bcdfghjklmnprstwy") + dice.choice("aiueo") + dice.choice(("", "", "n", "r", "s"))
        for _ in range(dice.randint(2, 4))
    )


def questions(count: int, seed: int = 2) -> Iterator[str]:
    """What people type: whole names, beginnings of them, and names with one wrong letter."""
    dice = random.Random(seed)
    names = [view["name"] for _, views in city(500, 4_000, seed) for view in views.values()]
    for number in range(count):
        some = list(words(dice.choice(names)))[: dice.randint(1, 3)]
        if number % 3 == 1:
            some[-1] = some[-1][: max(1, len(some[-1]) // 2)]
        if number % 3 == 2:
            place = dice.randrange(len(some))
            some[place] = _slip(dice, some[place])
        yield " ".join(some)


def _slip(dice: random.Random, word: str) -> str:
    at = dice.randrange(len(word))
    before, after = word[:at], word[at + 1 :]
    letter = dice.choice("aiueonrst")
    return dice.choice((before + after, before + letter + word[at:], before + letter + after))
