"""Answers as the documents describe them."""

from __future__ import annotations

import pytest

from channels.answers import ANSWERS
from hub.app import services
from hub.catalog import commands
from hub.contract import SYSTEM, Actor
from tests.support.shapes import check_answer

ME = Actor("p1", "resident")


def test_every_command_of_people_has_its_answer() -> None:
    """Whatever somebody may give is answered with something that stands in the documents, and nothing else does."""
    assert set(ANSWERS) == {one.cmd for one in commands(services()) if not one.fleeting}


def test_an_answer_that_drifted_is_seen() -> None:
    """An unknown or a missing key fails, and the message names it; the hub's own commands answer nobody."""
    check_answer("medic.call", {"request": "r1", "candidates": 0}, ME)
    check_answer("medic.call", {}, SYSTEM)
    with pytest.raises(AssertionError, match="candidates"):
        check_answer("medic.call", {"request": "r1"}, ME)
    with pytest.raises(AssertionError, match="more"):
        check_answer("medic.call", {"request": "r1", "candidates": 0, "more": 1}, ME)
