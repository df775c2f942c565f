"""One step of a table, and its diagram."""

from __future__ import annotations

from hub.contract import Refusal, Rule, Table
from hub.machine import diagram, is_terminal, step

A, B = frozenset({"a"}), frozenset({"b"})
TABLE: Table = {
    "new": {"take": Rule(A, "held"), "look": Rule(A | B), "grab": Rule(B, "held")},
    "held": {"drop": Rule(A, "gone"), "hold": Rule(A, "held")},
    "gone": {},
}


def test_a_listed_step_is_its_rule() -> None:
    """The rule says where it leads; None stays."""
    rule = step(TABLE, "new", "take", "a")
    assert isinstance(rule, Rule)
    assert rule.to == "held"


def test_an_unlisted_step_is_illegal_and_says_what_is_possible() -> None:
    """The refusal names the state and what it allows."""
    refusal = step(TABLE, "held", "take", "a")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "illegal_step"
    assert refusal.data == {"state": "held"}
    assert "drop, hold" in refusal.message


def test_a_step_of_another_role_is_not_allowed() -> None:
    """The state knows the command, but not from this role."""
    refusal = step(TABLE, "held", "drop", "b")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_allowed"


def test_nothing_is_possible_at_the_end() -> None:
    """A terminal state refuses everything."""
    refusal = step(TABLE, "gone", "drop", "a")
    assert isinstance(refusal, Refusal)
    assert "nothing" in refusal.message
    assert is_terminal(TABLE, "gone")
    assert not is_terminal(TABLE, "held")


def test_the_diagram_is_drawn_from_the_table() -> None:
    """Start, one arrow per pair of states, ends; what stays is left out."""
    assert diagram(TABLE) == (
        "stateDiagram-v2\n    [*] --> new\n    new --> held: take, grab\n    held --> gone: drop\n    gone --> [*]\n"
    )
