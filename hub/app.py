"""Composition root of one hub: services, store, node, routes, pages, signals; one of each for every city."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

import channels
from channels import van_feed
from channels.answers import ANSWERS
from channels.faces import FACES
from channels.figures import PUBLIC, REPORTS
from channels.geo import City, distance_m
from channels.rules import MEDIC, MedicRules, Rules
from hub.address import address_of, host_of
from hub.api import Api
from hub.border import Border
from hub.cap import Cap
from hub.catalog import Faces
from hub.cities import Cities, Served
from hub.city_file import OWN, CityFile
from hub.city_keys import DAYS
from hub.demo import Demo
from hub.directory import Directory
from hub.dispatch import Dispatch
from hub.documents import Documents, Source
from hub.doors import Doors
from hub.errors import DataError, StoreError, WireError
from hub.gtfs_rt import GtfsRt
from hub.guard import Guard, policy
from hub.identity import nothing_more, record_base
from hub.inline import whole
from hub.logs import set_up
from hub.manifest import manifest
from hub.node import Node
from hub.notify import READY, STOPPING, notify, stay_alive
from hub.oidc import CitySignIn
from hub.options import HubOptions as HubOptions
from hub.options import base_of as base_of
from hub.options import city_settings, config, help_base_of, query_of
from hub.pages import Files, Tree, Words, fixed
from hub.privacy_door import PrivacyDesk, looks_days
from hub.public_desk import PublicFigures
from hub.push_door import Push
from hub.register_values import NEAR_M, Ground
from hub.report_desk import Reports, audit_head
from hub.server import HandoverHttp, HandoverProtocol
from hub.services import Services
from hub.shell import Place, Worker
from hub.staff_list import StaffList
from hub.store import Store
from hub.tls import Tls
from hub.told import told_by
from hub.trackers import Keys, Trackers

log = logging.getLogger("kentongan.hub")

ROOT: Final = Path(__file__).parent.parent
STATIC: Final = ROOT / "static"
GEOJSON: Final = OWN.polygons
CITY: Final = OWN.code
CITY_NAME: Final = OWN.name
WHOLE: Final = {
    "/static/resident/page.js": ("/static/shared/words.js", "/static/words/resident/id.js"),
    "/client/kentongan.js": (),
}
"""Modules that come with all that they import, but for what later parts share: on a slow network every file waits for
one of six connections, and an emergency waits behind it."""
GROUND: Final = "/static/data/kelurahan.geojson"
PAGES: Final = {"/": "resident", "/medic": "medic", "/shop": "shop", "/van": "van", "/dispatch": "dispatch"}


def rules_of(file: CityFile) -> Rules:
    """What a city decides for itself, as its services take it."""
    said, hour_ms, ends = file.medic, 3_600_000, file.retention_h
    medic = MedicRules(
        grace_ms=said.grace_s * 1000,
        wave_ms=tuple(at * 1000 for at in said.waves_s),
        repeat_ms=said.repeat_s * 1000,
        wave_size=said.wave_size,
        red_size=said.red_size,
        retire_ms=ends.get("request", 2) * hour_ms,
    )
    return Rules(
        medic=MEDIC if medic == MEDIC else medic,  # the same object is left out where a request is kept
        accept_s={**Rules().accept_s, **file.accept_s},
        order_ms=ends.get("order", 24) * hour_ms,
        want_ms=ends.get("want", 24) * hour_ms,
        zone_ms=file.clock.ms,
        note_ms=file.keeps["note"] * 24 * hour_ms,
        test_ring=None if file.test_ring.day == "never" else (DAYS.index(file.test_ring.day), file.test_ring.hour),
    )


def services(file: CityFile = OWN) -> Services:
    """All services of a city."""
    return Services(channels.services(file.geojson, rules_of(file)))


def ground(file: CityFile = OWN) -> Ground:
    """The city as a register of shops sees it."""
    city = City(file.geojson)
    wards = tuple(city.kelurahan.values())

    def near(lat: float, lon: float) -> bool:
        # nearly every place is near the middle of some kelurahan: quicker to see than the way to every border
        if any(distance_m(lat, lon, ward.lat, ward.lon) <= NEAR_M for ward in wards):
            return True
        return city.nearest_edge(lat, lon)[1] <= NEAR_M

    return Ground({ward.id: ward.name for ward in wards}, near)


def open_store(url: str, city: str, demo: bool, carried: Services, replicas: int = 0) -> Store:
    return Store(url, city, demo=demo, types=carried.types, replicas=replicas)


@contextlib.asynccontextmanager
async def internal(
    store_url: str, city: str = CITY, demo: bool = False, carried: Services | None = None, replicas: int = 0
) -> AsyncIterator[Dispatch]:
    """The one door for commands without a socket: seeding, enrolling, cleaning up.

    Args:
        carried: the services of the city; those of Kota Mojokerto when None.
        replicas: how many must have a commit, as for hubs.
    """
    carried = carried or services()
    store = open_store(store_url, city, demo, carried, replicas)
    try:
        await store.open()
        yield Dispatch(store, carried)
    finally:
        await store.close()


def run(options: HubOptions) -> int:
    """Serve until SIGTERM or SIGINT, then drain; returns the exit code. With TLS, SIGHUP reads the certificate anew.

    Raises:
        StartError: the certificate cannot be used.
    """
    set_up(as_json=options.settings.log_json)
    tls = Tls(options.settings) if options.settings.tls_cert or options.settings.tls_key else None
    return uvloop.run(_serve(options, tls))


async def _nodes(options: HubOptions) -> list[Node]:
    """One for each city, in their order, started; none is left when one cannot be.

    Raises:
        StoreError: the store cannot be reached, or holds another kind of a city.
    """
    nodes: list[Node] = []
    try:
        for city in options.cities:
            carried = services(city)
            store = open_store(options.store, city.code, options.demo, carried, options.settings.replicas)
            try:
                await store.open()
            except StoreError:
                await store.close()
                raise
            node = Node(options.kind, city_settings(options, city), carried, store)
            await node.start()
            nodes.append(node)
            if options.kind == "public":
                with contextlib.suppress(StoreError):
                    await record_base(store, base_of(options, city))
    except StoreError:
        await _closed(nodes)
        raise
    return nodes


async def _closed(nodes: Sequence[Node]) -> None:
    for node in nodes:
        await node.close()
        await node.store.close()


async def _serve(options: HubOptions, tls: Tls | None) -> int:
    try:
        nodes = await _nodes(options)
    except StoreError as exc:
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    nodes[0].spawn(stay_alive())
    if tls is not None:
        for node in nodes:
            node.figures.certificate_ends = lambda: tls.certificate.not_after.timestamp()
        nodes[0].spawn(tls.watch())
    server = uvicorn.Server(serving(options, *nodes, tls=tls))
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # SIGTERM is ours: bye first
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    if tls is not None:
        loop.add_signal_handler(signal.SIGHUP, lambda: tls.renew(asked=True))
    gc.collect()
    gc.freeze()
    gc.disable()
    served = asyncio.create_task(server.serve())
    announcing = asyncio.create_task(_announce(options, nodes, server))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait([served, stopped], return_when=asyncio.FIRST_COMPLETED)
    notify(STOPPING)
    if not served.done():
        await asyncio.gather(*(node.drain(options.settings.drain_s) for node in nodes))
        server.should_exit = True
    if tls is not None:
        await tls.close()
    await served
    for task in (announcing, stopped):
        task.cancel()
    await _closed(nodes)
    return 0 if server.started else 2


def serving(options: HubOptions, *nodes: Node, tls: Tls | None = None) -> uvicorn.Config:
    """How uvicorn serves one hub: sockets are handed over, nothing is compressed or pinged by it.

    It believes nobody's forwarded headers (by itself it believes everybody on this machine): `hub.doors` does.
    """
    http: Any = HandoverHttp if tls is None else tls.protocol
    return uvicorn.Config(
        together(options, nodes), host=options.host, port=options.port, http=http, ws=HandoverProtocol,
        ws_max_size=32 * 1024, ws_per_message_deflate=False, ws_ping_interval=None, lifespan="off",
        log_config=None, access_log=False, timeout_graceful_shutdown=2, server_header=False, backlog=4096,
        proxy_headers=False,
    )  # fmt: skip


async def _announce(options: HubOptions, nodes: Sequence[Node], server: uvicorn.Server) -> None:
    """One line on stdout when this hub listens and is ready; until then, why not."""
    said = ""

    def unready() -> str | None:
        reasons = (why for node in nodes if (why := node.unready()) is not None)
        return next(reasons, None) if server.started else "starting"

    while (why := unready()) is not None:
        if why not in (said, "starting"):
            print(json.dumps({"event": "hub_unready", "kind": options.kind, "why": why}), flush=True)
            said = why
        await asyncio.sleep(0.02)
    print(json.dumps({"event": "hub_ready", "kind": options.kind, "port": options.port}), flush=True)
    notify(READY)


# -- routes and pages -------------------------------------------------------------------


def together(options: HubOptions, nodes: Sequence[Node]) -> ASGIApp:
    """The application of every city, each behind its hosts; that of the only one alone when it has none."""
    pairs = list(zip(options.cities, nodes, strict=True))
    holds = {city.code: City(city.geojson).kelurahan_at for city in options.cities}
    border = Border(options.cities, {city.code: node for city, node in pairs}, holds)
    served = [Served(city, node, application(options, node, city)) for city, node in pairs]
    for node in nodes if len(pairs) > 1 else ():
        node.border = border
    return served[0].app if len(served) == 1 and not served[0].city.hosts else Cities(served, options.host)


def application(options: HubOptions, node: Node, city: CityFile = OWN) -> Starlette:
    """Everything that one city answers."""
    settings, tree = city_settings(options, city), tree_of(city)
    node.desks, node.looks.keep_days = city.desks, looks_days(city)
    doors = Doors(settings, options.host, options.public_port)
    first = whole(tree.told((STATIC / "resident" / "index.html").read_text("utf-8")), tree.plain)
    ports, secure = (options.public_port, options.help_port), doors.scheme == "https"
    account = CitySignIn(node, doors, city, settings.public_url) if options.kind == "public" else None
    leave = nothing_more if account is None else account.leave
    api = Api(node, doors, config(options, city), ports, leave)
    names = (host_of(options.host), "127.0.0.1", "localhost", *city.hosts)
    allowed = policy(names, ports, filter(None, (settings.public_url, settings.help_url)), first, secure=secure)
    routes: list[Any] = [
        WebSocketRoute("/v1/live", api.live),
        Route("/v1/config", api.config),
        Route("/v1/sessions", api.sessions, methods=["GET", "POST"]),
        Route("/v1/sessions/{id}", api.session, methods=["DELETE"]),
        *StaffList(node, doors, ports, leave).routes(),
        *Push(node, doors).routes(),
        Route("/v1/commands", api.commands, methods=["POST"]),
        Route("/v1/topics/{topic:path}", api.topic),
        Route("/health/live", api.alive),
        Route("/health/ready", api.ready),
        Route("/metrics", api.metrics),
        Route("/v1/audit/head", functools.partial(audit_head, node)),
        *Cap(node, doors, City(city.geojson), city.name, city.clock).routes(),
    ]
    if options.kind == "public":
        directory = Directory(address_of(query_of(options, city), "--query"))
        routes += [Route("/v1/shops", directory.shops), Route("/v1/shops/{id}", directory.shop)]
        routes += Reports(node, doors, directory, REPORTS, city.clock).routes()
        routes += account.routes() if account is not None else []
        routes += PrivacyDesk(node, doors, directory, city).routes()
        routes += PublicFigures(directory, PUBLIC, city.code, demo=options.demo).routes()
        pages = {path: folder for path, folder in PAGES.items() if path != "/"}
        pages |= {"/privasi": "privacy", "/angka": "figures"}
        if options.demo:
            pages["/demo"] = "demo"
            routes.append(Route("/v1/demo", Demo(node).start, methods=["POST"]))
        trackers = Trackers(node, Keys(thing="tracker", owner="van", tell="van.position"))
        routes.append(Route("/v1/trackers/osmand", trackers.take, methods=["GET", "POST"]))
        files = Files(STATIC, tree.told)
        routes += [Route(path, files.page(STATIC / folder / "index.html")) for path, folder in pages.items()]
        routes += GtfsRt(node, van_feed.told).routes()
        routes += Documents(source(options, node.services, city)).routes()
        routes += [
            Route("/", fixed(first.html)),
            *installable(first.html, allowed, tree, city),
            *(Route(one, fixed(tree.read(one), "text/javascript")) for one in WHOLE),
            Route("/static/words/{page}/{language}.js", Words(STATIC / "words", tree.told).words),
            Route(GROUND, fixed(tree.read(GROUND), "application/json")),
            Mount("/static", files),
            Mount("/client", Files(ROOT / "clients" / "js")),
        ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, doors=doors, policy=allowed)],
        exception_handlers=dict.fromkeys((WireError, DataError, StoreError), api.failed),
    )


def source(options: HubOptions, carried: Services, city: CityFile = OWN) -> Source:
    """What the documents of a city are made from."""
    hosts = (base_of(options, city), help_base_of(options, city))
    return Source(carried, Faces(FACES, ANSWERS), city.name, hosts, STATIC)


def tree_of(city: CityFile) -> Tree:
    """The pages' files as one city says them."""
    return Tree(STATIC, ROOT / "clients" / "js", WHOLE, told_by(city), {GROUND: json.dumps(city.geojson)})


TREE: Final = tree_of(OWN)


def places(first: str, tree: Tree = TREE) -> list[Place]:
    """The pages that a phone can install; the resident's stands in one answer."""
    return [
        Place(name, address, STATIC / name / "index.html", first if address == "/" else "", tree.told)
        for address, name in PAGES.items()
    ]


def installable(first: str, policy: str, tree: Tree, city: CityFile) -> list[Route]:
    """Each page's manifest and service worker, beside the page."""
    routes: list[Route] = []
    for place in places(first, tree):
        said = json.dumps(manifest(place.name, place.address, place.html(), city.name), ensure_ascii=False)
        worker = Worker(place, tree, STATIC / "shared" / "worker.js", policy)
        routes += [
            Route(place.beside("manifest.json"), fixed(said, "application/manifest+json")),
            Route(place.beside("sw.js"), worker.text),
        ]
    return routes
