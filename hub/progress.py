"""How far a long piece of work has come: a bar on a terminal, elsewhere a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TextIO

BAR_CHARS: Final = 28
BAR_EVERY_S: Final = 0.1
LINE_EVERY_S: Final = 5.0


class Progress:
    """Counts what is done and says so.

    Args:
        what: what is counted, in the plural.
        total: how many there are.
        out: where it is said: standard error.
        clock: seconds that only grow.
    """

    def __init__(self, what: str, total: int, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._total, self._out, self._clock = what, total, out, clock
        self._terminal = out.isatty()
        self._done = 0
        self._began = self._said = clock()
        self._drawn = False

    def advance(self, count: int) -> None:
        """So many more are done; says it now and then."""
        self._done += count
        now = self._clock()
        if now - self._said >= (BAR_EVERY_S if self._terminal else LINE_EVERY_S):
            self._say(now)

    def close(self) -> None:
        """No more will come: the bar as it stands, and an end to its line."""
        if self._terminal and self._total:
            self._say(self._clock())
        if self._drawn:
            self._out.write("\n")
            self._out.flush()
            self._drawn = False

    def _say(self, now: float) -> None:
        self._said = now
        a_second = self._done / max(now - self._began, 0.001)
        part = self._done / max(self._total, 1)
        if self._terminal:
            full = int(part * BAR_CHARS)
            left = int((self._total - self._done) / max(a_second, 0.001))
            bar = "#" * full + "." * (BAR_CHARS - full)
            rest = f"{part:4.0%}  {a_second:,.0f}/s  {left // 60}:{left % 60:02d} left"
            self._out.write(f"\r[{bar}] {self._done:,} of {self._total:,} {self._what} {rest}\x1b[K")
            self._drawn = True
        else:
            said = f"{self._done:,} of {self._total:,} {self._what} ({part:.0%}), {a_second:,.0f} a second"
            self._out.write(said + "\n")
        self._out.flush()
