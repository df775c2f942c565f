"""What one process counts: integers in lists, without locks and without text; `hub/metrics.py` prints them.

The stages of a command, each with a histogram per lane:

    decided    from the frame's (or the timer's) coming to the decision; reads and second attempts are in it
    committed  from the decision to the store's answer, its fsync in it
    carried    from the commit (the store's clock, whole milliseconds) until this hub has it from the bus
    written    from the bus to the last socket of the topic that took it at once; one per run of changes
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from hub import closing
from hub.errors import CODES

if TYPE_CHECKING:
    from hub.traces import Traces

LANES: Final = ("urgent", "normal", "bulk")
BOUNDS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)
"""Upper bounds of the buckets in seconds, each inclusive; one more bucket holds what is longer."""


class Histogram(Struct):
    """How often something took how long."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    @property
    def count(self) -> int:
        return sum(self.counts)


def by_lane() -> dict[str, Histogram]:
    return {lane: Histogram() for lane in LANES}


class Figures:
    """The counters of one process.

    Args:
        commands: those that are printed before they are first committed: a rate needs the zero.
        receipts: commands whose `level` is counted as well.

    `traces` hears the same of single commands; None while nobody wants them.
    """

    __slots__ = (
        "_receipts", "carried", "certificate_ends", "closed", "commands", "committed", "decided", "folds", "late",
        "receipts", "refusals", "traces", "woken", "written",
    )  # fmt: skip

    def __init__(self, commands: Iterable[str] = (), receipts: Iterable[str] = ()) -> None:
        self.decided, self.committed, self.carried, self.written = by_lane(), by_lane(), by_lane(), by_lane()
        self.late = by_lane()
        self.commands = dict.fromkeys(commands, 0)
        self._receipts = frozenset(receipts)
        self.receipts: dict[tuple[str, str], int] = {}
        self.woken: dict[str, int] = {}
        self.refusals = dict.fromkeys(CODES, 0)
        self.closed = dict.fromkeys(closing.MEANING, 0)
        self.folds = 0
        self.traces: Traces | None = None
        self.certificate_ends: Callable[[], float] | None = None
        """Seconds since 1970 at which the hub's own certificate ends; None without one."""

    def refused_now(self, lane: str, came: float) -> None:
        """A command that came then (`time.monotonic`) is decided: not so. Nothing is written."""
        self.decided[lane].add(monotonic() - came)

    def committed_now(self, lane: str, came: float, decided: float) -> None:
        """A command that came then and was decided then is on disk."""
        self.decided[lane].add(decided - came)
        self.committed[lane].add(monotonic() - decided)

    def done(self, cmd: str, data: object) -> None:
        """A command took effect."""
        self.commands[cmd] = self.commands.get(cmd, 0) + 1
        if cmd in self._receipts:
            level = (cmd, str(getattr(data, "level", "")))
            self.receipts[level] = self.receipts.get(level, 0) + 1

    def woke(self, kind: str) -> None:
        """A phone says that it received a push of this kind."""
        self.woken[kind] = self.woken.get(kind, 0) + 1

    def refuse(self, code: str) -> None:
        """Somebody was refused something."""
        self.refusals[code] = self.refusals.get(code, 0) + 1

    def close(self, code: int) -> None:
        """This hub closed a socket."""
        self.closed[code] = self.closed.get(code, 0) + 1
