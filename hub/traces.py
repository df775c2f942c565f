"""Traces of commands as OpenTelemetry's collectors take them, off unless `KENTONGAN_TRACES_URL` names one.

A trace is one commit: `command` from the frame's coming to the answer of the store, within it `decide` and `commit`,
and, at every hub that hears of it, `carry` (commit to bus) and `write` (bus to the last socket that took it at once).
All processes make the same ids from the city, the epoch and the commit's number, so nothing travels for them. Spans
carry names of commands, lanes and kinds of topics, and nobody's id.

OTLP 1.x over HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/), spoken by hand: no dependency.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import Struct

log = logging.getLogger("kentongan.traces")

SEND_S: Final = 1.0
ANSWER_S: Final = 5.0
MOST_WAITING: Final = 20_000
MOST_AT_ONCE: Final = 1_000
INTERNAL, SERVER, CONSUMER = 1, 2, 5
"""Kinds of spans (opentelemetry-proto, trace.proto)."""


class Span(Struct, frozen=True):
    """One stage, in nanoseconds of this machine's clock; `root`: the others of its trace are within it."""

    epoch: str
    commit: int
    name: str
    kind: int
    start_ns: int
    end_ns: int
    attributes: tuple[tuple[str, str], ...]
    root: bool = False


class Traces:
    """Collects spans and sends them on in its own time; what it cannot send is dropped and counted.

    Args:
        url: the collector's origin (http://127.0.0.1:4318).
        epoch: the store's epoch now.
    """

    def __init__(self, url: str, city: str, node: str, epoch: Callable[[], str]) -> None:
        self._url, self._city, self._node, self._epoch = f"{url}/v1/traces", city, node, epoch
        self._waiting: deque[Span] = deque(maxlen=MOST_WAITING)
        self._failing = False
        self.sent = 0

    # -- on a command's way: times are `time.monotonic`, ends are now -----------------

    def committed(self, commit: int, cmd: str, lane: str, came: float, decided: float) -> None:
        named = (("kentongan.lane", lane), ("kentongan.command", cmd))
        now, wall = time.monotonic(), time.time_ns()
        start, middle = wall - int((now - came) * 1e9), wall - int((now - decided) * 1e9)
        epoch = self._epoch()
        self._waiting.append(Span(epoch, commit, f"command {cmd}", SERVER, start, wall, named, root=True))
        self._waiting.append(Span(epoch, commit, "decide", INTERNAL, start, middle, named))
        self._waiting.append(Span(epoch, commit, "commit", INTERNAL, middle, wall, named))

    def carried(self, commit: int, lane: str, took_s: float) -> None:
        wall = time.time_ns()
        named = (("kentongan.lane", lane),)
        self._waiting.append(Span(self._epoch(), commit, "carry", CONSUMER, wall - int(took_s * 1e9), wall, named))

    def written(self, commits: Sequence[int], topic: str, lane: str, came: float) -> None:
        wall = time.time_ns()
        start = wall - int((time.monotonic() - came) * 1e9)
        named = (("kentongan.lane", lane), ("kentongan.topic", topic.partition("/")[0]))
        for commit in commits:
            self._waiting.append(Span(self._epoch(), commit, "write", INTERNAL, start, wall, named))

    # -- to the collector ----------------------------------------------------------------

    async def run(self) -> None:
        """Send what waits, once a second, until cancelled."""
        while True:
            await asyncio.sleep(SEND_S)
            await self.send()

    async def send(self) -> None:
        """Send all that waits now; a collector that is away costs these spans."""
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
            body = json.dumps(self.request(some)).encode()
            try:
                await asyncio.to_thread(_post, self._url, body)
            except (OSError, ValueError) as exc:
                if not self._failing:
                    log.warning("traces: %s", exc)  # once, until it is back
                self._failing = True
            else:
                self.sent += len(some)
                self._failing = False

    def request(self, spans: Sequence[Span]) -> dict[str, Any]:
        """An ExportTraceServiceRequest."""
        resource = (("service.name", "kentongan"), ("service.instance.id", self._node), ("kentongan.city", self._city))
        inside = {"scope": {"name": "kentongan"}, "spans": [self._span(span) for span in spans]}
        return {"resourceSpans": [{"resource": {"attributes": _attributes(resource)}, "scopeSpans": [inside]}]}

    def _span(self, span: Span) -> dict[str, Any]:
        trace = f"{self._city} {span.epoch} {span.commit}"
        root = _hex(trace + " command", 8)
        own = root if span.root else _hex(f"{trace} {span.name} {self._node} {span.attributes} {span.start_ns}", 8)
        return {
            "traceId": _hex(trace, 16), "spanId": own, "parentSpanId": "" if span.root else root,
            "name": span.name, "kind": span.kind,
            "startTimeUnixNano": str(span.start_ns), "endTimeUnixNano": str(span.end_ns),
            "attributes": _attributes(span.attributes),
        }  # fmt: skip


def _hex(text: str, count: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=count).hexdigest()


def _attributes(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in pairs]


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=ANSWER_S):
        pass
