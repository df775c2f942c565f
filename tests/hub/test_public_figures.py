"""What is published: whole months of whole weeks, the small ones hidden, once and for ever."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from channels.figures import PUBLIC
from hub.archive import open_archive, read_archive
from hub.hiding import GUARD, SMALL
from hub.public_figures import (
    DAY,
    ELSEWHERE,
    MONTHS,
    Month,
    Released,
    Span,
    due,
    month_of,
    read,
    span_of,
    weeks_of,
)
from hub.zones import WIB, ZONES, Zone
from tests.support.chains import CITY
from tests.support.published import arrival, call, fill, logged, order

MONDAY = date(2026, 10, 5)
KELURAHAN = ("meri", "miji", "wates")


def published(url: str, zone: Zone = WIB) -> Released:
    archive = read_archive(url, CITY)
    try:
        return read(archive, PUBLIC, KELURAHAN, WIB.midnight(date(2026, 12, 1)), zone)
    finally:
        archive.close()


def months(said: Released, name: str = "medic") -> list[Month]:
    return next(one.months for one in said.figures if one.name == name)


def test_months_are_whole_weeks_that_overlap_nowhere() -> None:
    """From Monday to Sunday, one behind the other; each week is of the month that its Thursday lies in."""
    day = date(2024, 12, 30)
    while day < date(2028, 1, 3):
        span = span_of(month_of(day))
        assert span.since == day, day
        assert span.since.weekday() == 0
        weeks = list(weeks_of(span))
        assert len(weeks) in (4, 5)
        assert {month_of(week.since + timedelta(days=n)) for week in weeks for n in range(7)} == {month_of(day)}
        day = weeks[-1].until + DAY
        assert day == span.until + DAY
    assert span_of("2026-11") == Span(date(2026, 11, 2), date(2026, 11, 29))
    assert span_of("2026-10") == Span(date(2026, 9, 28), date(2026, 11, 1))


def test_a_month_comes_out_when_it_is_over() -> None:
    """At the midnight after its last Sunday, by the city's clock; a year back, and not before the archive began."""
    since, end = WIB.midnight(date(2026, 9, 28)), WIB.midnight(date(2026, 11, 30))
    assert due(since, end - 1, WIB, demo=False) == ["2026-10"]
    assert due(since, end, WIB, demo=False) == ["2026-11", "2026-10"]
    assert due(since, end - 1, WIB, demo=True) == ["2026-11", "2026-10"]
    assert due(since, end - 1, ZONES["Asia/Makassar"], demo=False) == ["2026-11", "2026-10"]
    assert len(due(0, end, WIB, demo=False)) == MONTHS
    assert due(since + 86_400_000, end, WIB, demo=False) == ["2026-11"], "October was not counted whole"
    assert due(end, end, WIB, demo=False) == []


def test_a_month_stands_beside_its_weeks_and_its_kelurahan(tmp_path: Path) -> None:
    """Calls, how many were accepted, how long it took; what lies in no kelurahan of the city is elsewhere."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    week = MONDAY - timedelta(weeks=1)
    first = [call("meri", 10 + n) for n in range(10)] + [call("wates", 30, accepted=False) for _ in range(10)]
    second = [call("meri", 10 + n) for n in range(10)] + [call(place, 50) for place in ("", "nowhere") * 5]
    rows = [*logged(week, first), *logged(MONDAY, second), *logged(date(2026, 11, 30), [call("meri", 1)])]
    fill(url, rows)
    said = published(url)
    assert (said.zone, said.demo, said.few) == ("WIB", False, 5)
    assert said.as_of == rows[-1].at
    assert said.next_at == WIB.midnight(date(2027, 1, 4))
    newest, month = months(said)
    assert (newest.month, newest.cell.n) == ("2026-11", SMALL)
    assert (month.month, month.since, month.until) == ("2026-10", "2026-09-28", "2026-11-01")
    assert (month.cell.n, month.cell.good) == (40, 30)
    assert month.cell.took["called_received"] == (17, 50)
    assert [week.cell.n for week in month.weeks] == [GUARD, 20, SMALL, SMALL, SMALL]
    places = {part.kelurahan: part.cell.n for part in month.kelurahan}
    assert set(places) == {*KELURAHAN, ELSEWHERE}
    assert places["miji"] == SMALL


def test_what_is_small_cannot_be_taken_from_the_rest(tmp_path: Path) -> None:
    """Beside one small kelurahan another is hidden; a month under five says nothing."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    figures = [call("meri", 9) for _ in range(30)] + [call("wates", 9) for _ in range(12)] + [call("miji", 9)] * 3
    figures += [call("", 9) for _ in range(9)]
    rows = logged(MONDAY, [*figures, *[order("meri")] * 3])
    fill(url, [*rows, *logged(date(2026, 11, 2), [call("meri", 1)])])
    (month,) = months(published(url))
    cells = {part.kelurahan: part.cell for part in month.kelurahan}
    assert (month.cell.n, cells["miji"].n, cells[ELSEWHERE].n, cells["meri"].n) == (54, SMALL, GUARD, 30)
    assert (month.cell.good, cells["meri"].good, cells["miji"].good) == (">49", ">25", GUARD)
    assert cells["miji"].took == {}
    (orders,) = months(published(url), "order")
    assert (orders.cell.n, orders.cell.good, orders.cell.took) == (SMALL, GUARD, {})


