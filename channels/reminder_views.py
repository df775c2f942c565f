"""What a person sees of a reminder, how its group is found, and when a visit needs waking."""

from __future__ import annotations

from typing import Final

from channels.draft import Deadlines, Entries, Kind
from channels.reminder_things import Reminder, Watch, due_at
from channels.views import Views
from hub.contract import SetEntry, View


def watches_of(trip: str) -> str:
    """The index of a trip's visits that somebody follows."""
    return f"watches/{trip}"


def group_of(watch: str, group: str) -> str:
    """The index of a group's reminders."""
    return f"reminders/{watch}/{group}"


def reminder_views(reminder: Reminder, now: int) -> Views:
    return {(f"person/{reminder.person}", reminder.stop): reminder_view(reminder)}


def reminder_view(reminder: Reminder) -> View:
    view: View = {
        "type": "reminder",
        "id": reminder.stop,
        "state": reminder.state,
        "at": reminder.at,
        "stop": reminder.stop,
        "stop_name": reminder.stop_name,
        "minutes": reminder.minutes,
        "rings": reminder.rings,
    }
    for key in ("eta", "why", "next_at"):
        if value := getattr(reminder, key):
            view[key] = value
    return view


def _reminder_index(reminder: Reminder) -> Entries:
    index = group_of(reminder.watch, reminder.group)
    return {(index, reminder.id): SetEntry(index, reminder.id)}


def _deadlines(watch: Watch) -> Deadlines:
    times = [due_at(watch, group) for group in watch.groups]
    return {"sweep": (min([*times, watch.ends_at]), "reminder.sweep")}


def _watch_index(watch: Watch) -> Entries:
    return {(watches_of(watch.trip), watch.id): SetEntry(watches_of(watch.trip), watch.id)}


REMINDER_KIND: Final = Kind("reminder", reminder_views, index=_reminder_index)
WATCH_KIND: Final = Kind("watch", lambda watch, now: {}, _deadlines, _watch_index)
