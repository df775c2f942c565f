"""GTFS-Realtime 2.0 messages of a city: vehicle positions, trip updates, alerts. Pure: the same input, the same bytes.

There is no static GTFS feed beside it; ids are the city's own: trip `<van>.<day>`, route and vehicle the van, stop the
stop, agency the city's code. The format has no word for a simulated city, so one says it in every text that a person
reads and in every entity's id and agency: nobody can take it for the real one, or mix the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.transit import gtfs_realtime_pb2 as pb

VERSION: Final = "2.0"
SIMULATED: Final = {"id": "SIMULASI", "jv": "SIMULASI", "en": "SIMULATION"}
RELATION: Final = {
    "scheduled": pb.TripDescriptor.SCHEDULED,
    "added": pb.TripDescriptor.ADDED,
    "canceled": pb.TripDescriptor.CANCELED,
}
SEVERITY: Final = {"extreme": pb.Alert.SEVERE, "severe": pb.Alert.SEVERE, "moderate": pb.Alert.WARNING} | {
    "minor": pb.Alert.INFO
}
"""CAP's words; what is not in it is `UNKNOWN_SEVERITY`."""


class Writer:
    """Writes one moment's messages.

    Args:
        agency: the city's code.
        second: when, s since the epoch: no entity is of a later time.
    """

    def __init__(self, agency: str, second: int, *, simulated: bool) -> None:
        self._second, self._simulated = second, simulated
        self._agency = f"simulasi.{agency}" if simulated else agency

    def positions(self, told: Iterable[Any]) -> bytes:
        """Where vans are: `told` as `channels.van_feed.Told`; those without a fresh fix are not in it."""
        feed = self._feed()
        for one in told:
            if one.sight is not None:
                self._position(self._entity(feed, f"position.{one.van}").vehicle, one)
        return _written(feed)

    def updates(self, told: Iterable[Any]) -> bytes:
        """Today's trips, each stop."""
        feed = self._feed()
        for one in told:
            if one.run is not None:
                self._update(self._entity(feed, f"trip.{one.run.trip}").trip_update, one)
        return _written(feed)

    def alerts(self, views: Iterable[Mapping[str, Any]], told: Iterable[Any]) -> bytes:
        """Alerts in force, as topic `city` shows them, and trips that do not take place."""
        feed = self._feed()
        for view in views:
            self._alert(self._entity(feed, f"alert.{view['id']}").alert, view)
        for one in told:
            if one.off is not None:
                self._off(self._entity(feed, f"cancelled.{one.off.trip}").alert, one)
        return _written(feed)

    def _feed(self) -> pb.FeedMessage:
        feed = pb.FeedMessage()
        feed.header.gtfs_realtime_version = VERSION
        feed.header.incrementality = pb.FeedHeader.FULL_DATASET
        feed.header.timestamp = self._second
        return feed

    def _entity(self, feed: pb.FeedMessage, id_: str) -> pb.FeedEntity:
        entity: pb.FeedEntity = feed.entity.add(id=f"simulasi.{id_}" if self._simulated else id_)
        return entity

    def _vehicle(self, vehicle: pb.VehicleDescriptor, one: Any) -> None:
        vehicle.id, vehicle.label = one.van, self._said("id", one.name)

    def _said(self, language: str, text: str) -> str:
        return f"{SIMULATED.get(language, SIMULATED['id'])}: {text}" if self._simulated else text

    def _position(self, vehicle: pb.VehiclePosition, one: Any) -> None:
        sight = one.sight
        self._vehicle(vehicle.vehicle, one)
        vehicle.position.latitude, vehicle.position.longitude = sight.lat, sight.lon
        if sight.bearing is not None:
            vehicle.position.bearing = sight.bearing
        if sight.speed_m_s is not None:
            vehicle.position.speed = sight.speed_m_s
        vehicle.timestamp = min(sight.fix_at // 1000, self._second)
        if sight.trip is not None:
            _trip(vehicle.trip, sight.trip, one.van, one.run)
        if sight.stop is not None:
            vehicle.stop_id, vehicle.current_stop_sequence = sight.stop, sight.place
            status = pb.VehiclePosition
            vehicle.current_status = status.STOPPED_AT if sight.stands else status.IN_TRANSIT_TO

    def _update(self, update: pb.TripUpdate, one: Any) -> None:
        run = one.run
        _trip(update.trip, run.trip, one.van, run)
        self._vehicle(update.vehicle, one)
        if run.measured_at is not None:
            update.timestamp = min(run.measured_at // 1000, self._second)
        for place, row in enumerate(run.rows, 1):
            _row(update.stop_time_update.add(stop_sequence=place, stop_id=row.stop), row)

    def _alert(self, alert: pb.Alert, view: Mapping[str, Any]) -> None:
        """Cause and effect stay unknown: CAP's category says neither what it does to the vans nor why."""
        alert.active_period.add(start=view["published_at"] // 1000, end=view["expires"] // 1000)
        alert.informed_entity.add(agency_id=self._agency)
        alert.cause, alert.effect = pb.Alert.UNKNOWN_CAUSE, pb.Alert.UNKNOWN_EFFECT
        alert.severity_level = SEVERITY.get(view["severity"], pb.Alert.UNKNOWN_SEVERITY)
        for language, text in view["texts"].items():
            if text is None:
                continue
            parts = [part for name in ("description", "instruction") if (part := text.get(name))]
            self._text(alert.header_text, language, text["headline"])
            if parts:
                self._text(alert.description_text, language, "\n\n".join(parts))

    def _off(self, alert: pb.Alert, one: Any) -> None:
        off = one.off
        alert.active_period.add(start=off.since // 1000, end=off.until // 1000)
        _trip(alert.informed_entity.add(agency_id=self._agency, route_id=one.van).trip, off.trip, one.van, one.run)
        alert.cause, alert.effect = pb.Alert.UNKNOWN_CAUSE, pb.Alert.NO_SERVICE
        alert.severity_level = pb.Alert.WARNING
        for language, text in off.texts.items():
            self._text(alert.header_text, language, text)
        if off.reason:
            self._text(alert.description_text, "id", off.reason)

    def _text(self, into: pb.TranslatedString, language: str, text: str) -> None:
        into.translation.add(language=language, text=self._said(language, text))


def _trip(trip: pb.TripDescriptor, id_: str, route: str, run: Any) -> None:
    trip.trip_id, trip.route_id, trip.start_date = id_, route, run.day.replace("-", "")
    trip.schedule_relationship = RELATION[run.relation]


def _row(update: pb.TripUpdate.StopTimeUpdate, row: Any) -> None:
    """NO_DATA where the timetable is all that is known: "neither arrival nor departure should be supplied"."""
    words = pb.TripUpdate.StopTimeUpdate
    update.schedule_relationship = words.SKIPPED if row.skipped else words.SCHEDULED
    if row.arrival is None and row.departure is None and not row.skipped:
        update.schedule_relationship = words.NO_DATA
    for event, moment in ((update.arrival, row.arrival), (update.departure, row.departure)):
        if moment is not None:
            event.time, event.uncertainty = moment.at // 1000, moment.within_s
    if row.arrival is not None:  # the timetable says when a van comes, not when it leaves
        update.arrival.delay = update.arrival.time - row.scheduled_at // 1000


def _written(feed: pb.FeedMessage) -> bytes:
    written: bytes = feed.SerializeToString(deterministic=True)
    return written
