"""Who can be woken: subscriptions go with their sign-ins, and the service of their role knows."""

from __future__ import annotations

import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import structs

from channels.medic import Medic
from hub.commit import pack
from hub.contract import Actor, Command, Decision, Facts, Refusal, State, Wake
from hub.identity import Identity, enrol
from hub.push import MOST, Subscription, Subscriptions, public_key, vapid_key
from hub.store import Store
from tests.channels.world import CITY
from tests.support.live import on_loop, opened

Told = list[tuple[str, bool]]


class Noted(Medic):
    """The medic service, that notes what it is told."""

    def __init__(self) -> None:
        super().__init__(CITY)
        self.told: Told = []

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        if command.cmd == "medic.wakeable":
            self.told.append((command.data.person, command.data.wakeable))
        return super().decide(state, command, facts, actor, now)


async def signed_in(store: Store, person: str | None = None) -> tuple[str, str]:
    """A medic's (person, digest of the sign-in)."""
    identity = Identity(store)
    made = await enrol(store, role="medic", name="Sari", person=person)
    redeemed = await identity.redeem(made.code)
    assert redeemed is not None
    who = await identity.resolve(redeemed[0].token)
    assert who is not None
    return who.actor.person, who.digest


def of(digest: str, at: int = 1, **more: Any) -> Subscription:
    fields = {"endpoint": "https://push.example/one", "p256dh": b"p" * 65, "auth": b"a" * 16, **more}
    return Subscription(digest=digest, role="medic", name="Sari", at=at, **fields)


def test_the_city_has_one_key() -> None:
    """The same secret is the same point of P-256; another is another."""
    secret = os.urandom(32)
    point = public_key(secret)
    assert ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point).key_size == 256
    assert public_key(secret) == point != public_key(os.urandom(32))
    assert vapid_key(secret).curve.name == "secp256r1"


@on_loop
async def test_a_service_knows_whether_its_person_can_be_woken(valkey_url: str) -> None:
    """True with the first device, false after the last; the index holds exactly those who have one."""
    service = Noted()
    async with opened(valkey_url, service) as (store, dispatch):
        kept = Subscriptions(store, dispatch)
        person, digest = await signed_in(store)
        _, second = await signed_in(store, person)
        await kept.put(person, of(digest))
        await kept.put(person, of(second))
        assert sorted(one.digest for one in await kept.of("medic", person)) == sorted([digest, second])
        assert await kept.people() == [("medic", person)]
        await kept.drop(person, of(digest))
        await kept.drop(person, of(second))
        assert service.told == [(person, True), (person, True), (person, True), (person, False)]
        assert await kept.people() == []
        assert await kept.of("medic", person) == []


@on_loop
async def test_a_subscription_goes_with_its_sign_in(valkey_url: str) -> None:
    """A sweep forgets what belongs to a sign-in that is over, and says so."""
    service = Noted()
    async with opened(valkey_url, service) as (store, dispatch):
        kept = Subscriptions(store, dispatch)
        person, digest = await signed_in(store)
        await kept.put(person, of(digest))
        await kept.sweep()
        assert len(await kept.of("medic", person)) == 1
        await store.many("normal", [["HSET", store.keys.session(digest), "revoked", "1"]])
        assert not await kept.stands(of(digest))
        await kept.sweep()
        assert await kept.people() == []
        assert service.told[-1] == (person, False)


@on_loop
async def test_a_person_has_a_bounded_number_of_devices(valkey_url: str) -> None:
    """The oldest goes."""
    async with opened(valkey_url, Medic(CITY)) as (store, dispatch):
        kept = Subscriptions(store, dispatch)
        for number in range(MOST + 1):
            await kept.put("m", of(f"d{number}", at=number + 1))
        assert "d0" not in {one.digest for one in await kept.of("medic", "m")}
        assert len(await kept.of("medic", "m")) == MOST


@on_loop
async def test_what_the_service_was_not_told_is_told_at_the_next_sweep(valkey_url: str) -> None:
    """A hub that went down between forgetting and telling leaves no medic who seems wakeable."""
    service = Noted()
    async with opened(valkey_url, service) as (store, dispatch):
        kept = Subscriptions(store, dispatch)
        await kept.put("m", of("d"))
        await store.many("normal", [["DEL", store.keys.push("medic", "m")]])
        await kept.sweep()
        assert service.told[-1] == ("m", False)
        assert await kept.people() == []


def wake(**more: Any) -> Wake:
    fields = {"kind": "order", "id": "o", "role": "seller", "name": "s1", "at": 1, "whose": "shop", **more}
    return Wake(**fields)


@on_loop
async def test_a_ring_finds_the_devices_that_it_is_for(valkey_url: str) -> None:
    """A person's, a shop's, a desk's, a role's, or those of an index; a device of another shop is not meant."""
    async with opened(valkey_url, Medic(CITY)) as (store, dispatch):
        kept = Subscriptions(store, dispatch)
        people: list[tuple[str, str, dict[str, str]]] = [
            ("sri", "seller", {"shop": "s1"}), ("tari", "seller", {"shop": "s1"}), ("yanto", "seller", {"shop": "s2"}),
            ("wulan", "dispatcher", {"desk": "medic"}), ("sari", "medic", {}), ("darmo", "crew", {"van": "v1"}),
        ]  # fmt: skip
        for person, role, more in people:
            await kept.put(person, structs.replace(of(f"d-{person}"), role=role, **more))
        await kept.put("sri", structs.replace(of("d-other"), role="seller", shop="s3"))
        await store.many("normal", [["SADD", store.keys.set("open/x"), "s2", "s9"]])

        async def found(**more: Any) -> list[str]:
            return sorted(one.one.digest for one in await kept.devices([wake(**more)]))

        assert await found() == ["d-sri", "d-tari"]
        assert await found(among="open/x", name="") == ["d-yanto"]
        assert await found(whose="person", name="sri") == ["d-other", "d-sri"]
        assert await found(role="dispatcher", whose="desk", name="medic") == ["d-wulan"]
        assert await found(role="dispatcher", whose="desk", name="van") == []
        assert await found(role="medic", whose="role", name="") == ["d-sari"]
        assert await found(role="crew", whose="van", name="v1") == ["d-darmo"]
        assert await found(role="crew", whose="van", name="v2") == []
        older = [["s1"], []]  # as it was written before crews could be woken
        await store.many("normal", [["HSET", store.keys.wakeable, "seller:sri", pack(older)]])
        assert await found() == ["d-sri", "d-tari"]
        assert await kept.devices([]) == []
        await kept.drop("tari", structs.replace(of("d-tari"), role="seller"))
        assert await found() == ["d-sri"]
