"""What of tickets, reminders and wishes for a stop is personal, and whose; and a thing of theirs without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from channels import ticket_things
from channels.draft import Draft, Kind
from channels.reminder_things import Reminder
from channels.reminder_views import REMINDER_KIND
from channels.ticket_things import Queue, Ticket
from channels.ticket_views import QUEUE_KIND
from hub.contract import Decision, Personal

Declared = Mapping[type[Struct], Personal]

_ID: Final = "an id"
TICKETS: Final[Declared] = {
    ticket_things.Take: Personal({"name": "name"}),
    Queue: Personal(parts={"tickets": Ticket}),
    Ticket: Personal({"name": "name"}, whose="person"),
}
TICKETS_PLAIN: Final[Mapping[str, str]] = dict.fromkeys(("stop", "service", "ticket", "queue", "trip"), _ID)
REMINDERS: Final[Declared] = {Reminder: Personal({"stop_name": "place"}, whose="person", goes=True)}
REMINDERS_PLAIN: Final[Mapping[str, str]] = dict.fromkeys(("stop", "trip", "watch"), _ID)
KINDS: Final[Mapping[str, Kind]] = {"queue": QUEUE_KIND, "reminder": REMINDER_KIND}


def redrawn(type_: str, id_: str, before: Any, after: Any, now: int) -> Decision:
    """A thing with fewer fields, or gone, and what screens see of it."""
    draft = Draft(now, "privacy.erased")
    draft.put(KINDS[type_], id_, before, after)
    return draft.decision()
