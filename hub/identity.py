"""Who is who: sign-ins, enrolment codes, and the `Actor` of a token.

A resident's person id and token are derived from the device's own secret with
the city's key (HMAC-SHA256, RFC 2104): the same device is the same person, a
lost reply makes no second one, and a visit costs no record. Staff redeem a
one-time code. The store keeps digests of tokens, never tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

from msgspec import Struct

from hub.commit import SignIn, pack, unpack
from hub.contract import Actor
from hub.errors import DataError
from hub.members import CODE_S, DESKS, Member, noted
from hub.revoking import end, tell
from hub.store import Store

PAGES: Final = {
    "medic": "/medic",
    "seller": "/shop",
    "crew": "/van",
    "dispatcher": "/dispatch",
    "plut": "/dispatch",
    "admin": "/dispatch",
}
STAFF: Final = (*PAGES, "service", "tracker")
COOKIE_ROLES: Final = ("resident", *PAGES)
NAME_LENGTH: Final = 80
VIA_ACCOUNT: Final = "account"
"""Of a sign-in: the city's own account let them in."""
RESIDENT_DAYS: Final = 400
STAFF_DAYS: Final = 90
_DEVICE: Final = re.compile(r"[0-9a-f]{64}")


class SignedIn(Struct, frozen=True):
    """A valid token: who it is, and the record to write with a first durable command, if none stands yet.

    Args:
        via: what they came in by, where that can be left as well (`VIA_ACCOUNT`); empty: by the token alone.
    """

    actor: Actor
    digest: str
    expires_at: int
    sign_in: SignIn | None = None
    via: str = ""


Leave = Callable[[SignedIn], Awaitable[dict[str, str]]]
"""What the answer to somebody's own sign-out says more."""


async def nothing_more(signed_in: SignedIn) -> dict[str, str]:
    return {}


class Issued(Struct, frozen=True):
    """A fresh answer of `POST /v1/sessions`."""

    person: str
    role: str
    token: str
    expires_at: int


class Enrolment(Struct, frozen=True):
    """A one-time code and where its link leads."""

    person: str
    role: str
    code: str
    url_path: str
    expires_at: int


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Identity:
    """Sign-ins of one city."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._prefix = f"k1.{store.city}."

    # -- residents --------------------------------------------------------------

    def resident(self, device: object) -> Issued:
        """The session of a device; nothing is written.

        Raises:
            DataError: `device` is not 64 hex digits.
        """
        if not isinstance(device, str) or not _DEVICE.fullmatch(device.lower()):
            raise DataError("device", "expected 64 hex digits that the device made itself")
        return self._issued(b"person", bytes.fromhex(device))

    def guest(self, person: str) -> Issued:
        """The session of another city's resident, whose command lies here; nothing is written.

        Always the same for the same person, and nobody sees from the two ids that they are one.
        """
        return self._issued(b"guest", person.encode())

    def _issued(self, purpose: bytes, secret: bytes) -> Issued:
        raw = bytearray(self._mac(purpose, secret)[:16])
        raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80  # RFC 9562 section 5.8: a custom UUID
        person = uuid.UUID(bytes=bytes(raw))
        token = self._prefix + _b64(person.bytes + self._mac(b"token", person.bytes)[:24])
        return Issued(str(person), "resident", token, self._store.now() + _days(RESIDENT_DAYS))

    def _mac(self, purpose: bytes, data: bytes) -> bytes:
        return hmac.new(self._store.secret, purpose + b"\0" + data, hashlib.sha256).digest()

    def _derived_person(self, token: str) -> str | None:
        try:
            text = token.removeprefix(self._prefix)
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        if len(raw) != 40 or _b64(raw) != text:
            return None  # decoding is lax: one spelling only, or a revoked token lives on in another
        if not hmac.compare_digest(raw[16:], self._mac(b"token", raw[:16])[:24]):
            return None
        return str(uuid.UUID(bytes=raw[:16]))

    # -- tokens -------------------------------------------------------------------

    async def resolve(self, token: str) -> SignedIn | None:
        """Who a token is, or None when it is of another city, stale, revoked or none of ours.

        Raises:
            StoreError: the store could not be asked.
        """
        if not token.startswith(self._prefix) or len(token) > 200:
            return None
        digest = digest_of(token)
        (flat,) = await self._store.many("normal", [["HGETALL", self._store.keys.session(digest)]])
        fields = {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}
        if fields:
            if "revoked" in fields or int(fields["expires"]) < self._store.now():
                return None
            return SignedIn(_actor(fields), digest, int(fields["expires"]), via=fields.get("via", ""))
        person = self._derived_person(token)
        if person is None:
            return None
        expires = self._store.now() + _days(RESIDENT_DAYS)
        row = ("person", person, "role", "resident", "created", str(self._store.now()), "expires", str(expires))
        actor = Actor(person=person, role="resident", verified=False)
        return SignedIn(actor, digest, expires, SignIn(digest, person, row))

    async def valid(self, digests: list[str]) -> list[bool]:
        """Which live sessions still stand: revoked or stale ones are false."""
        rows = await self._store.many(
            "normal", [["HMGET", self._store.keys.session(digest), "revoked", "expires"] for digest in digests]
        )
        now = self._store.now()
        return [revoked is None and (expires is None or int(expires) > now) for revoked, expires in rows]

    async def sessions(self, person: str) -> list[dict[str, Any]]:
        """A person's sign-ins that stand: id (of the digest), role, created_at, expires_at."""
        (digests,) = await self._store.many("normal", [["SMEMBERS", self._store.keys.sessions(person)]])
        names = sorted(digest.decode() for digest in digests)
        rows = await self._store.many(
            "normal",
            [["HMGET", self._store.keys.session(name), "role", "created", "expires", "revoked"] for name in names],
        )
        return [
            {"id": name[:32], "role": role.decode(), "created_at": int(created), "expires_at": int(expires)}
            for name, (role, created, expires, revoked) in zip(names, rows, strict=True)
            if role is not None and revoked is None
        ]

    async def revoke(self, signed_in: SignedIn, which: str) -> bool:
        """Sign one of a person's devices out (`current` or an id): its live sockets close on every hub.

        Returns:
            false when the person has no such sign-in.
        """
        person, digest = signed_in.actor.person, signed_in.digest
        if which != "current":
            (known,) = await self._store.many("normal", [["SMEMBERS", self._store.keys.sessions(person)]])
            found = [name.decode() for name in known if name.decode()[:32] == which]
            if not found and digest[:32] != which:
                return False
            digest = found[0] if found else digest
        row = ["person", person, "role", signed_in.actor.role, "created", str(self._store.now())]
        await end(self._store, digest, [*row, "expires", str(signed_in.expires_at)])
        return True

    # -- staff ----------------------------------------------------------------------

    async def redeem(self, code: object, lasts_ms: int | None = None) -> tuple[Issued, Actor] | None:
        """Turn a one-time code into a sign-in; None when it was used, is stale or was never made.

        The sign-ins that the code replaces end in the same step: neither both stand nor none. Hubs are told right
        after it; one that was not told finds out by its own look.

        Args:
            lasts_ms: how long the sign-in stands; None: `STAFF_DAYS`.
        """
        if not isinstance(code, str) or not 16 <= len(code) <= 64:
            raise DataError("code", "expected an enrolment code")
        token = self._prefix + secrets.token_urlsafe(32)
        digest, keys = digest_of(token), self._store.keys
        expires = self._store.now() + (_days(STAFF_DAYS) if lasts_ms is None else lasts_ms)
        told = await self._store.script(
            "normal",
            "redeem",
            keys.enrol(digest_of(code)),
            keys.session(digest),
            digest,
            keys.prefix,
            self._store.now(),
            expires,
        )
        if told is None:
            return None
        blob, *replaced = told
        for one in replaced:
            await tell(self._store, one.decode())
        actor = _actor(unpack(blob))
        return Issued(actor.person, actor.role, token, expires), actor


