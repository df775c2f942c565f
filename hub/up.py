"""`up`: everything on one machine. `serve`: hubs on a store that is there.

Nothing is started before everything that can be refused was looked at: the port, the folder, the
server. Ctrl-C, SIGTERM and a closed terminal end it: everybody is told at once, the store goes
last, and after 5 s nobody is left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from hub.address import host_of
from hub.app import CITY, ROOT, internal
from hub.archive_sql import FILE
from hub.city_file import OWN
from hub.embedded import PrivateStore, find_server
from hub.errors import StoreError
from hub.first_day import first_admin
from hub.folder import DataFolder
from hub.identity import recorded_base
from hub.place import Place, check_ports
from hub.report import Report
from hub.seed import human_links, people_of, read_seed, sow
from hub.store import Store
from hub.supervisor import Child, Supervisor

SEED: Final = ROOT / "clients" / "seed.json"
CHILDREN_END_S: Final = 4.0
UNLIMITED: Final = {"KENTONGAN_NEW_DEVICE_BURST": "0", "KENTONGAN_DEVICE_BURST": "0"}
STORE_END_S: Final = 0.7


def raise_file_limit() -> None:
    """Every socket is a file: as many as the system lets us, children included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run_until_told(main: Callable[[asyncio.Event], Awaitable[int]]) -> int:
    """Run `main` in a loop; its event is set by SIGINT, SIGTERM and SIGHUP."""

    async def run() -> int:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, told.set)
        return await main(told)

    return asyncio.run(run())


