"""`kentongan score-eta`: how good the predicted arrivals are on simulated days, beside two simple predictors.

For each seed the trips of a day are driven with the noise of `gps_noise`; at every minute every predictor says when
the van will be at each coming stop, and that is held against when it truly came. Printed is the median over the seeds
of the share within the bucket. No network, no clock: the same seeds give the same figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, Protocol

from clients.eta_days import Day, Press, days

Counts = tuple[tuple[int, int], ...]
Shares = dict[str, list[float]]
"""Predictor -> the median share by bucket, then over all."""

STEP_S: Final = 60
AHEAD_S: Final = 15 * 60
MOST_SEEDS: Final = 1000
COLOURS: Final = {"ours": "#0b6e4f", "schedule": "#b0b0b0", "distance": "#d98e04"}
LABELS: Final = {"ours": "ours", "schedule": "schedule alone", "distance": "distance / mean speed"}


class Replay(Protocol):
    """A trip as the service sees it; times in ms."""

    def hear_fix(self, fix_at: int, lat: float, lon: float, accuracy_m: float) -> None: ...
    def hear_event(self, what: str, stop: str | None, at: int) -> None: ...
    def said(self, now: int) -> Mapping[str, Mapping[str, int]]: ...


class Judge(Protocol):
    """What is scored and by what: handed in, for nobody here knows the service."""

    @property
    def NAMES(self) -> Sequence[str]: ...
    @property
    def NONE(self) -> Counts: ...
    def counted(self, counts: Counts, said: Iterable[tuple[int, int | None]], came_at: int) -> Counts: ...
    def shares(self, counts: Counts) -> list[float | None]: ...


Stops = Sequence[tuple[str, float, float, int]]


def main(arguments: Sequence[str], replay: Callable[[Stops], Replay], judge: Judge) -> int:
    """Score, print, and draw when asked. Exit code 1: ours does not beat both."""
    options = _parser().parse_args(arguments)
    found = medians([score(seed, replay, judge) for seed in options.seeds], judge)
    if options.plot is not None:
        try:
            options.plot.write_text(svg(found, judge.NAMES, len(options.seeds)))
        except OSError as exc:
            print(f"kentongan: --plot: expected a file that can be written: {exc}", file=sys.stderr)
            return 2
    buckets = [*judge.NAMES, "all"]
    if options.json:
        named = {who: dict(zip(buckets, row, strict=True)) for who, row in found.items()}
        print(json.dumps({"seeds": options.seeds, "median": named, "beats_both": beats(found)}))
    else:
        print(table(found, buckets, len(options.seeds)))
    return 0 if beats(found) else 1


def score(seed: int, replay: Callable[[Stops], Replay], judge: Judge) -> dict[str, Counts]:
    """Predictor -> its counts over the trips of one seed's day."""
    counts: dict[str, Counts] = {}
    for day in days(seed):
        for (who, stop), said in _said(day, replay).items():
            came_at = round(day.arrived[stop] * 1000)
            counts[who] = judge.counted(counts.get(who, judge.NONE), said, came_at)
    return counts


def _said(day: Day, replay: Callable[[Stops], Replay]) -> dict[tuple[str, str], list[tuple[int, int | None]]]:
    """(predictor, stop) -> what it said at every minute of the last 15 before the van came: (made at, predicted)."""
    van = replay([(call.stop, call.lat, call.lon, round(call.scheduled_s * 1000)) for call in day.calls])
    said: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    heard = iter((*day.heard, None))
    coming = next(heard)
    for at in range(int(day.calls[0].scheduled_s) - 900, int(max(day.arrived.values())), STEP_S):
        while coming is not None and coming[0] <= at:
            if isinstance(coming, Press):
                van.hear_event(coming.what, coming.stop, round(coming.at_s * 1000))
            else:
                van.hear_fix(round(coming.fix_at * 1000), coming.lat, coming.lon, coming.accuracy_m)
            coming = next(heard)
        due = [stop for stop, came in day.arrived.items() if 0 < came - at <= AHEAD_S]
        for who, times in van.said(at * 1000).items() if due else ():
            for stop in due:
                said.setdefault((who, stop), []).append((at * 1000, times.get(stop)))
    return said


def medians(scored: Sequence[Mapping[str, Counts]], judge: Judge) -> Shares:
    """Over the seeds, bucket by bucket."""
    found: Shares = {}
    for who in scored[0]:
        rows = [judge.shares(one[who]) for one in scored]
        found[who] = [median(share or 0.0 for share in column) for column in zip(*rows, strict=True)]
    return found


def beats(found: Shares) -> bool:
    """Whether ours is better over all than both others."""
    return all(found["ours"][-1] > row[-1] for who, row in found.items() if who != "ours")


def table(found: Shares, buckets: Sequence[str], seeds: int) -> str:
    """For a terminal."""
    lines = [f"share within the bucket, median of {seeds} seed{'s' * (seeds != 1)}, by minutes ahead"]
    lines.append(f"{'':24}" + "".join(f"{name:>8}" for name in buckets))
    for who, row in found.items():
        lines.append(f"{LABELS[who]:24}" + "".join(f"{share:8.1%}" for share in row))
    return "\n".join(lines)


def svg(found: Shares, buckets: Sequence[str], seeds: int) -> str:
    """Bars by bucket, three predictors, as one SVG without script or style sheet."""
    bars, labels = [], []
    for group, name in enumerate((*buckets, "all")):
        left = 60 + group * 110
        labels.append(f'<text x="{left + 42}" y="248" text-anchor="middle">{name}</text>')
        for place, (who, row) in enumerate(found.items()):
            height, x = 200 * row[group], left + place * 28
            title = f"{LABELS[who]}, {name}: {row[group]:.1%}"
            bars.append(
                f'<rect x="{x}" y="{230 - height:.1f}" width="26" height="{height:.1f}" fill="{COLOURS[who]}">'
                f"<title>{title}</title></rect>"
            )
            labels.append(f'<text x="{x + 13}" y="{225 - height:.1f}" text-anchor="middle">{row[group]:.0%}</text>')
    for place, who in enumerate(found):
        labels.append(f'<text x="{60 + place * 180}" y="272" fill="{COLOURS[who]}">&#9632; {LABELS[who]}</text>')
    head = f'<text x="60" y="14">Predictions within the bucket, by minutes ahead, median of {seeds} seeds</text>'
    axis = '<line x1="55" y1="230" x2="610" y2="230" stroke="#444"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 284" font-family="sans-serif" font-size="12">'
        '<rect width="640" height="284" fill="#fff"/>' + head + "".join(bars) + axis + "".join(labels) + "</svg>\n"
    )


def seeds_of(text: str) -> list[int]:
    """`1..20`, or `5,9,31`."""
    try:
        first, dots, last = text.partition("..")
        found = list(range(int(first), int(last) + 1)) if dots else [int(one) for one in text.split(",")]
    except ValueError:
        found = []
    if not 1 <= len(found) <= MOST_SEEDS or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"expected 1..20 or 5,9,31, each seed once, at most {MOST_SEEDS}, got {text}")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kentongan score-eta", description="How good predicted arrivals are.")
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1..20"), metavar="SEEDS", help="1..20 or 5,9,31")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw bars by bucket into this file")
    return parser
