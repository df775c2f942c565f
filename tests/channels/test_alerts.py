"""Alerts: who may say them, where they are seen, how they end."""

from __future__ import annotations

from itertools import product
from typing import Any, ClassVar

import msgspec
import pytest

from channels.alerts import ALERT, MOST_IN_FORCE, MOST_MESSAGES, Alerts
from hub.contract import SYSTEM, TIMER, Actor, Decision, Refusal
from hub.services import Services
from tests.channels.world import CITY, NOW, Memory

DAY = 86_400_000
DESK = Actor("desk", "dispatcher", name="Endah", desk="city")
OFFICE = Actor("office", "service", desk="city")
ACTORS = {"desk": DESK, "office": OFFICE, "timer": TIMER}
OTHERS = (
    Actor("ani", "resident"), Actor("dewi", "medic"), Actor("sri", "seller", shop="s1"), Actor("m", "plut"),
    Actor("a", "admin"), SYSTEM,
)  # fmt: skip


class Voice(Memory):
    services: ClassVar[Services] = Services([Alerts(CITY)])


@pytest.fixture
def world() -> Voice:
    return Voice()


def said(**changed: Any) -> dict[str, Any]:
    return {
        "category": "met", "event": "Banjir", "urgency": "immediate", "severity": "severe", "certainty": "observed",
        "expires": NOW + 3_600_000, "areas": ["kranggan", "Miji"],
        "texts": {"id": {"headline": "Air naik", "instruction": "Pindah ke tempat tinggi"}},
        **changed,
    }  # fmt: skip


def publish(world: Voice, **changed: Any) -> str:
    alert: str = world.ok("alert.publish", said(**changed), DESK)["alert"]
    return alert


def in_state(world: Voice, state: str) -> str:
    alert = publish(world)
    if state == "cancelled":
        world.ok("alert.cancel", {"alert": alert, "reason": "surut"}, DESK)
    if state == "expired":
        world.pass_ms(3_600_000)
    return alert


def step_data(cmd: str, alert: str) -> dict[str, Any]:
    if cmd == "alert.update":
        return {**said(expires=NOW + DAY), "alert": alert}
    return {"alert": alert, "reason": "surut"} if cmd == "alert.cancel" else {"alert": alert}


@pytest.mark.parametrize(
    ("state", "cmd", "who"),
    list(product([one for one in ALERT if one != "new"], ["alert.update", "alert.cancel", "alert.expire"], ACTORS)),
)
def test_steps(world: Voice, state: str, cmd: str, who: str) -> None:
    """Every (state, command, role) is a step of the table or a named refusal that writes nothing."""
    alert, actor = in_state(world, state), ACTORS[who]
    if actor.role not in world.services.commands[cmd][1].roles:
        return  # the door refuses it before the service is asked
    rule, before = ALERT[state].get(cmd), world.things["alert", alert]
    outcome = world.run(cmd, step_data(cmd, alert), actor)
    if rule is None:
        assert isinstance(outcome, Refusal)
        assert (outcome.code, outcome.data) == ("illegal_step", {"state": state})
        assert world.things["alert", alert] == before
    else:
        assert isinstance(outcome, Decision)
        late = cmd == "alert.expire"  # not due yet: it waits
        assert world.things["alert", alert].state == (state if late else rule.to or state)


def test_who_may() -> None:
    """Only the city's desk, and a service account that sits there; timers end them."""
    for name, (_, spec) in Voice.services.commands.items():
        timed = name in ("alert.expire", "alert.retire")
        assert (spec.roles, spec.desk) == ((frozenset({"timer"}), None) if timed else (DESK_ROLES, "city"))
        assert not any(actor.role in spec.roles for actor in OTHERS)


DESK_ROLES = frozenset({"dispatcher", "service"})


def test_everybody_joins_both_topics() -> None:
    """`city` and `warnings` are everybody's; the second is urgent."""
    for name, lane in (("city", "normal"), ("warnings", "urgent")):
        topic = Voice.services.topic(name)
        assert topic is not None
        assert topic.lane == lane
        assert all(topic.allows(actor) for actor in (*OTHERS, DESK, Actor("", "visitor")))


def test_an_alert_is_seen_while_it_is_in_force(world: Voice) -> None:
    """One view in `city`, id = alert, areas named; it leaves at `expires`, is kept for a day, and is forgotten."""
    alert = publish(world)
    view = world.view("city", alert)
    assert (view["type"], view["id"], view["state"], view["drill"]) == ("alert", alert, "in_force", False)
    assert view["areas"] == [{"id": "kranggan", "name": "Kranggan"}, {"id": "miji", "name": "Miji"}]
    assert (view["sender"], view["identifier"], view["sent"]) == ("kentongan.35.76", alert, NOW)
    assert "warnings" not in world.tables
    world.pass_ms(3_599_999)
    assert alert in world.tables["city"]
    world.pass_ms(1)
    assert world.tables["city"] == {}
    assert world.things["alert", alert].state == "expired"
    world.pass_ms(DAY)
    assert (world.things, world.claims, world.timers, world.sets) == ({}, {}, {}, {"alerts": set()})


