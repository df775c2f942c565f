"""Composition root of one hub: services, store, node, routes, pages, signals."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import uvicorn
import uvloop
from msgspec import Struct
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route, WebSocketRoute

import channels
from channels import van_feed
from channels.answers import ANSWERS
from channels.faces import FACES
from channels.figures import REPORTS
from channels.geo import City, distance_m
from hub.address import address_of, host_of, query_address
from hub.api import Api
from hub.cap import Cap
from hub.catalog import Faces
from hub.demo import Demo
from hub.directory import Directory
from hub.dispatch import Dispatch
from hub.documents import Documents, Source
from hub.doors import Doors
from hub.errors import DataError, StoreError, WireError
from hub.gtfs_rt import GtfsRt
from hub.guard import Guard, policy
from hub.identity import record_base
from hub.inline import whole
from hub.logs import set_up
from hub.manifest import manifest
from hub.node import Kind, Node
from hub.notify import READY, STOPPING, notify, stay_alive
from hub.pages import Files, Tree, Words, fixed
from hub.push_door import Push
from hub.register_values import NEAR_M, Ground
from hub.report_desk import Reports, audit_head
from hub.server import HandoverHttp, HandoverProtocol
from hub.services import Services
from hub.settings import Settings
from hub.shell import Place, Worker
from hub.staff import Staff
from hub.store import Store
from hub.tls import Tls
from hub.trackers import Keys, Trackers

log = logging.getLogger("kentongan.hub")

ROOT: Final = Path(__file__).parent.parent
STATIC: Final = ROOT / "static"
GEOJSON: Final = STATIC / "data" / "mojokerto-kelurahan.geojson"
CITY: Final = "35.76"
CITY_NAME: Final = "Kota Mojokerto"
WHOLE: Final = {
    "/static/resident/page.js": ("/static/shared/words.js", "/static/words/resident/id.js"),
    "/client/kentongan.js": (),
}
"""Modules that come with all that they import, but for what later parts share: on a slow network every file waits for
one of six connections, and an emergency waits behind it."""
TREE: Final = Tree(STATIC, ROOT / "clients" / "js", WHOLE)
PAGES: Final = {"/": "resident", "/medic": "medic", "/shop": "shop", "/van": "van", "/dispatch": "dispatch"}


class HubOptions(Struct, frozen=True):
    """How one hub process runs. `public_port` and `help_port` name both doors, whichever this one is.

    `query`: where a public hub asks for shops, `unix:PATH` or `HOST:PORT`; empty for the socket of its port.
    """

    kind: Kind
    store: str
    port: int
    public_port: int
    help_port: int
    settings: Settings
    host: str = "127.0.0.1"
    city: str = CITY
    demo: bool = False
    query: str = ""


def services() -> Services:
    """All services of a city."""
    return Services(channels.services(json.loads(GEOJSON.read_text("utf-8"))))


def ground() -> Ground:
    """The city as a register of shops sees it."""
    city = City(json.loads(GEOJSON.read_text("utf-8")))
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
async def internal(store_url: str, city: str = CITY, demo: bool = False) -> AsyncIterator[Dispatch]:
    """The one door for commands without a socket: seeding, enrolling, cleaning up."""
    carried = services()
    store = open_store(store_url, city, demo, carried)
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


async def _serve(options: HubOptions, tls: Tls | None) -> int:
    carried = services()
    store = open_store(options.store, options.city, options.demo, carried, options.settings.replicas)
    try:
        await store.open()
    except StoreError as exc:
        await store.close()
        print(f"kentongan: {exc}", file=sys.stderr)
        return 2
    node = Node(options.kind, options.settings, carried, store)
    await node.start()
    node.spawn(stay_alive())
    if tls is not None:
        node.figures.certificate_ends = lambda: tls.certificate.not_after.timestamp()
        node.spawn(tls.watch())
    if options.kind == "public":
        with contextlib.suppress(StoreError):
            await record_base(store, base_of(options))
    server = uvicorn.Server(serving(options, node, tls))
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
    announcing = asyncio.create_task(_announce(options, node, server))
    stopped = asyncio.create_task(stopping.wait())
    await asyncio.wait([served, stopped], return_when=asyncio.FIRST_COMPLETED)
    notify(STOPPING)
    if not served.done():
        await node.drain(options.settings.drain_s)
        server.should_exit = True
    if tls is not None:
        await tls.close()
    await served
    for task in (announcing, stopped):
        task.cancel()
    await node.close()
    await store.close()
    return 0 if server.started else 2


def base_of(options: HubOptions) -> str:
    """The address that links begin with: the pages' origin where one is set, else where this hub is reached."""
    return options.settings.public_url or _own(options, options.public_port)


def _own(options: HubOptions, port: int) -> str:
    return f"http{'s' * bool(options.settings.tls_cert)}://{host_of(options.host)}:{port}"


