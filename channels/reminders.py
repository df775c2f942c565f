"""Reminders: a warning in time before the van comes to a stop.

It rings once, on the earliest time at which the van may come, and until it is dismissed; again when that time moves
3 min earlier or more after it rang, at most twice. The van's arrival rings whatever has not rung. Who waits for a van
that does not come is told so. A trip's news touches only its visits (`Watch`); the people follow by timers that are due
at once, a batch in a commit.

What one minute's foretelling costs, with 2,000 who follow one stop as with one: the trip's own write, and, only when a
bound that is told moved, one `reminder.trip` that reads the followed visits of the trip (24 at most) and writes those
that moved, each with its timer. No reminder is read or written, nor anybody told, before a group has something to hear:
then 28 people in a commit, so 2,000 who ring at the same minute are 72 commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Draft, too_early
from channels.geo import City
from channels.reminder_sweep import swept, to_sweep, with_news
from channels.reminder_things import (
    REMINDER,
    RESIDENT,
    Dismiss,
    OneTrip,
    OneWatch,
    Reminder,
    SetReminder,
    Watch,
    watch_id,
)
from channels.reminder_views import REMINDER_KIND, WATCH_KIND, watches_of
from channels.rings import REMINDER_RINGS
from channels.van_bound import least_bound, lower_bound, next_visit, state_at
from channels.van_days import day_start, later
from channels.van_table import HUB, TIMER
from channels.van_things import Stop, Trip, Visit
from channels.visit_personal import REMINDERS, REMINDERS_PLAIN, redrawn
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Guard,
    Lane,
    Members,
    Need,
    Personal,
    Receipt,
    Refusal,
    State,
    Table,
    Thing,
    TopicRule,
    Waking,
)
from hub.machine import step


class Reminders(Channel):
    """The reminders service."""

    name: ClassVar[str] = "reminder"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "reminder.set": CommandSpec(SetReminder, RESIDENT, serial="stop"),
        "reminder.dismiss": CommandSpec(Dismiss, RESIDENT),
        "reminder.trip": CommandSpec(OneTrip, TIMER | HUB, serial="trip"),
        "reminder.sweep": CommandSpec(OneWatch, TIMER, serial="watch"),
    }
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"reminder": Reminder, "watch": Watch}
    tables: Mapping[str, Table] = {"reminder": REMINDER}
    presence: Mapping[str, str] = {}
    personal: Mapping[type[Struct], Personal] = REMINDERS
    plain: Mapping[str, str] = REMINDERS_PLAIN
    receipts: Mapping[str, Receipt] = {}
    waking: Sequence[Waking] = (REMINDER_RINGS,)
    topics: Sequence[TopicRule] = (
        TopicRule("person/<id>", "normal", lambda actor, segments: actor.person == segments["id"]),
    )

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, OneTrip):
            ids = state.found.get(Members(watches_of(data.trip)), ())
            return [Members(watches_of(data.trip)), Thing("trip", data.trip), *(Thing("watch", id_) for id_ in ids)]
        if isinstance(data, OneWatch):
            return to_sweep(state, data.watch)
        mine = Thing("reminder", f"{actor.person}.{data.stop}")
        if isinstance(data, SetReminder):
            return [mine, *_needs_of_set(state, data)]
        reminder = state.found.get(mine)
        return [mine] if reminder is None else [mine, Thing("watch", reminder.watch)]

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None

    def redrawn(self, type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
        return redrawn(type_, id_, before, after, now)

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, SetReminder):
            return _set(state, data, actor, now)
        if isinstance(data, Dismiss):
            return _dismiss(state, data, actor, now)
        if isinstance(data, OneTrip):
            return _moved(state, data.trip, now)
        watch = state.thing(Watch, "watch", data.watch)
        if watch is None:
            return Decision()
        return too_early(WATCH_KIND, watch.id, watch, "sweep", now) or swept(state, watch, now)


def _coming(stop: Stop) -> Visit | None:
    return next((visit for visit in stop.visits if visit.state in ("expected", "arrived")), None)


def _needs_of_set(state: State, data: SetReminder) -> list[Need]:
    stop = state.found.get(Thing("stop", data.stop))
    visit = _coming(stop) if stop is not None else None
    more = [] if visit is None else [Thing("trip", visit.trip), Thing("watch", watch_id(data.stop, visit.trip))]
    return [Thing("stop", data.stop), *more]


def _set(state: State, data: SetReminder, actor: Actor, now: int) -> Decision | Refusal:
    """A reminder of the next visit; it replaces this person's other one of this stop."""
    stop = state.thing(Stop, "stop", data.stop)
    if stop is None:
        return Refusal("not_found", f"no stop {data.stop}")
    visit = _coming(stop)
    trip = state.thing(Trip, "trip", visit.trip) if visit is not None else None
    if trip is None or state_at(trip, stop.id) not in ("expected", "arrived"):
        return Refusal("not_found", f"no van is expected at {data.stop}")
    before = state.thing(Reminder, "reminder", f"{actor.person}.{stop.id}")
    rule = step(REMINDER, before.state if before else "new", "reminder.set", actor.role)
    if isinstance(rule, Refusal):
        return rule
    known = state.thing(Watch, "watch", watch_id(stop.id, trip.id))
    group, watch = f"w{data.minutes}", _watch(stop, trip, now) if known is None else with_news(known, trip, now)
    draft = Draft(now, "reminder.set")
    _join(draft, known, watch, group)
    reminder = Reminder(
        id=f"{actor.person}.{stop.id}",
        person=actor.person,
        stop=stop.id,
        stop_name=stop.name,
        state="set",
        at=now,
        minutes=data.minutes,
        watch=watch.id,
        group=group,
    )
    draft.put(REMINDER_KIND, reminder.id, before, reminder)
    draft.guards.append(Guard("trip", trip.id))
    return draft.decision({"stop": stop.id, "minutes": data.minutes, "eta": max(now, watch.eta)})


