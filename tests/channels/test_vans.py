from __future__ import annotations

from typing import Any

import msgspec
import pytest

from channels.van_things import DAY_MS, DEMO_PAUSE_MS, STOP, VAN
from hub.contract import SYSTEM, TIMER, Decision, Refusal
from tests.channels.van_world import ACTORS, CREW, FILE, MIDNIGHT, NOW, PRESSES, SEED, VANS, World, pairs, seeded


@pytest.fixture
def world() -> World:
    return seeded()


@pytest.mark.parametrize(("state", "cmd", "who"), pairs(VAN, PRESSES, ACTORS))
def test_van_steps(world: World, state: str, cmd: str, who: str) -> None:
    """Every (van state, command, role) is a step of the table for the van's own crew, or a named refusal."""
    if state != "off":
        world.press("van.depart")
    if state == "at_stop":
        world.press("van.arrive")
    before, actor = world.van, ACTORS[who]
    outcome = world.run(cmd, actor)
    rule = VAN[state].get(cmd)
    if rule is not None and actor.role in rule.roles and who != "another crew":
        assert isinstance(outcome, Decision)
        assert world.van.state == (rule.to or state)
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.code in ("illegal_step", "not_allowed")
        assert world.van == before


@pytest.mark.parametrize(("state", "cmd"), pairs(STOP, PRESSES[:3]))
def test_stop_steps(world: World, state: str, cmd: str) -> None:
    """Every (stop state, button) is a step of the table or `illegal_step`, which changes nothing."""
    stops = {"expected": [], "skipped": ["van.skip"], "arrived": ["van.arrive"]}
    for press in ["van.depart", *stops.get(state, ["van.arrive", "van.depart"])]:
        world.press(press, None if press == "van.depart" else "t01")
    if cmd == "van.depart" and world.van.state == "driving":
        assert isinstance(world.run(cmd, CREW, van="v1", stop="t01"), Refusal)
        return
    before = world.van
    outcome = world.run(cmd, CREW, van="v1", stop="t01")
    rule = STOP[state].get(cmd)
    assert world.stop("t01") == (rule.to if rule else state)
    if rule is None:
        assert isinstance(outcome, Refusal)
        assert outcome.code == "illegal_step"
        assert world.van == before


def test_seed(world: World) -> None:
    """A van begins off, with every stop expected at its minute after 07:00 in the city."""
    assert (world.van.state, world.van.next) == ("off", "t01")
    assert {stop.state for stop in world.van.trip} == {"expected"}
    assert world.van.trip[0].scheduled_at == MIDNIGHT + (7 * 60 + 60) * 60_000


def test_seeding_again(world: World) -> None:
    """The same stops go on where they are; other stops begin a new trip and old ones leave their topics."""
    world.press("van.arrive")
    assert world.run("van.seed", SYSTEM, **SEED) == Decision({"van": "v1"})
    assert world.stop("t01") == "arrived"
    decision = world.run("van.seed", SYSTEM, van=FILE["van"], stops=FILE["stops"][1:])
    assert isinstance(decision, Decision)
    assert [change.topic for change in decision.changes if change.view is None] == ["stop/t01"]


@pytest.mark.parametrize(
    "stops", [[FILE["stops"][0]] * 2, [{**FILE["stops"][0], "kelurahan": "surabaya"}]], ids=["twice", "elsewhere"]
)
def test_seed_refused(stops: list[dict[str, Any]]) -> None:
    """A stop twice or outside the city is named."""
    refusal = World().run("van.seed", SYSTEM, van=FILE["van"], stops=stops)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "bad_data"


def test_arrive_is_shown_to_followers(world: World) -> None:
    """An arrival is one commit: the list, the van, the desk and the stop say it together."""
    world.press("van.depart")
    decision = world.press("van.arrive")
    assert decision.answer == {"van": "v1", "stop": "t01", "state": "arrived"}
    views = {change.topic: change.view for change in decision.changes}
    assert list(views) == ["vans", "van/v1", "dispatch/van", "stop/t01"]
    listed, trip, stop = views["vans"], views["van/v1"], views["stop/t01"]
    assert listed is not None
    assert trip is not None
    assert stop is not None
    assert (listed["state"], listed["stop_name"], listed["next"]) == ("at_stop", "Balai Kranggan", "t02")
    assert (trip["trip"][0]["state"], trip["trip"][0]["arrived_at"]) == ("arrived", world.now)
    assert (stop["state"], stop["van_name"]) == ("arrived", "Mobil keliling 1")
    assert len(msgspec.msgpack.encode(listed)) < 300
    assert len(msgspec.msgpack.encode(trip)) < 4096


def test_arriving_elsewhere_leaves_the_stop(world: World) -> None:
    """A crew that forgot to depart departs by arriving at the next stop."""
    world.press("van.arrive")
    world.press("van.arrive")
    assert (world.stop("t01"), world.stop("t02"), world.van.stop) == ("departed", "arrived", "t02")


