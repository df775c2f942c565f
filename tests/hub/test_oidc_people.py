"""From a believed token to a member of the staff: always the same person, one post, and no way around a desk."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from hub.commit import unpack
from hub.errors import SignInError
from hub.identity import Identity, Issued
from hub.members import member_of
from hub.oidc_page import pages_of
from hub.oidc_people import HOUR_MS, come_in, granted, person_of
from hub.oidc_table import Oidc, Post
from hub.oidc_token import Claims
from hub.renewing import renew
from hub.revoking import EVERY, end_of
from hub.store import Store
from tests.support.live import on_loop, opened

ROLES = {
    "admin": Post("admin"),
    "pusat-medis": Post("dispatcher", desk="medic"),
    "pusat-pasar": Post("dispatcher", desk="market"),
    "medis": Post("medic"),
    "awak-1": Post("crew", van="v1"),
}
OIDC = Oidc("https://sso.example", "kentongan", ROLES, max_session_h=2)


def claims(*groups: str, name: str = "Endah", subject: str = "u-1") -> Claims:
    return Claims(subject, name, groups)


async def let_in(store: Store, told: Claims) -> Issued:
    return (await come_in(store, Identity(store), OIDC, told))[0]


async def refusal(store: Store, told: Claims) -> tuple[str, str]:
    """Why they are not let in; nobody has a session of theirs afterwards."""
    before = await Identity(store).sessions(person_of(store.secret, OIDC.issuer, told.subject))
    with pytest.raises(SignInError) as refused:
        await let_in(store, told)
    assert await Identity(store).sessions(person_of(store.secret, OIDC.issuer, told.subject)) == before
    return refused.value.reason, refused.value.detail


def test_a_person_is_the_same_for_ever_and_nobody_elses() -> None:
    """By issuer and subject, under the city's key."""
    one = person_of(b"k", "https://a", "u")
    assert one == person_of(b"k", "https://a", "u")
    assert uuid.UUID(one).version == 8
    others = {person_of(b"x", "https://a", "u"), person_of(b"k", "https://b", "u"), person_of(b"k", "https://a", "v")}
    assert len({one, *others}) == 4


def test_the_first_group_of_the_file_counts() -> None:
    """Whatever their order in the token; none is none."""
    assert granted(ROLES, ["medis", "pusat-medis"]) == ROLES["pusat-medis"]
    assert granted(ROLES, ["tamu"]) is granted(ROLES, []) is None


def test_pages_are_those_that_groups_open() -> None:
    """Each once; none without an address to come back to."""
    assert pages_of(OIDC, "https://kota.example") == ["/dispatch", "/medic", "/van"]
    assert pages_of(OIDC, "") == pages_of(None, "https://kota.example") == []


@on_loop
async def test_a_first_sign_in_enrols_and_is_audited(valkey_url: str) -> None:
    """Into the roster of their desk, with the token's name; the trace says `staff.oidc`; it ends when the city says."""
    async with opened(valkey_url) as (store, _):
        issued, actor = await come_in(store, Identity(store), OIDC, claims("pusat-medis"))
        assert (actor.role, actor.desk, actor.name) == ("dispatcher", "medic", "Endah")
        assert abs(issued.expires_at - store.now() - 2 * HOUR_MS) < 5_000
        member = await member_of(store, issued.person)
        assert member is not None
        assert (member.group, member.name) == ("medic", "Endah")
        rows = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
        done = [unpack(fields[fields.index(b"e") + 1]) for _, fields in rows[0]]
        assert [(one["cmd"], one["by"], one["role"]) for one in done] == [("staff.oidc", issued.person, "dispatcher")]
        assert "Endah" not in str(done)


