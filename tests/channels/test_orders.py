"""Orders: every step of the table, who may take it, and what is refused by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from channels.order_things import ORDER, RETIRE_MS
from hub.contract import TIMER, Actor, Decision, Refusal
from hub.machine import is_terminal
from tests.channels.market_world import ACTORS, BUYER, OTHER, SELLER, STRANGER, TILL, Market, basket, pairs

STEPS: dict[str, dict[str, Any]] = {
    "order.accept": {"prep_min": 10},
    "order.reject": {"reason": "too_busy"},
    "order.advance preparing": {"to": "preparing"},
    "order.advance ready": {"to": "ready"},
    "order.advance completed": {"to": "completed"},
    "order.cancel": {"reason": "mistake"},
    "order.receipt": {"level": "received"},
    "order.ladder": {},
    "order.expire": {},
}
STATES = [state for state in ORDER if state != "new"]
WAYS: dict[str, list[tuple[str, dict[str, Any], Actor]]] = {
    "placed": [],
    "accepted": [("order.accept", {"prep_min": 10}, SELLER)],
    "preparing": [("order.accept", {"prep_min": 10}, SELLER), ("order.advance", {"to": "preparing"}, OTHER)],
    "ready": [("order.accept", {"prep_min": 10}, SELLER), ("order.advance", {"to": "ready"}, SELLER)],
    "completed": [("order.accept", {"prep_min": 10}, SELLER), ("order.advance", {"to": "completed"}, SELLER)],
    "rejected": [("order.reject", {"reason": "closed"}, SELLER)],
    "expired": [("order.expire", {}, TIMER)],
    "cancelled": [("order.cancel", {"reason": "too_slow"}, BUYER)],
}
"""How an order comes into each state."""


@pytest.fixture
def world() -> Market:
    made = Market()
    made.open_shop("s1", "s2")
    return made


def in_state(world: Market, state: str) -> str:
    order = world.place()
    for cmd, data, actor in WAYS[state]:
        if actor is TIMER:
            world.now += 180_000
        world.ok(cmd, {"order": order, **data}, actor)
    assert world.order(order).state == state
    return order


def mine(actor: Actor) -> bool:
    """Whether an actor is the buyer, or of the shop."""
    return actor.role == "timer" or actor.shop == "s1" or actor.person == "ani"


@pytest.mark.parametrize(("state", "step", "who"), pairs(STATES, STEPS, ACTORS))
def test_steps(world: Market, state: str, step: str, who: str) -> None:
    """Every (state, command, role) is a step for who may take it, or a named refusal that writes nothing."""
    order, actor = in_state(world, state), ACTORS[who]
    if actor is TIMER:
        world.now += 180_000
    before, rule, cmd = world.order(order), ORDER[state].get(step), step.partition(" ")[0]
    outcome = world.run(cmd, {"order": order, **STEPS[step]}, actor)
    if rule is not None and actor.role in rule.roles and mine(actor) and who != "hub for the buyer":
        assert isinstance(outcome, Decision), outcome
        assert world.order(order).state == (rule.to or state)
        return
    assert isinstance(outcome, Refusal)
    assert world.order(order) == before
    roles = {role for rules in ORDER.values() for name, one in rules.items() if name == step for role in one.roles}
    if actor.role not in roles:
        assert outcome.code == "not_allowed"
    elif step == "order.accept" and before.winner and mine(actor):
        assert outcome.code == "taken"
    else:
        assert outcome.code == ("illegal_step" if rule is None else "not_allowed")


@pytest.mark.parametrize(("state", "who"), pairs(STATES, ACTORS))
def test_retire_and_alarms_are_the_timers(world: Market, state: str, who: str) -> None:
    """An order leaves 24 h after its end, not before it has one; nobody but a timer sends it away."""
    order, actor = in_state(world, state), ACTORS[who]
    world.now += RETIRE_MS
    outcome = world.run("order.retire", {"order": order}, actor)
    assert isinstance(outcome, Decision if actor is TIMER else Refusal)
    gone = ("order", order) not in world.things
    assert gone == (actor is TIMER and is_terminal(ORDER, state))
    assert isinstance(world.run("order.alarm_again", {"order": order}, actor), Decision) == (
        actor is TIMER and not gone
    )


@pytest.mark.parametrize(("state", "who"), pairs(STATES, ACTORS))
def test_reading(world: Market, state: str, who: str) -> None:
    """Its buyer and its shop read an order in every state, each their own view; nobody else finds it."""
    order, actor = in_state(world, state), ACTORS[who]
    outcome = world.run("order.read", {"order": order}, actor)
    if who in ("buyer", "seller", "another seller of the shop"):
        assert isinstance(outcome, Decision)
        topic = "person/ani" if who == "buyer" else "shop/s1"
        read = msgspec.msgpack.decode(msgspec.msgpack.encode(outcome.answer["order"]))
        assert read == world.view(topic, order)
        assert outcome == Decision(outcome.answer)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code == ("not_found" if actor.role in ("resident", "service", "seller") else "not_allowed")
        assert not outcome.record or outcome.code == "not_allowed"


def test_a_service_reads_its_own_orders_alone(world: Market) -> None:
    """What another placed is not found."""
    own, other = world.place(TILL), world.place()
    assert world.ok("order.read", {"order": own}, TILL)["order"]["id"] == own
    assert world.no("order.read", {"order": other}, TILL).code == "not_found"


@pytest.mark.parametrize("who", ACTORS)
def test_who_places(world: Market, who: str) -> None:
    """Residents and other systems."""
    outcome = world.run("order.place", basket(), ACTORS[who])
    assert isinstance(outcome, Decision) == (ACTORS[who].role in ("resident", "service"))


@pytest.mark.parametrize(("step", "who"), pairs(STEPS, ["seller", "buyer", "timer", "hub for the seller"]))
def test_an_order_that_is_not_there(world: Market, step: str, who: str) -> None:
    """It is not found; receipts of it leave no trace."""
    cmd = step.partition(" ")[0]
    outcome = world.run(cmd, {"order": "o9", **STEPS[step]}, ACTORS[who])
    assert isinstance(outcome, Refusal)
    assert outcome.code in ("not_found", "not_allowed")
    assert outcome.record is not (cmd == "order.receipt" and outcome.code == "not_found")


# -- one of several -------------------------------------------------------------------------


def test_one_seller_wins(world: Market) -> None:
    """A second accept is refused with `taken` and names the winner, whatever came of the order since."""
    order = world.place()
    assert world.accept(order) == {"order": order, "state": "accepted"}
    for to in ("preparing", "ready", "completed"):
        refusal = world.no("order.accept", {"order": order, "prep_min": 5}, OTHER)
        assert (refusal.code, refusal.data) == ("taken", {"winner": {"person": "sri", "name": "Sri"}})
        world.ok("order.advance", {"order": order, "to": to}, OTHER)
    assert world.no("order.accept", {"order": order, "prep_min": 5}, STRANGER).code == "illegal_step"
    assert world.view("person/ani", order)["accepted_by"] == "Sri"


def test_somebody_elses_order(world: Market) -> None:
    """A seller of another shop and another buyer are told whose it is."""
    order = world.place()
    steps: list[tuple[str, dict[str, Any]]] = [("order.accept", {"prep_min": 1}), ("order.reject", {"reason": "other"})]
    for cmd, data in steps:
        refusal = world.no(cmd, {"order": order, **data}, STRANGER)
        assert (refusal.code, refusal.message) == ("not_allowed", f"{cmd} is for a seller of the shop")
    refusal = world.no("order.cancel", {"order": order, "reason": "mistake"}, ACTORS["another resident"])
    assert (refusal.code, refusal.message) == ("not_allowed", "order.cancel is for the buyer, or a seller of the shop")


def test_the_table_ends() -> None:
    """From every state an end can be reached, and what is terminal knows no step."""
    ends = {state for state, rules in ORDER.items() if not rules}
    assert ends == {"completed", "rejected", "expired", "cancelled"}
    for state in STATES:
        seen, todo = set[str](), [state]
        while todo:
            here = todo.pop()
            seen.add(here)
            todo += [rule.to for rule in ORDER[here].values() if rule.to and rule.to not in seen]
        assert seen & ends


def test_a_winner_without_a_name(world: Market) -> None:
    """The shop itself is named."""
    order = world.place()
    world.accept(order, replace(SELLER, name=""))
    assert world.order(order).accepted_by == "toko"
