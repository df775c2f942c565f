"""A drill: the whole story with a robot, in nobody's figures."""

from __future__ import annotations

from tests.channels.medic_world import CALLER, HERE, STRANGER, World, medic


def test_the_robot_hears_accepts_comes_and_clears() -> None:
    """Every state within half a minute, by a timer; then the next drill may begin."""
    world = World()
    answer = world.ok("medic.call", {"drill": True, "kelurahan": "meri"}, CALLER)
    request = answer["request"]
    assert answer["candidates"] == 1
    world.pass_ms(1_000)
    assert world.seen_by(CALLER, request)["receipts"]["audible"] == 1
    world.pass_ms(4_999)
    assert world.request(request).state == "offered"
    world.pass_ms(1)
    view = world.seen_by(CALLER, request)
    assert (view["state"], view["drill"], view["medic"]["name"]) == ("accepted", True, "Robot latihan")
    world.pass_ms(30_000)
    assert list(world.seen_by(CALLER, request)["times"])[2:] == [
        "accepted",
        "en_route",
        "on_scene",
        "at_patient",
        "cleared",
    ]
    assert world.claims == {}
    assert world.call(drill=True) != request


def test_a_drill_is_in_no_figure() -> None:
    """No request of the desk, no alarm, no duty, no index; medics who did not opt in hear nothing."""
    world = World()
    world.on_duty(1)
    before = {name: set(members) for name, members in world.sets.items()}
    request = world.call(drill=True)
    world.pass_ms(60_000)
    assert {view["type"] for view in world.tables["dispatch"].values()} == {"drill"}
    assert world.alarms() == {}
    assert world.request(request).offers.keys() == {"robot"}
    assert world.sets == before
    assert "help/robot" not in world.tables


def test_the_desk_sees_that_a_drill_runs() -> None:
    """Marked by its type, with the medics' phones that rang and who holds it, and nothing of who practises."""
    world = World()
    one, _ = world.on_duty(1, 2, drills=True)
    data = {"drill": True, "location": HERE, "landmark": "gang 3", "phone": "0811", "for": "family"}
    request = world.ok("medic.call", data, CALLER)["request"]
    view = world.view("dispatch", request)
    assert (view["type"], view["state"], view["kelurahan"], view["medics"]) == ("drill", "offered", "kranggan", 2)
    assert "medic" not in view
    world.ok("medic.describe", {"request": request, "answers": {"breathing": "no"}, "note": "latihan"}, CALLER)
    world.ok("medic.receipt", {"request": request, "level": "audible"}, one)
    world.accept(request, one)
    view = world.view("dispatch", request)
    assert set(view) == {"type", "id", "state", "at", "called_at", "times", "medics", "receipts", "kelurahan", "medic"}
    assert view["medic"] == {"person": "m1", "name": "Medic 1", "vehicle": "motor"}
    assert view["receipts"]["audible"] == 1
    assert world.alarms() == {}
    assert not [one for one in world.tables["dispatch"].values() if one["type"] != "drill"]


def test_a_drill_with_the_robot_alone_rang_no_phone() -> None:
    """The desk reads that no medic was asked; ten minutes after its end it is gone."""
    world = World()
    world.on_duty(1)
    request = world.call(drill=True)
    world.pass_ms(10_000)
    view = world.view("dispatch", request)
    assert (view["medics"], view["medic"]["name"]) == (0, "Robot latihan")
    assert not any(view["receipts"].values())
    world.pass_ms(30_000)
    assert world.view("dispatch", request)["state"] == "cleared"
    world.pass_ms(10 * 60_000)
    assert request not in world.tables["dispatch"]


def test_medics_who_opted_in_practise_too() -> None:
    """A human who accepts holds the drill and no patient: a real call may still be taken."""
    world = World()
    (one,) = world.on_duty(1, drills=True)
    request = world.call(drill=True)
    assert world.seen_by(one, request)["drill"] is True
    world.accept(request, one)
    assert world.duty(one).state == "on"
    real = world.call(STRANGER)
    world.accept(real, one)
    assert world.duty(one).request == real
    world.pass_ms(60_000)
    assert world.request(request).state == "accepted"
    world.ok("medic.advance", {"request": request, "to": "cleared"}, one)
    assert world.duty(one).request == real


def test_a_forgotten_drill_ends_itself() -> None:
    """After 15 minutes, so that the caller can practise again."""
    world = World()
    (one,) = world.on_duty(1, drills=True)
    request = world.call(drill=True)
    world.accept(request, one)
    world.pass_ms(15 * 60_000)
    assert world.request(request).state == "cancelled"
    assert world.claims == {}


def test_cancelling_a_drill_is_heard_by_the_robot() -> None:
    """In the grace at once; after accepting the robot agrees a second later."""
    world = World()
    request = world.call(drill=True)
    world.pass_ms(7_000)
    world.ok("medic.cancel", {"request": request}, CALLER)
    assert world.request(request).cancel_requested
    world.pass_ms(1_000)
    assert world.request(request).state == "cancelled"
    assert world.seen_by(CALLER, request)["state"] == "cancelled"


def test_the_robot_loses_to_a_human() -> None:
    """Taken is taken: the robot does nothing more."""
    world = World()
    (one,) = world.on_duty(1, drills=True)
    request = world.call(drill=True)
    world.accept(request, one)
    world.pass_ms(30_000)
    assert world.request(request).holder == "m1"
    assert world.no("medic.backup", {"request": request}, medic(1)).code == "illegal_step"


def test_a_released_drill_goes_back_to_nobody_and_ends() -> None:
    """No waves ring for practice."""
    world = World()
    (one,) = world.on_duty(1, drills=True)
    request = world.call(drill=True)
    world.accept(request, one)
    world.ok("medic.release", {"request": request}, one)
    world.pass_ms(15 * 60_000)
    assert world.request(request).ended
