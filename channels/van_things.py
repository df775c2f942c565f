"""What vans speak in: the data of commands, and what is kept of vans, stops and trips.

A `stop` is a place with its services; a `trip` is what one van does on one day; a `van` has a plan of its week. What
a trip does at a stop stands in the trip (`TripStop`) and, for those who wait there, in the stop (`Visit`): both are
written in one commit.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from channels.rules import WIB_MS

FIRST_MIN: Final = 7 * 60
"""A seed's times count from 07:00 in the city."""

DEMO_PAUSE_MS: Final = 45 * 1000
"""How long a demo's van rests between two trips; a real one rests until midnight."""

MOST_STOPS: Final = 24
MOST_TOUCHED: Final = 28
"""Stops that one command may show anew: a commit touches 32 topics, three are the van's and one lists all stops."""
MOST_VISITS: Final = 40
MOST_FIXES: Final = 1_440

Word = Annotated[str, Meta(min_length=1, max_length=40)]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Lat = Annotated[float, Meta(ge=-90, le=90)]
Lon = Annotated[float, Meta(ge=-180, le=180)]
Minute = Annotated[int, Meta(ge=0, lt=24 * 60)]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d\Z")]
SkipReason = Literal["road", "time", "van", "nobody", "other"]
VanServices = Annotated[tuple[Word, ...], Meta(max_length=12)]


# -- data of commands ---------------------------------------------------------


class Service(Struct, frozen=True, omit_defaults=True):
    """What is done at a stop, the papers to bring, and for how many people a day (None: no limit)."""

    service: Word
    papers: Annotated[tuple[Word, ...], Meta(max_length=6)] = ()
    quota: Annotated[int, Meta(ge=0, le=10_000)] | None = None


StopServices = Annotated[tuple[Service, ...], Meta(max_length=8)]


class VanData(Struct, frozen=True):
    id: Id
    name: Name
    services: VanServices = ()


class StopData(Struct, frozen=True):
    """`scheduled_at`: minutes after 07:00. `services`: for a stop that has none yet."""

    id: Id
    name: Name
    kelurahan: Word
    lat: Lat
    lon: Lon
    scheduled_at: Annotated[int, Meta(ge=0, lt=17 * 60)] = 0
    services: StopServices = ()


class Seed(Struct, frozen=True):
    """A van and what it does every day."""

    van: VanData
    stops: Annotated[tuple[StopData, ...], Meta(min_length=1, max_length=MOST_STOPS)]


class SaveVan(Struct, frozen=True):
    """What is left out stays. From the command line a van that is there stays as it is."""

    van: Id
    name: Name | None = None
    services: VanServices | None = None


class SaveStop(Struct, frozen=True, kw_only=True):
    """`stop` None: a new one. What is left out stays; without a position it is the middle of its kelurahan."""

    stop: Id | None = None
    name: Name | None = None
    kelurahan: Word | None = None
    address: Annotated[str, Meta(max_length=200)] | None = None
    lat: Lat | None = None
    lon: Lon | None = None
    services: StopServices | None = None


class Planned(Struct, frozen=True):
    """A stop of a trip. `minute`: from midnight in the city."""

    stop: Id
    minute: Minute


class SaveTrip(Struct, frozen=True, kw_only=True):
    """The stops of one day (None: today), or of every such weekday (0 is Monday) from now on."""

    van: Id
    stops: Annotated[tuple[Planned, ...], Meta(max_length=MOST_STOPS)]
    day: Day | None = None
    weekday: Annotated[int, Meta(ge=0, le=6)] | None = None


class CancelTrip(Struct, frozen=True):
    """`day` None: today."""

    van: Id
    day: Day | None = None
    reason: Annotated[str, Meta(max_length=120)] = ""


class Location(Struct, frozen=True):
    """`fix_at` None: now. `speed_kmh`, `heading`, `battery` (%) as the sender says."""

    lat: Lat
    lon: Lon
    accuracy_m: Annotated[float, Meta(ge=0, le=100_000)] = 0.0
    fix_at: Annotated[int, Meta(ge=0, lt=1 << 53)] | None = None
    speed_kmh: Annotated[float, Meta(ge=0, le=300)] | None = None
    heading: Annotated[float, Meta(ge=0, le=360)] | None = None
    battery: Annotated[float, Meta(ge=0, le=100)] | None = None


