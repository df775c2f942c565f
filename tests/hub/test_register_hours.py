"""Opening hours as people write them."""

from __future__ import annotations

import pytest

from hub.errors import DataError
from hub.register_hours import hours

DAY = [[480, 1260]]
WORK = [[480, 960]]
SHORT = [[480, 720]]


@pytest.mark.parametrize(
    "text",
    [
        "08:00-21:00",
        "08.00 - 21.00 WIB",
        "08.00 WITA - 21.00 WITA",
        "08:00 - 21:00 WIT",
        "8-21",
        "08:00:00-21:00:00",
        "08:00 – 21:00",
        "08.00 s/d 21.00",
        "08:00 sampai 21:00",
        "Setiap hari 08:00-21:00",
        "Sen-Min 08:00-21:00",
        "Buka jam 08:00-21:00",
    ],
)
def test_every_day_alike(text: str) -> None:
    """One span of time holds for the whole week, however it is written."""
    assert hours(text) == [DAY] * 7


@pytest.mark.parametrize(
    "text",
    [
        "Sen-Jum 08:00-16:00; Sab 08:00-12:00",
        "senin s.d. jumat: 08.00-16.00, sabtu: 08.00-12.00",
        "Sab 8-12\nSen-Jum 8-16",
        "Mon-Fri 08:00-16:00; Saturday 08:00-12:00; Sun closed",
        "08:00-16:00; Sabtu 08:00-12:00; Minggu tutup",
        "Sen, Sel, Rab, Kam & Jum'at 08:00-16:00; Sab 08:00-12:00; Ahad libur",
    ],
)
def test_days_with_hours_of_their_own(text: str) -> None:
    """Named days have their hours; a day that nobody names is closed, unless hours without a day say otherwise."""
    assert hours(text) == [WORK] * 5 + [SHORT, []]


@pytest.mark.parametrize("text", ["24 jam", "24jam", "00:00-24:00", "0-24", "24 hours", "24/7", "Sen-Min 24 jam"])
def test_always(text: str) -> None:
    """Round the clock is an empty list."""
    assert hours(text) == []


def test_several_spans_a_day_are_in_order_and_apart() -> None:
    """A pause at noon makes two spans; spans that touch are one."""
    assert hours("Sen 13:00-17:00, 08:00-12:00")[0] == [[480, 720], [780, 1020]]
    assert hours("Sen 08:00-12:00, 11:00-17:00")[0] == [[480, 1020]]


def test_past_midnight_belongs_to_the_next_day() -> None:
    """`Sab 18:00-02:00` ends on Sunday, and Sunday's on Monday."""
    week = hours("Sab-Min 18:00-02:00")
    assert week[5] == [[1080, 1440]]
    assert week[6] == [[0, 120], [1080, 1440]]
    assert week[0] == [[0, 120]]
    assert hours("Jum-Sen 08:00-12:00") == [SHORT, [], [], [], SHORT, SHORT, SHORT]


@pytest.mark.parametrize(
    "text",
    [
        "pagi sampai malam",
        "25:00-26:00",
        "08:70-21:00",
        "08:00",
        "08:00-",
        "08:00-08:00",
        "Sen-Jum",
        "Sen 08:00-16:00; Sab",
        "Sen-",
        "Foo 08:00-16:00",
        "tutup",
        "08:00-21:00 @",
        "1-2, 3-4, 5-6, 7-8, 9-10",
        "0.333333333333333",
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    """Words, impossible times, days without times and a shop that never opens: the column and what was expected."""
    with pytest.raises(DataError) as refused:
        hours(text)
    assert refused.value.path == "hours"
    assert "08:00-21:00" in refused.value.expected
