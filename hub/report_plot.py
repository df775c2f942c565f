"""A report as a picture for paper and for the desks' letters: SVG without a library, readable in black and white.

Durations: a dot where half were done and a bar's end where nine of ten were, on a logarithmic scale, a line for each.
Shares: a bar of its hundred for each. One column of pictures for the whole span and for each month.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import log
from typing import Final

from hub.contract import Report
from hub.reports import ALL, Made, Row, Share, Took

WIDE, ROW, LABEL, RIGHT = 720, 26, 190, 150
HEAD: Final = 34
FROM_MS, TO_MS = 250, 86_400_000
MARKS: Final = ((1_000, "1 s"), (60_000, "1 min"), (600_000, "10 min"), (3_600_000, "1 h"))


def picture(made: Made, report: Report) -> str:
    """The whole span first, then its months."""
    shown = [row for row in made.rows if row.place == ALL]
    high = HEAD + sum(_height(report) for _ in shown)
    parts = [
        part for number, row in enumerate(shown) for part in _block(made, report, row, HEAD + number * _height(report))
    ]
    title = f"{made.name}, {made.since} - {made.until}" + (" (DEMO)" if made.demo else "")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" width="{WIDE}" height="{high}" role="img"'
        f' font-family="sans-serif" font-size="13"><title>{escape(title)}</title>',
        f'<rect width="{WIDE}" height="{high}" fill="#fff"/>',
        _text(0, 20, title, 'font-size="17" font-weight="bold"'),
        *parts,
        "</svg>\n",
    ])  # fmt: skip


def _height(report: Report) -> int:
    return HEAD + ROW * (len(report.ms) + len(report.shares)) + 12


def _block(made: Made, report: Report, row: Row, top: int) -> Iterator[str]:
    when = row.month or f"{made.since} - {made.until}"
    yield _text(0, top + 18, f"{when}: {row.n}", 'font-weight="bold"')
    y = top + HEAD
    for ms, label in MARKS:
        yield f'<line x1="{_x(ms)}" x2="{_x(ms)}" y1="{y - 4}" y2="{y + ROW * len(report.ms) - 6}" stroke="#ccc"/>'
        yield _text(_x(ms), y - 7, label, 'font-size="10" fill="#555" text-anchor="middle"')
    for number, name in enumerate(report.ms):
        yield from _duration(name, row.took[name], y + ROW * number)
    y += ROW * len(report.ms)
    for number, name in enumerate(report.shares):
        yield from _share(name, row.shares[name], y + ROW * number)


def _duration(name: str, took: Took, y: int) -> Iterator[str]:
    yield _text(0, y + 13, name)
    if took.p50_ms is None or took.p90_ms is None:
        yield _text(WIDE, y + 13, "-", 'text-anchor="end" fill="#555"')
        return
    first, last = _x(took.p50_ms), _x(took.p90_ms)
    yield f'<rect x="{first}" y="{y + 6}" width="{max(1, last - first)}" height="6" fill="#1d4d8c"/>'
    yield f'<rect x="{last - 1}" y="{y + 2}" width="3" height="14" fill="#1d4d8c"/>'
    yield f'<circle cx="{first}" cy="{y + 9}" r="5" fill="#1d4d8c"/>'
    yield _text(WIDE, y + 13, f"{span(took.p50_ms)} · {span(took.p90_ms)} ({took.n})", 'text-anchor="end"')


def _share(name: str, share: Share, y: int) -> Iterator[str]:
    wide = WIDE - LABEL - RIGHT
    yield _text(0, y + 13, name)
    yield f'<rect x="{LABEL}" y="{y + 3}" width="{wide}" height="12" fill="#eee"/>'
    if share.of:
        full = round(wide * share.n / share.of, 1)
        yield f'<rect x="{LABEL}" y="{y + 3}" width="{full}" height="12" fill="#1d4d8c"/>'
        yield _text(WIDE, y + 13, f"{share.n / share.of:.0%} ({share.n} of {share.of})", 'text-anchor="end"')
    else:
        yield _text(WIDE, y + 13, "-", 'text-anchor="end" fill="#555"')


def _x(ms: int) -> float:
    part = log(max(FROM_MS, min(TO_MS, ms)) / FROM_MS) / log(TO_MS / FROM_MS)
    return round(LABEL + (WIDE - LABEL - RIGHT) * part, 1)


def _text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def span(ms: int) -> str:
    """0.4 s, 41 s, 5 min 20 s, 2 h 5 min."""
    seconds = ms / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return _two(((hours, "h"), (minutes, "min"))) if hours else _two(((minutes, "min"), (rest, "s")))


def _two(parts: Sequence[tuple[int, str]]) -> str:
    return " ".join(f"{number} {unit}" for number, unit in parts if number)
