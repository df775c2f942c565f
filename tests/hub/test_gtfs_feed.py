"""GTFS-Realtime messages, read back with the official bindings."""

from __future__ import annotations

from typing import Any, Final

import pytest
from google.transit import gtfs_realtime_pb2 as pb

from channels.van_feed import Moment, Off, Row, Run, Sight, Told
from hub.gtfs_feed import Writer

SECOND: Final = 1_800_000_000
NOW: Final = SECOND * 1000
TRIP: Final = "v1.2027-01-15"
DAY: Final = "2027-01-15"
EXAMPLE: Final = Told(
    van="v1",
    name="Mobil 1",
    sight=Sight(-7.47, 112.43, NOW - 1500, 90.0, 5.0, TRIP, "t02", 2, stands=False),
    run=Run(
        TRIP,
        DAY,
        "added",
        NOW - 1500,
        (
            Row("t01", NOW - 600_000, arrival=Moment(NOW - 590_000), departure=Moment(NOW - 300_000)),
            Row("t02", NOW, arrival=Moment(NOW + 90_400, 45)),
            Row("t03", NOW + 1, skipped=True),
            Row("t04", NOW + 2),
        ),
    ),
)
VIEW: Final[dict[str, Any]] = {
    "type": "alert", "id": "a1", "published_at": NOW - 5000, "expires": NOW + 60_000, "severity": "severe",
    "texts": {
        "id": {"headline": "Banjir", "description": "Air naik.", "instruction": "Jauhi sungai."},
        "en": {"headline": "Flood", "description": "", "instruction": ""},
    },
}  # fmt: skip


def read(body: bytes) -> pb.FeedMessage:
    message = pb.FeedMessage()
    message.ParseFromString(body)
    assert message.IsInitialized()
    assert (message.header.gtfs_realtime_version, message.header.timestamp) == ("2.0", SECOND)
    assert message.header.incrementality == pb.FeedHeader.FULL_DATASET
    return message


def writer(*, simulated: bool = False) -> Writer:
    return Writer("35.76", SECOND, simulated=simulated)


def test_a_position() -> None:
    """Trip, vehicle, place, motion, stop and the time of the fix."""
    (entity,) = read(writer().positions([EXAMPLE])).entity
    vehicle = entity.vehicle
    assert (entity.id, vehicle.vehicle.id, vehicle.vehicle.label) == ("position.v1", "v1", "Mobil 1")
    assert (vehicle.trip.trip_id, vehicle.trip.route_id, vehicle.trip.start_date) == (TRIP, "v1", "20270115")
    assert (vehicle.position.bearing, vehicle.position.speed) == (90, 5)
    assert vehicle.position.latitude == pytest.approx(-7.47, abs=1e-5)
    assert (vehicle.stop_id, vehicle.current_stop_sequence) == ("t02", 2)
    assert vehicle.current_status == pb.VehiclePosition.IN_TRANSIT_TO
    assert vehicle.timestamp == SECOND - 2


def test_a_position_says_only_what_is_known() -> None:
    """Without motion, trip and stop these fields are absent; a clock that is ahead does not pass the feed's."""
    (entity,) = read(writer().positions([Told(van="v1", name="M", sight=Sight(1, 2, NOW + 9000))])).entity
    vehicle = entity.vehicle
    assert not any(vehicle.position.HasField(name) for name in ("bearing", "speed"))
    assert not any(vehicle.HasField(name) for name in ("trip", "stop_id", "current_stop_sequence", "current_status"))
    assert vehicle.timestamp == SECOND
    assert not read(writer().positions([Told(van="v1", name="M")])).entity


def test_a_van_that_stands() -> None:
    """Its status is STOPPED_AT."""
    sight = Sight(1, 2, NOW, trip=TRIP, stop="t02", place=2, stands=True)
    (entity,) = read(writer().positions([Told(van="v1", name="M", sight=sight, run=EXAMPLE.run)])).entity
    assert entity.vehicle.current_status == pb.VehiclePosition.STOPPED_AT


