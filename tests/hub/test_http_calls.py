"""The table of routes, held against the routes."""

from __future__ import annotations

import re

from starlette.routing import Mount, Route, WebSocketRoute

from hub.app import HubOptions, application, services
from hub.http_calls import CALLS
from hub.node import Node
from hub.settings import Settings
from hub.store import Store
from tests.support.live import CITY, on_loop


async def routes(kind: str, demo: bool = False) -> set[tuple[str, str]]:
    """(method, path) of every route of a hub."""
    carried = services()
    store = Store("redis://127.0.0.1:1", CITY, demo=demo, types=carried.types)
    public = kind == "public"
    options = HubOptions("public" if public else "help", "", 8000, 8000, 8001, Settings(), demo=demo)
    found = set()
    for route in application(options, Node(options.kind, options.settings, carried, store)).routes:
        if isinstance(route, Mount):
            found.add(("GET", f"{route.path}/{{path}}"))
        elif isinstance(route, WebSocketRoute):
            found.add(("GET", route.path))
        elif isinstance(route, Route):
            path = re.sub(r":path\}", "}", route.path)
            found |= {(method, path) for method in route.methods or () if method != "HEAD"}
    await store.close()
    return found


@on_loop
async def test_every_route_is_described_and_nothing_else() -> None:
    """A demo's public hub has all of them; a real one and a help hub have those that the table says."""
    everything = {(call.method, call.path) for call in CALLS}
    assert len(everything) == len(CALLS)
    assert await routes("public", demo=True) == everything
    assert await routes("public") == {(call.method, call.path) for call in CALLS if not call.demo}
    assert await routes("help") == {(call.method, call.path) for call in CALLS if not call.public}


def test_every_path_names_its_parameters() -> None:
    """What stands in braces is described, and nothing else is in the path."""
    for call in CALLS:
        named = {param.name for param in call.params if param.where == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", call.path)), call.path
