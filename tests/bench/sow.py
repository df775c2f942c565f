"""A writer of shops: commits a city's shops through the store, then changes of their products, when it is told to.

    python -m tests.bench.sow STORE SHOPS PRODUCTS

Reads lines: `sow` commits all shops; `change PER_S SECONDS` changes so many products a second, ten shops a commit,
every twentieth one by its name; `mark WORD` names one product so and says when that was on disk. Prints one JSON
object per line.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from typing import Any, Final

import uvloop

from hub.app import CITY
from hub.contract import Change, Decision, SetEntry, State
from hub.store import Committed, Store
from tests.bench.shops import Views, city
from tests.support.commits import lane_of

SHOPS_A_COMMIT: Final = 10
COMMITS_AT_ONCE: Final = 8
RENAMED: Final = 20


class Sower:
    def __init__(self, store: Store, shops: list[tuple[str, Views]]) -> None:
        self._store, self._shops = store, shops
        self._dice = random.Random(3)
        self._numbers = itertools.count()

    async def commit(self, views: list[tuple[str, dict[str, Any]]], *index: SetEntry) -> None:
        changes = tuple(Change(f"shop/{shop}", view["id"], "shop.saved", view) for shop, view in views)
        decision = Decision(changes=changes, index=index)
        done = await self._store.commit(
            "normal", State(), decision, epoch=self._store.epoch, lane_of=lane_of, out=None,
            deadline=self._store.deadline(30),
        )  # fmt: skip
        assert isinstance(done, Committed), done

    async def sow(self) -> None:
        starts = iter(range(0, len(self._shops), SHOPS_A_COMMIT))
        while some := list(itertools.islice(starts, COMMITS_AT_ONCE)):
            await asyncio.gather(*(self._sow(self._shops[start : start + SHOPS_A_COMMIT]) for start in some))

    async def _sow(self, some: list[tuple[str, Views]]) -> None:
        views = [(id_, view) for id_, shop in some for view in shop.values()]
        await self.commit(views, *(SetEntry("shops", id_) for id_, _ in some))

    async def change(self, per_s: float, seconds: float) -> int:
        loop = asyncio.get_running_loop()
        due, until, count = loop.time(), loop.time() + seconds, 0
        while due < until:
            due += SHOPS_A_COMMIT / per_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self.commit([self._changed() for _ in range(SHOPS_A_COMMIT)])
            count += SHOPS_A_COMMIT
        return count

    def _changed(self) -> tuple[str, dict[str, Any]]:
        id_, views = self._dice.choice(self._shops)
        view = views[self._dice.choice([name for name in views if name != id_])]
        view["price"] = self._dice.randint(2, 400) * 500
        if next(self._numbers) % RENAMED == 0:
            _, others = self._dice.choice(self._shops)
            view["name"] = others["p0"]["name"]
        return id_, view

    async def mark(self, word: str) -> None:
        id_, views = self._dice.choice(self._shops)
        await self.commit([(id_, {**views["p0"], "name": word})])


async def run(url: str, shops: int, products: int) -> None:
    store = Store(url, CITY, demo=True)
    await store.open()
    try:
        sower = Sower(store, list(city(shops, products)))
        say(event="opened")
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            what, *given = line.split()
            if what == "sow":
                began = loop.time()
                await sower.sow()
                say(event="sown", seconds=loop.time() - began)
            elif what == "mark":
                await sower.mark(given[0])
                say(event="marked", at=time.monotonic())
            else:
                began = loop.time()
                count = await sower.change(float(given[0]), float(given[1]))
                say(event="changed", per_s=count / (loop.time() - began))
    finally:
        await store.close()


def say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    store_url, shop_count, product_count = sys.argv[1:]
    uvloop.run(run(store_url, int(shop_count), int(product_count)))