async def _unless_told(told: asyncio.Event, work: Awaitable[None]) -> bool:
    """Do the work unless told to stop meanwhile; whether it was done."""
    doing = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(told.wait())
    try:
        await asyncio.wait((doing, waiting), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
            return True
        return False
    finally:
        for task in (doing, waiting):
            task.cancel()
        await asyncio.gather(doing, waiting, return_exceptions=True)


def hub_children(place: Place, store_url: str, report: Report, *, start_s: float | None) -> tuple[Child, Child]:
    """One help hub and one public hub; while one is not ready it says why."""
    shared = ["--store", store_url, "--host", place.host, "--port", str(place.port)]
    shared += ["--query", place.query] if len(place.cities) == 1 else []
    shared += ["--demo"] * place.demo + list(place.options) + place.files

    def heard(event: dict[str, Any]) -> None:
        if event.get("event") == "hub_unready":
            report.emit(event)

    # In a room the simulated people come from this machine by another address than its own: as many as they are.
    unlimited = UNLIMITED if place.room is not None and place.demo else {}

    def hub(kind: str) -> Child:
        arguments = ["serve", f"--{kind}-only", *shared]
        return Child(f"{kind} hub", "hub.cli", arguments, "hub_ready", start_s, heard=heard, environment=unlimited)

    return hub("help"), hub("public")


def plain_door(place: Place) -> tuple[Child, ...]:
    """Where phones in a room get what they must trust; nothing elsewhere."""
    if place.room is None:
        return ()
    arguments = ["--host", place.host, "--port", str(place.lan_port), "--public-url", place.url]
    return (Child("plain door", "hub.lan_door", [*arguments, "--ca", str(place.room.ca)], "lan_ready"),)


def archive_of(data: Path) -> str:
    """The archive that is kept in a data folder where no setting names another."""
    return f"sqlite:{data / FILE}"


def query_children(place: Place, store_url: str, data: Path | None) -> list[Child]:
    """A query process for each city. A first index may take as long as it takes; no hub waits for it."""
    children = []
    for city in place.cities:
        arguments = ["--store", store_url, "--listen", place.query_of(city), "--json"] + ["--demo"] * place.demo
        arguments += ["--city", str(city.path.absolute())] if city is not OWN else []
        if data is not None:
            own = data if len(place.cities) == 1 else data / city.code
            arguments += ["--data", str(own), "--archive", archive_of(data)]
        name = "query process" if len(place.cities) == 1 else f"query process of {city.code}"
        children.append(Child(name, "workers.query", arguments, "query_ready", None))
    return children


async def serve(place: Place, store_url: str, report: Report, told: asyncio.Event) -> int:
    """One help hub, one public hub and the query process beside them, until told to stop.

    A store that must not be trusted yet is waited for.
    """
    check_ports(place.host, place.port, place.help_port)
    supervisor = Supervisor(report.emit)
    try:
        hubs = hub_children(place, store_url, report, start_s=None)
        ready = supervisor.start(*hubs, *query_children(place, store_url, None))
        if await _unless_told(told, _each(ready)):
            await first_links(place, store_url, report)
            report.emit(_ready(place))
            await told.wait()
    finally:
        await supervisor.stop(CHILDREN_END_S)
    return 0


async def first_links(place: Place, store_url: str, report: Report) -> None:
    """One link for an admin in each city that is empty and not a demo, until it is used."""
    for city in place.cities if not place.demo else ():
        store = Store(store_url, city.code, demo=False)
        try:
            await store.open()
            made = await first_admin(store)
            base = await recorded_base(store) or place.url_of(city)
        except StoreError:
            continue  # the next start says it
        finally:
            await store.close()
        if made is not None:
            event = {"event": "link", "role": made.role, "url": base.rstrip("/") + made.url_path, "city": city.code}
            report.emit({**event, "expires_at": made.expires_at, "note": "once, within 24 hours: it enrols the desks"})


async def _each(work: Awaitable[Any]) -> None:
    await work


def _ready(place: Place) -> dict[str, Any]:
    codes = ", ".join(city.code for city in place.cities)
    return {"event": "ready", "url": place.url, "help": place.help_url, "city": codes, "demo": place.demo}


class Up:
    """Everything on one machine."""

    def __init__(self, place: Place, data: Path, report: Report, load: str = "") -> None:
        self._place, self._load = place, load
        self._report = report
        self._server = find_server()
        check_ports(place.host, *place.ports)
        self._seed = read_seed(SEED) if place.demo else {}
        self._folder = DataFolder.open(data, "demo" if place.demo else "real")
        self._store = PrivateStore(self._folder, self._server, report.emit)
        self._supervisor = Supervisor(report.emit)
        self._simulator = Supervisor(report.emit)
        self._watch: asyncio.Task[None] | None = None

    async def run(self, told: asyncio.Event) -> int:
        try:
            if await _unless_told(told, self._start()):
                await told.wait()
            self._report.emit({"event": "stopping"})
        finally:
            await self._stop()
        return 0

    async def _start(self) -> None:
        place, emit = self._place, self._report.emit
        emit({"event": "title", "city_name": ", ".join(city.name for city in place.cities), "demo": place.demo})
        await self._store.start()
        self._watch = asyncio.create_task(self._store.watch())
        emit({"event": "store", "server": str(self._server), "url": self._store.url})
        given = ["--store", self._store.url, "--archive", archive_of(self._folder.path), *self._kind(), *place.files]
        workers = Child("timer worker", "workers", given, "worker_ready")
        hubs = hub_children(place, self._store.url, self._report, start_s=30.0)
        await self._sow()
        queries = query_children(place, self._store.url, self._folder.path)
        await self._supervisor.start(*hubs, workers, *queries, *plain_door(place))
        emit({"event": "hub", "url": place.url, "help": place.help_url, "help_port": place.help_port})
        emit({"event": "workers", "work": ["timers", "search", "archive"]})
        for file in place.cities:
            city = {"event": "city", "city": file.code, "city_name": file.name, "kelurahan": file.kelurahan}
            emit(city | await self._simulate() if place.demo else city)
        await self._links()
        emit(_ready(place))

    def _kind(self) -> list[str]:
        return ["--demo"] * self._place.demo

    async def _sow(self) -> None:
        if self._place.demo:
            async with internal(self._store.url, CITY, True) as dispatch:
                await sow(dispatch, self._seed)

    async def _simulate(self) -> dict[str, Any]:
        """Start the simulated people; what the city is now."""

        async def people() -> bytes:
            async with internal(self._store.url, CITY, True) as dispatch:
                return json.dumps(await people_of(dispatch.store, self._seed)).encode()

        arguments = ["--url", self._place.url, "--people", "-"] + (["--load", self._load] if self._load else [])
        simulator = Child(
            "simulated city", "clients.simulate", arguments, "city", stdin=people, heard=self._heard,
            environment={} if self._place.room is None else {"SSL_CERT_FILE": str(self._place.room.ca)},
        )  # fmt: skip
        (began,) = await self._simulator.start(simulator)
        return {
            "on_duty": began["on_duty"],
            "medics": len(self._seed["medics"]),
            "shops": len(self._seed["shops"]),
            "vans": len(self._seed["vans"]),
        }

    def _heard(self, event: dict[str, Any]) -> None:
        if event.get("event") != "city":
            self._report.emit(event)

    async def _links(self) -> None:
        url, emit, room = self._place.url, self._report.emit, self._place.room
        qr = {} if room is None else {"qr": True}
        if room is not None:
            trust = f"http://{host_of(self._place.host)}:{self._place.lan_port}/lan"
            emit({"event": "trust", "url": trust, "fingerprint": room.fingerprint, "fresh": room.fresh})
        if not self._place.demo:
            for city in self._place.cities:
                emit({"event": "link", "role": "resident", "url": f"{self._place.url_of(city)}/", **qr})
            await first_links(self._place, self._store.url, self._report)
            emit({"event": "staff", "data": str(self._folder.path)})
            return
        emit({"event": "see", "url": f"{url}/demo"})
        emit({"event": "link", "role": "resident", "url": f"{url}/", **qr})
        async with internal(self._store.url, CITY, True) as dispatch:
            made = await human_links(dispatch.store, self._seed)
        for number, link in enumerate(made):
            event = {"event": "link", "role": link.role, "url": url + link.url_path, "person": link.person, **qr}
            emit(event if number else event | {"note": "links are new at every start"})

    async def _stop(self) -> None:
        await asyncio.gather(self._simulator.stop(CHILDREN_END_S), self._supervisor.stop(CHILDREN_END_S))
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._store.stop(STORE_END_S)
        self._folder.close()
