"""Web Push, the store's side: which devices of whom can be woken, and the key that signs what wakes them.

A subscription belongs to one sign-in, one to each: it is kept under the sign-in's digest, is used only while that
stands, and goes with it. The VAPID key (RFC 8292) is derived from the city's own key: the same at every hub and
worker, in no file, and gone with the store that holds the subscriptions made for it.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct, structs

from hub.commit import pack, unpack
from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.link import Args
from hub.store import Store

log = logging.getLogger("kentongan.push")

ROLES: Final = ("medic",)
"""Who is woken: each has a service that takes `<role>.wakeable`."""
LINK: Final = "normal"
MOST: Final = 10
"""Devices of one person: the oldest goes when there are more."""
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Subscription(Struct, frozen=True):
    """One device's. `p256dh` is a point of P-256 (65 bytes), `auth` 16 bytes (RFC 8291 section 2); `at` in ms."""

    digest: str
    role: str
    name: str
    endpoint: str
    p256dh: bytes
    auth: bytes
    at: int


def vapid_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The city's key for push services."""
    made = hmac.new(secret, b"vapid", hashlib.sha512).digest()
    return ec.derive_private_key(int.from_bytes(made, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def public_key(secret: bytes) -> bytes:
    """What a page subscribes with: an uncompressed point."""
    return vapid_key(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Subscriptions:
    """Those of one city. Whoever changes one tells its role's service: `<role>.wakeable` (`{person, wakeable}`)."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store, self._dispatch = store, dispatch

    async def put(self, person: str, one: Subscription) -> None:
        """Keep a sign-in's subscription, in place of an older one of it."""
        key = self._store.keys.push(one.role, person)
        index = ["SADD", self._store.keys.pushable, f"{one.role}:{person}"]
        await self._store.many(LINK, [["HSET", key, one.digest, _packed(one)], index])
        kept = await self.of(one.role, person)
        oldest = sorted(kept, key=lambda other: other.at)[: max(0, len(kept) - MOST)]
        if oldest:
            await self._store.many(LINK, [["HDEL", key, *(other.digest for other in oldest)]])
        await self.settle(one.role, person, one.name)

    async def drop(self, person: str, one: Subscription) -> None:
        """Forget one: its sign-in or its device said no more, or its push service says that it is gone."""
        await self._store.many(LINK, [["HDEL", self._store.keys.push(one.role, person), one.digest]])
        await self.settle(one.role, person, one.name)

    async def of(self, role: str, person: str) -> list[Subscription]:
        return (await self.of_all(role, [person]))[person]

    async def of_all(self, role: str, people: list[str]) -> dict[str, list[Subscription]]:
        """The subscriptions of several people, in one trip."""
        rows = await self._store.many(LINK, [["HGETALL", self._store.keys.push(role, person)] for person in people])
        return {
            person: [_unpacked(row[i].decode(), row[i + 1]) for i in range(0, len(row), 2)]
            for person, row in zip(people, rows, strict=True)
        }

    async def people(self) -> list[tuple[str, str]]:
        """Who has any: (role, person)."""
        (found,) = await self._store.many(LINK, [["SMEMBERS", self._store.keys.pushable]])
        return sorted((role, person) for role, _, person in (one.decode().partition(":") for one in found))

    async def sweep(self) -> None:
        """Forget what belongs to sign-ins that are over, and tell the services again what stands."""
        for role, person in await self.people():
            for one in await self.of(role, person):
                if not await self.stands(one):
                    await self.drop(person, one)
            await self.settle(role, person)

    async def stands(self, one: Subscription) -> bool:
        """Whether its sign-in stands."""
        (row,) = await self._store.many(LINK, [self.asked(one)])
        return stands(row, self._store.now())

    def asked(self, one: Subscription) -> Args:
        """The question that `stands` answers."""
        return ["HMGET", self._store.keys.session(one.digest), "person", "revoked", "expires"]

    async def settle(self, role: str, person: str, name: str = "") -> None:
        """Tell the role's service what stands; who has none left leaves the index once it knows."""
        (left,) = await self._store.many(LINK, [["HLEN", self._store.keys.push(role, person)]])
        data, actor = {"person": person, "wakeable": bool(left)}, Actor(person="hub", role="hub", name=name)
        answer = await self._dispatch.run(f"{role}.wakeable", data, actor, str(uuid.uuid4()))
        if not answer.ok:
            log.warning("push: %s.wakeable: %s; told again within a minute", role, answer.code)
        elif not left:
            await self._store.many(LINK, [["SREM", self._store.keys.pushable, f"{role}:{person}"]])


def stands(row: list[bytes | None], now: int) -> bool:
    """Whether a sign-in stands, by its record's `person`, `revoked`, `expires`."""
    person, revoked, expires = row
    return person is not None and revoked is None and expires is not None and int(expires) > now


def _packed(one: Subscription) -> bytes:
    fields: dict[str, Any] = structs.asdict(one)
    del fields["digest"]
    return pack(fields)


def _unpacked(digest: str, blob: bytes) -> Subscription:
    return Subscription(digest=digest, **unpack(blob))
