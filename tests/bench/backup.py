"""How long a backup and a restore of a whole city take, and what a backup costs those who work meanwhile."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import redis

from hub.app import CITY, services
from hub.backup import Made, Plan, backed_up
from hub.backup_seal import PersonSealers
from hub.cli import main as kentongan
from hub.contract import Change, Decision, State, Write
from hub.store import Committed, Store
from tests.bench.load import Lines
from tests.bench.report import Options, Report, Row, run
from tests.bench.rig import cores, pin
from tests.bench.search import percentile
from tests.bench.shops import PRODUCTS, SHOPS, city
from tests.support.commits import lane_of
from tests.support.servers import StoreServer, binary_of

RUNS: Final = 3
COMMITS_PER_S: Final = 500
SHOPS_AT_ONCE: Final = 40


async def sow(url: str, shops: int, products: int) -> None:
    """Every shop and product as a thing and in its shop's table, as its service would leave them."""
    store = Store(url, CITY, demo=False)
    await store.open()
    try:
        rest = city(shops, products)
        while some := list(islice(rest, SHOPS_AT_ONCE)):
            await asyncio.gather(*(_sow(store, id_, views) for id_, views in some))
    finally:
        await store.close()


async def _sow(store: Store, shop: str, views: dict[str, dict[str, Any]]) -> None:
    writes = tuple(
        Write(view["type"], id_ if id_ == shop else f"{shop}:{id_}", view)  # type: ignore[arg-type]  # a view as plain data
        for id_, view in views.items()
    )
    changes = tuple(Change(f"shop/{shop}", id_, "shop.saved", view) for id_, view in views.items())
    done = await store.commit(
        "normal", State(), Decision(writes=writes, changes=changes), epoch=store.epoch, lane_of=lane_of, out=None,
        audit={"cmd": "shop.register", "id": shop, "things": [f"shop/{shop}"]}, deadline=store.deadline(60),
    )  # fmt: skip
    assert isinstance(done, Committed), done


async def work(url: str, seconds: float, per_s: float) -> list[float]:
    """So many commits a second, each a price and its view; how long each took, in ms."""
    store = Store(url, CITY, demo=False)
    await store.open()
    took: list[float] = []
    loop = asyncio.get_running_loop()

    async def one(number: int) -> None:
        began = loop.time()
        shop = f"nib-{number % 2000:013d}"
        view = {"type": "product", "id": "p0", "price": number}
        done = await store.commit(
            "urgent", State(), Decision(changes=(Change(f"shop/{shop}", "p0", "shop.saved", view),)),
            epoch=store.epoch, lane_of=lane_of, out=None, deadline=store.deadline(30),
        )  # fmt: skip
        assert isinstance(done, Committed), done
        took.append((loop.time() - began) * 1000)

    due, until = loop.time(), loop.time() + seconds
    tasks: list[asyncio.Task[None]] = []
    try:
        while due < until:
            due += 1 / per_s
            await asyncio.sleep(max(0.0, due - loop.time()))
            tasks.append(asyncio.create_task(one(len(tasks))))
        await asyncio.gather(*tasks)
    finally:
        await store.close()
    return took


def worker(url: str, seconds: float, core: int) -> Lines:
    return Lines([sys.executable, "-m", "tests.bench.backup", "--work", url, str(seconds), str(COMMITS_PER_S)], core)


def measured(plan: Plan, url: str, seconds: float, core: int) -> tuple[Made, list[float]]:
    """A backup while commits come in; how long each of those took that were under way."""
    busy = worker(url, seconds, core)
    busy.wait("working", 60)
    made = backed_up(plan, io.StringIO())
    took: list[float] = busy.wait("worked", 120)["took"]
    busy.end()
    return made, took


def bench(options: Options) -> Report:
    shops, products = (SHOPS // 10, PRODUCTS // 10) if options.quick else (SHOPS, PRODUCTS)
    folder, store = Path(tempfile.mkdtemp(prefix="kt-bench-")), StoreServer(binary_of("valkey"))
    before = os.sched_getaffinity(0)
    own, others = cores()
    plan = Plan(
        url=store.url, city=CITY, folder=folder / "to", key=folder / "key", every_s=3600,
        sealers=PersonSealers(CITY, services()),
    )  # fmt: skip
    rows: dict[str, list[float]] = {}

    def add(what: str, value: float) -> None:
        rows.setdefault(what, []).append(value)

    try:
        store.start()
        pin(store.pid, others)
        asyncio.run(sow(store.url, shops, products))
        with redis.Redis.from_url(store.url) as client:
            options.tell(f"{client.dbsize():,} keys in the store")
        os.sched_setaffinity(0, {own})
        alone = worker(store.url, 5, others)
        add("alone", percentile(alone.wait("worked", 60)["took"], 0.99))
        alone.end()
        for turn in range(1 if options.quick else RUNS):
            quiet = backed_up(plan, io.StringIO())
            add("quiet", quiet.took_ms / 1000)
            add("quiet held", quiet.held_ms)
            busy, took = measured(plan, store.url, quiet.took_ms / 1000 * 1.5 + 1, others)
            add("busy", busy.took_ms / 1000)
            add("busy held", busy.held_ms)
            add("p99", percentile(took, 0.99))
            add("slowest", max(took))
            add("tries", busy.tries)
            add("size", busy.bytes / 1e6)
            os.environ["KENTONGAN_BACKUP_KEY"] = str(plan.key)
            said = restored(busy.file, folder / f"data-{turn}")
            add("restore", said["took_ms"] / 1000)
            add("switch", said["switch_ms"])
            add("closed", said["closed_ms"])
            options.tell(f"backup {busy.took_ms / 1000:.1f} s, restore {said['took_ms'] / 1000:.1f} s")
    finally:
        store.remove()
        shutil.rmtree(folder, ignore_errors=True)
        os.sched_setaffinity(0, before)
    return Report(
        "backup",
        f"{shops:,} shops and {products:,} products, {busy.keys:,} keys; meanwhile {COMMITS_PER_S} commits a second",
        [
            Row("a backup, nothing else going on", rows["quiet"], "s"),
            Row("a backup while commits come in", rows["busy"], "s"),
            Row("its file", rows["size"], "MB"),
            Row("one question holds the store at most, nothing else going on", rows["quiet held"], "ms"),
            Row("the same while commits come in", rows["busy held"], "ms"),
            Row("cuts tried", rows["tries"], ""),
            Row("a commit without a backup, p99", rows["alone"], "ms"),
            Row("a commit during a backup, p99", rows["p99"], "ms"),
            Row("a commit during a backup, slowest", rows["slowest"], "ms"),
            Row("a restore into an empty folder", rows["restore"], "s"),
            Row("of it the city is closed", rows["closed"], "ms"),
            Row("of it the store stands still at most", rows["switch"], "ms"),
        ],
        "the archive's copy, a folder on another machine, hubs and phones.",
        {"backup": f"core {own}", "store and commits": f"core {others}"},
    )


def restored(file: str, data: Path) -> dict[str, Any]:
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        code = kentongan(["restore", file, "--data", str(data), "--json"])
        said = sys.stdout.getvalue()
    finally:
        sys.stdout = out
    if code:
        raise RuntimeError("the restore failed")
    shutil.rmtree(data)
    found: dict[str, Any] = json.loads(said)
    return found


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["--work"]:
        print(json.dumps({"event": "working"}), flush=True)
        took = asyncio.run(work(arguments[1], float(arguments[2]), float(arguments[3])))
        print(json.dumps({"event": "worked", "took": took}), flush=True)
        return 0
    return run("backup", bench, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
