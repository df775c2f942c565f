"""What time does: waves, phones that heard nothing, a holder who does not come, the end."""

from __future__ import annotations

from hub.contract import TIMER, Decision
from tests.channels.medic_world import CALLER, DESK, HERE, HOME, STRANGER, World, medic


def test_waves_of_three_three_everybody() -> None:
    """3 at 0 s, 3 more at 20 s, at 40 s everybody on duty with alarm and 119; offers stay open meanwhile."""
    world = World()
    people = world.on_duty(*range(1, 11))
    world.on_duty(11, reachable=False)
    request = world.call()
    world.receive(request, *people[:3])
    world.pass_ms(19_999)
    assert len(world.open_offers(request)) == 3
    world.pass_ms(1)
    assert world.open_offers(request) == [f"m{number}" for number in range(1, 7)]
    world.receive(request, *people[3:6])
    assert world.seen_by(CALLER, request)["advice"] is None
    world.pass_ms(19_999)
    assert world.alarms() == {}
    world.pass_ms(1)
    assert len(world.open_offers(request)) == 11
    assert world.request(request).offers["m11"].reason == "deaf"
    assert world.seen_by(CALLER, request)["advice"] == "call_119"
    assert world.view("dispatch", f"{request}.unanswered")["state"] == "ringing"


def test_the_alarm_repeats_until_a_person_ends_it() -> None:
    """From 80 s on every 30 s, for ever; the request stays open."""
    world = World()
    request = world.call()
    counts = []
    for seconds in (40, 40, 30, 30, 30):
        world.pass_ms(seconds * 1_000)
        counts.append(world.view("dispatch", f"{request}.unanswered")["count"])
    assert counts == [1, 2, 3, 4, 5]
    world.pass_ms(3_600_000)
    assert world.request(request).unanswered
    world.ok("medic.hand_over", {"request": request, "operator": "Sari 119"}, DESK)
    assert world.alarms() == {}
    assert not any(name == "ladder" for _, _, name in world.timers)


def test_a_medic_who_comes_on_duty_later_is_asked() -> None:
    """A request that finds nobody takes whoever comes."""
    world = World()
    request = world.call()
    world.pass_ms(7_000)
    world.on_duty(1)
    assert world.open_offers(request) == ["m1"]
    assert world.request(request).state == "offered"


def test_not_received_in_five_seconds_adds_the_next() -> None:
    """One more for each phone that received nothing; its own offer stays open."""
    world = World()
    one, *_ = world.on_duty(1, 2, 3, 4, 5, 6, 7)
    request = world.call()
    world.receive(request, one)
    world.pass_ms(5_000)
    assert world.open_offers(request) == ["m1", "m2", "m3", "m4", "m5"]
    world.receive(request, medic(4))
    world.pass_ms(5_000)
    assert world.open_offers(request) == ["m1", "m2", "m3", "m4", "m5", "m6"]


def test_sent_is_not_received() -> None:
    """What was given to a socket may lie in a dead phone."""
    world = World()
    world.on_duty(1, 2, 3, 4)
    request = world.call()
    for person in ("m1", "m2", "m3"):
        spec = medic(int(person[1]))
        world.receive(request, spec, level="shown" if person == "m3" else "received")
    world.pass_ms(5_000)
    assert world.open_offers(request) == ["m1", "m2", "m3"]


def test_a_timer_that_comes_too_early_changes_nothing_and_is_set_anew() -> None:
    """A second lease, or a clock that runs ahead, never loses an escalation."""
    world = World()
    world.on_duty(1, 2, 3, 4)
    request = world.call()
    before = world.request(request)
    decision = world.run("medic.wave", {"request": request}, TIMER)
    assert isinstance(decision, Decision)
    assert decision.changes == ()
    assert world.request(request) == before
    assert world.timers["request", request, "ladder"].due == world.now + 20_000


# -- not under way -----------------------------------------------------------------


def accepted(*numbers: int) -> tuple[World, str]:
    world = World()
    world.on_duty(10, *numbers)
    request = world.call()
    world.receive(request, medic(10))
    world.accept(request, medic(10))
    return world, request


def test_not_under_way_is_asked_then_others_are() -> None:
    """90 s: asked for 30 s and alarm; then others as well; the holder keeps it until another accepts."""
    world, request = accepted(11, 12)
    world.pass_ms(89_999)
    assert world.alarms() == {}
    world.pass_ms(1)
    assert world.seen_by(medic(10), request)["asked_until"] == world.now + 30_000
    assert world.seen_by(CALLER, request)["waiting_for_holder"] is True
    assert f"{request}.not_under_way" in world.alarms()
    assert world.open_offers(request) == []
    world.pass_ms(30_000)
    assert world.open_offers(request) == ["m11", "m12"]
    assert world.request(request).holder == "m10"
    assert world.seen_by(medic(10), request)["state"] == "won"
    assert world.duty(medic(10)).state == "busy"
    world.accept(request, medic(11))
    assert world.request(request).holder == "m11"
    former = world.seen_by(medic(10), request)
    assert (former["state"], former["winner"]) == ("stood_down", {"person": "m11", "name": "Medic 11"})
    assert world.duty(medic(10)).state == "on"
    assert world.seen_by(medic(12), request)["state"] == "stood_down"
    assert "waiting_for_holder" not in world.seen_by(CALLER, request)
    assert world.alarms() == {}


