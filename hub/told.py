"""A page's text as one city says it.

The files speak of Kota Mojokerto with 119 and 112, in WIB. Of another city they say its own name and its own numbers,
in every language and without JavaScript, because the text itself is changed on its way out. Numbers are changed where
they stand alone: in `tel:119` and "Telepon 119", not in the name `phone_119`, nor in 112.43. The switch of languages
offers the city's alone (the two lists in `static/shared/words.js`). A city in another zone has its own clock and
letters (`static/shared/zone.js`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from hub.city_file import OWN, CityFile

Told = Callable[[str], str]
AHEAD: Final = "{} * 3600000"
TONGUES: Final = (["id", "en", "jv"], ["id", "en"])
"""The languages of the resident's page and of the others, as the switch of languages has them."""


def told_by(city: CityFile) -> Told:
    """What changes a text; nothing does for the city that the files speak of."""
    words = {own: said for own, said in zip(OWN.numbers, city.numbers, strict=True) if own != said}
    names = {OWN.name: city.name, "Mojokerto City": city.name, "Kitha Mojokerto": city.name, OWN.short: city.short}
    if city.name != OWN.name:
        words |= names
    if city.clock.ms != OWN.clock.ms:
        words |= {AHEAD.format(OWN.clock.hours): AHEAD.format(city.clock.hours), OWN.clock.letters: city.clock.letters}
    for offered in TONGUES:
        kept = [tongue for tongue in offered if tongue in city.languages]
        if len(kept) < len(offered):
            words[json.dumps(offered)] = json.dumps(kept)
    if not words:
        return same
    number = r"(?<![\w.,+-])(?:{})(?![\w]|[.,]\d)"
    letters = {OWN.clock.letters: rf"\b{OWN.clock.letters}\b"}
    alone = "|".join(
        number.format(re.escape(own)) if own.isdigit() else letters.get(own, re.escape(own)) for own in words
    )
    pattern = re.compile(alone)
    return lambda text: pattern.sub(lambda found: words[found.group()], text)


def same(text: str) -> str:
    return text
