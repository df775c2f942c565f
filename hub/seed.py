"""One file makes a city: its shops, its vans and their stops, and in the demo its people.

{"shops": [{id, name, category, kelurahan, lat, lon, products: [...], seller}],
 "vans": [{id, name, crew: [name], stops: [id], services: [{service, papers, quota}]}],
 "stops": [{id, name, kelurahan, lat, lon, scheduled_at}],
 "medics": [{name, vehicle}], "residents": [name]}

A van does its stops every day, at `scheduled_at` minutes after 07:00, each with the van's services.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from hub.contract import SYSTEM
from hub.dispatch import Dispatch
from hub.errors import StartError
from hub.identity import Enrolment, enrol
from hub.store import Store

# Simulated people keep their ids from one start to the next.
PEOPLE: Final = uuid.UUID("5f0c7a54-6d0b-5c2e-9a3e-35760000a119")
AT_ONCE: Final = 16

Work = Callable[[], Awaitable[Any]]


def read_seed(path: Path) -> dict[str, Any]:
    """Read a seed file.

    Raises:
        StartError: not there, or no JSON object.
    """
    try:
        seed = json.loads(path.read_text())
    except OSError as exc:
        raise StartError(f"the seed file {path} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise StartError(f"the seed file {path} is not JSON: {exc}") from exc
    if not isinstance(seed, dict):
        raise StartError(f"the seed file {path}: expected a JSON object")
    return _one_van(path, seed)


def _one_van(path: Path, seed: dict[str, Any]) -> dict[str, Any]:
    """The same in the present form, from a file of when one `van` did all stops with one `crew`."""
    if "van" not in seed:
        return seed
    if "vans" in seed:
        raise StartError(f"the seed file {path}: expected vans or van, got both")
    rest = {key: value for key, value in seed.items() if key not in ("van", "crew")}
    van, stops = seed["van"], [stop["id"] for stop in seed.get("stops", [])]
    services = [{"service": name, "papers": []} for name in van.get("services", [])]
    return {**rest, "vans": [{**van, "crew": seed.get("crew", []), "stops": stops, "services": services}]}


async def sow(dispatch: Dispatch, seed: dict[str, Any]) -> int:
    """Write shops, vans and stops through the services; how many commands that took.

    What is there keeps what has happened to it since: seeding again changes names and places only. A van with other
    stops than it was seeded with (a data folder from when one van did them all) begins its week and its day anew with
    those; a stop keeps the services that it has, and its id.

    Raises:
        StartError: a service refused; names what.
    """
    shops: list[dict[str, Any]] = [{"shops": [shop]} for shop in seed.get("shops", [])]
    vans = _vans(seed)

    async def run(cmd: str, data: dict[str, Any]) -> None:
        answer = await dispatch.run(cmd, data, SYSTEM, str(uuid.uuid4()))
        if not answer.ok:
            thing = data["shops"][0].get("id") if "shops" in data else data["van"].get("id")
            raise StartError(f"the seed file: {cmd} of {thing} was refused: {answer.message}")

    await _few_at_once([partial(run, "shop.register", data) for data in shops])
    for data in vans:  # in order: the second may get stops that the first gives up
        await run("van.seed", data)
    return len(shops) + len(vans)


def _vans(seed: dict[str, Any]) -> list[dict[str, Any]]:
    """What `van.seed` takes, van by van.

    Raises:
        StartError: a van names a stop that the file does not have.
    """
    stops = {stop["id"]: stop for stop in seed.get("stops", [])}
    made = []
    for van in seed.get("vans", []):
        missing = [id_ for id_ in van["stops"] if id_ not in stops]
        if missing:
            raise StartError(f"the seed file: vans {van['id']}: expected stops of the file, got {missing[0]}")
        names = [one["service"] for one in van["services"]]
        listed = [{**stops[id_], "services": van["services"]} for id_ in van["stops"]]
        made.append({"van": {"id": van["id"], "name": van["name"], "services": names}, "stops": listed})
    return made


def person_of(role: str, key: str) -> str:
    """The id of a simulated person: the same at every start."""
    return str(uuid.uuid5(PEOPLE, f"{role}/{key}"))


async def people_of(store: Store, seed: dict[str, Any]) -> dict[str, Any]:
    """Enrol the simulated staff afresh and say who they are: what the simulator reads.

    The codes are spent by the simulator, so every start of it needs its own.
    """

    async def enrolled(role: str, key: str, name: str, fields: dict[str, Any], bound: dict[str, str]) -> dict[str, Any]:
        made = await enrol(store, role=role, name=name, person=person_of(role, key), **bound)
        return {"person": made.person, "name": name, "code": made.code, **fields}

    def one(role: str, key: str, name: str, fields: dict[str, Any], **bound: str) -> Work:
        return partial(enrolled, role, key, name, fields, bound)

    medics = [
        one("medic", f"{number}", medic["name"], {"vehicle": medic["vehicle"]}, vehicle=medic["vehicle"])
        for number, medic in enumerate(seed["medics"])
    ]
    sellers = [
        one("seller", shop["id"], shop["seller"], {"shop": shop["id"]}, shop=shop["id"]) for shop in seed["shops"]
    ]
    crew = [one("crew", name, name, {"van": van["id"]}, van=van["id"]) for van in seed["vans"] for name in van["crew"]]
    desk = [
        one("dispatcher", "simulated", "Petugas pusat", {}, desk="medic"),
        one("dispatcher", "vans", "Petugas mobil", {}, desk="van"),
    ]
    voices = [one("dispatcher", "city", "Petugas kota", {}, desk="city"), one("plut", "simulated", "PLUT Blooto", {})]
    found = iter(await _few_at_once([*medics, *sellers, *crew, *desk, *voices]))
    return {
        "medics": [next(found) for _ in medics],
        "sellers": [next(found) for _ in sellers],
        "crew": [next(found) for _ in crew],
        "dispatcher": next(found),
        "van_desk": next(found),
        "city_desk": next(found),
        "plut": next(found),
        "residents": seed.get("residents", []),
        "shops": seed["shops"],
        "vans": seed["vans"],
        "stops": seed["stops"],
    }


async def human_links(store: Store, seed: dict[str, Any]) -> list[Enrolment]:
    """Fresh links for whoever sits before the demo: a medic, a seller, a crew and a dispatcher."""
    shop, van = seed["shops"][0], seed["vans"][0]
    return [
        await enrol(store, role="medic", name="Rini", person=person_of("human", "medic"), vehicle="motor"),
        await enrol(store, role="seller", name=shop["seller"], person=person_of("human", "seller"), shop=shop["id"]),
        await enrol(store, role="crew", name=van["crew"][0], person=person_of("human", "crew"), van=van["id"]),
        await enrol(store, role="dispatcher", name="Endah", person=person_of("human", "dispatcher"), desk="medic"),
    ]


async def _few_at_once(work: Iterable[Work]) -> list[Any]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def through(one: Work) -> Any:
        async with gate:
            return await one()

    tasks = [asyncio.create_task(through(one)) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