class Position(Struct, frozen=True, kw_only=True):
    """Where the van is; a sender that was out of reach gives what it kept in `locations`."""

    van: Word
    location: Location | None = None
    locations: Annotated[tuple[Location, ...], Meta(max_length=MOST_FIXES)] = ()


class Press(Struct, frozen=True):
    """The crew's button, or (`seq`, `fix_at`) what the fixes say. `stop` None: where it is (depart) or the next."""

    van: Word
    stop: Word | None = None
    seq: int = -1
    fix_at: int = 0


class Skip(Press, frozen=True):
    """A stop is left out. `reason` None: the crew did not say."""

    reason: SkipReason | None = None


class OneVan(Struct, frozen=True):
    van: Word


class OneTrip(Struct, frozen=True):
    trip: Annotated[str, Meta(max_length=60)]


# -- things -------------------------------------------------------------------

StopState = Literal["expected", "arrived", "departed", "skipped", "cancelled"]


class Eta(Struct, frozen=True, omit_defaults=True):
    """When a van comes, ms. `fix_age_s`: of the fix behind it when it was said; None for the timetable."""

    low: int
    at: int
    high: int
    source: Literal["fix", "schedule"]
    fix_age_s: int | None = None


class TripStop(Struct, frozen=True, omit_defaults=True):
    """A stop of a trip; name and place are the stop's, kept here too because every fix is held against them.

    `reason`: why it was skipped. `eta`: as it was last shown. `said`: (when, what) was predicted in the last minutes,
    until the van is there.
    """

    id: str
    name: str
    kelurahan: str
    lat: float
    lon: float
    scheduled_at: int
    state: StopState = "expected"
    at: int = 0
    arrived_at: int | None = None
    departed_at: int | None = None
    reason: SkipReason | None = None
    eta: Eta | None = None
    said: tuple[tuple[int, int], ...] = ()


class Trip(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one van does on one day.

    Args:
        live: it is the van's trip of today: every screen shows it.
        stop, next: where the van is, and the stop that comes.
        seq: counts what the van did; a fix speaks only of what comes after it.
        event_at: when that was. pressed: by the crew's button.
        parked: the stop at which the van stood when the day began: it has not arrived there.
        exception: changed for this day alone; the week's plan does not change it.
        foretold_at: when its arrivals were last predicted. score: how good that was today, as `van_score` counts.
        zone_ms: the city's clock when it was made: from its midnight the times count.
    """

    id: str
    van: str
    van_name: str
    services: tuple[str, ...]
    day: str
    stops: tuple[TripStop, ...] = ()
    state: Literal["planned", "driving", "at_stop", "over", "cancelled"] = "planned"
    at: int = 0
    live: bool = False
    stop: str | None = None
    next: str | None = None
    seq: int = 0
    event_at: int = 0
    pressed: bool = False
    parked: str = ""
    exception: bool = False
    reason: str = ""
    foretold_at: int = 0
    score: tuple[tuple[int, int], ...] = ()
    zone_ms: int = WIB_MS

    def of(self, stop: str | None) -> TripStop | None:
        return next((one for one in self.stops if one.id == stop), None)


class Visit(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a trip does at a stop, as the stop shows it."""

    trip: str
    van: str
    van_name: str
    day: str
    scheduled_at: int
    state: StopState = "expected"
    arrived_at: int | None = None
    departed_at: int | None = None
    reason: SkipReason | None = None
    eta: Eta | None = None


class Stop(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A place where vans stop, and what comes there in the days ahead."""

    id: str
    name: str
    kelurahan: str
    lat: float
    lon: float
    at: int = 0
    address: str = ""
    services: tuple[Service, ...] = ()
    visits: tuple[Visit, ...] = ()


class Van(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A van.

    Args:
        plan: weekday -> its stops (id, minute from midnight); what every such day begins with.
        today: the id of its trip of today. planned: the last day whose trip was made.
        seeded: the stops it was seeded with: the same seed again changes nothing.
        tracker: the digest of its tracker's key. reset_at: when a demo's trip begins again.
        zone_ms: the city's clock: its midnight begins the day.
    """

    id: str
    name: str
    services: tuple[str, ...] = ()
    plan: dict[int, tuple[Planned, ...]] = {}
    today: str = ""
    day: str = ""
    planned: str = ""
    seeded: tuple[str, ...] = ()
    tracker: str = ""
    reset_at: int = 0
    zone_ms: int = WIB_MS


class Tracker(Struct, frozen=True):
    """Whose fixes a key may write; its id is the key's digest."""

    van: str
