"""Hubs for tests: whole ones on real sockets and a real store, in this process, on free ports."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, ParamSpec

import uvicorn
import uvloop

from hub import app
from hub.city_file import OWN, CityFile
from hub.contract import SYSTEM, Channel
from hub.dispatch import Dispatch, new_ids
from hub.identity import Issued, enrol
from hub.node import Kind, Node
from hub.services import Services
from hub.settings import Settings
from hub.store import Store
from hub.tls import Tls
from tests.support.http import http
from tests.support.lamps import Lamps
from tests.support.raw import abandon

P = ParamSpec("P")
CITY = "35.76"


def on_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test on the loop that a hub runs on."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def until(true: Callable[[], object], within_s: float = 5.0, why: str = "") -> None:
    """Wait for what other tasks bring about.

    Raises:
        AssertionError: it did not come in time.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + within_s
    while not true():
        assert loop.time() < end, why or f"it did not come within {within_s:g} s"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def opened(
    url: str, *channels: Channel, demo: bool = False, city: str = CITY
) -> AsyncIterator[tuple[Store, Dispatch]]:
    """A store's door and the one door for commands over it."""
    carried = Services(channels or (Lamps(),))
    store = Store(url, city, demo=demo, types=carried.types)
    try:
        await store.open()
        yield store, Dispatch(store, carried)
    finally:
        await store.close()


class Hub:
    """One hub as `hub.app` builds it, without its signals."""

    def __init__(self, node: Node, server: uvicorn.Server, port: int) -> None:
        self.node, self.server, self.port = node, server, port

    @property
    def store(self) -> Store:
        return self.node.store

    def resident(self, seed: int = 0) -> Issued:
        """The sign-in of a device; the same seed is the same person."""
        return self.node.identity.resident(f"{seed:064x}")

    async def staff(self, role: str, name: str = "Sari", **more: str) -> Issued:
        """The sign-in of a fresh member of staff."""
        made = await enrol(self.store, role=role, name=name, **more)
        redeemed = await self.node.identity.redeem(made.code)
        assert redeemed is not None
        return redeemed[0]


@contextlib.asynccontextmanager
async def running_hub(
    url: str,
    *channels: Channel,
    kind: Kind = "public",
    settings: Settings | None = None,
    demo: bool = False,
    carried: Services | None = None,
    tls: Tls | None = None,
    city: CityFile = OWN,
) -> AsyncIterator[Hub]:
    """A hub that follows the bus and listens.

    Args:
        channels: its services; one of lamps when none is given.
        carried: instead of `channels`, services already put together.
        tls: its certificate; None: plain HTTP.
        city: what its file says; always with the code of Kota Mojokerto.
    """
    settings = settings or Settings()
    carried = carried or Services(channels or (Lamps(),))
    store = Store(url, CITY, demo=demo, types=carried.types, replicas=settings.replicas)
    await store.open()
    node = Node(kind, settings, carried, store)
    await node.start()
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        port: int = listening.getsockname()[1]
        options = app.HubOptions(kind, url, port, port, port + 100, settings, demo=demo, cities=(city,))
        server = uvicorn.Server(app.serving(options, node, tls=tls))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        ending = asyncio.Event()
        server.main_loop = ending.wait  # type: ignore[method-assign,assignment]  # uvicorn's looks ten times a second
        task = asyncio.create_task(server.serve([listening]))
        try:
            await until(lambda: server.started, 10)
            yield Hub(node, server, port)
        finally:
            abandon()
            for connection in list(node.connections):
                connection.close(1000)
            ending.set()
            if tls is not None:
                await tls.close()
            await task
            await node.close()
            await store.close()


@contextlib.asynccontextmanager
async def two_hubs(
    url: str, channels: Sequence[Callable[[], Channel]] = (Lamps,), settings: Settings | None = None
) -> AsyncIterator[tuple[Hub, Hub]]:
    """Two public hubs on one store, each with services of its own."""
    async with (
        running_hub(url, *(make() for make in channels), settings=settings) as one,
        running_hub(url, *(make() for make in channels), settings=settings) as two,
    ):
        yield one, two


async def switch(hub: Hub, lamp: str, *topics: str, **more: Any) -> int:
    """Change a lamp in these topics from inside; the commit's number."""
    data = {"lamp": lamp, "topics": list(topics), **more}
    answer = await hub.node.dispatch.run("lamp.switch", data, SYSTEM, new_ids(hub.store.now(), 1)[0])
    assert answer.ok, answer
    return hub.store.seen_commit


async def truth(hub: Hub, topic: str) -> dict[str, Any]:
    """The topic's table as any client may read it."""
    _, _, body = await http(hub.port, "GET", f"/v1/topics/{topic}")
    things: dict[str, Any] = body["things"]
    return things
