"""A city in the memory of one test: commands go through gather and decide, what they decide is kept.

It fills a `State` and keeps a `Decision`; time is moved by the test. Races are
the business of the real store's tests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from channels.geo import City, distance_m
from hub.commit import MAX_COMMIT_BYTES, MAX_TOPICS
from hub.contract import (
    TIMER,
    Actor,
    Channel,
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
from hub.services import Services
from tests.support.shapes import check_answer, check_view

ROOT = Path(__file__).parents[2]
BORDERS: dict[str, Any] = json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text())
CITY = City(BORDERS)
NOW = 1_800_000_000_000
"""A Friday, 15:00 in Mojokerto."""
ROUNDS = 5
LISTS = ("shops", "vans", "roster")


class Memory:
    """One city's things, indexes, timers and tables."""

    services: ClassVar[Services]

    def __init__(self) -> None:
        self.now = NOW
        self.ids = 0
        self.demo = False
        self.away_ms = 0
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
        """One command, as `hub.dispatch` runs it; its door is passed by whom the service lets in."""
        channel, spec = self.services.command(cmd, actor.desk) or (None, None)
        assert channel is not None
        assert spec is not None
        assert actor.role in spec.roles, f"{cmd} is not for {actor.role}"
        self.ids += 1
        command = Command(f"c{self.ids}", cmd, msgspec.convert(data, spec.data), age_ms)
        ids = tuple(f"r{self.ids}{letter}" for letter in ("", "b", "c", "d"))
        facts = Facts(new_ids=ids, demo=self.demo, away_ms=self.away_ms)
        state = self.gathered(channel, command, actor)
        decision = channel.decide(state, command, facts, actor, self.now)
        if isinstance(decision, Decision):
            check_answer(cmd, decision.answer, actor)
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

    def gathered(self, channel: Channel, command: Command, actor: Actor) -> State:
        state = State()
        for _ in range(ROUNDS):
            before = len(state.found)
            for need in list(channel.gather(state, command, actor)):
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
        assert len({change.topic for change in decision.changes}) <= MAX_TOPICS
        packed = [msgspec.msgpack.encode(change) for change in decision.changes]
        assert sum(map(len, packed)) < MAX_COMMIT_BYTES - 1024
        for change in decision.changes:
            if change.view is not None:
                most = 300 if change.topic.partition("/")[0] in LISTS else 4096
                assert len(msgspec.msgpack.encode(change.view)) < most, change
                check_view(self.services, change)
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
                kind = self.services.types[write.type]
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
                table[change.id] = msgspec.msgpack.decode(msgspec.msgpack.encode(change.view))
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

    def view(self, topic: str, id_: str) -> View:
        return self.tables[topic][id_]
