"""The personal fields of a backup: with their persons' keys, and without."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import redis

from hub import person_keys
from hub.app import services
from hub.backup import Plan, backed_up
from hub.backup_file import Backup
from hub.backup_seal import PersonSealers
from hub.commit import pack, unpack
from hub.contract import Actor
from hub.keys import Keys
from hub.restoring import Held, Restoring
from hub.tracking import Line
from tests.support.backups import CITY, KEYS, key_in
from tests.support.live import on_loop, opened
from tests.support.town import HERE

SERVICES = services()
SEALERS = PersonSealers(CITY, SERVICES)
PHONE, NOTE, MEDIC = "0812000111", "pagar hijau, anjing galak", "Siti Aminah"
STATE = {
    "id": "r1", "state": "offered", "caller": "ani", "at": 1, "phone": PHONE, "note": NOTE,
    "place": {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0},
    "offers": {"siti": {"name": MEDIC, "state": "open"}},
}  # fmt: skip
VIEW = {
    "type": "request", "id": "r1", "state": "offered", "phone": PHONE, "note": NOTE, "kelurahan": "wates",
    "location": {"lat": -7.4795, "lon": 112.4356}, "rung": [MEDIC, "nobody's"],
}  # fmt: skip


class Sealed:
    """The request and its views as a backup holds them; `opened` with some keys."""

    def __init__(self, client: redis.Redis) -> None:
        client.hset(KEYS.thing("request", "r1"), "s", pack(STATE))
        sealer = SEALERS.sealing(client, KEYS)
        self.thing = sealer.seal_thing("request", "r1", pack(STATE))
        self.views = {
            topic: sealer.seal_view(topic, "r1", pack(VIEW)) for topic in ("dispatch", "help/ani", "help/siti")
        }
        self.own = sealer.seal_own("siti", "member:siti", MEDIC.encode())
        self.keys = dict(person_keys.in_store(client, KEYS).keys)

    @property
    def raw(self) -> bytes:
        return b"".join([self.thing, *self.views.values(), self.own])

    def opened(self, keys: Mapping[str, bytes]) -> tuple[Any, dict[str, Any], bytes | None]:
        sealer = SEALERS.opening(keys)
        views = {topic: sealer.open_view(topic, "r1", view) for topic, view in self.views.items()}
        thing = sealer.open_thing("request", "r1", self.thing)
        assert thing is not None
        read = {topic: None if view is None else unpack(view) for topic, view in views.items()}
        return unpack(thing), read, sealer.open_own("siti", "member:siti", self.own)


@pytest.fixture
def sealed(valkey_url: str) -> Sealed:
    with redis.Redis.from_url(valkey_url) as client:
        return Sealed(client)


def test_nothing_personal_is_to_be_read(sealed: Sealed) -> None:
    """Neither in the thing nor in what screens show of it, nor in a person's own record; ids and states are."""
    for word in (PHONE, NOTE, MEDIC):
        assert word.encode() not in sealed.raw
    assert pack(112.4356) not in sealed.raw
    assert b"offered" in sealed.thing
    assert b"wates" in sealed.views["dispatch"]
    assert set(sealed.keys) == {"ani", "siti"}


def test_with_all_keys_all_is_as_it_was(sealed: Sealed) -> None:
    """Things, views of everybody's and of one's own topics, own records."""
    thing, views, own = sealed.opened(sealed.keys)
    assert thing == STATE
    assert views == dict.fromkeys(sealed.views, VIEW)
    assert own == MEDIC.encode()


@pytest.mark.parametrize("again", [False, True], ids=["erased", "erased and came again"])
def test_without_a_key_the_others_stay(again: bool, sealed: Sealed) -> None:
    """What is about the one who was erased is gone, for ever; the medic's name stays in the call."""
    keys = {**sealed.keys, "ani": b"n" * 32} if again else {"siti": sealed.keys["siti"]}
    thing, views, own = sealed.opened(keys)
    assert not {"phone", "note", "place"} & {name for name, value in thing.items() if value}
    assert thing["offers"]["siti"]["name"] == MEDIC
    assert views["help/ani"] is None
    for topic in ("dispatch", "help/siti"):
        assert not {"phone", "note"} & set(views[topic])
        assert views[topic]["location"] == {}
        assert views[topic]["rung"] == [MEDIC, "nobody's"]
    assert own == MEDIC.encode()


