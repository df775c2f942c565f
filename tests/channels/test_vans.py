"""The service: every step of its tables, the crew's buttons, the key of a tracker."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from channels.van_table import STOP, TRIP
from channels.van_things import DEMO_PAUSE_MS, Tracker, Trip, Van
from hub.contract import SYSTEM, Decision, Refusal, Thing
from tests.channels.van_world import (
    ACTORS,
    CREW,
    DESK,
    FILE,
    MIDNIGHT,
    PRESSES,
    SEED,
    VANS,
    World,
    kinds,
    pairs,
    seeded,
    views,
)

SOME = [{"stop": "t01", "minute": 600}, {"stop": "t02", "minute": 660}]
DATA: dict[str, dict[str, Any]] = {
    "trip.save": {"van": "v1", "stops": SOME},
    "trip.cancel": {"van": "v1"},
    "van.turn": {"van": "v1"},
    "van.reset": {"van": "v1"},
}


@pytest.fixture
def world() -> World:
    return seeded()


def brought(world: World, state: str) -> None:
    """The trip in one of its states."""
    if state == "cancelled":
        world.done("trip.cancel", DESK)
    if state in ("driving", "at_stop"):
        world.press("van.depart")
    if state == "at_stop":
        world.press("van.arrive")
    if state == "over":
        for stop in world.trip.stops:
            world.press("van.skip", stop.id)
    assert world.trip.state == state


def due(world: World, cmd: str) -> None:
    """Make a timer's command wanted and due."""
    world.now = MIDNIGHT + 86_400_000
    if cmd == "van.reset":
        world.found[Thing("van", "v1")] = msgspec.structs.replace(world.van, reset_at=world.now)


@pytest.mark.parametrize(("state", "cmd", "who"), pairs(TRIP, (*PRESSES, *DATA), ACTORS))
def test_trip_steps(world: World, state: str, cmd: str, who: str) -> None:
    """Every (trip state, command, role) is a step of the table for those it names, or a named refusal."""
    brought(world, state)
    actor, rule, before = ACTORS[who], TRIP[state].get(cmd), world.trip
    if actor.role not in VANS.commands[cmd].roles:
        assert rule is None or actor.role not in rule.roles  # the door refuses it before
        return
    if actor.role == "timer":
        due(world, cmd)
    left_out = "t01" if state == "over" and cmd == "van.arrive" else None
    data = DATA.get(cmd, {"van": "v1", "stop": left_out, "seq": before.seq, "fix_at": world.now})
    if state == "over" and cmd == "trip.save":
        stop_in(world, "unplanned")
        data = {"van": "v1", "stops": [{"stop": "t99", "minute": 600}]}
    outcome = world.run(cmd, actor, **data)
    after: Trip = world.found[Thing("trip", before.id)]
    if cmd == "van.reset" and rule is None:
        assert after == before
    elif rule is not None and actor.role in rule.roles and who != "another crew":
        assert isinstance(outcome, Decision)
        assert after.state == (rule.to or state)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code in ("illegal_step", "not_allowed")
        assert after == before


def stop_in(world: World, state: str) -> str:
    """A stop of today's trip in one of its states."""
    if state == "unplanned":
        world.done("stop.save", SYSTEM, stop="t99", name="Balai baru", kelurahan="Miji")
        return "t99"
    if state == "cancelled":
        world.done("trip.save", DESK, van="v1", stops=SOME[1:])
    steps = {"skipped": ["van.skip"], "arrived": ["van.arrive"], "departed": ["van.arrive", "van.depart"]}
    for press in steps.get(state, []):
        world.press(press, "t01")
    assert world.stop("t01") == state
    return "t01"


