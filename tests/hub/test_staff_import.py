"""Everybody of a list is enrolled once, with a link for each who has not signed in."""

from __future__ import annotations

from hub.identity import Identity
from hub.members import People
from hub.services import Services
from hub.staff_import import enrol_all
from hub.staff_sheet import read_people
from tests.support.lamps import Lamps
from tests.support.live import on_loop, opened

LIST = read_people(
    b"nama,peran,toko,meja\nSari,medis,,\nSri,penjual,s01,\nEndah,pusat,,medis\nTini,penjual,s99,\n"
).good


@on_loop
async def test_the_same_list_again_makes_nobody_twice(store_url: str) -> None:
    """Who signed in keeps that; an unused link is replaced; a shop that is not there is a fault with its line."""
    async with opened(store_url) as (store, _):
        identity, heard = Identity(store), [0]
        await store.many("normal", [["HSET", store.keys.thing("shop", "s01"), "v", 1]])
        first = await enrol_all(store, LIST, lambda count: heard.append(count))
        assert [(one.line, one.name) for one in first.links] == [(2, "Sari"), (3, "Sri"), (4, "Endah")]
        assert [(one.line, one.column, one.got) for one in first.faults] == [(5, "shop", "s99")]
        assert sum(heard) == 4
        code = first.links[0].path.partition("#masuk=")[2]
        redeemed = await identity.redeem(code)
        assert redeemed is not None
        assert redeemed[1].person == LIST[0].id
        again = await enrol_all(store, LIST)
        assert (again.same, [one.name for one in again.links]) == (1, ["Sri", "Endah"])
        assert await identity.redeem(first.links[1].path.partition("#masuk=")[2]) is None
        assert await identity.redeem(again.links[1].path.partition("#masuk=")[2]) is not None
        assert await identity.resolve(redeemed[0].token) is not None
        found, _ = await People(store, Services((Lamps(),))).newest(("medic", "market"))
        assert sorted(one.name for one in found) == ["Endah", "Sari", "Sri"]
