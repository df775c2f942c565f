"""What stands before every HTTP route: who may ask, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.doors import Doors
from hub.inline import Whole

HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


def policy(
    names: Iterable[str], ports: tuple[int, int], urls: Iterable[str], first: Whole, *, secure: bool = False
) -> str:
    """The pages' Content-Security-Policy: nothing inline but the first page's own texts, no host but the two hubs.

    Args:
        names: host names of this machine.
        ports: of the public and the help hub.
        urls: addresses under which the hubs are reached from outside; a source of the policy is their origin.
        first: the page that stands in one answer.
        secure: whether the hubs themselves speak TLS.
    """
    public, help_ = ports
    s = "s" * secure
    doors = [
        f"{scheme}{s}://{name}:{port}"
        for name in dict.fromkeys(names)
        for scheme, port in (("ws", public), ("ws", help_), ("http", help_))
    ]
    for origin in dict.fromkeys("{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in urls):
        doors += [origin, "ws" + origin.removeprefix("http")]
    return "; ".join(
        [
            "default-src 'none'", " ".join(("script-src 'self'", *first.scripts)),
            " ".join(("style-src 'self'", *first.styles)), "img-src 'self' data:", "media-src 'self'",
            "font-src 'self'", "manifest-src 'self'", "worker-src 'self'", "frame-src 'self'",
            "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'",
            "connect-src 'self' " + " ".join(doors),
        ]
    )  # fmt: skip


class Guard:
    """Before every HTTP route: Host and Origin checked, preflights answered, headers set."""

    def __init__(self, app: ASGIApp, doors: Doors, policy: str) -> None:
        self._app, self._doors = app, doors
        self._fixed = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
        # What governs a document or a worker; on each of a page's thirty files it would cost a phone 15 KB.
        self._governing = [
            (b"content-security-policy", policy.encode()),
            (b"permissions-policy", b"geolocation=(self), screen-wake-lock=(self), camera=(), microphone=()"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        why = self._doors.refuses(request)
        if why is not None:
            await Response(why, 403, media_type="text/plain")(scope, receive, send)
            return
        origin = request.headers.get("origin")
        headers = [*self._fixed, HSTS] if self._doors.lasting(request) else list(self._fixed)
        if origin is not None:
            headers += [
                (b"access-control-allow-origin", origin.encode()),
                (b"access-control-allow-credentials", b"true"),
                (b"vary", b"Origin"),
            ]
        if request.method == "OPTIONS":
            headers += [
                (b"access-control-allow-methods", b"GET, POST, DELETE"),
                (b"access-control-allow-headers", b"Authorization, Content-Type"),
                (b"access-control-max-age", b"600"),
            ]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = dict(message["headers"])
                governs = own.get(b"content-type", b"").startswith(b"text/html") or b"service-worker-allowed" in own
                message["headers"] = [*message["headers"], *headers, *(self._governing if governs else ())]
            await send(message)

        await self._app(scope, receive, with_headers)