@pytest.mark.parametrize(("state", "cmd", "who"), pairs(STOP, (*PRESSES, "trip.save", "trip.cancel"), ACTORS))
def test_stop_steps(world: World, state: str, cmd: str, who: str) -> None:
    """Every (stop state, command, role) is a step of the table, or changes nothing at that stop."""
    stop, actor = stop_in(world, state), ACTORS[who]
    if actor.role not in VANS.commands[cmd].roles:
        assert cmd not in STOP[state] or actor.role not in STOP[state][cmd].roles
        return
    data: dict[str, Any] = {"van": "v1", "stop": stop, "seq": world.trip.seq, "fix_at": world.now}
    if cmd == "trip.save":
        data = {"van": "v1", "stops": [{"stop": stop, "minute": 600}, SOME[1]]}
    before = world.tables[f"stop/{stop}"][stop]["state"]
    assert before == state
    outcome = world.run(cmd, actor, **data)
    rule = STOP[state].get(cmd)
    after = world.tables[f"stop/{stop}"][stop]["state"]
    allowed = rule is not None and actor.role in rule.roles and who != "another crew"
    trip_takes = cmd in TRIP[world.trip.state] or isinstance(outcome, Decision)
    assert after == ((rule.to or state) if allowed and rule is not None and trip_takes else state)
    sets_out = cmd == "van.depart" and world.trip.state == "driving"
    if not allowed and cmd in PRESSES and not sets_out:
        assert isinstance(outcome, Refusal)


def test_every_command_names_its_roles() -> None:
    """No rule of a table lets in a role that the door turns away."""
    for table in (TRIP, STOP):
        for rules in table.values():
            for cmd, rule in rules.items():
                assert rule.roles <= VANS.commands[cmd].roles


def test_arrive_is_shown_to_followers(world: World) -> None:
    """An arrival is one commit: the list, the van, the desk and the stop say it together."""
    world.press("van.depart")
    decision = world.press("van.arrive")
    assert decision.answer == {"van": "v1", "stop": "t01", "state": "arrived"}
    seen = views(decision)
    assert list(seen)[:4] == ["vans", "van/v1", "dispatch/van", "stop/t01"]
    assert set(kinds(decision).values()) == {"van.arrived"}
    listed, trip, stop = seen["vans"], seen["van/v1"], seen["stop/t01"]
    assert (listed["state"], listed["stop_name"], listed["next"]) == ("at_stop", "Balai Kranggan", "t02")
    assert (trip["trip"][0]["state"], trip["trip"][0]["arrived_at"]) == ("arrived", world.now)
    assert (stop["state"], stop["van_name"], stop["arrived_at"]) == ("arrived", "Mobil keliling 1", world.now)
    assert len(msgspec.msgpack.encode(listed)) < 300


def test_arriving_elsewhere_leaves_the_stop(world: World) -> None:
    """A crew that forgot to depart departs by arriving at the next stop."""
    world.press("van.arrive")
    decision = world.press("van.arrive")
    assert (world.stop("t01"), world.stop("t02"), world.trip.stop) == ("departed", "arrived", "t02")
    assert views(decision)["stop/t01"]["state"] == "departed"


def test_whole_trip(world: World) -> None:
    """After the last stop the van is off; a demo's trip begins again soon, a real one at midnight."""
    world.press("van.depart")
    world.press("van.skip", "t03")
    for _ in range(17):
        world.press("van.arrive")
        world.press("van.depart", demo=True)
    assert (world.trip.state, world.trip.next) == ("over", None)
    assert world.tables["vans"]["v1"]["state"] == "off"
    assert world.timers["v1", "reset"][0] == world.now + DEMO_PAUSE_MS
    assert world.refused("van.depart", CREW).code == "illegal_step"
    world.press("van.arrive", "t03")
    world.press("van.depart")
    assert ("v1", "reset") not in world.timers


def test_a_demo_begins_again(world: World) -> None:
    """45 s after its last stop a demo's trip is as it was in the morning."""
    for stop in world.trip.stops:
        world.press("van.skip", stop.id, demo=True)
    assert world.wait(world.now + DEMO_PAUSE_MS)[-1] == "van.reset"
    assert (world.trip.state, world.trip.next) == ("planned", "t01")
    assert {stop.state for stop in world.trip.stops} == {"expected"}
    assert world.tables["stop/t09"]["t09"]["state"] == "expected"


def test_left_out_stop_comes_after_the_last(world: World) -> None:
    """A stop that was passed by is the next one after the end of the trip."""
    world.press("van.arrive", "t17")
    assert world.trip.next == "t18"
    world.press("van.arrive")
    assert world.trip.next == "t01"


def test_skipping_the_last_stop_on_the_way_ends_the_trip(world: World) -> None:
    """A driving van with nothing to come is off; one at a stop stays there until it departs."""
    world.press("van.depart")
    for stop in world.trip.stops[:17]:
        world.press("van.skip", stop.id)
    assert world.trip.state == "driving"
    decision = world.press("van.skip")
    assert views(decision)["van/v1"]["trip_state"] == "over"


