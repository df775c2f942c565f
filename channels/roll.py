"""A roll: who has one of so many seats, who waits for one, and what each of them was told.

Seats are taken in the order of sign-up; who comes later waits, and moves up by
itself when a seat is free. What all of them must hear may be more than the 32
topics of one commit: news has a number, an entry `shows` the number of what is
on that person's screens, and `told` takes as many along as one commit may.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

MOST_WAITING: Final = 10
ROOM: Final = 29
"""People whom one commit tells: two topics of lists and one person who leaves make 32."""

Got = Literal["joined", "waiting"]
News = dict[str, Any]


class Entry(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One person with a seat, or waiting for one. `moved_up_at`: when they got it after all; 0: never waited."""

    name: str
    shop: str
    shop_name: str
    at: int
    state: Got = "joined"
    shows: int = 0
    moved_up_at: int = 0


class Roll(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """People by id, in the order in which they came; `news` by number, as long as somebody's screens show it."""

    seats: int
    entries: dict[str, Entry] = {}
    news: dict[int, News] = {}
    number: int = 0

    def count(self, state: Got) -> int:
        return sum(one.state == state for one in self.entries.values())

    def ahead(self, person: str) -> int:
        """How many wait before this one; 0 for who has a seat."""
        waiting = self._waiting()
        return waiting.index(person) if person in waiting else 0

    @property
    def lags(self) -> bool:
        """Whether somebody's screens still show older news."""
        return any(one.shows != self.number for one in self.entries.values())

    def joined(self, person: str, entry: Entry) -> Roll | None:
        """With this one at the end; None when nobody may wait any more."""
        free = self.count("joined") < self.seats
        if not free and self.count("waiting") >= MOST_WAITING:
            return None
        entry = replace(entry, state="joined" if free else "waiting", shows=self.number)
        return replace(self, entries={**self.entries, person: entry})

    def left(self, person: str, now: int) -> Roll:
        return replace(self, entries={one: e for one, e in self.entries.items() if one != person})._moved_up(now)

    def resized(self, seats: int, now: int) -> Roll:
        """With so many seats; never fewer than are taken."""
        return replace(self, seats=max(seats, self.count("joined")))._moved_up(now)

    def told(self, news: News, now: int) -> Roll:
        """As many as one commit may tell show this news.

        First who waits or moves up now, because their place changes anyway; others while there is room."""
        number = self.number if news == self.news.get(self.number) else self.number + 1
        moving = {p for p, one in self.entries.items() if one.state == "waiting" or one.moved_up_at == now}
        others = [p for p, one in self.entries.items() if one.shows != number and p not in moving]
        heard = moving.union(others[: max(0, ROOM - len(moving))])
        entries = {p: replace(one, shows=number) if p in heard else one for p, one in self.entries.items()}
        shown = {one.shows for one in entries.values()}
        kept = {old: said for old, said in self.news.items() if old in shown}
        return replace(self, entries=entries, number=number, news={**kept, number: news})

    def without_some(self) -> Roll:
        """Fewer people, by as many as one commit may tell."""
        return replace(self, entries=dict(list(self.entries.items())[ROOM:]))

    def _waiting(self) -> list[str]:
        return [person for person, one in self.entries.items() if one.state == "waiting"]

    def _moved_up(self, now: int) -> Roll:
        """Free seats go to those who wait longest."""
        free, entries = self.seats - self.count("joined"), dict(self.entries)
        for person in self._waiting()[:free]:
            entries[person] = replace(entries[person], state="joined", moved_up_at=now)
        return replace(self, entries=entries)
