"""Whether a van has arrived or departed, from its fixes: pure, and the same whatever order they came in.

The recent fixes are kept as a set (`Track`), and everything is found anew from it:

1. In order of time, a fix that implies over 120 km/h since the last accepted one is a suspect, in quarantine. Three
   suspects in a row that agree with each other are right, and what was believed before is forgotten; those of
   another sender must first have had 30 s without a fix from the one who is believed.
2. Arrived: at least three accepted fixes in a row that span 20 s, all within 50 m and under 5 km/h. Departed: at least
   three that span 30 s, all beyond 100 m. Fixes with an accuracy over 100 m do not count.
3. A fix speaks only of what comes after the trip's last event, so the crew's button overrules the fixes before it and
   those behind it: they decide again only on the next event. After a press of "arrived" this is a departure only when
   some later fix agreed that the van was there.
4. Two senders that disagree announce nothing; nor does a fix that is older than 90 s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from channels.geo import distance_m
from channels.van_things import Trip, TripStop

STANDS_M: Final = 50.0
STANDS_KMH: Final = 5.0
STANDS_MS: Final = 20_000
ELSEWHERE_MS: Final = 120_000
"""How long a van stands at a stop that is not its next before it counts: a traffic light is no visit."""
AWAY_M: Final = 100.0
AWAY_MS: Final = 30_000
IN_A_ROW: Final = 3
ACCURATE_M: Final = 100.0
LATE_MS: Final = 90_000
QUARANTINE_M_S: Final = 120 / 3.6

KEEP_MS: Final = 600_000
KEEP: Final = 64
DISPUTE_MS: Final = 30_000


class Sample(Struct, frozen=True, array_like=True, order=True):
    """One fix. `speed_kmh` -1: not said. `source`: who sent it."""

    fix_at: int
    source: str
    lat: float
    lon: float
    accuracy_m: float = 0.0
    speed_kmh: float = -1.0


class Track(Struct, frozen=True, array_like=True):
    """The recent fixes, by time: of each sender one a second, at most 64 over 10 minutes.

    `lead`: the sender who is believed. `agreed`: the last event of the trip (`seq`) that a fix agreed with.
    """

    samples: tuple[Sample, ...] = ()
    lead: str = ""
    agreed: int = -1


class Judged(Struct, frozen=True):
    """A track's accepted fixes, by time. `disputed`: another sender says otherwise."""

    accepted: tuple[Sample, ...] = ()
    disputed: bool = False

    @property
    def lead(self) -> str:
        return self.accepted[-1].source if self.accepted else ""


class Event(Struct, frozen=True):
    """What the fixes say has happened, since `fix_at`. `stop` None: the van set out."""

    cmd: str
    stop: str | None
    fix_at: int