def test_en_route_answers_the_question() -> None:
    """Under way by the button: the alarm is over, the others' offers too."""
    world, request = accepted(11)
    world.pass_ms(120_000)
    assert world.open_offers(request) == ["m11"]
    world.ok("medic.advance", {"request": request, "to": "en_route"}, medic(10))
    assert world.seen_by(medic(11), request)["state"] == "stood_down"
    assert world.alarms() == {}
    assert world.no("medic.accept", {"request": request}, medic(11)).code == "taken"


def test_a_fix_fifty_metres_nearer_is_under_way() -> None:
    """Nobody is asked who visibly comes."""
    world, request = accepted(11)
    world.pass_ms(60_000)
    world.at(medic(10), HOME[0] + 10 * 0.0009 - 51 / 111_195)
    world.pass_ms(600_000)
    assert world.open_offers(request) == []
    assert world.request(request).under_way
    assert world.alarms() == {}


def test_a_fix_within_hundred_metres_is_under_way() -> None:
    """Who is there needs not come nearer."""
    world = World()
    (one,) = world.on_duty(1)
    world.at(one, HOME[0] + 90 / 111_195)
    request = world.call()
    world.accept(request, one)
    world.pass_ms(50_000)
    world.at(one, HOME[0] + 91 / 111_195)
    world.pass_ms(100_000)
    assert world.request(request).under_way


def test_a_fix_from_before_accepting_proves_nothing() -> None:
    """Standing still since is not coming."""
    world = World()
    (one,) = world.on_duty(1)
    world.at(one, HOME[0] + 90 / 111_195)
    request = world.call()
    world.pass_ms(1)
    world.accept(request, one)
    world.pass_ms(90_000)
    assert world.request(request).asked_until


def test_the_way_taken_while_asked_ends_the_question() -> None:
    """A fix within the 30 s counts as well."""
    world, request = accepted(11)
    world.pass_ms(90_000)
    world.at(medic(10), HOME[0] + 0.001)
    world.pass_ms(30_000)
    assert world.open_offers(request) == []
    assert world.alarms() == {}
    assert "asked_until" not in world.seen_by(medic(10), request)


def test_others_are_asked_in_waves_as_well() -> None:
    """Beside a holder who does not come the waves run as for a new call."""
    world, request = accepted(11, 12, 13, 14, 15, 16, 17, 18)
    world.pass_ms(120_000)
    assert len(world.open_offers(request)) == 3
    world.receive(request, medic(11), medic(12), medic(13))
    world.pass_ms(20_000)
    assert len(world.open_offers(request)) == 6
    world.pass_ms(20_000)
    assert len(world.open_offers(request)) == 8
    assert world.view("dispatch", f"{request}.not_under_way")["count"] == 2
    assert world.seen_by(CALLER, request)["advice"] is None


# -- many, and the end ----------------------------------------------------------------


def test_a_big_wave_is_told_in_batches() -> None:
    """A commit touches at most 32 topics; the rest follow by timers due at once, none forgotten."""
    world = World()
    people = world.on_duty(*range(1, 91))
    request = world.call()
    world.pass_ms(39_999)
    world.pass_ms(1)
    told = [actor for actor in people if request in world.tables[f"help/{actor.person}"]]
    assert len(world.open_offers(request)) == 90
    assert len(told) == 90
    assert world.request(request).behind == ()


def test_a_late_accept_of_a_big_wave_hears_taken() -> None:
    """Who was not told yet is refused all the same; then all are told by name."""
    world = World()
    people = world.on_duty(*range(1, 61))
    request = world.call()
    world.pass_ms(40_000)
    world.accept(request, people[50])
    behind = world.request(request).behind
    assert len(behind) >= 60 - 29
    late = medic(int(behind[0][1:]))
    assert world.seen_by(late, request)["state"] == "open"
    assert world.no("medic.accept", {"request": request}, late).code == "taken"
    world.settle()
    states = [world.seen_by(actor, request)["state"] for actor in people]
    assert sorted(set(states)) == ["stood_down", "won"]
    assert world.seen_by(late, request)["winner"]["person"] == "m51"


def test_a_request_leaves_every_table_after_two_hours() -> None:
    """Also a big one, in batches; then the thing itself is gone."""
    world = World()
    people = world.on_duty(*range(1, 61))
    request = world.call()
    world.pass_ms(40_000)
    world.ok("medic.cancel", {"request": request, "reason": "solved"}, CALLER)
    world.pass_ms(2 * 3_600_000 - 1)
    assert request in world.tables["dispatch"]
    world.pass_ms(1)
    assert ("request", request) not in world.things
    assert not any(request in world.tables[f"help/{actor.person}"] for actor in people)
    assert request not in world.tables["help/ani"]
    assert not any(id_ == request for _, id_, _ in world.timers)


def test_simulated_calls_leave_sooner() -> None:
    """They come every few seconds, for ever."""
    world = World()
    world.demo = True
    request = world.call(source="sim")
    world.ok("medic.cancel", {"request": request}, CALLER)
    world.pass_ms(10 * 60_000)
    assert ("request", request) not in world.things


def test_a_call_of_a_stranger_runs_its_own_ladder() -> None:
    """Two requests escalate each by their own commit."""
    world = World()
    first = world.call()
    world.pass_ms(10_000)
    second = world.call(STRANGER, location=HERE)
    world.pass_ms(30_000)
    assert f"{first}.unanswered" in world.alarms()
    assert f"{second}.unanswered" not in world.alarms()
    world.pass_ms(10_000)
    assert f"{second}.unanswered" in world.alarms()
