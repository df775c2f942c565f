"""Composition root of the query process: `python -m workers.query --store URL [--listen ADDRESS] [--data DIR]`.

It follows the city, keeps the index, and answers hubs. It stores nothing that the store does not have, so
it may be killed, moved to another machine, or run twice.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

import uvloop

from hub.address import Address, address_of, query_address
from hub.app import ground, services
from hub.city_file import OWN, CityFile, read_city
from hub.errors import HubError, StartError
from hub.logs import set_up
from hub.report import Report
from hub.settings import Settings
from hub.store import Store
from workers.answering import Answers, Listener
from workers.following import Follower
from workers.remembering import Remembering
from workers.reporting import Reporter

log = logging.getLogger("kentongan.query")

DEFAULT_PORT: Final = 8000


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="kentongan query", description="Search: answers hubs from an index of its own.")
    made.add_argument("--store", required=True, metavar="URL", help="redis://host:port/0 or unix:///path.sock")
    made.add_argument(
        "--listen", metavar="ADDRESS", default=query_address(DEFAULT_PORT),
        help="unix:PATH or HOST:PORT (the socket that the public hub on port 8000 asks at)",
    )  # fmt: skip
    made.add_argument("--data", type=Path, metavar="DIR", help="keep the index there (none: in a temporary file)")
    made.add_argument("--archive", default="", metavar="URL", help="for reports, where no setting names one")
    made.add_argument("--demo", action="store_true", help="a simulated city; the two never mix")
    made.add_argument("--city", type=Path, metavar="FILE", help="the city's file (Kota Mojokerto)")
    made.add_argument("--json", action="store_true", help="one JSON object per line")
    return made


def main(argv: list[str] | None = None) -> int:
    """Answer for one city until SIGTERM; returns the exit code."""
    options = parser().parse_args(argv)
    try:
        settings = Settings.from_environment()
        set_up(as_json=settings.log_json)
        address = address_of(options.listen, "--listen")
        city = OWN if options.city is None else read_city(options.city, whole=False)
        with _kept(options.data) as path:
            report, archive = Report(as_json=options.json), settings.archive_url or options.archive
            return uvloop.run(query(options.store, address, path, options.demo, report, archive, city))
    except HubError as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _kept(data: Path | None) -> Iterator[Path | None]:
    """Where the index is kept, ours alone as long as we run; None for a temporary one.

    Raises:
        StartError: the folder cannot be written, or another query process keeps its index there.
    """
    if data is None:
        yield None
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = os.open(data / "search.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise StartError(f"the folder {data} cannot be written: {exc.strerror}") from exc
    try:
        _take(lock, data)
        yield data / "search.sqlite"
    finally:
        os.close(lock)


def _take(lock: int, data: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartError(f"another query process keeps its index in {data}") from None


async def query(
    url: str, address: Address, path: Path | None, demo: bool, report: Report, archive: str = "", city: CityFile = OWN
) -> int:
    """Follow and answer until SIGTERM or SIGINT.

    Raises:
        StoreError: the store cannot be reached, or holds another kind of city.
        StartError: the address is taken, or the index cannot be opened.
    """
    store = Store(url, city.code, demo=demo)
    follower = Follower(store, path, report.emit)
    kelurahan = ground(city).kelurahan
    reporter = Reporter(archive, city.code, store.now, city.clock, kelurahan)
    remembering = Remembering(archive, city.code, services(city).declared)
    listener = Listener(address, Answers(lambda: follower.live, store.now, kelurahan, reporter, remembering))
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    try:
        await store.open()
        await listener.open()
        return await _follow(follower, stopping, _announce(follower, address, report))
    finally:
        await listener.close()
        reporter.close()
        remembering.close()
        await store.close()


async def _follow(follower: Follower, stopping: asyncio.Event, announced: Coroutine[Any, Any, None]) -> int:
    following = asyncio.create_task(follower.run())
    others = [asyncio.create_task(stopping.wait()), asyncio.create_task(announced)]
    try:
        await asyncio.wait([following, others[0]], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (following, *others):
            task.cancel()
        await asyncio.gather(following, *others, return_exceptions=True)
    if following.cancelled():
        return 0
    error = following.exception()
    if isinstance(error, HubError):
        raise error
    log.error("the index cannot be kept; it is made anew at the next start", exc_info=error)
    follower.discard()
    return 1


async def _announce(follower: Follower, address: Address, report: Report) -> None:
    """One line when there is something to answer from."""
    await follower.ready.wait()
    assert follower.live is not None
    shops, products = follower.live.count()
    report.emit({"event": "query_ready", "listen": str(address), "shops": shops, "products": products})


if __name__ == "__main__":
    sys.exit(main())
