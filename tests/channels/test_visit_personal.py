"""Tickets, reminders and wishes without what is personal of somebody."""

from __future__ import annotations

from channels.reminder_things import Reminder
from channels.ticket_things import Face, Queue, Ticket
from channels.visit_personal import REMINDERS, TICKETS, redrawn
from hub.contract import SetEntry
from hub.personal import Declared
from tests.channels.world import NOW

DECLARED = Declared({**TICKETS, **REMINDERS}, {"queue": Queue, "reminder": Reminder})


def test_a_ticket_keeps_its_number_and_loses_its_name() -> None:
    """The crew goes on calling numbers; others' names are there."""
    queue = Queue(
        id="q", stop="p1", stop_name="Balai", service="ktp", trip="t", van="v1", day="2026-11-27", at=NOW,
        scheduled_at=NOW, ends_at=NOW + 1, live=True,
        tickets=(
            Ticket(1, "ani", NOW, name="Ani", shown=Face("waiting", 0, 0, NOW)), Ticket(2, "budi", NOW, name="Budi"),
        ),
    )  # fmt: skip
    after = DECLARED.blanked("queue", "q", queue, "ani")
    assert isinstance(after, Queue)
    assert [(ticket.number, ticket.person, ticket.name) for ticket in after.tickets] == [
        (1, "ani", ""),
        (2, "budi", "Budi"),
    ]
    (crew,) = redrawn("queue", "q", queue, after, NOW).changes
    assert crew.topic == "queue/v1"
    assert crew.view is not None
    assert [ticket.get("name") for ticket in crew.view["tickets"]] == [None, "Budi"]


def test_a_reminder_goes_with_its_place_in_line() -> None:
    """Off the screen and out of its group."""
    reminder = Reminder(
        id="ani.p1", person="ani", stop="p1", stop_name="Balai", state="set", at=NOW, minutes=10, watch="w",
        group="w10",
    )  # fmt: skip
    assert DECLARED.blanked("reminder", "ani.p1", reminder, "ani") is None
    decision = redrawn("reminder", "ani.p1", reminder, None, NOW)
    assert [(change.topic, change.view) for change in decision.changes] == [("person/ani", None)]
    assert decision.index == (SetEntry("reminders/w/w10", "ani.p1", remove=True),)
