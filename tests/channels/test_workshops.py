"""Workshops: seats, a waiting list that moves up, and a time line that runs by itself."""

from __future__ import annotations

from itertools import product
from typing import Any, ClassVar

import pytest
from msgspec import to_builtins

from channels import services
from channels.roll import MOST_WAITING
from channels.workshops import MOST_COMING, TIMERS, WORKSHOP, Workshops
from hub.contract import SYSTEM, TIMER, Actor, Decision, Refusal, State, Thing
from hub.services import Services
from tests.channels.world import BORDERS, CITY, NOW, Memory

HOUR, DAY = 3_600_000, 86_400_000
START = NOW + 3 * HOUR
PLUT = Actor("m1", "plut", name="Bu Rahma")
SRI = Actor("sri", "seller", name="Sri", shop="s1")
ACTORS = {"plut": PLUT, "seller": SRI, "timer": TIMER}


class School(Memory):
    services: ClassVar[Services] = Services(services(BORDERS))

    def __init__(self) -> None:
        super().__init__()
        for id_, category in (("s1", "food"), ("s2", "goods")):
            row = {"id": id_, "name": f"Toko {id_}", "category": category, "kelurahan": "kranggan"}
            self.ok("shop.register", {"shops": [row]}, SYSTEM)

    def people(self, workshop: str, count: int) -> list[Actor]:
        """Sellers who sign up, in this order."""
        people = [Actor(f"p{number}", "seller", name=f"Penjual {number}", shop="s1") for number in range(count)]
        for person in people:
            self.ok("workshop.join", {"workshop": workshop}, person)
        return people

    def seat(self, workshop: str, person: str) -> dict[str, Any]:
        return self.view(f"person/{person}", workshop)


@pytest.fixture
def world() -> School:
    return School()


def kelas(**changed: Any) -> dict[str, Any]:
    return {
        "title": "Foto produk", "category": "food", "place": "PLUT Blooto", "starts_at": START, "until": START + HOUR,
        "seats": 2, **changed,
    }  # fmt: skip


def publish(world: School, **changed: Any) -> str:
    workshop: str = world.ok("workshop.publish", kelas(**changed), PLUT)["workshop"]
    return workshop


def in_state(world: School, state: str) -> str:
    workshop = publish(world)
    world.ok("workshop.join", {"workshop": workshop}, SRI)
    if state in ("started", "cancelled"):
        world.ok("workshop.start" if state == "started" else "workshop.cancel", {"workshop": workshop}, PLUT)
    if state == "ended":
        world.pass_ms(4 * HOUR)
    assert world.things["workshop", workshop].state == state
    return workshop


COMMANDS = sorted({cmd for rules in WORKSHOP.values() for cmd in rules} - {"workshop.publish"})


@pytest.mark.parametrize(
    ("state", "cmd", "who"), list(product([one for one in WORKSHOP if one != "new"], COMMANDS, ACTORS))
)
def test_steps(world: School, state: str, cmd: str, who: str) -> None:
    """Every (state, command, role) is a step of the table or a named refusal that writes nothing."""
    workshop, actor = in_state(world, state), ACTORS[who]
    if actor.role not in world.services.commands[cmd][1].roles:
        return  # the door refuses it before the service is asked
    rule, before = WORKSHOP[state].get(cmd), world.things["workshop", workshop]
    outcome = world.run(cmd, {"workshop": workshop}, actor)
    if rule is None:
        assert isinstance(outcome, Refusal)
        assert (outcome.code, outcome.data) == ("illegal_step", {"state": state})
        assert world.things["workshop", workshop] == before
    else:
        assert isinstance(outcome, Decision)
        early = cmd in ("workshop.end", "workshop.remind")  # not due yet: it waits
        assert world.things["workshop", workshop].state == (state if early else rule.to or state)


def test_who_may() -> None:
    """PLUT makes and changes workshops, sellers come and go, timers do the rest."""
    for name, (_, spec) in Services([Workshops(CITY)]).commands.items():
        step = name.removeprefix("workshop.")
        who = "timer" if step in TIMERS else "seller" if step in ("join", "leave") else "plut"
        assert spec.roles == {who}


@pytest.mark.parametrize(
    ("topic", "allowed"),
    [("plut", {"m1"}), ("workshops/food", {"m1", "sri", "tari"}), ("person/sri", {"sri"})],
)
def test_topics(topic: str, allowed: set[str]) -> None:
    """The list with names is PLUT's; a category's list is its sellers'; a seat is its person's."""
    others = [Actor("tari", "seller", shop="s2"), Actor("ani", "resident"), Actor("d", "dispatcher", desk="city")]
    found = School.services.topic(topic)
    assert found is not None
    assert {actor.person for actor in (PLUT, SRI, *others) if found.allows(actor)} == allowed
    assert School.services.topic("workshops/cars") is None


