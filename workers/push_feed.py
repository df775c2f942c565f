"""From a lane of the log to what may have to ring: every view that a service wakes phones for, as it changes.

The log is read from its last minutes on: a worker that starts again misses nothing that is still worth a ring, and
whoever tries a ring twice is stopped by its claim.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from msgspec import Struct

from hub.bus import Entry, parse
from hub.commit import unpack
from hub.contract import Lane, View, Wake
from hub.services import Services
from hub.store import Store

log = logging.getLogger("kentongan.push")

T = TypeVar("T")
LINK: Final = "normal"
PAGE: Final = 200
RECENT: Final = 500
RECENT_MS: Final = 60_000
REMEMBERED: Final = 20_000


class Shown(Struct, frozen=True):
    """A view that came to a table."""

    topic: str
    id: str
    view: View


class Ring(Struct, frozen=True):
    """What rings: a wake, and where the view stands that says so."""

    lane: Lane
    topic: str
    thing: str
    wake: Wake

    @property
    def name(self) -> str:
        wake = self.wake
        return f"{wake.kind}.{wake.id}.{wake.at}.{wake.role}.{wake.whose}.{wake.name}.{wake.among}"


def said(ask: Callable[[str, View], tuple[T, ...]], topic: str, view: View) -> tuple[T, ...]:
    """What the services say of a view; a fault of one (a view of another version) rings nobody and stops nothing."""
    try:
        return ask(topic, view)
    except Exception:
        log.exception("push: a view of %s", topic)
        return ()


class Remembered:
    """Names of what was begun, the newest ones."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._names: dict[str, None] = {}
        self._most = most

    def __len__(self) -> int:
        return len(self._names)

    def new(self, name: str) -> bool:
        """Remember it; whether it was not known."""
        if name in self._names:
            return False
        self._names[name] = None
        if len(self._names) > self._most:
            del self._names[next(iter(self._names))]
        return True


class Feed:
    """Reads one lane of one city, forwards.

    Args:
        recent_ms: how old something may be that is told after a start.
    """

    def __init__(self, store: Store, services: Services, lane: Lane, recent_ms: int = RECENT_MS) -> None:
        self._store, self._services, self.lane, self._recent_ms = store, services, lane, recent_ms
        self._epoch = ""
        self.read_to = 0

    def anew(self) -> None:
        """Read the last minutes again at the next step."""
        self.read_to = 0

    async def step(self) -> list[Shown]:
        """What came since the last step and is not older than it is worth."""
        keys = self._store.keys
        log, after = keys.log(self.lane), f"({self.read_to}-0"
        epoch, head, rows = await self._store.many(
            LINK,
            [
                ["HGET", keys.head, "epoch"],
                ["HGET", keys.lanes, self.lane],
                ["XRANGE", log, after, "+", "COUNT", PAGE],
            ],
        )
        if not self.read_to or (epoch or b"").decode() != self._epoch or int(head or 0) < self.read_to:
            (rows,) = await self._store.many(LINK, [["XREVRANGE", log, "+", "-", "COUNT", RECENT]])
            rows.reverse()
            self._epoch, self.read_to = (epoch or b"").decode(), int(head or 0)
        entries = [parse(self.lane, row[1][1]) for row in rows]
        if entries:
            self.read_to = max(self.read_to, entries[-1].commit)
        since = self._store.now() - self._recent_ms
        return [one for entry in entries if entry.at > since for one in self._shown(entry)]

    def _shown(self, entry: Entry) -> Iterator[Shown]:
        for change in entry.changes:
            if change.view is not None and self._services.may_ring(change.topic):
                yield Shown(change.topic, change.id, unpack(change.view))


def heard(here: list[bytes], now: int, *, sight: bool = False) -> bool:
    """Whether a page of this person answers its beats and its sound works, by the leases of all hubs.

    Args:
        sight: a page on the screen is enough.
    """
    leases = [lease.decode().split() for lease in here[1::2]]
    return any(
        int(until) > now and (audible == "1" or (sight and visible == "1")) for until, visible, audible, *_ in leases
    )
