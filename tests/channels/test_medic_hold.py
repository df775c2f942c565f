"""The holder: forward only, give it back, ask for more."""

from __future__ import annotations

import pytest

from tests.channels.medic_world import CALLER, HOME, STRANGER, World, medic


def held(*numbers: int) -> tuple[World, str]:
    world = World()
    world.on_duty(*numbers)
    request = world.call(phone="0812345678", landmark="Gang 3")
    world.accept(request, medic(1))
    world.pass_ms(6_000)
    return world, request


def test_steps_go_forward_only() -> None:
    """A step may be left out, never taken back or taken twice."""
    world, request = held(1)
    world.ok("medic.advance", {"request": request, "to": "on_scene"}, medic(1))
    for to in ("en_route", "on_scene"):
        assert world.no("medic.advance", {"request": request, "to": to}, medic(1)).code == "illegal_step"


def test_an_old_advance_is_too_late() -> None:
    """Over 30 s old is refused and not recorded."""
    world, request = held(1)
    refusal = world.no("medic.advance", {"request": request, "to": "en_route"}, medic(1), age_ms=30_001)
    assert (refusal.code, refusal.record) == ("too_late", False)


def test_a_former_holder_hears_who_has_it() -> None:
    """Whoever lost it is told by whom, not only no."""
    world, request = held(1, 2)
    refusal = world.no("medic.advance", {"request": request, "to": "en_route"}, medic(2))
    assert refusal.code == "taken"
    assert world.no("medic.release", {"request": request}, medic(7)).code == "not_allowed"


def test_release_rings_the_others_at_once() -> None:
    """It is offered anew, those stood down included; its waves count from now; the releaser is not asked."""
    world, request = held(1, 2, 3)
    world.pass_ms(60_000)
    world.ok("medic.release", {"request": request, "reason": "ban bocor"}, medic(1))
    assert world.request(request).state == "offered"
    assert world.open_offers(request) == ["m2", "m3"]
    assert world.seen_by(medic(1), request)["state"] == "declined"
    assert "phone" not in world.seen_by(medic(1), request)
    assert world.duty(medic(1)).state == "on"
    assert world.seen_by(CALLER, request)["state"] == "offered"
    assert "medic" not in world.seen_by(CALLER, request)
    world.receive(request, medic(2), medic(3))
    world.pass_ms(19_999)
    assert world.request(request).wave == 1
    world.pass_ms(20_001)
    assert world.request(request).wave == 3
    world.accept(request, medic(2))
    assert world.seen_by(CALLER, request)["medic"]["name"] == "Medic"


def test_release_with_nobody_left_alarms() -> None:
    """Nobody else: 119 and the desk, as for a call without candidates."""
    world, request = held(1)
    world.ok("medic.release", {"request": request}, medic(1))
    assert f"{request}.no_candidates" in world.alarms()
    assert world.seen_by(CALLER, request)["advice"] == "call_119"


def test_nobody_releases_at_the_patient() -> None:
    """At the patient one asks for backup instead."""
    world, request = held(1)
    world.ok("medic.advance", {"request": request, "to": "at_patient"}, medic(1))
    assert world.no("medic.release", {"request": request}, medic(1)).code == "illegal_step"


def test_backup_is_a_linked_request_with_the_known_place() -> None:
    """It rings at once, red, claims nothing, is on the caller's screen only as a link."""
    world, request = held(1, 2, 3)
    answer = world.ok("medic.backup", {"request": request, "reason": "perlu ambulans"}, medic(1))
    backup = answer["backup"]
    assert answer["candidates"] == 2
    assert world.open_offers(backup) == ["m2", "m3"]
    offer = world.seen_by(medic(2), backup)
    assert (offer["need"], offer["kelurahan"], offer["backup"]) == ("red", "kranggan", True)
    assert f"{backup}.red" in world.alarms()
    assert backup not in world.tables["help/ani"]
    assert world.seen_by(CALLER, request)["linked"] == [backup]
    assert world.view("dispatch", backup)["linked"] == [request]
    assert world.claims == {"open_call/ani": request}
    world.accept(backup, medic(2))
    won = world.seen_by(medic(2), backup)
    assert (won["landmark"], won["note"]) == ("Gang 3", "perlu ambulans")
    assert won["location"]["lat"] == HOME[0]


@pytest.mark.parametrize("to", ["en_route", "cleared"])
def test_only_the_holder_advances(to: str) -> None:
    """Another caller's medic has no say."""
    world, request = held(1, 2)
    world.accept(world.call(STRANGER), medic(2))
    assert world.no("medic.advance", {"request": request, "to": to}, medic(2)).code in ("taken", "not_allowed")
