"""One hub that serves two cities on one store: Kota Mojokerto and a made-up neighbour."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from hub import app
from hub.city_file import CityFile, read_city
from hub.node import Kind, Node
from hub.options import city_settings
from hub.settings import Settings
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import Hub, until
from tests.support.neighbour import HOME_HOST, HOST, city_file, home_file
from tests.support.raw import abandon


class CityHub(Hub):
    """A hub as one city's people see it."""

    def __init__(self, node: Node, server: uvicorn.Server, port: int, host: str) -> None:
        super().__init__(node, server, port)
        self.host = host

    async def http(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Any:
        """(status, headers, body) by this city's name."""
        headers = {"Host": f"{self.host}:{self.port}"}
        return await http(self.port, method, path, body, token=token, headers=headers)

    async def client(
        self,
        token: str | None,
        path: str = "/v1/live",
        *,
        hello: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Client:
        named = {"Host": f"{self.host}:{self.port}", **(headers or {})}
        return await Client.open(self.port, token, headers=named, path=path, hello=hello)


def two_files(folder: Path, **beside: str) -> tuple[CityFile, CityFile]:
    """Both cities, each with its host; `beside`: keys of the neighbour's file, as in TOML."""
    for name in ("home", "beside"):
        (folder / name).mkdir()
    return read_city(home_file(folder / "home")), read_city(city_file(folder / "beside", **beside))


@contextlib.asynccontextmanager
async def two_cities(
    url: str, folder: Path, *, kind: Kind = "public", settings: Settings | None = None, **beside: str
) -> AsyncIterator[tuple[CityHub, CityHub]]:
    """The hub as each of the two sees it; `beside`: keys of the neighbour's file."""
    cities, settings = two_files(folder, **beside), settings or Settings()
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        port: int = listening.getsockname()[1]
        options = app.HubOptions(kind, url, port, port, port + 100, settings, cities=cities)
        nodes = []
        for city in cities:
            carried = app.services(city)
            store = app.open_store(url, city.code, False, carried)
            await store.open()
            nodes.append(Node(kind, city_settings(options, city), carried, store))
            await nodes[-1].start()
        server = uvicorn.Server(app.serving(options, *nodes))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        ending = asyncio.Event()
        server.main_loop = ending.wait  # type: ignore[method-assign,assignment]
        task = asyncio.create_task(server.serve([listening]))
        try:
            await until(lambda: server.started, 10)
            one, two = (CityHub(node, server, port, host) for node, host in zip(nodes, (HOME_HOST, HOST), strict=True))
            yield one, two
        finally:
            abandon()
            for node in nodes:
                for connection in list(node.connections):
                    connection.close(1000)
            ending.set()
            await task
            for node in nodes:
                await node.close()
                await node.store.close()
