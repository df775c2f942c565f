"""Who was shown whose card, noted for the person whose it is, and in the audit log.

A view that a service declares as a card (`contract.Card`) and that is given to somebody's screen is a look: the desk's
view of a request with its exact place, the medic's card of it, its time line, a shop's order. One is noted for each
viewer, thing and 10 minutes, whichever hubs their screens are at (`looked:...` in the store).

It costs the urgent path an append: what was shown is remembered as it was sent, and a task of its own decodes it, asks
whose it is and writes, every `EVERY_S`, on the bulk link. At most `MOST_WAITING` wait; the oldest are dropped, and the
log says so. What the store did not take is tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from typing import Any, Final

import msgpack
import msgspec
from msgspec import Struct
from redis.exceptions import RedisError

from hub.commit import pack
from hub.contract import Actor, Card, Thing
from hub.errors import StoreError
from hub.services import Services
from hub.store import Store

log = logging.getLogger("kentongan.looks")

EVERY_S: Final = 2.0
WINDOW_MS: Final = 10 * 60_000
MOST_WAITING: Final = 20_000
MOST_KEPT: Final = 200
"""Looks that a person can read; the audit log has all."""
AT_ONCE: Final = 200
SLICE: Final = 100
"""Views decoded in one turn of the loop: under a millisecond."""
KEEP_DAYS: Final = 365
DAY_S: Final = 86_400
LINK: Final = "bulk"
THEMSELVES: Final = frozenset({"resident", "service", "hub", "timer", "system", "tracker"})
"""Roles whose screens show nobody's card but their own."""


class Look(Struct, frozen=True, array_like=True):
    """One look, as the person whose card it is may read it. `thing`: `request/<id>`; `at` in ms."""

    at: int
    viewer: str
    role: str
    desk: str
    thing: str


class Looks:
    """The looks at one hub. `keep_days`: how long a person may read who looked."""

    def __init__(self, store: Store, services: Services) -> None:
        self._store, self._services = store, services
        self._shown: deque[tuple[Card, bytes, tuple[Actor, ...]]] = deque()
        self._waiting: dict[tuple[str, str], Look] = {}
        self._noted: dict[tuple[str, str], int] = {}
        self._decoders = {card: msgspec.msgpack.Decoder(_read(card)) for card in services.cards.values()}
        self.keep_days = KEEP_DAYS
        self.dropped = 0

    # -- what is shown ----------------------------------------------------------------------

    def shown(self, type_: str, view: bytes, actors: Iterable[Actor]) -> None:
        """A view was given to these people's screens."""
        card = self._services.cards.get(type_)
        if card is None:
            return
        viewers = tuple(actor for actor in actors if actor.role not in THEMSELVES)
        if not viewers:
            return
        if len(self._shown) >= MOST_WAITING:
            self._shown.popleft()
            self.dropped += 1
        self._shown.append((card, view, viewers))

    def read(self, views: Iterable[bytes], actor: Actor) -> None:
        """A whole table was given to somebody."""
        if actor.role not in THEMSELVES:
            for view in views:
                self.shown(_type.decode(view).type, view, (actor,))

    def answered(self, cmd: str, data: dict[str, Any], actor: Actor) -> None:
        """A command was answered that may show a card."""
        known = self._services.command(cmd, actor.desk)
        if known is not None and known[1].shows is not None and actor.role not in THEMSELVES:
            type_, field = known[1].shows
            self._wait(actor, f"{type_}/{data.get(field)}")

    def _wait(self, actor: Actor, thing: str) -> None:
        key, now = (actor.person, thing), self._store.now()
        if self._noted.get(key, 0) <= now - WINDOW_MS:
            self._waiting.setdefault(key, Look(now, actor.person, actor.role, actor.desk or "", thing))

    # -- what is noted -----------------------------------------------------------------------

    async def run(self) -> None:
        """Note what was shown until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            with contextlib.suppress(StoreError, RedisError):  # the store's own troubles are said elsewhere
                await self.note()

    async def note(self) -> int:
        """Write what waits; how many looks were new.

        Raises:
            StoreError, RedisError: what was not written waits for the next time.
        """
        await self._decode()
        if self.dropped:
            log.error("%d views were shown faster than who saw them could be noted", self.dropped)
            self.dropped = 0
        new = 0
        while self._waiting:
            some = dict(list(self._waiting.items())[:AT_ONCE])
            new += await self._write(list(some.values()))
            for key, look in some.items():
                del self._waiting[key]
                self._noted[key] = look.at
        self._noted = {key: at for key, at in self._noted.items() if at > self._store.now() - WINDOW_MS}
        return new

    async def _decode(self) -> None:
        """Whose cards were shown; a few at a time, the loop has more urgent things to do."""
        number = 0
        while self._shown:
            card, view, viewers = self._shown.popleft()
            read = self._decoders[card].decode(view)
            told = any(len(getattr(read, field)) for field in card.fields)
            if told and read.state not in card.blurred:
                for actor in viewers:
                    self._wait(actor, f"{card.type}/{getattr(read, card.id)}")
            number += 1
            if number % SLICE == 0:
                await asyncio.sleep(0)

    async def _write(self, looks: list[Look]) -> int:
        things = [Thing(*look.thing.split("/", 1)) for look in looks]
        state = await self._store.found(LINK, things)
        rows = []
        for look, thing in zip(looks, things, strict=True):
            found = state.found[thing]
            person = self._services.declared.owner(thing.type, thing.id, found) if found is not None else ""
            if person and person != look.viewer:
                rows.append(self._row(look, person))
        if not rows:
            return 0
        told = {"p": self._store.keys.prefix, "window": WINDOW_MS, "keep": self.keep_days * DAY_S, "most": MOST_KEPT}
        argument = msgpack.packb({**told, "looks": rows}, use_bin_type=False)
        return int(await self._store.script(LINK, "look", argument))

    def _row(self, look: Look, person: str) -> list[Any]:
        keys = self._store.keys
        said = {
            "cmd": "privacy.look", "id": f"{look.thing}@{look.at}", "by": look.viewer, "role": look.role,
            "things": [look.thing], "about": person,
        }  # fmt: skip
        return [keys.looked(look.viewer, look.thing), keys.looks(person), pack(look), pack(said)]


def _read(card: Card) -> type[Any]:
    """What is read of such a view: whose it is, and whether the personal fields are there."""
    fields = [(field, msgspec.Raw, msgspec.Raw(b"")) for field in sorted(card.fields)]
    return msgspec.defstruct("Read", [("state", str, ""), (card.id, str, ""), *fields])


class _Type(Struct):
    type: str = ""


_type: Final = msgspec.msgpack.Decoder(_Type)
_look: Final = msgspec.msgpack.Decoder(Look)


async def looks_at(store: Store, person: str) -> list[Look]:
    """Who saw a card of this person's, the newest first."""
    (rows,) = await store.many("normal", [["LRANGE", store.keys.looks(person), 0, -1]])
    return [_look.decode(row) for row in rows]
