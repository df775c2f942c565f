"""Which city of an archive is meant: with one, with two, with a wrong name."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from hub.archive import ArchivedCity, Position, cities, open_archive
from hub.archive_sql import connect
from hub.archived_city import chosen
from hub.chain import Logged
from hub.cli import main
from hub.contract import Figure, Public, Report
from hub.errors import StartError
from hub.zones import zone_of
from tests.support.chains import CITY, entry
from tests.support.live import on_loop
from tests.support.neighbour import CODE, NAME, city_file
from workers.reporting import Reporter

LATE = 1_793_460_600_000
"""2026-10-31 22:30 WIB, 2026-11-01 00:30 WIT."""
ORDERS = Report("order", "market", (), {"answered": "asked"})
HOME = ArchivedCity(CITY, "Kota Mojokerto", "Asia/Jakarta")
BESIDE = ArchivedCity(CODE, NAME, "Asia/Jayapura")


@pytest.fixture
def both(archive_url: str) -> str:
    """Two cities in one archive: one order here, two beside it in another zone, all at one moment."""
    for city, orders in ((HOME, 1), (BESIDE, 2)):
        archive = open_archive(archive_url, city.city, "real")
        archive.call(city.name, city.zone)
        figures = [Figure("order", "meri", {}, {"all": 1, "asked": 1})] * orders
        logged = Logged("9-0", 9, LATE, msgspec.msgpack.encode({"cmd": "order.x", "figures": figures}))
        archive.append(Position(), [entry(1), logged], "epoch", "9-0")
        archive.close()
    return archive_url


def test_the_cities_of_an_archive_are_named(both: str) -> None:
    """By their codes, with the name and the clock that their worker noted."""
    assert cities(both) == [HOME, BESIDE]
    assert chosen(both, CODE) == BESIDE


def test_one_city_need_not_be_named(archive_url: str) -> None:
    """The only one is meant; an archive without any says so."""
    sql = connect(archive_url, make=True)
    sql.migrate()
    sql.close()
    with pytest.raises(StartError, match="holds no city yet"):
        chosen(archive_url, None)
    open_archive(archive_url, CODE, "real").close()
    assert chosen(archive_url, None).city == CODE


@pytest.mark.parametrize(
    ("named", "says"),
    [
        (None, f"holds several cities: {CITY} (Kota Mojokerto), {CODE} ({NAME}): name one with --city"),
        ("35.98", f"holds no city 35.98; it holds {CITY} (Kota Mojokerto), {CODE} ({NAME})"),
        ("nowhere.toml", "--city: expected a code such as 35.76, or a city's file, got 'nowhere.toml'"),
    ],
)
def test_which_one_is_said_when_it_is_not_clear(both: str, named: str | None, says: str) -> None:
    """With the names to choose from."""
    with pytest.raises(StartError) as refused:
        chosen(both, named)
    assert says in str(refused.value)


def test_commands_read_their_own_city_alone(both: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`audit verify` and `report`, by code and by file; without a name exit code 2; months by the city's own clock."""
    assert main(["audit", "verify", "--archive", both]) == 2
    assert "name one with --city" in capsys.readouterr().err
    for named in (CODE, str(city_file(tmp_path, zone='"Asia/Jayapura"'))):
        assert main(["audit", "verify", "--archive", both, "--city", named, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["city"], found["rows"]) == (CODE, 2)
    for code, month, orders in ((CITY, "2026-10", 1), (CODE, "2026-11", 2)):
        span = ("--from", "2026-10-01", "--to", "2026-11-30")
        assert main(["report", "order", "--archive", both, "--city", code, *span, "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert [(row["month"], row["n"]) for row in rows if not row["place"]] == [("", orders), (month, orders)]


@on_loop
async def test_a_desk_reads_its_own_city_alone(both: str) -> None:
    """The query process of each city, out of the one archive: reports and what is published."""
    for city, orders in ((HOME, 1), (BESIDE, 2)):
        now = zone_of(city.zone).midnight(date(2026, 12, 1))
        reporter = Reporter(both, city.city, lambda now=now: now, zone_of(city.zone))  # type: ignore[misc]
        found = await reporter.answer(ORDERS, [("from", "2026-10-01"), ("to", "2026-11-30")])
        assert isinstance(found, dict)
        assert (found["rows"][0]["n"], found["rows"][0]["month"]) == (orders, "")
        said = await reporter.public([Public("order", "asked", "answered", ())], csv=False)
        assert isinstance(said, dict)
        assert said["zone"] == zone_of(city.zone).letters
        reporter.close()