@on_loop
async def test_another_device_and_another_name_are_the_same_person(valkey_url: str) -> None:
    """The first sign-in stays, the roster has the new name, and a medic keeps the vehicle that the desk wrote down."""
    async with opened(valkey_url) as (store, _):
        first = await let_in(store, claims("medis"))
        await store.many("normal", [["HSET", store.keys.member(first.person), "vehicle", "motor"]])
        second = await let_in(store, claims("medis", name="Endah Baru"))
        assert first.person == second.person
        assert await Identity(store).resolve(first.token) is not None
        member = await member_of(store, first.person)
        assert member is not None
        assert (member.name, member.vehicle) == ("Endah Baru", "motor")


@pytest.mark.parametrize("groups", [("pusat-pasar",), ("medis",), ("admin", "pusat-medis")])
@on_loop
async def test_another_post_ends_the_old_one(valkey_url: str, groups: tuple[str, ...]) -> None:
    """Another role or another desk: no sign-in of before stands, also one that came by a link."""
    async with opened(valkey_url) as (store, _):
        identity = Identity(store)
        first = await let_in(store, claims("pusat-medis"))
        member = await member_of(store, first.person)
        assert member is not None
        linked = await identity.redeem((await renew(store, member, None)).code)
        assert linked is not None
        new = await let_in(store, claims(*groups))
        assert [await identity.resolve(one.token) for one in (first, linked[0])] == [None, None]
        signed_in = await identity.resolve(new.token)
        assert signed_in is not None
        assert signed_in.actor.role == granted(ROLES, groups).role  # type: ignore[union-attr]


@on_loop
async def test_no_group_no_entry(valkey_url: str) -> None:
    """The claim is named, and nobody is enrolled; whoever had a post has none any more, and is out everywhere."""
    async with opened(valkey_url) as (store, _):
        assert await refusal(store, claims()) == ("groups", "groups")
        assert await refusal(store, claims("tamu")) == ("groups", "groups")
        assert await member_of(store, person_of(store.secret, OIDC.issuer, "u-1")) is None
        issued = await let_in(store, claims("medis"))
        with pytest.raises(SignInError):
            await let_in(store, claims("tamu"))
        assert await Identity(store).resolve(issued.token) is None
        assert (await let_in(store, claims("medis"))).person == issued.person


@on_loop
async def test_a_van_must_be_there(valkey_url: str) -> None:
    """Else its crew would see an empty page."""
    async with opened(valkey_url) as (store, _):
        assert await refusal(store, claims("awak-1")) == ("van", "v1")
        await store.many("normal", [["HSET", store.keys.thing("van", "v1"), "v", 1]])
        assert (await let_in(store, claims("awak-1"))).role == "crew"


@on_loop
async def test_who_was_signed_out_of_everything_stays_out(valkey_url: str) -> None:
    """Until the desk gives a new link; one lost device is no such thing."""
    async with opened(valkey_url) as (store, _):
        issued = await let_in(store, claims("medis"))
        (device,) = await Identity(store).sessions(issued.person)
        await end_of(store, issued.person, device["id"])
        await let_in(store, claims("medis"))
        assert await end_of(store, issued.person, EVERY) == 1
        assert (await refusal(store, claims("medis")))[0] == "barred"
        member = await member_of(store, issued.person)
        assert member is not None
        await renew(store, member, None)
        assert (await let_in(store, claims("medis"))).person == issued.person


@on_loop
async def test_signing_out_and_signing_in_at_once_leaves_nobody_in(valkey_url: str) -> None:
    """Whichever comes first at each step."""
    async with opened(valkey_url) as (store, _):
        identity = Identity(store)
        for n in range(12):
            told = claims("medis", subject=f"u-{n}")
            person = person_of(store.secret, OIDC.issuer, told.subject)

            async def late(person: str = person, steps: int = n) -> None:
                for _ in range(steps):
                    await store.many("normal", [["PING"]])
                await end_of(store, person, EVERY)

            await asyncio.gather(let_in(store, told), late(), return_exceptions=True)
            assert await identity.sessions(person) == [], n
