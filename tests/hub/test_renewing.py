"""A new device for somebody who is enrolled: the same person, and the lost device goes when the link is used."""

from __future__ import annotations

from typing import Any

import pytest

from hub.closing import SIGNED_OUT
from hub.commit import unpack
from hub.errors import DataError
from hub.identity import Identity, Issued, digest_of, enrol
from hub.members import member_of
from hub.renewing import check_same, renew, replaced
from hub.store import Store
from tests.support.clients import Client
from tests.support.http import http
from tests.support.live import Hub, on_loop, opened, running_hub, two_hubs

ENROLMENTS, STAFF = "/v1/enrolments", "/v1/staff"


async def signed_in(store: Store, code: str) -> Issued:
    redeemed = await Identity(store).redeem(code)
    assert redeemed is not None
    return redeemed[0]


def session(issued: Issued) -> str:
    """The id by which people name a sign-in."""
    return digest_of(issued.token)[:32]


async def post(hub: Hub, token: str, **body: Any) -> tuple[int, Any]:
    status, _, answer = await http(hub.port, "POST", ENROLMENTS, body, token=token)
    return status, answer


async def redeemed(hub: Hub, code: str) -> tuple[int, Any]:
    status, _, answer = await http(hub.port, "POST", "/v1/sessions", {"code": code})
    return status, answer


async def row(hub: Hub, token: str, person: str) -> dict[str, Any]:
    _, _, body = await http(hub.port, "GET", STAFF, token=token)
    (one,) = [one for one in body["people"] if one["person"] == person]
    found: dict[str, Any] = one
    return found


@on_loop
async def test_a_second_link_is_a_second_device_of_the_same_person(valkey_url: str) -> None:
    """Both are listed, in the desk's list and in their own; name, vehicle and past are theirs."""
    async with running_hub(valkey_url) as hub:
        chief, medic = await hub.staff("dispatcher", desk="medic"), await hub.staff("medic", vehicle="motor")
        status, made = await post(hub, chief.token, person=medic.person)
        assert (status, made["person"], made["role"]) == (201, medic.person, "medic")
        assert set(made) == {"person", "role", "link", "code", "expires_at", "qr"}
        status, issued = await redeemed(hub, made["code"])
        assert (status, issued["person"], issued["role"]) == (201, medic.person, "medic")
        one = await row(hub, chief.token, medic.person)
        assert (len(one["sessions"]), one["vehicle"]) == (2, "motor")
        _, _, mine = await http(hub.port, "GET", "/v1/sessions", token=issued["token"])
        assert len(mine["sessions"]) == 2
        who = await hub.node.identity.resolve(issued["token"])
        assert who is not None
        assert who.actor.vehicle == "motor"


@pytest.mark.parametrize("which", ["all", "one"])
@on_loop
async def test_the_lost_device_goes_when_the_link_is_used_and_not_before(valkey_url: str, which: str) -> None:
    """Its socket closes with 4501 at another hub within 2 s of the new one's tap; until then it works."""
    async with two_hubs(valkey_url) as (hub, other):
        chief, lost = await hub.staff("dispatcher", desk="medic"), await hub.staff("medic")
        kept = await signed_in(hub.store, (await enrol(hub.store, role="medic", name="x", person=lost.person)).code)
        socket = await Client.open(other.port, lost.token)
        await socket.welcome()
        status, made = await post(
            hub, chief.token, person=lost.person, replace=True if which == "all" else session(lost)
        )
        assert status == 201
        assert len((await row(hub, chief.token, lost.person))["sessions"]) == 2
        await socket.send({"t": "leave", "ref": 1, "topic": "city"})
        assert (await socket.replied(1))["ok"]
        status, issued = await redeemed(hub, made["code"])
        assert status == 201
        assert await socket.closed(within_s=2) == SIGNED_OUT
        tokens = {lost.token: False, kept.token: which == "one", issued["token"]: True}
        for token, stands in tokens.items():
            assert (await hub.node.identity.resolve(token) is not None) == stands
        assert len((await row(hub, chief.token, lost.person))["sessions"]) == sum(tokens.values())
        await socket.end()


