"""What trackers send, read as positions; what cannot be, named without a word of what stood there."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import DataError
from hub.osmand import MOST_FIXES, read_json, read_query, report

AT = 1_764_201_600_000
KEY = "s3cret-key-of-a-van"
QUERY = {"id": KEY, "lat": "-7.4722", "lon": "112.4338", "timestamp": "1764201600"}


def message(**more: Any) -> dict[str, Any]:
    """One fix of Traccar Client."""
    coords = {"latitude": -7.4722, "longitude": 112.4338, "accuracy": 8, "speed": 10, "heading": 90, "altitude": 25}
    return {"device_id": KEY, "location": {"timestamp": "2025-11-27T00:00:00.000Z", "coords": {**coords, **more}}}


def read(body: Any) -> Any:
    return report(read_json(json.dumps(body).encode()))


def test_osmand_query() -> None:
    """Speed in knots, bearing, accuracy and battery; altitude is not kept."""
    said = {"speed": "10", "bearing": "370", "altitude": "25", "accuracy": "8", "batt": "76"}
    found = report(read_query({**QUERY, **said}))
    assert (found.key, found.faults) == (KEY, [])
    assert found.locations == [
        {
            "lat": -7.4722, "lon": 112.4338, "fix_at": AT, "accuracy_m": 8.0, "speed_kmh": 18.5, "heading": 10.0,
            "battery": 76.0,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["1764201600", "1764201600000", "1764201600.0", "2025-11-27T00:00:00Z", "2025-11-27T07:00:00+07:00",
     "2025-11-27 00:00:00", "2025-11-27T00:00:00.000Z"],
)  # fmt: skip
def test_times(text: str) -> None:
    """Seconds, milliseconds, ISO 8601 with a zone or in UTC."""
    assert report(read_query({**QUERY, "timestamp": text})).locations[0]["fix_at"] == AT


def test_no_time_is_now() -> None:
    """Without a timestamp the hub's clock counts."""
    assert "fix_at" not in report(read_query({"id": KEY, "lat": "1", "lon": "2"})).locations[0]


def test_traccar_json() -> None:
    """Speed in metres a second, the battery's level as a part of one; what the phone does not know is left out."""
    found = read(message())
    assert found.locations == [
        {"lat": -7.4722, "lon": 112.4338, "fix_at": AT, "accuracy_m": 8.0, "speed_kmh": 36.0, "heading": 90.0}
    ]
    unknown = message(speed=-1, heading=-1, accuracy=None)
    unknown["location"]["battery"] = {"level": 0.5, "is_charging": True}
    assert read(unknown).locations == [{"lat": -7.4722, "lon": 112.4338, "fix_at": AT, "battery": 50.0}]


def test_buffers() -> None:
    """A list of fixes, or of locations in one; a fix that cannot be is named by its place and left out."""
    one = message()
    many = {"device_id": KEY, "location": [one["location"], message(latitude=95)["location"]]}
    for body, path in (([one, message(latitude=95)], "[1].location.lat"), (many, "location.lat")):
        found = read(body)
        assert len(found.locations) == 1
        assert [fault.path for fault in found.faults] == [path]
    assert len(read([one] * MOST_FIXES).locations) == MOST_FIXES


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"lat": "91"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"lon": ""}, "lon"),
        ({"lon": "181"}, "lon"),
        ({"timestamp": "besok"}, "timestamp"),
        ({"timestamp": "-5"}, "timestamp"),
        ({"timestamp": "9e99"}, "timestamp"),
        ({"speed": "486"}, "speed"),
        ({"accuracy": "baik"}, "accuracy"),
    ],
)
def test_impossible_fixes(said: dict[str, str], field: str) -> None:
    """Each field by its name; 486 knots are 900 km/h."""
    found = report(read_query({**QUERY, **said}))
    assert (found.locations, [fault.path for fault in found.faults]) == ([], [field])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b'"x"', "body"),
        (b"[]", "device_id"),
        (b'{"device_id": "a"}', "body"),
        (json.dumps([message(), {**message(), "device_id": "other"}]).encode(), "device_id"),
        (json.dumps([message()] * (MOST_FIXES + 1)).encode(), "location"),
        (json.dumps({**message(), "device_id": ""}).encode(), "id"),
        (json.dumps({**message(), "device_id": "x" * 100}).encode(), "id"),
    ],
    ids=["nothing", "half", "text", "none", "no place", "two keys", "too many", "no key", "a long key"],
)
def test_what_is_no_report(body: bytes, path: str) -> None:
    """Named by its field, and never with the key."""
    with pytest.raises(DataError) as caught:
        read_json(body)
    assert caught.value.path == path
    assert KEY not in str(caught.value)


def test_a_query_without_a_key() -> None:
    """The key is called `id`, as in both apps."""
    with pytest.raises(DataError, match="id: expected"):
        read_query({"lat": "1", "lon": "2"})


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["lat", "lon", "timestamp", "speed", "bearing", "accuracy", "batt"]), st.text()))
def test_any_query_is_a_position_or_a_fault(said: dict[str, str]) -> None:
    """Nothing else comes of it, whatever is in it."""
    found = report(read_query({"id": KEY, **said}))
    assert len(found.locations) + len(found.faults) == 1


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_body_is_a_report_or_named(body: bytes) -> None:
    """Nothing else comes of it, whatever is in it."""
    with contextlib.suppress(DataError):
        read_json(body)
