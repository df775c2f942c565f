"""A burst to a thousand sockets: how many deliveries a second, against a plain C server in the same run?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from tests.bench.load import Lines
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import Rig, rig
from tests.support.processes import free_ports

SOCKETS, MESSAGES, BYTES, RUNS = 1_000, 50, 200, 15


def bench(options: Options) -> Report:
    runs = 5 if options.quick else RUNS
    with rig("public") as city:
        hub = city.program("swarm", "-p", city.port, "-n", SOCKETS, "-r", 500, "-j", "vans", "-t", _tokens(city))
        hub.wait("opened")
        port = free_ports()
        plain = city.program("plain", port, core=city.hub_core)
        plain.wait("listening")
        readers = city.program("swarm", "-p", port, "-n", SOCKETS, "-r", 5_000)
        readers.wait("opened")
        publisher = city.publisher("bulk", "vans", BYTES)
        rates: dict[str, list[float]] = {"hub": [], "one": [], "joined": []}
        reads: list[float] = []
        folded = lost = bytes_ = 0
        for number in range(runs + 2):
            ours = _burst(hub, publisher, f"burst {MESSAGES}")
            one = _burst(readers, plain, f"burst {MESSAGES} {BYTES} one")
            joined = _burst(readers, plain, f"burst {MESSAGES} {BYTES} joined")
            if number < 2:
                continue  # warm up
            folded, lost = folded + ours["folded"], lost + ours["lost"]
            reads.append(ours["reads"] / SOCKETS)
            bytes_ = ours["bytes"] // max(1, ours["messages"])
            for name, figures in (("hub", ours), ("one", one), ("joined", joined)):
                rates[name].append(figures["messages"] / figures["span_s"])
        pinned = city.where() | {"plain C server": f"core {city.hub_core}"}
    ratios = [ours / plain for ours, plain in zip(rates["hub"], rates["one"], strict=True)]
    joined_ratios = [ours / plain for ours, plain in zip(rates["hub"], rates["joined"], strict=True)]
    return Report(
        "fanout",
        f"a burst of {MESSAGES} messages of {BYTES} bytes to {SOCKETS:,} sockets, committed, from due to last read",
        [
            Row("hub, from 50 commits to the last socket", rates["hub"], "deliveries/s"),
            Row("plain C, one send per socket and message", rates["one"], "deliveries/s"),
            Row("plain C, one joined send per socket", rates["joined"], "deliveries/s"),
            Row("hub against plain C", ratios, "times", gate=6.0, at_least=True),
            Row("hub against plain C with joined sends", joined_ratios, "times"),
            Row("reads per socket and burst (the hub's sends, or fewer)", reads, ""),
            Row("bytes per message at the socket, with frame", [float(bytes_)], "bytes"),
            Row("messages folded instead of sent", [float(folded)], "", gate=0),
            Row("sockets lost", [float(lost)], "", gate=0),
        ],
        "messages that come one at a time, where nothing can be joined, clients that read slowly, and a real network.",
        pinned,
    )


def _tokens(city: Rig) -> str:
    return str(city.tokens(city.residents(SOCKETS)))


def _burst(readers: Lines, writer: Lines, order: str) -> dict[str, Any]:
    readers.reset()
    readers.tell(f"await {SOCKETS * MESSAGES}")
    writer.ask(order, "published" if order.count(" ") == 1 else "burst")
    return readers.wait("stats", 20)


def main(arguments: Sequence[str]) -> int:
    return run("fanout", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
