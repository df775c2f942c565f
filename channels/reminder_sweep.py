"""The reminders of one visit that are due: a batch of people rings, or hears how the visit ended."""

from __future__ import annotations

from msgspec.structs import replace

from channels.draft import Draft
from channels.reminder_things import BATCH, MOST_RINGS, Reminder, Watch, due_at
from channels.reminder_views import REMINDER_KIND, WATCH_KIND, group_of
from channels.van_bound import CLOSED, next_visit
from channels.van_things import Stop
from hub.contract import Decision, Members, Need, State, Thing


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
    needs.append(Thing("stop", watch.stop))
    group = first_due(watch)
    if group is None:
        return needs
    ids = state.found.get(batch_of(watch, group), ())
    return [*needs, batch_of(watch, group), *(Thing("reminder", one) for one in ids)]


def swept(state: State, watch: Watch, now: int) -> Decision:
    """One batch. A group that is found empty is left out, and a visit without groups after its day is forgotten."""
    draft = Draft(now, "reminder.swept", fired="sweep")
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
    rings = reminder.rings + 1
    group = f"r{watch.eta}" if rings < MOST_RINGS and watch.place == "expected" else "x"
    return replace(reminder, state="ringing", group=group, rings=rings, eta=watch.eta, at=now)
