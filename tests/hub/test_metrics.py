"""The hub's figures."""

from __future__ import annotations

import re

from tests.support.clients import client
from tests.support.http import http
from tests.support.live import on_loop, running_hub, until


@on_loop
async def test_figures_are_prometheus_text_and_true(valkey_url: str) -> None:
    """Help, type and value of each; they count what happened; no name of a person is in them."""
    async with running_hub(valkey_url) as hub, client(hub.port, hub.resident().token) as one:
        await one.joins("bulk/a")
        await one.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a"]})
        await one.knows("bulk/a", lambda table: table.things)
        await until(lambda: hub.node.dispatch.commits)
        status, headers, body = await http(hub.port, "GET", "/metrics")
        text = body.decode()
        assert (status, headers["content-type"].startswith("text/plain; version=0.0.4")) == (200, True)
        found = {}
        for help_, kind, value in zip(*[iter(text.splitlines())] * 3, strict=True):
            name = re.fullmatch(r"# HELP (kentongan_\w+) .+", help_)
            assert name, help_
            assert re.fullmatch(rf"# TYPE {name[1]} (gauge|counter)", kind)
            figure = re.fullmatch(rf"{name[1]} (-?[0-9.e+-]+)", value)
            assert figure, value
            assert name[1].endswith("_total") is kind.endswith("counter")
            found[name[1].removeprefix("kentongan_")] = float(figure[1])
        assert found["sockets"] == found["sockets_opened_total"] == found["topics"] == found["ready"] == 1
        assert found["commits_total"] == found["deliveries_total"] == 1
        assert found["frames_in_total"] >= 3
        assert hub.resident().person not in text