def _join(draft: Draft, known: Watch | None, watch: Watch, group: str) -> None:
    """Somebody stands in a group. Where it is known the visit is only guarded: thousands may follow it at once."""
    if group in watch.groups and watch is known:
        draft.guards.append(Guard("watch", watch.id))
    else:
        groups = tuple(dict.fromkeys((*watch.groups, group)))
        draft.put(WATCH_KIND, watch.id, known, replace(watch, groups=groups, at=draft.now))


def _watch(stop: Stop, trip: Trip, now: int) -> Watch:
    eta = lower_bound(trip, stop.id, now)
    return Watch(
        id=watch_id(stop.id, trip.id),
        stop=stop.id,
        trip=trip.id,
        at=now,
        place=state_at(trip, stop.id),
        eta=eta,
        least=least_bound(trip, stop.id, now),
        ends_at=day_start(later(trip.day), trip.zone_ms),
        next_at=next_visit(stop, max(now, eta)),
    )


def _dismiss(state: State, data: Dismiss, actor: Actor, now: int) -> Decision | Refusal:
    """It stops ringing. One that has not rung yet will not."""
    before = state.thing(Reminder, "reminder", f"{actor.person}.{data.stop}")
    if before is None:
        return Refusal("not_found", f"no reminder of {data.stop}")
    rule = step(REMINDER, before.state, "reminder.dismiss", actor.role)
    if isinstance(rule, Refusal):
        return rule
    draft = Draft(now, "reminder.dismissed")
    if before.state != "dismissed":
        group = "x" if before.state == "set" else before.group
        watch = state.thing(Watch, "watch", before.watch)
        if watch is not None:
            _join(draft, watch, watch, group)
        draft.put(REMINDER_KIND, before.id, before, replace(before, state="dismissed", group=group, at=now))
    return draft.decision({"stop": data.stop, "state": "dismissed"})


def _moved(state: State, trip_id: str, now: int) -> Decision:
    """A trip has changed: each of its visits that somebody follows says when the van may come now."""
    trip = state.thing(Trip, "trip", trip_id)
    draft = Draft(now, "reminder.moved")
    for id_ in state.members(Members(watches_of(trip_id)))[:100]:
        watch = state.thing(Watch, "watch", id_)
        if watch is None:
            continue
        draft.put(WATCH_KIND, id_, watch, with_news(watch, trip, now))
    draft.guards.append(Guard("trip", trip_id))
    return draft.decision()
