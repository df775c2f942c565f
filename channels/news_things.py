"""What the crew's news speak in: their table, the data of their commands, what is kept, and what the crew sees."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, to_builtins

from channels.draft import Deadlines, Kind
from channels.van_table import CREW, TIMER
from channels.van_things import Word
from channels.views import Views, fitted
from hub.contract import Rule, Table, View

SHOWN: Final = 12
"""Stops that are named; those behind them are a figure: a view stays under 4 KB."""

_CREW = "the van's crew, on any of its phones"
_END = Rule(TIMER, "over", "midnight in the city")
NEWS: Table = {
    "new": {"news.trip": Rule(TIMER, "ringing", "somebody else than the crew changed the trip of today")},
    "ringing": {
        "news.trip": Rule(TIMER, None, "changed again: it rings anew"),
        "news.seen": Rule(CREW, "seen", _CREW),
        "news.end": _END,
    },
    "seen": {
        "news.trip": Rule(TIMER, "ringing", "changed again"),
        "news.seen": Rule(CREW, None, "said again"),
        "news.end": _END,
    },
    "over": {},
}

What = Literal["changed", "given", "again", "cancelled"]
"""Of the trip: some of its stops; it is new; it takes place after all; it does not."""
How = Literal["added", "moved", "placed", "cancelled"]
"""Of a stop: it is new; it has another time; another place or name; the van does not go there."""


# -- data of commands ---------------------------------------------------------


class OneChange(Struct, frozen=True):
    stop: Word
    kind: How


class Changed(Struct, frozen=True):
    """What was changed in a trip. `stops`: none where it is about the whole trip."""

    trip: Annotated[str, Meta(min_length=1, max_length=80)]
    what: What
    stops: Annotated[tuple[OneChange, ...], Meta(max_length=40)] = ()


class SeenNews(Struct, frozen=True):
    """`rung_at`: of what stood on the screen. What came later is not seen yet."""

    van: Word
    rung_at: int


class EndNews(Struct, frozen=True):
    news: Word


# -- things -------------------------------------------------------------------


class ChangedStop(Struct, frozen=True):
    """A stop as it was when that was told."""

    stop: str
    name: str
    kind: How
    scheduled_at: int


class News(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a van's crew has not read yet, or read last; its id is the van's.

    Args:
        rung_at: since when it rings. ends_at: the midnight that ends the trip's day.
    """

    v: int = 1
    id: str
    trip: str
    day: str
    at: int
    rung_at: int
    ends_at: int
    state: Literal["ringing", "seen"] = "ringing"
    what: What = "changed"
    stops: tuple[ChangedStop, ...] = ()
    reason: str = ""


def _views(news: News, now: int) -> Views:
    view: View = {
        "type": "news",
        "id": news.id,
        "state": news.state,
        "at": news.at,
        "day": news.day,
        "rung_at": news.rung_at,
        "what": news.what,
        "stops": to_builtins(news.stops[:SHOWN]),
    }
    if len(news.stops) > SHOWN:
        view["more"] = len(news.stops) - SHOWN
    if news.reason:
        view["reason"] = news.reason
    return {(f"crew/{news.id}", news.id): fitted(view)}


def _deadlines(news: News) -> Deadlines:
    return {"end": (news.ends_at, "news.end")}


NEWS_KIND: Final = Kind("news", _views, _deadlines)
