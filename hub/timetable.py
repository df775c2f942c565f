"""The vans' timetable as a CSV file: its rows become stops and trips, bad ones faults with their line. Pure.

    mobil;hari;jam;titik;kelurahan;alamat;lat;lon;layanan
    v1;Senin;08.00;Balai Kranggan;Kranggan;Jl. Pahlawan 1;-7.4779;112.4352;KTP (KK asli, akta) 40; KK (KTP) 30

A row with a date is of that day, one with a weekday of every such week. The rows of a trip stand in the order in which
it goes. A trip with a bad row is left out whole: half a trip would tell people that the rest is cancelled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from hashlib import blake2s
from typing import Any, Final

from msgspec import Struct

from hub.errors import DataError
from hub.register_hours import DAYS
from hub.register_values import Ground, kelurahan_of, point, words
from hub.sheet import ROW, Columns, Fault, Sheet, shown

COLUMNS: Final = Columns(
    {
        "van": "mobil kendaraan armada mobilkeliling",
        "date": "tanggal tgl",
        "weekday": "hari day",
        "time": "jam pukul waktu",
        "stop": "titik tempat lokasi halte pemberhentian",
        "kelurahan": "kel desakelurahan kelurahandesa",
        "address": "alamat",
        "lat": "lintang latitude",
        "lon": "bujur lng long longitude",
        "services": "layanan pelayanan service",
    },
    {"van": "van (mobil)", "time": "time (jam)", "stop": "stop (titik)", "kelurahan": "kelurahan"},
    frozenset({"services"}),
)
MOST_STOPS: Final = 24
_SERVICE: Final = re.compile(r"([^()]+?)\s*(?:\(([^()]*)\))?\s*[:=]?\s*(\d{1,5})?", re.S)
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.]00)?\s*(?:wib)?", re.I | re.A)
_DATE: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.A)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")


class StopRow(Struct, frozen=True):
    """A stop as `stop.save` takes it, and the first line that names it."""

    line: int
    data: dict[str, Any]


class TripRows(Struct, frozen=True):
    """A trip as `trip.save` takes it; `lines`: of its stops, in their order."""

    van_name: str
    data: dict[str, Any]
    lines: list[int]


class Timetable(Struct, frozen=True):
    """A file, read. `left`: good rows of trips that are left out because another row of theirs is bad."""

    rows: int
    stops: list[StopRow]
    trips: list[TripRows]
    bad: int
    left: int
    faults: list[Fault]
    unread: list[str]
    encoding: str


def read_timetable(data: bytes, ground: Ground) -> Timetable:
    """Read a whole timetable.

    Raises:
        StartError: no text, no header, or a column that must be there is not.
    """
    sheet, reader = Sheet(data, COLUMNS), _Reader(ground)
    for line, cells, fault in sheet.rows():
        reader.read(line, cells, fault)
    good = [trip for key, trip in reader.trips.items() if key not in reader.spoilt]
    kept = sum(len(trip.lines) for trip in good)
    used = {stop["stop"] for trip in good for stop in trip.data["stops"]}
    stops = [stop for id_, stop in reader.stops.items() if id_ in used]
    left = reader.rows - reader.bad - kept
    return Timetable(reader.rows, stops, good, reader.bad, left, reader.faults, sheet.unread, sheet.encoding)


class _Reader:
    """Takes rows one by one. `spoilt`: trips that have a bad row."""

    def __init__(self, ground: Ground) -> None:
        self._ground, self._kelurahan = ground, kelurahan_of(ground)
        self.rows = self.bad = 0
        self.stops: dict[str, StopRow] = {}
        self.trips: dict[tuple[str, str | int], TripRows] = {}
        self.spoilt: set[tuple[str, str | int]] = set()
        self.faults: list[Fault] = []

    def read(self, line: int, cells: Mapping[str, str], spoilt: Fault | None) -> None:
        self.rows += 1
        try:
            faults = [spoilt] if spoilt else self._taken(line, cells)
        except DataError as exc:
            faults = [Fault(line, exc.path, exc.expected, shown(cells.get(exc.path, "")))]
        self.bad += bool(faults)
        self.faults += faults

    def _taken(self, line: int, cells: Mapping[str, str]) -> list[Fault]:
        """Put a row into its trip; what is wrong with it, which spoils the trip."""
        for column in COLUMNS.required:
            if not cells.get(column):
                raise DataError(column, "a value")
        van, when = van_id(cells["van"]), _when(cells)
        key = (van, when["day"] if "day" in when else when["weekday"])
        trip = self.trips.setdefault(key, TripRows(cells["van"], {"van": van, **when, "stops": []}, []))
        try:
            minute = _minute(cells["time"])
            self._follows(trip, minute)
            stop = self._stop(line, cells)
            if any(one["stop"] == stop for one in trip.data["stops"]):
                raise DataError("stop", "each stop once in a trip")
            if len(trip.lines) == MOST_STOPS:
                raise DataError(ROW, f"at most {MOST_STOPS} stops in a trip")
        except DataError as exc:
            self.spoilt.add(key)
            return [Fault(line, exc.path, exc.expected, shown(cells.get(exc.path, "")))]
        trip.data["stops"].append({"stop": stop, "minute": minute})
        trip.lines.append(line)
        return []

    def _follows(self, trip: TripRows, minute: int) -> None:
        if trip.lines and minute <= (before := trip.data["stops"][-1]["minute"]):
            raise DataError("time", f"later than {before // 60:02}:{before % 60:02} on line {trip.lines[-1]}")

    def _stop(self, line: int, cells: Mapping[str, str]) -> str:
        """The id of a row's stop: the same name in the same kelurahan is the same stop."""
        data: dict[str, Any] = {
            "name": words("stop", 60)(cells["stop"]),
            "kelurahan": self._kelurahan(cells["kelurahan"]),
        }
        if address := cells.get("address"):
            data["address"] = words("address", 200)(address)
        if cells.get("lat") or cells.get("lon"):
            data["lat"], data["lon"] = point(cells.get("lat", ""), cells.get("lon", ""), self._ground)
        if services := cells.get("services"):
            data["services"] = services_of(services)
        id_ = stop_id(data["name"], data["kelurahan"])
        known = self.stops.get(id_)
        said = data if known is None else {**data, **known.data}
        for field in ("address", "lat", "lon", "services"):
            if known is not None and field in data and data[field] != said[field]:
                raise DataError(field, f"the same as for this stop on line {known.line}, or nothing")
        self.stops[id_] = StopRow(line if known is None else known.line, {"stop": id_, **said})
        return id_