@pytest.mark.parametrize(("actor", "knows"), [(SRI, True), (Actor("tari", "seller", shop="s2"), False), (PLUT, True)])
def test_a_category_is_asked_for(world: School, actor: Actor, knows: bool) -> None:
    """Only sellers whose shop is of the category join its list; the store says which it is."""
    topic = world.services.topic("workshops/food")
    assert topic is not None
    state = State()
    for need in topic.needs(actor):
        assert isinstance(need, Thing)
        state.found[need] = world.things[need.type, need.id]
    assert topic.known(actor, state) == knows


def test_sellers_see_what_is_to_come(world: School) -> None:
    """With counts and without names; PLUT sees both; who joined has a seat of their own."""
    workshop = publish(world)
    assert world.ok("workshop.join", {"workshop": workshop}, SRI)["state"] == "joined"
    assert world.ok("workshop.join", {"workshop": workshop}, SRI)["existing"]
    view = world.view("workshops/food", workshop)
    assert (view["joined"], view["seats"], view["waiting"], view["state"]) == (1, 2, 0, "open")
    assert "Sri" not in str(view)
    assert world.view("plut", f"{workshop}:sri")["name"] == "Sri"
    seat = world.seat(workshop, "sri")
    assert (seat["type"], seat["state"], seat["title"], seat["ring"]) == ("seat", "joined", "Foto produk", "")


def test_another_category_may_not(world: School) -> None:
    """A seller of goods has no seat in a workshop for food, nor has one without a shop."""
    workshop = publish(world)
    for actor in (Actor("tari", "seller", shop="s2"), Actor("x", "seller", shop="s9"), Actor("y", "seller")):
        assert world.no("workshop.join", {"workshop": workshop}, actor).code == "not_allowed"


def test_the_waiting_list_moves_up(world: School) -> None:
    """Who leaves gives the seat to who waits longest, whose phone rings; the others are one place nearer."""
    workshop = publish(world)
    people = world.people(workshop, 2 + MOST_WAITING)
    assert [world.seat(workshop, f"p{n}")["state"] for n in (1, 2)] == ["joined", "waiting"]
    assert [world.seat(workshop, f"p{n}")["ahead"] for n in (2, 5)] == [0, 3]
    full = world.no("workshop.join", {"workshop": workshop}, SRI)
    assert (full.code, full.data) == ("out_of_stock", {"seats": 0})
    world.now += 1000
    world.ok("workshop.leave", {"workshop": workshop}, people[0])
    assert workshop not in world.tables["person/p0"]
    seat = world.seat(workshop, "p2")
    assert (seat["state"], seat["ring"], seat["ring_at"]) == ("joined", "seat", world.now)
    assert world.seat(workshop, "p5")["ahead"] == 2
    assert world.no("workshop.leave", {"workshop": workshop}, people[0]).code == "not_found"


def test_the_time_line(world: School) -> None:
    """A reminder an hour before rings those with a seat, once; the end comes by itself; a day later all is gone."""
    workshop = publish(world)
    world.people(workshop, 3)
    world.pass_ms(2 * HOUR - 1)
    assert world.seat(workshop, "p0")["ring"] == ""
    world.pass_ms(1)
    assert [world.seat(workshop, f"p{n}")["ring"] for n in range(3)] == ["reminder", "reminder", ""]
    assert world.seat(workshop, "p0")["ring_at"] == START - HOUR
    world.pass_ms(2 * HOUR)
    assert workshop not in world.tables["workshops/food"]
    assert world.seat(workshop, "p0")["workshop_state"] == "ended"
    assert world.kinds.count(("person/p0", workshop, "workshop.reminded")) == 1
    world.pass_ms(DAY)
    assert ("workshop", workshop) not in world.things
    assert not world.tables["plut"]
    assert not world.tables["person/p0"]
    assert world.timers == {}


