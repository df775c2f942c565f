"""`GET|POST /v1/trackers/osmand`: a van's tracker writes where it is, with a key that can do nothing else.

The key stands in no log, answer or error, and in the store only as a digest. Whether it still is one is asked anew for
every request, so a replaced key is dead at once; one that is none hears a plain 404. A buffer is one input to the
service: what in it cannot be is left out and counted, so that a phone never sends it for ever.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from hub.api import STATUS
from hub.contract import Actor, Thing
from hub.dispatch import Answer, refused
from hub.errors import DataError, StoreError
from hub.identity import digest_of
from hub.limits import Buckets
from hub.node import Node
from hub.osmand import Given, Report, read_json, read_query, reported
from hub.pump import breathe

MAX_BODY_BYTES: Final = 1024 * 1024
PER_S: Final = 2
SLICE: Final = 128
FORM: Final = "application/x-www-form-urlencoded"
NO_SUCH: Final = refused("not_found", "not found")


class Keys(Struct, frozen=True):
    """Where a service keeps its keys, and what their fixes are told to.

    Args:
        thing: the type whose id is a key's digest; `owner` is the field that says whose it is.
        tell: the fleeting command, which takes `{<owner>: id, locations}` from role `tracker`.
    """

    thing: str
    owner: str
    tell: str


class Trackers:
    """The route of one hub."""

    def __init__(self, node: Node, keys: Keys) -> None:
        self._node, self._keys = node, keys
        self._limit = Buckets(PER_S, PER_S)

    async def take(self, request: Request) -> Response:
        """Read, look the key up, tell. 200 `{ok: true, data: {taken, late, quarantined, refused}}`."""
        try:
            return _reply(await self._taken(await _report(await _read(request))))
        except DataError as exc:
            return _reply(refused("bad_data", str(exc)))
        except StoreError:
            return _reply(refused("unavailable", "the store cannot be reached", retry=True))

    async def _taken(self, report: Report) -> Answer:
        digest = digest_of(report.key)
        wait_ms = self._limit.take(digest, time.monotonic())
        if wait_ms:
            message = f"expected at most {PER_S} requests a second"
            return refused("too_many", message, retry=True, data={"after_ms": wait_ms})
        keys, need = self._keys, Thing(self._keys.thing, digest)
        found = (await self._node.store.found("bulk", [need])).found[need]
        if found is None:
            return NO_SUCH
        if not report.locations:
            return refused("bad_data", str(report.faults[0]))
        owner = getattr(found, keys.owner)
        actor = Actor(person=f"tracker.{digest[:16]}", role="tracker", **{keys.owner: owner})
        data = {keys.owner: owner, "locations": report.locations}
        answer = await self._node.dispatch.observe(keys.tell, data, actor)
        if answer.ok and report.faults:
            said = answer.data or {}
            return Answer(True, {**said, "refused": said.get("refused", 0) + len(report.faults)})
        return answer


async def _report(given: Given) -> Report:
    """What was given, looked at in slices of about a millisecond: others are served between two."""
    whole = Report(given.key, [], [])
    for _ in reported(given, whole, SLICE):
        breathe()
        await asyncio.sleep(0)
    return whole


async def _read(request: Request) -> Given:
    """The fixes in the query, in a form, or in JSON.

    Raises:
        DataError: it is none.
    """
    body = await _body(request) if request.method == "POST" else b""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body.strip():
        return read_query(request.query_params)
    if kind == FORM and not body.lstrip().startswith((b"{", b"[")):
        return read_query({**request.query_params, **dict(parse_qsl(body.decode("utf-8", "replace")))})
    return read_json(body)


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise DataError("body", f"expected at most {MAX_BODY_BYTES} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _reply(answer: Answer) -> Response:
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    if answer.code == "too_many":
        headers["Retry-After"] = "1"
    status = 200 if answer.ok else STATUS.get(answer.code, 409)
    return Response(msgspec.json.encode(answer.body()), status, headers, "application/json")
