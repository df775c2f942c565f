"""Does the market ring at once, and leave the medics alone? Wants to hundreds of shops, orders, and taps meanwhile."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any, Final

import uvloop

from hub.app import CITY, internal
from hub.contract import HUB, SYSTEM, Actor
from tests.bench.load import Lines
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import YIELDS, Person, Rig, python, rig
from tests.bench.tap import People, allowed_ms, on_call, people_of, taps

KELURAHAN: Final = "kranggan"
SHOPS, REACHED, ORDERS_PER_S, WANTS_PER_S = 500, 200, 2.0, 1.0
MINUTES, QUICK_MINUTES, RUNS, WANTS = 10.0, 0.5, 3, 20.0
SELLING: Final = 12
"""Shops that take the orders, with a phone of their own in the trade's process."""
LEASE_MS: Final = 24 * 3_600_000


async def opened(city: Rig, sellers: Sequence[Person]) -> None:
    """Register the shops and let each hear: the hub's leases are written as a hub writes them."""
    async with internal(city.store.url, CITY, True) as dispatch:
        store = dispatch.store
        for start in range(0, SHOPS, 15):
            shops = [_shop(number) for number in range(start, min(start + 15, SHOPS))]
            answer = await dispatch.run("shop.register", {"shops": shops}, SYSTEM, str(uuid.uuid4()))
            assert answer.ok, answer
        now = store.now()
        lease = f"{now + LEASE_MS} 1 1 {now}"
        await store.many("normal", [["HSET", store.keys.here(one.person), "bench", lease] for one in sellers])
        for number, one in enumerate(sellers):
            data = {"person": one.person, "reachable": True, "connected": True}
            hub = Actor(HUB.person, "hub", name="Sri", shop=_shop(number)["id"])
            answer = await dispatch.run("shop.presence", data, hub, str(uuid.uuid4()))
            assert answer.ok, answer


def _shop(number: int) -> dict[str, Any]:
    products = [{"id": f"p{place}", "name": f"Kue {place}", "price": 12_000} for place in range(1, 8)]
    return {
        "id": f"b{number:04d}", "name": f"Warung {number}", "category": "food", "kelurahan": KELURAHAN,
        "products": products,
    }  # fmt: skip


def trader(city: Rig, selling: Sequence[Person], *, yields: bool = False) -> Lines:
    """The process that trades; beside the measured taps it gives way, so that it does not measure itself."""
    people = {
        "buyers": [[one.person, one.token] for one in city.residents(24, first=10_000)],
        "seekers": [[one.person, one.token] for one in city.residents(24, first=20_000)],
        "sellers": {_shop(number)["id"]: [one.person, one.token] for number, one in enumerate(selling)},
        "kelurahan": KELURAHAN,
    }
    path = city.folder / "market.json"
    path.write_text(json.dumps(people))
    lines = city.lines([*python("tests.bench.trade"), str(city.port), str(path)], city.load_core, yields)
    lines.wait("opened")
    return lines


def wants(city: Rig, trade: Lines, sellers: Sequence[Person], runs: int, options: Options) -> list[dict[str, Any]]:
    """Wants to as many phones, from due to each phone's socket."""
    tokens = city.tokens(sellers)
    topic = f"wants/{KELURAHAN}/food"
    crowd = city.program("swarm", "-p", city.port, "-n", len(sellers), "-r", 400, "-t", tokens, "-j", topic)
    assert crowd.wait("opened")["ready"] == len(sellers)
    found = []
    for turn in range(runs + 1):
        crowd.reset()
        trade.tell(f"wants 4 {WANTS / 4}")
        traded = trade.wait("traded", 120)
        stats = crowd.stats()
        assert not traded["failed"], traded
        assert stats["messages"] >= traded["wants"] * len(sellers), (stats, traded)
        if turn:  # the first warms up
            found.append(stats)
            options.tell(f"want to {len(sellers)} shops: p99 {stats['p99_ms']:.2f} ms")
    crowd.end()
    return found


