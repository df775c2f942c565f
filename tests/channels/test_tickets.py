"""Tickets: numbers, quotas, places, the crew's calls, and what becomes of them when the van does not come."""

from __future__ import annotations

import json

import pytest

from channels.ticket_things import GRACE_MS, MOST_TICKETS, NEAR_MS, TICKET
from channels.tickets import Tickets
from channels.van_days import day_start, later
from hub.contract import TIMER, Actor, Refusal, Rule
from hub.machine import step
from tests.channels.queue_world import CREW, DESK, STOP, Followed, followed, person
from tests.channels.van_world import ACTORS, CITY, pairs

A, B, C, D = (person(name) for name in "abcd")
COMMANDS = sorted(set().union(*TICKET.values()) - {"ticket.take", "ticket.hear", "ticket.end"})
STATES = sorted(set(TICKET) - {"new"})


@pytest.fixture
def world() -> Followed:
    return followed()


def in_state(state: str) -> tuple[Followed, str]:
    """A's ticket in a state, the van at the stop (not yet: `waiting`)."""
    world = followed()
    ticket = world.take(A)
    if state != "waiting":
        world.press("van.arrive", STOP)
        world.settle()
    if state in ("called", "served", "no_show"):
        world.act("ticket.call", ticket)
    if state in ("served", "no_show"):
        world.act(f"ticket.{'serve' if state == 'served' else 'no_show'}", ticket)
    if state == "cancelled":
        world.act("ticket.cancel", ticket, A)
    if state == "expired":
        world.press("van.depart")
        world.settle()
    assert world.ticket(A)["state"] == state
    return world, ticket


@pytest.mark.parametrize(("state", "cmd", "role"), pairs(STATES, COMMANDS, ["holder", *ACTORS]))
def test_every_state_command_and_role(state: str, cmd: str, role: str) -> None:
    """Every pair is the table's step or its refusal (`hear` and `end` are the whole queue's)."""
    world, ticket = in_state(state)
    actor = A if role == "holder" else ACTORS[role]
    before = world.queue()
    got = world.run(cmd, actor, ticket=ticket)
    rule = step(TICKET, state, cmd, actor.role)
    if isinstance(rule, Rule) and role in ("resident", "another crew"):
        assert isinstance(got, Refusal)
        assert got.code == "not_allowed"
    elif isinstance(rule, Refusal):
        assert isinstance(got, Refusal)
        assert got.code in (rule.code, "not_allowed")
    elif state == "waiting" and cmd == "ticket.call":
        assert isinstance(got, Refusal)
        assert got.data == {"state": "expected"}
    else:
        assert not isinstance(got, Refusal)
        assert got.answer["state"] == rule.to
    if isinstance(got, Refusal):
        assert world.queue() == before


def test_taken_twice_is_the_same_ticket(world: Followed) -> None:
    """The same person hears the same number again, as existing."""
    first = world.done("ticket.take", A, stop=STOP, service="KTP").answer
    again = world.done("ticket.take", A, stop=STOP, service="KTP").answer
    assert again == {**first, "existing": True}
    assert (first["number"], first["ahead"]) == (1, 0)
    assert world.done("ticket.take", B, stop=STOP, service="KTP").answer["ahead"] == 1


def test_a_quota_used_up_names_the_next_chance(world: Followed) -> None:
    """`out_of_stock` says when the van comes next; that day has a queue of its own."""
    for who in (A, B, C):
        world.take(who)
    refusal = world.refused("ticket.take", D, stop=STOP, service="KTP")
    next_trip = world.trip_of(later(world.van.day)).of(STOP)
    assert next_trip is not None
    assert (refusal.code, refusal.data) == ("out_of_stock", {"next_at": next_trip.scheduled_at, "left": 0})
    assert world.tables[f"stop/{STOP}"][world.queue().id]["state"] == "full"
    tomorrow = world.done("ticket.take", D, stop=STOP, service="KTP", day=later(world.van.day))
    assert tomorrow.answer["number"] == 1


