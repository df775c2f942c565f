"""A timetable as people write it: stops, trips, and faults with their line."""

from __future__ import annotations

import pytest

from hub.app import ground
from hub.errors import DataError, StartError
from hub.timetable import Timetable, read_timetable, services_of, stop_id, van_id

GROUND = ground()
HEAD = "Mobil;Hari;Tanggal;Jam;Titik;Kelurahan;Alamat;Lat;Lon;Layanan\n"
GOOD = (
    "v1;Senin;;08.00;Balai Kranggan;Kranggan;Jl. A 1;-7,4779;112,4352;KTP (KK asli, akta) 40; KK (KTP) 30\n".replace(
        "KTP (KK asli, akta) 40; KK (KTP) 30", '"KTP (KK asli, akta) 40; KK (KTP) 30"'
    )
    + "v1;Senin;;09:30;Balai Meri;Meri;;;;\n"
    + "Mobil Dua;;30/11/2026;8;Balai Kranggan;kranggan;;;;\n"
)


def read(rows: str) -> Timetable:
    return read_timetable((HEAD + rows).encode(), GROUND)


def test_a_timetable() -> None:
    """Rows of a weekday are its plan, rows of a date that day's trip; a stop that comes twice is one."""
    table = read(GOOD)
    assert (table.rows, table.bad, table.left, table.faults) == (3, 0, 0, [])
    kranggan, meri = stop_id("Balai Kranggan", "kranggan"), stop_id("Balai Meri", "meri")
    assert [trip.data for trip in table.trips] == [
        {"van": "v1", "weekday": 0, "stops": [{"stop": kranggan, "minute": 480}, {"stop": meri, "minute": 570}]},
        {"van": "mobil-dua", "day": "2026-11-30", "stops": [{"stop": kranggan, "minute": 480}]},
    ]
    assert table.trips[0].lines == [2, 3]
    assert table.stops[0].data == {
        "stop": kranggan,
        "name": "Balai Kranggan",
        "kelurahan": "kranggan",
        "address": "Jl. A 1",
        "lat": -7.4779,
        "lon": 112.4352,
        "services": [
            {"service": "KTP", "papers": ["KK asli", "akta"], "quota": 40},
            {"service": "KK", "papers": ["KTP"], "quota": 30},
        ],
    }


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("v1;Senin;;07.00;Balai Miji;Miji;;;;\n", "time", "later than 09:30 on line 3"),
        ("v1;Senin;;25.00;Balai Miji;Miji;;;;\n", "time", "08:00"),
        ("v1;Senin;;siang;Balai Miji;Miji;;;;\n", "time", "08:00"),
        ("v1;Senin;;10.00;Balai Miji;Sooko;;;;\n", "kelurahan", "one of"),
        ("v1;Senin;;10.00;Balai Miji;Miji;;-6.2;106.8;\n", "lat", "within 5 km"),
        ("v1;Senin;;10.00;Balai Miji;Miji;;0;0;\n", "lat", "within 5 km"),
        ("v1;Senin;;10.00;Balai Meri;Meri;;;;\n", "stop", "each stop once"),
        ("v1;Senin;;10.00;Balai Miji;Miji;;;;KTP (KK\n", "services", "services such as"),
        ("v1;Senin;;10.00;Balai Kranggan;Kranggan;Jl. B 2;;;\n", "address", "on line 2"),
        ("v1;Senin;;10.00;;Miji;;;;\n", "stop", "a value"),
        ("v1;;;10.00;Balai Miji;Miji;;;;\n", "date", "weekday such as"),
        ("v1;Besok;;10.00;Balai Miji;Miji;;;;\n", "weekday", "weekday such as"),
        ("v1;;31/02/2026;10.00;Balai Miji;Miji;;;;\n", "date", "2026-11-30"),
    ],
)
def test_faults(row: str, column: str, says: str) -> None:
    """Named by line and column; a trip with a bad row is left out whole, others are not."""
    table = read(GOOD + row)
    ((line, where, expected),) = [(fault.line, fault.column, fault.expected) for fault in table.faults]
    assert (line, where, says in expected) == (5, column, True), expected
    spoilt = "v1;Senin" in row and row.split(";")[4] != ""
    assert (table.bad, table.left, len(table.trips)) == (1, 2 if spoilt else 0, 1 if spoilt else 2)
    assert {stop.data["stop"] for stop in table.stops} >= {stop_id("Balai Kranggan", "kranggan")}


def test_columns_that_must_be_there() -> None:
    """Without them nothing is read."""
    with pytest.raises(StartError, match=r"missing: time \(jam\)"):
        read_timetable(b"mobil,titik,kelurahan\nv1,Balai,Miji\n", GROUND)


def test_ids() -> None:
    """The same stop and van have the same id whenever they are read."""
    assert stop_id("Balai Miji", "miji") == stop_id("BALAI MIJI", "miji") != stop_id("Balai Miji", "meri")
    assert (van_id("v1"), van_id("Mobil Keliling 2")) == ("v1", "mobil-keliling-2")
    with pytest.raises(DataError):
        van_id("...")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KTP", [{"service": "KTP", "papers": []}]),
        ("KTP 40", [{"service": "KTP", "papers": [], "quota": 40}]),
        ("Akta lahir (KK, surat lahir)\nKK: 5", [
            {"service": "Akta lahir", "papers": ["KK", "surat lahir"]}, {"service": "KK", "papers": [], "quota": 5},
        ]),
    ],
)  # fmt: skip
def test_services(text: str, found: object) -> None:
    """Papers in brackets, the quota behind; semicolons or lines between."""
    assert services_of(text) == found
