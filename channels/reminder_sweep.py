"""The reminders of one visit that are due: a batch of people rings, or hears how the visit ended.

A sweep looks at the trip itself before it rings anybody, so nobody rings by a time that has moved, or at a stop that
the van leaves out, however soon after the news the timer fires.
"""

from __future__ import annotations

from msgspec.structs import replace

from channels.draft import Draft
from channels.reminder_things import BATCH, MOST_RINGS, Reminder, Watch, due_at
from channels.reminder_views import REMINDER_KIND, WATCH_KIND, group_of
from channels.van_bound import CLOSED, kept, least_bound, lower_bound, next_visit, state_at
from channels.van_things import Stop, Trip
from hub.contract import Decision, Guard, Members, Need, State, Thing


def with_news(watch: Watch, trip: Trip | None, now: int) -> Watch:
    """The visit with what its van does now and when it may come; the same object when those who wait lose nothing."""
    place = state_at(trip, watch.stop)
    if trip is None or place in CLOSED:
        return watch if place == watch.place else replace(watch, place=place, at=now)
    eta = lower_bound(trip, watch.stop, now)
    if place == watch.place and kept(watch.eta, eta, now) == watch.eta:
        return watch
    return replace(watch, place=place, eta=eta, least=least_bound(trip, watch.stop, now), at=now)


def batch_of(watch: Watch, group: str) -> Members:
    return Members(group_of(watch.id, group), BATCH)


def first_due(watch: Watch) -> str | None:
    """The group that is due first."""
    return min(watch.groups, key=lambda group: (due_at(watch, group), group), default=None)


def to_sweep(state: State, id_: str) -> list[Need]:
    """A visit, its stop, and a batch of the group that is due first."""
    needs: list[Need] = [Thing("watch", id_)]
    watch = state.found.get(needs[0])
    if watch is None:
        return needs
    needs += [Thing("stop", watch.stop), Thing("trip", watch.trip)]
    group = first_due(watch)
    if group is None:
        return needs
    ids = state.found.get(batch_of(watch, group), ())
    return [*needs, batch_of(watch, group), *(Thing("reminder", one) for one in ids)]


def swept(state: State, watch: Watch, now: int) -> Decision:
    """The trip's news if there are any, else one batch.

    A group that is found empty is left out, and a visit without groups after its day is forgotten.
    """
    draft = Draft(now, "reminder.swept", fired="sweep")
    draft.guards.append(Guard("trip", watch.trip))
    heard = with_news(watch, state.thing(Trip, "trip", watch.trip), now)
    if heard is not watch:  # its timer is set anew, at once if somebody is still to ring
        draft.put(WATCH_KIND, watch.id, watch, heard)
        return draft.decision()
    group = first_due(watch)
    if group is None:  # nobody follows it any more: only the visit's own end was due
        draft.put(WATCH_KIND, watch.id, watch, None)
        return draft.decision()
    ids = state.members(batch_of(watch, group))
    next_at = next_visit(state.thing(Stop, "stop", watch.stop), max(now, watch.eta))
    groups = dict.fromkeys(watch.groups)
    for id_ in ids:
        reminder = state.thing(Reminder, "reminder", id_)
        if reminder is None or reminder.group != group or reminder.watch != watch.id:
            continue  # the search was a hint: it was set anew meanwhile
        after = None if now >= watch.ends_at else told(reminder, watch, next_at, now)
        if after is not None:
            groups[after.group] = None
        event = "reminder.ended" if after is None else f"reminder.{'rang' if after.state == 'ringing' else after.state}"
        draft.put(REMINDER_KIND, id_, reminder, after, event=event)
    if len(ids) < BATCH:
        del groups[group]
    left = replace(watch, groups=tuple(groups), at=now)
    draft.put(WATCH_KIND, watch.id, watch, left if groups or now < watch.ends_at else None)
    return draft.decision()


def told(reminder: Reminder, watch: Watch, next_at: int, now: int) -> Reminder:
    """A reminder after its group's turn came."""
    if watch.place in CLOSED:
        return replace(reminder, state="over", group="o", why=watch.place, next_at=next_at, at=now)
    rings, expected = reminder.rings + 1, watch.place == "expected"
    group = f"r{watch.least or watch.eta}" if rings < MOST_RINGS and expected else "x"
    eta = max(now, watch.eta) if expected else watch.eta
    return replace(reminder, state="ringing", group=group, rings=rings, eta=eta, at=now)