def added(track: Track, samples: Iterable[Sample]) -> Track:
    """The track with more fixes, each in its place; what is too old or there already changes nothing."""
    kept: dict[tuple[str, int], Sample] = {}
    for sample in (*track.samples, *samples):
        second = (sample.source, sample.fix_at // 1000)
        kept[second] = min(sample, kept.get(second, sample))
    by_time = sorted(kept.values())
    recent = [sample for sample in by_time[-KEEP:] if sample.fix_at >= by_time[-1].fix_at - KEEP_MS]
    return Track(tuple(recent), track.lead, track.agreed)


def judged(track: Track) -> Judged:
    """Which fixes of a track are believed."""
    accepted: list[Sample] = []
    suspects: list[Sample] = []
    foreign: list[Sample] = []
    led = any(sample.source == track.lead for sample in track.samples)
    for sample in track.samples:
        if not accepted:
            if not led or sample.source == track.lead:
                accepted = [sample]
            continue
        last = accepted[-1]
        if follows(last, sample):
            accepted.append(sample)
            suspects = []
            continue
        agrees = bool(suspects) and suspects[-1].source == sample.source and follows(suspects[-1], sample)
        suspects = [*suspects, sample] if agrees else [sample]
        if sample.source != last.source:
            foreign.append(sample)
        alone = sample.source == last.source or sample.fix_at - last.fix_at >= DISPUTE_MS
        if len(suspects) >= IN_A_ROW and alone:
            accepted, suspects, foreign = suspects, [], []
    lately = [one for one in foreign if accepted and one.fix_at >= accepted[-1].fix_at - DISPUTE_MS]
    return Judged(tuple(accepted), len(lately) >= IN_A_ROW)


def follows(one: Sample, other: Sample) -> bool:
    """Whether a van can have come from one to the other, accuracies granted."""
    metres = distance_m(one.lat, one.lon, other.lat, other.lon) - one.accuracy_m - other.accuracy_m
    return metres <= QUARANTINE_M_S * max(1.0, abs(other.fix_at - one.fix_at) / 1000)


def counted(seen: Judged, since: int) -> list[Sample]:
    """The accepted fixes that may speak of what came after `since`."""
    return [sample for sample in seen.accepted if sample.fix_at > since and sample.accuracy_m <= ACCURATE_M]


def arrived(fixes: Sequence[Sample], lat: float, lon: float, stands_ms: int = STANDS_MS) -> int | None:
    """Since when the van has stood at a place, or None when it does not."""
    run = _run(fixes, lambda fix: fix.speed_kmh < STANDS_KMH and _metres(fix, lat, lon) <= STANDS_M)
    if len(run) < IN_A_ROW or run[-1].fix_at - run[0].fix_at < stands_ms or not _slow(run):
        return None
    return run[0].fix_at


def departed(fixes: Sequence[Sample], lat: float, lon: float) -> int | None:
    """Since when the van has been away from a place, or None when it is not."""
    run = _run(fixes, lambda fix: _metres(fix, lat, lon) > AWAY_M)
    return run[0].fix_at if len(run) >= IN_A_ROW and run[-1].fix_at - run[0].fix_at >= AWAY_MS else None


def agrees(trip: Trip, fixes: Sequence[Sample]) -> bool:
    """Whether some fix since the last event was where the trip says that the van is."""
    here = trip.of(trip.stop)
    return here is not None and any(_metres(fix, here.lat, here.lon) <= AWAY_M for fix in fixes)


def event(trip: Trip, track: Track, seen: Judged, now: int) -> Event | None:
    """What the fixes say has happened on a trip since its last event, or None."""
    fixes = counted(seen, trip.event_at)
    if not trip.live or trip.state in ("over", "cancelled") or seen.disputed:
        return None
    if not fixes or now - fixes[-1].fix_at > LATE_MS:
        return None
    here, parked = trip.of(trip.stop), trip.of(trip.parked)
    sure = here is not None and (not trip.pressed or track.agreed == trip.seq)
    if here is not None and sure:
        left = departed(fixes, here.lat, here.lon)
        return None if left is None else Event("van.depart", here.id, left)
    if trip.state == "planned" and parked is not None:
        left = departed(fixes, parked.lat, parked.lon)
        return None if left is None or trip.next is None else Event("van.depart", None, left)
    return _arrival(trip, here, fixes)


def _arrival(trip: Trip, here: TripStop | None, fixes: Sequence[Sample]) -> Event | None:
    """The stop at which the van stands: its next after 20 s, another that is expected after 120 s."""
    for stop in sorted(trip.stops, key=lambda stop: stop.id != trip.next):
        if stop.state != "expected":
            continue
        if here is not None and distance_m(here.lat, here.lon, stop.lat, stop.lon) <= AWAY_M:
            continue
        since = arrived(fixes, stop.lat, stop.lon, STANDS_MS if stop.id == trip.next else ELSEWHERE_MS)
        if since is not None:
            return Event("van.arrive", stop.id, since)
    return None


def _run(fixes: Sequence[Sample], holds: Callable[[Sample], bool]) -> Sequence[Sample]:
    """The last fixes in a row for which something holds."""
    begins = len(fixes)
    while begins and holds(fixes[begins - 1]):
        begins -= 1
    return fixes[begins:]


def _metres(fix: Sample, lat: float, lon: float) -> float:
    return distance_m(fix.lat, fix.lon, lat, lon)


def _slow(run: Sequence[Sample]) -> bool:
    """Whether a row of fixes stands. Without speeds: its first half against its second, for noise is no speed."""
    if all(fix.speed_kmh >= 0 for fix in run):
        return True
    half = len(run) // 2
    (at, lat, lon), (later, lat_b, lon_b) = _middle(run[:half]), _middle(run[-half:])
    return distance_m(lat, lon, lat_b, lon_b) <= STANDS_KMH / 3.6 * (later - at) / 1000


def _middle(fixes: Sequence[Sample]) -> tuple[float, float, float]:
    many = len(fixes)
    return sum(f.fix_at for f in fixes) / many, sum(f.lat for f in fixes) / many, sum(f.lon for f in fixes) / many
