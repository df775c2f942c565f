"""The market's trade, in a process of its own: orders that are placed, accepted and completed, wants that are posted
and closed.

    python -m tests.bench.trade PORT PEOPLE

`PEOPLE` is a JSON file of `Market`. Reads lines: `orders PER_S SECONDS`, `wants PER_S SECONDS`,
`both ORDERS_PER_S WANTS_PER_S SECONDS`. Each want's words hold `TS=<CLOCK_MONOTONIC ns>`, the moment at which it was
due. Prints one JSON object per line; its latencies are in ms from the tap at the buyer's socket.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import uvloop

from tests.bench.rig import Person
from tests.bench.tap import Phone, quantile

OPEN_WANT_S: Final = 6.0
"""A buyer may have three wants open; each of these is closed after a while."""
PIECE: Final = {"product": "p1", "quantity": 1, "price": 12_000}


class Trade:
    def __init__(self, buyers: list[Phone], seekers: list[Phone], sellers: dict[str, Phone], kelurahan: str) -> None:
        self.buyers, self.seekers, self.sellers, self.kelurahan = buyers, seekers, sellers, kelurahan
        self.rang_ms: list[float] = []
        self.durable_ms: list[float] = []
        self.failed: list[str] = []

    @classmethod
    async def open(cls, port: int, people: dict[str, Any]) -> Trade:
        async def phone(one: list[str], topic: str = "") -> Phone:
            who = Person(*one)
            return await Phone.open(port, who, topic or f"person/{who.person}")

        buyers = [await phone(one) for one in people["buyers"]]
        seekers = [await phone(one) for one in people["seekers"]]
        sellers = {shop: await phone(one, f"shop/{shop}") for shop, one in people["sellers"].items()}
        return cls(buyers, seekers, sellers, people["kelurahan"])

    async def order(self, number: int, due: float) -> None:
        """Placed by a buyer, seen by the seller, accepted, made and collected."""
        shop = list(self.sellers)[number % len(self.sellers)]
        buyer, seller = self.buyers[number % len(self.buyers)], self.sellers[shop]
        data = {"shop": shop, "lines": [PIECE], "fulfilment": "pickup", "name": "Ani", "phone": "0812000000"}
        sent_at, answered_at, answer = await buyer.call("order.place", data)
        order = answer["order"]
        self.rang_ms.append((await seller.hears(order) - sent_at) / 1e6)
        self.durable_ms.append((answered_at - sent_at) / 1e6)
        await asyncio.sleep(0.2)
        await seller.call("order.accept", {"order": order, "prep_min": 10})
        await seller.call("order.advance", {"order": order, "to": "ready"})
        await seller.call("order.advance", {"order": order, "to": "completed"})

    async def want(self, number: int, due: float) -> None:
        seeker = self.seekers[number % len(self.seekers)]
        due_ns = time.monotonic_ns() - int((asyncio.get_running_loop().time() - due) * 1e9)
        data = {"category": "food", "words": f"TS={due_ns} kue lapis", "kelurahan": self.kelurahan}
        _, _, answer = await seeker.call("want.post", data)
        await asyncio.sleep(OPEN_WANT_S)
        await seeker.call("want.close", {"want": answer["want"]})

    async def at_pace(self, work: Callable[[int, float], Awaitable[None]], per_s: float, seconds: float) -> int:
        """Do it at an even rate, none waiting for the one before; how often it was done."""
        loop, tasks, number = asyncio.get_running_loop(), set[asyncio.Task[None]](), 0
        due = loop.time()
        until = due + seconds

        async def one(number: int, due: float) -> None:
            try:
                await work(number, due)
            except RuntimeError as exc:
                self.failed.append(str(exc))

        while due < until:
            due += 1 / per_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            task = loop.create_task(one(number, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        await asyncio.gather(*tasks)
        return number


async def run(port: int, people: dict[str, Any]) -> None:
    trade = await Trade.open(port, people)
    say(event="opened")
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, *words = line.split()
        numbers = [float(word) for word in words]
        trade.rang_ms, trade.durable_ms, trade.failed = [], [], []
        orders = wants = 0
        if what == "both":
            orders, wants = await asyncio.gather(
                trade.at_pace(trade.order, numbers[0], numbers[2]), trade.at_pace(trade.want, numbers[1], numbers[2])
            )
        elif what == "orders":
            orders = await trade.at_pace(trade.order, *numbers)
        else:
            wants = await trade.at_pace(trade.want, *numbers)
        rang, durable = trade.rang_ms or [0.0], trade.durable_ms or [0.0]
        say(
            event="traded", orders=orders, wants=wants, failed=len(trade.failed), why=trade.failed[:1],
            rang50=quantile(rang, 0.5), rang99=quantile(rang, 0.99),
            durable50=quantile(durable, 0.5), durable99=quantile(durable, 0.99),
        )  # fmt: skip


def say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    uvloop.run(run(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))
