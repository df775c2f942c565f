"""What a sign-in by the city's account must come back with, kept in the browser that began it and nowhere else.

The cookie holds the state, when it was begun, for which page and in which language, under the city's key (HMAC-SHA256,
RFC 2104). Nonce (OpenID Connect Core 1.0, section 3.1.2.1) and PKCE's verifier (RFC 7636) are derived from the state
with the same key: they are in no cookie, and the store has nothing to keep for somebody who never comes back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from msgspec import Struct

LASTS_MS: Final = 10 * 60 * 1000


class Begun(Struct, frozen=True):
    """One sign-in under way.

    Args:
        page: where it was begun. at: ms. tongue: what that page is read in; empty where it did not say.
    """

    state: str
    page: str
    at: int
    tongue: str = ""


def begun(state: str, page: str, now: int, tongue: str = "") -> Begun:
    """A new one; `state` is 32 random bytes or more in base64url."""
    return Begun(state, page, now, tongue)


def sealed(secret: bytes, one: Begun) -> str:
    """The cookie's value."""
    text = f"{one.state}.{one.at}.{one.page.removeprefix('/')}.{one.tongue}"
    return f"{text}.{_mac(secret, 'cookie', text)}"


def opened(secret: bytes, cookie: str, now: int) -> Begun | None:
    """What a cookie holds; None when it is not ours, or too old."""
    text, _, mac = cookie.rpartition(".")
    parts = text.split(".")
    if len(parts) != 4 or not hmac.compare_digest(mac.encode(), _mac(secret, "cookie", text).encode()):
        return None
    one = Begun(parts[0], f"/{parts[2]}", int(parts[1]), parts[3])
    return one if one.at <= now <= one.at + LASTS_MS else None


def same(one: Begun, state: str) -> bool:
    return hmac.compare_digest(one.state.encode(), state.encode())


def nonce_of(secret: bytes, state: str) -> str:
    return _mac(secret, "nonce", state)


def verifier_of(secret: bytes, state: str) -> str:
    """43 characters, as many as RFC 7636 section 4.1 asks for."""
    return _mac(secret, "verifier", state)


def challenge_of(verifier: str) -> str:
    """`S256` (RFC 7636 section 4.2)."""
    return _b64(hashlib.sha256(verifier.encode("ascii")).digest())


def _mac(secret: bytes, purpose: str, text: str) -> str:
    return _b64(hmac.new(secret, f"oidc {purpose}\0{text}".encode(), hashlib.sha256).digest())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