@on_loop
async def test_replacing_all_voids_links_that_were_not_used(store_url: str) -> None:
    """Whoever finds an old link has nothing; a link made afterwards works; another person's stand."""
    async with opened(store_url) as (store, _):
        waiting = await enrol(store, role="medic", name="Sari", person="m1")
        stranger = await enrol(store, role="medic", name="Budi", person="m2")
        member = await member_of(store, "m1")
        assert member is not None
        new = await renew(store, member, "all")
        first = await signed_in(store, new.code)
        identity = Identity(store)
        assert await identity.redeem(waiting.code) is None
        again = await renew(store, member, None)
        assert await identity.redeem(again.code) is not None
        assert await identity.redeem(stranger.code) is not None
        assert await identity.resolve(first.token) is not None


@on_loop
async def test_whoever_has_nothing_to_replace_gets_a_link(store_url: str) -> None:
    """Also who was signed out everywhere: whether they come back is for the desk to say."""
    async with opened(store_url) as (store, _):
        await enrol(store, role="medic", name="Sari", person="m1")
        member = await member_of(store, "m1")
        assert member is not None
        assert [await replaced(store, member, wanted) for wanted in (None, False, True, "all")] == [
            None,
            None,
            "all",
            "all",
        ]
        one = await signed_in(store, (await renew(store, member, "all")).code)
        assert await replaced(store, member, session(one)) == session(one)
        two = await signed_in(store, (await renew(store, member, session(one))).code)
        identity = Identity(store)
        assert [await identity.resolve(each.token) is not None for each in (one, two)] == [False, True]
        for wrong in (session(one), "", "0" * 32):
            with pytest.raises(DataError, match="replace: expected true or the id of a sign-in"):
                await replaced(store, member, wrong)


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", "dispatcher"), ("name", "Budi"), ("vehicle", "mobil"), ("desk", "medic"), ("shop", "s01"), ("van", "v1")],
)
@on_loop
async def test_what_would_make_them_somebody_else_is_refused(valkey_url: str, field: str, value: str) -> None:
    """400 that begins with the field and says what it is; the same value is taken."""
    async with running_hub(valkey_url) as hub:
        chief, medic = await hub.staff("dispatcher", desk="medic"), await hub.staff("medic", vehicle="motor")
        member = await member_of(hub.store, medic.person)
        assert member is not None
        status, answer = await post(hub, chief.token, person=medic.person, **{field: value})
        assert (status, answer["code"]) == (400, "bad_data")
        assert answer["message"].startswith(f"{field}: expected {(getattr(member, field) or '')!r}, as this person")
        check_same(member, {field: getattr(member, field) or "", "role": None})
        assert not (await row(hub, chief.token, medic.person)).get("link_until")


@on_loop
async def test_another_desks_people_are_nobody(valkey_url: str) -> None:
    """404 for them, for machines and for nobody alike; an admin may renew everybody."""
    async with running_hub(valkey_url) as hub:
        chief, medic = await hub.staff("dispatcher", desk="van"), await hub.staff("medic")
        service, admin = await hub.staff("service", desk="city"), await hub.staff("admin")
        answers = [
            await post(hub, chief.token, person=one) for one in (medic.person, service.person, "nobody", "x" * 999)
        ]
        assert [status for status, _ in answers] == [404] * 4
        assert {answer["message"] for _, answer in answers} == {"person: no such person at this desk"}
        assert (await post(hub, admin.token, person=medic.person))[0] == 201
        assert (await post(hub, admin.token, person=admin.person, replace=True))[0] == 201
        assert (await post(hub, admin.token, person=service.person))[0] == 404


@on_loop
async def test_the_trace_says_that_a_device_is_replaced(valkey_url: str) -> None:
    """By whom and whose, without the link."""
    async with running_hub(valkey_url) as hub:
        chief, medic = await hub.staff("dispatcher", desk="medic"), await hub.staff("medic")
        for replace in (None, True):
            assert (await post(hub, chief.token, person=medic.person, replace=replace))[0] == 201
        (rows,) = await hub.store.many("normal", [["XRANGE", hub.store.keys.audit, "-", "+"]])
        entries = [unpack(dict(zip(row[1][::2], row[1][1::2], strict=True))[b"e"]) for row in rows]
        assert [(entry["cmd"], entry["by"]) for entry in entries] == [
            ("staff.renew", chief.person),
            ("staff.replace", chief.person),
        ]
        assert all(entry["things"] == [f"person/{medic.person}"] for entry in entries)
