"""One Web Push message: encrypted for one device (RFC 8291), signed with the city's key (RFC 8292), and sent.

It says a kind, an id and the city: no name, no place, no need. What a push service reads is less: an address, a size,
and that it is urgent.
"""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from hub.errors import DataError
from hub.hook_urls import Target, target
from hub.push import Subscription, public_key, vapid_key
from workers.post import Answer

if TYPE_CHECKING:
    from pywebpush import WebPusher

TRY_S: Final = 5.0
TOKEN_S: Final = 12 * 3600
"""How long a signature is valid: push services allow 24 h."""
SCALAR_BYTES: Final = 32
Send = Callable[[Target, Mapping[str, str], bytes, float], Awaitable[Answer]]


class Note(Struct, frozen=True):
    """What wakes a phone. `kind`: `offer`, or `drill` for a practised one."""

    kind: str
    id: str
    city: str


class Signer:
    """Authorizes requests to push services; a token is used again for half of its time.

    Args:
        secret: the city's.
        contact: whom a push service may write to (`https://...` or `mailto:...`), or empty.
    """

    def __init__(self, secret: bytes, contact: str) -> None:
        self._key, self._contact = vapid_key(secret), contact
        self._public = _base64url(public_key(secret))
        self._tokens: dict[str, tuple[float, str]] = {}

    def authorization(self, origin: str) -> str:
        now = time.time()
        until, token = self._tokens.get(origin, (0.0, ""))
        if until - now < TOKEN_S / 2:
            until, token = now + TOKEN_S, self._signed(origin, int(now + TOKEN_S))
            self._tokens = {**self._tokens, origin: (until, token)} if len(self._tokens) < 100 else {}
        return f"vapid t={token}, k={self._public}"

    def _signed(self, origin: str, until: int) -> str:
        claims = {"aud": origin, "exp": until} | ({"sub": self._contact} if self._contact else {})
        parts = [msgspec.json.encode({"typ": "JWT", "alg": "ES256"}), msgspec.json.encode(claims)]
        text = ".".join(map(_base64url, parts))
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{_base64url(r.to_bytes(SCALAR_BYTES, 'big') + s.to_bytes(SCALAR_BYTES, 'big'))}"


async def push(send: Send, signer: Signer, one: Subscription, note: Note, ttl_s: int) -> Answer:
    """Send a note to one device; always answers, within `TRY_S`."""
    try:
        where = target(one.endpoint)
    except DataError as exc:
        return Answer(error=str(exc))
    await asyncio.to_thread(_pusher)  # where it is loaded, timers go on
    return await send(where, headers(signer, where, note, ttl_s), sealed(one, note), TRY_S)


def headers(signer: Signer, where: Target, note: Note, ttl_s: int) -> dict[str, str]:
    """`Topic`: of two that wait at the push service for the same offer the later is kept (RFC 8030 section 5.4)."""
    origin = f"{'https' if where.tls else 'http'}://{where.authority}"
    topic = _base64url(hashlib.sha256(f"{note.kind}.{note.id}".encode()).digest())[:32]
    return {
        "Authorization": signer.authorization(origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl_s),
        "Urgency": "high",
        "Topic": topic,
    }


def sealed(one: Subscription, note: Note) -> bytes:
    """The note, readable by this device alone."""
    keys = {"p256dh": _base64url(one.p256dh), "auth": _base64url(one.auth)}
    pusher = _pusher()({"endpoint": one.endpoint, "keys": keys})
    return bytes(pusher.encode(msgspec.json.encode(note))["body"])


@functools.cache
def _pusher() -> type[WebPusher]:
    """With the first push: it brings two HTTP clients along, a quarter of a second at every start."""
    from pywebpush import WebPusher

    loaded: type[WebPusher] = WebPusher
    return loaded


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
