"""Asking for a stop: one name a month, and a proposal without names from the fiftieth on."""

from __future__ import annotations

import json

import pytest

from channels.asked import ASKED, ENOUGH
from channels.van_days import day_of
from hub.contract import TIMER, Refusal, Thing
from hub.machine import step
from tests.channels.queue_world import Followed, followed, person


@pytest.fixture
def world() -> Followed:
    return followed()


def ask(world: Followed, names: int) -> None:
    for number in range(names):
        world.done("stop.ask", person(number), kelurahan="Kranggan", services=["KTP"], note="dekat pasar")


@pytest.mark.parametrize("names", [1, ENOUGH - 1, ENOUGH, ENOUGH + 1])
def test_from_fifty_names_the_desk_is_told(world: Followed, names: int) -> None:
    """How many and for what; never who, nor what they wrote."""
    ask(world, names)
    view = world.tables["dispatch/van"].get("kranggan")
    assert (view is not None) == (names >= ENOUGH)
    if view is not None:
        assert (view["type"], view["names"], view["services"]) == ("asked", names, {"KTP": names})
        assert "pasar" not in json.dumps(view)
        assert "p1" not in json.dumps(view)


def test_one_name_a_month(world: Followed) -> None:
    """Asking again in the month changes nothing; in the next one it is a name again, and counting begins anew."""
    ask(world, ENOUGH)
    assert world.done("stop.ask", person(0), kelurahan="kranggan").answer["existing"]
    asked = world.found[Thing("asked", "kranggan")]
    world.timers = {key: due for key, due in world.timers.items() if key[0] == asked.id}  # a month of vans is long
    world.wait(asked.ends_at)
    assert "kranggan" not in world.tables["dispatch/van"]
    answer = world.done("stop.ask", person(0), kelurahan="kranggan").answer
    assert answer == {"kelurahan": "kranggan", "month": day_of(world.now)[:7], "names": 1}
    assert answer["month"] != asked.month


@pytest.mark.parametrize("state", ASKED)
def test_every_state_and_command(world: Followed, state: str) -> None:
    """Residents ask in every state but the last; the timer forgets only when the month is over."""
    rule = step(ASKED, state, "stop.ask", "resident")
    assert isinstance(rule, Refusal) == (state == "ended")
    assert isinstance(step(ASKED, state, "stop.forget", "resident"), Refusal)
    ask(world, {"collecting": 1, "proposed": ENOUGH, "ended": 0}[state])
    known = world.found.get(Thing("asked", "kranggan"))
    world.done("stop.forget", TIMER, asked="kranggan")
    assert world.found.get(Thing("asked", "kranggan")) == known


def test_only_this_citys_kelurahan(world: Followed) -> None:
    """Anything else is `bad_data` with the field."""
    refusal = world.refused("stop.ask", person(1), kelurahan="menteng")
    assert (refusal.code, refusal.message.split(":")[0]) == ("bad_data", "data.kelurahan")