def test_only_what_the_services_name_is_counted(tmp_path: Path) -> None:
    """Orders that asked for an answer, arrivals of vans; rows of another make are none."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    figures = [order("meri", answered=n > 6) for n in range(20)] + [arrival("meri", 60 * n) for n in range(20)]
    rows = logged(MONDAY, figures)
    rows += [rows[0].__class__("", 0, rows[0].at, b"\xc1"), *logged(date(2026, 11, 2), [])]
    fill(url, [*rows, *logged(date(2026, 11, 2), [call("meri", 1)])])
    said = published(url)
    (orders,), (vans,) = months(said, "order"), months(said, "van")
    assert (orders.cell.n, orders.cell.good, orders.cell.took) == (20, 13, {"rang_answered": (20, 20)})
    assert (vans.cell.n, vans.cell.good, vans.cell.took["late"]) == (20, 6, (540, 1020))


def test_a_simulated_city_shows_the_month_that_runs(tmp_path: Path) -> None:
    """Nobody is real there, and it says so; weeks that have not begun are not there."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    fill(url, logged(MONDAY, [call("meri", 9) for _ in range(20)]), kind="demo", began=MONDAY)
    said = published(url)
    assert said.demo
    (month,) = months(said)
    assert (month.month, month.cell.n, len(month.weeks)) == ("2026-10", 20, 2)


def test_an_empty_archive_has_nothing_to_say_yet(tmp_path: Path) -> None:
    """But when the first month can come out."""
    url = f"sqlite:{tmp_path}/a.sqlite"
    open_archive(url, CITY, "real").close()
    said = published(url)
    assert [one.months for one in said.figures] == [[], [], []]
    assert said.next_at == WIB.midnight(date(2027, 1, 4))


@pytest.mark.parametrize("name", ["medic", "order", "van"])
def test_what_is_good_is_counted_among_what_it_is_of(name: str) -> None:
    """A share that could be more than the whole would give numbers away."""
    (public,) = (one for one in PUBLIC if one.name == name)
    some = {"medic": call("meri", 1), "order": order("meri"), "van": arrival("meri", 1)}[name]
    assert some.counts[public.good] <= some.counts[public.of] == 1


def test_what_has_come_out_is_not_counted_again(tmp_path: Path) -> None:
    """Until another month is over only the time moves on; of a simulated city all is counted again."""
    for kind, again in (("real", 20), ("demo", 21)):
        url = f"sqlite:{tmp_path}/{kind}.sqlite"
        fill(url, logged(date(2026, 11, 2), [call("meri", 9) for _ in range(20)]), kind=kind)
        archive = open_archive(url, CITY, kind)
        now = WIB.midnight(date(2026, 12, 1))
        known = read(archive, PUBLIC, KELURAHAN, now, WIB)
        (late,) = logged(date(2026, 11, 3), [call("meri", 9)])
        archive.append(archive.position(), [late], "", "")
        after = read(archive, PUBLIC, KELURAHAN, now, WIB, known)
        assert after.as_of == late.at
        assert after.figures == known.figures if kind == "real" else months(after)[0].cell.n == again
        (last,) = logged(date(2026, 11, 30), [call("meri", 9)])
        archive.append(archive.position(), [last], "", "")
        assert months(read(archive, PUBLIC, KELURAHAN, now, WIB, after))[1 if kind == "demo" else 0].cell.n == 21
        archive.close()
