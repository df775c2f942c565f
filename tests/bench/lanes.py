"""Does an emergency overtake a flood? Commit to a medic's socket while 5,000 sockets get 10 bulk messages a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import YIELDS, cpu_s, rig
from tests.bench.urgent import Emergencies, flooded

SOCKETS, PER_S, BYTES, RUNS, SECONDS = 5_000, 10, 200, 5, 15.0
SETTLE_S = 1.0


def bench(options: Options) -> Report:
    runs, seconds = (2, 6.0) if options.quick else (RUNS, SECONDS)
    names = ("disk", "quiet50", "quiet99", "p50", "p99", "max", "rate", "cpu", "bulk", "folded", "late")
    rows: dict[str, list[float]] = {name: [] for name in names}
    with rig("help", "public") as city:
        emergencies = Emergencies(city)
        tokens = city.tokens(city.residents(SOCKETS))
        crowd = flooded(city, "-p", city.port, "-n", SOCKETS, "-r", 500, "-t", tokens, "-j", "vans", "-j", "city")
        opened = crowd.wait("opened")
        options.tell(f"{opened['ready']:,} sockets in {opened['seconds']:.1f} s")
        publisher = city.publisher("bulk", "vans", BYTES)
        emergencies.run(2.0)  # warm up
        for _ in range(runs):
            rows["disk"].append(city.disk_ms()[98])
            quiet = emergencies.run(seconds)
            crowd.reset()
            spent = cpu_s(city.hubs["public"].pid)
            publisher.tell(f"pace {PER_S} {seconds + SETTLE_S}")
            time.sleep(SETTLE_S / 2)
            loud = emergencies.run(seconds)
            published = publisher.wait("published")
            time.sleep(SETTLE_S)
            flood = crowd.stats()
            span = flood["span_s"]
            figures = {
                "quiet50": quiet["p50_ms"], "quiet99": quiet["p99_ms"], "p50": loud["p50_ms"], "p99": loud["p99_ms"],
                "max": loud["max_ms"], "rate": flood["messages"] / span, "bulk": flood["p99_ms"],
                "cpu": 100 * (cpu_s(city.hubs["public"].pid) - spent) / span, "folded": flood["folded"],
                "late": published["count"] * SOCKETS - flood["messages"],
            }  # fmt: skip
            for name, value in figures.items():
                rows[name].append(value)
            options.tell(f"p99 {loud['p99_ms']:.2f} ms under the flood, {quiet['p99_ms']:.2f} ms without")
        pinned = city.where() | {"readers of the flood": f"core {city.load_core}, {YIELDS}"}
    return Report(
        "lanes",
        f"emergencies, committed and on disk, while {SOCKETS:,} sockets get {PER_S} bulk messages a second",
        [
            Row("the disk alone (write, fdatasync), p99", rows["disk"], "ms"),
            Row("emergency, nothing else going on, p50", rows["quiet50"], "ms"),
            Row("emergency, nothing else going on, p99", rows["quiet99"], "ms"),
            Row("emergency under the flood, p50", rows["p50"], "ms"),
            Row("emergency under the flood, p99", rows["p99"], "ms", gate=5.0),
            Row("emergency under the flood, slowest", rows["max"], "ms"),
            Row("the flood: delivered", rows["rate"], "deliveries/s"),
            Row("the flood: commit to socket, p99", rows["bulk"], "ms"),
            Row("the flood: processor of the public hub", rows["cpu"], "% of a core"),
            Row("the flood: folded for a slow socket", rows["folded"], "frames"),
            Row("the flood: not there 1 s after the last", rows["late"], "messages"),
        ],
        "what happens before the commit (see `tap`), slow clients, and a phone's radio.",
        pinned,
    )


def main(arguments: Sequence[str]) -> int:
    return run("lanes", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
