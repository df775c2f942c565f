"""One decision over trips and the stops they visit: neither is ever written without the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from channels.draft import Draft
from channels.van_bound import STALE_MS
from channels.van_things import MOST_TOUCHED, MOST_VISITS, Stop, Trip, TripStop, Visit
from channels.van_views import STOP_KIND, TRIP_KIND
from hub.contract import Decision, Need, Refusal, State, Thing, Timer


class Book:
    """Trips and stops as one command leaves them.

    Args:
        state: holds every stop of every trip that is put.
        draft: what else the command does.
    """

    def __init__(self, state: State, draft: Draft) -> None:
        self._state, self._draft = state, draft
        self._stops: dict[str, tuple[Stop, str]] = {}

    def stop(self, id_: str) -> Stop | None:
        """A stop as it is now, in this decision."""
        put = self._stops.get(id_)
        return put[0] if put is not None else self._read(id_)

    def _read(self, id_: str) -> Stop | None:
        """A stop as it was read; one that is made just now was not."""
        return self._state.thing(Stop, "stop", id_) if self._state.has(Thing("stop", id_)) else None

    def put_stop(self, stop: Stop, event: str) -> None:
        self._stops[stop.id] = (stop, event)

    def put_trip(
        self,
        before: Trip | None,
        after: Trip,
        event: str = "",
        events: Mapping[str, str] | None = None,
        *,
        leaves: bool = False,
    ) -> None:
        """A trip, and its visits at the stops.

        Args:
            event: the kind of its changes; the draft's when empty.
            events: stop -> the kind of that stop's own change, where it is another.
            leaves: its day is over: its stops show it no longer.
        """
        self._draft.put(TRIP_KIND, after.id, before, after, event=event)
        if before is not None and _moved(before, after, self._draft.now):
            self._draft.timers += followers(after.id, self._draft.now)
        for id_ in dict.fromkeys(one.id for trip in (before, after) if trip is not None for one in trip.stops):
            stop, at = self.stop(id_), after.of(id_)
            if stop is None:
                continue  # nobody deletes stops; a trip that names none goes on without
            others = [visit for visit in stop.visits if visit.trip != after.id]
            known = next((visit for visit in stop.visits if visit.trip == after.id), None)
            mine = [] if at is None or leaves else [_visit(after, at, known)]
            visits = tuple(sorted(others + mine, key=lambda visit: visit.scheduled_at))
            if visits != stop.visits:
                kind = (events or {}).get(id_, event or self._draft.event)
                self.put_stop(replace(stop, visits=visits, at=self._draft.now), kind)

    def decision(self, answer: dict[str, Any], *, plans: bool = False) -> Decision | Refusal:
        """All of it.

        Args:
            plans: visits are added by a desk, so that a stop may have too many; what drives or a timer never does.
        """
        if len(self._stops) > MOST_TOUCHED:
            message = f"expected a change of at most {MOST_TOUCHED} stops, got {len(self._stops)}"
            return Refusal("bad_data", f"data.stops: {message}")
        for id_, (stop, event) in self._stops.items():
            if plans and len(stop.visits) > MOST_VISITS:
                return Refusal("bad_data", f"data.stops: expected at most {MOST_VISITS} visits to come at {id_}")
            self._draft.put(STOP_KIND, id_, self._read(id_), stop, event=event)
        return self._draft.decision(answer)


def _moved(before: Trip, after: Trip, now: int) -> bool:
    """Whether anything moved that those who wait go by: a minute in which nothing did wakes nobody."""
    return before is not after and (now - before.foretold_at > STALE_MS or _known(before) != _known(after))


def _known(trip: Trip) -> tuple[bool, str, list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = [
        (at.id, at.state, at.scheduled_at, at.arrived_at, at.eta and at.eta.low) for at in trip.stops
    ]
    return trip.live, trip.state, rows


def followers(trip: str, now: int) -> list[Timer]:
    """Who holds a ticket or a reminder hears by timers due at once: they may be more than one commit touches."""
    heard_by = {"tickets": "ticket.trip", "reminders": "reminder.trip"}
    return [Timer("trip", trip, name, now, cmd, {"trip": trip}) for name, cmd in heard_by.items()]


def _visit(trip: Trip, at: TripStop, known: Visit | None) -> Visit:
    """What the stop shows. A van's new name alone writes no stop: it comes with the next change."""
    visit = Visit(
        trip=trip.id,
        van=trip.van,
        van_name=trip.van_name,
        day=trip.day,
        scheduled_at=at.scheduled_at,
        state=at.state,
        arrived_at=at.arrived_at,
        departed_at=at.departed_at,
        reason=at.reason if at.state == "skipped" else None,
        eta=at.eta if trip.live and at.state == "expected" else None,
    )
    same = known is not None and replace(visit, van_name=known.van_name) == known
    return known if same and known is not None else visit


def stops_of(state: State, trips: Iterable[str]) -> list[Need]:
    """The trips, and the stops of those that were found."""
    needs: list[Need] = []
    for id_ in trips:
        needs.append(Thing("trip", id_))
        trip = state.found.get(Thing("trip", id_))
        needs += [Thing("stop", one.id) for one in trip.stops] if trip is not None else []
    return needs
