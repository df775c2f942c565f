"""Sealing: what was sealed, opens with its key, in its place, and nowhere else."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.medic import Medic
from channels.medic_data import Answers
from channels.medic_state import Place, Request
from channels.offers import Offer
from channels.ticket_things import Queue, Ticket
from channels.tickets import Tickets
from hub.archive import read_archive
from hub.audit_command import verify
from hub.commit import pack, unpack
from hub.contract import Actor
from hub.errors import SealError
from hub.seal import KEY_BYTES, Sealing, aad, kept_keys, made_keys, new_key, seal, unseal
from hub.services import Services
from hub.store import Store
from tests.channels.world import CITY as GROUND
from tests.support.archives import archiving, where
from tests.support.live import CITY, on_loop, opened

ANI = Actor("ani", "resident")
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}
SECRET = b"0812000111"


def fresh() -> str:
    return str(uuid.uuid4())


SEALING = Sealing(CITY, Services([Medic(GROUND), Tickets(GROUND)]).declared)


@pytest.mark.parametrize("value", ["Ani", "", {"lat": -7.4, "lon": 112.4}, [1, None, True], "ꦲꦤꦶ"])
def test_what_was_sealed_opens_again(value: Any) -> None:
    """Any value that travels; the same one is never the same bytes twice."""
    key, bound = new_key(), aad(CITY, "ani", "phone")
    sealed = seal(key, bound, value)
    assert len(key) == KEY_BYTES
    assert unseal(key, bound, sealed) == value
    assert seal(key, bound, value) != sealed


def test_another_key_place_person_or_city_opens_nothing() -> None:
    """Nor does a field that somebody changed or cut."""
    key, sealed = new_key(), seal(bytes(32), aad(CITY, "ani", "phone"), "0812")
    with pytest.raises(SealError):
        unseal(key, aad(CITY, "ani", "phone"), sealed)
    for city, person, what in (("35.77", "ani", "phone"), (CITY, "budi", "phone"), (CITY, "ani", "note")):
        with pytest.raises(SealError):
            unseal(bytes(32), aad(city, person, what), sealed)
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:5], b""):
        with pytest.raises(SealError):
            unseal(bytes(32), aad(CITY, "ani", "phone"), wrong)


def request(**more: Any) -> Request:
    place = Place(HERE["lat"], HERE["lon"], HERE["accuracy_m"])
    said = {
        "place": place, "phone": SECRET.decode(), "note": "pagar biru", "landmark": "masjid",
        "answers": Answers(breathing="no"),
    }  # fmt: skip
    offers = {"m1": Offer(name="Bidan Sari", wave=1, at=1, reason="nearest", vehicle="motor")}
    return Request(**{"id": "r1", "caller": "ani", "called_at": 1, "grace_until": 2, "offers": offers, **said, **more})


def test_a_whole_thing_is_sealed_and_comes_back() -> None:
    """Each field with the key of whom it is about; ids and figures stay readable; so with a backup's plain form."""
    before, keys = request(), {"ani": new_key(), "m1": new_key()}
    assert SEALING.people("request", "r1", before) == {"ani", "m1"}
    plain = unpack(pack(before))
    for state in (before, plain):
        sealed = SEALING.sealed_state("request", "r1", state, keys)
        blob = pack(sealed)
        assert not any(word in blob for word in (SECRET, b"pagar", b"masjid", b"Sari", b"7.4"))
        assert (sealed["id"], sealed["caller"], sealed["offers"]["m1"]["wave"]) == ("r1", "ani", 1)
        opened_ = SEALING.unsealed_state("request", "r1", unpack(blob), keys)
        assert msgspec.convert(opened_, Request) == before
    assert plain == unpack(pack(before))


def test_who_has_no_key_any_more_is_blank_in_a_restored_thing() -> None:
    """What was theirs is as if it had never been said; others' fields are there."""
    keys = {"ani": new_key(), "m1": new_key()}
    sealed = SEALING.sealed_state("request", "r1", request(), keys)
    blind = msgspec.convert(SEALING.unsealed_state("request", "r1", sealed, {"m1": keys["m1"]}), Request)
    assert (blind.place, blind.phone, blind.note, blind.answers) == (None, "", "", Answers())
    assert blind.offers["m1"].name == "Bidan Sari"
    with pytest.raises(KeyError):
        SEALING.sealed_state("request", "r1", request(), {"ani": keys["ani"]})


def test_people_within_one_thing_have_keys_of_their_own() -> None:
    """Tickets travel as lists, of which each has its own person."""
    queue = Queue(
        id="q", stop="p1", stop_name="Balai", service="ktp", trip="t", van="v1", day="2026-11-27", at=1,
        scheduled_at=1, ends_at=2, tickets=(Ticket(1, "ani", 1, name="Ani"), Ticket(2, "budi", 1, name="Budi")),
    )  # fmt: skip
    keys = {"ani": new_key(), "budi": new_key()}
    sealed = unpack(pack(SEALING.sealed_state("queue", "q", queue, keys)))
    blind = msgspec.convert(SEALING.unsealed_state("queue", "q", sealed, {"budi": keys["budi"]}), Queue)
    assert [ticket.name for ticket in blind.tickets] == ["", "Budi"]
    assert msgspec.convert(SEALING.unsealed_state("queue", "q", sealed, keys), Queue) == queue