def test_unknown(world: World) -> None:
    """An unknown van or stop is `not_found`."""
    for van, stop in (("v9", None), ("v1", "t99")):
        assert world.refused("van.arrive", CREW, van=van, stop=stop).code == "not_found"


def test_two_phones_of_one_crew(world: World) -> None:
    """Of two buttons for one stop the first counts: the same again is a yes, another hears `illegal_step`."""
    world.press("van.arrive", "t01")
    at = world.at("t01").arrived_at
    world.press("van.arrive", "t01")
    assert world.at("t01").arrived_at == at
    refusal = world.refused("van.skip", CREW, van="v1", stop="t01")
    assert (refusal.code, refusal.data) == ("illegal_step", {"state": "arrived"})


def test_what_fixes_saw_too_late(world: World) -> None:
    """Where the trip went on since, what the fixes say is no longer so; nothing is recorded."""
    world.press("van.skip", "t01")
    refusal = world.refused("van.arrive", ACTORS["hub"], van="v1", stop="t02", seq=0, fix_at=world.now)
    assert (refusal.code, refusal.record) == ("too_late", False)


def test_a_key_is_told_once_and_kept_as_a_digest(world: World) -> None:
    """A new key replaces the old one in the same commit; what is kept, answered again or written names no key."""
    first = world.done("van.tracker", CREW)
    second = world.done("van.tracker", DESK)
    one, two = first.once["key"], second.once["key"]
    assert one != two
    assert second.answer == {"van": "v1"}
    assert len(two) >= 22
    digest = hashlib.sha256(two.encode()).hexdigest()
    assert world.found[Thing("tracker", digest)] == Tracker("v1")
    assert world.found[Thing("tracker", hashlib.sha256(one.encode()).hexdigest())] is None
    assert two not in repr(second.writes)
    assert second.changes == ()


def test_a_key_is_for_those_of_the_van(world: World) -> None:
    """Another van's crew makes none."""
    assert world.refused("van.tracker", ACTORS["another crew"]).code == "not_allowed"


def test_topics() -> None:
    """Anyone follows vans and stops; the desk's topic is the van desk's."""
    for rule in VANS.topics:
        allowed = {who for who, actor in ACTORS.items() if rule.allow(actor, {"id": "v1"})}
        assert allowed == ({"dispatcher"} if rule.pattern == "dispatch/van" else set(ACTORS))


def test_second_arrival(world: World) -> None:
    """A stop that was skipped may be arrived at after all."""
    world.press("van.skip", "t01")
    world.press("van.arrive", "t01")
    assert (world.at("t01").state, world.at("t01").arrived_at) == ("arrived", world.now)


def test_why_a_stop_was_skipped(world: World) -> None:
    """The reason stands in the trip and at the stop, until the van comes after all; other words are none."""
    world.done("van.skip", CREW, van="v1", stop="t01", reason="road")
    assert world.tables["van/v1"]["v1"]["trip"][0]["reason"] == "road"
    assert world.tables["stop/t01"]["t01"]["reason"] == "road"
    world.press("van.arrive", "t01")
    assert "reason" not in world.tables["van/v1"]["v1"]["trip"][0]
    assert "reason" not in world.tables["stop/t01"]["t01"]
    with pytest.raises(msgspec.ValidationError, match="reason"):
        msgspec.convert({"van": "v1", "reason": "rain"}, VANS.commands["van.skip"].data)


def test_things_survive_the_store(world: World) -> None:
    """What is written decodes to the same; a van of the first layout, whose trip was inside it, is seeded anew."""
    world.press("van.arrive")
    for thing in (world.van, world.trip, world.place("t01")):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(thing), type=type(thing)) == thing
    old = {"id": "v1", "name": "Lama", "services": ["KTP"], "trip": [{"id": "t01"}], "state": "off", "at": 1}
    world.found[Thing("van", "v1")] = msgspec.convert(old, Van)
    assert world.refused("van.reset", ACTORS["timer"]).code == "not_found"
    world.done("van.seed", SYSTEM, **SEED)
    assert len(world.trip.stops) == len(FILE["stops"])