def stop_id(name: str, kelurahan: str) -> str:
    """The id of an imported stop: the same whenever the timetable is read."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:28]
    return f"{slug}-{blake2s(f'{name.lower()}/{kelurahan}'.encode(), digest_size=3).hexdigest()}"


def van_id(text: str) -> str:
    """A van's id: the text where it can be one, else made of it."""
    if _ID.fullmatch(text):
        return text
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40]
    if not slug or len(text) > 60:
        raise DataError("van", "a van's id or name of at most 60 characters")
    return slug


def services_of(text: str) -> list[dict[str, Any]]:
    """Services with the papers to bring and a quota: `KTP (KK asli, akta) 40; KK (KTP) 30`."""
    found = []
    for item in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
        parts = _SERVICE.fullmatch(item)
        papers = [one.strip() for one in (parts[2] or "").split(",") if one.strip()] if parts else []
        if parts is None or len(parts[1]) > 40 or len(papers) > 6 or any(len(one) > 40 for one in papers):
            expected = "services such as KTP (KK asli, akta) 40; KK (KTP) 30, up to six papers for each"
            raise DataError("services", f"{expected}; at {item[:60]!r}")
        found.append({"service": parts[1], "papers": papers} | ({"quota": int(parts[3])} if parts[3] else {}))
    if len(found) > 8:
        raise DataError("services", f"at most 8 services, here are {len(found)}")
    return found


def _when(cells: Mapping[str, str]) -> dict[str, Any]:
    """The day or the weekday of a row; one of the two."""
    day, weekday = cells.get("date", ""), cells.get("weekday", "")
    if day:
        return {"day": _day(day)}  # beside it a weekday is a help to the reader
    if weekday.lower() not in DAYS:
        raise DataError("weekday" if weekday else "date", "a date such as 2026-11-30, or a weekday such as Senin")
    return {"weekday": DAYS[weekday.lower()]}


def _day(text: str) -> str:
    parts = _DATE.fullmatch(text)
    try:
        return (date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else date.fromisoformat(text)).isoformat()
    except ValueError:
        raise DataError("date", "a date such as 2026-11-30 or 30/11/2026") from None


def _minute(text: str) -> int:
    parts = _TIME.fullmatch(text)
    hour, minute = (int(parts[1]), int(parts[2] or 0)) if parts else (24, 0)
    if hour > 23 or minute > 59:
        raise DataError("time", "a time of day such as 08:00 or 8.30")
    return hour * 60 + minute