def serving(options: HubOptions, node: Node, tls: Tls | None = None) -> uvicorn.Config:
    """How uvicorn serves one hub: sockets are handed over, nothing is compressed or pinged by it.

    It believes nobody's forwarded headers (by itself it believes everybody on this machine): `hub.doors` does.
    """
    http: Any = HandoverHttp if tls is None else tls.protocol
    return uvicorn.Config(
        application(options, node), host=options.host, port=options.port, http=http, ws=HandoverProtocol,
        ws_max_size=32 * 1024, ws_per_message_deflate=False, ws_ping_interval=None, lifespan="off",
        log_config=None, access_log=False, timeout_graceful_shutdown=2, server_header=False, backlog=4096,
        proxy_headers=False,
    )  # fmt: skip


async def _announce(options: HubOptions, node: Node, server: uvicorn.Server) -> None:
    """One line on stdout when this hub listens and is ready; until then, why not."""
    said = ""
    while (why := node.unready() if server.started else "starting") is not None:
        if why not in (said, "starting"):
            print(json.dumps({"event": "hub_unready", "kind": options.kind, "why": why}), flush=True)
            said = why
        await asyncio.sleep(0.02)
    print(json.dumps({"event": "hub_ready", "kind": options.kind, "port": options.port}), flush=True)
    notify(READY)


# -- routes and pages -------------------------------------------------------------------


def application(options: HubOptions, node: Node) -> Starlette:
    doors = Doors(options.settings, options.host, options.public_port)
    first = whole((STATIC / "resident" / "index.html").read_text("utf-8"), TREE.plain)
    api = Api(node, doors, config(options), (options.public_port, options.help_port))
    names = (host_of(options.host), "127.0.0.1", "localhost")
    urls = filter(None, (options.settings.public_url, options.settings.help_url))
    ports, secure = (options.public_port, options.help_port), doors.scheme == "https"
    allowed = policy(names, ports, urls, first, secure=secure)
    routes: list[Any] = [
        WebSocketRoute("/v1/live", api.live),
        Route("/v1/config", api.config),
        Route("/v1/sessions", api.sessions, methods=["GET", "POST"]),
        Route("/v1/sessions/{id}", api.session, methods=["DELETE"]),
        *Staff(node, doors, (options.public_port, options.help_port)).routes(),
        *Push(node, doors).routes(),
        Route("/v1/commands", api.commands, methods=["POST"]),
        Route("/v1/topics/{topic:path}", api.topic),
        Route("/health/live", api.alive),
        Route("/health/ready", api.ready),
        Route("/metrics", api.metrics),
        Route("/v1/audit/head", functools.partial(audit_head, node)),
        *Cap(node, doors, City(json.loads(GEOJSON.read_text("utf-8"))), CITY_NAME).routes(),
    ]
    if options.kind == "public":
        directory = Directory(address_of(options.query or query_address(options.public_port), "--query"))
        routes += [Route("/v1/shops", directory.shops), Route("/v1/shops/{id}", directory.shop)]
        routes += Reports(node, doors, directory, REPORTS).routes()
        pages = {path: folder for path, folder in PAGES.items() if path != "/"}
        if options.demo:
            pages["/demo"] = "demo"
            routes.append(Route("/v1/demo", Demo(node).start, methods=["POST"]))
        trackers = Trackers(node, Keys(thing="tracker", owner="van", tell="van.position"))
        routes.append(Route("/v1/trackers/osmand", trackers.take, methods=["GET", "POST"]))
        files = Files(STATIC)
        routes += [Route(path, files.page(STATIC / folder / "index.html")) for path, folder in pages.items()]
        routes += GtfsRt(node, van_feed.told).routes()
        routes += Documents(source(options, node.services)).routes()
        routes += [
            Route("/", fixed(first.html)),
            *installable(first.html, allowed),
            *(Route(one, fixed(TREE.read(one), "text/javascript")) for one in WHOLE),
            Route("/static/words/{page}/{language}.js", Words(STATIC / "words").words),
            Mount("/static", files),
            Mount("/client", Files(ROOT / "clients" / "js")),
        ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, doors=doors, policy=allowed)],
        exception_handlers=dict.fromkeys((WireError, DataError, StoreError), api.failed),
    )


def source(options: HubOptions, carried: Services) -> Source:
    """What the documents of a city are made from."""
    hosts = (base_of(options), options.settings.help_url or _own(options, options.help_port))
    return Source(carried, Faces(FACES, ANSWERS), CITY_NAME, hosts, STATIC)


def config(options: HubOptions) -> dict[str, Any]:
    """The part of `GET /v1/config` that does not change."""
    return {
        "city": options.city,
        "city_name": CITY_NAME,
        "beat_s": options.settings.beat_s,
        "emergency": ["119", "112"],
        "demo": options.demo,
    }


def places(first: str) -> list[Place]:
    """The pages that a phone can install; the resident's stands in one answer."""
    return [
        Place(name, address, STATIC / name / "index.html", first if address == "/" else "")
        for address, name in PAGES.items()
    ]


def installable(first: str, policy: str) -> list[Route]:
    """Each page's manifest and service worker, beside the page."""
    routes: list[Route] = []
    for place in places(first):
        said = json.dumps(manifest(place.name, place.address, place.html(), CITY_NAME), ensure_ascii=False)
        worker = Worker(place, TREE, STATIC / "shared" / "worker.js", policy)
        routes += [
            Route(place.beside("manifest.json"), fixed(said, "application/manifest+json")),
            Route(place.beside("sw.js"), worker.text),
        ]
    return routes
