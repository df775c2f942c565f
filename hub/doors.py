"""Who may knock: Host, Origin, credentials and addresses of a request or handshake.

Allowed hosts and origins come from settings, never from `Host`. A cookie counts
only where a page of ours sent it (PROTOCOL section 2).
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from hub.address import WILDCARDS, host_of
from hub.identity import COOKIE_ROLES, Identity, SignedIn
from hub.proxies import Proxies
from hub.settings import Settings

SAFE_METHODS: Final = ("GET", "HEAD")


class Doors:
    """The rules of one hub.

    Args:
        public_port: names the cookies and the default origins, the same at both hubs.
    """

    def __init__(self, settings: Settings, host: str, public_port: int) -> None:
        anywhere = host == "127.0.0.1" or host in WILDCARDS
        names = ("127.0.0.1", "localhost") if anywhere else (host_of(host), "127.0.0.1", "localhost")
        self._public_url, self._help_url = settings.public_url, settings.help_url
        outside = {_host(url) for url in (self._public_url, self._help_url) if url}
        self._hosts = frozenset(settings.allowed_hosts or names) | outside
        self._proxies = Proxies(settings.trusted_proxies)
        self.scheme = "https" if settings.tls_cert else "http"
        own = {f"{self.scheme}://{name}{_suffix(':', public_port)}" for name in names}
        self.origins = frozenset(settings.allowed_origins or own)
        if self._public_url:
            self.origins |= {self._public_url}
        # Hubs of one city may listen on several ports behind one address: its port names the cookies then.
        parts = urlsplit(self._public_url)
        self._suffix = _suffix("_", parts.port or 443 if self._public_url else public_port)

    def refuses(self, request: HTTPConnection) -> str | None:
        """Why this request may not come in at all (403), or None."""
        if name_of(request) not in self._hosts:
            return "Host is not one of this hub's names"
        origin = request.headers.get("origin")
        if origin is not None and origin not in self.origins:
            return "Origin is not one of this hub's pages"
        return None

    def address(self, request: HTTPConnection) -> str:
        """The client's address; trusted proxies may name it."""
        peer = request.client.host if request.client else ""
        return self._proxies.client(peer, request.headers.getlist("x-forwarded-for"))

    def addresses(self, request: HTTPConnection, public_port: int, help_port: int) -> dict[str, str]:
        """Where the two hubs are, by the name that was asked for (it passed `refuses`), so that cookies hold."""
        name = name_of(request)
        public = self._public_url or f"{self.scheme}://{name}:{public_port}"
        help_ = self._help_url or f"{self.scheme}://{name}:{help_port}"
        return {
            "live": "ws" + public.removeprefix("http") + "/v1/live",
            "help": "ws" + help_.removeprefix("http") + "/v1/live",
            "url": public,
            "help_url": help_,
        }

    def secure(self, request: HTTPConnection) -> bool:
        """Whether the client came over TLS, to us or to a trusted proxy."""
        if request.client and self._proxies.trusts(request.client.host):
            said = ",".join(request.headers.getlist("x-forwarded-proto"))
            return said.rpartition(",")[2].strip() in ("https", "wss")
        return request.scope["scheme"] in ("https", "wss")

    def lasting(self, request: HTTPConnection) -> bool:
        """Whether a browser is told to use TLS alone from now on (RFC 6797: never for an address, section 8.1.1)."""
        name = name_of(request)
        return self.secure(request) and not _is_address(name) and name.rpartition(".")[2] != "localhost"

    def cookie_name(self, role: str) -> str:
        return f"kt_{role}{self._suffix}"

    def token(self, request: HTTPConnection) -> str | None:
        """The credential that counts for this request, or None.

        `Authorization: Bearer` first, then the cookie of the role that `?as=` names.
        """
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and bearer:
            return bearer.strip()
        role = request.query_params.get("as", "resident")
        if role not in COOKIE_ROLES or not self._cookie_counts(request):
            return None
        return request.cookies.get(self.cookie_name(role))

    def _cookie_counts(self, request: HTTPConnection) -> bool:
        handshake = request.scope["type"] == "websocket"
        if handshake or request.scope.get("method") not in SAFE_METHODS:
            return "origin" in request.headers
        return request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")

    async def signed_in(self, request: HTTPConnection, identity: Identity) -> SignedIn | None:
        """Who asks, or None. Raises `StoreError` when the store could not be asked."""
        token = self.token(request)
        return None if token is None else await identity.resolve(token)


def name_of(request: HTTPConnection) -> str:
    """`Host` without its port."""
    host = request.headers.get("host", "")
    return host if host.endswith("]") else host.rsplit(":", 1)[0]


def _host(url: str) -> str:
    """The host of an address as `Host` says it: without port, IPv6 in brackets."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def _suffix(mark: str, port: int) -> str:
    """Nothing for the ports that nobody writes."""
    return "" if port in (80, 443) else f"{mark}{port}"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
