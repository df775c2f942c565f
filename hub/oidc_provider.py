"""The city's OpenID provider, asked over HTTP: where it is, its keys, the tokens of a code, and what they leave out.

Discovery (OpenID Connect Discovery 1.0, section 4) and keys are kept for an hour; a key that is not among them is
looked for once a minute at most. What does not answer is not asked again for 5 s, however many wait for it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jwt
from msgspec import Struct

from hub.errors import FetchFailed, SignInError, StartError
from hub.fetch import Fetcher, Reply, on_this_machine
from hub.oidc_table import Oidc, secret_of
from hub.oidc_token import key_for, keys_of

KEEP_S: Final = 3600.0
KEYS_AGAIN_S: Final = 60.0
FAILED_S: Final = 5.0
EXCHANGES: Final = 16
"""Questions about single people at once; whoever is one too many is told to wait."""
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
MAX_ACCESS: Final = 8 * 1024
_WORD: Final = re.compile(r"[a-z_]{1,40}")
_BEARER: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750 section 2.1."""

log = logging.getLogger("kentongan.oidc")


class Place(Struct, frozen=True):
    """Where the provider is, as it says itself.

    Args:
        posted: the client's secret is sent in the form; else as HTTP Basic, which is the default there.
        says_issuer: its answers name the issuer (RFC 9207).
        userinfo: what it says of somebody beside the ID token; empty: it has no such endpoint.
        end_session: where its own sign-in is ended by a browser; empty likewise.
    """

    authorization: str
    token: str
    keys: str
    posted: bool
    says_issuer: bool
    userinfo: str = ""
    end_session: str = ""


class Tokens(Struct, frozen=True):
    """What a code was turned into.

    Args:
        access: for `Provider.userinfo`; empty where the provider gave none that can be sent.
    """

    id: str
    access: str


