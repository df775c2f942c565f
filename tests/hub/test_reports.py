"""Reports: added up by month and place, exactly."""

from __future__ import annotations

import csv
import io
from datetime import date

import msgspec
import pytest

from hub.contract import Figure, Report
from hub.errors import DataError
from hub.reports import MOST_DAYS, Days, Share, Took, days, made, table, took_of

REPORT = Report("lamp", "van", ("lit",), {"good": "all"})
SPAN = Days(date(2026, 10, 1), date(2026, 11, 30))
OCTOBER, NOVEMBER = 1_791_000_000_000, 1_795_000_000_000
MIDNIGHT = 1_793_466_000_000
"""2026-11-01 00:00 WIB."""


def entry(at: int, *figures: Figure) -> tuple[int, bytes]:
    return at, msgspec.msgpack.encode({"cmd": "x", "figures": figures})


def lamp(place: str, ms: int | None, good: bool = True, name: str = "lamp") -> Figure:
    return Figure(name, place, {} if ms is None else {"lit": ms}, {"all": 1, **({"good": 1} if good else {})})


ENTRIES = [
    entry(OCTOBER, lamp("meri", 100), lamp("miji", 300, good=False)),
    entry(NOVEMBER, lamp("meri", 200), lamp("meri", 1, name="other")),
    (NOVEMBER, b"\xc1"),
    entry(NOVEMBER, lamp("", None, good=False)),
]


def test_figures_are_added_up_by_month_and_place() -> None:
    """The whole, each month, each place, each place by month; figures of other reports and unreadable entries not."""
    rows = {(row.month, row.place): row for row in made(REPORT, SPAN, ENTRIES, demo=False).rows}
    assert set(rows) == {
        ("", ""), ("", "meri"), ("", "miji"), ("2026-10", ""), ("2026-10", "meri"), ("2026-10", "miji"),
        ("2026-11", ""), ("2026-11", "meri"),
    }  # fmt: skip
    whole = rows["", ""]
    assert (whole.n, whole.took["lit"], whole.shares["good"]) == (4, Took(3, 200, 300), Share(2, 4))
    assert rows["2026-11", "meri"].took["lit"] == Took(1, 200, 200)
    assert (rows["", "miji"].n, rows["", "miji"].shares["good"]) == (1, Share(0, 1))


def test_without_a_figure_there_is_one_empty_row() -> None:
    """Nothing is not zero seconds."""
    (row,) = made(REPORT, SPAN, [], demo=True).rows
    assert (row.n, row.took["lit"], row.shares["good"]) == (0, Took(0, None, None), Share(0, 0))


def test_months_are_the_citys() -> None:
    """A moment before midnight in the city is the month before."""
    rows = made(REPORT, SPAN, [entry(MIDNIGHT - 1, lamp("meri", 1)), entry(MIDNIGHT, lamp("meri", 1))], demo=False).rows
    assert [row.month for row in rows if not row.place] == ["", "2026-10", "2026-11"]
    assert Days(date(2026, 11, 1), date(2026, 11, 1)).ms == (MIDNIGHT, MIDNIGHT + 86_400_000)


@pytest.mark.parametrize(
    ("durations", "p50", "p90"),
    [([5], 5, 5), ([1, 2], 1, 2), (range(1, 11), 5, 9), (range(1, 101), 50, 90), ([3, 1, 2], 2, 3)],
)
def test_percentiles_are_nearest_rank(durations: list[int], p50: int, p90: int) -> None:
    """The smallest that at least this share did not exceed; nothing between two values is made up."""
    assert took_of(durations) == Took(len(durations), p50, p90)


def test_a_table_has_a_column_for_everything() -> None:
    """Empty where nothing was, never zero."""
    one = made(REPORT, SPAN, ENTRIES, demo=False)
    rows = list(csv.DictReader(io.StringIO(table(one, REPORT))))
    assert list(rows[0]) == ["month", "kelurahan", "n", "lit_n", "lit_p50_ms", "lit_p90_ms", "good", "good_of"]
    assert rows[0] == {
        "month": "", "kelurahan": "", "n": "4", "lit_n": "3", "lit_p50_ms": "200", "lit_p90_ms": "300",
        "good": "2", "good_of": "4",
    }  # fmt: skip
    (empty,) = csv.DictReader(io.StringIO(table(made(REPORT, SPAN, [], demo=False), REPORT)))
    assert (empty["lit_n"], empty["lit_p50_ms"]) == ("0", "")


def test_days_have_defaults() -> None:
    """Up to today, from the first of the month."""
    assert days(None, None, MIDNIGHT + 5 * 86_400_000) == Days(date(2026, 11, 1), date(2026, 11, 6))
    assert days("2026-10-01", "2026-11-30", 0) == SPAN
    assert days(None, "2026-02-28", 0) == Days(date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2026-13-01", None, "from: expected a day like 2026-11-27, got '2026-13-01'"),
        (None, "tomorrow", "to: expected a day"),
        ("2026-11-02", "2026-11-01", "from: expected a day before `to`"),
        ("2020-01-01", "2026-11-01", f"at most {MOST_DAYS} days"),
    ],
)
def test_a_wrong_day_is_named(since: str | None, until: str | None, says: str) -> None:
    """With what was expected."""
    with pytest.raises(DataError, match=says.replace("?", r"\?")):
        days(since, until, MIDNIGHT)
