"""The cities that the browser tests visit: real processes on free ports."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hub.address import query_address
from hub.app import internal, services
from hub.contract import HUB, TIMER
from hub.dispatch import Answer, Dispatch
from hub.identity import enrol
from hub.store import Loaded, Store
from tests.browser.hours import CLOCK, HERE, city_arguments
from tests.support.processes import ROOT, Process, free_ports, running_city, start_query
from tests.support.published import fill, months_until
from tests.support.servers import running_store

SEED = ROOT / "clients" / "seed.json"
START_S = 40.0
PAST_WEEKS = 20
FLOWERS = ("melati", "kenanga", "mawar", "cempaka", "dahlia", "teratai", "kamboja", "tanjung", "sedap-malam", "seruni")
_named = itertools.count()
T = TypeVar("T")


def van_name() -> str:
    """A van's id that no other van of this run has: the same ones in each run, so that pictures stay the same."""
    again, which = divmod(next(_named), len(FLOWERS))
    return FLOWERS[which] + (f"-{again + 1}" if again else "")


class City(Struct, frozen=True):
    """A running city: where its pages are, and its store when it is not a demo."""

    url: str
    store_url: str = ""

    def enrol(self, role: str, name: str, **bound: str) -> str:
        """Enrol somebody as `kentongan enrol` does (`shop="s01"`, `desk="medic"`, ...); their one-time link."""
        return self.url + _aside(_enrol(self.store_url, role, name, bound))

    def tell(self, cmd: str, name: str = "", /, **data: object) -> None:
        """Give a command of the hub's own, as a worker does; `name` is of whom it speaks."""
        _aside(_tell(self.store_url, cmd, name, data))

    def later(self, seconds: float, cmd: str, **data: str) -> None:
        """Give a timer's command so many seconds before it is due, to a hub whose clock is ahead by as many.

        The city's own clock stays: what is decided is the decision of then, and nobody else is any later for it.
        """
        answer = _aside(_give_later(self.store_url, round(seconds * 1000), cmd, data))
        assert answer.ok, answer


def _aside(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a thread of its own: Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class _Ahead(Store):
    """The city's store as a hub reads it whose clock is ahead."""

    ahead_ms = 0

    async def load(self, *args: Any, **kwargs: Any) -> Loaded:
        loaded = await super().load(*args, **kwargs)
        return replace(loaded, now=loaded.now + self.ahead_ms)


@contextmanager
def seeded_city() -> Iterator[City]:
    """A real city without simulated people: two hubs, a worker, an archive with some months in it, a directory,
    60 shops, 3 vans, 18 stops."""
    with running_store("valkey") as store:
        archive = {"KENTONGAN_ARCHIVE_URL": f"sqlite:{store.folder}/archive.sqlite"}
        this_month = CLOCK.day(int(time.time() * 1000)).replace(day=1)  # it counts only what is done here
        fill(
            archive["KENTONGAN_ARCHIVE_URL"],
            months_until(this_month, PAST_WEEKS),
            began=this_month - timedelta(days=200),
        )
        told = city_arguments(store.folder)
        with (
            running_city(store.url, *told, environment=archive) as (port, _),
            _directory(store.url, port, told, archive),
        ):
            _kentongan("seed", str(SEED), "--store", store.url, *told)
            yield City(f"http://127.0.0.1:{port}", store.url)


@contextmanager
def _directory(store_url: str, port: int, told: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    query = start_query(store_url, query_address(port), *told, environment=environment)
    try:
        query.wait_event("query_ready")
        yield
    finally:
        query.end()


@contextmanager
def demo_city(data: Path) -> Iterator[City]:
    """The simulated city, started by the command that the README names."""
    port = free_ports()
    arguments = ["-m", "hub.cli", "up", "--demo", "--port", str(port), "--data", str(data), "--json"]
    process = Process(arguments)
    try:
        ready = process.wait_event("ready", within_s=START_S)
        yield City(ready["url"])
    finally:
        process.end()


async def _enrol(store_url: str, role: str, name: str, bound: dict[str, str]) -> str:
    store = Store(store_url, "35.76", demo=False)
    try:
        await store.open()
        return (await enrol(store, role=role, name=name, **bound)).url_path
    finally:
        await store.close()


async def _tell(store_url: str, cmd: str, name: str, data: dict[str, object]) -> None:
    async with internal(store_url, carried=services(HERE)) as dispatch:
        answer = await dispatch.run(cmd, data, replace(HUB, name=name), str(uuid.uuid4()))
    assert answer.ok, answer


async def _give_later(store_url: str, ahead_ms: int, cmd: str, data: dict[str, str]) -> Answer:
    carried = services(HERE)
    store = _Ahead(store_url, "35.76", demo=False, types=carried.types)
    store.ahead_ms = ahead_ms
    try:
        await store.open()
        return await Dispatch(store, carried).run(cmd, dict(data), TIMER, str(uuid.uuid4()))
    finally:
        await store.close()


def _kentongan(*arguments: str) -> str:
    process = Process(["-m", "hub.cli", *arguments])
    try:
        assert process.exit_code(within_s=30) == 0, process.errors
    finally:
        process.kill()
    return "\n".join(process.lines)
