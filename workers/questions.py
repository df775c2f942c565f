"""The parameters of `GET /v1/shops`, checked: the one place that says what is right."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

from hub.errors import DataError
from workers.find import Question
from workers.search import CATEGORY_WORDS
from workers.words import words

MOST_LETTERS: Final = 100
MOST_WORDS: Final = 8
MOST_SHOPS: Final = 50


def question(params: Iterable[tuple[str, str]], kelurahan: Collection[str]) -> Question:
    """Read a question from the names and values that were asked with.

    Args:
        kelurahan: the ids of the city's; another one is nowhere, which is not the same as a place without shops.

    Raises:
        DataError: a value, or a name that is none; `path` is the name.
    """
    given: dict[str, Any] = {}
    for name, value in params:
        if name not in _READ:
            raise DataError(name[:40], f"expected one of {', '.join(_READ)}")
        field, read = _READ[name]
        if field in given:
            raise DataError(name, "expected it once")
        given[field] = read(name, value)
    if given.get("kelurahan") is not None and given["kelurahan"] not in kelurahan:
        raise DataError("kelurahan", f"expected one of {', '.join(sorted(kelurahan))}")
    return Question(**given)


def _words(name: str, value: str) -> tuple[str, ...] | None:
    """None for a blank, which asks for all; no words at all (punctuation) find nothing."""
    if len(value) > MOST_LETTERS:
        raise DataError(name, f"expected at most {MOST_LETTERS} letters")
    found = words(value)
    if len(found) > MOST_WORDS:
        raise DataError(name, f"expected at most {MOST_WORDS} words")
    return found if value.strip() else None


def _category(name: str, value: str) -> str:
    if value not in CATEGORY_WORDS:
        raise DataError(name, f"expected one of {', '.join(CATEGORY_WORDS)}")
    return value


def _kelurahan(name: str, value: str) -> str:
    """Its id is its name in lower case."""
    return value.strip().lower()


def _near(name: str, value: str) -> tuple[float, float]:
    try:
        lat, lon = map(float, value.split(","))
    except ValueError:
        lat = lon = math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # false for NaN too
        raise DataError(name, "expected <lat>,<lon>")
    return lat, lon


def _open(name: str, value: str) -> bool:
    if value not in ("0", "1"):
        raise DataError(name, "expected 1 or 0")
    return value == "1"


def _limit(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 3 and 1 <= int(value) <= MOST_SHOPS):
        raise DataError(name, f"expected a number from 1 to {MOST_SHOPS}")
    return int(value)


_READ: Final[Mapping[str, tuple[str, Callable[[str, str], Any]]]] = {
    "q": ("words", _words),
    "category": ("category", _category),
    "near": ("near", _near),
    "open": ("open", _open),
    "kelurahan": ("kelurahan", _kelurahan),
    "limit": ("limit", _limit),
}
