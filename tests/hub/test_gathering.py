"""Needs as questions to a real store."""

from __future__ import annotations

import pytest
from msgspec import Struct

from hub.contract import (
    Claim,
    ClaimOf,
    Decision,
    Fix,
    FixOf,
    GeoEntry,
    Members,
    Near,
    Need,
    Presence,
    Reach,
    SetEntry,
    State,
    Thing,
)
from hub.store import Committed, Store
from tests.support.commits import commit, lamp, read, topics
from tests.support.lamps import Lamp
from tests.support.live import on_loop, opened


@on_loop
async def test_indexes_are_written_with_the_commit(store_url: str) -> None:
    """Set and geo entries appear, are found by their needs, nearest first, and go."""
    async with opened(store_url) as (store, _):
        near, far = GeoEntry("lamps", "near", -7.4795, 112.4356), GeoEntry("lamps", "far", -7.47, 112.44)
        index = (SetEntry("on", "b"), SetEntry("on", "a"), far, near)
        await commit(store, Decision(index=index))
        state = State()
        needs: list[Need] = [
            Members("on"),
            Members("on", 1),
            Near("lamps", -7.4795, 112.4356, 5000, 5),
            Members("none"),
        ]
        await store.gather("normal", state, needs, store.now(), store.deadline())
        assert state.found[needs[0]] == ("a", "b")
        assert state.found[needs[1]] == ("a",)
        assert [hit.id for hit in state.found[needs[2]]] == ["near", "far"]
        assert state.found[needs[3]] == ()
        await commit(store, Decision(index=(SetEntry("on", "a", remove=True), GeoEntry("lamps", "near"))))
        state = State()
        await store.gather("normal", state, needs, store.now(), store.deadline())
        assert state.found[needs[0]] == ("b",)
        assert [hit.id for hit in state.found[needs[2]]] == ["far"]


@pytest.mark.parametrize(("lat", "lon"), [(90.0, 180.0), (-90.0, -180.0), (89.0, 0.0)])
@on_loop
async def test_a_place_at_the_pole_neither_breaks_a_commit_nor_a_search(store_url: str, lat: float, lon: float) -> None:
    """The store's own index ends at 85 degrees; positions are allowed up to 90."""
    async with opened(store_url) as (store, _):
        decision = Decision(writes=(lamp(),), index=(GeoEntry("lamps", "a", lat, lon),), changes=topics(1))
        assert isinstance(await commit(store, decision), Committed)
        state = State()
        need = Near("lamps", lat, lon, 1000, 5)
        await store.gather("normal", state, [need], store.now(), store.deadline())
        assert [hit.id for hit in state.near(need)] == ["a"]
        assert await store.put_fix(Fix("lamp", "a", lat, lon, 5, index="lamps"), 5)


class Newer(Struct, frozen=True):
    """A lamp as the next version has it."""

    id: str
    on: bool = False
    colour: str = "white"


@on_loop
async def test_old_records_decode_in_a_newer_version(store_url: str) -> None:
    """Fields with defaults may be added."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(on=True, count=3),)))
        newer = Store(store_url, store.city, demo=False, types={"lamp": Newer})
        await newer.open()
        state = await read(newer, ("lamp", "a"))
        assert state.thing(Newer, "lamp", "a") == Newer("a", True)
        await newer.close()


@on_loop
async def test_each_need_reads_what_it_says(store_url: str) -> None:
    """Things with their version, claims, fixes and presence; nothing reads as None."""
    async with opened(store_url) as (store, _):
        await commit(store, Decision(writes=(lamp(on=True),), claims=(Claim("name", "r1"),)))
        await store.put_fix(Fix("lamp", "a", -7.4, 112.4, 5), 5)
        state = State()
        needs: list[Need] = [
            Thing("lamp", "a"),
            Thing("lamp", "b"),
            ClaimOf("name"),
            ClaimOf("free"),
            FixOf("lamp", "a"),
        ]
        await store.gather("normal", state, [*needs, FixOf("lamp", "b")], store.now(), store.deadline())
        assert state.thing(Lamp, "lamp", "a") == Lamp("a", on=True)
        assert state.thing(Lamp, "lamp", "b") is None
        assert (state.claim("name"), state.claim("free")) == ("r1", None)
        assert state.fix("lamp", "a") == Fix("lamp", "a", -7.4, 112.4, 5)
        assert state.fix("lamp", "b") is None
        assert state.versions == {("lamp", "a"): 1, ("lamp", "b"): 0}


@on_loop
async def test_presence_joins_the_leases_of_all_hubs(store_url: str) -> None:
    """Any page that answered within its lease counts; one that ran out says only when it was there."""
    async with opened(store_url) as (store, _):
        now = store.now()
        rows = {
            "one": f"{now + 5000} 1 0 {now - 10}",
            "two": f"{now + 5000} 0 1 {now - 20}",
            "gone": f"{now - 1} 1 1 {now}",
        }
        for node, value in rows.items():
            await store.many("normal", [["HSET", store.keys.here("m1"), node, value]])
        await store.many("normal", [["HSET", store.keys.here("m2"), "gone", rows["gone"]]])
        state = State()
        await store.gather("normal", state, [Presence("m1"), Presence("m2"), Presence("m3")], now, store.deadline())
        assert state.reach("m1") == Reach(connected=True, audible=True, visible=True, here_at=now)
        assert state.reach("m2") == Reach(here_at=now)
        assert state.reach("m3") == Reach()


@on_loop
async def test_what_is_known_is_not_asked_again(store_url: str) -> None:
    """A second round of gathering reads only what is new."""
    async with opened(store_url) as (store, _):
        state = await read(store, ("lamp", "a"))
        await commit(store, Decision(writes=(lamp(),)))
        await store.gather("normal", state, [Thing("lamp", "a"), Thing("lamp", "b")], store.now(), store.deadline())
        assert state.thing(Lamp, "lamp", "a") is None
        assert state.has(Thing("lamp", "b"))
