"""Composition root of a worker process: `python -m workers --store URL [--demo]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys

import uvloop

from hub.app import CITY, open_store, services
from hub.dispatch import Dispatch
from hub.errors import SettingError, StoreError
from hub.heads import key_path
from hub.logs import set_up
from hub.settings import Settings
from hub.traces import Traces
from hub.worker_figures import Teller
from workers.archive import Archivist, Where
from workers.gateway import Gateway
from workers.janitor import Janitor
from workers.push import Pushes
from workers.timers import Timers
from workers.webhooks import Webhooks


def main(argv: list[str] | None = None) -> int:
    """Run the workers of one city until SIGTERM; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument("--store", required=True, help="redis://host:port/0 or unix:///path.sock")
    parser.add_argument("--city", default=CITY)
    parser.add_argument("--demo", action="store_true", help="a simulated city; the two never mix")
    parser.add_argument("--archive", default="", metavar="URL", help="the long memory, where no setting names one")
    options = parser.parse_args(argv)
    try:
        settings = Settings.from_environment()
    except SettingError as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    set_up(as_json=settings.log_json)
    return uvloop.run(work(options.store, options.city, options.demo, settings, options.archive))


async def work(url: str, city: str, demo: bool, settings: Settings, archive: str = "") -> int:
    """Work until SIGTERM or SIGINT."""
    archive = settings.archive_url or archive
    carried = services()
    store = open_store(url, city, demo, carried, settings.replicas)
    try:
        await store.open()
    except StoreError as exc:
        await store.close()
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    dispatch = Dispatch(store, carried)
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    teller = Teller(store, dispatch)
    jobs = [
        asyncio.create_task(Timers(store, dispatch).run(), name="timers"),
        asyncio.create_task(Janitor(store, dispatch, carried, settings, archived=bool(archive)).run(), name="janitor"),
        asyncio.create_task(Webhooks(store, settings).run(), name="webhooks"),
        asyncio.create_task(Pushes(store, dispatch, settings).run(), name="push"),
        asyncio.create_task(teller.run(), name="figures"),
    ]
    if settings.notify_url:
        jobs.append(asyncio.create_task(Gateway(store, settings).run(), name="gateway"))
    if archive:
        where = Where(archive, key_path(archive, settings.archive_key), settings.audit_head_file)
        archivist = Archivist(store, where)
        teller.archive = lambda: archivist.figures
        jobs.append(asyncio.create_task(archivist.run(), name="archive"))
    if settings.traces_url:
        dispatch.figures.traces = Traces(settings.traces_url, city, teller.name, lambda: store.epoch)
        jobs.append(asyncio.create_task(dispatch.figures.traces.run(), name="traces"))
    print(json.dumps({"event": "worker_ready"}), flush=True)
    stop = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([stop, *jobs], return_when=asyncio.FIRST_COMPLETED)
    failed = next((job for job in jobs if job in done), None)
    for task in (stop, *jobs):
        task.cancel()
    for task in jobs:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
    await store.close()
    if failed is not None and failed.exception() is not None:
        logging.getLogger("kentongan.worker").error("a worker failed", exc_info=failed.exception())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
