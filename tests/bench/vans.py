"""Do a van's fixes, an alert to everybody and a tracker's buffer arrive at once, and leave the medics alone?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Any, Final

import uvloop

from tests.bench.fleet import FIXES, Fleet, fleet, warn
from tests.bench.load import Lines
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import YIELDS, Person, Rig, cpu_s, rig
from tests.bench.tap import People, Phone, allowed_ms, on_call, people_of, taps

FOLLOWERS, WARNED, RUNS, SECONDS = 2_000, 15_000, 3, 20.0
QUICK_SECONDS: Final = 6.0
PAUSE_S: Final = 0.2
Rows = dict[str, list[float]]
Load = Callable[[float], Awaitable[Any]]


def crowd(city: Rig, count: int, port: int, *topics: str, yields: bool = False) -> Lines:
    """So many sockets that follow these topics."""
    joins = [part for topic in topics for part in ("-j", topic)]
    arguments = ("-p", port, "-n", count, "-r", 1_000, "-t", city.tokens(city.residents(count, first=1_000)))
    swarm = city.program("swarm", *arguments, *joins, yields=yields)
    opened = swarm.wait("opened", 300)
    assert opened["ready"] == count, opened
    return swarm


async def beside(city: Rig, people: People, load: Load, runs: int, seconds: float) -> list[tuple[Any, Any, Any]]:
    """Taps with nothing else going on, then taps for as long as the load; what the load came to."""
    found = []
    async with on_call(city, people) as phones:
        for _ in range(runs):
            idle = await taps(*phones, seconds)
            loading = asyncio.ensure_future(load(seconds + 1))
            busy = await taps(*phones, seconds)
            found.append((idle, busy, await loading))
    return found


def fixes(city: Rig, people: People, van: Fleet, runs: int, seconds: float, options: Options) -> Rows:
    """One fix a second to everybody who follows the van, in the list and by itself."""
    rows: Rows = {name: [] for name in ("p50", "p99", "max", "missed", "cpu", "idle", "busy")}
    topics, public = ("vans", f"van/{van.van}"), city.hubs["public"].pid
    swarm = crowd(city, FOLLOWERS, city.port, *topics)
    asyncio.run(van.drive(city.port, 2))  # warm up
    for _ in range(runs):
        swarm.reset()
        spent = cpu_s(public)
        told = asyncio.run(van.drive(city.port, seconds))
        seen = swarm.stats()
        rows["cpu"].append(100 * (cpu_s(public) - spent) / seconds)
        rows["missed"].append(told * FOLLOWERS * len(topics) - seen["moved"])
        for name in ("p50", "p99", "max"):
            rows[name].append(seen[f"{name}_ms"])
        options.tell(f"fix to {FOLLOWERS:,} followers: p50 {seen['p50_ms']:.1f} ms, p99 {seen['p99_ms']:.1f} ms")
    swarm.end()
    swarm = crowd(city, FOLLOWERS, city.port, *topics, yields=True)
    tapped = uvloop.run(beside(city, people, lambda for_s: van.drive(city.port, for_s), runs, seconds))
    swarm.end()
    return _tapped(rows, tapped, "the fixes", options)


def _tapped(rows: Rows, tapped: list[tuple[Any, Any, Any]], beside_what: str, options: Options) -> Rows:
    for idle, busy, _ in tapped:
        rows["idle"].append(idle["p99"])
        rows["busy"].append(busy["p99"])
        options.tell(f"tap p99 {busy['p99']:.2f} ms beside {beside_what}, {idle['p99']:.2f} ms without")
    return rows


async def warnings(port: int, desk_of: Person, swarm: Lines, each: int, count: int = 0, for_s: float = 0) -> Rows:
    """Alerts, each when the one before is with everybody: so many, or for so long."""
    desk, loop = await Phone.open(port, desk_of, "city"), asyncio.get_running_loop()
    rows: Rows = {"commit": [], "last": []}
    until = loop.time() + for_s
    while len(rows["last"]) < count or loop.time() < until:
        swarm.reset()
        committed, _ = await warn(desk)
        swarm.tell(f"await {each}")
        seen = await asyncio.to_thread(swarm.wait, "stats", 30)
        rows["commit"].append(committed)
        rows["last"].append(seen["max_ms"])
        await asyncio.sleep(PAUSE_S)
    await desk.close()
    return rows


def alerts(city: Rig, people: People, desk: Person, runs: int, seconds: float, options: Options) -> dict[str, Rows]:
    """An urgent alert to all sockets of one hub, at either hub."""
    found = {}
    for kind, port, topics in (("public", city.port, ("city", "warnings")), ("help", city.help_port, ("warnings",))):
        rows: Rows = {name: [] for name in ("commit", "last", "idle", "busy")}
        each = WARNED * len(topics)
        swarm = crowd(city, WARNED, port, *topics)
        uvloop.run(warnings(city.port, desk, swarm, each, 1))  # warm up
        for name, values in uvloop.run(warnings(city.port, desk, swarm, each, runs)).items():
            rows[name] += values
        options.tell(f"alert to {WARNED:,} sockets of the {kind} hub: last after {median(rows['last']):.0f} ms")
        swarm.end()
        swarm = crowd(city, WARNED, port, *topics, yields=True)

        def load(for_s: float, swarm: Lines = swarm, each: int = each) -> Awaitable[Rows]:
            return warnings(city.port, desk, swarm, each, for_s=for_s)

        tapped = uvloop.run(beside(city, people, load, runs, seconds))
        swarm.end()
        found[kind] = _tapped(rows, tapped, f"alerts to the {kind} hub", options)
    return found


def buffers(city: Rig, people: People, van: Fleet, runs: int, seconds: float, options: Options) -> Rows:
    """A tracker's two hours, once a second."""
    rows: Rows = {name: [] for name in ("p50", "max", "idle", "busy")}
    tapped = uvloop.run(beside(city, people, lambda for_s: van.send_buffers(city.port, for_s), runs, seconds))
    for _, _, took in tapped:
        rows["p50"].append(median(took))
        rows["max"].append(max(took))
        options.tell(f"a buffer of {FIXES:,} fixes: p50 {median(took):.0f} ms, slowest {max(took):.0f} ms")
    return _tapped(rows, tapped, "the buffers", options)


