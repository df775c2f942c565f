"""Response times: the named intervals of a request, and a day's histograms of them.

An interval is named by its two ends. Both must have been reached, so a call that was
cancelled or found unfounded counts only where it came that far. Drills, visits and
calls taken back in the grace are in no figure.

Durations are counted in buckets of a fixed width on a logarithmic scale, six to an
octave: a day of any load is as big as another, days can be added up, and a percentile
read from the middle of its bucket is at most 6 % off.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log2
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from channels.medic_state import Request
from channels.medic_table import HELD
from channels.rules import WIB_MS
from channels.van_days import day_of, later
from channels.views import Views

FIGURES: Final = "days"
"""The one thing of type `figures`."""
DAYS: Final = 7
TOPIC: Final = "dispatch"

INTERVALS: Final[Mapping[str, tuple[str, str]]] = {
    "called_received": ("called", "received"),
    "called_heard": ("called", "heard"),
    "called_accepted": ("called", "accepted"),
    "accepted_en_route": ("accepted", "en_route"),
    "en_route_on_scene": ("en_route", "on_scene"),
    "on_scene_at_patient": ("on_scene", "at_patient"),
    "at_patient_cleared": ("at_patient", "cleared"),
    "called_on_scene": ("called", "on_scene"),
    "called_cleared": ("called", "cleared"),
}
"""Name -> from and to: states of the request, or the first proof that a phone received the offer and that it rang."""

PROOFS: Final = {"received": "received", "heard": "audible"}
"""End of an interval -> the level of receipt that proves it."""

FIRST_MS: Final = 250
PER_OCTAVE: Final = 6
BUCKETS: Final = 90
"""Bucket 0 is under 250 ms, the last one everything over two hours."""

Counts = Mapping[int, int]
"""Bucket -> how many."""


class Day(Struct, frozen=True, omit_defaults=True):
    """What ended on one day: how many requests, and by interval how long it took."""

    requests: int = 0
    counts: dict[str, dict[int, int]] = {}


class Figures(Struct, frozen=True, omit_defaults=True):
    """The newest days of the city on which something ended, at most seven."""

    v: int = 1
    days: dict[str, Day] = {}


def counts_in_figures(request: Request) -> bool:
    """Whether an ended request is in the response times."""
    visit = request.urgency == "visit" or request.was_visit
    return request.ended and not (request.drill or visit or request.in_grace)


def durations(request: Request) -> dict[str, int]:
    """Interval -> ms, of those that this request completed.

    After a release or another accept the steps of the former holder are no ends: what
    the patient waited for counts from the call to the medic who came.
    """
    ends = _ends(request)
    return {
        name: ends[to] - ends[from_]
        for name, (from_, to) in INTERVALS.items()
        if from_ in ends and to in ends and ends[to] >= ends[from_]
    }


def _ends(request: Request) -> dict[str, int]:
    accepted = request.times.get("accepted", 0)
    ends = {state: at for state, at in request.times.items() if state not in HELD or at >= accepted}
    offers = [*request.offers.values(), *(offer for _, offer in request.past)]
    for end, level in PROOFS.items():
        proven = [offer.receipts[level] for offer in offers if level in offer.receipts]
        if proven:
            ends[end] = min(proven)
    return ends


def with_request(figures: Figures, request: Request, zone_ms: int = WIB_MS) -> Figures:
    """The figures with one more request, in the day on which it ended; days out of reach are let go."""
    day = day_of(request.ended_at, zone_ms)
    oldest = later(max([*figures.days, day]), 1 - DAYS)
    known = figures.days.get(day, Day())
    counts = {name: dict(found) for name, found in known.counts.items()}
    for name, ms in durations(request).items():
        found, bucket = counts.setdefault(name, {}), bucket_of(ms)
        found[bucket] = found.get(bucket, 0) + 1
    days = {**figures.days, day: Day(known.requests + 1, counts)}
    return replace(figures, days={one: days[one] for one in sorted(days) if one >= oldest})


def views(figures: Figures, now: int) -> Views:
    """One view for each day, id = day; under 4 KB whatever happened, because the buckets are fixed."""
    return {
        (TOPIC, day): {
            "type": "figures",
            "id": day,
            "state": "counted",
            "at": now,
            "requests": known.requests,
            "intervals": {name: _interval(known.counts[name]) for name in INTERVALS if name in known.counts},
        }
        for day, known in figures.days.items()
    }


def _interval(counts: Counts) -> dict[str, Any]:
    """Percentiles for whoever looks at one day; the counts for whoever adds up several."""
    return {
        "n": sum(counts.values()),
        "p50_ms": percentile(counts, 0.5),
        "p90_ms": percentile(counts, 0.9),
        "counts": [number for bucket in sorted(counts) for number in (bucket, counts[bucket])],
    }


def bucket_of(ms: int) -> int:
    if ms < FIRST_MS:
        return 0
    return min(BUCKETS - 1, 1 + floor(PER_OCTAVE * log2(ms / FIRST_MS)))


def middle_ms(bucket: int) -> int:
    """The (geometric) middle of a bucket."""
    return FIRST_MS // 2 if bucket == 0 else round(FIRST_MS * 2 ** ((bucket - 0.5) / PER_OCTAVE))


def percentile(counts: Counts, share: float) -> int:
    """The smallest duration that at least this share did not exceed (nearest rank); 0 of nothing."""
    rank, seen = ceil(share * sum(counts.values())), 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= rank:
            return middle_ms(bucket)
    return 0
