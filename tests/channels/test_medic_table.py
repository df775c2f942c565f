"""Every (state, command, role) of a medic request is an accepted step or a named refusal."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import pytest

from channels.medic_table import DUTY, ENDED, HELD, TABLE, UNANSWERED, State
from hub.contract import TIMER, Actor, Decision, Refusal
from hub.errors import CODES
from hub.machine import diagram
from tests.channels.medic_world import CALLER, DESK, HERE, SERVICE, STRANGER, World, medic

# FREE is deaf, so the first waves leave it alone.
HOLDER, OFFERED, UNASKED, FREE = medic(1), medic(2), medic(8), medic(9)
ACTORS = {
    "caller": CALLER,
    "another resident": STRANGER,
    "holder": HOLDER,
    "medic who was offered it": OFFERED,
    "medic who was not": UNASKED,
    "desk": DESK,
    "timer": TIMER,
    "hub for the offered": Actor(OFFERED.person, "hub"),
}
COMMANDS: dict[str, dict[str, Any]] = {
    "medic.cancel": {"reason": "solved"},
    "medic.describe": {"note": "jatuh"},
    "medic.accept": {},
    "medic.decline": {},
    "medic.release": {},
    "medic.backup": {},
    "medic.advance en_route": {"to": "en_route"},
    "medic.advance on_scene": {"to": "on_scene"},
    "medic.advance at_patient": {"to": "at_patient"},
    "medic.advance cleared": {"to": "cleared"},
    "medic.receipt": {"level": "seen"},
    "medic.assign": {"medic": FREE.person},
    "medic.escalate": {},
    "medic.merge": {"into": "OTHER"},
    "medic.hand_over": {"operator": "Sari 119"},
    "medic.close": {"outcome": "treated"},
    "medic.wave": {},
    "medic.unheard": {},
    "medic.under_way": {},
    "medic.robot": {},
}
ADVANCES = ("en_route", "on_scene", "at_patient", "cleared")


def in_state(state: str) -> tuple[World, str]:
    """A world with one request in this state: held by m1 where held, offered to m1 and m2."""
    world = World()
    world.on_duty(9, reachable=False)
    if state == "called":
        request = world.call()
        world.pass_ms(5_001)
        return world, request
    world.on_duty(1, 2)
    request = world.call()
    world.receive(request, HOLDER, OFFERED)
    world.pass_ms(5_001)
    if state == "offered":
        return world, request
    if state == "cancelled":
        world.ok("medic.cancel", {"request": request, "reason": "solved"}, CALLER)
        return world, request
    world.accept(request, HOLDER)
    for to in ADVANCES:
        if state in (to, *ADVANCES[ADVANCES.index(to) :]):
            world.ok("medic.advance", {"request": request, "to": to}, HOLDER)
    if state == "handed_over":
        world.ok("medic.hand_over", {"request": request, "operator": "Sari"}, DESK)
    if state == "closed":
        world.ok("medic.close", {"request": request, "outcome": "treated"}, DESK)
    return world, request


def accepted_steps(state: str) -> set[tuple[str, str]]:
    """(command, actor) that are accepted in a state, written by hand from the domain."""
    steps = set(product(["medic.describe"], ["caller", "desk"]))
    steps |= {("medic.cancel", "caller"), ("medic.cancel", "desk")}
    steps |= {(f"medic.{name}", "desk") for name in ("assign", "merge", "hand_over", "close")}
    steps |= {("medic.receipt", who) for who in ("holder", "medic who was offered it", "hub for the offered")}
    if state == "called":
        steps = {(cmd, who) for cmd, who in steps if cmd != "medic.receipt"}
        return steps | {("medic.escalate", "desk"), *timers("wave", "unheard", "robot")}
    if state == "offered":
        steps |= set(product(["medic.accept", "medic.decline"], ["holder", "medic who was offered it"]))
        return steps | {("medic.escalate", "desk"), *timers("wave", "unheard", "robot")}
    if state in ENDED:
        # A holder who repeats the accept of a request already cleared hears yes.
        return {("medic.accept", "holder")} if state == "cleared" else set()
    steps |= {("medic.accept", "holder"), ("medic.backup", "holder"), *timers("robot")}
    if state != "at_patient":
        steps |= {("medic.release", "holder")}
    later = ADVANCES[ADVANCES.index(state) + 1 :] if state in ADVANCES else ADVANCES
    steps |= {(f"medic.advance {to}", "holder") for to in later}
    if state == "accepted":
        steps |= {("medic.escalate", "desk"), *timers("wave", "unheard", "under_way")}
    return steps


def timers(*names: str) -> set[tuple[str, str]]:
    return {(f"medic.{name}", "timer") for name in names}


@pytest.mark.parametrize("state", TABLE)
def test_every_command_of_every_role(state: str) -> None:
    """Each is an accepted step exactly where the domain says so, and a known refusal elsewhere."""
    accepted = accepted_steps(state)
    for (cmd, data), (who, actor) in product(COMMANDS.items(), ACTORS.items()):
        world, request = in_state(state)
        name = cmd.partition(" ")[0]
        if actor.role not in _roles(name):
            assert (cmd, who) not in accepted
            continue
        other = world.call(STRANGER) if "into" in data else ""
        before = world.request(request)
        decision = world.run(name, {"request": request, **data, **({"into": other} if other else {})}, actor)
        outcome = decision if isinstance(decision, Refusal) else "accepted"
        assert isinstance(decision, Decision) == ((cmd, who) in accepted), (state, cmd, who, outcome)
        if isinstance(decision, Refusal):
            assert decision.code in CODES
            assert not decision.retry
            assert world.request(request) == before, "a refused step changes nothing"


def _roles(cmd: str) -> frozenset[str]:
    return SERVICE.commands[cmd].roles


def test_every_state_is_listed_and_every_arrow_leads_to_one() -> None:
    """The table knows exactly the states of the domain; terminal ones are listed with nothing."""
    assert set(TABLE) == set(get_args(State)) == {*UNANSWERED, *HELD, *ENDED}
    for table in (TABLE, DUTY):
        for state, rules in table.items():
            for name, rule in rules.items():
                assert rule.to is None or rule.to in table, (state, name)
                assert rule.roles
    assert all(TABLE[state] == {} for state in ENDED)
    assert all(TABLE[state] for state in (*UNANSWERED, *HELD))


def test_every_open_state_can_be_ended_by_the_desk() -> None:
    """A request never gets stuck: the desk can end it from wherever it is."""
    for state in (*UNANSWERED, *HELD):
        for name in ("call off", "hand_over", "close", "merge"):
            assert TABLE[state][name].to in ENDED


def test_the_diagram_shows_the_way() -> None:
    """The diagram is drawn from the table."""
    drawn = diagram(TABLE)
    assert "[*] --> called" in drawn
    assert "at_patient --> cleared: cleared" in drawn
    assert "accepted --> offered: release" in drawn


@pytest.mark.parametrize(
    ("state", "on", "code"),
    [("off", True, None), ("off", False, None), ("busy", True, None), ("busy", False, "illegal_step")],
)
def test_every_step_of_a_duty(state: str, on: bool, code: str | None) -> None:
    """On and off as often as one likes; off while holding a request is refused."""
    world = World()
    actor = medic(1)
    if state == "busy":
        world.on_duty(1)
        world.accept(world.call(location=HERE), actor)
    decision = world.run("medic.duty", {"on": on}, actor)
    assert (decision.code if isinstance(decision, Refusal) else None) == code
