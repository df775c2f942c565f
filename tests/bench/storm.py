"""Does an emergency get through a storm? Commit to the medic's socket while 5,000 connections a second are offered."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import YIELDS, cpu_s, rig
from tests.bench.urgent import Emergencies, flooded

OFFERED_PER_S, WINDOW, KEPT, DEVICES = 5_000, 4_000, 8_000, 60_000
RUNS, SECONDS = 5, 10.0


def bench(options: Options) -> Report:
    runs, seconds = (2, 5.0) if options.quick else (RUNS, SECONDS)
    names = ("disk", "p50", "p99", "max", "offered", "ready", "wait50", "wait99", "cpu", "refused")
    rows: dict[str, list[float]] = {name: [] for name in names}
    with rig("help", "public") as city:
        emergencies = Emergencies(city)
        tokens = city.tokens(city.residents(DEVICES))
        emergencies.run(2.0)  # warm up
        for _ in range(runs):
            rows["disk"].append(city.disk_ms()[98])
            public = city.hubs["public"].pid
            spent, began = cpu_s(public), time.monotonic()
            arguments = ("-p", city.port, "-n", 0, "-r", OFFERED_PER_S, "-w", WINDOW, "-k", KEPT, "-s", seconds + 1)
            storm = flooded(city, *arguments, "-t", tokens, "-j", "vans", "-j", "city")
            time.sleep(0.5)
            seen = emergencies.run(seconds - 1)
            figures = storm.stats()
            gone = time.monotonic() - began
            rows["cpu"].append(100 * (cpu_s(public) - spent) / gone)
            storm.end()
            rows["p50"].append(seen["p50_ms"])
            rows["p99"].append(seen["p99_ms"])
            rows["max"].append(seen["max_ms"])
            rows["offered"].append(figures["started"] / gone)
            rows["ready"].append(figures["ready"] / gone)
            rows["wait50"].append(figures["ready_p50_ms"])
            rows["wait99"].append(figures["ready_p99_ms"])
            rows["refused"].append(figures["failed"])
            options.tell(f"p99 {seen['p99_ms']:.2f} ms, {rows['ready'][-1]:,.0f} sockets ready a second")
            _wait_until_gone(city.metric)
        pinned = city.where() | {"the storm's clients": f"core {city.load_core}, {YIELDS}"}
    return Report(
        "storm",
        f"emergencies, committed and on disk, while {OFFERED_PER_S:,} connections a second are offered",
        [
            Row("the disk alone (write, fdatasync), p99", rows["disk"], "ms"),
            Row("emergency during the storm, p50", rows["p50"], "ms"),
            Row("emergency during the storm, p99", rows["p99"], "ms", gate=10.0),
            Row("emergency during the storm, slowest", rows["max"], "ms"),
            Row(f"connections begun (at most {WINDOW:,} unanswered)", rows["offered"], "/s"),
            Row("sockets ready: handshake, sign-in, hello, 2 joins", rows["ready"], "/s"),
            Row("a storm's client waits until ready, p50", rows["wait50"], "ms"),
            Row("a storm's client waits until ready, p99", rows["wait99"], "ms"),
            Row("connections refused or lost on the way", rows["refused"], ""),
            Row("processor of the public hub", rows["cpu"], "% of a core"),
        ],
        "a storm at the help hub itself, and connections that come over TLS.",
        pinned,
    )


def _wait_until_gone(metric: Callable[[str, str], float]) -> None:
    """The next run begins when the hub has let the last one's sockets go."""
    until = time.monotonic() + 30
    while metric("public", "sockets") > 0 and time.monotonic() < until:
        time.sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    return run("storm", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
