"""The whole of one request, for the medic desk alone."""

from __future__ import annotations

from typing import Any

import msgspec

from channels.medic_read import AT_ONCE
from channels.offers import LEVELS
from hub.contract import Decision
from tests.channels.medic_world import CALLER, DESK, SERVICE, World, medic


def told(world: World, request: str, from_: int = 0) -> dict[str, Any]:
    decision = world.run("medic.read", {"request": request, "from": from_}, DESK)
    assert isinstance(decision, Decision), decision
    assert not decision.answer, "nothing of it is kept"
    assert not decision.writes
    # As it goes over the wire.
    again: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(decision.once))
    return again


def entries(answer: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [entry for entry in answer["timeline"] if entry["what"] == what]


def test_every_receipt_of_every_offer() -> None:
    """Each level with its time, the reason of each pick with the distance, and how each offer ended."""
    world = World()
    one, two, _ = world.on_duty(1, 2, 3)
    request = world.call()
    called = world.now
    for level in LEVELS[1:]:
        world.pass_ms(40)
        world.receive(request, one, level=level)
    world.ok("medic.decline", {"request": request, "reason": "ban bocor"}, two)
    world.accept(request, one)
    answer = told(world, request)
    assert "next" not in answer
    first, second, third = answer["request"]["offers"]
    assert first["receipts"] == {level: called + 40 * n for n, level in enumerate(LEVELS) if n}
    assert (first["person"], first["state"], first["wave"], first["reason"]) == ("m1", "won", 1, "nearest")
    assert first["distance_m"] < second["distance_m"] < third["distance_m"]
    assert (first["offered_at"], first["ended_at"]) == (called, world.now)
    assert (second["state"], third["state"], third["winner"]) == ("declined", "stood_down", "m1")
    assert entries(answer, "declined") == [{"at": world.now, "what": "declined", "who": "Medic 2", "why": "ban bocor"}]
    assert entries(answer, "accepted") == [{"at": world.now, "what": "accepted", "who": "Medic 1"}]


def test_what_was_escalated_says_why() -> None:
    """Waves, what they lacked, the alarm and who raised it by hand are entries with their reason."""
    world = World()
    people = world.on_duty(*range(1, 6))
    request = world.call()
    world.receive(request, *people[:3])
    for actor in people[:3]:
        world.ok("medic.decline", {"request": request}, actor)
    world.settle()
    world.receive(request, *people[3:])
    world.pass_ms(40_000)
    world.ok("medic.escalate", {"request": request}, DESK)
    answer = told(world, request)
    assert [entry["why"] for entry in entries(answer, "wave 2")] == ["declined"]
    assert [entry["why"] for entry in entries(answer, "wave 3")] == ["unanswered"]
    assert [entry["why"] for entry in entries(answer, "wave 4")] == ["desk"]
    assert [entry["why"] for entry in entries(answer, "alarm")] == ["unanswered"]
    assert [entry["why"] for entry in entries(answer, "short")] == ["no_candidates"]
    assert [entry["who"] for entry in entries(answer, "escalated")] == ["Endah"]


def test_whoever_was_asked_twice_is_there_twice() -> None:
    """What a phone had proven of the first offer is not forgotten with the second."""
    world = World()
    one, two = world.on_duty(1, 2)
    request = world.call()
    world.receive(request, one, two)
    world.accept(request, one)
    world.pass_ms(1_000)
    world.ok("medic.release", {"request": request, "reason": "ban bocor"}, one)
    answer = told(world, request)
    mine = [offer for offer in answer["request"]["offers"] if offer["person"] == two.person]
    assert [(offer["state"], bool(offer["receipts"])) for offer in mine] == [("stood_down", True), ("open", False)]
    assert entries(answer, "released")[0]["why"] == "ban bocor"


def test_many_offers_come_in_parts() -> None:
    """Everybody on duty was asked: each offer is told once, in order, in answers that fit a frame."""
    world = World()
    world.on_duty(*range(1, AT_ONCE + 12))
    request = world.call()
    world.pass_ms(41_000)
    first = told(world, request)
    second = told(world, request, first["next"])
    people = [offer["person"] for answer in (first, second) for offer in answer["request"]["offers"]]
    assert len(people) == len(set(people)) == len(world.request(request).offers) > AT_ONCE
    assert "next" not in second
    assert len(msgspec.json.encode(first)) < 32_000


def test_it_is_blurred_where_the_board_is() -> None:
    """After the end nobody reads the phone, the note or the exact place here either."""
    world = World()
    (one,) = world.on_duty(1)
    request = world.call(phone="0812345678", landmark="Gang 3")
    exact = told(world, request)["request"]
    assert exact["phone"] == "0812345678"
    world.accept(request, one)
    world.ok("medic.advance", {"request": request, "to": "cleared"}, one)
    after = told(world, request)["request"]
    assert not {"phone", "landmark"} & after.keys()
    assert after["location"] != exact["location"]


def test_a_drill_and_what_is_gone_are_not_there() -> None:
    """A drill is not the desk's; a request that left the tables is forgotten."""
    world = World()
    assert world.no("medic.read", {"request": world.call(drill=True)}, DESK).code == "not_found"
    request = world.call()
    world.ok("medic.close", {"request": request, "outcome": "treated"}, DESK)
    world.pass_ms(3 * 3_600_000)
    refusal = world.no("medic.read", {"request": request}, DESK)
    assert (refusal.code, refusal.record) == ("not_found", False)


def test_only_the_medic_desk_asks() -> None:
    """Neither caller, nor medic, nor another desk."""
    spec = SERVICE.commands["medic.read"]
    assert spec.roles == {"dispatcher"}
    assert spec.desk == "medic"
    assert {CALLER.role, medic(1).role}.isdisjoint(spec.roles)
