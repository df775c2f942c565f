"""What does a socket cost that only waits, and what is left of one that went?"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import Rig, rig, rss_kb

SOCKETS, RUNS, CHURN, KEPT = 10_000, 3, 10_000, 500
QUIET_S = 6.0  # longer than a beat: every socket has had one


def bench(options: Options) -> Report:
    sockets, runs = (3_000, 1) if options.quick else (SOCKETS, RUNS)
    names = ("own", "shared", "left", "growth", "sockets", "tasks", "topics")
    rows: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(runs):
        for kind, topics in (("own", ("person/%", "city")), ("shared", ("vans", "city"))):
            with rig("public") as city:
                rows[kind].append(_idle(city, sockets, topics))
            options.tell(f"{rows[kind][-1]:.2f} KB per socket ({' and '.join(topics)})")
        with rig("public") as city:
            for name, value in _churn(city, CHURN).items():
                rows[name].append(value)
            pinned = city.where()
        options.tell(f"{rows['growth'][-1]:.0f} bytes left per socket that came and went")
    return Report(
        "idle",
        f"memory of {sockets:,} idle sockets of distinct signed-in persons, and of {CHURN:,} that came and went",
        [
            Row("per socket: own topic (person/<id>) and city", rows["own"], "KB", gate=9.0),
            Row("per socket: two topics that all share", rows["shared"], "KB", gate=9.0),
            Row("left by each of 10,000 more that came and went", rows["growth"], "bytes", gate=100.0),
            Row("sockets left", rows["sockets"], "", gate=0),
            Row("tasks more than before", rows["tasks"], "", gate=0),
            Row("topics left", rows["topics"], "", gate=0),
        ],
        "the kernel's own memory per connection, sockets over TLS, and what a busy socket queues.",
        pinned,
    )


def _idle(city: Rig, sockets: int, topics: tuple[str, str]) -> float:
    """Resident KB per socket, after every socket had a beat; the first hundred are warm-up."""
    hub = city.hubs["public"].pid
    joins = ("-j", topics[0], "-j", topics[1])
    warm = city.program("swarm", "-p", city.port, "-n", 100, "-r", 200, "-t", city.tokens(city.residents(100)), *joins)
    warm.wait("opened")
    before = rss_kb(hub)
    tokens = city.tokens(city.residents(sockets, first=1_000))
    crowd = city.program("swarm", "-p", city.port, "-n", sockets, "-r", 1_000, "-t", tokens, *joins)
    opened = crowd.wait("opened", 120)
    assert opened["ready"] == sockets, opened
    time.sleep(QUIET_S)
    assert city.metric("public", "sockets") == sockets + 100
    return (rss_kb(hub) - before) / sockets


def _churn(city: Rig, count: int) -> dict[str, float]:
    """Open and close as many three times; what the third round left."""
    hub = city.hubs["public"].pid
    tokens = city.tokens(city.residents(count))
    tasks = city.metric("public", "tasks")
    after = 0
    for _ in range(3):
        before = after
        joins = ("-j", "person/%", "-j", "city")
        swarm = city.program("swarm", "-p", city.port, "-n", count, "-r", 2_000, "-k", KEPT, "-t", tokens, *joins)
        opened = swarm.wait("opened", 120)
        assert opened["ready"] == count, opened
        swarm.end()
        until = time.monotonic() + 20
        while city.metric("public", "sockets") and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(QUIET_S)
        after = rss_kb(hub)
    return {
        "growth": max(0, after - before) * 1024 / count,
        "sockets": city.metric("public", "sockets"),
        "tasks": max(0.0, city.metric("public", "tasks") - tasks),
        "topics": city.metric("public", "topics"),
    }


def main(arguments: Sequence[str]) -> int:
    return run("idle", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
