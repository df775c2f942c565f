"""Forgetting one person: what goes, what stays, and when it must not be done."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from channels import services
from channels.medic_state import Request
from hub.commit import unpack
from hub.contract import SYSTEM, Actor, Thing
from hub.dispatch import Answer, Dispatch
from hub.identity import Identity, enrol
from hub.link import Args
from hub.privacy import OPERATOR, Privacy
from hub.push import Subscription, Subscriptions
from hub.seal import kept_keys
from hub.store import Store
from tests.channels.world import BORDERS
from tests.support.live import on_loop, opened

SERVICES = services(BORDERS)
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}
SHOP = {
    "id": "s1", "name": "Warung", "category": "food", "kelurahan": "kranggan", "owner": "Bu Tini", "phone": "0321999",
    "products": [{"id": "p1", "name": "Nasi", "price": 9000}],
}  # fmt: skip


READ = {"string": "GET", "hash": "HGETALL", "set": "SMEMBERS", "list": "LRANGE", "zset": "ZRANGE", "stream": "XRANGE"}
ALL: dict[str, list[Any]] = {
    "string": [], "hash": [], "set": [], "list": [0, -1], "zset": [0, -1], "stream": ["-", "+"],
}  # fmt: skip


def fresh() -> str:
    return str(uuid.uuid4())


async def does(dispatch: Dispatch, cmd: str, actor: Actor, **data: Any) -> dict[str, Any]:
    answer = await dispatch.run(cmd, data, actor, fresh())
    assert answer.ok, answer
    return answer.data or {}


async def everywhere(store: Store) -> bytes:
    """All that the store holds but the bus's own log of a day, and recorded outcomes, which hold no such thing."""
    (names,) = await store.many("normal", [["KEYS", "*"]])
    kept = [name for name in names if b":log:" not in name and b":out:" not in name]
    types = [type_.decode() for type_ in await store.many("normal", [["TYPE", name] for name in kept])]
    asked: list[Args] = [[READ[type_], name, *ALL[type_]] for name, type_ in zip(kept, types, strict=True)]
    contents = await store.many("normal", asked)
    return repr([kept, contents]).encode()


