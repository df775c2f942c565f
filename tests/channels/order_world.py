"""A store of orders in memory of one test: commands through gather and decide, their writes kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from channels.geo import City
from channels.order_things import ORDER
from channels.orders import Orders
from hub.contract import (
    SYSTEM,
    TIMER,
    Actor,
    Command,
    Decision,
    Facts,
    Need,
    Presence,
    Reach,
    Refusal,
    State,
    Thing,
)

ROOT = Path(__file__).parents[2]
CITY = City(json.loads((ROOT / "static/data/mojokerto-kelurahan.geojson").read_text()))
SEED: list[dict[str, Any]] = json.loads((ROOT / "clients/seed.json").read_text())["shops"]
ORDERS = Orders(CITY)
NOW = 1_800_000_000_000
FACTS = Facts(new_ids=("o1", "o2"))

BUYER = Actor("ani", "resident")
SELLER = Actor("sri", "seller", name="Sri", shop="s02")
OTHER = Actor("tari", "seller", name="Tari", shop="s02")
STRANGER = Actor("yanto", "seller", name="Yanto", shop="s03")
ACTORS = {
    "buyer": BUYER,
    "another resident": Actor("budi", "resident"),
    "seller": SELLER,
    "seller of another shop": STRANGER,
    "medic": Actor("dewi", "medic"),
    "dispatcher": Actor("desk", "dispatcher", desk="market"),
    "hub for the seller": Actor("sri", "hub", shop="s02"),
    "hub for the buyer": Actor("ani", "hub"),
    "timer": TIMER,
    "system": SYSTEM,
}
STEPS: dict[str, dict[str, Any]] = {
    "order.accept": {"order": "o1", "prep_min": 10},
    "order.reject": {"order": "o1", "reason": "too_busy"},
    "order.advance preparing": {"order": "o1", "to": "preparing"},
    "order.advance ready": {"order": "o1", "to": "ready"},
    "order.advance completed": {"order": "o1", "to": "completed"},
    "order.cancel": {"order": "o1", "reason": "mistake"},
    "order.receipt": {"order": "o1", "level": "received"},
    "order.expire": {"order": "o1"},
    "order.retire": {"order": "o1"},
}
STATES = [state for state in ORDER if state != "new"]


def pairs(*axes: Iterable[str]) -> list[tuple[str, ...]]:
    return list(product(*axes))


class World:
    """The things of a store, with commands run through gather and decide and their writes kept."""

    def __init__(self) -> None:
        self.things: dict[Need, Any] = {}
        self.now = NOW
        self.reach = Reach(connected=True, audible=True)

    def thing(self, type_: str, id_: str) -> Any:
        return self.things.get(Thing(type_, id_))

    def run(self, cmd: str, data: dict[str, Any], actor: Actor, facts: Facts = FACTS) -> Decision | Refusal:
        spec = ORDERS.commands[cmd.partition(" ")[0]]
        command = Command("c1", cmd.partition(" ")[0], msgspec.convert(data, spec.data))
        state = State()
        for _ in range(5):
            for need in ORDERS.gather(state, command, actor):
                state.found[need] = self.reach if isinstance(need, Presence) else self.things.get(need)
        decision = ORDERS.decide(state, command, facts, actor, self.now)
        if isinstance(decision, Decision):
            for write in decision.writes:
                self.things[Thing(write.type, write.id)] = write.state
        return decision

    def ok(self, cmd: str, data: dict[str, Any], actor: Actor, facts: Facts = FACTS) -> Decision:
        decision = self.run(cmd, data, actor, facts)
        assert isinstance(decision, Decision), decision
        return decision

    def no(self, cmd: str, data: dict[str, Any], actor: Actor) -> Refusal:
        refusal = self.run(cmd, data, actor)
        assert isinstance(refusal, Refusal)
        return refusal


def place(**changed: Any) -> dict[str, Any]:
    return {
        "shop": "s02",
        "lines": [{"product": "p1", "quantity": 2, "price": 3000}],
        "fulfilment": "pickup",
        "name": "Ani",
        "phone": "0812345678",
        **changed,
    }


def in_state(world: World, state: str) -> None:
    world.ok("order.place", place(), BUYER)
    order = world.thing("order", "o1")
    held = {"winner": "sri", "accepted_by": "Sri"} if state in ("accepted", "preparing", "ready", "completed") else {}
    world.things[Thing("order", "o1")] = replace(order, state=state, **held)


def seeded() -> World:
    """A city with the first three shops of the seed."""
    made = World()
    for shop in SEED[:3]:
        made.ok("order.seed", {"shop": shop}, SYSTEM)
    return made
