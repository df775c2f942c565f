"""The city's own sign-in for staff, by OpenID Connect: `/v1/oidc/start?page=...` and `/v1/oidc/callback`; out again by
`/v1/oidc/end?page=...` and `/v1/oidc/ended`.

The authorization code flow with PKCE. A sign-in is begun and ended in one browser (`hub.oidc_state`), comes back once,
and only to the city's public address: never to what `Host` says, and from there to a page of ours alone. Whatever is
not as it must be ends in `hub.oidc_reasons`, without a session. The provider is no part of the city: while it is away
nobody who is signed in notices, and one-time links work as ever.

Who signs out here is still signed in at the provider, which lets the next one at that computer in without a question.
So they are offered the way out there too (OpenID Connect RP-Initiated Logout 1.0). It goes by our client's name, never
with the ID token: that is kept nowhere, and the provider may ask the person once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.city_file import CityFile
from hub.doors import Doors
from hub.errors import SignInError, StoreError
from hub.fetch import Fetcher
from hub.identity import PAGES, VIA_ACCOUNT, Issued, SignedIn, digest_of
from hub.limits import Buckets
from hub.node import Node
from hub.oidc_page import TONGUES, pages_of, tongue_of, turned_away
from hub.oidc_reasons import answer_of
from hub.oidc_state import LASTS_MS, Begun, begun, challenge_of, nonce_of, opened, same, sealed, verifier_of
from hub.oidc_table import Oidc

if TYPE_CHECKING:
    from hub.oidc_provider import Provider

log = logging.getLogger("kentongan.oidc")

PATH: Final = "/v1/oidc"
BURST: Final = 120
PER_S: Final = 2.0
"""Of one address, two for each sign-in: a whole town hall comes in through one, at the start of a shift."""
USED_S: Final = LASTS_MS // 1000 + 60
MAX_CODE: Final = 4096
CAME_AS: Final = "kt_as"
"""Tells `/dispatch`, which several roles use, whose cookie it has got; a name, not a secret."""
CAME_S: Final = 60
LEAVE_S: Final = 1.0
"""A sign-out's answer waits so long for a provider that was not asked in the last hour; it is done before."""
ENDS: Final = "kt_ends"
"""Tells the page when its sign-in ends (ms), so that it can say so in time; no secret either."""
ANYBODYS: Final = frozenset({"off", "page", "elsewhere", "busy", "state", "declined"})
"""What any stranger can bring about as often as they like: counted, and in no log."""
_WORD: Final = re.compile(r"[a-z_]{1,40}")


