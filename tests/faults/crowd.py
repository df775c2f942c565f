"""Some hundred simulated people: who they are, and how they come to the city."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Iterable
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from channels.geo import City as Borders
from hub.app import CITY, GEOJSON, internal
from hub.identity import enrol
from hub.seed import sow
from tests.faults.city import City
from tests.faults.person import Person

SEED: Final = Path(__file__).resolve().parents[2] / "clients" / "seed.json"
AT_ONCE: Final = 12
JOIN_S: Final = 30.0
SLOW: Final = {"balongsari": 24_000, "blooto": 44_000, "gedongan": 85_000}
"""Kelurahan from which medics accept late: their requests climb the ladder. Age of the request, ms."""


class Size(Struct, frozen=True):
    """How many of each."""

    residents: int = 60
    medics: int = 24
    dispatchers: int = 2
    shops: int = 8
    followers: int = 30

    @property
    def people(self) -> int:
        return self.residents + self.medics + self.dispatchers + self.shops + self.followers + 1


class Crowd:
    """Everybody of one city.

    Args:
        seed: of everybody's choices.
    """

    def __init__(self, city: City, size: Size, seed: int) -> None:
        self._city, self._size = city, size
        self._rng = random.Random(seed ^ 0xC20D)
        self.seed: dict[str, Any] = json.loads(SEED.read_text())
        self.seed["shops"] = self.seed["shops"][: size.shops]
        self.shops: list[dict[str, Any]] = self.seed["shops"]
        self.van: str = self.seed["vans"][0]["id"]
        borders = Borders(json.loads(GEOJSON.read_text()))
        self.places = {name: borders.point_in(name) for name in borders.kelurahan}
        self.residents: list[Person] = []
        self.medics: list[Person] = []
        self.dispatchers: list[Person] = []
        self.sellers: dict[str, Person] = {}
        self.crew: Person | None = None
        self.followers: list[Person] = []
        self.stopping = asyncio.Event()

    @property
    def everybody(self) -> list[Person]:
        crew = [self.crew] if self.crew is not None else []
        return [*self.residents, *self.medics, *self.dispatchers, *self.sellers.values(), *crew, *self.followers]

    @property
    def connected(self) -> int:
        """How many have all the links that they use open."""
        return sum(all(link.open for link in one.links if link.tries) for one in self.everybody)

    # -- coming -----------------------------------------------------------------

    async def come(self) -> None:
        """Seed the city, enrol the staff, sign everybody in, and wait until their tables are whole."""
        size = self._size
        async with internal(self._city.server.url, CITY) as dispatch:
            await sow(dispatch, self.seed)
            store = dispatch.store
            medics = [
                await enrol(store, role="medic", name=f"Petugas {n}", vehicle="motor") for n in range(size.medics)
            ]
            desks = [
                await enrol(store, role="dispatcher", name=f"Pusat {n}", desk="medic") for n in range(size.dispatchers)
            ]
            sellers = [await enrol(store, role="seller", name=one["seller"], shop=one["id"]) for one in self.shops]
            crew = await enrol(store, role="crew", name="Awak", van=self.van)
        self.residents = [self._resident(f"resident {n}") for n in range(size.residents)]
        self.followers = [self._resident(f"follower {n}") for n in range(size.followers)]
        self.medics = [self._staff(f"medic {n}", one.code) for n, one in enumerate(medics)]
        self.dispatchers = [self._staff(f"desk {n}", one.code) for n, one in enumerate(desks)]
        self.sellers = {
            shop["id"]: self._staff(f"seller of {shop['id']}", one.code)
            for shop, one in zip(self.shops, sellers, strict=True)
        }
        self.crew = self._staff("crew", crew.code)
        await few_at_once(self._arrive(one) for one in self.everybody)

    def _doors(self) -> tuple[list[str], list[str]]:
        help_, live = self._city.doors("help"), self._city.doors("public")
        self._rng.shuffle(help_)
        self._rng.shuffle(live)
        return help_, live

    def _resident(self, name: str) -> Person:
        rng = random.Random(self._rng.getrandbits(64))
        help_, live = self._doors()
        return Person(name, rng, help=help_, live=live, device=rng.randbytes(32).hex())

    def _staff(self, name: str, code: str) -> Person:
        rng = random.Random(self._rng.getrandbits(64))
        help_, live = self._doors()
        return Person(name, rng, help=help_, live=live, code=code, audible=True)

    async def _arrive(self, one: Person) -> None:
        await one.__aenter__()
        for topic in self._topics(one):
            await one.join(topic, limit_s=JOIN_S)

    def _topics(self, one: Person) -> list[str]:
        mine = f"help/{one.person}"
        match one.role:
            case "medic":
                return [mine, "city"]
            case "dispatcher":
                return ["dispatch", "warnings", "roster", "city"]
            case "seller":
                return [next(f"shop/{shop}" for shop, seller in self.sellers.items() if seller is one)]
            case "crew":
                return ["vans", f"van/{self.van}"]
        if one in self.followers:
            shop = one.rng.choice(self.shops)
            return ["vans", f"van/{self.van}", "city", f"shops/{shop['kelurahan']}"]
        return [mine, f"person/{one.person}"]

    async def go(self) -> None:
        """Everybody leaves."""
        await few_at_once(one.close() for one in self.everybody)


async def few_at_once(work: Iterable[Awaitable[Any]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def through(one: Awaitable[Any]) -> None:
        async with gate:
            await one

    await asyncio.gather(*(through(one) for one in work))
