"""Cancelling: freely in the grace, with a reason after it, by asking once somebody comes."""

from __future__ import annotations

from tests.channels.medic_world import CALLER, DESK, STRANGER, World


def test_cancel_in_grace_silences_all_even_after_accept() -> None:
    """Within 5 s of the commit one tap, no reason: all offers withdrawn, the holder's too."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.accept(request, one)
    world.pass_ms(5_000)
    answer = world.ok("medic.cancel", {"request": request}, CALLER)
    assert answer == {"request": request, "state": "cancelled", "in_grace": True}
    assert world.seen_by(CALLER, request)["in_grace"] is True
    assert world.seen_by(one, request)["state"] == "withdrawn"
    assert world.seen_by(two, request)["state"] == "stood_down"
    assert world.duty(one).state == "on"
    assert "location" not in world.seen_by(one, request)


def test_a_late_cancel_needs_a_reason() -> None:
    """After the grace, unanswered: one of four reasons."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.pass_ms(5_001)
    refusal = world.no("medic.cancel", {"request": request}, CALLER)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", "data.reason")
    assert world.ok("medic.cancel", {"request": request, "reason": "solved"}, CALLER)["state"] == "cancelled"
    assert world.seen_by(one, request)["state"] == "withdrawn"
    assert "in_grace" not in world.seen_by(CALLER, request)


def test_a_cancel_after_accepting_is_only_asked() -> None:
    """Accepted: `cancel_requested` is set for medic and desk, and one of them ends it."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.accept(request, one)
    world.pass_ms(5_001)
    answer = world.ok("medic.cancel", {"request": request, "reason": "solved"}, CALLER)
    assert answer["cancel_requested"] is True
    assert world.seen_by(one, request)["cancel_requested"] is True
    assert world.view("dispatch", request)["cancel_requested"] is True
    assert world.request(request).state == "accepted"
    world.ok("medic.release", {"request": request}, one)
    assert world.request(request).state == "cancelled"
    assert world.duty(one).state == "on"


def test_the_desk_calls_off_what_it_saw() -> None:
    """Another holder than it saw is `taken`; a caller's own cancel asks nobody, whatever it says."""
    world = World()
    one, two = world.on_duty(1, 2)
    request, other = world.call(), world.call(STRANGER)
    world.accept(request, one)
    world.accept(other, two)
    refusal = world.no("medic.cancel", {"request": request, "reason": "other", "holder": ""}, DESK)
    assert (refusal.code, (refusal.data or {})["winner"]) == ("taken", {"person": "m1", "name": "Medic 1"})
    assert world.duty(one).state == "busy"
    assert world.ok("medic.cancel", {"request": request, "holder": "m1"}, DESK)["state"] == "cancelled"
    assert world.ok("medic.cancel", {"request": other, "holder": ""}, STRANGER)["state"] == "cancelled"


def test_nobody_cancels_for_another() -> None:
    """Another resident is not allowed to."""
    world = World()
    assert world.no("medic.cancel", {"request": world.call()}, STRANGER).code == "not_allowed"
    assert world.no("medic.cancel", {"request": "nothing"}, CALLER).code == "not_found"


def test_the_desk_cancels_outright() -> None:
    """The desk ends a held request; the holder is free at once."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.cancel", {"request": request, "reason": "other_help"}, DESK)
    assert world.request(request).state == "cancelled"
    assert world.duty(one).state == "on"
