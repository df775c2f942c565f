"""Two cities in one hub see nothing of each other: every topic and every command, asked with the other city's ids.

Whoever asks has a twin who asks the same with ids that nobody ever had; what the two hear must not differ.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from channels.faces import FACES
from hub.app import services
from hub.catalog import Asked, Faces, commands, topics
from hub.contract import SYSTEM
from hub.identity import Issued
from hub.members import DESKS
from hub.schema import Schemas
from hub.settings import Settings
from tests.support.documented import Examples
from tests.support.live import on_loop
from tests.support.neighbour import CODE, MIDDLE
from tests.support.two_cities import CityHub, two_cities

UNLIMITED: Final = Settings(new_device_burst=0, device_burst=0)
PREFIX: Final = f"{{{CODE}}}:"
ROLES: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("resident", {}), ("medic", {}), ("seller", {"shop": "s01"}), ("crew", {"van": "v1"}), ("plut", {}), ("admin", {}),
    ("service", {}), ("tracker", {"van": "v1"}), *(("dispatcher", {"desk": desk}) for desk in DESKS),
)  # fmt: skip
SHOP: Final = {
    "id": "tokob", "name": "Toko B", "category": "food", "kelurahan": "lor-kulon", "seller": "Tini",
    "products": [{"id": "barangb", "name": "Nasi", "price": 12_000, "stock": 5}],
}  # fmt: skip
VAN: Final = {
    "van": {"id": "mobilb", "name": "Mobil B", "services": ["KTP"]},
    "stops": [{"id": "hentib", "name": "Balai", "kelurahan": "lor-kulon", "lat": MIDDLE[0], "lon": MIDDLE[1],
               "scheduled_at": 60, "services": [{"service": "KTP", "papers": []}]}],
}  # fmt: skip


class Asker(Struct, frozen=True):
    role: str
    bound: Mapping[str, str]
    token: str
    person: str


async def lively(hub: CityHub, people: Mapping[str, Issued]) -> dict[str, str]:
    """A city in which something of every service is under way; the ids that a stranger could name, by field."""

    async def says(who: str, cmd: str, data: dict[str, Any]) -> dict[str, Any]:
        body = {"id": str(uuid.uuid4()), "cmd": cmd, "data": data}
        status, _, answer = await hub.http("POST", "/v1/commands", body, token=people[who].token)
        assert status == 200, (cmd, answer)
        found: dict[str, Any] = answer["data"]
        return found

    for cmd, data in (("shop.register", {"shops": [SHOP]}), ("van.seed", VAN)):
        assert (await hub.node.dispatch.run(cmd, data, SYSTEM, cmd)).ok
    place = {"lat": MIDDLE[0], "lon": MIDDLE[1], "accuracy_m": 10}
    await says("medic", "medic.duty", {"on": True})
    request = (await says("resident", "medic.call", {"location": place}))["request"]
    line = {"product": "barangb", "quantity": 1, "price": 12_000}
    order = await says("resident", "order.place", {
        "shop": "tokob", "lines": [line], "fulfilment": "pickup", "name": "Ani", "phone": "081234567890",
    })  # fmt: skip
    want = await says("resident", "want.post", {
        "category": "food", "words": "sate kambing", "quantity": 1, "kelurahan": "lor-kulon", "until_s": 3600,
    })  # fmt: skip
    alert = await says("city", "alert.publish", {
        "category": "met", "event": "Hujan", "urgency": "immediate", "severity": "extreme", "certainty": "observed",
        "expires": hub.store.now() + 3_600_000, "areas": "city", "texts": {"id": {"headline": "Hujan"}},
    })  # fmt: skip
    return {
        "request": request, "into": request, "order": order["order"], "want": want["want"], "alert": alert["alert"],
        "alarm": f"{request}.no_candidates", "shop": "tokob", "product": "barangb", "van": "mobilb",
        "stop": "hentib", "answer": "tokob", "medic": people["medic"].person, "person": people["resident"].person,
        "id": people["resident"].person, "kelurahan": "lor-kulon", "trip": "mobilb.2026-11-30", "workshop": request,
        "ticket": request, "reminder": request,
    }  # fmt: skip


def nobodys(ids: Mapping[str, str]) -> dict[str, str]:
    """The same fields with ids of the same form that were never made."""
    other = str(uuid.uuid4())
    made = {}
    for field, id_ in ids.items():
        plain = re.sub(r"\b(toko|barang|mobil|henti)b\b", r"\1x", id_).replace("lor-kulon", "lor-nihil")
        made[field] = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", other, plain)
    return made


def filled(pattern: str, ids: Mapping[str, str]) -> str:
    """A topic's name with these ids."""
    return re.sub(r"<(\w+)>", lambda found: ids.get(found[1], "food"), pattern)