def test_an_erased_medic_leaves_the_call(sealed: Sealed) -> None:
    """Their name goes, their record with it; the call keeps its phone."""
    thing, views, own = sealed.opened({"ani": sealed.keys["ani"]})
    assert thing["phone"] == views["dispatch"]["phone"] == PHONE
    assert thing["offers"]["siti"]["name"] == ""
    assert views["dispatch"]["rung"] == ["nobody's"]
    assert views["help/siti"] is None
    assert own is None


def test_what_is_nobodys_stays_as_it_is(valkey_url: str) -> None:
    """Products, lists of vans, a view of a type that no service declares: the same bytes, and no key is made."""
    with redis.Redis.from_url(valkey_url) as client:
        sealer = SEALERS.sealing(client, KEYS)
        product, view = (
            pack({"id": "p1", "name": "Soto ayam"}),
            pack({"type": "product", "id": "p1", "name": "Soto ayam"}),
        )
        assert sealer.seal_thing("product", "p1", product) == product
        assert sealer.seal_view("shop/nib-1", "p1", view) == view
        assert sealer.seal_view("unknown/topic", "x", b"\x07") == b"\x07"
        opener = SEALERS.opening({})
        assert opener.open_thing("product", "p1", product) == product
        assert opener.open_view("shop/nib-1", "p1", view) == view
        assert not client.exists(KEYS.person_keys)


def test_two_backups_use_one_key(valkey_url: str) -> None:
    """A key that stands is found, however many there are; one is made once."""
    with redis.Redis.from_url(valkey_url) as client:
        client.hset(KEYS.person_keys, mapping={f"person-{number}": b"k" * 32 for number in range(2500)})
        first, second = SEALERS.sealing(client, KEYS), SEALERS.sealing(client, KEYS)
        blobs = [sealer.seal_own("ani", "member:ani", b"Ani") for sealer in (first, second, first)]
        keys = person_keys.in_store(client, KEYS).keys
    assert len(keys) == 2501
    assert {SEALERS.opening(keys).open_own("ani", "member:ani", blob) for blob in blobs} == {b"Ani"}


@on_loop
async def test_an_erased_person_is_in_no_backup(valkey_url: str, tmp_path: Path) -> None:
    """A real call in a real city: backed up, erased from the store, the old backup restored with the keys that are
    left: the phone is nowhere, the call is."""
    plan = Plan(url=valkey_url, city=CITY, folder=tmp_path / "to", key=tmp_path / "backup.key", sealers=SEALERS)
    async with opened(valkey_url, *SERVICES.channels) as (_, dispatch):
        data = {"location": HERE, "phone": PHONE, "landmark": NOTE}
        answer = await dispatch.run("medic.call", data, Actor("ani", "resident"), str(uuid.uuid4()))
        assert answer.ok, answer
        made = Path((await asyncio.to_thread(backed_up, plan, io.StringIO())).file)
    key, name = key_in(tmp_path), KEYS.thing("request", str((answer.data or {})["request"]))
    raw = b"".join(record.value for record in Backup.open(made).records())
    assert PHONE.encode() not in raw
    assert NOTE.encode() not in raw
    with redis.Redis.from_url(valkey_url) as client:
        before, keys = client.hget(name, "s"), Keys(CITY)
        for erased in (False, True):
            if erased:
                client.hdel(keys.person_keys, "ani")
                client.zadd(keys.erased, {"ani": 5})
            kept = person_keys.in_store(client, keys)
            person_keys.write(made.parent, CITY, key, kept)
            client.flushall()
            kept = person_keys.read(made.parent, CITY, key)
            with Line(valkey_url) as line:
                sealer = SEALERS.opening(kept.keys)
                Restoring(line, Backup.open(made), key=key, sealer=sealer, kept=kept).run(Held("", ""), 0)
            state = client.hget(name, "s")
            assert state is not None
            assert (state == before) is not erased
            texts = [blob for one in client.scan_iter(keys.table("*")) for blob in client.hvals(one)]
            assert any(PHONE.encode() in one for one in (state, *texts)) is not erased
