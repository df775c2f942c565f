"""Several cities in one hub: the host name picks the one, and nothing of another is within reach behind it.

Each city has a node of its own, with its own store connections, bus, sockets, sign-ins and limits, and an application
of its own around it; here is only the choice between them. A name that no city has is answered 404 in words.

A resident whose call lies in another city that is served here follows it through the page's own host:
`?city=<code>` on `/v1/live`, `/v1/commands` and `/v1/topics/...` names it, and the credential must be that city's
(`hub.border`). The host's cookies are taken away first: they are the other city's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from hub.city_file import CityFile
from hub.city_metrics import together
from hub.doors import name_of
from hub.metrics import text as metrics_text
from hub.node import Node
from hub.settings import Settings

GUESTS: Final = ("/v1/live", "/v1/commands", "/v1/topics/")
"""Where `?city=` counts."""
MACHINE: Final = ("127.0.0.1", "localhost")
OWN_PATHS: Final = ("/health/live", "/health/ready", "/metrics")
"""What this machine's own names are answered, about all cities together: probes and scrapers know no city."""


class Served(Struct, frozen=True):
    """One city of a hub."""

    city: CityFile
    node: Node
    app: ASGIApp


def settings_of(settings: Settings, city: CityFile, cities: Sequence[CityFile], host: str, port: int) -> Settings:
    """The settings as one city's doors need them: its addresses, and all hosts of this hub as names and origins.

    A page of one city may speak for a person to another, with a credential of that other one; cookies never count
    there, for they belong to the page's own host. An address that the settings give for all cities is said with the
    city's own host in it: the proxy in front of us is one, the names are several.
    """
    names = tuple(name for one in cities for name in one.hosts)
    if not names and not city.public_url and not city.help_url:
        return settings
    own = (*MACHINE, host) if host not in ("0.0.0.0", "::") else MACHINE
    suffix = "" if port in (80, 443) else f":{port}"
    urls = tuple(one.public_url for one in cities if one.public_url)
    secure = tuple(f"https://{name}" for name in names)
    same_host = urlsplit(settings.help_url).hostname == urlsplit(settings.public_url).hostname
    return dataclasses.replace(
        settings,
        public_url=city.public_url or at(city, settings.public_url),
        help_url=city.help_url or (at(city, settings.help_url) if same_host else settings.help_url),
        allowed_hosts=tuple(dict.fromkeys((*(settings.allowed_hosts or own), *names))),
        allowed_origins=tuple(
            dict.fromkeys(
                (*settings.allowed_origins, *(f"http://{name}{suffix}" for name in (*names, *own)), *secure, *urls)
            )
        ),
    )


def at(city: CityFile, url: str) -> str:
    """An origin with the city's first host in place of the one that it has."""
    parts = urlsplit(url)
    if not url or not city.hosts or parts.hostname in city.hosts:
        return url
    return f"{parts.scheme}://{city.hosts[0]}{f':{parts.port}' if parts.port else ''}"


class Cities:
    """The application in front of all of them.

    Args:
        host: where this hub listens; one of this machine's own names.
    """

    def __init__(self, served: Sequence[Served], host: str) -> None:
        self._served = tuple(served)
        self._by_host = {name: one for one in served for name in one.city.hosts}
        self._by_code = {one.city.code: one for one in served}
        self._machine = frozenset((*MACHINE, host))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return
        picked, guest = self._picked(scope)
        if picked is not None:
            await picked.app(_without_cookies(scope) if guest else scope, receive, send)
            return
        asked = HTTPConnection(scope)
        if name_of(asked) in self._machine and scope["path"] in OWN_PATHS:
            response = await self._all(scope["path"])
        else:
            response = self._unknown(asked)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(response)
        else:
            await response(scope, receive, send)

    def _picked(self, scope: Scope) -> tuple[Served | None, bool]:
        """The city of the host, or the one that its page names for a guest (true); None for none."""
        own = self._by_host.get(name_of(HTTPConnection(scope)))
        path: str = scope["path"]
        if own is None or not path.startswith(GUESTS):
            return own, False
        named = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("city", [own.city.code])
        other = self._by_code.get(named[0])
        return other, other is not own

    async def _all(self, path: str) -> Response:
        """This hub as a whole."""
        if path == "/metrics":
            texts = {one.city.code: await metrics_text(one.node) for one in self._served}
            return Response(together(texts), media_type="text/plain; version=0.0.4")
        why = {one.city.code: why for one in self._served if (why := one.node.unready()) is not None}
        if path == "/health/live" or not why:
            word = "live" if path == "/health/live" else "ready"
            return Response(msgspec.json.encode({word: True}), media_type="application/json")
        said = "; ".join(f"{code}: {one}" for code, one in why.items())
        return Response(msgspec.json.encode({"ready": False, "why": said}), 503, media_type="application/json")

    def _unknown(self, asked: HTTPConnection) -> Response:
        host, cities = name_of(asked)[:80], [one.city for one in self._served]
        if str(asked.scope["path"]).startswith(("/v1/", "/health", "/metrics")):
            names = ", ".join(f"{city.name} ({', '.join(city.hosts)})" for city in cities)
            said = f"no city is served as {host!r} here; served: {names}"
            body = {"ok": False, "code": "not_found", "message": said, "retry": False}
            return Response(msgspec.json.encode(body), 404, media_type="application/json")
        return Response(_page(host, cities), 404, media_type="text/html")


def _without_cookies(scope: Scope) -> Scope:
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"cookie"]}


def _page(host: str, cities: Sequence[CityFile]) -> str:
    """For a person who came by a wrong name: which cities there are, and whom to phone meanwhile."""
    numbers = dict.fromkeys(number for city in cities for number in city.numbers)
    phone = " atau ".join(f'<a href="tel:{number}">{number}</a>' for number in numbers)
    links = "".join(f"<li>{escape(city.name)}: {escape(', '.join(city.hosts))}</li>" for city in cities)
    return (
        '<!doctype html><html lang="id"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Kota tidak dikenal</title>'
        f"<h1>Tidak ada kota di alamat {escape(host) or 'ini'}</h1><p>Darurat: telepon {phone}.</p>"
        f"<p>Kota yang dilayani di sini:</p><ul>{links}</ul></html>"
    )
