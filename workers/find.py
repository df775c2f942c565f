"""Which shops a question finds, and in which order.

Open shops come before closed ones; among those a better step of the match (`workers.steps`) comes
first, and among equals the nearer one.

A common question is answered by its first step. Where that brings too few, the last step, which
finds whatever the others find, is asked: a few shops are sorted into their steps by reading them, and
only of many are the steps between asked as well. Asking is one statement: FTS5 names the shops, `place`
filters and sorts them, and the best few are read whole.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from workers.shown import products, shown
from workers.steps import Step, Wanted, steps
from workers.words import close, cuts, forgivable

EARTH_M: Final = 6_371_008.8
"""Mean radius (IUGG)."""

NOWHERE: Final = (3.0, 3.0, 3.0)
"""Where a shop without a place is: beyond every other."""

FARTHEST_CHORD2: Final = 4.0
READ_TO_SORT: Final = 64
"""Shops that are sorted into their steps by reading them."""

MOST_FORGIVEN: Final = 100
"""Words that one word of a question may stand for; beyond, the first ones by the alphabet."""


class Question(Struct, frozen=True):
    """What is looked for; valid once built by `workers.questions`.

    Args:
        words: as `workers.words` makes them; None asks for all shops, none at all finds nothing.
        open: None asks for open and closed ones.
        near: (lat, lon) in degrees.
        limit: how many at most.
    """

    words: tuple[str, ...] | None = None
    category: str | None = None
    kelurahan: str | None = None
    open: bool | None = None
    near: tuple[float, float] | None = None
    limit: int = 20


class Hit(Struct, frozen=True):
    """A shop that was found; `chord2` is the squared chord to `near`, None without one."""

    n: int
    open: bool
    chord2: float | None
    step: Step | None = None


def point(lat: float, lon: float) -> tuple[float, float, float]:
    """A place on the unit sphere."""
    up, round_ = math.radians(lat), math.radians(lon)
    return math.cos(up) * math.cos(round_), math.cos(up) * math.sin(round_), math.sin(up)


def metres(chord2: float) -> int:
    """The great circle over a squared chord of the unit sphere."""
    return round(2 * EARTH_M * math.asin(min(1.0, math.sqrt(chord2) / 2)))


def find(db: sqlite3.Connection, question: Question, now: int) -> dict[str, Any]:
    """The shops that a question finds, in order, and whether there are more."""
    some = question.words or ()
    wanted = [_wanted(db, word, place == len(some) - 1) for place, word in enumerate(some)]
    hits = Search(db, question, wanted).hits()
    found = []
    for hit in hits[: question.limit]:
        shop = shown(db, hit.n, wanted, hit.step.how if hit.step else "whole", now)
        if hit.chord2 is not None and hit.chord2 <= FARTHEST_CHORD2:
            shop["distance_m"] = metres(hit.chord2)
        found.append(shop)
    return {"shops": found, "more": len(hits) > question.limit}


def _wanted(db: sqlite3.Connection, word: str, last: bool) -> Wanted:
    if not forgivable(word):
        return Wanted(word, last, frozenset())
    keys = list(cuts(word))
    marks = ", ".join("?" * len(keys))
    near = db.execute(f"SELECT DISTINCT word FROM slip WHERE cut IN ({marks}) ORDER BY word", keys)
    others = [other for (other,) in near if other != word and close(word, other)]
    return Wanted(word, last, frozenset(others[:MOST_FORGIVEN]))


class Search:
    """One question on its way through the steps."""

    def __init__(self, db: sqlite3.Connection, question: Question, wanted: Sequence[Wanted]) -> None:
        self._db, self._question, self._wanted = db, question, wanted
        self._enough = question.limit + 1

    def hits(self) -> list[Hit]:
        """One more than was asked for, where there is one more."""
        if self._question.words is None:
            return self._ask(None, [], self._question.open, self._enough)
        if not self._wanted:
            return []
        first, *between, last = steps(self._wanted)
        hits = self._ask(first, [], self._question.open, self._enough)
        if self._done(hits):
            return hits
        whatever = self._ask(last, [], self._state(hits), READ_TO_SORT + 1)
        if len(whatever) <= READ_TO_SORT:
            seen = {hit.n for hit in whatever}
            return self._in_order([*map(self._sorted, whatever), *(hit for hit in hits if hit.n not in seen)])
        for step in between:
            hits += self._ask(step, [hit.n for hit in hits], self._state(hits), self._enough)
            if self._done(hits):
                return self._in_order(hits)
        numbers = [hit.n for hit in hits]
        rest = [hit for hit in whatever if hit.n not in numbers]
        if len(rest) < self._enough:
            rest = self._ask(last, numbers, self._state(hits), self._enough)
        return self._in_order(hits + rest)

    def _done(self, hits: Sequence[Hit]) -> bool:
        """Whether no lesser match can come before one of these any more."""
        opened = sum(hit.open for hit in hits)
        return opened >= self._enough or (self._question.open is False and len(hits) >= self._enough)

    def _state(self, hits: Sequence[Hit]) -> bool | None:
        """With enough shops at hand, only open ones of a lesser match can still come before some of them."""
        return True if len(hits) >= self._enough else self._question.open

    def _in_order(self, hits: list[Hit]) -> list[Hit]:
        """Open ones first, then by step; `sort` is stable, so distances stay in order within them."""
        hits.sort(key=lambda hit: (not hit.open, hit.step.place if hit.step else 0))
        return hits[: self._enough]

    def _sorted(self, hit: Hit) -> Hit:
        """The same shop in the best step that finds it."""
        (own,) = self._db.execute("SELECT words FROM shop WHERE n = ?", (hit.n,)).fetchone()
        parts = [frozenset(own.split()), *(frozenset(row[-1].split()) for row in products(self._db, hit.n))]
        met = (step for step in steps(self._wanted) if step.meets(self._wanted, parts))
        return Hit(hit.n, hit.open, hit.chord2, next(met, hit.step))

    def _ask(self, step: Step | None, found: Sequence[int], state: bool | None, most: int) -> list[Hit]:
        """The best shops of one step (None: all shops) that were not found before."""
        question = self._question
        values: dict[str, Any] = {"most": most}
        tests = [f"p.n NOT IN ({', '.join(map(str, found))})"] if found else []
        filters = {"category": question.category, "kelurahan": question.kelurahan, "open": state}
        for name, value in filters.items():
            if value is not None:
                tests.append(f"p.{name} = :{name}")
                values[name] = value
        if step is not None:
            values["match"] = step.match(self._wanted)
        if question.near is not None:
            values |= zip("xyz", point(*question.near), strict=True)
        rows = self._db.execute(_statement(step.table if step else None, tests, question.near is not None), values)
        return [Hit(n, bool(is_open), chord2, step) for n, is_open, chord2 in rows]


def _statement(table: str | None, tests: Sequence[str], near: bool) -> str:
    """`CROSS JOIN` keeps the order: words first, then the small table's row by its number."""
    far = " + ".join(f"(p.{axis} - :{axis}) * (p.{axis} - :{axis})" for axis in "xyz") if near else "NULL"
    source = "place p"
    if table is not None:
        row = "rowid" if table == "shop_words" else "rowid >> 8"
        source = f"{table} CROSS JOIN place p ON p.n = {table}.{row}"
        tests = [f"{table} MATCH :match", *tests]
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    once = "GROUP BY p.n" if table == "part_words" else ""
    order = "p.open DESC, far, p.n" if near else "p.open DESC, p.n"
    return f"SELECT p.n, p.open, {far} AS far FROM {source} {where} {once} ORDER BY {order} LIMIT :most"
