"""The vans of a store in memory of one test: commands, timers and positions, their writes kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from channels.geo import City
from channels.van_days import day_of, day_start, trip_id
from channels.van_things import Stop, Trip, TripStop, Van
from channels.vans import Vans
from hub.contract import (
    HUB,
    SYSTEM,
    TIMER,
    Actor,
    Change,
    Command,
    Decision,
    Facts,
    Fix,
    FixOf,
    Follow,
    Need,
    Refusal,
    Seen,
    State,
    Thing,
)

ROOT = Path(__file__).parents[2]
CITY = City(json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text()))
FILE: dict[str, Any] = json.loads((ROOT / "clients/seed.json").read_text())
SEED: dict[str, Any] = {
    "van": {"id": "v1", "name": "Mobil keliling 1", "services": ["KTP", "KK", "akta"]},
    "stops": [{**stop, "scheduled_at": 60 + place * 25} for place, stop in enumerate(FILE["stops"])],
}
"""One van over all 18 stops of the demo city, which the city itself divides among three."""
VANS = Vans(CITY)
NOW = 1_800_000_000_000
TODAY = day_of(NOW)
MIDNIGHT = day_start(TODAY)

CREW = Actor("darmo", "crew", van="v1")
DESK = Actor("desk", "dispatcher", desk="van")
ACTORS = {
    "crew": CREW,
    "another crew": Actor("joko", "crew", van="v2"),
    "resident": Actor("ani", "resident"),
    "dispatcher": DESK,
    "tracker": Actor("gps", "tracker", van="v1"),
    "timer": TIMER,
    "hub": HUB,
    "system": SYSTEM,
}
PRESSES = ("van.arrive", "van.depart", "van.skip")


def pairs(*axes: Iterable[str]) -> list[tuple[str, ...]]:
    return list(product(*axes))


def views(decision: Decision) -> dict[str, Any]:
    """Topic -> the view that it shows now."""
    return {change.topic: change.view for change in decision.changes}


def kinds(decision: Decision) -> dict[str, str]:
    """Topic -> the kind of its change."""
    return {change.topic: change.kind for change in decision.changes}


class World:
    """What a store would hold, with commands run through gather and decide and their writes kept."""

    def __init__(self) -> None:
        self.found: dict[Need, Any] = {}
        self.timers: dict[tuple[str, str], tuple[int, str, dict[str, Any]]] = {}
        self.tables: dict[str, dict[str, Any]] = {}
        self.now = NOW
        self.made = 0

    @property
    def van(self) -> Van:
        van: Van = self.found[Thing("van", "v1")]
        return van

    @property
    def trip(self) -> Trip:
        """Today's trip."""
        trip: Trip = self.found[Thing("trip", self.van.today)]
        return trip

    def trip_of(self, day: str, van: str = "v1") -> Trip:
        trip: Trip = self.found[Thing("trip", trip_id(van, day))]
        return trip

    def place(self, id_: str) -> Stop:
        stop: Stop = self.found[Thing("stop", id_)]
        return stop

    def at(self, id_: str) -> TripStop:
        stop = self.trip.of(id_)
        assert stop is not None
        return stop

    def stop(self, id_: str) -> str:
        return self.at(id_).state

    def _gathered(self, command: Command, actor: Actor) -> State:
        state = State()
        while True:
            before = len(state.found)
            for need in VANS.gather(state, command, actor):
                state.found.setdefault(need, self.found.get(need))
            if len(state.found) == before:
                return state

    def run(self, cmd: str, actor: Actor, demo: bool = False, **data: Any) -> Decision | Refusal:
        data = data or {"van": "v1"}
        self.made += 1
        command = Command("c1", cmd, msgspec.convert(data, VANS.commands[cmd].data))
        facts = Facts(new_ids=(f"0198-{self.made:012}", f"b{self.made}"), demo=demo)
        decision = VANS.decide(self._gathered(command, actor), command, facts, actor, self.now)
        if isinstance(decision, Decision):
            self._keep(decision)
        return decision

    def _keep(self, decision: Decision) -> None:
        for write in decision.writes:
            self.found[Thing(write.type, write.id)] = write.state
        assert len({change.topic for change in decision.changes}) <= 32
        for change in decision.changes:
            self._show(change)
        for timer in decision.timers:
            if timer.cmd and not self.knows(timer.cmd):
                continue
            key = (timer.id, timer.name)
            if timer.due is None:
                self.timers.pop(key, None)
            else:
                self.timers[key] = (timer.due, timer.cmd, timer.data)

    def knows(self, cmd: str) -> bool:
        """Whether a timer's command is run here; those of other services are theirs to test."""
        return cmd in VANS.commands

    def _show(self, change: Change) -> None:
        table = self.tables.setdefault(change.topic, {})
        if change.view is None:
            del table[change.id]
        else:
            packed = msgspec.msgpack.encode(change.view)
            assert len(packed) < 4096
            table[change.id] = msgspec.msgpack.decode(packed)

    def done(self, cmd: str, actor: Actor, demo: bool = False, **data: Any) -> Decision:
        decision = self.run(cmd, actor, demo, **data)
        assert isinstance(decision, Decision), decision
        return decision

    def refused(self, cmd: str, actor: Actor, **data: Any) -> Refusal:
        refusal = self.run(cmd, actor, **data)
        assert isinstance(refusal, Refusal), refusal
        return refusal

    def press(self, cmd: str, stop: str | None = None, demo: bool = False) -> Decision:
        self.now += 1000
        return self.done(cmd, CREW, demo, van="v1", stop=stop)

    def wait(self, until: int) -> list[str]:
        """Let time pass, every timer at its time; the commands that ran."""
        ran = []
        while self.timers:
            key, (due, cmd, data) = min(self.timers.items(), key=lambda item: item[1][0])
            if due > until:
                break
            self.now = max(self.now, due)
            del self.timers[key]
            self.done(cmd, TIMER, **data)
            ran.append(cmd)
        self.now = until
        return ran

    def tell(self, actor: Actor = CREW, **location: Any) -> Seen | Refusal | None:
        return self.tells([location], actor)

    def tells(self, locations: list[dict[str, Any]], actor: Actor = CREW, van: str = "v1") -> Seen | Refusal | None:
        """Positions in one input; what follows from them is run as the hub does."""
        data = {"van": van, "locations": locations}
        command = Command("", "van.position", msgspec.convert(data, VANS.tells["van.position"].data))
        seen = VANS.observe(self._gathered(command, actor), command, actor, self.now)
        if isinstance(seen, Seen):
            self.found[FixOf("van", van)] = seen.fix or self.found.get(FixOf("van", van))
            for follow in seen.follow:
                self.follow(follow)
        return seen

    def follow(self, follow: Follow) -> Decision | Refusal:
        return self.run(follow.cmd, HUB, **follow.data)

    @property
    def fix(self) -> Fix:
        fix: Fix = self.found[FixOf("van", "v1")]
        return fix

    def drive(self, lat: float, lon: float, seconds: int, actor: Actor = CREW, step_s: int = 5, **more: Any) -> None:
        """Stand somewhere for a while, with a fix every few seconds."""
        for _ in range(0, seconds, step_s):
            self.now += step_s * 1000
            self.tell(actor, lat=lat, lon=lon, fix_at=self.now, **{"accuracy_m": 5, "speed_kmh": 0, **more})


def seeded() -> World:
    """The seed's van with its 18 stops."""
    made = World()
    made.done("van.seed", SYSTEM, **SEED)
    return made


def planned() -> World:
    """The same, with the trips of the days ahead."""
    made = seeded()
    made.wait(made.now)
    return made
