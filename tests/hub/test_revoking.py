"""Ending sign-ins: of one device, of all, and of codes that nobody used yet."""

from __future__ import annotations

from hub.identity import Identity, SignedIn, digest_of, enrol
from hub.link import Args
from hub.members import member_of
from hub.renewing import renew
from hub.revoking import end_of, forget_codes
from hub.store import Store
from tests.support.live import on_loop, opened


async def signed_in(store: Store, person: str) -> SignedIn:
    made = await enrol(store, role="medic", name="Sari", person=person)
    redeemed = await Identity(store).redeem(made.code)
    assert redeemed is not None
    who = await Identity(store).resolve(redeemed[0].token)
    assert who is not None
    return who


@on_loop
async def test_one_device_of_one_person_is_ended(store_url: str) -> None:
    """By its id, once; the person's others and everybody else's stay, and no id of somebody else is found."""
    async with opened(store_url) as (store, _):
        one, two, other = [await signed_in(store, person) for person in ("m1", "m1", "m2")]
        assert await end_of(store, "m1", other.digest[:32]) == 0
        assert await end_of(store, "m1", "nothing") == 0
        assert await end_of(store, "m1", one.digest[:32]) == 1
        assert await end_of(store, "m1", one.digest[:32]) == 0
        assert await Identity(store).valid([one.digest, two.digest, other.digest]) == [False, True, True]


@on_loop
async def test_all_ends_codes_as_well(store_url: str) -> None:
    """A link that was sent and not opened yet is worthless afterwards; a new one works."""
    async with opened(store_url) as (store, _):
        one = await signed_in(store, "m1")
        waiting = await enrol(store, role="medic", name="Sari", person="m1")
        await store.many("normal", [["HSET", store.keys.session(digest_of("stale")), "expires", store.now() - 1]])
        await store.many("normal", [["SADD", store.keys.sessions("m1"), digest_of("stale")]])
        assert await end_of(store, "m1", "all") == 1
        identity = Identity(store)
        assert await identity.valid([one.digest]) == [False]
        assert await identity.redeem(waiting.code) is None
        again = await enrol(store, role="medic", name="Sari", person="m1")
        assert await identity.redeem(again.code) is not None


@on_loop
async def test_all_bars_the_person_until_a_new_link(valkey_url: str) -> None:
    """Another way in than the desk's links hears of it; one lost device bars nobody."""
    async with opened(valkey_url) as (store, _):
        one = await signed_in(store, "m1")
        await end_of(store, "m1", one.digest[:32])
        asked: list[Args] = [["SISMEMBER", store.keys.barred, "m1"]]
        assert await store.many("normal", asked) == [0]
        await end_of(store, "m1", "all")
        assert await store.many("normal", asked) == [1]
        member = await member_of(store, "m1")
        assert member is not None
        await renew(store, member, None)
        assert await store.many("normal", asked) == [0]


@on_loop
async def test_forgetting_codes_leaves_devices(store_url: str) -> None:
    """Only what was not used dies, and somebody without codes is no fault."""
    async with opened(store_url) as (store, _):
        one = await signed_in(store, "m1")
        await forget_codes(store, "m1")
        await forget_codes(store, "nobody")
        assert await Identity(store).valid([one.digest]) == [True]
