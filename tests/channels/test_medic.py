"""The service as a whole: one tap, waves, one winner, the end."""

from __future__ import annotations

from hub.contract import HUB, Actor
from tests.channels.medic_world import CALLER, HERE, HOME, SERVICE, STRANGER, World, medic


def test_call_rings_nearest_three_in_its_own_commit() -> None:
    """The answer and the first three offers come from one commit, nearest first."""
    world = World()
    world.on_duty(4, 2, 1, 3)
    commits = world.commits
    answer = world.ok("medic.call", {"location": HERE}, CALLER)
    assert world.commits == commits + 1
    assert answer["candidates"] == 3
    assert world.open_offers(answer["request"]) == ["m1", "m2", "m3"]
    view = world.seen_by(medic(1), answer["request"])
    assert (view["type"], view["state"], view["kelurahan"]) == ("offer", "open", "kranggan")
    assert view["distance_band"] == "lt500"
    assert not {"location", "phone", "answers", "note"} & view.keys()
    assert world.seen_by(CALLER, answer["request"])["state"] == "offered"
    assert world.view("dispatch", answer["request"])["offers"][0]["reason"] == "nearest"


def test_accept_stands_the_others_down_by_name() -> None:
    """The first accept wins; the others hear at once who has it, the caller reads a first name."""
    world = World()
    one, two, _ = world.on_duty(1, 2, 3)
    request = world.call(phone="0812345678", landmark="Gang 3")
    world.accept(request, two)
    assert world.seen_by(one, request)["state"] == "stood_down"
    assert world.seen_by(one, request)["winner"] == {"person": "m2", "name": "Medic 2"}
    won = world.seen_by(two, request)
    assert (won["state"], won["request_state"], won["phone"]) == ("won", "accepted", "0812345678")
    caller = world.seen_by(CALLER, request)
    assert caller["state"] == "accepted"
    assert caller["medic"]["name"] == "Medic"
    assert caller["medic"]["eta_s"][0] < caller["medic"]["eta_s"][1]
    assert world.duty(two).state == "busy"


def test_second_accept_is_taken() -> None:
    """A second accept is refused with `taken` and names the winner; the winner's repeat hears ok."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.accept(request, one)
    refusal = world.no("medic.accept", {"request": request}, two)
    assert refusal.code == "taken"
    assert refusal.data == {"winner": {"person": "m1", "name": "Medic 1"}}
    assert world.accept(request, one)["state"] == "accepted"


def test_one_medic_never_holds_two() -> None:
    """A medic with a patient is refused `busy`."""
    world = World()
    (one,) = world.on_duty(1)
    first, second = world.call(), world.call(STRANGER)
    world.accept(first, one)
    assert world.no("medic.accept", {"request": second}, one).code == "busy"


def test_the_whole_way() -> None:
    """Every step has its time; after cleared the place is blurred and the medic is free."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call(phone="0812345678")
    world.accept(request, one)
    for to in ("en_route", "on_scene", "at_patient", "cleared"):
        world.pass_ms(1_000)
        world.ok("medic.advance", {"request": request, "to": to}, one)
    times = world.seen_by(CALLER, request)["times"]
    assert list(times) == ["called", "offered", "accepted", "en_route", "on_scene", "at_patient", "cleared"]
    won = world.seen_by(one, request)
    assert "phone" not in won
    assert won["location"] != HERE
    assert "phone" not in world.view("dispatch", request)
    assert world.duty(one).state == "on"
    assert CALLER.person not in str(world.claims)
    world.pass_ms(2 * 3_600_000)
    assert ("request", request) not in world.things
    assert not any(request in table for table in world.tables.values())


def test_holder_moves_on_the_callers_map() -> None:
    """A position of the holder goes to the roster and to the caller's request, with an ETA band."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    fix = world.at(one, HOME[0] + 0.002)
    assert fix is not None
    assert fix.topics == (("roster", "m1"),)
    world.accept(request, one)
    fix = world.at(one, HOME[0] + 0.001)
    assert fix is not None
    assert fix.topics == (("roster", "m1"), ("help/ani", request))
    assert fix.extra["distance_m"] == 111
    assert fix.extra["eta_s"] == [15, 36]


def test_two_taps_are_one_request() -> None:
    """The same device with an open request hears of that one."""
    world = World()
    world.on_duty(1)
    request = world.call()
    again = world.ok("medic.call", {"location": HERE}, CALLER)
    assert again == {"request": request, "candidates": 1, "existing": True}


def test_receipts_count_once() -> None:
    """Each level counts once per medic, and `sent` is the hub's to prove."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.ok("medic.receipt", {"request": request, "level": "sent"}, Actor("m1", "hub"))
    for actor in (one, two, one):
        world.receive(request, actor)
    assert world.seen_by(CALLER, request)["receipts"] == {"sent": 1, "received": 2, "shown": 0, "audible": 0, "seen": 0}
    assert world.seen_by(one, request)["my_receipts"].keys() == {"sent", "received"}
    assert world.no("medic.receipt", {"request": request, "level": "sent"}, one).code == "not_allowed"


def test_every_topic_has_its_rule() -> None:
    """help/<person> is that person's; dispatch and roster are the medic desk's; city is anyone's."""
    rules = {rule.pattern: rule for rule in SERVICE.topics}
    market = Actor("x", "dispatcher", desk="market")
    desk = Actor("y", "dispatcher", desk="medic")
    assert rules["help/<person>"].allow(CALLER, {"person": "ani"})
    assert not rules["help/<person>"].allow(desk, {"person": "ani"})
    for name in ("dispatch", "roster"):
        assert rules[name].allow(desk, {})
        assert not rules[name].allow(market, {})
        assert not rules[name].allow(medic(1), {})
    for name in ("city", "warnings"):
        assert rules[name].allow(CALLER, {})
    assert SERVICE.commands["medic.presence"].roles == {HUB.role}
