"""A queue's parts by themselves: places, quotas, what is shown to how many, the sizes of views."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from channels.ticket_queue import counts, faces, full, next_up, shown, stale, taken, with_ticket
from channels.ticket_things import BACK_MS, GRACE_MS, NEAR_MS, SHOWN_AT_ONCE, Queue, Ticket, queue_id
from channels.ticket_views import QUEUE_KIND, crew_view, public_view, queue_views

NOW = 1_800_000_000_000
DUE = NOW + NEAR_MS


def queue(people: int, **more: object) -> Queue:
    tickets = tuple(Ticket(number, f"p{number}", NOW, name="x" * 60) for number in range(1, people + 1))
    made = Queue(
        id=queue_id("s" * 40, "S" * 40, "v" * 40 + ".2027-01-15"),
        stop="s" * 40,
        stop_name="n" * 60,
        service="S" * 40,
        trip="v1.2027-01-15",
        van="v1",
        day="2027-01-15",
        at=NOW,
        scheduled_at=DUE,
        ends_at=NOW + 10 * NEAR_MS,
        eta=DUE,
        live=True,
        last=people,
        tickets=tickets,
    )
    return msgspec.structs.replace(made, **more)


@pytest.mark.parametrize(
    ("place", "now", "going"),
    [("expected", NOW - 1, 0), ("expected", NOW, 3), ("arrived", NOW, 6), ("skipped", NOW, 0), ("departed", NOW, 0)],
)
def test_who_sets_out(place: str, now: int, going: int) -> None:
    """Three when the van may come within 30 min, six when it is there, nobody when it does not come."""
    states = [face.state for face in faces(queue(8, place=place), now).values()]
    assert states.count("go") == going


@pytest.mark.parametrize(("late", "going"), [(0, 3), (BACK_MS, 3), (BACK_MS + 1, 0)])
def test_nobody_is_called_back_for_a_few_minutes(late: int, going: int) -> None:
    """Who has been told to set out waits again only when the van is ten minutes later than it must be to tell them."""
    line = shown(queue(8), NOW)
    states = [face.state for face in faces(replace(line, eta=DUE + late), NOW).values()]
    assert states.count("go") == going


def test_ahead_counts_who_is_called() -> None:
    """Whoever is at the desk is ahead of the next; whoever is done is not."""
    first, second, third = queue(3).tickets
    line = with_ticket(queue(3), replace(first, state="called"))
    assert [face.ahead for face in faces(line, NOW).values()] == [0, 1, 2]
    line = with_ticket(line, replace(first, state="served"))
    assert [face.ahead for face in faces(line, NOW).values()] == [0, 0, 1]
    assert next_up(line) == second
    assert with_ticket(line, third) == line


def test_a_no_show_counts_until_the_grace_is_over() -> None:
    """Then the quota has its place again."""
    ticket = Ticket(1, "p1", NOW, state="no_show", grace_until=NOW + GRACE_MS)
    line = with_ticket(queue(1, quota=1), ticket)
    assert (counts(ticket, NOW + GRACE_MS - 1), full(line, NOW)) == (True, True)
    assert (taken(line, NOW + GRACE_MS), full(line, NOW + GRACE_MS)) == (0, False)


def test_a_few_are_shown_at_once() -> None:
    """24 people a commit, those first whose state is another, until nobody is left."""
    line, parts = queue(60), 0
    while stale(line, NOW):
        before, line, parts = line, shown(line, NOW), parts + 1
        moved = [1 for one, other in zip(before.tickets, line.tickets, strict=True) if one.shown != other.shown]
        assert len(moved) <= SHOWN_AT_ONCE
    assert parts == 3
    line = shown(replace(line, place="arrived"), NOW)
    assert [ticket.shown.state for ticket in line.tickets[:7] if ticket.shown] == ["go"] * 6 + ["waiting"]


def test_views_are_small() -> None:
    """With the longest words: the public view under 1 KB, the crew's under 8 KB, a ticket under 1 KB."""
    line = shown(queue(300), NOW)
    assert len(msgspec.msgpack.encode(public_view(line))) < 1024
    assert len(msgspec.msgpack.encode(crew_view(line))) < 8192
    assert crew_view(line)["more"] == 280
    tickets = [view for (topic, _), view in queue_views(line, NOW).items() if topic.startswith("person/")]
    assert max(len(msgspec.msgpack.encode(view)) for view in tickets) < 1024
    assert len(msgspec.msgpack.encode(line)) < 60_000


def test_when_it_wakes() -> None:
    """At once while somebody is to be shown more, else as the van comes near; at midnight in any case."""
    assert QUEUE_KIND.deadlines is not None
    line = queue(1, at=NOW - 5)
    assert QUEUE_KIND.deadlines(line)["hear"] == (NOW - 5, "ticket.hear")
    assert QUEUE_KIND.deadlines(shown(line, NOW - 5))["hear"] == (NOW, "ticket.hear")
    assert set(QUEUE_KIND.deadlines(shown(replace(line, place="departed"), NOW))) == {"end"}


def test_what_the_crew_sees_of_a_queue() -> None:
    """Who waits, who is called, a no-show with the end of its grace, and how many were served and did not come."""
    first, second, third, fourth = queue(4).tickets
    line = with_ticket(queue(4), replace(first, state="served"))
    line = with_ticket(line, replace(second, state="no_show", grace_until=NOW))
    line = with_ticket(line, replace(third, state="no_show", grace_until=NOW + GRACE_MS, name=""))
    view = crew_view(with_ticket(line, replace(fourth, state="called", name="Wulan")))
    no_show = {"ticket": f"{line.id}.3", "number": 3, "state": "no_show", "grace_until": NOW + GRACE_MS}
    assert view["tickets"] == [
        no_show,
        {"ticket": f"{line.id}.4", "number": 4, "state": "called", "name": "Wulan"},
    ]
    assert (view["served"], view["no_shows"]) == (1, 2)
