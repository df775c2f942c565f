"""Who a token is: devices that made their own secret, staff with a one-time code."""

from __future__ import annotations

import pytest

from hub.contract import Decision
from hub.errors import DataError
from hub.identity import STAFF, Identity, digest_of, enrol, record_base, recorded_base
from hub.members import DESKS
from hub.store import Committed
from tests.support.commits import commit, everything, lamp
from tests.support.live import on_loop, opened

DEVICE = "5a" * 32


@on_loop
async def test_a_device_is_one_person_wherever_it_asks(store_url: str) -> None:
    """Derived, not recorded: the same device, the same person and token, through any hub; nothing is written."""
    async with opened(store_url) as (one, _), opened(store_url) as (two, _):
        before = await everything(one)
        first, again = Identity(one).resident(DEVICE), Identity(two).resident(DEVICE.upper())
        other = Identity(one).resident("6b" * 32)
        assert (first.person, first.token, first.role) == (again.person, again.token, "resident")
        assert other.person != first.person
        assert first.token.startswith("k1.35.76.")
        assert first.person not in first.token
        who = await Identity(two).resolve(first.token)
        assert who is not None
        assert (who.actor.person, who.actor.role, who.actor.verified) == (first.person, "resident", False)
        assert await everything(one) == before


@pytest.mark.parametrize("device", [None, 5, "", "5a" * 31, "5a" * 33, "zz" * 32, " " + "5a" * 32])
@on_loop
async def test_a_device_is_64_hex_digits(valkey_url: str, device: object) -> None:
    """Anything else is `bad_data` of `device`."""
    async with opened(valkey_url) as (store, _):
        with pytest.raises(DataError) as caught:
            Identity(store).resident(device)
        assert caught.value.path == "device"


@on_loop
async def test_the_first_durable_command_verifies_a_device(store_url: str) -> None:
    """Recorded with it, hashed: from then on it is verified, and listed."""
    async with opened(store_url) as (store, _):
        identity = Identity(store)
        issued = identity.resident(DEVICE)
        who = await identity.resolve(issued.token)
        assert who is not None
        assert await identity.sessions(issued.person) == []
        assert isinstance(await commit(store, Decision(writes=(lamp(),)), sign_in=who.sign_in), Committed)
        known = await identity.resolve(issued.token)
        assert known is not None
        assert known.actor.verified
        assert known.sign_in is None
        (row,) = await identity.sessions(issued.person)
        assert (row["role"], row["id"]) == ("resident", digest_of(issued.token)[:32])
        assert not any(issued.token.encode() in key + value for key, value in (await everything(store)).items())


