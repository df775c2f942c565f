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
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct, structs

from hub.commit import SignIn, pack, unpack
from hub.contract import Actor, Wake
from hub.dispatch import Dispatch
from hub.link import Args
from hub.store import Store

log = logging.getLogger("kentongan.push")

LINK: Final = "normal"
MOST: Final = 10
"""Devices of one person: the oldest goes when there are more."""
GOT_S: Final = 3600
PAGE: Final = 500
TELLS: Final = 3
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PLACES: Final = ("shop", "desk", "van")
"""What a ring may be for instead of a person; by these people are found."""

Who = tuple[str, str]
"""(role, person)."""
Turn = Literal["", "new", "lost", "left"]


class Subscription(Struct, frozen=True):
    """One device's. `p256dh` is a point of P-256 (65 bytes), `auth` 16 bytes (RFC 8291 section 2); `at` in ms."""

    digest: str
    role: str
    name: str
    endpoint: str
    p256dh: bytes
    auth: bytes
    at: int
    shop: str = ""
    desk: str = ""
    van: str = ""

    def meant(self, wake: Wake, names: frozenset[str]) -> bool:
        """Whether it is one of those that a ring is for; the person is known to be."""
        return wake.whose in ("person", "role") or getattr(self, wake.whose) in names


class Device(Struct, frozen=True):
    """One that is to ring, and whose it is."""

    wake: Wake
    person: str
    one: Subscription