async def calm(city: Rig, people: People, trade: Lines, minutes: float) -> dict[str, Any]:
    """Taps with nothing else going on, then taps for as long as the trade goes on."""
    seconds = minutes * 60
    async with on_call(city, people) as phones:
        idle = await taps(*phones, min(60.0, seconds))
        trade.tell(f"both {ORDERS_PER_S} {WANTS_PER_S} {seconds + 1}")
        busy = await taps(*phones, seconds)
        traded = await asyncio.to_thread(trade.wait, "traded", 180)
    return {"idle": idle, "busy": busy, "traded": traded}


def bench(options: Options) -> Report:
    runs, minutes = (1, QUICK_MINUTES) if options.quick else (RUNS, MINUTES)
    with rig("help", "public") as city:
        city.start_worker()
        sellers = city.sellers([_shop(number)["id"] for number in range(SHOPS)])
        asyncio.run(opened(city, sellers))
        trade = trader(city, sellers[:SELLING])
        to_200 = wants(city, trade, sellers[:REACHED], runs, options)
        placed = []
        for _ in range(runs):
            trade.tell("orders 20 5")
            placed.append(trade.wait("traded", 60))
            assert not placed[-1]["failed"], placed[-1]
            options.tell(f"order placed to the seller's socket: p50 {placed[-1]['rang50']:.2f} ms")
        crowd = city.program(
            "swarm", "-p", city.port, "-n", SHOPS, "-r", 400, "-t", city.tokens(sellers),
            "-j", f"wants/{KELURAHAN}/food", yields=True,
        )  # fmt: skip
        assert crowd.wait("opened")["ready"] == SHOPS
        trade.end()
        trade = trader(city, sellers[:SELLING], yields=True)
        people = people_of(city)
        options.tell(f"{minutes:g} minutes of trade begin at {time.strftime('%H:%M:%S')}")
        both = uvloop.run(calm(city, people, trade, minutes))
        reached = crowd.stats()
        pinned = city.where() | {
            "phones": f"core {city.load_core}",
            "trade beside taps": f"core {city.load_core}, {YIELDS}",
        }
    idle, busy, traded = both["idle"], both["busy"], both["traded"]
    return Report(
        "market",
        f"wants to shops' sockets, orders to the seller's, and taps while {ORDERS_PER_S:g} orders and "
        f"{WANTS_PER_S:g} want a second go to {SHOPS} shops for {minutes:g} minutes",
        [
            Row(f"want to {REACHED} shops, due to socket, p50", [one["p50_ms"] for one in to_200], "ms"),
            Row(f"want to {REACHED} shops, due to socket, p99", [one["p99_ms"] for one in to_200], "ms", gate=50.0),
            Row("order placed to the seller's socket, p50", [one["rang50"] for one in placed], "ms", gate=5.0),
            Row("order placed to the seller's socket, p99", [one["rang99"] for one in placed], "ms"),
            Row("order placed to the buyer's reply, p50", [one["durable50"] for one in placed], "ms"),
            Row("tap to the medic's socket, idle, p99", [idle["p99"]], "ms"),
            Row("tap to the medic's socket, in the trade, p50", [busy["p50"]], "ms"),
            Row(
                "tap to the medic's socket, in the trade, p99",
                [busy["p99"]],
                "ms",
                gate=round(allowed_ms(idle["p99"]), 2),
            ),
            Row(f"want to {SHOPS} shops in the trade, p99", [reached["p99_ms"]], "ms"),
            Row("orders and wants in the trade", [float(traded["orders"] + traded["wants"])], ""),
            Row("of them refused or unanswered", [float(traded["failed"])], "", gate=0.0),
        ],
        "pages that draw and ring, and shops whose phones sleep.",
        pinned,
    )


def main(arguments: Sequence[str]) -> int:
    return run("market", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
