"""Everything that is kept of one person: theirs, opened, and nobody else's."""

from __future__ import annotations

import json
import uuid
from typing import Any

from channels import services
from hub.archive import Archive, read_archive
from hub.commit import pack
from hub.contract import Actor
from hub.looks import Looks
from hub.services import Services
from hub.trail import NO_KEY, Trail, archived, export
from tests.channels.world import BORDERS
from tests.support.archives import archiving, where
from tests.support.live import CITY, on_loop, opened

SERVICES = services(BORDERS)
ANI, BUDI = Actor("ani", "resident"), Actor("budi", "resident")
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
HERE = {"lat": -7.4795, "lon": 112.4356, "accuracy_m": 20.0}


def entry(**said: Any) -> tuple[int, bytes]:
    return 1, pack({"cmd": "x", "id": "i", "role": "resident", "things": [], **said})


def test_a_trail_is_of_one_person_and_of_what_became_theirs() -> None:
    """What they did, what is about them, and what others did to their request from then on; nothing of a shop's."""
    declared = Services(SERVICES).declared
    rows = [
        entry(by="budi", things=["request/r1"]),
        entry(by="ani", things=["request/r2", "shop/s1"]),
        entry(by="sari", things=["request/r2", "medic/sari"]),
        entry(by="budi", things=["shop/s1"]),
        entry(by="endah", about="ani"),
        entry(by="sari", things=["medic/sari"]),
    ]
    assert list(Trail("ani", declared).of(rows)) == [rows[1], rows[2], rows[4]]


@on_loop
async def test_an_export_is_all_that_is_kept(archive_url: str, valkey_url: str, tmp_path: Any) -> None:
    """Things, sign-ins, looks, and each audit entry once, archived or not, with what was said; JSON can hold it."""
    async with opened(valkey_url, *SERVICES) as (store, dispatch):
        for actor in (ANI, BUDI):
            said = {"location": HERE, "phone": "081200", "landmark": f"rumah {actor.person}"}
            answer = await dispatch.run("medic.call", said, actor, str(uuid.uuid4()))
            assert answer.data is not None
        async with archiving(store, where(archive_url, tmp_path)) as archivist:
            await archivist.step()
        (request,) = {held for held in (await _things(dispatch, "ani")) if held.startswith("request/")}
        described = {"request": request.partition("/")[2], "note": "pagar ungu"}
        assert (await dispatch.run("medic.describe", described, ANI, str(uuid.uuid4()))).ok
        looks = Looks(store, dispatch.services)
        looks.answered("medic.read", {"request": described["request"]}, DESK)
        await looks.note()
        archive = read_archive(archive_url, CITY)
        told = await _export(dispatch, "ani", archive)
        assert told is not None
        said_of = [(one["cmd"], one.get("told")) for one in told["audit"]]
        assert said_of == [
            ("medic.call", {"location": HERE, "phone": "081200", "landmark": "rumah ani"}),
            ("medic.describe", {"note": "pagar ungu"}),
            ("privacy.look", None),
        ]
        assert told["things"][request]["note"] == "pagar ungu"
        assert [one["viewer"] for one in told["looks"]] == ["endah"]
        assert "budi" not in json.dumps(told, ensure_ascii=False)
        await store.many("normal", [["HDEL", store.keys.person_keys, "ani"]])
        blind = await _export(dispatch, "ani", archive)
        assert blind is not None
        assert blind["note"] == NO_KEY
        assert "told" not in blind["audit"][0]
        assert await _export(dispatch, "dewi", archive) is None
        archive.close()


async def _things(dispatch: Any, person: str) -> list[str]:
    told = await export(dispatch, person, [], Trail(person, dispatch.services.declared))
    assert told is not None
    return list(told["things"])


async def _export(dispatch: Any, person: str, archive: Archive) -> dict[str, Any] | None:
    trail = Trail(person, dispatch.services.declared)
    return await export(dispatch, person, archived(archive, trail), trail)