def spellings(token: str) -> list[str]:
    """Other texts that a lax reader of base64 takes for the same token."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = [token[:-1] + letter for letter in letters if letter != token[-1]]
    return [*last, token + "=", token + "==", token[:20] + "!" + token[20:], token + "\n"]


@on_loop
async def test_a_revoked_token_is_revoked_in_every_spelling(store_url: str) -> None:
    """One sign-in has one text: whoever was signed out does not come back by respelling it."""
    async with opened(store_url) as (store, _):
        identity = Identity(store)
        issued = identity.resident(DEVICE)
        for text in spellings(issued.token):
            assert await identity.resolve(text) is None
        who = await identity.resolve(issued.token)
        assert who is not None
        assert await identity.revoke(who, "current")
        for text in [issued.token, *spellings(issued.token)]:
            assert await identity.resolve(text) is None


@pytest.mark.parametrize("token", ["", "k1.", "k1.35.77.abc", "k1.35.76.", "k1.35.76." + "a" * 300, "k1.35.76.ä", "x"])
@on_loop
async def test_other_tokens_are_nobody(valkey_url: str, token: str) -> None:
    """Of another city, too long, or never made."""
    async with opened(valkey_url) as (store, _):
        assert await Identity(store).resolve(token) is None


@on_loop
async def test_another_citys_device_is_nobody_here(valkey_url: str) -> None:
    """Each city has its own key."""
    async with opened(valkey_url) as (here, _), opened(valkey_url, city="35.77") as (there, _):
        token = Identity(there).resident(DEVICE).token
        assert await Identity(here).resolve(token) is None
        assert await Identity(here).resolve(token.replace("35.77", "35.76")) is None


@on_loop
async def test_a_code_is_redeemed_once(store_url: str) -> None:
    """The first POST makes the sign-in, the second hears that it was used."""
    async with opened(store_url) as (store, _):
        made = await enrol(store, role="medic", name="Sari", vehicle="motor")
        assert made.url_path == f"/medic#masuk={made.code}"
        identity = Identity(store)
        redeemed = await identity.redeem(made.code)
        assert redeemed is not None
        issued, actor = redeemed
        assert (actor.person, actor.role, actor.name, actor.vehicle) == (made.person, "medic", "Sari", "motor")
        who = await identity.resolve(issued.token)
        assert who is not None
        assert who.actor == actor
        assert who.sign_in is None
        assert await identity.redeem(made.code) is None
        assert len(await identity.sessions(made.person)) == 1
        assert not any(made.code.encode() in key + value for key, value in (await everything(store)).items())


@pytest.mark.parametrize("code", [None, 5, "", "short", "x" * 65])
@on_loop
async def test_what_cannot_be_a_code_is_bad_data(valkey_url: str, code: object) -> None:
    """Wrong type or length; one that was never made is merely refused."""
    async with opened(valkey_url) as (store, _):
        with pytest.raises(DataError):
            await Identity(store).redeem(code)
        assert await Identity(store).redeem("never-made-never-made") is None


@on_loop
async def test_each_role_carries_what_it_works_for(valkey_url: str) -> None:
    """Seller and shop, crew and van, dispatcher and desk; a lack of it is named."""
    async with opened(valkey_url) as (store, _):
        for role, more in (
            ("seller", {"shop": "s01"}),
            ("crew", {"van": "v1"}),
            ("tracker", {"van": "v1"}),
            *(("dispatcher", {"desk": desk}) for desk in DESKS),
            ("service", {"desk": "city"}),
            *((role, {}) for role in ("medic", "plut", "admin", "service")),
        ):
            made = await enrol(store, role=role, name="N", **more)
            redeemed = await Identity(store).redeem(made.code)
            assert redeemed is not None
            actor = redeemed[1]
            assert {key: getattr(actor, key) for key in more} == more
        for role, path in (("seller", "shop"), ("crew", "van"), ("dispatcher", "desk"), ("resident", "role")):
            with pytest.raises(DataError) as caught:
                await enrol(store, role=role, name="N")
            assert caught.value.path == path
        with pytest.raises(DataError, match="desk"):
            await enrol(store, role="service", name="N", desk="nowhere")
        assert "resident" not in STAFF


@on_loop
async def test_a_person_signs_one_device_out(store_url: str) -> None:
    """By its id or as `current`; others of the same person stay, and nobody signs out a stranger."""
    async with opened(store_url) as (store, _):
        identity = Identity(store)
        tokens = []
        for _ in range(2):
            made = await enrol(store, role="medic", name="Sari", person="m1")
            redeemed = await identity.redeem(made.code)
            assert redeemed is not None
            tokens.append(redeemed[0].token)
        one, two = [await identity.resolve(token) for token in tokens]
        assert one is not None
        assert two is not None
        stranger = await identity.resolve(identity.resident(DEVICE).token)
        assert stranger is not None
        assert not await identity.revoke(stranger, two.digest[:32])
        assert await identity.revoke(one, two.digest[:32])
        assert await identity.resolve(tokens[1]) is None
        assert await identity.resolve(tokens[0]) is not None
        assert await identity.valid([one.digest, two.digest]) == [True, False]
        assert [row["id"] for row in await identity.sessions("m1")] == [one.digest[:32]]
        (rows,) = await store.many("normal", [["XRANGE", store.keys.log("urgent"), "-", "+"]])
        assert two.digest.encode() in rows[-1][1][1]


@on_loop
async def test_a_stale_sign_in_is_nobody(store_url: str) -> None:
    """After its time it does not resolve, is not valid, and its code neither."""
    async with opened(store_url) as (store, _):
        identity = Identity(store)
        made = await enrol(store, role="medic", name="Sari")
        (left,) = await store.many("normal", [["TTL", store.keys.enrol(digest_of(made.code))]])
        assert 24 * 3600 - 10 <= left <= 24 * 3600
        redeemed = await identity.redeem(made.code)
        assert redeemed is not None
        digest = digest_of(redeemed[0].token)
        await store.many("normal", [["HSET", store.keys.session(digest), "expires", store.now() - 1]])
        assert await identity.resolve(redeemed[0].token) is None
        assert await identity.valid([digest]) == [False]


@on_loop
async def test_a_sign_in_that_is_over_is_forgotten(store_url: str) -> None:
    """It lasts as long as it was said to; a day later its record is gone, with the next sign-in its name too."""
    async with opened(store_url) as (store, _):
        identity, digests = Identity(store), []
        for _ in range(2):
            redeemed = await identity.redeem((await enrol(store, role="medic", name="Sari", person="m1")).code, 60_000)
            assert redeemed is not None
            assert abs(redeemed[0].expires_at - store.now() - 60_000) < 5_000
            digests.append(digest_of(redeemed[0].token))
        (left,) = await store.many("normal", [["PTTL", store.keys.session(digests[0])]])
        assert abs(left - 60_000 - 24 * 3_600_000) < 5_000
        await store.many("normal", [["DEL", store.keys.session(digests[0])]])
        assert await identity.redeem((await enrol(store, role="medic", name="Sari", person="m1")).code) is not None
        (names,) = await store.many("normal", [["SMEMBERS", store.keys.sessions("m1")]])
        assert digests[0].encode() not in names
        assert len(names) == 2


@on_loop
async def test_the_running_hubs_address_is_recorded(valkey_url: str) -> None:
    """Links are made with it."""
    async with opened(valkey_url) as (store, _):
        assert await recorded_base(store) is None
        await record_base(store, "http://127.0.0.1:8001")
        assert await recorded_base(store) == "http://127.0.0.1:8001"
