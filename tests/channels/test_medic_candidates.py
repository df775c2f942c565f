"""The search: the nearest few first, everybody only when they are too few."""

from __future__ import annotations

from channels.medic_candidates import ON_DUTY, Search, choose, needs, origin_of
from channels.medic_state import Place
from hub.contract import Actor, Near, Presence, State
from tests.channels.medic_world import DESK, HOME, World, medic
from tests.channels.world import CITY

ORIGIN = Place(*HOME)


def gathered(world: World, search: Search) -> State:
    state = State()
    for _ in range(4):
        for need in list(needs(state, search)):
            state.found.setdefault(need, world._find(need))
    return state


def test_enough_near_ones_end_the_search() -> None:
    """With 40 on duty only the nearest 12 are looked at."""
    world = World()
    world.on_duty(*range(1, 41))
    state = gathered(world, Search(ORIGIN, frozenset(), 3))
    assert not state.has(ON_DUTY)
    assert sum(isinstance(need, Presence) for need in state.found) == 12


def test_too_few_near_ones_look_at_everybody() -> None:
    """A medic without any fix is found among all on duty."""
    world = World()
    world.on_duty(1)
    world.hear("m2")
    world.ok("medic.duty", {"on": True}, medic(2))
    search = Search(ORIGIN, frozenset(), 3)
    state = gathered(world, search)
    found = choose(state, search, world.now)
    assert [(one.id, one.reason) for one in found.chosen] == [("m1", "nearest"), ("m2", "stale_fix")]


def test_busy_near_ones_do_not_hide_the_free_ones() -> None:
    """Twelve with patients nearby: the search goes on."""
    world = World()
    people = world.on_duty(*range(1, 13))
    for number, actor in enumerate(people):
        request = world.call(Actor(f"c{number}", "resident"))
        world.ok("medic.assign", {"request": request, "medic": actor.person}, DESK)
    world.on_duty(30)
    search = Search(ORIGIN, frozenset(), 3)
    found = choose(gathered(world, search), search, world.now)
    assert [one.id for one in found.chosen] == ["m30"]
    assert found.shortfall == "busy"


def test_age_of_the_fix_ranks_like_distance() -> None:
    """A second of age is a metre: 300 m ten minutes ago is farther than 800 m now."""
    world = World()
    world.on_duty(3)
    world.pass_ms(600_000)
    world.on_duty(8)
    search = Search(ORIGIN, frozenset(), 1)
    assert [one.id for one in choose(gathered(world, search), search, world.now).chosen] == ["m8"]


def test_who_was_asked_is_not_asked_again() -> None:
    """Nor looked up."""
    world = World()
    world.on_duty(1, 2)
    search = Search(ORIGIN, frozenset({"m1"}), 3)
    state = gathered(world, search)
    assert not state.has(Presence("m1"))
    assert [one.id for one in choose(state, search, world.now).chosen] == ["m2"]


def test_without_origin_there_is_no_circle() -> None:
    """No place: everybody on duty, by the last `here`."""
    world = World()
    world.on_duty(1)
    state = gathered(world, Search(None, frozenset(), 3))
    assert not any(isinstance(need, Near) for need in state.found)
    assert state.has(ON_DUTY)


def test_origin() -> None:
    """The exact place, else a point in the kelurahan, else nothing."""
    assert origin_of(CITY, ORIGIN, "meri") == ORIGIN
    assert origin_of(CITY, None, "meri") == Place(*CITY.point_in("meri"))
    assert origin_of(CITY, None, "") is None
    assert origin_of(CITY, None, "gubeng") is None
