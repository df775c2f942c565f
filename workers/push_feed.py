"""From the urgent lane to whom it may have to wake: every offer that was just opened, as the log tells it.

The log is read from its last minute on: a worker that starts again misses nothing that is still worth a ring, and
whoever tries an offer twice is stopped by its claim.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from hub.bus import Entry, parse
from hub.commit import unpack
from hub.store import Store

LINK: Final = "normal"
PAGE: Final = 200
RECENT: Final = 500
TTL_MS: Final = 60_000
TOPIC: Final = "help/"


class Offered(Struct, frozen=True):
    """An offer on somebody's screen; offered again, it is another (`at`, ms)."""

    role: str
    person: str
    id: str
    at: int
    drill: bool

    @property
    def topic(self) -> str:
        return TOPIC + self.person


class Feed:
    """Reads one city's urgent lane, forwards."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._epoch = ""
        self.read_to = 0

    def anew(self) -> None:
        """Read the last minute again at the next step."""
        self.read_to = 0

    async def step(self) -> list[Offered]:
        """What was offered since the last step, not older than a push is worth."""
        keys = self._store.keys
        log, after = keys.log("urgent"), f"({self.read_to}-0"
        epoch, head, rows = await self._store.many(
            LINK,
            [["HGET", keys.head, "epoch"], ["HGET", keys.lanes, "urgent"], ["XRANGE", log, after, "+", "COUNT", PAGE]],
        )
        if not self.read_to or (epoch or b"").decode() != self._epoch or int(head or 0) < self.read_to:
            (rows,) = await self._store.many(LINK, [["XREVRANGE", log, "+", "-", "COUNT", RECENT]])
            rows.reverse()
            self._epoch, self.read_to = (epoch or b"").decode(), int(head or 0)
        entries = [parse("urgent", row[1][1]) for row in rows]
        if entries:
            self.read_to = max(self.read_to, entries[-1].commit)
        since = self._store.now() - TTL_MS
        return [one for entry in entries if entry.at > since for one in offers(entry)]


def offers(entry: Entry) -> Iterable[Offered]:
    """The offers that an entry says are open."""
    for change in entry.changes:
        if not change.topic.startswith(TOPIC) or change.view is None:
            continue
        view = unpack(change.view)
        if view.get("type") == "offer" and view.get("state") == "open":
            person = change.topic.removeprefix(TOPIC)
            yield Offered("medic", person, change.id, int(view["offered_at"]), bool(view.get("drill")))


def waits(view: dict[str, object], offer: Offered) -> bool:
    """Whether the offer is open still, and no device of its person has received it."""
    known = view.get("my_receipts")
    received = isinstance(known, dict) and bool(known.keys() - {"sent"})
    return view.get("state") == "open" and view.get("offered_at") == offer.at and not received
