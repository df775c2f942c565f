"""Composition root of a worker process: `python -m workers --store URL [--demo] [--city FILE]...`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from hub.app import open_store, services
from hub.city_file import CityFile, read_cities
from hub.dispatch import Dispatch
from hub.errors import HubError, StoreError
from hub.heads import key_path
from hub.logs import set_up
from hub.services import Services
from hub.settings import Settings
from hub.store import Store
from hub.traces import Traces
from hub.worker_figures import Teller
from workers.archive import Archivist, Where
from workers.gateway import Gateway
from workers.janitor import Janitor
from workers.push import Pushes
from workers.roll_call import RollCalls
from workers.timers import Timers
from workers.webhooks import Webhooks


def main(argv: list[str] | None = None) -> int:
    """Run the workers of some cities until SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument("--store", required=True, help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--city", type=Path, action="append", metavar="FILE", help="a city's file (Kota Mojokerto)")
    parser.add_argument("--demo", action="store_true", help="a simulated city; the two never mix")
    parser.add_argument("--archive", default="", metavar="URL", help="the long memory, where no setting names one")
    options = parser.parse_args(argv)
    try:
        settings, cities = Settings.from_environment(), read_cities(options.city)
    except HubError as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    set_up(as_json=settings.log_json)
    return uvloop.run(work(options.store, cities, options.demo, settings, options.archive))


async def work(url: str, cities: Sequence[CityFile], demo: bool, settings: Settings, archive: str = "") -> int:
    """Work until SIGTERM or SIGINT. `archive`: of all these cities, where the settings name none."""
    stores: list[tuple[Store, Services]] = []
    try:
        for city in cities:
            carried = services(city)
            stores.append((open_store(url, city.code, demo, carried, settings.replicas), carried))
            await stores[-1][0].open()
    except StoreError as exc:
        await _close(stores)
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    kept = settings.archive_url or archive
    heads = [head_file(settings.audit_head_file, city, cities) for city in cities]
    jobs = [
        job
        for city, one, head in zip(cities, stores, heads, strict=True)
        for job in _jobs(city, *one, settings, kept, head)
    ]
    print(json.dumps({"event": "worker_ready"}), flush=True)
    stop = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([stop, *jobs], return_when=asyncio.FIRST_COMPLETED)
    failed = next((job for job in jobs if job in done), None)
    for task in (stop, *jobs):
        task.cancel()
    for task in jobs:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
    await _close(stores)
    if failed is not None and failed.exception() is not None:
        logging.getLogger("kentongan.worker").error("a worker failed", exc_info=failed.exception())
        return 1
    return 0


def _jobs(
    city: CityFile, store: Store, carried: Services, settings: Settings, archive: str, head: str
) -> list[asyncio.Task[None]]:
    """The work of one city, under way."""
    dispatch = Dispatch(store, carried)
    teller = Teller(store, dispatch)
    pushes = Pushes(store, dispatch, settings)
    teller.push = pushes.figures
    jobs = [
        asyncio.create_task(Timers(store, dispatch).run(), name="timers"),
        asyncio.create_task(Janitor(store, dispatch, carried, settings, archived=bool(archive)).run(), name="janitor"),
        asyncio.create_task(Webhooks(store, settings).run(), name="webhooks"),
        asyncio.create_task(pushes.run(), name="push"),
        asyncio.create_task(RollCalls(store, dispatch).run(), name="roll calls"),
        asyncio.create_task(teller.run(), name="figures"),
    ]
    if settings.notify_url:
        gateway = Gateway(store, carried, settings)
        teller.gateway = gateway.figures
        jobs.append(asyncio.create_task(gateway.run(), name="gateway"))
    if archive:
        key = key_path(archive, settings.archive_key)
        where = Where(archive, key, head, city.name, city.zone, city.keeps)
        archivist = Archivist(store, where)
        teller.archive = lambda: archivist.figures
        jobs.append(asyncio.create_task(archivist.run(), name="archive"))
    if settings.traces_url:
        dispatch.figures.traces = Traces(settings.traces_url, store.city, teller.name, lambda: store.epoch)
        jobs.append(asyncio.create_task(dispatch.figures.traces.run(), name="traces"))
    return jobs


def head_file(named: str, city: CityFile, cities: Sequence[CityFile]) -> str:
    """Where a city's head is written: `head.json`, of several cities `head.35.99.json`."""
    path = Path(named)
    return named if not named or len(cities) == 1 else str(path.with_name(f"{path.stem}.{city.code}{path.suffix}"))


async def _close(stores: Sequence[tuple[Store, Services]]) -> None:
    for store, _ in stores:
        await store.close()


if __name__ == "__main__":
    sys.exit(main())