def told(answer: Any) -> str:
    """What was heard, without ids, times and numbers."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "#", repr(answer))
    text = re.sub(r"\b(toko|barang|mobil|henti)[bx]\b|lor-(kulon|nihil)|(?<='key': ')[\w-]+", "#", text)
    return re.sub(r"\d+", "#", text)


async def askers(hub: CityHub) -> list[Asker]:
    """One of each role and desk."""
    made = []
    for role, bound in ROLES:
        who = hub.resident(uuid.uuid4().int % 2**64) if role == "resident" else await hub.staff(role, **bound)
        made.append(Asker(role, bound, who.token, who.person))
    return made


async def held(hub: CityHub) -> dict[bytes, bytes | None]:
    """Everything that the store keeps of a city but who is connected, byte for byte."""
    (found,) = await hub.store.many("normal", [["KEYS", "*"]])
    keys = sorted(key for key in found if key.decode().startswith(PREFIX) and b":workers" not in key)
    values = await hub.store.many("normal", [["DUMP", key] for key in keys])
    return dict(zip(keys, values, strict=True))


@on_loop
async def test_every_topic_of_another_city_is_as_if_there_were_none(valkey_url: str, tmp_path: Path) -> None:
    """Joined over a socket with its ids: refused, or as empty, in the same words as with nobody's."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        people = {"medic": await beside.staff("medic"), "resident": beside.resident(1)}
        people["city"] = await beside.staff("dispatcher", desk="city")
        ids = await lively(beside, people)
        shapes = topics(services(), Faces(FACES))
        assert len(shapes) > 15
        heard = 0
        for asker in await askers(home):
            client = await home.client(asker.token)
            for shape in shapes:
                one = await client.joins(filled(shape.pattern, ids))
                assert not set(one.get("things", ())) & set(ids.values()), (shape.pattern, one)
                if filled(shape.pattern, ids) != filled(shape.pattern, nobodys(ids)):
                    other = await client.joins(filled(shape.pattern, nobodys(ids)))
                    assert told({**one, "ref": 0}) == told({**other, "ref": 0}), (shape.pattern, asker.role)
                heard += 1
            assert not [frame for frame in client.frames if CODE in repr(frame)]
            await client.end()
        assert heard == len(shapes) * len(ROLES)


@on_loop
async def test_every_command_with_ids_of_another_city_changes_nothing_there(valkey_url: str, tmp_path: Path) -> None:
    """Given by everybody who may, and by everybody who may not; answered as with ids that nobody ever had."""
    async with two_cities(valkey_url, tmp_path, settings=UNLIMITED) as (home, beside):
        people = {"medic": await beside.staff("medic"), "resident": beside.resident(1)}
        people["city"] = await beside.staff("dispatcher", desk="city")
        ids = await lively(beside, people)
        known = [one for one in commands(services()) if not one.fleeting]
        schemas = Schemas([one.spec.data for one in known])
        examples = Examples({"components": {"schemas": schemas.components}}, home.store.now())
        before = await held(beside)
        asked = 0
        for twins in zip(await askers(home), await askers(home), strict=True):
            for one in known:
                good = examples.good(schemas.ref(one.spec.data), whole=True)
                theirs, nobody = named(good, ids), named(good, nobodys(ids))
                answers = [await given(home, twins[0], one, theirs), await given(home, twins[1], one, nobody)]
                if theirs != nobody:  # the same data twice is another matter: a message that is known
                    assert told(answers[0]) == told(answers[1]), (one.cmd, twins[0].role, answers)
                asked += 1
        assert asked == len(known) * len(ROLES)
        assert await held(beside) == before


def named(value: Any, ids: Mapping[str, str]) -> Any:
    """The same data with these ids in every field that names something."""
    if isinstance(value, list):
        return [named(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: ids[key] if key in ids and isinstance(one, str) else named(one, ids) for key, one in value.items()}


async def given(hub: CityHub, asker: Asker, one: Asked, data: Any) -> Any:
    body = {"id": str(uuid.uuid4()), "cmd": one.cmd, "data": data}
    status, _, answer = await hub.http("POST", "/v1/commands", body, token=asker.token)
    return status, answer


@on_loop
async def test_a_token_of_one_city_is_nothing_in_the_other(valkey_url: str, tmp_path: Path) -> None:
    """By its host, by name, over a socket, to read, to act and to see its own people; a device is another person."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        for role, bound in ROLES:
            who = home.resident(5) if role == "resident" else await home.staff(role, **bound)
            body = {"id": str(uuid.uuid4()), "cmd": "medic.call", "data": {}}
            for path in ("/v1/commands", f"/v1/commands?city={CODE}"):
                hub = beside if path == "/v1/commands" else home
                status, _, answer = await hub.http("POST", path, body, token=who.token)
                assert (status, answer["code"]) == (401, "not_signed_in"), role
            assert (await beside.http("GET", "/v1/sessions", token=who.token))[0] == 401
            assert (await beside.http("GET", "/v1/staff", token=who.token))[0] == 401
            assert (await beside.http("GET", f"/v1/topics/help/{who.person}", token=who.token))[0] == 401
        client = await beside.client(home.resident(5).token)
        assert await client.closed() == 4501
        assert home.resident(5).person != beside.resident(5).person
        made = await home.http("POST", "/v1/sessions", {"device": f"{5:064x}", "city": CODE})
        assert made[0] == 400


@on_loop
async def test_what_happens_in_one_city_is_heard_in_that_one_alone(valkey_url: str, tmp_path: Path) -> None:
    """The same topic in both: an alert of the one moves the other's table, log and search not at all."""
    async with two_cities(valkey_url, tmp_path) as (home, beside):
        people = {"medic": await beside.staff("medic"), "resident": beside.resident(1)}
        people["city"] = await beside.staff("dispatcher", desk="city")
        ours, theirs = await home.client(home.resident(7).token), await beside.client(beside.resident(8).token)
        for client in (ours, theirs):
            for topic in ("city", "warnings", "vans"):
                await client.joins(topic)
        await lively(beside, people)
        await theirs.heard(lambda frame: frame["t"] == "change" and frame["topic"] == "warnings")
        answer = await ours.calls("workshop.join", {"workshop": "none"})  # what was on its way before it has come
        assert not answer["ok"]
        assert not [frame for frame in ours.frames if frame["t"] in ("change", "moved")]
        logs = [["EXISTS", home.store.keys.log(lane)] for lane in ("urgent", "normal", "bulk")]
        assert await home.store.many("normal", logs) == [0, 0, 0]
        for client in (ours, theirs):
            await client.end()
