"""The crew's news: what a desk changed in the van's trip of today rings on the crew's phones until one of them says so.

A trip that is changed under way changes the work of those who drive it, and nobody looks at a list while driving. What
the crew did itself, and what its fixes said, is no news. Changes that come before the crew has read the last ones are
told together; at midnight in the city they are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from channels.draft import Draft, too_early
from channels.geo import City
from channels.news_things import NEWS, NEWS_KIND, Changed, ChangedStop, EndNews, News, SeenNews
from channels.rings import TRIP_RINGS
from channels.van_days import day_start, later
from channels.van_table import CREW, TIMER
from channels.van_things import Trip
from hub.contract import (
    Actor,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Lane,
    Need,
    Refusal,
    State,
    Table,
    Thing,
    TopicRule,
    Waking,
)
from hub.machine import step


class CrewNews(Channel):
    """The service; see `hub.contract.Channel`."""

    name: ClassVar[str] = "news"
    lane: ClassVar[Lane] = "normal"

    commands: Mapping[str, CommandSpec] = {
        "news.trip": CommandSpec(Changed, TIMER, serial="trip"),
        "news.seen": CommandSpec(SeenNews, CREW, serial="van"),
        "news.end": CommandSpec(EndNews, TIMER, serial="news"),
    }
    things: Mapping[str, type[Struct]] = {"news": News}
    tables: Mapping[str, Table] = {"news": NEWS}
    plain: Mapping[str, str] = dict.fromkeys(("trip", "stop", "van", "news"), "an id")
    waking: Sequence[Waking] = (TRIP_RINGS,)
    topics: Sequence[TopicRule] = (
        TopicRule(
            "crew/<van>", "normal", lambda actor, segments: actor.role == "crew" and actor.van == segments["van"]
        ),
    )

    def __init__(self, city: City) -> None:
        self._city = city

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        data = command.data
        if isinstance(data, Changed):
            trip = state.found.get(Thing("trip", data.trip))
            return [Thing("trip", data.trip), *([Thing("news", trip.van)] if trip is not None else [])]
        return [Thing("news", data.van if isinstance(data, SeenNews) else data.news)]

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        data = command.data
        if isinstance(data, Changed):
            return _told(state, data, now)
        if isinstance(data, SeenNews):
            return _seen(state, data, actor, now)
        news = state.thing(News, "news", data.news)
        return Decision() if news is None else too_early(NEWS_KIND, news.id, news, "end", now) or _over(news, now)


def _told(state: State, data: Changed, now: int) -> Decision:
    """The crew's phones ring. What was not read yet is told again with it."""
    trip = state.thing(Trip, "trip", data.trip)
    if trip is None or not trip.live:
        return Decision()  # its day is over: there is nobody left who could drive otherwise
    before = state.thing(News, "news", trip.van)
    fresh = _stops(trip, data)
    unread = before if before is not None and before.trip == trip.id and before.state == "ringing" else None
    if unread is not None and data.what == "changed":
        others = [one for one in unread.stops if one.stop not in {row.stop for row in fresh}]
        # Of a trip that is wholly new to them they read all stops.
        what, stops = unread.what, (*others, *fresh) if unread.what == "changed" else ()
    else:
        what, stops = data.what, fresh
    news = News(
        id=trip.van, trip=trip.id, day=trip.day, at=now, rung_at=now, what=what, stops=stops, reason=trip.reason,
        ends_at=day_start(later(trip.day), trip.zone_ms),
    )  # fmt: skip
    draft = Draft(now, "news.rang")
    draft.put(NEWS_KIND, news.id, before, news)
    return draft.decision()


def _stops(trip: Trip, data: Changed) -> tuple[ChangedStop, ...]:
    found = ((one, trip.of(one.stop)) for one in data.stops)
    return tuple(ChangedStop(at.id, at.name, one.kind, at.scheduled_at) for one, at in found if at is not None)


def _seen(state: State, data: SeenNews, actor: Actor, now: int) -> Decision | Refusal:
    """The crew knows, on all of its phones; what came after what it read rings on."""
    if actor.van != data.van:
        return Refusal("not_allowed", "news.seen is for the van's crew")
    news = state.thing(News, "news", data.van)
    if news is None:
        return Refusal("not_found", f"no news of {data.van}")
    rule = step(NEWS, news.state, "news.seen", actor.role)
    if isinstance(rule, Refusal):
        return rule
    if news.state == "seen" or data.rung_at < news.rung_at:
        return Decision({"van": data.van, "state": news.state})
    draft = Draft(now, "news.seen")
    draft.put(NEWS_KIND, news.id, news, replace(news, state="seen", at=now))
    return draft.decision({"van": data.van, "state": "seen"})


def _over(news: News, now: int) -> Decision:
    draft = Draft(now, "news.ended", fired="end")
    draft.put(NEWS_KIND, news.id, news, None)
    return draft.decision()
