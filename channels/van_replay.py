"""A van's day once more, as the service would have seen it: what three predictors said at any moment of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from channels.geo import distance_m
from channels.van_arrival import Sample, Track, added, judged
from channels.van_drive import pressed
from channels.van_eta import PACE, Place, ahead, foretold
from channels.van_things import Press, Trip, TripStop
from hub.contract import HUB, Refusal

PREDICTORS: Final = ("ours", "schedule", "distance")
RECENT: Final = 8
"""How many fixes are held against each other; the service keeps ten minutes of them."""


class Replay:
    """One trip. Stops as (id, lat, lon, scheduled at); all times in ms."""

    def __init__(self, stops: Sequence[tuple[str, float, float, int]]) -> None:
        rows = tuple(TripStop(id_, id_, "", lat, lon, at) for id_, lat, lon, at in stops)
        self._trip = Trip(id="t", van="v", van_name="", services=(), day="", stops=rows, live=True, next=rows[0].id)
        self._samples: list[Sample] = []

    def hear_fix(self, fix_at: int, lat: float, lon: float, accuracy_m: float) -> None:
        self._samples = [*self._samples[1 - RECENT :], Sample(fix_at, "", lat, lon, accuracy_m)]

    def hear_event(self, what: str, stop: str | None, at: int) -> None:
        """An arrival (`arrive`) or a departure, as the fixes say it."""
        data = Press("v", stop, self._trip.seq, at)
        found = pressed(self._trip, f"van.{what}", data, HUB, at)
        if not isinstance(found, Refusal):
            self._trip = found[0]

    def said(self, now: int) -> Mapping[str, Mapping[str, int]]:
        """Predictor -> stop -> when it says that the van comes."""
        place = self._place()
        ours = {stop: eta.at for stop, eta in foretold(self._trip, place, now).items()}
        coming = ahead(self._trip)
        schedule = {stop.id: max(now, stop.scheduled_at) for stop in coming}
        return dict(zip(PREDICTORS, (ours, schedule, _by_distance(coming, place, now)), strict=True))

    def _place(self) -> Place | None:
        seen = judged(added(Track(), self._samples)).accepted
        return Place(seen[-1].lat, seen[-1].lon, seen[-1].fix_at) if seen else None


def _by_distance(coming: Sequence[TripStop], place: Place | None, now: int) -> dict[str, int]:
    """What is left of the way at a mean speed, without timetable or stays."""
    if place is None or not coming:
        return {}
    way = distance_m(place.lat, place.lon, coming[0].lat, coming[0].lon)
    found = {coming[0].id: now + round(way * PACE * 1000)}
    for one, other in pairwise(coming):
        way += distance_m(one.lat, one.lon, other.lat, other.lon)
        found[other.id] = now + round(way * PACE * 1000)
    return found
