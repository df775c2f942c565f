"""What a benchmark says: a table for people, with `--json` one object for programs."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from msgspec import Struct

from hub.errors import HubError

UNKNOWN: Final = "unknown processor"


class Row(Struct, frozen=True):
    """One figure: the median of its runs. `gate` None: shown, not judged."""

    what: str
    runs: list[float]
    unit: str
    gate: float | None = None
    at_least: bool = False

    @property
    def value(self) -> float:
        return median(self.runs)

    @property
    def met(self) -> bool | None:
        if self.gate is None:
            return None
        return self.value >= self.gate if self.at_least else self.value <= self.gate


class Report(Struct):
    """One benchmark's result."""

    bench: str
    question: str
    rows: list[Row]
    not_shown: str
    """One sentence: what these figures do not show."""

    pinned: dict[str, str] = {}

    @property
    def passed(self) -> bool:
        return all(row.met is not False for row in self.rows)

    def as_json(self, load_before: float) -> dict[str, Any]:
        rows = [
            {
                "what": row.what, "median": rounded(row.value), "unit": row.unit, "runs": list(map(rounded, row.runs)),
                "gate": None if row.gate is None else f"{'>=' if row.at_least else '<='} {row.gate:g}", "met": row.met,
            }
            for row in self.rows
        ]  # fmt: skip
        return {
            "bench": self.bench, "question": self.question, "machine": machine(), "load_before": load_before,
            "pinned": self.pinned, "rows": rows, "passed": self.passed, "not_shown": self.not_shown,
        }  # fmt: skip

    def as_text(self, load_before: float) -> str:
        width = max(len(row.what) for row in self.rows)
        lines = [f"{self.bench}: {self.question}", f"  {machine()}, load {load_before:.1f} before"]
        lines += ["  " + "; ".join(f"{what} on {place}" for what, place in self.pinned.items()), ""]
        for row in self.rows:
            runs = f"  (runs {', '.join(shown(run) for run in row.runs)})" if len(row.runs) > 1 else ""
            lines.append(f"  {row.what:<{width}}  {shown(row.value):>10} {row.unit:<13}{_verdict(row)}{runs}")
        lines += ["", f"  Does not show: {self.not_shown}"]
        return "\n".join(lines)


def _verdict(row: Row) -> str:
    if row.gate is None:
        return " " * 20
    text = f"gate {'>=' if row.at_least else '<='} {row.gate:g} {'met' if row.met else 'MISSED'}"
    return f"{text:<20}"


def rounded(value: float) -> float:
    return float(f"{value:.5g}")


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def machine() -> str:
    """The processor and how many cores are ours."""
    name = UNKNOWN
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return f"{name}, {len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.release()}"


class Options(Struct, frozen=True):
    """`quick`: fewer and shorter runs, for a look; its figures decide nothing."""

    quick: bool
    tell: Callable[[str], None]


def run(name: str, bench: Callable[[Options], Report], arguments: Sequence[str]) -> int:
    """Run one benchmark; 0 when its gates were met, 1 when one was missed, 2 when it could not run."""
    parser = argparse.ArgumentParser(prog=f"kentongan bench {name}", description=sys.modules[bench.__module__].__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, for a look")
    given = parser.parse_args(list(arguments))
    load_before = os.getloadavg()[0]

    def tell(line: str) -> None:
        print(f"  ... {line}", file=sys.stderr, flush=True)

    try:
        report = bench(Options(given.quick, tell))
    except (HubError, RuntimeError) as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    print(json.dumps(report.as_json(load_before)) if given.json else report.as_text(load_before))
    return 0 if report.passed else 1