def test_no_reminder_for_what_begins_within_the_hour(world: School) -> None:
    """A workshop published late reminds nobody; moved away, it reminds after all."""
    workshop = publish(world, starts_at=NOW + HOUR // 2, until=NOW + HOUR)
    world.people(workshop, 1)
    world.settle()
    assert world.seat(workshop, "p0")["ring"] == ""
    world.ok("workshop.update", {"workshop": workshop, "starts_at": START, "until": START + HOUR}, PLUT)
    world.pass_ms(2 * HOUR)
    assert world.seat(workshop, "p0")["ring"] == "reminder"


def test_start_rings_all_with_a_seat(world: School) -> None:
    """`mulai sekarang` reaches a hundred phones in several commits of at most 32 topics, at once."""
    workshop = publish(world, seats=100)
    world.people(workshop, 100)
    world.now += 1000
    commits = world.commits
    world.ok("workshop.start", {"workshop": workshop}, PLUT)
    ringing = [world.seat(workshop, f"p{n}")["ring"] == "start" for n in range(100)]
    assert 0 < sum(ringing) < 100
    world.settle()
    assert all(world.seat(workshop, f"p{n}")["ring"] == "start" for n in range(100))
    assert world.commits - commits == 4
    assert world.view("workshops/food", workshop)["state"] == "started"
    assert world.no("workshop.join", {"workshop": workshop}, SRI).code == "illegal_step"


def test_leaving_while_others_are_still_told(world: School) -> None:
    """A seat that is given back between two parts of the news still fits one commit, and everybody hears in the end."""
    workshop = publish(world, seats=60)
    people = world.people(workshop, 60 + MOST_WAITING)
    world.now += 1000
    world.ok("workshop.update", {"workshop": workshop, "place": "Balai kota"}, PLUT)
    world.now += 1000
    world.ok("workshop.leave", {"workshop": workshop}, people[59])
    world.settle()
    left = [person for person in people if person is not people[59]]
    assert {world.seat(workshop, person.person)["place"] for person in left} == {"Balai kota"}
    assert world.seat(workshop, "p60")["state"] == "joined"


def test_cancel_says_why_and_is_forgotten_after_a_day(world: School) -> None:
    """All who signed up hear it; the list forgets it at once, the people a day later, however many they are."""
    workshop = publish(world, seats=40)
    world.people(workshop, 45)
    world.ok("workshop.cancel", {"workshop": workshop, "reason": "Pengajar sakit"}, PLUT)
    world.settle()
    assert not world.tables["workshops/food"]
    for number in range(45):
        seat = world.seat(workshop, f"p{number}")
        assert (seat["workshop_state"], seat["reason"]) == ("cancelled", "Pengajar sakit")
    world.pass_ms(DAY)
    assert ("workshop", workshop) not in world.things
    assert all(not world.tables[f"person/p{number}"] for number in range(45))


def test_more_seats_let_the_waiting_in(world: School) -> None:
    """Seats may become more, never fewer than are taken."""
    workshop = publish(world)
    world.people(workshop, 4)
    assert world.no("workshop.update", {"workshop": workshop, "seats": 1}, PLUT).code == "bad_data"
    world.ok("workshop.update", {"workshop": workshop, "seats": 3}, PLUT)
    assert [world.seat(workshop, f"p{n}")["state"] for n in (2, 3)] == ["joined", "waiting"]


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"starts_at": NOW}, "data.starts_at"),
        ({"starts_at": NOW + 181 * DAY}, "data.starts_at"),
        ({"until": START}, "data.until"),
        ({"until": START + 8 * DAY}, "data.until"),
    ],
)
def test_times_that_cannot_be(world: School, changed: dict[str, Any], path: str) -> None:
    """A workshop begins in the next half year and ends after that; an update keeps to it."""
    refusal = world.no("workshop.publish", kelas(**changed), PLUT)
    assert (refusal.code, refusal.message.partition(":")[0]) == ("bad_data", path)
    update = world.no("workshop.update", {"workshop": publish(world), **changed}, PLUT)
    assert update.code == "bad_data"


def test_bounds(world: School) -> None:
    """At most fifty workshops are to come; an unknown one is not found."""
    for _ in range(MOST_COMING):
        publish(world)
    assert world.no("workshop.publish", kelas(), PLUT).code == "too_many"
    assert world.no("workshop.join", {"workshop": "nope"}, SRI).code == "not_found"


def test_who_is_erased_keeps_a_seat_without_a_name(world: School) -> None:
    """PLUT still knows that it is taken; another's name is there."""
    workshop = publish(world)
    world.people(workshop, 2)
    declared, before = world.services.declared, world.things["workshop", workshop]
    after = declared.blanked("workshop", workshop, before, "p0")
    assert after is not None
    decision = world.services.channel_of("workshop").redrawn("workshop", workshop, before, after, NOW)
    views = {change.id: change.view for change in decision.changes if change.topic == "plut"}
    assert {key: view and view["name"] for key, view in views.items()} == {f"{workshop}:p0": ""}
    assert declared.people("workshop", workshop, to_builtins(after)) == {"p1"}
