"""A service small enough to know by heart: lamps in topics of every lane.

It does what a test tells it to: whole decisions can be put in its mouth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from hub.contract import (
    Actor,
    Change,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    FixOf,
    Lane,
    Need,
    Personal,
    Receipt,
    Refusal,
    Seen,
    State,
    Table,
    Thing,
    TopicRule,
    Write,
)

EVERYBODY = frozenset({"resident", "medic", "seller", "crew", "dispatcher", "hub", "system", "timer"})
Decide = Callable[[State, Command, Facts, Actor, int], Decision | Refusal]


class Lamp(Struct, frozen=True):
    """`holder` is who switched it last, `count` how often that was."""

    id: str
    on: bool = False
    holder: str = ""
    count: int = 0


class Switch(Struct, frozen=True):
    """`topics` hear of it; `text` makes its view as long as a test needs."""

    lamp: str
    on: bool = True
    topics: tuple[str, ...] = ()
    text: str = ""
    confirmed: bool = False


class Any_(Struct, frozen=True):
    """What a command takes whose decision the test makes."""

    n: int = 0


class Place(Struct, frozen=True):
    lamp: str
    lat: float
    lon: float
    fix_at: int


class Reached(Struct, frozen=True):
    person: str
    reachable: bool
    connected: bool


class Lamps(Channel):
    """The service; `lamp.ask` gathers `needs` and answers with `decision`."""

    name: ClassVar[str] = "lamp"
    lane: ClassVar[Lane] = "normal"

    def __init__(self) -> None:
        name = self.name
        self.needs: Callable[[State, Command, Actor], Iterable[Need]] = lambda state, command, actor: ()
        self.decision: Decide = lambda state, command, facts, actor, now: Decision()
        self.seen: Callable[[State, Place, int], Fix | Seen | Refusal | None] | None = None
        self.heard: list[tuple[str, Any]] = []
        self.facts: list[Facts] = []
        self.commands: Mapping[str, CommandSpec] = {
            f"{name}.switch": CommandSpec(
                Switch, EVERYBODY, serial="lamp", not_content=frozenset({"confirmed"}), limited=True
            ),
            f"{name}.help": CommandSpec(Switch, EVERYBODY, serial="lamp", limited=False),
            f"{name}.ask": CommandSpec(Any_, EVERYBODY),
            f"{name}.desk": CommandSpec(Any_, frozenset({"dispatcher", "service"}), desk="medic"),
            f"{name}.presence": CommandSpec(Reached, frozenset({"hub"})),
            f"{name}.receipt": CommandSpec(Any_, EVERYBODY),
        }
        self.tells: Mapping[str, CommandSpec] = {f"{name}.moved": CommandSpec(Place, EVERYBODY)}
        self.things: Mapping[str, type[Struct]] = {name: Lamp}
        self.topics: Sequence[TopicRule] = (
            TopicRule("urgent/<id>", "urgent", anyone),
            TopicRule("normal/<id>", "normal", anyone),
            TopicRule("bulk/<id>", "bulk", anyone),
            TopicRule("help/<person>", "urgent", lambda actor, segments: actor.person == segments["person"]),
            TopicRule("city", "normal", anyone),
        )
        self.tables: Mapping[str, Table] = {}
        self.presence: Mapping[str, str] = {"medic": f"{name}.presence"}
        self.receipts: Mapping[str, Receipt] = {}
        self.personal: Mapping[type[Struct], Personal] = {}

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        if isinstance(command.data, Place):
            return [Thing(self.name, command.data.lamp), FixOf(self.name, command.data.lamp)]
        if isinstance(command.data, Switch):
            return [Thing(self.name, command.data.lamp)]
        return self.needs(state, command, actor)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        self.heard.append((command.cmd, command.data))
        self.facts.append(facts)
        if isinstance(command.data, Switch):
            return self._switched(state, command.data, actor, now)
        return self.decision(state, command, facts, actor, now)

    def _switched(self, state: State, data: Switch, actor: Actor, now: int) -> Decision:
        before = state.thing(Lamp, self.name, data.lamp) or Lamp(data.lamp)
        lamp = Lamp(data.lamp, data.on, actor.person, before.count + 1)
        view = {"type": "lamp", "id": lamp.id, "state": "on" if lamp.on else "off", "at": now, "count": lamp.count}
        face = {**view, "text": data.text} if data.on else None
        changes = tuple(Change(topic, data.lamp, f"{self.name}.switched", face) for topic in data.topics)
        return Decision({"count": lamp.count}, writes=(Write(self.name, data.lamp, lamp),), changes=changes)

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | Seen | Refusal | None:
        data: Place = command.data
        if self.seen is not None:
            return self.seen(state, data, now)
        if state.thing(Lamp, self.name, data.lamp) is None:
            return None
        topics = (("bulk/a", data.lamp), ("urgent/a", data.lamp))
        return Fix(self.name, data.lamp, data.lat, data.lon, data.fix_at, topics=topics, index="lamps")


class Torches(Lamps):
    """The same, urgent."""

    name: ClassVar[str] = "torch"
    lane: ClassVar[Lane] = "urgent"


def anyone(actor: Actor, segments: Mapping[str, str]) -> bool:
    return True
