"""How well a shop meets the words of a question.

The steps of a match, best first (of one word there are three: 3, 4 and 6; without forgiven words no 5 and 6):

    1  all words whole, in one place (one product, or the shop's own name, category and kelurahan)
    2  the same, the last word as the beginning of one
    3  all words whole, somewhere in the shop and its products
    4  the same, the last word as the beginning of one
    5  one wrong letter forgiven in each word, in one place
    6  the same, somewhere

Each is a question to FTS5 and, for a shop that is at hand, the same rule in Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from msgspec import Struct

How = Literal["whole", "begun", "close"]
"""How a word must be met: as it is, the last one also as a beginning, or with one wrong letter forgiven as well."""


class Wanted(Struct, frozen=True):
    """One word of a question, and which words of the city are one wrong letter away from it."""

    word: str
    last: bool
    forgiven: frozenset[str]

    def match(self, how: How) -> str:
        """As FTS5 is asked for it. A word is letters or digits alone, so it needs no more than its quotes."""
        begun = f'"{self.word}" *' if self.last and how != "whole" else f'"{self.word}"'
        if how != "close" or not self.forgiven:
            return begun
        others = "".join(f' OR "{other}"' for other in sorted(self.forgiven))
        return f"({begun}{others})"

    def within(self, some: frozenset[str], how: How) -> bool:
        """Whether it is among some words: the same rule in Python."""
        if self.word in some:
            return True
        if self.last and how != "whole" and any(word.startswith(self.word) for word in some):
            return True
        return how == "close" and not self.forgiven.isdisjoint(some)


class Step(Struct, frozen=True):
    """One step of a match; `place` 0 is the best."""

    place: int
    together: bool
    how: How

    @property
    def table(self) -> str:
        return "part_words" if self.together else "shop_words"

    def match(self, wanted: Sequence[Wanted]) -> str:
        return " AND ".join(one.match(self.how) for one in wanted)

    def meets(self, wanted: Sequence[Wanted], parts: Iterable[frozenset[str]]) -> bool:
        """Whether a shop of these parts (words of the shop, words of each product) is found by this step."""
        places = parts if self.together else [frozenset().union(*parts)]
        return any(all(one.within(some, self.how) for one in wanted) for some in places)


_ALL: Final = (
    Step(0, True, "whole"),
    Step(1, True, "begun"),
    Step(2, False, "whole"),
    Step(3, False, "begun"),
    Step(4, True, "close"),
    Step(5, False, "close"),
)


def steps(wanted: Sequence[Wanted]) -> list[Step]:
    """Those that can find more than the one before; the last one finds whatever the others find."""
    hows: set[How] = {"whole", "begun", "close"} if any(one.forgiven for one in wanted) else {"whole", "begun"}
    return [step for step in _ALL if step.how in hows and (len(wanted) > 1 or not step.together)]