async def audited(store: Store) -> list[dict[str, Any]]:
    (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
    return [unpack(dict(zip(row[1][::2], row[1][1::2], strict=True))[b"e"]) for row in rows]


@on_loop
async def test_a_resident_is_forgotten_everywhere(store_url: str) -> None:
    """Key, sign-in, claims, marks and wishes go; what has ended is blurred on every screen; ids and figures stay."""
    async with opened(store_url, *SERVICES) as (store, dispatch):
        issued = Identity(store).resident("ab" * 32)
        signed_in = await Identity(store).resolve(issued.token)
        assert signed_in is not None
        ani = signed_in.actor
        said = {"location": HERE, "phone": "08123400", "landmark": "pagar ungu"}
        answer = await dispatch.run("medic.call", said, ani, fresh(), sign_in=signed_in.sign_in)
        assert answer.data is not None
        request = answer.data["request"]
        await does(dispatch, "medic.close", DESK, request=request, outcome="unfounded", note="tidak ada orang")
        await does(dispatch, "stop.ask", ani, kelurahan="kranggan", note="dekat balai ungu")
        await does(dispatch, "want.post", ani, category="food", words="sate ungu", kelurahan="kranggan", name="Ani")
        things = await Privacy(dispatch).things(ani.person)
        assert {held.type for held in things} == {"request", "caller", "wish", "want", "buyer"}
        want = next(held.id for held in things if held.type == "want")
        await does(dispatch, "want.close", ani, want=want)
        assert b"ungu" in await everywhere(store)

        erased = await Privacy(dispatch).erase(ani.person, ani)
        assert erased.ok, erased
        left = await everywhere(store)
        for word in (b"ungu", b"08123400", b"Ani", b"tidak ada orang", issued.token.encode()):
            assert word not in left, word
        assert await kept_keys(store, [ani.person]) == {}
        state = await store.found("normal", [Thing("request", request)])
        after = state.thing(Request, "request", request)
        assert after is not None
        assert (after.caller, after.state, after.outcome, after.place) == (ani.person, "closed", "unfounded", None)
        view = unpack((await store.table("urgent", f"help/{ani.person}")).things[request])
        assert "location" not in view
        assert "phone" not in view
        last = (await audited(store))[-1]
        assert (last["cmd"], last["by"], last["about"]) == ("privacy.erase", ani.person, ani.person)
        assert await Privacy(dispatch).erased_at(ani.person) > 0


@on_loop
async def test_the_caller_wins(valkey_url: str) -> None:
    """While a request or an order is under way nobody is erased, in words that name it; nothing was touched."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        ani = Actor("ani", "resident")
        request = (await does(dispatch, "medic.call", ani, location=HERE, phone="0812"))["request"]
        await does(dispatch, "shop.register", SYSTEM, shops=[SHOP])
        before = await everywhere(store)
        answer = await Privacy(dispatch).erase("ani", ani)
        assert (answer.code, answer.data) == ("illegal_step", {"open": [f"request/{request}"]})
        assert "end it first" in answer.message
        assert await everywhere(store) == before
        await does(dispatch, "medic.cancel", ani, request=request)
        lines = [{"product": "p1", "quantity": 1, "price": 9000}]
        placed = {"shop": "s1", "lines": lines, "fulfilment": "pickup", "name": "Ani", "phone": "08123"}
        order = (await does(dispatch, "order.place", ani, **placed))["order"]
        answer = await Privacy(dispatch).erase("ani", ani)
        assert answer.data == {"open": [f"order/{order}"]}
        await does(dispatch, "order.cancel", ani, order=order)
        assert (await Privacy(dispatch).erase("ani", ani)).ok


@pytest.mark.parametrize("person", ["nobody", "x" * 500])
@on_loop
async def test_who_is_not_known_is_told_so(valkey_url: str, person: str) -> None:
    """One sentence; nothing is written."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        answer = await Privacy(dispatch).erase(person, OPERATOR)
        assert answer.code == "not_found"
        assert answer.message == f"nothing is kept of {person[:200]}"
        assert await audited(store) == []


@on_loop
async def test_erased_twice_is_said_and_one_who_came_back_can_be_erased_again(valkey_url: str) -> None:
    """Between the two there is nothing; a new key opens nothing that the old one sealed."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        privacy, ani = Privacy(dispatch), Actor("ani", "resident")
        await does(dispatch, "stop.ask", ani, kelurahan="kranggan", note="dekat balai")
        first = (await audited(store))[0]
        assert (await privacy.erase("ani", ani)).ok
        again = await privacy.erase("ani", ani)
        assert (again.code, again.message) == ("not_found", "ani was erased already: nothing is kept but the id")
        await does(dispatch, "stop.ask", ani, kelurahan="meri", note="dekat pasar")
        keys = await kept_keys(store, ["ani"])
        assert "told" not in dispatch.sealing.opened_entry(first, keys)
        assert (await privacy.erase("ani", ani)).ok


@on_loop
async def test_after_a_restore_who_was_erased_is_erased_again(valkey_url: str) -> None:
    """What a backup brought back goes anew; who was erased before the backup and came since is left alone."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        privacy = Privacy(dispatch)
        people = [Actor("ani", "resident"), Actor("budi", "resident")]
        for actor in people:
            await does(dispatch, "stop.ask", actor, kelurahan="kranggan", note="dekat balai")
            assert (await privacy.erase(actor.person, actor)).ok
        since = await privacy.erased_at("budi")
        await store.many("normal", [["ZADD", store.keys.erased, since - 60_000, "ani"]])
        for actor in people:  # a restore
            await does(dispatch, "stop.ask", actor, kelurahan="meri", note="dekat balai")
        assert await privacy.again(since) == ["budi"]
        assert await privacy.known("ani")
        assert await privacy.again() == ["ani"]
        assert await privacy.again() == []


@on_loop
async def test_staff_lose_their_sign_ins_their_record_and_what_wakes_them(valkey_url: str) -> None:
    """On duty they stay; off duty they go, and so do their names on old offers. A service account is no person."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        identity, privacy = Identity(store), Privacy(dispatch)
        redeemed = await identity.redeem((await enrol(store, role="medic", name="Bidan Sari")).code)
        assert redeemed is not None
        issued, sari = redeemed
        device = Subscription("d", "medic", "Bidan Sari", "https://push.example/x", b"p" * 65, b"a" * 16, 1)
        await Subscriptions(store, dispatch).put(sari.person, device)
        await does(dispatch, "medic.duty", sari, on=True)
        ani = Actor("ani", "resident")
        request = (await does(dispatch, "medic.call", ani, location=HERE))["request"]
        await does(dispatch, "medic.cancel", ani, request=request)
        assert (await privacy.erase(sari.person, OPERATOR)).data == {"open": [f"medic/{sari.person}"]}
        await does(dispatch, "medic.duty", sari, on=False)
        assert (await privacy.erase(sari.person, OPERATOR)).ok
        assert await identity.resolve(issued.token) is None
        assert b"Sari" not in await everywhere(store)
        assert await Subscriptions(store, dispatch).of("medic", sari.person) == []
        service = await enrol(store, role="service", name="PMI", desk="city")
        refused = await privacy.erase(service.person, OPERATOR)
        assert refused == Answer(
            False, None, "not_allowed", f"{service.person} is a service account, no person: revoke it instead"
        )


@on_loop
async def test_a_phone_caller_and_a_shop_are_forgotten_by_the_names_of_their_keys(valkey_url: str) -> None:
    """They never signed in, and can be erased all the same; the shop itself stays, its goods too."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        privacy = Privacy(dispatch)
        phoned = {"location": HERE, "phone": "08129900", "source": "phone_112"}
        request = (await does(dispatch, "medic.call", DESK, **phoned))["request"]
        await does(dispatch, "medic.close", DESK, request=request, outcome="treated")
        assert (await privacy.erase(f"phone.{request}", OPERATOR)).ok
        await does(dispatch, "shop.register", SYSTEM, shops=[SHOP])
        assert (await privacy.erase("shop.s1", OPERATOR)).ok
        left = await everywhere(store)
        for word in (b"08129900", b"Bu Tini", b"0321999"):
            assert word not in left, word
        assert b"Warung" in left
