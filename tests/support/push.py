"""Phones with Web Push: the browser's side of RFC 8291, people who sleep, and pushes as a worker sends them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import uuid
from collections.abc import AsyncIterator
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import channels
from hub.contract import SYSTEM, TIMER, Actor
from hub.dispatch import Dispatch
from hub.identity import Identity, enrol
from hub.push import Subscription, Subscriptions
from hub.push_door import base64url
from hub.settings import Settings
from hub.store import Store
from tests.channels.medic_world import HERE
from tests.channels.world import BORDERS
from tests.support.live import opened
from tests.support.receivers import Heard
from workers.push import Pushes

SRI = Actor("sri", "seller", name="Sri", shop="s1")
TARI = Actor("tari", "seller", name="Tari", shop="s1")
ELSEWHERE = Actor("yanto", "seller", name="Yanto", shop="s2")
WULAN = Actor("wulan", "dispatcher", name="Wulan", desk="medic")
ENDAH = Actor("endah", "dispatcher", name="Endah", desk="market")
DARMO = Actor("darmo", "crew", name="Darmo", van="v1")
JOKO = Actor("joko", "crew", name="Joko", van="v2")
VERA = Actor("vera", "dispatcher", name="Vera", desk="van")
SOMEBODY = Actor("m", "medic", name="Sari")
ANI = Actor("5d0bd8c0-0000-4000-8000-000000000001", "resident")


class Device:
    """What a browser keeps of one subscription."""

    def __init__(self, endpoint: str = "https://push.example/one") -> None:
        self.endpoint = endpoint
        self._key, self._auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)

    @property
    def said(self) -> dict[str, Any]:
        """The subscription as a page posts it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": base64url(point), "auth": base64url(self._auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def of(self, digest: str, actor: Actor = SOMEBODY) -> Subscription:
        """The same as the store keeps it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        whose = {"role": actor.role, "name": actor.name, "shop": actor.shop or "", "desk": actor.desk or ""}
        whose["van"] = actor.van or ""
        return Subscription(digest=digest, endpoint=self.endpoint, p256dh=point, auth=self._auth, at=1, **whose)

    def read(self, body: bytes) -> dict[str, Any]:
        """What was sent to it, decrypted."""
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain)
        return found


class Ward:
    """One city with people who sleep, and somebody who calls."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self.store, self.dispatch = store, dispatch
        self.kept = Subscriptions(store, dispatch)

    async def sleeper(self, *endpoints: str) -> tuple[Actor, list[Device]]:
        """A medic on duty whom no page reaches, with a device at each of these addresses."""
        made = await enrol(self.store, role="medic", name="Sari")
        medic = Actor(made.person, "medic", name="Sari")
        devices = [await self.device(medic, endpoint) for endpoint in endpoints]
        await self.give("medic.duty", medic, on=True)
        return medic, devices

    async def device(self, actor: Actor, endpoint: str = "https://push.example/one") -> Device:
        """One more device of somebody that can be woken there."""
        device = Device(endpoint)
        await self.kept.put(actor.person, device.of(await self.sign_in(actor), actor))
        return device

    async def sign_in(self, actor: Actor) -> str:
        """The digest of a fresh sign-in of theirs, on disk."""
        identity = Identity(self.store)
        if actor.role == "resident":
            signed_in = await identity.resolve(identity.resident(uuid.UUID(actor.person).hex * 2).token)
            assert signed_in is not None
            assert signed_in.sign_in is not None
            await self.store.many(
                "normal", [["HSET", self.store.keys.session(signed_in.digest), *signed_in.sign_in.fields]]
            )
            return signed_in.digest
        of = {"role": actor.role, "name": actor.name, "person": actor.person}
        made = await enrol(self.store, **of, shop=actor.shop, desk=actor.desk, van=actor.van)
        redeemed = await identity.redeem(made.code)
        assert redeemed is not None
        who = await identity.resolve(redeemed[0].token)
        assert who is not None
        return who.digest

    async def call(self, **more: Any) -> str:
        caller = Actor(str(uuid.uuid4()), "resident")
        return str((await self.give("medic.call", caller, location=HERE, **more))["request"])

    async def give(self, cmd: str, actor: Actor, **data: Any) -> dict[str, Any]:
        answer = await self.dispatch.run(cmd, data, actor, str(uuid.uuid4()))
        assert answer.ok, answer
        return answer.data or {}

    async def deafen(self, seller: Actor) -> None:
        """Their page answers no more, and the shop's orders hear of it."""
        await self.store.many("normal", [["DEL", self.store.keys.here(seller.person)]])
        hub = Actor("hub", "hub", name=seller.name, shop=seller.shop)
        await self.give("shop.presence", hub, person=seller.person, reachable=False, connected=False)
        await self.give("order.shop_turned", TIMER, shop=seller.shop)

    async def hear(self, medic: Actor, *, audible: bool = True) -> None:
        """A page of theirs answers its beats."""
        lease = f"{self.store.now() + 10_000} 1 {int(audible)} {self.store.now()}"
        await self.store.many("normal", [["HSET", self.store.keys.here(medic.person), "n", lease]])


async def trip_of(city: Ward) -> None:
    """A van that its desk gives a trip for today."""
    await city.give("van.save", SYSTEM, van="v1", name="Mobil keliling 1")
    await city.give("stop.save", SYSTEM, stop="t01", name="Balai Kranggan", kelurahan="kranggan")
    await city.give("trip.save", VERA, van="v1", stops=[{"stop": "t01", "minute": 1_439}])


async def shop_of(city: Ward, *sellers: Actor) -> None:
    """A shop that is open, with these sellers; the first one's page answers its beats."""
    row = {"id": "s1", "name": "Warung", "category": "food", "kelurahan": "kranggan",
           "products": [{"id": "p1", "name": "Soto", "price": 15_000}]}  # fmt: skip
    await city.give("shop.register", SYSTEM, shops=[row])
    await city.hear(sellers[0])
    hub = Actor("hub", "hub", name=sellers[0].name, shop="s1")
    await city.give("shop.presence", hub, person=sellers[0].person, reachable=True, connected=True)


def order() -> dict[str, Any]:
    lines = [{"product": "p1", "quantity": 1, "price": 15_000}]
    return {"shop": "s1", "lines": lines, "fulfilment": "pickup", "name": "Ani", "phone": "0812345678"}


@contextlib.asynccontextmanager
async def ward(url: str) -> AsyncIterator[Ward]:
    async with opened(url, *channels.services(BORDERS)) as (store, dispatch):
        yield Ward(store, dispatch)


@contextlib.asynccontextmanager
async def pushing(ward: Ward, patience_s: float = 3.0, **more: Any) -> AsyncIterator[Pushes]:
    """A worker that wakes phones."""
    pushes = Pushes(ward.store, ward.dispatch, Settings(webhook_private=True), patience_s=patience_s, **more)
    running = asyncio.create_task(pushes.run())
    try:
        yield pushes
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def notes(heard: list[Heard], device: Device) -> list[dict[str, Any]]:
    return [device.read(one.body) for one in heard]
