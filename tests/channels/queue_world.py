"""A van's stops with tickets, reminders and wishes: the vans' world with their followers beside it."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
import pytest

from channels import van_bound, van_foretell
from channels.asked import Asking
from channels.reminders import Reminders
from channels.ticket_things import Queue, queue_id
from channels.tickets import Tickets
from channels.van_days import MINUTE_MS, day_start, later
from channels.van_things import Eta, Trip
from hub.contract import SYSTEM, TIMER, Actor, Command, Decision, Facts, Members, Need, Refusal, SetEntry, State, Thing
from tests.channels.van_world import CITY, CREW, DESK, NOW, SEED, TODAY, VANS, World

CHANNELS = (VANS, Tickets(CITY), Reminders(CITY), Asking(CITY))
OF = {name: channel for channel in CHANNELS for name in channel.commands}
KTP: dict[str, Any] = {"service": "KTP", "papers": ["KK"]}
STOP = "t01"


def person(number: int | str) -> Actor:
    return Actor(f"p{number}", "resident")


class Followed(World):
    """The vans' world in which everybody else hears as well; timers run by name."""

    def __init__(self) -> None:
        super().__init__()
        self.sets: dict[str, set[str]] = {}

    def _searched(self, need: Need) -> Any:
        if isinstance(need, Members):
            return tuple(sorted(self.sets.get(need.index, ())))[: need.limit]
        return self.found.get(need)

    def run(self, cmd: str, actor: Actor, demo: bool = False, **data: Any) -> Decision | Refusal:
        channel = OF[cmd]
        data = data or {"van": "v1"}
        command = Command("c1", cmd, msgspec.convert(data, channel.commands[cmd].data))
        state, before = State(), -1
        while len(state.found) != before:
            before = len(state.found)
            for need in channel.gather(state, command, actor):
                state.found.setdefault(need, self._searched(need))
        self.made += 1
        facts = Facts(new_ids=(f"0198-{self.made:012}", f"b{self.made}"), demo=demo)
        decision = channel.decide(state, command, facts, actor, self.now)
        if isinstance(decision, Decision):
            assert all(Thing(guard.type, guard.id) in state.found for guard in decision.guards)
            self._keep(decision)
            for entry in decision.index:
                assert isinstance(entry, SetEntry)
                members = self.sets.setdefault(entry.index, set())
                (members.discard if entry.remove else members.add)(entry.member)
        return decision

    def knows(self, cmd: str) -> bool:
        return cmd in OF

    def settle(self) -> list[str]:
        """Run what is due now."""
        return self.wait(self.now)

    def things(self) -> list[tuple[Thing, Any]]:
        return [(need, found) for need, found in self.found.items() if isinstance(need, Thing)]

    def mine(self, who: Actor) -> dict[str, Any]:
        """The table of a person's own topic."""
        return self.tables.get(f"person/{who.person}", {})

    def take(self, who: Actor, service: str = "KTP", stop: str = STOP, **more: Any) -> str:
        decision = self.done("ticket.take", who, stop=stop, service=service, **more)
        return str(decision.answer["ticket"])

    def ticket(self, who: Actor) -> dict[str, Any]:
        (view,) = [view for view in self.mine(who).values() if view["type"] == "ticket"]
        return dict(view)

    def reminder(self, who: Actor, stop: str = STOP) -> dict[str, Any]:
        return dict(self.mine(who)[stop])

    def queue(self, service: str = "KTP", stop: str = STOP) -> Queue:
        queue: Queue = self.found[Thing("queue", queue_id(stop, service, self.van.today))]
        return queue

    def act(self, cmd: str, ticket: str, actor: Actor = CREW) -> Decision:
        return self.done(cmd, actor, ticket=ticket)


def followed(quota: int = 3) -> Followed:
    """Six in the morning, two hours before the seed's van comes to its first stop: a quota for KTP and none for KK."""
    morning, made = _morning(quota), Followed()
    made.found, made.timers = dict(morning.found), dict(morning.timers)
    made.tables = {topic: dict(table) for topic, table in morning.tables.items()}
    made.sets = {index: set(members) for index, members in morning.sets.items()}
    made.now, made.made = morning.now, morning.made
    return made


@cache
def _morning(quota: int) -> Followed:
    """The day before takes a second to run; what is kept in it is frozen, so every test has its own for little."""
    made = Followed()
    made.done("van.seed", SYSTEM, **SEED)
    made.wait(day_start(later(TODAY)) + 6 * 60 * MINUTE_MS)
    services = [{**KTP, "quota": quota}, {"service": "KK"}]
    made.done("stop.save", DESK, stop=STOP, services=services)
    return made


def saying(patch: pytest.MonkeyPatch) -> dict[str, int]:
    """From now on a van is foretold only what stands here, stop -> lower bound; while it is empty nothing is.

    The range is said through all that real predictions go through: the trip's own timer, and its commit.
    """
    lows: dict[str, int] = {}

    def foretold(trip: Trip, place: object, now: int, most: int = 0) -> dict[str, Eta]:
        expected = [at.id for at in trip.stops if at.state == "expected" and at.id in lows]
        return {stop: Eta(lows[stop], lows[stop], lows[stop] + MINUTE_MS, "fix", 0) for stop in expected}

    for module in (van_foretell, van_bound):
        patch.setattr(module, "foretold", foretold)
    return lows


def writing(world: Followed, patch: pytest.MonkeyPatch) -> list[str]:
    """The types of all things and the topics of all views that are written from now on."""
    written: list[str] = []
    keep = world._keep

    def kept(decision: Decision) -> None:
        written.extend(map(attrgetter("type"), decision.writes))
        written.extend(map(attrgetter("topic"), decision.changes))
        keep(decision)

    patch.setattr(world, "_keep", kept)
    return written


__all__ = ["CREW", "DESK", "NOW", "STOP", "TIMER", "Followed", "followed", "person", "saying", "writing"]
