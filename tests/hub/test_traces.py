"""Traces of commands, as a collector receives them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from hub.settings import Settings
from hub.traces import MOST_WAITING, Traces
from tests.support.clients import client
from tests.support.live import on_loop, running_hub, until

Span = dict[str, Any]


class Collector:
    """Takes OTLP over HTTP, and keeps all spans with their resource's attributes."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.paths: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                collector.take(self.path, body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.text = ""

    def take(self, path: str, body: dict[str, Any]) -> None:
        self.paths.add(path)
        self.text += json.dumps(body)
        for resource in body["resourceSpans"]:
            where = flat(resource["resource"]["attributes"])
            for scope in resource["scopeSpans"]:
                self.spans += [{**span, "resource": where} for span in scope["spans"]]

    def named(self, name: str) -> list[Span]:
        return [span for span in list(self.spans) if span["name"] == name]


def flat(attributes: list[dict[str, Any]]) -> dict[str, str]:
    return {one["key"]: one["value"]["stringValue"] for one in attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@on_loop
async def test_a_command_is_followed_to_the_last_screen_of_every_hub(valkey_url: str, collector: Collector) -> None:
    """One trace: command, decide and commit where it was given, carry and write at both hubs; nobody is named."""
    settings = Settings(traces_url=collector.url)
    async with (
        running_hub(valkey_url, settings=settings) as here,
        running_hub(valkey_url, settings=settings) as there,
        client(here.port, here.resident(1).token) as asker,
        client(there.port, there.resident(2).token) as watcher,
    ):
        for one in (asker, watcher):
            await one.joins("bulk/a")
            await one.joins("urgent/a")
        await asker.calls("lamp.switch", {"lamp": "x", "topics": ["bulk/a", "urgent/a"], "text": "Sulastri"})
        for one in (asker, watcher):
            await one.knows("bulk/a", lambda table: table.things)
            await one.knows("urgent/a", lambda table: table.things)
        await until(lambda: len(collector.named("write")) == 4 and len(collector.named("commit")) == 1)
        (root,) = collector.named("command lamp.switch")
        assert {span["traceId"] for span in collector.spans} == {root["traceId"]}
        assert (len(root["traceId"]), len(root["spanId"]), root["parentSpanId"], root["kind"]) == (32, 16, "", 2)
        others = [span for span in collector.spans if span is not root]
        assert {span["parentSpanId"] for span in others} == {root["spanId"]}
        assert len({span["spanId"] for span in collector.spans}) == len(collector.spans)
        nodes = {here.node.name, there.node.name}
        assert {span["resource"]["service.instance.id"] for span in collector.named("carry")} == nodes
        topics = {flat(span["attributes"])["kentongan.topic"] for span in collector.named("write")}
        assert topics == {"bulk", "urgent"}
        (decide,), (commit,) = collector.named("decide"), collector.named("commit")
        assert root["startTimeUnixNano"] == decide["startTimeUnixNano"]
        assert decide["endTimeUnixNano"] == commit["startTimeUnixNano"]
        assert int(commit["startTimeUnixNano"]) <= int(commit["endTimeUnixNano"]) == int(root["endTimeUnixNano"])
        assert collector.paths == {"/v1/traces"}
        for word in ("Sulastri", here.resident(1).person, here.resident(2).person):
            assert word not in collector.text


@on_loop
async def test_nothing_is_collected_unless_wanted(valkey_url: str) -> None:
    """Off by default: no object, no task, no span."""
    async with running_hub(valkey_url) as hub:
        assert hub.node.figures.traces is None


@on_loop
async def test_a_collector_that_is_away_costs_its_spans(caplog: pytest.LogCaptureFixture, collector: Collector) -> None:
    """It is said once, what it missed is dropped, and what comes later is sent; what waits is bounded."""
    traces = Traces("http://127.0.0.1:1", "35.76", "help-1", lambda: "e1")
    for commit in (1, 2):
        traces.carried(commit, "urgent", 0.01)
        await traces.send()
    assert [record.name for record in caplog.records] == ["kentongan.traces"]
    assert traces.sent == 0
    back = Traces(collector.url, "35.76", "help-1", lambda: "e1")
    for commit in range(MOST_WAITING + 5):
        back.carried(commit, "urgent", 0.01)
    await back.send()
    assert back.sent == len(collector.spans) == MOST_WAITING