def test_a_trip() -> None:
    """What was is certain, what comes has its uncertainty and delay, the skipped and the unknown carry no time."""
    (entity,) = read(writer().updates([EXAMPLE])).entity
    update = entity.trip_update
    assert update.trip.schedule_relationship == pb.TripDescriptor.ADDED
    assert (update.timestamp, update.vehicle.id) == (SECOND - 2, "v1")
    been, comes, skipped, unknown = update.stop_time_update
    words = pb.TripUpdate.StopTimeUpdate
    assert [one.stop_sequence for one in update.stop_time_update] == [1, 2, 3, 4]
    assert (been.arrival.time, been.arrival.uncertainty, been.arrival.delay) == (SECOND - 590, 0, 10)
    assert been.arrival.HasField("uncertainty")
    assert (been.departure.time, been.departure.HasField("delay")) == (SECOND - 300, False)
    assert (comes.arrival.time, comes.arrival.uncertainty, comes.arrival.delay) == (SECOND + 90, 45, 90)
    assert not comes.HasField("departure")
    assert (skipped.schedule_relationship, unknown.schedule_relationship) == (words.SKIPPED, words.NO_DATA)
    assert not any(one.HasField(name) for one in (skipped, unknown) for name in ("arrival", "departure"))


def test_a_cancelled_trip() -> None:
    """CANCELED, without stops or a time of measurement; and an alert that names the trip and what it does."""
    off = Off(TRIP, DAY, NOW - 1000, NOW + 9000, {"id": "Tidak jalan", "en": "Does not run"}, "Ban bocor")
    told = Told(van="v1", name="M", run=Run(TRIP, DAY, "canceled"), off=off)
    (entity,) = read(writer().updates([told])).entity
    assert entity.trip_update.trip.schedule_relationship == pb.TripDescriptor.CANCELED
    assert not entity.trip_update.HasField("timestamp")
    (entity,) = read(writer().alerts([], [told])).entity
    assert (entity.alert.effect, entity.alert.cause) == (pb.Alert.NO_SERVICE, pb.Alert.UNKNOWN_CAUSE)
    (about,) = entity.alert.informed_entity
    assert (about.trip.trip_id, about.route_id, about.agency_id) == (TRIP, "v1", "35.76")
    assert {one.language: one.text for one in entity.alert.header_text.translation} == off.texts
    assert [one.text for one in entity.alert.description_text.translation] == ["Ban bocor"]
    (period,) = entity.alert.active_period
    assert (period.start, period.end) == (SECOND - 1, SECOND + 9)


def test_an_alert_in_two_languages() -> None:
    """Each language has its own text; what no language says is absent; cause and effect are honestly unknown."""
    (entity,) = read(writer().alerts([VIEW], [EXAMPLE])).entity
    alert = entity.alert
    assert {one.language: one.text for one in alert.header_text.translation} == {"id": "Banjir", "en": "Flood"}
    (said,) = alert.description_text.translation
    assert (said.language, said.text) == ("id", "Air naik.\n\nJauhi sungai.")
    assert (alert.cause, alert.effect) == (pb.Alert.UNKNOWN_CAUSE, pb.Alert.UNKNOWN_EFFECT)
    assert [one.agency_id for one in alert.informed_entity] == ["35.76"]
    assert (alert.active_period[0].start, alert.active_period[0].end) == (SECOND - 5, SECOND + 60)


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        ("extreme", "SEVERE"),
        ("severe", "SEVERE"),
        ("moderate", "WARNING"),
        ("minor", "INFO"),
        ("unknown", "UNKNOWN_SEVERITY"),
    ],
)
def test_how_severe(severity: str, level: str) -> None:
    """CAP's words in those of the format."""
    (entity,) = read(writer().alerts([{**VIEW, "severity": severity}], [])).entity
    assert pb.Alert.SeverityLevel.Name(entity.alert.severity_level) == level


def test_a_simulated_city_says_so_everywhere() -> None:
    """In every text, every entity's id and the agency; the ids of trips, vans and stops stay the city's own."""
    made = writer(simulated=True)
    messages = [read(body) for body in (made.positions([EXAMPLE]), made.updates([EXAMPLE]), made.alerts([VIEW], []))]
    assert [one.entity[0].id.partition(".")[0] for one in messages] == ["simulasi"] * 3
    assert messages[0].entity[0].vehicle.vehicle.label == "SIMULASI: Mobil 1"
    assert messages[1].entity[0].trip_update.vehicle.label == "SIMULASI: Mobil 1"
    alert = messages[2].entity[0].alert
    assert [one.text for one in alert.header_text.translation] == ["SIMULASI: Banjir", "SIMULATION: Flood"]
    assert alert.informed_entity[0].agency_id == "simulasi.35.76"
    assert messages[0].entity[0].vehicle.trip.trip_id == TRIP
