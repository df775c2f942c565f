"""What is broken follows from the seed."""

from __future__ import annotations

from tests.faults.schedule import MENU, schedule

PARTS = {"public 1": "public", "help 1": "help", "worker 1": "worker"}


def test_the_same_seed_breaks_the_same() -> None:
    """Two runs of one seed have the same faults in the same order."""
    assert schedule(7, 60, PARTS, 1.0) == schedule(7, 60, PARTS, 1.0)
    assert schedule(7, 60, PARTS, 1.0) != schedule(8, 60, PARTS, 1.0)


def test_every_kind_of_fault_comes() -> None:
    """A minute is enough to see every kind of fault at least once."""
    assert {fault.what for fault in schedule(7, 60, PARTS, 1.0)} == set(MENU)


def test_a_part_is_broken_once_at_a_time() -> None:
    """No fault of a part begins before the one before it has ended."""
    ends: dict[str, float] = {}
    for fault in schedule(3, 300, PARTS, 0.5):
        name = fault.part or fault.what
        assert ends.get(name, 0.0) <= fault.at_s + 0.01
        ends[name] = fault.at_s + fault.lasts_s
