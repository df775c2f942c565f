"""What reminders speak in: their table, the data of their commands, and how those of one visit wait in groups.

A stop may be followed by thousands, and its van may be a minute later with every traffic light. So the visit is one
thing (`Watch`), its reminders stand in groups that are found by index, and only a group that has something to hear is
worked off, a batch of people in a commit:

* `w<minutes>`: not rung yet; due so many minutes before the van may come.
* `r<time>`: rung when the van might come at that time; due again when that is 3 min earlier.
* `x`: rings no more; hears how the visit ends.
* `o`: over; leaves its table at midnight.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from channels.van_bound import CLOSED
from channels.van_days import MINUTE_MS
from channels.van_table import TIMER
from channels.van_things import Word
from hub.contract import Rule, Table

BATCH: Final = 28
"""People told in one commit: it touches 32 topics."""
EARLIER_MS: Final = 3 * MINUTE_MS
"""How much earlier the van must be expected for a reminder to ring again."""
MOST_RINGS: Final = 3
"""Once, and at most twice again."""

RESIDENT: Final = frozenset({"resident"})

_SWEEP = {"reminder.sweep": Rule(TIMER, "over", "the van has left, or does not come")}
REMINDER: Table = {
    "new": {"reminder.set": Rule(RESIDENT, "set")},
    "set": {
        "reminder.set": Rule(RESIDENT, "set", "it replaces the one before"),
        "reminder.dismiss": Rule(RESIDENT, "dismissed", "it will not ring"),
        "reminder.ring": Rule(TIMER, "ringing", "the van may come within the minutes, or is there"),
        **_SWEEP,
    },
    "ringing": {
        "reminder.set": Rule(RESIDENT, "set", "it replaces the one before"),
        "reminder.dismiss": Rule(RESIDENT, "dismissed"),
        "reminder.ring": Rule(TIMER, "ringing", "the van is 3 min earlier; at most twice"),
        **_SWEEP,
    },
    "dismissed": {
        "reminder.set": Rule(RESIDENT, "set", "it replaces the one before"),
        "reminder.dismiss": Rule(RESIDENT, None, "said again"),
        "reminder.ring": Rule(TIMER, "ringing", "it had rung and the van is 3 min earlier; at most twice"),
        **_SWEEP,
    },
    "over": {"reminder.set": Rule(RESIDENT, "set", "for the next visit")},
}
"""`reminder.ring` names what a sweep does to one reminder; only the sweep is a command."""


# -- data of commands ---------------------------------------------------------


class SetReminder(Struct, frozen=True):
    """`minutes` before the van may come at the earliest."""

    stop: Word
    minutes: Annotated[int, Meta(ge=1, le=120)]


class Dismiss(Struct, frozen=True):
    stop: Word


class OneTrip(Struct, frozen=True):
    trip: Annotated[str, Meta(min_length=1, max_length=80)]


class OneWatch(Struct, frozen=True):
    watch: Annotated[str, Meta(min_length=1, max_length=160)]


# -- things -------------------------------------------------------------------


class Reminder(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One person's reminder of one stop.

    Args:
        watch: the visit it is of. group: where it waits there.
        eta: when the van was expected at the earliest when it rang last.
    """

    v: int = 1
    id: str
    person: str
    stop: str
    stop_name: str
    state: str
    at: int
    minutes: int
    watch: str
    group: str
    rings: int = 0
    eta: int = 0
    why: str = ""
    next_at: int = 0


class Watch(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A visit of a van and the groups of reminders that wait for it.

    Args:
        place: what the van does at the stop. eta: when it may come at the earliest.
        least: where it would be by the timetable alone once it is foretold; whoever rings now compares with that.
        groups: those that may have members; one that was found empty is left out.
        ends_at: the midnight at which the last of it goes.
    """

    v: int = 1
    id: str
    stop: str
    trip: str
    at: int
    place: str
    eta: int
    ends_at: int
    next_at: int = 0
    least: int = 0
    groups: tuple[str, ...] = ()


def watch_id(stop: str, trip: str) -> str:
    return f"{stop}.{trip}"


def due_at(watch: Watch, group: str) -> int:
    """When a group has something to hear; at midnight every one has."""
    kind, due = group[0], watch.ends_at
    if kind != "o" and watch.place in CLOSED:
        due = watch.at
    elif kind == "w":
        due = watch.at if watch.place == "arrived" else watch.eta - int(group[1:]) * MINUTE_MS
    elif kind == "r" and watch.place == "expected" and int(group[1:]) - watch.eta >= EARLIER_MS:
        due = watch.at
    return min(due, watch.ends_at)
