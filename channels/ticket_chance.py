"""The next chance of somebody for whom nothing is left: the next visit with the service whose quota is not used up.

The queues of later days stand by themselves. Most often the next one has something left, so only those of the same day
and the next one are read, and the rest when that is full. A queue that fills up or has places again tells those of
earlier visits.
"""

from __future__ import annotations

from itertools import takewhile

from msgspec.structs import replace

from channels.ticket_queue import full, heard
from channels.ticket_things import Queue, queue_id
from channels.van_things import Stop, Trip, Visit
from hub.contract import Need, State, Thing, Timer


def chance_needs(state: State, stop: Stop | None, service: str, own: Queue | Visit) -> list[Need]:
    """The queues behind a visit, as far as the next chance asks for them; without services of the stop their trips."""
    if stop is None:
        return []
    later = _behind(stop, own)
    same_day = len(list(takewhile(lambda visit: visit.day == own.day, later)))
    near = [need for visit in later[: same_day + 1] for need in _needs(stop, visit, service)]
    known = all(need in state.found for need in near)
    if not known or any(_open(state, stop, visit, service, 0) for visit in later[same_day : same_day + 1]):
        return near
    return [need for visit in later for need in _needs(stop, visit, service)]


def next_chance(state: State, stop: Stop | None, queue: Queue, now: int) -> int:
    """When a van comes to a stop again with the service and something left, ms; 0 when nobody knows."""
    later = [visit for visit in _behind(stop, queue) if visit.scheduled_at > now] if stop is not None else []
    return next((visit.scheduled_at for visit in later if stop and _open(state, stop, visit, queue.service, now)), 0)


def with_news(state: State, queue: Queue, now: int) -> Queue:
    """The queue with what its van does now, its quota, and the next chance."""
    stop = state.thing(Stop, "stop", queue.stop)
    return heard(queue, state.thing(Trip, "trip", queue.trip), stop, next_chance(state, stop, queue, now), now)


def earlier(state: State, before: Queue | None, after: Queue, now: int) -> list[Timer]:
    """The queues of earlier visits hear when this one has become a chance, or is none any more."""
    stop = state.thing(Stop, "stop", after.stop)
    if stop is None or (before is not None and full(before, before.at)) == full(after, now):
        return []
    visits = [visit for visit in stop.visits if visit.scheduled_at < after.scheduled_at and visit.trip != after.trip]
    return [hear(queue_id(after.stop, after.service, visit.trip), now) for visit in visits]


def hear(id_: str, due: int) -> Timer:
    return Timer("queue", id_, "hear", due, "ticket.hear", {"queue": id_})


def _behind(stop: Stop, own: Queue | Visit) -> list[Visit]:
    """The visits to come behind one, in order."""
    at = next((visit.scheduled_at for visit in stop.visits if visit.trip == own.trip), own.scheduled_at)
    return [visit for visit in stop.visits if visit.state == "expected" and visit.scheduled_at > at]


def _needs(stop: Stop, visit: Visit, service: str) -> list[Need]:
    queue = Thing("queue", queue_id(stop.id, service, visit.trip))
    return [queue] if stop.services else [queue, Thing("trip", visit.trip)]


def _open(state: State, stop: Stop, visit: Visit, service: str, now: int) -> bool:
    """Whether a visit has the service and something left. `now` 0: while no place of a no-show is given back."""
    if not all(state.has(need) for need in _needs(stop, visit, service)):
        return False
    quotas = {one.service: one.quota for one in stop.services}
    if not quotas:
        trip = state.thing(Trip, "trip", visit.trip)
        quotas = dict.fromkeys(trip.services) if trip is not None else {}
    queue = state.thing(Queue, "queue", queue_id(stop.id, service, visit.trip))
    if service not in quotas or queue is None:
        return service in quotas and quotas[service] != 0
    return not full(replace(queue, quota=quotas[service]), now)
