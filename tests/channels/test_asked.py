"""Asking for a stop: one name a month, and a proposal without names from the fiftieth on."""

from __future__ import annotations

import json

import pytest

from channels.asked import ASKED, ENOUGH, Ask, Asking, Wish
from channels.geo import City
from channels.rules import NOTE_MS, Rules
from channels.van_days import DAY_MS, day_of
from hub.contract import TIMER, Command, Decision, Facts, Refusal, State, Thing
from hub.machine import step
from tests.channels.queue_world import Followed, followed, person
from tests.channels.van_world import ROOT

GEOJSON = ROOT / "static/data/mojokerto-kelurahan.geojson"


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


def wish(world: Followed) -> Wish | None:
    found = world.found.get(Thing("wish", person(0).person))
    assert found is None or isinstance(found, Wish)
    return found


def test_a_note_goes_when_the_city_keeps_it_no_longer(world: Followed) -> None:
    """After its days the note, with its month the name; then nothing of the wish is left. Before, nothing goes."""
    world.done("stop.ask", person(0), kelurahan="kranggan", note="dekat pasar")
    began = world.now
    world.timers = {key: due for key, due in world.timers.items() if key[0] == person(0).person}
    kept = wish(world)
    assert kept is not None
    assert kept.goes == {"kranggan": began + NOTE_MS}
    world.done("wish.forget", TIMER, wish=kept.id)
    assert wish(world) == kept
    world.wait(began + NOTE_MS)
    left = wish(world)
    assert left is None or (left.notes == {} and left.goes["kranggan"] > world.now)
    world.wait(began + 62 * DAY_MS)
    assert wish(world) is None


def test_without_a_note_a_wish_goes_with_its_month(world: Followed) -> None:
    """Another kelurahan's stays as long as its own."""
    world.done("stop.ask", person(0), kelurahan="kranggan")
    asked = world.found[Thing("asked", "kranggan")]
    world.done("stop.ask", person(0), kelurahan="meri", note="dekat pasar")
    world.timers = {key: due for key, due in world.timers.items() if key[0] == person(0).person}
    world.wait(asked.ends_at)
    left = wish(world)
    assert left is not None
    assert (set(left.months), set(left.notes)) == ({"meri"}, {"meri"})


def test_a_city_that_keeps_no_notes_writes_none_down() -> None:
    """The name alone."""
    city = City(json.loads(GEOJSON.read_text()), Rules(note_ms=0))
    state = State()
    command = Command("id", "stop.ask", Ask("meri", note="dekat pasar"))
    service = Asking(city)
    for need in service.gather(state, command, person(0)):
        state.found[need] = None
    found = service.decide(state, command, Facts(), person(0), 1_800_000_000_000)
    assert isinstance(found, Decision)
    (kept,) = (write.state for write in found.writes if isinstance(write.state, Wish))
    assert (kept.notes, set(kept.months)) == ({}, {"meri"})
