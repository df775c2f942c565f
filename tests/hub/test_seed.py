"""One file makes a city: what is read, and who its people are."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import StartError
from hub.identity import Identity
from hub.seed import human_links, people_of, person_of, read_seed
from hub.store import Store

SEED = Path(__file__).resolve().parents[2] / "clients" / "seed.json"


def test_the_seed_is_the_promised_city() -> None:
    """60 shops with 3 products each, one van, 18 stops and 40 medics."""
    seed = read_seed(SEED)
    assert len(seed["shops"]) == 60
    assert all(len(shop["products"]) == 3 for shop in seed["shops"])
    assert seed["van"]["id"]
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
        assert [len(people[role]) for role in ("medics", "sellers", "crew")] == [40, 60, 1]
        identity = Identity(store)
        for role, one in [
            ("medic", people["medics"][7]),
            ("seller", people["sellers"][3]),
            ("crew", people["crew"][0]),
            ("dispatcher", people["city_desk"]),
            ("plut", people["plut"]),
        ]:
            signed_in = await identity.redeem(one["code"])
            assert signed_in is not None
            assert (signed_in[0].person, signed_in[0].role) == (one["person"], role)
            assert await identity.redeem(one["code"]) is None
        links = await human_links(store, seed)
        assert [link.role for link in links] == ["medic", "seller", "crew", "dispatcher"]
        assert links[0].url_path.startswith("/medic#masuk=")
        assert not {link.person for link in links} & {medic["person"] for medic in people["medics"]}
    finally:
        await store.close()