class Provider:
    """One city's provider.

    Raises (every method that asks):
        SignInError: `provider` when it cannot be used, `setup` when the fault is on our side.
    """

    def __init__(self, oidc: Oidc, fetch: Fetcher, clock: Callable[[], float] = time.monotonic) -> None:
        self._oidc, self._fetch, self._clock = oidc, fetch, clock
        self._asking = asyncio.Lock()
        self._place: Place | None = None
        self._place_until = 0.0
        self._keys: tuple[jwt.PyJWK, ...] = ()
        self._keys_at = self._keys_tried_at = -KEEP_S
        self._failed: tuple[float, str] = (-FAILED_S, "")
        self._exchanging = 0

    async def place(self) -> Place:
        """Where it is."""
        async with self._asking:
            if self._place is None or self._clock() >= self._place_until:
                document = await self._document(self._oidc.issuer.rstrip("/") + "/.well-known/openid-configuration")
                self._place = self._checked(document)
                self._place_until = self._clock() + KEEP_S
            return self._place

    async def key(self, token: str) -> jwt.PyJWK:
        """The key that signed a token.

        Raises:
            SignInError: also `key` when the provider publishes none such, `algorithm`, `token`.
        """
        where = await self.place()
        async with self._asking:
            if self._clock() - self._keys_at >= KEEP_S:
                await self._read_keys(where)
            found = key_for(token, self._keys)
            if found is None and self._clock() - self._keys_tried_at >= KEYS_AGAIN_S:
                await self._read_keys(where)
                found = key_for(token, self._keys)
        if found is None:
            raise SignInError("key")
        return found

    async def tokens(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens of a code; neither is believed yet.

        Raises:
            SignInError: also `code` when the provider does not know it, `busy`.
        """
        where = await self.place()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form["code_verifier"] = verifier
        headers = self._credentials(form, posted=where.posted)
        return _tokens(await self._exchanged("token", where.token, form, headers))

    async def userinfo(self, access: str, subject: str) -> dict[str, Any]:
        """What the provider says of somebody beside the ID token (OpenID Connect Core 1.0, section 5.3).

        Asked where the ID token leaves something out; of a provider without that endpoint it is nothing.

        Args:
            subject: the believed ID token's: "The sub Claim in the UserInfo Response MUST be verified to exactly match
                [it]; if they do not match, the UserInfo Response values MUST NOT be used" (section 5.3.2).

        Raises:
            SignInError: also `subject` when it is about somebody else, `busy`.
        """
        where = (await self.place()).userinfo
        if not where:
            return {}
        if not access:
            raise SignInError("provider", "its token endpoint gave no access token")
        reply = await self._exchanged("userinfo", where, None, {"Authorization": f"Bearer {access}"})
        told = _json(reply)
        if reply.status != 200 or told is None:
            raise SignInError("provider", _ill("userinfo", reply))
        if told.get("sub") != subject:
            raise SignInError("subject")
        return told

    async def _exchanged(self, what: str, url: str, form: dict[str, str] | None, headers: dict[str, str]) -> Reply:
        if self._exchanging >= EXCHANGES:
            raise SignInError("busy")
        self._exchanging += 1
        try:
            return await self._fetch(url, form, headers)
        except FetchFailed as exc:
            raise SignInError("provider", f"its {what} endpoint: {exc}") from exc
        finally:
            self._exchanging -= 1

    def _credentials(self, form: dict[str, str], *, posted: bool) -> dict[str, str]:
        """Headers that say which client asks (RFC 6749 section 2.3.1); what belongs into the form is put there."""
        form["client_id"] = self._oidc.client_id
        if self._oidc.secret_file is None:
            return {}
        try:
            secret = secret_of(self._oidc.secret_file)
        except StartError as exc:
            raise SignInError("setup", str(exc)) from exc
        if posted:
            form["client_secret"] = secret
            return {}
        pair = f"{quote(self._oidc.client_id, safe='')}:{quote(secret, safe='')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    async def _read_keys(self, where: Place) -> None:
        self._keys_tried_at = self._clock()
        self._keys = keys_of(await self._document(where.keys))
        self._keys_at = self._clock()

    async def _document(self, url: str) -> dict[str, Any]:
        """A JSON document of the provider's; a failure is remembered for those who wait behind this one."""
        at, why = self._failed
        if self._clock() - at < FAILED_S:
            raise SignInError("provider", why)
        try:
            reply = await self._fetch(url)
            document = _json(reply)
            if reply.status != 200 or document is None:
                raise FetchFailed(f"it answered {reply.status}" + (", and no JSON" if reply.status == 200 else ""))
        except FetchFailed as exc:
            self._failed = (self._clock(), f"{_shown(url)}: {exc}")
            raise SignInError("provider", self._failed[1]) from exc
        return document

    def _checked(self, document: dict[str, Any]) -> Place:
        """Where a discovery document leads; only over TLS, but for a provider on this machine."""
        if document.get("issuer") != self._oidc.issuer:
            raise SignInError("provider", f"it says that it is another issuer than {self._oidc.issuer}")
        where, token, keys = (self._endpoint(document, name) for name in ENDPOINTS)
        if "S256" not in _listed(document, "code_challenge_methods_supported", "S256"):
            raise SignInError("provider", "it does not take PKCE (S256)")
        methods = _listed(document, "token_endpoint_auth_methods_supported", "client_secret_basic")
        posted = "client_secret_basic" not in methods and "client_secret_post" in methods
        says = document.get("authorization_response_iss_parameter_supported") is True
        more = (self._optional(document, name) for name in ("userinfo_endpoint", "end_session_endpoint"))
        return Place(where, token, keys, posted, says, *more)

    def _optional(self, document: dict[str, Any], name: str) -> str:
        """An endpoint that it may have; one that must not be asked is none, and nobody is let in by it."""
        if document.get(name) is None:
            return ""
        try:
            return self._endpoint(document, name)
        except SignInError as exc:
            log.warning("city sign-in: %s; not used", exc)
            return ""

    def _endpoint(self, document: dict[str, Any], name: str) -> str:
        url = document.get(name)
        if not isinstance(url, str) or not _may_lead_to(url, self._oidc.issuer):
            raise SignInError("provider", f"its {name} is no https address")
        return url


def _listed(document: dict[str, Any], name: str, default: str) -> list[Any]:
    """What a provider lists; what it does not is the default of the standard."""
    value = document.get(name)
    return value if isinstance(value, list) else [default]


def _may_lead_to(url: str, issuer: str) -> bool:
    try:
        parts, own = urlsplit(url), urlsplit(issuer)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.fragment or any(c <= " " or c == "\x7f" for c in url):
        return False
    return parts.scheme == "https" or (
        parts.scheme == own.scheme == "http" and on_this_machine(host) and on_this_machine(own.hostname or "")
    )


def _tokens(reply: Reply) -> Tokens:
    told = _json(reply) or {}
    if reply.status == 200:
        token, access = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str):
            raise SignInError("token")
        usable = isinstance(access, str) and len(access) <= MAX_ACCESS and _BEARER.fullmatch(access)
        return Tokens(token, str(access) if usable else "")
    word = told.get("error")
    said = word if isinstance(word, str) and _WORD.fullmatch(word) else ""
    if reply.status == 400 and said == "invalid_grant":
        raise SignInError("code")
    if said in ("invalid_client", "unauthorized_client"):
        raise SignInError("setup", f"the provider says {said}")
    raise SignInError("provider", f"its token endpoint answered {reply.status}" + (f" ({said})" if said else ""))


def _ill(what: str, reply: Reply) -> str:
    return f"its {what} endpoint answered {reply.status}" + (", and no JSON" if reply.status == 200 else "")


def _json(reply: Reply) -> dict[str, Any] | None:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _shown(url: str) -> str:
    """An address without what may follow it."""
    return url.partition("?")[0][:200]
