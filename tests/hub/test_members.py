"""The people of each desk: who belongs to whom, and what the index keeps."""

from __future__ import annotations

import pytest

from hub import members as module
from hub.contract import Actor
from hub.identity import STAFF, Identity, enrol
from hub.members import DESKS, GROUPS, People, desk_of, desks_of, may_enrol
from hub.services import Services
from hub.store import Store
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened

MAY = {
    "medic": {("medic", None), ("dispatcher", "medic")},
    "market": {("seller", None), ("dispatcher", "market")},
    "van": {("crew", None), ("dispatcher", "van")},
    "city": {("plut", None), ("dispatcher", "city")},
}


def people(store: Store) -> People:
    return People(store, Services((Lamps(),)))


async def names(store: Store, *groups: str, shop: str | None = None) -> list[str]:
    return [one.name for one in (await people(store).newest(groups, shop))[0]]


@pytest.mark.parametrize("desk", DESKS)
def test_a_desk_enrols_its_own_people(desk: str) -> None:
    """Its field staff and its dispatchers, and nobody else."""
    assert set(may_enrol(Actor("d1", "dispatcher", desk=desk))) == MAY[desk]


def test_an_admin_enrols_a_dispatcher_for_each_desk() -> None:
    """And nobody else: the desks enrol their own people, machines and admins are enrolled at the command line."""
    assert may_enrol(Actor("a1", "admin")) == [("dispatcher", desk) for desk in DESKS]
    assert desks_of(Actor("a1", "admin")) == GROUPS


def test_a_desk_that_the_city_has_not_enrols_nobody() -> None:
    """Nor does an admin enrol anybody for it."""
    desks = ("medic", "van")
    assert may_enrol(Actor("a1", "admin"), desks) == [("dispatcher", "medic"), ("dispatcher", "van")]
    assert may_enrol(Actor("d1", "dispatcher", desk="city"), desks) == []


@pytest.mark.parametrize("role", [role for role in (*STAFF, "resident", "hub") if role not in ("dispatcher", "admin")])
@pytest.mark.parametrize("desk", [None, *DESKS])
def test_nobody_else_enrols_anybody(role: str, desk: str | None) -> None:
    """Whatever desk such a person may carry."""
    assert desks_of(Actor("x1", role, desk=desk)) == ()


@pytest.mark.parametrize("desk", [None, "", "admin", "nowhere"])
def test_a_dispatcher_without_a_desk_of_ours_enrols_nobody(desk: str | None) -> None:
    """What is not known is refused."""
    assert desks_of(Actor("d1", "dispatcher", desk=desk)) == ()


def test_machines_are_nobodys_people() -> None:
    """A service account may sit at the city's desk; it is no person of it."""
    assert desk_of("service", "city") is desk_of("tracker", None) is desk_of("resident", None) is None
    assert {desk_of(role, None) for role in STAFF} - {None} == set(GROUPS)


@on_loop
async def test_everybody_of_a_desk_who_is_signed_in(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many, in these roles alone; who never used the link is not one of them."""
    monkeypatch.setattr(module, "MOST", 2)
    async with opened(valkey_url) as (store, _):
        for number in range(5):
            made = await enrol(store, role="medic", name=f"M{number}")
            await Identity(store).redeem(made.code)
        await enrol(store, role="medic", name="Never")
        made = await enrol(store, role="dispatcher", name="Endah", desk="medic")
        await Identity(store).redeem(made.code)
        found = await people(store).everybody("medic", {"medic"})
        assert sorted(one.name for one in found) == [f"M{number}" for number in range(5)]
        assert len(await people(store).everybody("medic", {"medic", "dispatcher"})) == 6


@on_loop
async def test_every_enrolment_is_in_its_desks_index(store_url: str) -> None:
    """The latest first; enrolled again somebody is one person, with what was said last; others' are not there."""
    async with opened(store_url) as (store, _):
        await enrol(store, role="medic", name="Sari", person="m1", vehicle="motor")
        await enrol(store, role="dispatcher", name="Endah", desk="medic")
        await enrol(store, role="seller", name="Sri", shop="s01")
        await enrol(store, role="seller", name="Tini", shop="s02")
        await enrol(store, role="service", name="Kasir", desk="city")
        await enrol(store, role="tracker", name="Alat", van="v1")
        assert sorted(await names(store, "medic")) == ["Endah", "Sari"]
        assert await names(store, "market", shop="s02") == ["Tini"]
        assert await names(store, "market", shop="s03") == []
        assert await names(store, "van", "city", "admin") == []
        await enrol(store, role="medic", name="Sari W", person="m1", vehicle="ambulans")
        one = await people(store).one("m1")
        assert one is not None
        assert (one.name, one.vehicle, one.group) == ("Sari W", "ambulans", "medic")
        assert sorted(await names(store, "medic")) == ["Endah", "Sari W"]
        assert await people(store).one("nobody") is None


@on_loop
async def test_somebody_who_changed_desks_is_with_the_new_one(store_url: str) -> None:
    """An old place in an index shows nobody: the person's own record says whose they are."""
    async with opened(store_url) as (store, _):
        await enrol(store, role="seller", name="Sri", person="p1", shop="s01")
        await enrol(store, role="seller", name="Sri", person="p1", shop="s02")
        assert await names(store, "market", shop="s01") == []
        await enrol(store, role="crew", name="Sri", person="p1", van="v1")
        assert await names(store, "market") == []
        assert await names(store, "van") == ["Sri"]


@on_loop
async def test_a_long_list_says_how_many_are_left_out(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole register of sellers is not one answer."""
    monkeypatch.setattr(module, "MOST", 3)
    async with opened(store_url) as (store, _):
        for number in range(5):
            await enrol(store, role="medic", name=f"M{number}")
        await enrol(store, role="crew", name="Joko", van="v1")
        found, more = await people(store).newest(("medic",))
        assert (len(found), more) == (3, 2)
        found, more = await people(store).newest(("medic", "van"))
        assert (len(found), more) == (3, 3)


@on_loop
async def test_what_a_person_has_is_what_stands(store_url: str) -> None:
    """An open code until it is used, then a sign-in; a revoked or stale one is gone."""
    async with opened(store_url) as (store, _):
        index, identity = people(store), Identity(store)
        made = await enrol(store, role="medic", name="Sari", person="m1")
        member = await index.one("m1")
        assert member is not None
        (standing,) = await index.standing([member])
        assert (standing.devices, standing.reachable) == ((), False)
        assert abs(standing.link_until - made.expires_at) < 2000
        redeemed = await identity.redeem(made.code)
        assert redeemed is not None
        (standing,) = await index.standing([member])
        assert not standing.wakeable
        await store.many("normal", [["HSET", store.keys.wakeable, "medic:m1", "x"]])
        assert (await index.standing([member]))[0].wakeable
        (device,) = standing.devices
        assert (device.live, device.seen_at, standing.link_until) == (False, 0, 0)
        assert device.expires_at == redeemed[0].expires_at
        who = await identity.resolve(redeemed[0].token)
        assert who is not None
        assert who.digest.startswith(device.id)
        await identity.revoke(who, "current")
        (standing,) = await index.standing([member])
        assert standing.devices == ()
        assert await index.standing([]) == []