def bench(options: Options) -> Report:
    runs, seconds = (1, QUICK_SECONDS) if options.quick else (RUNS, SECONDS)
    with rig("help", "public") as city:
        city.start_worker()
        people, van, (desk,) = people_of(city), fleet(city), city.staff("dispatcher", desk="city")
        buffered = buffers(city, people, van, runs, seconds, options)
        moved = fixes(city, people, van, runs, seconds, options)
        warned = alerts(city, people, desk, runs, seconds, options)
        pinned = city.where() | {"readers beside taps": f"core {city.load_core}, {YIELDS}"}
    rows = [*_rows_of_fixes(moved), *_rows_of_alerts(warned), *_rows_of_buffers(buffered)]
    return Report(
        "vans",
        f"one fix a second to {FOLLOWERS:,} followers, an urgent alert to {WARNED:,} sockets of one hub, a buffer of "
        f"{FIXES:,} fixes, and taps meanwhile",
        rows,
        "the phones' radio, pages that draw, several vans at once, and readers that are slow.",
        pinned,
    )


def _rows_of_fixes(found: Rows) -> list[Row]:
    return [
        Row(f"fix to {FOLLOWERS:,} followers, due to socket, p50", found["p50"], "ms"),
        Row(f"fix to {FOLLOWERS:,} followers, due to socket, p99", found["p99"], "ms", gate=50.0),
        Row(f"fix to {FOLLOWERS:,} followers, slowest", found["max"], "ms"),
        Row("fixes that a socket was not sent", found["missed"], "frames"),
        Row("processor of the public hub", found["cpu"], "% of a core"),
        Row("tap to the medic's socket, idle, p99", found["idle"], "ms"),
        Row("tap beside the fixes, p99", found["busy"], "ms", gate=round(allowed_ms(median(found["idle"])), 2)),
    ]


def _rows_of_alerts(found: dict[str, Rows]) -> list[Row]:
    rows = [Row("alert, asked to committed", found["public"]["commit"], "ms")]
    for kind, said in found.items():
        rows += [
            Row(f"alert to {WARNED:,} sockets of the {kind} hub, asked to last", said["last"], "ms", gate=1000.0),
            Row("tap with those sockets and no alert, p99", said["idle"], "ms"),
            Row(f"tap beside alerts at the {kind} hub, p99", said["busy"], "ms", gate=10.0),
        ]
    return rows


def _rows_of_buffers(found: Rows) -> list[Row]:
    return [
        Row(f"buffer of {FIXES:,} fixes, sent to answered, p50", found["p50"], "ms"),
        Row(f"buffer of {FIXES:,} fixes, slowest of a run", found["max"], "ms", gate=1000.0),
        Row("tap beside a buffer a second, p99", found["busy"], "ms", gate=10.0),
    ]


def main(arguments: Sequence[str]) -> int:
    return run("vans", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
