"""Who may knock: Host, Origin, credentials and addresses of a request or handshake.

Allowed hosts and origins come from settings, never from `Host`. A cookie counts
only where a page of ours sent it (PROTOCOL section 2).
"""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

from hub.identity import COOKIE_ROLES, Identity, SignedIn
from hub.settings import Settings

SAFE_METHODS: Final = ("GET", "HEAD")


class Doors:
    """The rules of one hub.

    Args:
        public_port: names the cookies and the default origins, the same at both hubs.
    """

    def __init__(self, settings: Settings, host: str, public_port: int) -> None:
        anywhere = host in ("127.0.0.1", "0.0.0.0", "::")
        names = ("127.0.0.1", "localhost") if anywhere else (host, "127.0.0.1", "localhost")
        self._hosts = frozenset(settings.allowed_hosts or names)
        self._proxies = frozenset(settings.trusted_proxies)
        default_port = public_port in (80, 443)
        own = {f"http://{name}" + ("" if default_port else f":{public_port}") for name in names}
        self.origins = frozenset(settings.allowed_origins or own)
        self._public_url, self._help_url = settings.public_url, settings.help_url
        if self._public_url:
            self.origins |= {self._public_url}
        self._suffix = "" if default_port else f"_{public_port}"

    def refuses(self, request: HTTPConnection) -> str | None:
        """Why this request may not come in at all (403), or None."""
        if host_of(request) not in self._hosts:
            return "Host is not one of this hub's names"
        origin = request.headers.get("origin")
        if origin is not None and origin not in self.origins:
            return "Origin is not one of this hub's pages"
        return None

    def address(self, request: HTTPConnection) -> str:
        """The client's address; a trusted proxy may name it."""
        address = request.client.host if request.client else ""
        if address in self._proxies:
            named = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
            return named or address
        return address

    def addresses(self, request: HTTPConnection, public_port: int, help_port: int) -> dict[str, str]:
        """Where the two hubs are, by the name that was asked for (it passed `refuses`), so that cookies hold."""
        name = host_of(request)
        public = self._public_url or f"http://{name}:{public_port}"
        help_ = self._help_url or f"http://{name}:{help_port}"
        return {
            "live": "ws" + public.removeprefix("http") + "/v1/live",
            "help": "ws" + help_.removeprefix("http") + "/v1/live",
            "url": public,
            "help_url": help_,
        }

    def secure(self, request: HTTPConnection) -> bool:
        if request.client and request.client.host in self._proxies:
            return request.headers.get("x-forwarded-proto", "") == "https"
        return request.url.scheme in ("https", "wss")

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


def host_of(request: HTTPConnection) -> str:
    """`Host` without its port."""
    host = request.headers.get("host", "")
    return host if host.endswith("]") else host.rsplit(":", 1)[0]