async def audited(store: Store) -> list[dict[str, Any]]:
    (rows,) = await store.many("normal", [["XRANGE", store.keys.audit, "-", "+"]])
    return [unpack(dict(zip(row[1][::2], row[1][1::2], strict=True))[b"e"]) for row in rows]


@on_loop
async def test_a_commands_personal_fields_are_in_its_entry_sealed(store_url: str) -> None:
    """With the caller's key, made in the same commit; the log has no such byte; whoever has the key reads them."""
    async with opened(store_url, Medic(GROUND)) as (store, dispatch):
        data = {"location": HERE, "phone": SECRET.decode(), "landmark": "masjid"}
        answer = await dispatch.run("medic.call", data, ANI, fresh())
        assert answer.ok
        assert answer.data is not None
        keys = await kept_keys(store, ["ani"])
        assert len(keys["ani"]) == KEY_BYTES
        said = {"request": answer.data["request"], "note": "pagar biru"}
        assert (await dispatch.run("medic.describe", said, ANI, fresh())).ok
        assert await kept_keys(store, ["ani"]) == keys
        call, described = await audited(store)
        assert not any(word in pack([call, described]) for word in (SECRET, b"masjid", b"pagar"))
        assert {name: kind for name, (kind, _) in call["sealed"].items()} == {
            "location": "place", "phone": "phone", "landmark": "place",
        }  # fmt: skip
        assert dispatch.sealing.opened_entry(call, keys)["told"] == data
        assert dispatch.sealing.opened_entry(described, keys)["told"] == {"note": "pagar biru"}
        assert "told" not in dispatch.sealing.opened_entry(call, {"ani": new_key()})


@on_loop
async def test_the_key_is_of_whom_it_is_about(valkey_url: str) -> None:
    """A phone caller has one of their own; what the desk adds to a resident's request is under the resident's."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        phoned = {"location": HERE, "phone": SECRET.decode(), "source": "phone_119"}
        answer = await dispatch.run("medic.call", phoned, DESK, fresh())
        assert answer.data is not None
        caller = f"phone.{answer.data['request']}"
        closed = {"request": answer.data["request"], "outcome": "treated", "note": "sudah ditolong"}
        assert (await dispatch.run("medic.close", closed, DESK, fresh())).ok
        mine = await dispatch.run("medic.call", {"location": HERE}, ANI, fresh())
        assert mine.data is not None
        handed = {"request": mine.data["request"], "operator": "Bu Rini"}
        assert (await dispatch.run("medic.hand_over", handed, DESK, fresh())).ok
        about = [(entry["cmd"], entry["about"]) for entry in await audited(store)]
        assert about == [
            ("medic.call", caller), ("medic.close", caller), ("medic.call", "ani"), ("medic.hand_over", "ani"),
        ]  # fmt: skip
        assert (await kept_keys(store, [caller, "ani", "endah"])).keys() == {caller, "ani"}


@on_loop
async def test_two_first_commands_at_once_share_one_key(valkey_url: str) -> None:
    """Whoever commits second finds the first one's key and seals with it."""
    async with opened(valkey_url, Medic(GROUND), Tickets(GROUND)) as (store, dispatch):
        calls = [
            dispatch.run("medic.call", {"location": HERE, "phone": "0812", "drill": drill}, ANI, fresh())
            for drill in (False, True)
        ]
        assert all(answer.ok for answer in await asyncio.gather(*calls))
        keys = await kept_keys(store, ["ani"])
        entries = await audited(store)
        assert len(entries) == 2
        assert all(dispatch.sealing.opened_entry(one, keys)["told"]["phone"] == "0812" for one in entries)
        assert await made_keys(store, ["ani", "budi"]) == {**keys, **await kept_keys(store, ["budi"])}


@on_loop
async def test_a_call_makes_no_more_trips_for_its_key(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's key comes with the first trip: sealed or not, a tap asks the store as often."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        trips: list[int] = []
        many = store.many

        async def counted(lane: str, commands: Any, deadline: Any = None) -> Any:
            trips.append(len(commands))
            return await many(lane, commands, deadline)

        monkeypatch.setattr(store, "many", counted)
        await dispatch.run("medic.call", {"kelurahan": "kranggan"}, ANI, fresh())
        bare, trips[:] = len(trips), []
        await dispatch.run("medic.call", {"kelurahan": "kranggan", "phone": "0812"}, Actor("budi", "resident"), fresh())
        assert len(trips) == bare


@on_loop
async def test_an_erased_key_leaves_the_chain_whole(archive_url: str, valkey_url: str, tmp_path: Path) -> None:
    """What was sealed is noise from then on, and `audit verify` says that no row was touched."""
    async with opened(valkey_url, Medic(GROUND)) as (store, dispatch):
        for person in ("ani", "budi"):
            said = {"location": HERE, "phone": SECRET.decode()}
            assert (await dispatch.run("medic.call", said, Actor(person, "resident"), str(uuid.uuid4()))).ok
        async with archiving(store, where(archive_url, tmp_path)) as archivist:
            while await archivist.step():
                pass
        await store.many("normal", [["HDEL", store.keys.person_keys, "ani"]])
        keys = await kept_keys(store, ["ani", "budi"])
        archive = read_archive(archive_url, CITY)
        try:
            assert verify(archive, None, "").ok
            told = [dispatch.sealing.opened_entry(unpack(row.body), keys) for row in archive.rows()]
        finally:
            archive.close()
        assert [one.get("told", {}).get("phone") for one in told] == [None, SECRET.decode()]
        assert SECRET.decode() not in json.dumps(told[0], default=repr)
