"""What the hub does with a van's positions: the newest that is believed is shown, all recent ones are remembered."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s
from typing import Any, Final

from msgspec import convert
from msgspec.structs import replace

from channels import van_foretell
from channels.van_arrival import Sample, Track, added, agrees, counted, event, judged
from channels.van_things import Location, Position, Trip, Van
from hub.contract import Actor, Fix, Follow, Refusal, Seen, State

EARLY_MS: Final = 10_000
"""How far a sender's clock may be ahead."""

STALE_MS: Final = 24 * 3600 * 1000
"""What is older is late, whatever was known before."""
NOWHERE: Final = 0.01
"""Degrees around 0,0, where a receiver is that knows no place: no van gets there."""


def observe(state: State, data: Position, actor: Actor, now: int) -> Seen | Refusal | None:
    """Positions of the actor's own van, one or a buffer of them.

    What is impossible is refused, one by one where others are good; what is late, repeated or in quarantine is
    taken and shows nothing. What the fixes say of arriving and departing follows as a command.
    """
    van = state.thing(Van, "van", data.van)
    if van is None or actor.van != van.id:
        return None
    good, refused, answer = _sorted_out(data, now)
    if refused is not None and not good:
        return refused
    last, trip = state.fix("van", van.id), state.thing(Trip, "trip", van.today)
    before = _track(last)
    source = blake2s(actor.person.encode(), digest_size=3).hexdigest()
    samples = [sample for one in good if (sample := _sample(one, source, now)).fix_at > now - STALE_MS]
    track = added(before, samples)
    fresh = set(track.samples) - set(before.samples)
    if not fresh or trip is None:
        return Seen(answer={**answer, "taken": 0, "late": len(good), "quarantined": 0})
    seen = judged(track)
    agreed = trip.seq if agrees(trip, counted(seen, trip.event_at)) else track.agreed
    track = Track(track.samples, seen.lead, agreed)
    happened = event(trip, track, seen, now)
    doubtful = len(fresh - set(seen.accepted))
    answer |= {"taken": len(fresh) - doubtful, "late": len(good) - len(fresh), "quarantined": doubtful}
    follow = () if happened is None else (_follow(trip, happened.cmd, happened.stop, happened.fix_at),)
    return Seen(_shown(van, last, seen.accepted[-1], track, good, van_foretell.brief(trip, seen, now)), follow, answer)


def _sorted_out(data: Position, now: int) -> tuple[list[Location], Refusal | None, dict[str, Any]]:
    """The possible positions, the first refusal, and what to answer so far."""
    given = (*data.locations, *([] if data.location is None else [data.location]))
    wrong = [(place, why) for place, one in enumerate(given) if (why := _wrong(one, now)) is not None]
    bad = {place for place, _ in wrong}
    good = [one for place, one in enumerate(given) if place not in bad]
    refused = None if given else Refusal("bad_data", "data.location: expected a position")
    if wrong:
        place, (code, text) = wrong[0]
        path = f"data.locations[{place}]" if place < len(data.locations) else "data.location"
        refused = Refusal(code, f"{path}{text}")
    return good, refused, {"refused": len(wrong)}


def _wrong(location: Location, now: int) -> tuple[str, str] | None:
    """The code and what is wrong with a position that cannot be, or None."""
    if abs(location.lat) < NOWHERE and abs(location.lon) < NOWHERE:
        return "bad_data", ": expected a position, got 0,0"
    if location.fix_at is not None and location.fix_at > now + EARLY_MS:
        return (
            "wrong_clock",
            f".fix_at: expected a time that has been, got one {(location.fix_at - now) // 1000} s ahead",
        )
    return None


def _track(last: Fix | None) -> Track:
    if last is None:
        return Track()
    if last.memory is None:
        return Track((Sample(last.fix_at, "", last.lat, last.lon, last.accuracy_m),))
    return convert(last.memory, Track)


def _sample(location: Location, source: str, now: int) -> Sample:
    speed = -1.0 if location.speed_kmh is None else location.speed_kmh
    at = now if location.fix_at is None else location.fix_at
    return Sample(at, source, location.lat, location.lon, location.accuracy_m, speed)


def _shown(
    van: Van, last: Fix | None, newest: Sample, track: Track, given: Sequence[Location], eta: dict[str, Any]
) -> Fix:
    """The newest believed position with the track behind it; an older one leaves what is shown."""
    if last is not None and newest.fix_at <= last.fix_at:
        return replace(last, memory=track)
    extra: dict[str, Any] = {} if newest.speed_kmh < 0 else {"speed_kmh": newest.speed_kmh}
    extra |= {"eta": eta} if eta else {}
    for one in given:
        if (one.lat, one.lon) == (newest.lat, newest.lon) and one.fix_at in (None, newest.fix_at):
            said = {key: getattr(one, key) for key in ("heading", "battery")}
            extra |= {key: value for key, value in said.items() if value is not None}
    return Fix(
        "van",
        van.id,
        newest.lat,
        newest.lon,
        newest.fix_at,
        newest.accuracy_m,
        topics=(("vans", van.id), (f"van/{van.id}", van.id)),
        extra=extra,
        memory=track,
    )


def _follow(trip: Trip, cmd: str, stop: str | None, fix_at: int) -> Follow:
    data = {"van": trip.van, "stop": stop, "seq": trip.seq, "fix_at": fix_at}
    return Follow(f"{cmd}:{trip.id}:{trip.seq}:{stop or ''}", cmd, data)
