"""What vans speak in: their tables, the data of their commands, their things and views."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, to_builtins

from hub.contract import Rule, Table, View

CREW: Final = frozenset({"crew"})
SYSTEM: Final = frozenset({"system"})
TIMER: Final = frozenset({"timer"})

DAY_MS: Final = 24 * 3600 * 1000
WIB_MS: Final = 7 * 3600 * 1000
FIRST_MS: Final = 7 * 3600 * 1000
"""Scheduled times count from 07:00 in the city (WIB, UTC+7)."""

DEMO_PAUSE_MS: Final = 45 * 1000
"""How long a demo's van rests between two trips; a real one rests until midnight."""

FIX_LATE_MS: Final = 90 * 1000
FIX_EARLY_MS: Final = 10 * 1000
QUARANTINE_M_S: Final = 120 / 3.6

_OWN = "the van's crew"

VAN: Table = {
    "off": {
        "van.seed": Rule(SYSTEM),
        "van.depart": Rule(CREW, "driving", _OWN),
        "van.arrive": Rule(CREW, "at_stop", _OWN),
        "van.skip": Rule(CREW, None, _OWN),
        "van.reset": Rule(TIMER, "off"),
    },
    "driving": {
        "van.seed": Rule(SYSTEM),
        "van.arrive": Rule(CREW, "at_stop", _OWN),
        "van.skip": Rule(CREW, None, f"{_OWN}; after the last stop the van is off"),
        "van.reset": Rule(TIMER, "off"),
    },
    "at_stop": {
        "van.seed": Rule(SYSTEM),
        "van.arrive": Rule(CREW, "at_stop", f"{_OWN}, at another stop: it leaves this one"),
        "van.depart": Rule(CREW, "driving", f"{_OWN}; after the last stop the van is off"),
        "van.skip": Rule(CREW, None, _OWN),
        "van.reset": Rule(TIMER, "off"),
    },
}

STOP: Table = {
    "expected": {"van.arrive": Rule(CREW, "arrived", _OWN), "van.skip": Rule(CREW, "skipped", _OWN)},
    "arrived": {"van.depart": Rule(CREW, "departed", _OWN)},
    "skipped": {"van.arrive": Rule(CREW, "arrived", f"{_OWN}, which comes after all")},
    "departed": {},
}

Word = Annotated[str, Meta(min_length=1, max_length=40)]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Minutes = Annotated[int, Meta(ge=0, le=17 * 60)]


# -- data of commands ---------------------------------------------------------


class VanData(Struct, frozen=True):
    id: Word
    name: Name
    services: Annotated[tuple[Word, ...], Meta(max_length=12)] = ()


class StopData(Struct, frozen=True):
    """`scheduled_at`: minutes after 07:00."""

    id: Word
    name: Name
    kelurahan: Word
    lat: Lat
    lon: Lon
    scheduled_at: Minutes = 0


class Seed(Struct, frozen=True):
    """A van and its trip: at most 24 stops, because one commit shows all of them."""

    van: VanData
    stops: Annotated[tuple[StopData, ...], Meta(min_length=1, max_length=24)]


class Location(Struct, frozen=True):
    """`fix_at` None: now. `speed_kmh`, `heading` as the tracker says."""

    lat: Lat
    lon: Lon
    accuracy_m: Annotated[float, Meta(ge=0, le=100_000)] = 0.0
    fix_at: Annotated[int, Meta(ge=0, lt=1 << 53)] | None = None
    speed_kmh: Annotated[float, Meta(ge=0, le=300)] | None = None
    heading: Annotated[float, Meta(ge=0, le=360)] | None = None


class Position(Struct, frozen=True):
    van: Word
    location: Location


class Press(Struct, frozen=True):
    """The crew's button. `stop` None: the one it is at (depart) or the next one."""

    van: Word
    stop: Word | None = None


class Reset(Struct, frozen=True):
    van: Word


# -- things -------------------------------------------------------------------


class TripStop(Struct, frozen=True):
    """One stop of today's trip; what followers of the stop see is made from it."""

    id: str
    name: str
    kelurahan: str
    lat: float
    lon: float
    minutes: int
    scheduled_at: int
    state: Literal["expected", "arrived", "departed", "skipped"] = "expected"
    at: int = 0
    arrived_at: int | None = None
    departed_at: int | None = None


class Van(Struct, frozen=True):
    """A van with its trip: one thing, so that van and stops never disagree."""

    id: str
    name: str
    services: tuple[str, ...]
    trip: tuple[TripStop, ...]
    state: str = "off"
    at: int = 0
    stop: str | None = None
    next: str | None = None


# -- views --------------------------------------------------------------------


def van_view(van: Van) -> View:
    """A van in the list of vans: under 300 bytes."""
    view: View = {"type": "van", "id": van.id, "state": van.state, "at": van.at, "name": van.name}
    names = {stop.id: stop.name for stop in van.trip}
    if van.stop is not None:
        view |= {"stop": van.stop, "stop_name": names[van.stop]}
    if van.next is not None:
        view |= {"next": van.next, "next_name": names[van.next]}
    return view


def trip_view(van: Van) -> View:
    """A van with its trip and services, as its followers see it."""
    trip = []
    for stop in van.trip:
        row = {
            "stop": stop.id,
            "name": stop.name,
            "kelurahan": stop.kelurahan,
            "state": stop.state,
            "scheduled_at": stop.scheduled_at,
        }
        if stop.arrived_at is not None:
            row["arrived_at"] = stop.arrived_at
        trip.append(row)
    return {**van_view(van), "trip": trip, "services": to_builtins(van.services)}


def stop_view(van: Van, stop: TripStop) -> View:
    """One stop, as those who wait there see it."""
    view: View = {
        "type": "stop",
        "id": stop.id,
        "state": stop.state,
        "at": stop.at,
        "name": stop.name,
        "kelurahan": stop.kelurahan,
        "van": van.id,
        "van_name": van.name,
        "scheduled_at": stop.scheduled_at,
        "location": {"lat": stop.lat, "lon": stop.lon},
    }
    if stop.arrived_at is not None:
        view["arrived_at"] = stop.arrived_at
    if stop.departed_at is not None:
        view["departed_at"] = stop.departed_at
    return view
