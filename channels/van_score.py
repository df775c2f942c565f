"""How good predictions were, by the public accuracy buckets: how many minutes ahead, and how far off.

A prediction made 7 minutes before the van came is in the bucket 6-10 and good when the van came at most 1 minute
before it and at most 3.5 minutes after it. Ahead is counted from what happened, so every predictor meets the same
cases, and one that says nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

Counts = tuple[tuple[int, int], ...]
"""By bucket: (good, all)."""

BUCKETS: Final = ((0, 3, -0.5, 1.5), (3, 6, -1.0, 2.5), (6, 10, -1.0, 3.5), (10, 15, -1.5, 4.5))
"""(from, to) minutes ahead, and how many minutes before (-) and after the predicted time the van may come."""

NAMES: Final = tuple(f"{since}-{until}" for since, until, _, _ in BUCKETS)
NONE: Final[Counts] = ((0, 0),) * len(BUCKETS)
MINUTE_MS: Final = 60_000


def bucket(said_at: int, came_at: int) -> int | None:
    """The bucket of a prediction by when it was made, or None: behind, or too far ahead."""
    minutes = (came_at - said_at) / MINUTE_MS
    return next((number for number, (since, until, _, _) in enumerate(BUCKETS) if since <= minutes < until), None)


def good(number: int, predicted: int | None, came_at: int) -> bool:
    """Whether what was predicted is within its bucket."""
    _, _, before, after = BUCKETS[number]
    return predicted is not None and before <= (came_at - predicted) / MINUTE_MS <= after


def counted(counts: Counts, said: Iterable[tuple[int, int | None]], came_at: int) -> Counts:
    """The counts with the predictions (made at, predicted) of one arrival."""
    rows = [list(row) for row in counts or NONE]
    for said_at, predicted in said:
        number = bucket(said_at, came_at)
        if number is not None:
            rows[number][0] += good(number, predicted, came_at)
            rows[number][1] += 1
    return tuple((fine, many) for fine, many in rows)


def shares(counts: Counts) -> list[float | None]:
    """The share that is good, by bucket and over all; None: there was none."""
    rows = [*counts, (sum(row[0] for row in counts), sum(row[1] for row in counts))]
    return [fine / many if many else None for fine, many in rows]


def shown(counts: Sequence[Sequence[int]]) -> dict[str, list[int]]:
    """As the van desk sees them: bucket -> [good, all]."""
    return {name: list(row) for name, row in zip(NAMES, counts, strict=True)}
