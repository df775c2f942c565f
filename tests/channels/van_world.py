"""The van of a store in memory of one test: presses and positions, their writes kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from channels.geo import City
from channels.van_things import DAY_MS, WIB_MS, Van
from channels.vans import Vans
from hub.contract import SYSTEM, TIMER, Actor, Command, Decision, Facts, Fix, Need, Refusal, State, Thing

ROOT = Path(__file__).parents[2]
CITY = City(json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text()))
FILE: dict[str, Any] = json.loads((ROOT / "clients/seed.json").read_text())
SEED = {"van": FILE["van"], "stops": FILE["stops"]}
VANS = Vans(CITY)
NOW = 1_800_000_000_000
MIDNIGHT = NOW - (NOW + WIB_MS) % DAY_MS

CREW = Actor("darmo", "crew", van="v1")
ACTORS = {
    "crew": CREW,
    "another crew": Actor("joko", "crew", van="v2"),
    "resident": Actor("ani", "resident"),
    "dispatcher": Actor("desk", "dispatcher", desk="van"),
    "tracker": Actor("gps", "tracker", van="v1"),
    "timer": TIMER,
    "system": SYSTEM,
}
PRESSES = ("van.arrive", "van.depart", "van.skip", "van.reset")


def pairs(*axes: Iterable[str]) -> list[tuple[str, ...]]:
    return list(product(*axes))


class World:
    """The van of a store, with commands run through gather and decide and their writes kept."""

    def __init__(self) -> None:
        self.found: dict[Need, Any] = {}
        self.now = NOW

    @property
    def van(self) -> Van:
        van: Van = self.found[Thing("van", "v1")]
        return van

    def stop(self, id_: str) -> str:
        return next(stop.state for stop in self.van.trip if stop.id == id_)

    def _gathered(self, command: Command, actor: Actor) -> State:
        state = State()
        for need in VANS.gather(state, command, actor):
            state.found[need] = self.found.get(need)
        return state

    def run(self, cmd: str, actor: Actor, demo: bool = False, **data: Any) -> Decision | Refusal:
        data = data or {"van": "v1"}
        command = Command("c1", cmd, msgspec.convert(data, VANS.commands[cmd].data))
        decision = VANS.decide(self._gathered(command, actor), command, Facts(demo=demo), actor, self.now)
        if isinstance(decision, Decision):
            for write in decision.writes:
                self.found[Thing(write.type, write.id)] = write.state
        return decision

    def press(self, cmd: str, stop: str | None = None, demo: bool = False) -> Decision:
        self.now += 1000
        decision = self.run(cmd, CREW, demo, van="v1", stop=stop)
        assert isinstance(decision, Decision), decision
        return decision

    def tell(self, actor: Actor = CREW, **location: Any) -> Fix | None:
        data = {"van": "v1", "location": location}
        command = Command("", "van.position", msgspec.convert(data, VANS.tells["van.position"].data))
        fix = VANS.observe(self._gathered(command, actor), command, actor, self.now)
        if fix is not None:
            needs = VANS.gather(State(), command, actor)
            self.found[list(needs)[1]] = fix
        return fix


def seeded() -> World:
    """The seed's van with its 18 stops."""
    made = World()
    assert isinstance(made.run("van.seed", SYSTEM, **SEED), Decision)
    return made