async def enrol(
    store: Store,
    *,
    role: str,
    name: str,
    person: str | None = None,
    shop: str | None = None,
    van: str | None = None,
    desk: str | None = None,
    vehicle: str = "",
    replace: str | None = None,
    via: str = "",
) -> Enrolment:
    """Make a one-time code for a member of staff, valid for 24 h; their desk finds them in its index from now on.

    Args:
        person: who it is; None makes somebody new.
        replace: which sign-in of theirs ends when the code is used, by its id, or `all`; None ends none.
        via: of the sign-in that the code becomes (`SignedIn.via`).

    Raises:
        DataError: a role that is not enrolled, one that lacks its shop, van or desk, or no name.
    """
    if role not in STAFF:
        raise DataError("role", "expected one of " + ", ".join(STAFF))
    check_name(name)
    for needed, value, roles in (("shop", shop, ("seller",)), ("van", van, ("crew", "tracker"))):
        if role in roles and not value:
            raise DataError(needed, f"expected one for a {role}")
    if (role == "dispatcher" or desk) and desk not in DESKS:
        raise DataError("desk", "expected one of " + ", ".join(DESKS))
    person = person or str(uuid.uuid4())
    if role == "service":  # known before its code is: whoever can sign in can have a webhook
        await store.many("normal", [["HSET", store.keys.services, person, name]])
    code = secrets.token_urlsafe(16)
    who = {"person": person, "role": role, "name": name, "vehicle": vehicle}
    more = (("shop", shop), ("van", van), ("desk", desk), ("replace", replace), ("via", via))
    who |= {key: value for key, value in more if value}
    digest = digest_of(code)
    index = noted(store.keys, Member(person, role, name, store.now(), vehicle, desk, shop, van), digest)
    await store.many("normal", [*index, ["SET", store.keys.enrol(digest), pack(who), "EX", CODE_S]])
    path = f"{PAGES.get(role, '/')}#masuk={code}"
    return Enrolment(person, role, code, path, store.now() + CODE_S * 1000)


def check_name(name: str) -> None:
    """Refuse what is no name.

    Raises:
        DataError: it is blank or too long.
    """
    if not name.strip() or len(name) > NAME_LENGTH:
        raise DataError("name", f"expected 1 to {NAME_LENGTH} characters")


async def is_service(store: Store, person: str) -> bool:
    """Whether a person is a service account that was enrolled."""
    (found,) = await store.many("normal", [["HEXISTS", store.keys.services, person]])
    return bool(found)


async def recorded_base(store: Store) -> str | None:
    """The address that the running public hub recorded, or None."""
    (base,) = await store.many("normal", [["HGET", store.keys.head, "base"]])
    return None if base is None else base.decode()


async def record_base(store: Store, base: str) -> None:
    await store.many("normal", [["HSET", store.keys.head, "base", base]])


def _actor(fields: dict[str, str]) -> Actor:
    return Actor(
        person=fields["person"],
        role=fields["role"],
        name=fields.get("name", ""),
        desk=fields.get("desk"),
        shop=fields.get("shop"),
        van=fields.get("van"),
        vehicle=fields.get("vehicle", ""),
    )


def _days(days: int) -> int:
    return days * 24 * 3600 * 1000
