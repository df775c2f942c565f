"""Words of a name or a question, and which words are one wrong letter apart.

Names and questions go through the same `words`, so whatever it does to both does no harm: lower
case, no accents, no apostrophes, figures apart from letters ("3kg" and "3 kg" are the same words),
and a doubled word is one word ("kue-kue", "kue2" and "kue"). Indonesian stays as it was typed:
prefixes and suffixes carry meaning.

One wrong letter: a letter changed, missing, too many, or two neighbours swapped. Two words at that
distance always share a `cut` (the word itself, or the word less one letter), so that candidates are
found by equality and only then compared.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FORGIVEN_LETTERS: Final = 3
"""Shorter words are taken as typed: every word of two letters is one letter away from every other."""

CUT_LETTERS: Final = range(2, 33)
"""Words of these lengths are kept by their cuts; longer ones are nobody's typing."""

_APOSTROPHES: Final = str.maketrans("", "", "'`´ʻʼ‘’")
_LEFT: Final = {"Mn": "", "No": " ", "Nl": " "}
"""Accents go; numerals that are no decimal digits part words, as dots do."""

_DOUBLED: Final = re.compile(r"([^\W\d_]{3,})2\b")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")


def words(text: str) -> tuple[str, ...]:
    """The different words of a text, in order."""
    bare = (text.lower() if text.isascii() else _bare(text)).translate(_APOSTROPHES)
    if "2" in bare:
        bare = _DOUBLED.sub(r"\1", bare)
    return tuple(dict.fromkeys(_WORD.findall(bare)))


def _bare(text: str) -> str:
    """Without case, accents and other forms of the same letter (Unicode's NFKC_Casefold, less its marks)."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(_LEFT.get(unicodedata.category(letter), letter) for letter in apart)


def forgivable(word: str) -> bool:
    """Whether a wrong letter is forgiven in this word of a question; never in a figure."""
    return len(word) >= FORGIVEN_LETTERS and word.isalpha()


def cuts(word: str) -> frozenset[str]:
    """The word, and the word less each of its letters."""
    return frozenset((word, *(word[:place] + word[place + 1 :] for place in range(len(word)))))


def close(one: str, two: str) -> bool:
    """Whether two words are the same or one wrong letter apart."""
    if len(one) > len(two):
        one, two = two, one
    if len(two) - len(one) > 1:
        return False
    place = 0
    while place < len(one) and one[place] == two[place]:
        place += 1
    if len(one) < len(two):
        return one[place:] == two[place + 1 :]
    if one[place + 1 :] == two[place + 1 :]:
        return True
    swapped = one[place + 1 : place + 2] + one[place : place + 1]
    return swapped == two[place : place + 2] and one[place + 2 :] == two[place + 2 :]