def test_a_ticket_given_back_is_given_again(world: Followed) -> None:
    """A cancelled ticket gives its place back under the next number."""
    tickets = [world.take(who) for who in (A, B, C)]
    world.act("ticket.cancel", tickets[0], A)
    assert world.ticket(B)["ahead"] == 0
    assert world.done("ticket.take", D, stop=STOP, service="KTP").answer["number"] == 4
    assert world.tables[f"stop/{STOP}"][world.queue().id]["taken"] == 3


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        ({"stop": "t99", "service": "KTP"}, "not_found", "t99"),
        ({"stop": STOP, "service": "Paspor"}, "bad_data", "data.service"),
        ({"stop": STOP, "service": "KTP", "day": "2031-01-01"}, "not_found", "expected"),
    ],
)
def test_bad_takes(world: Followed, data: dict[str, str], code: str, word: str) -> None:
    """One clear code each, naming what was wrong."""
    refusal = world.refused("ticket.take", A, **data)
    assert refusal.code == code
    assert word in refusal.message


def test_a_stop_without_services_offers_the_vans(world: Followed) -> None:
    """What the van does, without a quota."""
    service = world.van.services[0]
    assert world.done("ticket.take", A, stop="t02", service=service).answer["number"] == 1


def test_set_out_when_it_is_soon(world: Followed) -> None:
    """`go` for the first three when the van may come within half an hour, for the first six once it is there."""
    world = followed(quota=10)
    people = [person(number) for number in range(8)]
    for who in people:
        world.take(who)
    scheduled = world.at(STOP).scheduled_at
    assert world.now < scheduled - NEAR_MS
    assert {world.ticket(who)["state"] for who in people} == {"waiting"}
    world.wait(scheduled - NEAR_MS)
    assert [world.ticket(who)["state"] for who in people].count("go") == 3
    world.press("van.arrive", STOP)
    world.settle()
    assert [world.ticket(who)["state"] for who in people].count("go") == 6


def test_the_crew_calls_the_next(world: Followed) -> None:
    """One at a time; everybody's place and the number now serving follow."""
    a, b = world.take(A), world.take(B, name="Bu Sri")
    assert world.refused("ticket.call", CREW, stop=STOP).code == "illegal_step"
    world.press("van.arrive", STOP)
    world.settle()
    assert world.done("ticket.call", CREW, stop=STOP).answer["ticket"] == a
    assert world.refused("ticket.call", CREW, stop=STOP).data == {"state": "called", "ticket": a, "number": 1}
    assert (world.ticket(B)["ahead"], world.ticket(B)["serving"]) == (1, 1)
    world.act("ticket.serve", a)
    assert world.done("ticket.call", CREW, stop=STOP, service="KTP").answer["ticket"] == b
    rows = world.tables["queue/v1"][world.queue().id]["tickets"]
    assert rows == [{"ticket": b, "number": 2, "state": "called", "name": "Bu Sri"}]
    world.act("ticket.serve", b)
    assert world.refused("ticket.call", CREW, stop=STOP).code == "not_found"


def test_of_two_services_whoever_came_first(world: Followed) -> None:
    """A call without a service takes the service nobody is called for, then who waits longest."""
    first = world.take(A, "KK")
    world.now += 1
    second = world.take(B, "KTP")
    world.press("van.arrive", STOP)
    world.settle()
    assert world.done("ticket.call", CREW).answer["ticket"] == first
    assert world.done("ticket.call", CREW).answer["ticket"] == second


def test_a_no_show_gives_its_place_away_after_the_grace(world: Followed) -> None:
    """The next may be called at once; within the grace the person is called back; then the quota has it again."""
    tickets = [world.take(who) for who in (A, B, C)]
    world.press("van.arrive", STOP)
    world.settle()
    world.act("ticket.call", tickets[0])
    world.act("ticket.no_show", tickets[0])
    world.act("ticket.call", tickets[1])
    world.act("ticket.serve", tickets[1])
    assert world.refused("ticket.take", D, stop=STOP, service="KTP").code == "out_of_stock"
    world.act("ticket.call", tickets[0])
    world.act("ticket.no_show", tickets[0])
    world.wait(world.now + GRACE_MS)
    assert world.tables[f"stop/{STOP}"][world.queue().id]["taken"] == 2
    assert world.refused("ticket.call", CREW, ticket=tickets[0]).code == "too_late"
    assert world.done("ticket.take", D, stop=STOP, service="KTP").answer["number"] == 4


