"""What trackers send, as positions: OsmAnd's query and Traccar Client's JSON, one fix or a buffer of them. Pure.

    ?id=KEY&lat=-7.4722&lon=112.4338&timestamp=1764200000&speed=10&bearing=90&altitude=25&accuracy=8&batt=76
    {"device_id": KEY, "location": {"timestamp": "2026-11-27T00:00:00Z", "coords": {"latitude": -7.4722, ...}}}

`location` may be a list, and the whole a list of such objects. `timestamp` is seconds, milliseconds or ISO 8601
(without a zone: UTC), `speed` knots in a query and metres a second in JSON; what a phone does not know is -1 there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

import msgspec
from msgspec import Struct

from hub.errors import DataError

MOST_FIXES: Final = 1_440
KMH_OF_KNOT: Final = 1.852
KMH_OF_M_S: Final = 3.6
MAX_KMH: Final = 300.0
MAX_KEY: Final = 80
MILLISECONDS: Final = 100_000_000_000
"""A number from here on counts milliseconds: as seconds it would be the year 5138."""


class Report(Struct, frozen=True):
    """What one request holds: the key, the positions that can be (as `Location` of a service), and what is wrong."""

    key: str
    locations: list[dict[str, Any]]
    faults: list[DataError]


class Given(Struct, frozen=True):
    """The fixes of one request as they were said, not yet looked at: (what, where in the request, km/h of a unit of
    speed, percent of a unit of charge).
    """

    key: str
    fixes: list[tuple[dict[str, Any], str, float, float]]


class Coords(Struct):
    latitude: float | str | None = None
    longitude: float | str | None = None
    accuracy: float | str | None = None
    speed: float | str | None = None
    heading: float | str | None = None


class Battery(Struct):
    level: float | str | None = None


class Place(Struct):
    coords: Coords
    timestamp: float | str | None = None
    battery: Battery | None = None


class Message(Struct):
    device_id: str | int
    location: Place | list[Place]


def read_query(query: Mapping[str, str]) -> Given:
    """One fix in OsmAnd's words.

    Raises:
        DataError: no key.
    """
    key = _key(query.get("id") or query.get("deviceid"))
    given = {
        "lat": query.get("lat"),
        "lon": query.get("lon"),
        "at": query.get("timestamp"),
        "accuracy": query.get("accuracy"),
        "speed": query.get("speed"),
        "heading": query.get("bearing") or query.get("heading"),
        "battery": query.get("batt"),
    }
    return Given(key, [(given, "", KMH_OF_KNOT, 1.0)])


def read_json(body: bytes) -> Given:
    """Traccar Client's JSON.

    Raises:
        DataError: not that, no key or several, or more than 1,440 fixes.
    """
    try:
        decoded = msgspec.json.decode(body)
        messages = msgspec.convert(decoded if isinstance(decoded, list) else [decoded], list[Message])
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise DataError("body", "expected a fix or a list of them: {device_id, location: {timestamp, coords}}") from exc
    if len({message.device_id for message in messages}) != 1:
        raise DataError("device_id", "expected one key for all fixes of a request")
    given = []
    for place, message in enumerate(messages):
        at = f"[{place}]." if isinstance(decoded, list) else ""
        many = message.location if isinstance(message.location, list) else [message.location]
        given += [(_said(one), f"{at}location.", KMH_OF_M_S, 100.0) for one in many]
    if len(given) > MOST_FIXES:
        raise DataError("location", f"expected at most {MOST_FIXES} fixes in a request, got {len(given)}")
    return Given(_key(messages[0].device_id), given)


def _said(place: Place) -> dict[str, Any]:
    coords = place.coords
    return {
        "lat": coords.latitude,
        "lon": coords.longitude,
        "at": place.timestamp,
        "accuracy": coords.accuracy,
        "speed": coords.speed,
        "heading": coords.heading,
        "battery": place.battery.level if place.battery is not None else None,
    }


def report(given: Given) -> Report:
    """All of them at once."""
    whole = Report(given.key, [], [])
    for _ in reported(given, whole, MOST_FIXES):
        pass
    return whole


def reported(given: Given, whole: Report, slice_: int) -> Iterator[None]:
    """Fill a report so many fixes at a time: two hours of them take ten times as long as a loop may."""
    for number, (said, path, kmh, percent) in enumerate(given.fixes, 1):
        try:
            whole.locations.append(_location(said, kmh, percent))
        except DataError as exc:
            whole.faults.append(DataError(path + exc.path, exc.expected))
        if number % slice_ == 0:
            yield


def _location(said: Mapping[str, Any], kmh: float, percent: float) -> dict[str, Any]:
    """One position.

    Raises:
        DataError: it cannot be; names the field and never what stood there.
    """
    location: dict[str, Any] = {"lat": _degrees("lat", said["lat"], 90), "lon": _degrees("lon", said["lon"], 180)}
    if said["at"] is not None:
        location["fix_at"] = _time(said["at"])
    known: tuple[tuple[str, str, Callable[[float], float]], ...] = (
        ("accuracy", "accuracy_m", lambda value: min(value, 100_000.0)),
        ("speed", "speed_kmh", lambda value: round(value * kmh, 1)),
        ("heading", "heading", lambda value: value % 360),
        ("battery", "battery", lambda value: min(100.0, value * percent)),
    )
    for field, name, meant in known:
        value = None if said[field] is None else _number(field, said[field])
        if value is not None and value >= 0:
            location[name] = meant(value)
    if location.get("speed_kmh", 0.0) > MAX_KMH:
        raise DataError("speed", f"expected at most {MAX_KMH:.0f} km/h")
    return location


def _key(said: str | int | None) -> str:
    key = "" if said is None else str(said)
    if not 1 <= len(key) <= MAX_KEY:
        raise DataError("id", "expected the key of a van's tracker")
    return key


def _degrees(field: str, said: Any, most: int) -> float:
    value = None if said is None else _number(field, said)
    if value is None or abs(value) > most:
        raise DataError(field, f"expected degrees from -{most} to {most}")
    return value


def _number(field: str, said: Any) -> float:
    try:
        value = float(said)
    except (TypeError, ValueError):
        value = float("nan")
    if not isfinite(value):
        raise DataError(field, "expected a number")
    return value


def _time(said: Any) -> int:
    """Milliseconds since the epoch."""
    try:
        value = float(said)
    except ValueError:
        return _moment(str(said))
    if not 0 <= value < 1 << 53:
        raise DataError("timestamp", "expected seconds or milliseconds since 1970, or ISO 8601")
    return round(value if value >= MILLISECONDS else value * 1000)


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip().replace("z", "Z").replace(" +", "+"))
        zoned = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        at = round(zoned.timestamp() * 1000)
    except (ValueError, OverflowError):
        at = -1
    if at < 0:
        raise DataError("timestamp", "expected seconds or milliseconds since 1970, or ISO 8601")
    return at
