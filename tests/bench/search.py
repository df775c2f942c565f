"""Is a search quick, and its answer young, with 27,900 shops, and while 2,000 changes a second come in?"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.load import Lines
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import cores, cpu_s, pin, rss_kb
from tests.bench.shops import COMMONEST, PRODUCTS, SHOPS, questions
from tests.support.processes import Process, start_query
from tests.support.servers import StoreServer, binary_of

RUNS, ASKED, CHANGES_PER_S = 3, 300, 2_000
NEAR: Final = ["near", "-7.47,112.435"]
OPEN: Final = ["open", "1"]
MOST_READ_BYTES: Final = 1 << 20


class Asker:
    """One connection to the query process, asking one question after the other."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        self._socket.connect(str(path))

    def ask(self, *params: list[str]) -> tuple[float, dict[str, Any]]:
        """(ms, body) of a question."""
        line = json.dumps({"path": "/v1/shops", "params": params}).encode() + b"\n"
        began = time.perf_counter()
        self._socket.sendall(line)
        said = b""
        while not said.endswith(b"\n"):
            said += self._socket.recv(MOST_READ_BYTES)
        took = (time.perf_counter() - began) * 1000
        reply = json.loads(said)
        assert reply["status"] == 200, reply
        return took, reply["body"]

    def close(self) -> None:
        self._socket.close()


class Rig:
    """A store and a query process, each on a core of its own; whoever writes and asks is on the store's."""

    def __init__(self, folder: Path, store: StoreServer, shops: int, products: int) -> None:
        self.store, self.socket = store, folder / "q"
        self.query_core, self.load_core = cores()
        pin(store.pid, self.load_core)
        arguments = [sys.executable, "-m", "tests.bench.sow", store.url, str(shops), str(products)]
        self.sower = Lines(arguments, self.load_core)
        self.query: Process | None = None

    def start_query(self) -> float:
        """Start it without an index; seconds until it answers from a whole one."""
        began = time.monotonic()
        self.query = start_query(self.store.url, f"unix:{self.socket}", demo=True)
        pin(self.query.pid, self.query_core)
        self.query.wait_event("query_ready", 120)
        return time.monotonic() - began

    def close(self) -> None:
        self.sower.end()
        if self.query is not None:
            self.query.kill()


@contextlib.contextmanager
def rig(shops: int, products: int) -> Iterator[Rig]:
    folder, store = Path(tempfile.mkdtemp(prefix="kt-bench-")), StoreServer(binary_of("valkey"))
    before = os.sched_getaffinity(0)
    try:
        store.start()
        built = Rig(folder, store, shops, products)
        os.sched_setaffinity(0, {built.load_core})
        try:
            yield built
        finally:
            built.close()
    finally:
        store.remove()
        shutil.rmtree(folder, ignore_errors=True)
        os.sched_setaffinity(0, before)


def percentile(took: Sequence[float], share: float) -> float:
    return sorted(took)[int((len(took) - 1) * share)]


def asked(asker: Asker, count: int) -> dict[str, float]:
    """p99 of each kind of question, in ms."""
    kinds: dict[str, list[list[list[str]]]] = {
        "word": [[["q", COMMONEST]]],
        "near": [[["q", COMMONEST], NEAR, OPEN]],
        "begun": [[["q", COMMONEST[0]], NEAR], [["q", "ke"], NEAR, OPEN]],
        "all": [[NEAR, OPEN]],
        "typed": [[["q", typed], NEAR] for typed in questions(count)],
    }
    found = {}
    for kind, some in kinds.items():
        took = [asker.ask(*some[number % len(some)])[0] for number in range(count)]
        found[kind] = percentile(took, 0.99)
        found[f"{kind} p50"] = percentile(took, 0.5)
    return found


def found_s(built: Rig, asker: Asker, number: int) -> float:
    """Seconds from a name that is on disk to an answer with it."""
    word = "zq" + "".join("abcdefghij"[int(digit)] for digit in str(number)) + "x"
    marked = built.sower.ask(f"mark {word}", "marked")["at"]
    while not asker.ask(["q", word])[1]["shops"]:
        time.sleep(0.002)
    return max(0.0, time.monotonic() - float(marked))


def bench(options: Options) -> Report:
    runs, count = (1, 100) if options.quick else (RUNS, ASKED)
    shops, products = (SHOPS // 10, PRODUCTS // 10) if options.quick else (SHOPS, PRODUCTS)
    quiet: dict[str, list[float]] = {}
    busy: dict[str, list[float]] = {}
    age: list[float] = []
    rate: list[float] = []
    load: list[float] = []
    with rig(shops, products) as built:
        built.sower.wait("opened", 120)
        sown = built.sower.ask("sow", "sown", 240)["seconds"]
        options.tell(f"{shops:,} shops and {products:,} products in the store after {sown:.1f} s")
        made = built.start_query()
        assert built.query is not None
        memory = rss_kb(built.query.pid) / 1024
        options.tell(f"the index was whole after {made:.1f} s")
        asker = Asker(built.socket)
        asked(asker, 20)  # warm up
        for turn in range(runs):
            for name, value in asked(asker, count).items():
                quiet.setdefault(name, []).append(value)
            age += [found_s(built, asker, turn * 10 + number) for number in range(5)]
            spent, began = cpu_s(built.query.pid), time.monotonic()
            built.sower.tell(f"change {CHANGES_PER_S} 15")
            time.sleep(1)
            for name, value in asked(asker, count // 2).items():
                busy.setdefault(name, []).append(value)
            rate.append(built.sower.wait("changed")["per_s"])
            load.append(100 * (cpu_s(built.query.pid) - spent) / (time.monotonic() - began))
            options.tell(f"commonest word, near, open: p99 {quiet['near'][-1]:.1f} ms, {busy['near'][-1]:.1f} ms busy")
        asker.close()
    return Report(
        "search",
        f"{shops:,} shops and {products:,} products, one question after the other at the query process's socket",
        [
            Row(f"commonest word ({products // 10:,} products), p99", quiet["word"], "ms", gate=50.0),
            Row("the same, near and open, p50", quiet["near p50"], "ms"),
            Row("the same, near and open, p99", quiet["near"], "ms", gate=50.0),
            Row("one or two letters, near, p99", quiet["begun"], "ms", gate=50.0),
            Row("no words, near and open, p99", quiet["all"], "ms", gate=50.0),
            Row("what people type, near, p50", quiet["typed p50"], "ms"),
            Row("what people type, near, p99", quiet["typed"], "ms", gate=50.0),
            Row("commonest word, near and open, while changes come, p99", busy["near"], "ms", gate=50.0),
            Row("what people type, while changes come, p99", busy["typed"], "ms", gate=50.0),
            Row("changes a second meanwhile", rate, "/s"),
            Row("the query process's core meanwhile", load, "%"),
            Row("a new name is found after, slowest", [max(age)], "s", gate=2.0),
            Row("an index from nothing", [made], "s"),
            Row("the query process's memory", [memory], "MB"),
        ],
        "the hub in between, many askers at once, and a machine whose other processes want the same core.",
        {"query process": f"core {built.query_core}", "store, writer and asker": f"core {built.load_core}"},
    )


def main(arguments: Sequence[str]) -> int:
    return run("search", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