class CitySignIn:
    """The two routes of one city at one hub.

    Args:
        public_url: where the provider sends people back to.
    """

    def __init__(self, node: Node, doors: Doors, city: CityFile, public_url: str, fetch: Fetcher | None = None) -> None:
        self._node, self._doors, self._city, self._url = node, doors, city, public_url
        self._pages = pages_of(city.oidc, public_url)
        self._provider = None if city.oidc is None else _provider(city.oidc, fetch or Fetcher())
        self._limit = Buckets(BURST, PER_S)
        if city.oidc is not None and not public_url:
            log.error("the city has [oidc] and no public address: nobody is signed in by it (--public-url)")

    def routes(self) -> list[Route]:
        ways = {"start": self.start, "callback": self.callback, "end": self.end, "ended": self.ended}
        return [Route(f"{PATH}/{name}", way) for name, way in ways.items()]

    @property
    def redirect_uri(self) -> str:
        return f"{self._url}{PATH}/callback"

    async def leave(self, signed_in: SignedIn) -> dict[str, str]:
        """`account`: where somebody who has just signed out may leave the account too; nothing where they cannot."""
        page = PAGES.get(signed_in.actor.role, "")
        if signed_in.via == VIA_ACCOUNT and self._provider is not None and page in self._pages:
            with contextlib.suppress(SignInError, TimeoutError):
                async with asyncio.timeout(LEAVE_S):
                    if (await self._provider.place()).end_session:
                        return {"account": f"{PATH}/end?page={page}"}
        return {}

    # -- the routes -------------------------------------------------------------------

    async def start(self, request: Request) -> Response:
        """303 to the provider, with what must come back in a cookie of this browser."""
        one = _wanted(request)
        try:
            return await self._start(request, one)
        except SignInError as exc:
            return self._refused(request, exc, one)

    async def callback(self, request: Request) -> Response:
        """303 to the person's page, signed in."""
        secret, cookie = self._node.store.secret, request.cookies.get(self._cookie, "")
        one = opened(secret, cookie, self._node.store.now())
        try:
            return await self._callback(request, one)
        except SignInError as exc:
            return self._refused(request, exc, one)
        except StoreError as exc:
            log.warning("city sign-in: %s", exc)
            return self._refused(request, SignInError("store"), one)

    async def end(self, request: Request) -> Response:
        """303 to where the provider ends its own sign-in; to the page when it has no such place."""
        one = _wanted(request)
        try:
            oidc, provider = self._ready(request)
            self._check_begun(request, one)
            where = (await provider.place()).end_session
        except SignInError as exc:
            return self._refused(request, exc, one)
        back = {"post_logout_redirect_uri": f"{self._url}{PATH}/ended", "state": one.page.removeprefix("/")}
        return _sent(_with(where, {"client_id": oidc.client_id, **back, **_locales(one)}) if where else one.page)

    async def ended(self, request: Request) -> Response:
        """303 to the page where it was left, one of ours alone."""
        page = "/" + request.query_params.get("state", "")
        return _sent(page if page in self._pages else PAGES["dispatcher"])

    async def _start(self, request: Request, wanted: Begun) -> Response:
        oidc, provider = self._ready(request)
        self._check_begun(request, wanted)
        where, secret = (await provider.place()).authorization, self._node.store.secret
        one = begun(secrets.token_urlsafe(32), wanted.page, self._node.store.now(), wanted.tongue)
        query = {
            "response_type": "code", "client_id": oidc.client_id, "redirect_uri": self.redirect_uri,
            "scope": " ".join(oidc.scopes), "state": one.state, "nonce": nonce_of(secret, one.state),
            "code_challenge": challenge_of(verifier_of(secret, one.state)), "code_challenge_method": "S256",
            **_locales(one),
        }  # fmt: skip
        response = _sent(_with(where, query))
        # Lax, not Strict: it must come with the navigation that another site, the provider, leads back here.
        response.set_cookie(
            self._cookie, sealed(secret, one), max_age=LASTS_MS // 1000, path=PATH, httponly=True, samesite="lax",
            secure=self._doors.secure(request),
        )  # fmt: skip
        return response

    async def _callback(self, request: Request, one: Begun | None) -> Response:
        oidc, provider = self._ready(request)
        told = request.query_params
        if one is None or not same(one, told.get("state", "")):
            raise SignInError("state")
        await self._once(one)
        await self._check_answer(request, oidc, provider)
        secret = self._node.store.secret
        tokens = await provider.tokens(told["code"], verifier_of(secret, one.state), self.redirect_uri)
        key = await provider.key(tokens.id)
        from hub.oidc_people import come_in
        from hub.oidc_token import claims_of, said_by

        said = said_by(tokens.id, key, oidc, nonce_of(secret, one.state), self._node.store.now() / 1000)
        more = {} if said.whole else await provider.userinfo(tokens.access, said.subject)
        issued, _ = await come_in(self._node.store, self._node.identity, oidc, claims_of(said, more, oidc))
        return self._let_in(request, issued)

    # -- what must hold ------------------------------------------------------------------

    def _ready(self, request: Request) -> tuple[Oidc, Provider]:
        if self._city.oidc is None or self._provider is None:
            raise SignInError("off")
        if not self._url:
            raise SignInError("setup", "this hub has no public address (--public-url)")
        if self._limit.take(self._doors.address(request), self._node.loop.time()):
            raise SignInError("busy")
        return self._city.oidc, self._provider

    def _check_begun(self, request: Request, wanted: Begun) -> None:
        """For a page of ours, on a page of ours."""
        if wanted.page not in self._pages:
            raise SignInError("page", ", ".join(self._pages))
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise SignInError("elsewhere")

    async def _once(self, one: Begun) -> None:
        """What came back comes back no second time, at whichever hub."""
        key = self._node.store.keys.oidc(digest_of(one.state))
        (first,) = await self._node.store.many("normal", [["SET", key, 1, "NX", "EX", USED_S]])
        if first is None:
            raise SignInError("state")

    async def _check_answer(self, request: Request, oidc: Oidc, provider: Provider) -> None:
        """The provider's own answer: no error, from this issuer (RFC 9207), with a code."""
        told = request.query_params
        if (error := told.get("error")) is not None:
            raise SignInError("declined", error if _WORD.fullmatch(error) else "no")
        issuer = told.get("iss", "" if (await provider.place()).says_issuer else oidc.issuer)
        if not hmac.compare_digest(issuer.encode(), oidc.issuer.encode()):
            raise SignInError("issuer")
        if not 1 <= len(told.get("code", "")) <= MAX_CODE:
            raise SignInError("code")

    # -- what is answered -----------------------------------------------------------------

    @property
    def _cookie(self) -> str:
        return self._doors.cookie_name("oidc")

    def _let_in(self, request: Request, issued: Issued) -> Response:
        """The role's cookie, in place of what may be there: the person has just said who they are."""
        page, secure = PAGES[issued.role], self._doors.secure(request)
        response = _sent(page)
        age_s = max(0, (issued.expires_at - self._node.store.now()) // 1000)
        response.set_cookie(
            self._doors.cookie_name(issued.role), issued.token, max_age=age_s, path="/", httponly=True,
            samesite="strict", secure=secure,
        )  # fmt: skip
        response.set_cookie(ENDS, str(issued.expires_at), max_age=age_s, path=page, samesite="lax", secure=secure)
        if page == PAGES["dispatcher"]:
            response.set_cookie(CAME_AS, issued.role, max_age=CAME_S, path=page, samesite="lax", secure=secure)
        response.delete_cookie(self._cookie, path=PATH)
        return response

    def _refused(self, request: Request, error: SignInError, one: Begun | None) -> Response:
        answer = answer_of(error)
        self._node.figures.refuse(answer.code)
        if error.reason not in ANYBODYS:
            log.warning("city sign-in: %s", error)
        page = one.page if one is not None and one.page in self._pages else ""
        tongue = tongue_of(request, "" if one is None else one.tongue, self._city.languages)
        return turned_away(request, error, page, self._city.numbers, tongue)


def _wanted(request: Request) -> Begun:
    """What a page asks for: nothing of it is checked but the language."""
    page, tongue = (request.query_params.get(name, "") for name in ("page", "lang"))
    return Begun("", page, 0, tongue if tongue in TONGUES else "")


def _locales(one: Begun) -> dict[str, str]:
    return {"ui_locales": one.tongue} if one.tongue else {}


def _with(url: str, query: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def _sent(to: str) -> RedirectResponse:
    """303: whatever was asked, the next is a GET."""
    return RedirectResponse(to, 303, {"Cache-Control": "no-store"})


def _provider(oidc: Oidc, fetch: Fetcher) -> Provider:
    """Loaded where a city has one: PyJWT takes every other hub, worker and command a tenth of a second at its start."""
    from hub.oidc_provider import Provider

    return Provider(oidc, fetch)
