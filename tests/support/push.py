"""Phones with Web Push: the browser's side of RFC 8291, medics who sleep, and pushes as a worker sends them."""

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

from channels.medic import Medic
from hub.contract import Actor
from hub.dispatch import Dispatch
from hub.identity import Identity, enrol
from hub.push import Subscription, Subscriptions
from hub.push_door import base64url
from hub.settings import Settings
from hub.store import Store
from tests.channels.medic_world import HERE
from tests.channels.world import CITY
from tests.support.live import opened
from tests.support.receivers import Heard
from workers.push import Pushes


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

    def of(self, digest: str) -> Subscription:
        """The same as the store keeps it."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(digest, "medic", "Sari", self.endpoint, point, self._auth, 1)

    def read(self, body: bytes) -> dict[str, Any]:
        """What was sent to it, decrypted."""
        plain = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        found: dict[str, Any] = json.loads(plain)
        return found


class Ward:
    """One city with sleeping medics, and somebody who calls."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self.store, self.dispatch = store, dispatch
        self.kept = Subscriptions(store, dispatch)

    async def sleeper(self, *endpoints: str) -> tuple[Actor, list[Device]]:
        """A medic on duty whom no page reaches, with a device at each of these addresses."""
        made = await enrol(self.store, role="medic", name="Sari")
        medic = Actor(made.person, "medic", name="Sari")
        devices = [Device(endpoint) for endpoint in endpoints]
        for device in devices:
            await self.kept.put(medic.person, device.of(await self.sign_in(medic)))
        await self.give("medic.duty", medic, on=True)
        return medic, devices

    @staticmethod
    def device(digest: str) -> Subscription:
        return Device().of(digest)

    async def sign_in(self, medic: Actor) -> str:
        made, identity = await enrol(self.store, role="medic", name="Sari", person=medic.person), Identity(self.store)
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

    async def hear(self, medic: Actor, *, audible: bool = True) -> None:
        """A page of theirs answers its beats."""
        lease = f"{self.store.now() + 10_000} 1 {int(audible)} {self.store.now()}"
        await self.store.many("normal", [["HSET", self.store.keys.here(medic.person), "n", lease]])


@contextlib.asynccontextmanager
async def ward(url: str) -> AsyncIterator[Ward]:
    async with opened(url, Medic(CITY)) as (store, dispatch):
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
