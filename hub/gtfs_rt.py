"""`GET /v1/gtfs-rt/*.pb`: the city's vans and alerts as a GTFS-Realtime feed, for other systems.

    vehicle-positions.pb   trip-updates.pb   alerts.pb

Guarantees: everything in an answer was read from the store within the second before it, at any hub from the same
places (the tables of `vans` and `city`, the trips, and the last believed fix of each van, which the store keeps beside
its things), and depends on nothing else but the second: two hubs give the same bytes. What a hub follows on the bus is
never asked, for only topics that somebody joined are there. When the store cannot be asked the answer is 503.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import Any, Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.contract import FixOf, Need, Thing
from hub.errors import StoreUnavailable
from hub.fanout import json_view
from hub.gtfs_feed import Writer
from hub.node import Node

MEDIA_TYPE: Final = "application/x-protobuf"
FEEDS: Final = ("vehicle-positions", "trip-updates", "alerts")

Tell = Callable[[Any, Any, Any, int, int], Any]
"""`channels.van_feed.told`: van, its trip of today, its newest fix, now, and its whole second."""


class Feeds(Struct, frozen=True):
    """The three messages of one second, good until `until` (ms). `modified`: that second, as HTTP may say it."""

    second: int
    until: int
    modified: int
    bodies: Mapping[str, bytes]


class GtfsRt:
    """The routes of one hub. However many ask, the store is asked once a second and the messages are made once."""

    def __init__(self, node: Node, tell: Tell) -> None:
        self._node, self._tell = node, tell
        self._feeds: Feeds | None = None
        self._making: asyncio.Future[Feeds] | None = None

    def routes(self) -> list[Route]:
        return [Route(f"/v1/gtfs-rt/{name}.pb", self.answer, name=name) for name in FEEDS]

    async def answer(self, request: Request) -> Response:
        """One feed; 304 to whoever has it already.

        Raises:
            StoreError: it cannot be asked.
        """
        feeds = await self._fresh()
        body = feeds.bodies[request.url.path.rpartition("/")[2].removesuffix(".pb")]
        tag = f'"{hashlib.blake2s(body, digest_size=12).hexdigest()}"'
        headers = {
            "ETag": tag,
            "Last-Modified": formatdate(feeds.modified, usegmt=True),
            # Kept anywhere it would grow older than it says: whoever keeps it asks again.
            "Cache-Control": "no-cache",
        }
        if _has(request, tag, feeds.modified):
            return Response(status_code=304, headers=headers)
        return Response(body, 200, headers, MEDIA_TYPE)

    async def _fresh(self) -> Feeds:
        store = self._node.store
        if not store.up:
            raise StoreUnavailable("the store cannot be reached")  # not even for the rest of this second
        if self._feeds is not None and self._feeds.second * 1000 <= store.now() < self._feeds.until:
            return self._feeds
        if self._making is not None:
            return await asyncio.shield(self._making)
        self._making = making = asyncio.get_running_loop().create_future()
        try:
            self._feeds = await self._made()
            making.set_result(self._feeds)
            return self._feeds
        except BaseException as exc:
            making.set_exception(exc)
            making.exception()  # heard, even when nobody else waits
            raise
        finally:
            self._making = None

    async def _made(self) -> Feeds:
        store = self._node.store
        vans, city = await asyncio.gather(store.table("bulk", "vans"), store.table("normal", "city"))
        found = await self._found(sorted(vans.things))
        now = store.now()
        second = now // 1000
        told = [self._tell(*things, now, second * 1000) for things in found]
        alerts = [view for _, blob in sorted(city.things.items()) if _said(view := json_view(blob), now)]
        ends = [one.until for one in told if one.until is not None] + [view["expires"] for view in alerts]
        writer = Writer(store.city, second, simulated=store.demo)
        bodies = (writer.positions(told), writer.updates(told), writer.alerts(alerts, told))
        # RFC 9110, 8.8.2.1: not "later than the server's time of message origination (Date)", which is of this
        # machine's clock, not of the store's, and which the server makes anew only once a second.
        modified = min(second, int(time.time()) - 1)
        return Feeds(second, min([(second + 1) * 1000, *ends]), modified, dict(zip(FEEDS, bodies, strict=True)))

    async def _found(self, ids: list[str]) -> list[tuple[Any, Any, Any]]:
        """Van, today's trip, newest fix."""
        store = self._node.store
        vans = (await store.found("bulk", [Thing("van", id_) for id_ in ids])).found
        needs: list[Need] = [FixOf("van", id_) for id_ in ids]
        needs += [Thing("trip", van.today) for van in vans.values() if van is not None]
        more = (await store.found("bulk", needs)).found
        known = [van for van in vans.values() if van is not None]
        return [(van, more[Thing("trip", van.today)], more[FixOf("van", van.id)]) for van in known]


def _said(view: Mapping[str, Any], now: int) -> bool:
    """Whether an alert belongs into the feed: the format has no word for an exercise or a test, so they do not."""
    return view["type"] == "alert" and not view["drill"] and view["expires"] > now


def _has(request: Request, tag: str, modified: int) -> bool:
    """RFC 9110, section 13.2.2: `If-None-Match` counts, and `If-Modified-Since` only without it."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in tags.split(",")}
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        return modified <= since.timestamp()
    except (ValueError, OverflowError):
        return False  # "A recipient MUST ignore the If-Modified-Since header field if [it] is not a valid HTTP-date"
