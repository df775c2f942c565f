"""Bodies over HTTP as the documents describe them, held against what a hub answers."""

from __future__ import annotations

from typing import Any

import msgspec

from hub import http_shapes as shapes
from hub.app import services
from tests.support.http import http
from tests.support.live import on_loop, running_hub


def fits(body: Any, type_: type[Any]) -> None:
    msgspec.convert(body, type_, strict=True)


@on_loop
async def test_answers_are_what_stands_there(valkey_url: str) -> None:
    """No other key and none missing, for whoever signs in, reads, is refused and signs out."""
    async with running_hub(valkey_url, carried=services(), demo=True) as hub:
        device = {"device": f"{7:064x}"}
        fits((await http(hub.port, "GET", "/v1/config"))[2], shapes.Config)
        _, _, issued = await http(hub.port, "POST", "/v1/sessions", device)
        fits(issued, shapes.SignedIn)
        token = issued["token"]
        _, _, called = await http(hub.port, "POST", "/v1/commands", CALL, token=token)
        fits(called, shapes.Accepted)
        fits((await http(hub.port, "GET", "/v1/sessions", token=token))[2], shapes.Sessions)
        _, _, table = await http(hub.port, "GET", f"/v1/topics/help/{issued['person']}", token=token)
        fits(table, shapes.Snapshot)
        assert table["things"]
        fits((await http(hub.port, "GET", "/v1/topics/dispatch", token=token))[2], shapes.Refusal)
        fits((await http(hub.port, "GET", "/health/live"))[2], shapes.Alive)
        fits((await http(hub.port, "GET", "/health/ready"))[2], shapes.Ready)
        fits((await http(hub.port, "POST", "/v1/demo"))[2], shapes.DemoStarted)
        fits((await http(hub.port, "DELETE", "/v1/sessions/current", token=token))[2], shapes.Empty)
        fits((await http(hub.port, "GET", "/v1/sessions", token=token))[2], shapes.Refusal)
        fits((await http(hub.port, "GET", "/v1/shops/nobody"))[2], shapes.Refusal)


CALL = {
    "id": "0b3a3f0e-5a43-4b0b-8c7e-357600000001",
    "cmd": "medic.call",
    "data": {"location": {"lat": -7.4795, "lon": 112.4356}},
}
