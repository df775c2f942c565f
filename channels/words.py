"""The words of a name, as two names are compared: lower case, without accents, endings and filler."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

FILLER: Final = frozenset(
    {"dan", "isi", "per", "yang", "untuk", "dengan", "the", "buah", "pcs", "gram", "kecil", "besar"}
)
_WORD = re.compile(r"[a-z0-9]{2,}")


def words_of(name: str) -> frozenset[str]:
    """The words that say what something is; `Kue-kue Lumpur (isi 10)` and `kue lumpur` share two."""
    plain = unicodedata.normalize("NFKD", name.lower())
    found = _WORD.findall(plain.encode("ascii", "ignore").decode())
    return frozenset(word for word in found if word not in FILLER and not word.isdecimal())