def vapid_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The city's key for push services."""
    made = hmac.new(secret, b"vapid", hashlib.sha512).digest()
    return ec.derive_private_key(int.from_bytes(made, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def public_key(secret: bytes) -> bytes:
    """What a page subscribes with: an uncompressed point."""
    return vapid_key(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


class Subscriptions:
    """Those of one city. Whoever changes one tells the services that want to know of its role (`wakeable`)."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store, self._dispatch = store, dispatch

    async def put(self, person: str, one: Subscription, sign_in: SignIn | None = None) -> None:
        """Keep a sign-in's subscription, in place of an older one of it.

        Args:
            sign_in: its record, where this is the first durable thing of a resident's device.
        """
        keys = self._store.keys
        key = keys.push(one.role, person)
        record: list[Args] = []
        if sign_in is not None:
            record.append(["HSET", keys.session(sign_in.digest), *sign_in.fields])
            record.append(["SADD", keys.sessions(person), sign_in.digest])
        await self._store.many(LINK, [*record, ["HSET", key, one.digest, _packed(one)]])
        kept = await self.of(one.role, person)
        oldest = sorted(kept, key=lambda other: other.at)[: max(0, len(kept) - MOST)]
        if oldest:
            await self._store.many(LINK, [["HDEL", key, *(other.digest for other in oldest)]])
        await self.settle(one.role, person, one, "new")

    async def drop(self, person: str, one: Subscription, *, lost: bool = False) -> None:
        """Forget one: its sign-in or its device said no more, or (`lost`) its push service says that it is gone."""
        await self._store.many(LINK, [["HDEL", self._store.keys.push(one.role, person), one.digest]])
        await self.settle(one.role, person, one, "lost" if lost else "left")

    async def of(self, role: str, person: str) -> list[Subscription]:
        return (await self.of_all([(role, person)]))[role, person]

    async def of_all(self, people: Collection[Who]) -> dict[Who, list[Subscription]]:
        """The subscriptions of several people, in one trip."""
        rows = await self._store.many(LINK, [["HGETALL", self._store.keys.push(*who)] for who in people])
        return {
            who: [_unpacked(row[i].decode(), row[i + 1]) for i in range(0, len(row), 2)]
            for who, row in zip(people, rows, strict=True)
        }

    async def any(self) -> bool:
        """Whether anybody can be woken at all."""
        (count,) = await self._store.many(LINK, [["HLEN", self._store.keys.wakeable]])
        return bool(count)

    async def people(self) -> list[Who]:
        """Who has any: (role, person)."""
        return sorted(await self._groups())

    async def devices(self, wakes: Collection[Wake]) -> list[Device]:
        """All devices that these rings are for, in three trips at most."""
        groups = await self._groups() if wakes else {}
        names = await self._names(wakes)
        called = [(wake, who) for wake in wakes for who in _called(wake, names[wake], groups)]
        kept = await self.of_all({who for _, who in called})
        return [Device(wake, who[1], one) for wake, who in called for one in kept[who] if one.meant(wake, names[wake])]

    async def _names(self, wakes: Iterable[Wake]) -> dict[Wake, frozenset[str]]:
        """The people, shops, desks or vans that each ring is for."""
        indexes = sorted({wake.among for wake in wakes if wake.among})
        rows = await self._store.many(LINK, [["SMEMBERS", self._store.keys.set(index)] for index in indexes])
        members = {index: frozenset(one.decode() for one in row) for index, row in zip(indexes, rows, strict=True)}
        return {wake: members[wake.among] if wake.among else frozenset({wake.name}) for wake in wakes}

    async def _groups(self) -> dict[Who, list[list[str]]]:
        """Who can be woken -> the shops, the desks and the vans of their devices."""
        (flat,) = await self._store.many(LINK, [["HGETALL", self._store.keys.wakeable]])
        # Written before crews could be woken: without their vans.
        return {_who(flat[place]): [*unpack(flat[place + 1]), []][:3] for place in range(0, len(flat), 2)}

    async def sweep(self) -> None:
        """Forget what belongs to sign-ins that are over, and tell again what stands to the services that want it."""
        groups = await self._groups()
        people = sorted(groups)
        for place in range(0, len(people), PAGE):
            page = people[place : place + PAGE]
            kept = await self.of_all(page)
            asked = [(who, one) for who in page for one in kept[who]]
            rows = await self._store.many(LINK, [self.asked(one) for _, one in asked])
            now = self._store.now()
            for (who, one), row in zip(asked, rows, strict=True):
                if not stands(row, now):
                    await self.drop(who[1], one)
            for who in page:
                if who[0] in self._dispatch.services.wakeable or _groups_of(kept[who]) != groups[who] or not kept[who]:
                    await self.settle(*who)

    async def stands(self, one: Subscription) -> bool:
        """Whether its sign-in stands."""
        (row,) = await self._store.many(LINK, [self.asked(one)])
        return stands(row, self._store.now())

    def asked(self, one: Subscription) -> Args:
        """The question that `stands` answers."""
        return ["HMGET", self._store.keys.session(one.digest), "person", "revoked", "expires"]

    async def settle(self, role: str, person: str, one: Subscription | None = None, change: Turn = "") -> None:
        """Note what stands and tell the services; who has none left leaves the index once they know.

        Args:
            one: what changed, if anything did.
        """
        kept, field = await self.of(role, person), f"{role}:{person}"
        if kept:
            await self._store.many(LINK, [["HSET", self._store.keys.wakeable, field, pack(_groups_of(kept))]])
        actor = Actor("hub", "hub", name=one.name if one else "", desk=(one.desk or None) if one else None)
        services, told = self._dispatch.services, True
        if role in services.wakeable:
            told = await self._tell(services.wakeable[role], {"person": person, "wakeable": bool(kept)}, actor)
        if change and role in services.devices:
            await self._tell(services.devices[role], {"person": person, "role": role, "change": change}, actor)
        if told and not kept:
            await self._store.many(LINK, [["HDEL", self._store.keys.wakeable, field]])
            if await self.of(role, person):  # subscribed anew in between: whoever comes last has it right
                await self.settle(role, person)

    async def _tell(self, cmd: str, data: dict[str, Any], actor: Actor) -> bool:
        id_ = str(uuid.uuid4())
        for _ in range(TELLS):
            answer = await self._dispatch.run(cmd, data, actor, id_)
            if answer.ok:
                return True
            if not answer.retry:
                break
        log.warning("push: %s: %s", cmd, answer.code)
        return False


def _groups_of(kept: Collection[Subscription]) -> list[list[str]]:
    """The shops, the desks and the vans of somebody's devices."""
    return [sorted({getattr(one, whose) for one in kept} - {""}) for whose in PLACES]


async def note_got(store: Store, kind: str, of: str, person: str) -> None:
    """Somebody's phone received a push that no service hears of."""
    key = store.keys.got(kind, of)
    await store.many(LINK, [["SADD", key, person], ["EXPIRE", key, GOT_S]])


async def got(store: Store, kind: str, of: str) -> set[str]:
    """Whose phones received it, for an hour."""
    (found,) = await store.many(LINK, [["SMEMBERS", store.keys.got(kind, of)]])
    return {one.decode() for one in found}


def _called(wake: Wake, names: frozenset[str], groups: Mapping[Who, list[list[str]]]) -> Iterable[Who]:
    """Who of those that can be woken a ring is for."""
    if wake.whose == "person":
        return [(wake.role, name) for name in names if (wake.role, name) in groups]
    place = PLACES.index(wake.whose) if wake.whose in PLACES else None
    return [
        who
        for who, found in groups.items()
        if who[0] == wake.role and (place is None or not names.isdisjoint(found[place]))
    ]


def stands(row: list[bytes | None], now: int) -> bool:
    """Whether a sign-in stands, by its record's `person`, `revoked`, `expires`."""
    person, revoked, expires = row
    return person is not None and revoked is None and expires is not None and int(expires) > now


def _who(field: bytes) -> Who:
    role, _, person = field.decode().partition(":")
    return role, person


def _packed(one: Subscription) -> bytes:
    fields: dict[str, Any] = structs.asdict(one)
    del fields["digest"]
    return pack(fields)


def _unpacked(digest: str, blob: bytes) -> Subscription:
    return Subscription(digest=digest, **unpack(blob))
