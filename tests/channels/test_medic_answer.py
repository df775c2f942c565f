"""Accept, decline and receipts."""

from __future__ import annotations

from hub.contract import Actor, Decision
from tests.channels.medic_world import STRANGER, World, medic


def test_accept_writes_request_and_duty() -> None:
    """Both change in one decision: nobody wins twice, nobody holds two."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    decision = world.run("medic.accept", {"request": request}, one)
    assert isinstance(decision, Decision)
    assert {(write.type, write.id) for write in decision.writes} == {("request", request), ("medic", "m1")}


def test_an_old_accept_is_too_late() -> None:
    """Over 30 s old is refused and not recorded; the winner's repeat is ok however old."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    refusal = world.no("medic.accept", {"request": request}, one, age_ms=30_001)
    assert (refusal.code, refusal.record) == ("too_late", False)
    world.ok("medic.accept", {"request": request}, one, age_ms=30_000)
    assert world.ok("medic.accept", {"request": request}, one, age_ms=99_000)["state"] == "accepted"


def test_who_was_not_offered_it_may_not_accept() -> None:
    """An offer comes first."""
    world = World()
    world.on_duty(1)
    request = world.call()
    assert world.no("medic.accept", {"request": request}, medic(7)).code == "not_allowed"
    assert world.no("medic.accept", {"request": "nothing"}, medic(1)).code == "not_found"


def test_off_duty_goes_on_first() -> None:
    """Who went off duty in between is told to come back on."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.ok("medic.duty", {"on": False}, one)
    refusal = world.no("medic.accept", {"request": request}, one)
    assert (refusal.code, refusal.data) == ("illegal_step", {"state": "off"})


def test_a_late_accept_after_cleared_still_hears_taken() -> None:
    """The winner stays known; a cancelled request is `illegal_step`."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.accept(request, one)
    world.ok("medic.advance", {"request": request, "to": "cleared"}, one)
    assert world.no("medic.accept", {"request": request}, two).code == "taken"
    other = world.call(STRANGER)
    world.ok("medic.cancel", {"request": other}, STRANGER)
    refusal = world.no("medic.accept", {"request": other}, two)
    assert (refusal.code, refusal.data) == ("illegal_step", {"state": "cancelled"})


def test_who_declined_may_change_the_mind() -> None:
    """A declined offer can still be accepted while nobody holds it."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.ok("medic.decline", {"request": request}, one)
    assert world.seen_by(one, request)["state"] == "declined"
    assert world.ok("medic.decline", {"request": request}, one) == {"request": request}
    assert world.accept(request, one)["state"] == "accepted"
    assert world.no("medic.decline", {"request": request}, two).code == "taken"
    assert world.no("medic.decline", {"request": request}, one).code == "illegal_step"


def test_all_declined_starts_the_next_wave_at_once() -> None:
    """Nobody waits for people who have said no."""
    world = World()
    one, two, three, *_ = world.on_duty(1, 2, 3, 4, 5)
    request = world.call()
    world.pass_ms(1_000)
    for actor in (one, two, three):
        world.receive(request, actor)
        world.ok("medic.decline", {"request": request}, actor)
    assert world.open_offers(request) == []
    world.settle()
    assert world.open_offers(request) == ["m4", "m5"]
    assert world.request(request).wave == 2


def test_receipts_are_for_the_offered() -> None:
    """The hub proves `sent` for the person whose socket it is; nobody else's screen counts."""
    world = World()
    world.on_duty(1)
    request = world.call()
    assert world.no("medic.receipt", {"request": request, "level": "seen"}, medic(7)).code == "not_allowed"
    world.ok("medic.receipt", {"request": request, "level": "sent"}, Actor("m1", "hub"))
    assert world.view("dispatch", request)["offers"][0]["receipts"] == {"sent": world.now}


def test_a_repeated_receipt_writes_nothing() -> None:
    """Once proven is proven."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call()
    world.receive(request, one)
    commits = world.commits
    world.receive(request, one)
    assert world.commits == commits


def test_other_offers_of_a_winner_are_withdrawn() -> None:
    """Who has a patient is not rung for another."""
    world = World()
    one, *_ = world.on_duty(1, 2)
    first, second = world.call(), world.call(STRANGER)
    world.accept(first, one)
    world.settle()
    assert world.open_offers(second) == ["m2"]
    assert world.seen_by(one, second)["state"] == "withdrawn"
    assert world.view("dispatch", second)["offers"][-1]["state"] == "withdrawn"
