"""Break a real city on purpose, then compare: `python -m tests.faults --minutes 10 --seed 7`.

Two public hubs, two help hubs, two workers and a store, all real processes, and
some hundred people. What is broken follows from the seed. Exit code 1 when
anything was lost, doubled, told wrong or left out: the story of the thing and
the seed are printed.
"""

from __future__ import annotations

import argparse
import sys

import uvloop

from tests.faults.crowd import Size
from tests.faults.run import Plan, run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Break a city, then compare.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long things are broken (10, at most 30)")
    parser.add_argument("--seed", type=int, default=7, help="of everything that is broken and done (7)")
    parser.add_argument("--every", type=float, default=1.6, metavar="S", help="seconds between two faults (1.6)")
    parser.add_argument("--residents", type=int, default=70)
    parser.add_argument("--medics", type=int, default=40)
    options = parser.parse_args(arguments)
    if not 0 < options.minutes <= 30:
        parser.error("expected more than 0 and at most 30 minutes: the store's audit keeps no more")
    size = Size(residents=options.residents, medics=options.medics)
    plan = Plan(options.minutes * 60, options.seed, size, options.every)
    print(f"{options.minutes:g} minutes, seed {options.seed}", flush=True)
    report = uvloop.run(run(plan, lambda line: print(line, flush=True)))
    print()
    for line in report.lines():
        print(line)
    print("\nnothing lost, nothing doubled, nobody told wrong" if report.clean else f"\nFAILED with seed {plan.seed}")
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
