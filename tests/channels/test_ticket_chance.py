"""The next chance: the next visit with the service whose quota is not used up, named in the refusal and the views."""

from __future__ import annotations

import pytest

from channels.van_days import later
from tests.channels.queue_world import DESK, STOP, Followed, followed, person

A, D = person("a"), person("d")


@pytest.fixture
def world() -> Followed:
    return followed()


def next_at(world: Followed, days: int, stop: str = STOP) -> int:
    """When the van comes so many days later."""
    at = world.trip_of(later(world.van.day, days)).of(stop)
    assert at is not None
    return at.scheduled_at


def sold_out(world: Followed, *days: int) -> list[str]:
    """Fill the queues of today and of these days; the first ticket of each."""
    tickets = {}
    for day in (0, *days):
        for n in range(3):
            tickets[day, n] = world.take(person(f"{day}-{n}"), day=later(world.van.day, day))
    return [tickets[day, 0] for day in (0, *days)]


def test_the_next_chance_has_something_left(world: Followed) -> None:
    """Days whose quota is used up are passed over; one that has a place again, or none any more, is told at once."""
    tickets = sold_out(world, 1, 2)
    view = world.tables[f"stop/{STOP}"]
    world.settle()
    refusal = world.refused("ticket.take", D, stop=STOP, service="KTP")
    assert refusal.data == {"next_at": next_at(world, 3), "left": 0}
    assert view[world.queue().id]["next_at"] == next_at(world, 3)
    world.act("ticket.cancel", tickets[1], person("1-0"))
    world.settle()
    assert view[world.queue().id]["next_at"] == next_at(world, 1)
    world.take(D, day=later(world.van.day))
    world.settle()
    assert view[world.queue().id]["next_at"] == next_at(world, 3)


def test_no_chance_is_named_when_there_is_none(world: Followed) -> None:
    """Every day that is planned is used up, the service is not done there any more, or its quota is nothing."""
    sold_out(world, *range(1, 8))
    assert world.refused("ticket.take", D, stop=STOP, service="KTP").data == {"left": 0}
    world = followed()
    sold_out(world)
    for services in ([{"service": "KK"}], [{"service": "KTP", "quota": 0}]):
        world.done("stop.save", DESK, stop=STOP, services=services)
        world.press("van.skip", STOP) if world.stop(STOP) == "expected" else None
        world.settle()
        assert "next_at" not in world.tables[f"stop/{STOP}"][world.queue().id]


def test_a_quota_that_is_raised_is_heard_at_once(world: Followed) -> None:
    """The desk's new figure opens today's queue again."""
    sold_out(world)
    assert world.tables[f"stop/{STOP}"][world.queue().id]["state"] == "full"
    world.done("stop.save", DESK, stop=STOP, services=[{"service": "KTP", "quota": 4}])
    world.settle()
    assert world.tables[f"stop/{STOP}"][world.queue().id]["state"] == "open"


def test_without_services_of_its_own_the_next_van_must_do_it(world: Followed) -> None:
    """What the van of the next visit does counts; a queue there that has no quota has something left up to 300."""
    service = world.van.services[0]
    ticket = world.take(A, service, "t02")
    world.press("van.skip", "t02")
    world.settle()
    assert world.ticket(A)["id"] == ticket
    assert world.ticket(A)["next_at"] == next_at(world, 1, "t02")