@pytest.mark.parametrize("how", ["skip", "cancel", "left out"])
def test_a_stop_that_is_not_visited_tells_its_tickets(world: Followed, how: str) -> None:
    """They are cancelled, with the next chance."""
    ticket = world.take(A)
    if how == "skip":
        world.press("van.skip", STOP)
    elif how == "cancel":
        world.done("trip.cancel", DESK, van="v1")
    else:
        world.done("trip.save", DESK, van="v1", stops=[{"stop": "t02", "minute": 1000}])
    world.settle()
    view = world.ticket(A)
    tomorrow = world.trip_of(later(world.van.day)).of(STOP)
    assert tomorrow is not None
    assert (view["id"], view["state"], view["next_at"]) == (ticket, "cancelled", tomorrow.scheduled_at)


def test_a_van_that_comes_after_all_takes_its_tickets_up_again(world: Followed) -> None:
    """A skipped stop that is visited has its queue as it was."""
    world.take(A)
    world.press("van.skip", STOP)
    world.settle()
    world.press("van.arrive", STOP)
    world.settle()
    assert world.ticket(A)["state"] == "go"


def test_midnight_ends_all(world: Followed) -> None:
    """At midnight in the city tickets and queues leave every table."""
    world = followed(quota=60)
    people = [person(number) for number in range(60)]
    for who in people:
        world.take(who)
    queue = world.queue().id
    world.wait(day_start(later(world.van.day)) + 1)
    assert not any(world.mine(who) for who in people)
    assert all(queue not in table for table in world.tables.values())
    assert not any(key[0] == queue for key in world.timers)


def test_a_long_queue_is_told_in_parts() -> None:
    """A call moves hundreds of places; no commit touches more than 32 topics, no view has more than 4 KB."""
    world = followed(quota=1000)
    people = [person(number) for number in range(MOST_TICKETS)]
    for who in people:
        world.take(who, name="x" * 60)
    refusal = world.refused("ticket.take", A, stop=STOP, service="KTP")
    assert refusal.code == "out_of_stock"
    world.press("van.arrive", STOP)
    world.settle()
    ticket = world.done("ticket.call", CREW).answer["ticket"]
    world.act("ticket.serve", ticket)
    assert len([cmd for cmd in world.settle() if cmd == "ticket.hear"]) >= MOST_TICKETS // 24
    assert [world.ticket(who)["ahead"] for who in people[1:]] == list(range(MOST_TICKETS - 1))


def test_nobody_is_named_in_public(world: Followed) -> None:
    """Whose a ticket is stands in the holder's topic and the crew's, nowhere else."""
    world.take(A, name="Bu Sri Wahyuni")
    public = {topic: table for topic, table in world.tables.items() if not topic.startswith(("person/", "queue/"))}
    text = json.dumps(public)
    assert "Sri" not in text
    assert A.person not in {word.strip('"') for word in text.split()}


def test_who_joins_a_queue() -> None:
    """Its van's crew, and nobody else."""
    (rule,) = [rule for rule in Tickets(CITY).topics if rule.pattern == "queue/<van>"]
    assert [name for name, actor in ACTORS.items() if rule.allow(actor, {"van": "v1"})] == ["crew"]


def test_timers_of_what_is_gone(world: Followed) -> None:
    """A queue that ended is no fault."""
    for cmd in ("ticket.hear", "ticket.end"):
        assert world.done(cmd, TIMER, queue="t01.KTP.v1.2026-01-01").writes == ()
    assert world.refused("ticket.serve", CREW, ticket="t01.KTP.v1.2026-01-01.x").code == "not_found"
    assert world.refused("ticket.call", Actor("c", "crew", van="v9"), stop=STOP).code == "not_allowed"


def test_news_that_change_nothing_write_nothing(world: Followed) -> None:
    """The queue is woken again when it would have been."""
    world.take(A)
    world.settle()
    before = dict(world.timers)
    world.now += 1
    world.done("ticket.trip", TIMER, trip=world.van.today)
    queue = world.queue().id
    world.timers.pop((queue, "hear"))
    decision = world.done("ticket.hear", TIMER, queue=queue)
    assert (decision.writes, world.timers) == ((), before)
