"""What a page's frames cost, in processor time of its main thread.

A frame that came late because the machine was busy with others is not the page's:
so frames are measured by the thread's own clock (`tdur` of Chromium's trace), which
stands still while the thread does not run. What is counted is all that the thread
did from the start of one frame to the start of the next: script, style, layout, paint,
messages and garbage collection in between.

By the wall clock no bound of 100 ms holds on a machine that others use: with forty processes waiting for its two cores
the page's own long tasks (`PerformanceObserver`) took up to 3,050 ms, 98 of them over 100 ms, and the dearest of the
same frames was 77 ms of work. So the wall clock is told, and only the work is judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec import Struct
from playwright.sync_api import Browser, Page

CATEGORIES = ["devtools.timeline", "blink.user_timing"]
MARK = "kt-measured"

# Without it a page that has nothing to draw has no frames, and no ends of them.
TICKING = """(mark) => {
  performance.mark(mark);
  const frame = () => requestAnimationFrame(frame);
  frame();
}"""

Event = dict[str, Any]


class Frame(Struct, frozen=True):
    """One frame's work, how long it took with all that the machine did meanwhile, and its largest parts by name."""

    work_ms: float
    wall_ms: float
    parts: dict[str, float]


class Frames(Struct):
    """All frames of a recording, the dearest first; filled when it ends."""

    all: list[Frame] = []


@contextmanager
def recorded(browser: Browser, page: Page) -> Iterator[Frames]:
    """Record a page's frames. One recording at a time in a browser."""
    frames = Frames()
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        page.evaluate(TICKING, MARK)
        yield frames
    finally:
        events: list[Event] = json.loads(browser.stop_tracing())["traceEvents"]
    frames.all = sorted(_frames(_of_page(events)), key=lambda frame: -frame.work_ms)


def _of_page(events: list[Event]) -> list[Event]:
    """What happened on the main thread of the page that set the mark, in order."""
    mark = next(event for event in events if event["name"] == MARK)
    thread = (mark["pid"], mark["tid"])
    mine = [event for event in events if (event["pid"], event["tid"]) == thread and event["ts"] >= mark["ts"]]
    return sorted(mine, key=lambda event: (event["ts"], -event.get("dur", 0)))


def _frames(events: list[Event]) -> Iterator[Frame]:
    parts: dict[str, float] = {}
    wall_us = 0
    done = 0  # Parts within a part are in its time already.
    for event in events:
        if event["name"] == "AnimationFrame" and event["ph"] == "b":
            yield Frame(sum(parts.values()), wall_us / 1000, parts)
            parts, wall_us = {}, 0
        elif event["ph"] == "X" and event["ts"] >= done:
            done = event["ts"] + event["dur"]
            wall_us += event["dur"]
            parts[event["name"]] = parts.get(event["name"], 0.0) + event.get("tdur", 0) / 1000
    yield Frame(sum(parts.values()), wall_us / 1000, parts)