def test_whole_trip(world: World) -> None:
    """After the last stop the van is off; a demo's trip begins again soon, a real one at midnight."""
    world.press("van.depart")
    world.press("van.skip", "t03")
    for _ in range(17):
        world.press("van.arrive")
        last = world.press("van.depart", demo=True)
    assert (world.van.state, world.van.next) == ("off", None)
    assert last.timers[0].due == world.now + DEMO_PAUSE_MS
    refused = world.run("van.depart", CREW)
    assert isinstance(refused, Refusal)
    world.press("van.arrive", "t03")
    assert world.press("van.depart").timers[0].due == MIDNIGHT + DAY_MS
    world.now = MIDNIGHT + DAY_MS
    decision = world.run("van.reset", TIMER)
    assert isinstance(decision, Decision)
    assert len({change.topic for change in decision.changes}) <= 32
    assert {stop.state for stop in world.van.trip} == {"expected"}
    assert world.van.trip[0].scheduled_at == MIDNIGHT + DAY_MS + 8 * 3600_000
    assert decision.timers[0].due == MIDNIGHT + 2 * DAY_MS


def test_left_out_stop_comes_after_the_last(world: World) -> None:
    """A stop that was passed by is the next one after the end of the trip."""
    world.press("van.arrive", "t17")
    assert world.van.next == "t18"
    world.press("van.arrive")
    assert world.van.next == "t01"


def test_skipping_the_last_stop_on_the_way_ends_the_trip(world: World) -> None:
    """A driving van with nothing to come is off; one at a stop stays there until it departs."""
    world.press("van.depart")
    for stop in world.van.trip[:17]:
        world.press("van.skip", stop.id)
    assert world.van.state == "driving"
    world.press("van.skip")
    assert world.van.state == "off"


def test_unknown(world: World) -> None:
    """An unknown van or stop is `not_found`."""
    for van, stop in (("v9", None), ("v1", "t99")):
        refusal = world.run("van.arrive", CREW, van=van, stop=stop)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "not_found"


def test_position_is_shown_to_followers(world: World) -> None:
    """The crew's position goes to the list and to the van's own topic, with speed and heading."""
    fix = world.tell(lat=-7.47, lon=112.43, accuracy_m=8, speed_kmh=20)
    assert fix is not None
    assert (fix.topics, fix.fix_at, fix.extra) == ((("vans", "v1"), ("van/v1", "v1")), NOW, {"speed_kmh": 20})


@pytest.mark.parametrize("who", ["another crew", "crew", "tracker"])
def test_position_of_own_van_only(world: World, who: str) -> None:
    """Only the van's own crew and tracker move it."""
    moved = world.tell(ACTORS[who], lat=-7.47, lon=112.43)
    assert (moved is not None) == (who != "another crew")


@pytest.mark.parametrize(
    ("later_s", "location", "taken"),
    [
        (10, {"lat": -7.4705, "lon": 112.43}, True),
        (10, {"lat": -7.48, "lon": 112.43}, False),
        (10, {"lat": -7.48, "lon": 112.43, "accuracy_m": 900}, True),
        (0, {"lat": -7.47, "lon": 112.43}, False),
        (-95, {"lat": -7.47, "lon": 112.43}, False),
        (60, {"lat": -7.47, "lon": 112.43, "fix_at": NOW + 75_000}, False),
    ],
    ids=["moves", "faster than 120 km/h", "within its accuracy", "repeated", "late", "from the future"],
)
def test_positions_quarantined(world: World, later_s: int, location: dict[str, Any], taken: bool) -> None:
    """A fix that is older than 90 s, repeated, ahead of time or implies over 120 km/h is dropped."""
    assert world.tell(lat=-7.47, lon=112.43) is not None
    world.now += max(0, later_s * 1000)
    location = {"fix_at": NOW + later_s * 1000, **location}
    assert (world.tell(**location) is not None) == taken


def test_position_of_an_unknown_van() -> None:
    """A van that nobody seeded is not shown."""
    assert World().tell(lat=-7.47, lon=112.43) is None


def test_topics() -> None:
    """Anyone follows vans and stops; the desk's topic is the van desk's."""
    for rule in VANS.topics:
        allowed = {who for who, actor in ACTORS.items() if rule.allow(actor, {"id": "v1"})}
        assert allowed == ({"dispatcher"} if rule.pattern == "dispatch/van" else set(ACTORS))


def test_second_arrival(world: World) -> None:
    """A stop that was skipped may be arrived at after all."""
    world.press("van.skip", "t01")
    world.press("van.arrive", "t01")
    stop = world.van.trip[0]
    assert (stop.state, stop.arrived_at) == ("arrived", world.now)