@pytest.mark.parametrize(
    ("status", "severity", "urgent"),
    [
        (status, severity, (status, severity) == ("actual", "extreme"))
        for status in ("actual", "exercise", "test")
        for severity in ("extreme", "severe", "moderate", "minor", "unknown")
    ],
)
def test_only_the_real_and_extreme_is_urgent(world: Voice, status: str, severity: str, urgent: bool) -> None:
    """An exercise and a test are marked and never in the urgent topic."""
    alert = publish(world, status=status, severity=severity)
    assert (alert in world.tables.get("warnings", {})) == urgent
    assert world.view("city", alert)["drill"] == (status != "actual")
    world.ok("alert.cancel", {"alert": alert, "reason": "selesai"}, DESK)
    assert not world.tables["city"]
    assert not world.tables.get("warnings")


def test_an_update_keeps_its_place(world: Voice) -> None:
    """The same id with other words, naming what it replaces; an alert that is no longer extreme leaves `warnings`."""
    alert = publish(world, severity="extreme")
    update = world.ok("alert.update", {**said(expires=NOW + 2 * DAY, areas="city"), "alert": alert}, DESK)
    view = world.view("city", alert)
    assert (view["msg_type"], view["replaces"], view["identifier"]) == ("update", alert, update["identifier"])
    assert view["whole_city"]
    assert len(view["areas"]) == 18
    assert world.tables["warnings"] == {}
    world.pass_ms(2 * DAY - 1)
    assert alert in world.tables["city"]


def test_an_update_and_a_cancel_find_it_by_any_message(world: Voice) -> None:
    """`<sender>,<identifier>` of the first message or a later one is the same alert."""
    alert = publish(world, sender="cuaca.example", identifier="a-1", sent=NOW - 60_000)
    second = {"sender": "cuaca.example", "identifier": "a-2", "sent": NOW - 30_000}
    world.ok("alert.update", {**said(), **second, "alert": "cuaca.example,a-1"}, OFFICE)
    assert world.view("city", alert)["replaces"] == "a-1"
    known = world.no("alert.publish", said(sender="cuaca.example", identifier="a-1"), OFFICE)
    assert (known.code, known.data) == ("illegal_step", {"alert": alert})
    late = {"sender": "cuaca.example", "identifier": "a-0", "sent": NOW - 45_000}
    assert world.no("alert.update", {**said(), **late, "alert": "cuaca.example,a-1"}, OFFICE).code == "too_late"
    world.ok("alert.cancel", {"alert": "cuaca.example,a-2", "reason": "surut"}, OFFICE)
    again = world.no("alert.update", {**said(), "alert": "cuaca.example,a-1"}, OFFICE)
    assert (again.code, again.data) == ("illegal_step", {"state": "cancelled"})
    assert world.no("alert.cancel", {"alert": "cuaca.example,a-9", "reason": "?"}, OFFICE).code == "not_found"
    world.pass_ms(DAY)
    assert world.claims == {}


def test_a_drill_never_turns_real(world: Voice) -> None:
    """An update keeps the status of what it replaces."""
    alert = publish(world, status="exercise")
    refusal = world.no("alert.update", {**said(status="actual"), "alert": alert}, DESK)
    assert (refusal.code, refusal.message[:11]) == ("bad_data", "data.status")


def test_a_preview_says_how_many_and_writes_nothing(world: Voice) -> None:
    """The number of kelurahan, whether phones ring, and the text; nothing is said."""
    answer = world.ok("alert.publish", said(preview=True, severity="extreme", areas="city"), DESK)
    assert (answer["kelurahan"], answer["urgent"], answer["whole_city"]) == (18, True, True)
    assert answer["texts"]["id"]["headline"] == "Air naik"
    assert answer["bytes"] < 4096
    assert (world.things, world.tables, world.timers) == ({}, {}, {})
    assert world.no("alert.publish", said(preview=True, areas=["surabaya"]), DESK).code == "bad_data"


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"expires": NOW}, "data.expires"),
        ({"expires": NOW + 31 * DAY}, "data.expires"),
        ({"areas": ["kranggan", "surabaya"]}, "data.areas"),
        (
            {
                "areas": "city",
                "texts": {
                    one: {"headline": "h", "description": "d" * 1200, "instruction": "i" * 600} for one in ("id", "en")
                },
            },
            "data.texts",
        ),
    ],
)
def test_bad_input(world: Voice, changed: dict[str, Any], path: str) -> None:
    """What cannot be is refused with the field's path."""
    refusal = world.no("alert.publish", said(**changed), DESK)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)


@pytest.mark.parametrize(
    "changed",
    [
        {"severity": "Extreme"}, {"status": "draft"}, {"areas": []}, {"areas": "everywhere"}, {"event": "  "},
        {"texts": {"en": {"headline": "Flood"}}}, {"texts": {"id": {"headline": " "}}},
        {"texts": {"id": {"headline": "h" * 161}}}, {"sender": "two words"}, {"identifier": "a,b"}, {"expires": -1},
    ],
)  # fmt: skip
def test_words_that_cap_has_not(changed: dict[str, Any]) -> None:
    """Another word, no area, no text in Indonesian: the data do not fit."""
    spec = Voice.services.commands["alert.publish"][1]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(said(**changed), spec.data)


def test_bounds(world: Voice) -> None:
    """Twenty alerts at once, and more only when they are urgent; fifty updates of one."""
    alerts = [publish(world) for _ in range(MOST_IN_FORCE)]
    assert world.no("alert.publish", said(), DESK).code == "too_many"
    publish(world, severity="extreme")
    for _ in range(MOST_MESSAGES):
        world.ok("alert.update", {**said(), "alert": alerts[0]}, DESK)
    assert world.no("alert.update", {**said(), "alert": alerts[0]}, DESK).code == "too_many"
    world.ok("alert.cancel", {"alert": alerts[0], "reason": "selesai"}, DESK)
