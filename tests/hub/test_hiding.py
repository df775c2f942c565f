"""Small counts are hidden, and nobody who tries every table finds one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

from hub.hiding import ENOUGH, FEW, GUARD, SMALL, Count, Shown, parts, whole

SIZES = (0, 0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15)


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (Count(0, 0), Shown(SMALL, GUARD)),
        (Count(4, 4), Shown(SMALL, GUARD)),
        (Count(5, 5), Shown(5, GUARD)),
        (Count(9, 5), Shown(9, GUARD)),
        (Count(10, 5), Shown(10, 5)),
        (Count(10, 4), Shown(10, SMALL)),
        (Count(50, 46), Shown(50, ">45")),
        (Count(50, 50), Shown(50, ">45")),
        (Count(50, 45), Shown(50, 45)),
    ],
)
def test_a_total_is_shown_as_far_as_it_may(count: Count, shown: Shown) -> None:
    """Under five nothing; under ten no share; of a share the small side never."""
    assert whole(count) == shown


def counted(*numbers: int) -> list[Count]:
    """Parts of which nothing is said but how many."""
    return [Count(n, 0) for n in numbers]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((20, 30), [20, 30]),
        ((20, 30, 3), [GUARD, 30, SMALL]),
        ((20, 30, 3, 2), [GUARD, 30, SMALL, SMALL]),
        ((20, 30, 3, 2, 1), [20, 30, SMALL, SMALL, SMALL]),
        ((20, 30, 0, 0), [GUARD, 30, SMALL, SMALL]),
        ((20, 30, 4, 4), [GUARD, 30, SMALL, SMALL]),
        ((5, 6, 40, 0), [5, 6, GUARD, SMALL]),
        ((5, 0), [GUARD, GUARD]),
        ((2, 1, 1), [SMALL, SMALL, SMALL]),
        ((7,), [7]),
    ],
)
def test_what_the_total_would_give_away_is_hidden_too(numbers: tuple[int, ...], shown: list[int | str]) -> None:
    """One small part, or several that can only be what they are, take the smallest of the others along."""
    found = parts(Count(sum(numbers), 0), counted(*numbers))
    assert [one.n for one in found] == shown


def test_what_is_not_good_is_as_hidden_as_what_is() -> None:
    """A small rest is bounded, and another part goes along where the total is exact."""
    table = [Count(40, 39), Count(40, 30), Count(40, 20)]
    assert [one.good for one in parts(Count(120, 89), table)] == [">35", GUARD, 20]
    assert [one.good for one in parts(Count(80, 79), [Count(40, 40), Count(40, 39)])] == [">35", ">35"]


def tables(count: int) -> Iterator[list[Count]]:
    chance = random.Random(6)
    for _ in range(count):
        sizes = [chance.choice(SIZES) for _ in range(chance.choice((2, 3)))]
        yield [Count(n, chance.choice((0, n, n, chance.randint(0, n)))) for n in sizes]


def may_be(shown: Shown, most: int) -> list[Count]:
    """Every count that would be shown so by itself, or hidden to guard another."""
    found = []
    for n in range(most + 1):
        if isinstance(shown.n, int) and n != shown.n:
            continue
        if (shown.n == SMALL) != (n < FEW) and shown.n != GUARD:
            continue
        found += [Count(n, good) for good in range(n + 1) if _fits(shown, n, good)]
    return found


def _fits(shown: Shown, n: int, good: int) -> bool:
    if isinstance(shown.good, int):
        return good == shown.good
    if shown.good == SMALL:
        return good < FEW
    return n - good < FEW if shown.good.startswith(">") else True


def possible(total: Count, shown: Sequence[Shown]) -> list[tuple[Count, ...]]:
    """Every table that an attacker cannot rule out."""
    told = whole(total)
    sums = {(one.n, one.good) for one in may_be(told, total.n)}
    found: list[tuple[Count, ...]] = [()]
    for one in shown:
        found = [(*row, count) for row in found for count in may_be(one, total.n - sum(part.n for part in row))]
    return [row for row in found if (sum(one.n for one in row), sum(one.good for one in row)) in sums]


def test_no_small_count_can_be_worked_out() -> None:
    """Whoever tries every table that fits what is published still has every small number open."""
    for table in tables(60):
        total = Count(sum(one.n for one in table), sum(one.good for one in table))
        if total.n > 20:
            continue
        shown = parts(total, table)
        rows = possible(total, shown)
        assert tuple(table) in rows
        for place, count in enumerate(table):
            sizes = {row[place].n for row in rows}
            if count.n < FEW and total.n >= FEW:
                assert sizes >= set(range(FEW)), (table, shown)
            if count.good < FEW:
                assert len({row[place].good for row in rows}) > 1, (table, shown, place)
            if count.n - count.good < FEW:
                assert len({row[place].n - row[place].good for row in rows}) > 1, (table, shown, place)


def test_a_share_needs_room_for_both_sides() -> None:
    """Ten is the least count of which one may know how many were good."""
    assert ENOUGH == 2 * FEW
    assert [one.good for one in parts(Count(20, 12), [Count(10, 6), Count(10, 6)])] == [GUARD, GUARD]
    assert [one.good for one in parts(Count(22, 12), [Count(11, 6), Count(11, 6)])] == [6, 6]
