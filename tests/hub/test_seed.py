"""One file makes a city: what is read, and who its people are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub import wire
from hub.app import CITY, internal
from hub.contract import SYSTEM
from hub.errors import StartError
from hub.identity import Identity
from hub.seed import human_links, people_of, person_of, read_seed, sow
from hub.store import Store

SEED = Path(__file__).resolve().parents[2] / "clients" / "seed.json"


def test_the_seed_is_the_promised_city() -> None:
    """60 shops with 3 products each, three vans that share the 18 kelurahan's stops, and 40 medics."""
    seed = read_seed(SEED)
    assert len(seed["shops"]) == 60
    assert all(len(shop["products"]) == 3 for shop in seed["shops"])
    assert [van["id"] for van in seed["vans"]] == ["v1", "v2", "v3"]
    driven = [stop for van in seed["vans"] for stop in van["stops"]]
    assert sorted(driven) == sorted(stop["id"] for stop in seed["stops"])
    assert [len(van["stops"]) for van in seed["vans"]] == [6, 6, 6]
    assert len(seed["stops"]) == 18
    assert len({stop["kelurahan"] for stop in seed["stops"]}) == 18
    assert len(seed["medics"]) == 40


def test_simulated_people_keep_their_ids() -> None:
    """The same role and key give the same person at every start; others give others."""
    assert person_of("medic", "0") == person_of("medic", "0")
    assert len({person_of(role, key) for role in ("medic", "seller") for key in ("0", "1")}) == 4


def test_a_missing_seed_is_one_sentence(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(StartError, match="cannot be read"):
        read_seed(tmp_path / "none.json")


@pytest.mark.asyncio
async def test_everybody_gets_a_code_that_signs_in(valkey_url: str) -> None:
    """Each simulated person and each human link has a fresh code, good once, for the right role and person."""
    store = Store(valkey_url, "35.76", demo=True)
    await store.open()
    try:
        seed = read_seed(SEED)
        people = await people_of(store, seed)
        assert [len(people[role]) for role in ("medics", "sellers", "crew")] == [40, 60, 3]
        identity = Identity(store)
        for role, one in [
            ("medic", people["medics"][7]),
            ("seller", people["sellers"][3]),
            ("crew", people["crew"][0]),
            ("crew", people["crew"][2]),
            ("dispatcher", people["city_desk"]),
            ("dispatcher", people["van_desk"]),
            ("plut", people["plut"]),
        ]:
            signed_in = await identity.redeem(one["code"])
            assert signed_in is not None
            assert (signed_in[0].person, signed_in[0].role) == (one["person"], role)
            assert await identity.redeem(one["code"]) is None
        assert [one["van"] for one in people["crew"]] == ["v1", "v2", "v3"]
        links = await human_links(store, seed)
        assert [link.role for link in links] == ["medic", "seller", "crew", "dispatcher"]
        assert links[0].url_path.startswith("/medic#masuk=")
        assert not {link.person for link in links} & {medic["person"] for medic in people["medics"]}
    finally:
        await store.close()


@pytest.mark.asyncio
async def test_the_van_of_an_older_folder_shares_its_stops(valkey_url: str) -> None:
    """Where one van did all 18 stops it keeps six of them, the others get theirs; a second start changes nothing."""
    seed = read_seed(SEED)
    keys = ("id", "name", "kelurahan", "lat", "lon")
    every = [{**{key: stop[key] for key in keys}, "scheduled_at": 60 + n} for n, stop in enumerate(seed["stops"])]
    async with internal(valkey_url, CITY, True) as dispatch:
        old = {"van": {"id": "v1", "name": "Mobil keliling 1", "services": ["KTP"]}, "stops": every}
        assert (await dispatch.run("van.seed", old, SYSTEM, "old")).ok
        assert await sow(dispatch, {**seed, "shops": []}) == 3
        table = (await dispatch.store.table("bulk", "vans")).things
        assert sorted(table) == ["v1", "v2", "v3"]
        for van in seed["vans"]:
            view = wire.decode((await dispatch.store.table("bulk", f"van/{van['id']}")).things[van["id"]], "msgpack")
            assert (view["name"], [stop["stop"] for stop in view["trip"]]) == (van["name"], van["stops"])
        shown = {}
        for stop in seed["stops"]:
            things = (await dispatch.store.table("bulk", f"stop/{stop['id']}")).things
            shown[stop["id"]] = wire.decode(things[stop["id"]], "msgpack")
        assert {view["van"] for view in shown.values()} == {"v1", "v2", "v3"}
        assert all(service["papers"] and service["quota"] for one in shown.values() for service in one["services"])
        before = await dispatch.store.table("bulk", "vans")
        await sow(dispatch, {**seed, "shops": []})
        assert await dispatch.store.table("bulk", "vans") == before


@pytest.mark.asyncio
async def test_a_stop_that_is_not_in_the_file_is_named() -> None:
    """A van's list may hold only the file's own stops."""
    van = {"id": "v1", "name": "Mobil", "stops": ["t99"], "services": []}
    with pytest.raises(StartError, match="vans v1: expected stops of the file, got t99"):
        await sow(None, {"vans": [van], "stops": []})  # type: ignore[arg-type]


def test_a_file_with_one_van_is_read_as_one_of_several(tmp_path: Path) -> None:
    """Its van does all stops, with its services and its crew; a file with both forms is refused."""
    old = {"van": {"id": "v1", "name": "Mobil", "services": ["KTP"]}, "crew": ["Joko"], "stops": [{"id": "st1"}]}
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(old))
    services = [{"service": "KTP", "papers": []}]
    van = {"id": "v1", "name": "Mobil", "crew": ["Joko"], "stops": ["st1"], "services": services}
    assert read_seed(path) == {"stops": [{"id": "st1"}], "vans": [van]}
    path.write_text(json.dumps({**old, "vans": []}))
    with pytest.raises(StartError, match="expected vans or van, got both"):
        read_seed(path)
