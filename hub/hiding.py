"""Counts for everybody: what is small is hidden, and nothing that is published lets it be worked out.

A count under `FEW` is "<5". A total stands beside its parts (a month beside its weeks, and beside its kelurahan), so a
hidden part could be worked out as what is left of the total. So more parts are hidden ("-"), the smallest first, until
each small one may still be anything from 0 to 4 for whoever has all the rest; when that is not to be had, no part is
shown. The same holds for how many of a count were good and how many were not: either may be small. Of a count under
`ENOUGH` neither is said, and "<5" or ">45" says which of the two is small.

What is small stays hidden also against somebody who knows these rules. Parts and total are whole numbers that are
published once and never again (`hub/public_figures.py`): there is no older total to take a newer one from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

FEW: Final = 5
ENOUGH: Final = 2 * FEW
"""From here on a count has room for two parts that are not small."""
SMALL: Final = f"<{FEW}"
GUARD: Final = "-"
_ANY: Final = 2**60

Span = tuple[int, int]
"""What a hidden number may be, as far as its own mark says."""


class Count(Struct, frozen=True):
    """So many, of which so many were good."""

    n: int
    good: int


class Shown(Struct, frozen=True):
    """A count as everybody may read it: a number, `SMALL`, `GUARD`, or of `good` ">n" where all but a few were."""

    n: int | str
    good: int | str


def whole(count: Count) -> Shown:
    """A total, as far as it may be shown by itself."""
    if count.n < FEW:
        return Shown(SMALL, GUARD)
    return Shown(count.n, _good(count))


def _good(count: Count) -> int | str:
    if count.n < ENOUGH:
        return GUARD
    if count.good < FEW:
        return SMALL
    return f">{count.n - FEW}" if count.n - count.good < FEW else count.good


def parts(total: Count, counts: Sequence[Count]) -> list[Shown]:
    """What may be shown of the parts beside `whole(total)`. They add up to it."""
    if total.n < FEW:
        return [Shown(SMALL, GUARD)] * len(counts)
    small = {place: (0, FEW - 1) for place, one in enumerate(counts) if one.n < FEW}
    spare = sorted((place for place in range(len(counts)) if place not in small), key=lambda place: counts[place].n)
    guards = _guards([[one.n for one in counts]], [small], spare, [lambda place: (FEW, _ANY)])
    if guards is None:
        return [Shown(GUARD, GUARD)] * len(counts)
    shown: list[int | str] = [
        SMALL if place in small else GUARD if place in guards else one.n for place, one in enumerate(counts)
    ]
    return [Shown(n, good) for n, good in zip(shown, _goods(total, counts, shown), strict=True)]


def _goods(total: Count, counts: Sequence[Count], shown: Sequence[int | str]) -> list[int | str]:
    """How many were good, of parts that are shown so."""
    goods = [_good(one) if isinstance(n, int) else GUARD for one, n in zip(counts, shown, strict=True)]
    if not isinstance(_good(total), int):
        return goods  # a part cannot be large where the whole is small
    hidden = {place: _spans(counts[place], shown[place], good) for place, good in enumerate(goods)
              if not isinstance(good, int)}  # fmt: skip
    spare = sorted((place for place in range(len(counts)) if place not in hidden),
                   key=lambda place: min(counts[place].good, counts[place].n - counts[place].good))  # fmt: skip
    both = [[one.good for one in counts], [one.n - one.good for one in counts]]
    known = [{place: spans[side] for place, spans in hidden.items()} for side in (0, 1)]
    guards = _guards(both, known, spare, [lambda place: (FEW, counts[place].n - FEW)] * 2)
    if guards is None:
        return [GUARD] * len(counts)
    return [GUARD if place in guards else good for place, good in enumerate(goods)]


def _spans(count: Count, n: int | str, good: int | str) -> tuple[Span, Span]:
    """What the good ones, and the others, may be."""
    if n == SMALL:
        return (0, FEW - 1), (0, FEW - 1)
    if not isinstance(n, int):
        return (0, _ANY), (0, _ANY)
    if good == GUARD:
        return (0, n), (0, n)
    small, rest = (0, FEW - 1), (n - FEW + 1, n)
    return (small, rest) if good == SMALL else (rest, small)


def _guards(
    numbers: Sequence[Sequence[int]],
    hidden: Sequence[Mapping[int, Span]],
    spare: Iterable[int],
    span: Sequence[Callable[[int], Span]],
) -> set[int] | None:
    """Whom of `spare`, in their order, to hide as well: nobody, one, or as many as it takes; None where all are few.

    Args:
        numbers: what adds up, once or twice; of each: `hidden`, what may be anything its mark says, and the span that
            one of `spare` has once it is hidden.
    """
    order = list(spare)
    tries = [set[int](), *({one} for one in order), *(set(order[:many]) for many in range(2, len(order) + 1))]
    for guards in tries:
        spans = [{**known, **{place: of(place) for place in guards}} for known, of in zip(hidden, span, strict=True)]
        if all(map(_open, numbers, hidden, spans)):
            return guards
    return None


def _open(values: Sequence[int], sensitive: Mapping[int, Span], spans: Mapping[int, Span]) -> bool:
    """Whether each sensitive number may still be whatever its mark says, or one of `FEW` numbers at least."""
    rest = sum(values[place] for place in spans)
    low, high = (sum(span[end] for span in spans.values()) for end in (0, 1))
    for least, most in sensitive.values():
        if rest - (high - most) > least or rest - (low - least) < min(most, least + FEW - 1):
            return False
    return True
