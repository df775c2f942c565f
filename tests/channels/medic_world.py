"""A city in the memory of one test: commands go through gather and decide, what they decide is kept.

It fills a `State` and keeps a `Decision`; time is moved by the test. Races are
the business of the real store's tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from channels.geo import City, distance_m
from channels.medic import Medic as Service
from channels.medic_state import Medic, Request
from hub.contract import (
    HUB,
    TIMER,
    Actor,
    ClaimOf,
    Command,
    Decision,
    Facts,
    Fix,
    FixOf,
    GeoEntry,
    Hit,
    Members,
    Near,
    Need,
    Presence,
    Reach,
    Refusal,
    State,
    Thing,
    Timer,
    View,
)

ROOT = Path(__file__).parents[2]
CITY = City(json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text()))
SERVICE = Service(CITY)
NOW = 1_800_000_000_000
ROUNDS = 5
HOME = CITY.point_in("kranggan")
HERE = {"lat": HOME[0], "lon": HOME[1], "accuracy_m": 20.0}
OUTSIDE = {"lat": -7.30, "lon": 112.70, "accuracy_m": 10.0}

CALLER = Actor("ani", "resident")
STRANGER = Actor("budi", "resident")
DESK = Actor("endah", "dispatcher", name="Endah", desk="medic")
OTHER_DESK = Actor("fitri", "dispatcher", name="Fitri", desk="medic")


def medic(number: int) -> Actor:
    return Actor(f"m{number}", "medic", name=f"Medic {number}", vehicle="motor")


class World:
    """One city's things, indexes, timers and tables."""

    def __init__(self) -> None:
        self.now = NOW
        self.ids = 0
        self.demo = False
        self.things: dict[tuple[str, str], Any] = {}
        self.claims: dict[str, str] = {}
        self.sets: dict[str, set[str]] = {}
        self.geo: dict[str, dict[str, tuple[float, float]]] = {}
        self.fixes: dict[tuple[str, str], Fix] = {}
        self.here: dict[str, Reach] = {}
        self.timers: dict[tuple[str, str, str], Timer] = {}
        self.tables: dict[str, dict[str, View]] = {}
        self.kinds: list[tuple[str, str, str]] = []
        self.commits = 0

    # -- running ------------------------------------------------------------------

    def run(self, cmd: str, data: dict[str, Any], actor: Actor, *, age_ms: int = 0) -> Decision | Refusal:
        spec = SERVICE.commands[cmd]
        assert actor.role in spec.roles, f"{cmd} is not for {actor.role}"
        self.ids += 1
        command = Command(f"c{self.ids}", cmd, msgspec.convert(data, spec.data), age_ms)
        facts = Facts(new_ids=tuple(f"r{self.ids}{letter}" for letter in ("", "b", "c", "d")), demo=self.demo)
        state = self.gathered(command, actor)
        decision = SERVICE.decide(state, command, facts, actor, self.now)
        if isinstance(decision, Decision):
            self._commit(state, decision)
        return decision

    def ok(self, cmd: str, data: dict[str, Any], actor: Actor, **more: int) -> dict[str, Any]:
        decision = self.run(cmd, data, actor, **more)
        assert isinstance(decision, Decision), decision
        return decision.answer

    def no(self, cmd: str, data: dict[str, Any], actor: Actor, **more: int) -> Refusal:
        refusal = self.run(cmd, data, actor, **more)
        assert isinstance(refusal, Refusal), refusal
        return refusal

    def gathered(self, command: Command, actor: Actor) -> State:
        state = State()
        for _ in range(ROUNDS):
            before = len(state.found)
            for need in list(SERVICE.gather(state, command, actor)):
                state.found.setdefault(need, self._find(need))
            if len(state.found) == before:
                break
        return state

    def _find(self, need: Need) -> Any:
        match need:
            case Thing(type_, id_):
                return self.things.get((type_, id_))
            case ClaimOf(name):
                return self.claims.get(name)
            case Near():
                members = self.geo.get(need.index, {})
                hits = [Hit(id_, distance_m(need.lat, need.lon, *at)) for id_, at in members.items()]
                hits = [hit for hit in hits if hit.distance_m <= need.radius_m]
                return tuple(sorted(hits, key=lambda hit: hit.distance_m)[: need.limit])
            case Members():
                return tuple(sorted(self.sets.get(need.index, set())))[: need.limit]
            case FixOf(type_, id_):
                return self.fixes.get((type_, id_))
            case Presence(person):
                return self.here.get(person, Reach())

    def _commit(self, state: State, decision: Decision) -> None:
        topics = {change.topic for change in decision.changes}
        assert len(topics) <= 32
        packed = [msgspec.msgpack.encode(change) for change in decision.changes]
        assert all(len(one) < 4_200 for one in packed)
        states = [msgspec.msgpack.encode(write.state) for write in decision.writes]
        assert sum(map(len, packed)) + sum(map(len, states)) < 64 * 1024
        written = [(write.type, write.id) for write in decision.writes]
        assert len(written) == len(set(written)), "a thing is written once"
        relied = [*written, *((guard.type, guard.id) for guard in decision.guards)]
        assert all(state.has(Thing(*one)) or one not in self.things for one in relied), "what is written was read"
        self._keep(decision)

    def _keep(self, decision: Decision) -> None:
        self.commits += bool(decision.writes)
        for claim in decision.claims:
            assert self.claims.get(claim.name, claim.holder) == claim.holder, "a claim is held by another"
            if claim.free:
                self.claims.pop(claim.name, None)
            else:
                self.claims[claim.name] = claim.holder
        for write in decision.writes:
            if write.state is None:
                del self.things[write.type, write.id]
            else:
                kind = SERVICE.things[write.type]
                again = msgspec.msgpack.decode(msgspec.msgpack.encode(write.state), type=kind)
                assert again == write.state
                self.things[write.type, write.id] = again
        for entry in decision.index:
            if isinstance(entry, GeoEntry):
                members = self.geo.setdefault(entry.index, {})
                members.pop(entry.member, None)
                if entry.lat is not None and entry.lon is not None:
                    members[entry.member] = (entry.lat, entry.lon)
            elif entry.remove:
                self.sets.setdefault(entry.index, set()).discard(entry.member)
            else:
                self.sets.setdefault(entry.index, set()).add(entry.member)
        for change in decision.changes:
            self.kinds.append((change.topic, change.id, change.kind))
            table = self.tables.setdefault(change.topic, {})
            if change.view is None:
                table.pop(change.id, None)
            else:
                assert {"type", "id", "state", "at"} <= change.view.keys()
                table[change.id] = change.view
        for timer in decision.timers:
            key = (timer.type, timer.id, timer.name)
            self.timers.pop(key, None)
            if timer.due is not None:
                self.timers[key] = timer

    def pass_ms(self, ms: int) -> None:
        """Let time pass; timers act in the order in which they are due."""
        until = self.now + ms
        for _ in range(10_000):
            due = [timer for timer in self.timers.values() if timer.due is not None and timer.due <= until]
            if not due:
                self.now = until
                return
            first = min(due, key=lambda timer: timer.due or 0)
            self.now = max(self.now, first.due or 0)
            del self.timers[first.type, first.id, first.name]
            self.run(first.cmd, first.data, TIMER)
        raise AssertionError("timers never come to rest")

    def settle(self) -> None:
        """Let everything happen that is due now."""
        self.pass_ms(0)

    # -- people ---------------------------------------------------------------------

    def on_duty(self, *numbers: int, drills: bool = False, reachable: bool = True) -> list[Actor]:
        """Medics on duty north of the caller, number by number 100 m farther away."""
        found = [medic(number) for number in numbers]
        for number, actor in zip(numbers, found, strict=True):
            self.hear(actor.person, reachable=reachable)
            self.ok("medic.duty", {"on": True, "drills": drills}, actor)
            self.at(actor, HOME[0] + number * 0.0009)
        self.settle()
        return found

    def hear(self, person: str, *, reachable: bool = True) -> None:
        self.here[person] = Reach(connected=reachable, audible=reachable, here_at=self.now if reachable else 0)
        if ("medic", person) in self.things:
            self.ok("medic.presence", {"person": person, "reachable": reachable, "connected": reachable}, HUB)

    def at(self, actor: Actor, lat: float, lon: float = HOME[1], age_ms: int = 0) -> Fix | None:
        spec = SERVICE.tells["medic.position"]
        data = {"location": {"lat": lat, "lon": lon, "accuracy_m": 10.0, "age_ms": age_ms}}
        command = Command("", "medic.position", msgspec.convert(data, spec.data))
        state = self.gathered(command, actor)
        fix = SERVICE.observe(state, command, actor, self.now)
        if fix is not None:
            self.fixes[fix.type, fix.id] = fix
            if fix.index:
                self.geo.setdefault(fix.index, {})[fix.id] = (fix.lat, fix.lon)
        return fix

    def call(self, actor: Actor = CALLER, **data: Any) -> str:
        answer = self.ok("medic.call", {"location": HERE, **data}, actor)
        request: str = answer["request"]
        return request

    def receive(self, request: str, *actors: Actor, level: str = "received") -> None:
        for actor in actors:
            self.ok("medic.receipt", {"request": request, "level": level}, actor)

    def accept(self, request: str, actor: Actor) -> dict[str, Any]:
        return self.ok("medic.accept", {"request": request}, actor)

    # -- looking --------------------------------------------------------------------

    def request(self, id_: str) -> Request:
        request = self.things["request", id_]
        assert isinstance(request, Request)
        return request

    def duty(self, actor: Actor) -> Medic:
        duty = self.things["medic", actor.person]
        assert isinstance(duty, Medic)
        return duty

    def view(self, topic: str, id_: str) -> View:
        return self.tables[topic][id_]

    def seen_by(self, actor: Actor, request: str) -> View:
        return self.tables[f"help/{actor.person}"][request]

    def open_offers(self, request: str) -> list[str]:
        offers = self.request(request).offers
        return [person for person, offer in offers.items() if offer.state == "open"]

    def alarms(self) -> dict[str, View]:
        """Alarms at the desk by id."""
        return {id_: view for id_, view in self.tables.get("dispatch", {}).items() if view["type"] == "alarm"}
