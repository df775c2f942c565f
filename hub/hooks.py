"""Webhooks, the store's side: deliveries that wait, are leased, are done or are dead letters.

A delivery is one change of one thing of one service account. Deliveries of one
thing form a line: only its first is ever leased, so a later change waits behind
the earlier; different things go side by side. Everything is in the store: what
the feed read and how far it read are written by one script, an attempt is a
lease, and a worker that dies is followed by another when its leases run out.
So each delivery is made at least once, and its id is the same every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import msgpack
from msgspec import Struct

from hub.bus import Entry, parse
from hub.commit import unpack
from hub.errors import StoreUnavailable
from hub.hook_secrets import OPEN, opened, sealed
from hub.link import Args
from hub.store import Store

LINK: Final = "bulk"
"""Pages of the log never go ahead of a timer's command on its connection."""

LEASE_MS: Final = 30_000
ATTEMPT_S: Final = 10.0
"""A try ends long before its lease, so that only a worker's death lets another deliver the same."""

TRY_FOR_MS: Final = 24 * 3600 * 1000
KEEP_DEAD_MS: Final = 30 * 24 * 3600 * 1000
PARALLEL: Final = 8
MAX_WAITING: Final = 10_000
MAX_DEAD: Final = 10_000
PAGE: Final = 100
BATCH: Final = 500
PARTS: Final = ("due", "lease", "tries", "item", "age", "health", "dead", "letter")

Outcome = Literal["ok", "again", "dead"]


class Webhook(Struct, frozen=True):
    """Where a service account's changes go.

    Args:
        secret: signs every delivery. Empty where it is not needed, and where it does not open (`hub.hook_secrets`).
        since: when it was set first, ms.
        after: changes of this commit and before are none of its business.
    """

    person: str
    url: str
    secret: str
    since: int
    after: int


class Position(Struct, frozen=True):
    """How far the normal lane has become deliveries."""

    epoch: str
    commit: int

    def __str__(self) -> str:
        return f"{self.epoch} {self.commit}"


class Page(Struct, frozen=True):
    """What the log has after a position, and the webhooks that stood after it was read.

    `head` is the lane's newest commit, from before the entries were read.
    """

    epoch: str
    head: int
    entries: list[Entry]
    webhooks: dict[str, Webhook]


class Item(Struct, frozen=True):
    """One delivery to be; `commit` is the change's."""

    person: str
    id: str
    commit: int
    thing: str
    body: bytes


class Put(Struct, frozen=True):
    """What came of putting: whether it was taken, where the feed is now, how many wait for whom."""

    taken: bool
    position: Position
    waiting: dict[str, int]


class Delivery(Struct, frozen=True):
    """A leased one. `attempt` counts from 1; `body` is what is sent, byte for byte, every time."""

    person: str
    thing: str
    id: str
    body: bytes
    attempt: int
    first_at: int


class Leased(Struct, frozen=True):
    """`next_at`: when more may be leased, 0 for nothing in sight."""

    now: int
    next_at: int
    webhook: Webhook
    deliveries: list[Delivery]


class Hooks:
    """The deliveries of one city.

    Args:
        ahead_ms: moves the clock of tries, leases and dead letters: the store's, everywhere but in tests.
    """

    def __init__(self, store: Store, ahead_ms: int = 0) -> None:
        self.store, self.ahead_ms = store, ahead_ms

    # -- the feed ---------------------------------------------------------------

    async def position(self) -> Position | None:
        """How far the feed is; None before the first one."""
        keys = self.store.keys
        ((epoch, commit),) = await self.store.many(LINK, [["HMGET", keys.hookfeed, "epoch", "commit"]])
        return None if epoch is None else Position(epoch.decode(), int(commit))

    async def read(self, after: int, count: int = PAGE) -> Page:
        """The normal lane after a commit.

        The order is what makes it complete: an entry up to `head` is among the entries or gone
        from the log, and a webhook set before an entry was committed is among the webhooks.
        """
        keys = self.store.keys
        asked: list[Args] = [
            ["HGET", keys.head, "epoch"],
            ["HGET", keys.lanes, "normal"],
            ["XRANGE", keys.log("normal"), f"({after}-0", "+", "COUNT", count],
            ["HGETALL", keys.hooks],
        ]
        epoch, head, rows, hooks = await self.store.many(LINK, asked)
        if epoch is None:
            self.store.adopt_again()
            raise StoreUnavailable("the store lost its data")
        found = {person: webhook(person, blob) for person, blob in pairs(hooks).items()}
        return Page(epoch.decode(), int(head or 0), [parse("normal", row[1][1]) for row in rows], found)

    async def put(self, known: Position | None, to: Position, items: Iterable[Item]) -> Put:
        """Queue deliveries and move the feed on, all or nothing.

        Returns:
            not taken when the feed is not at `known` any more: another worker was faster.
        """
        rows = [[item.person, item.id, item.commit, item.thing, item.body] for item in items]
        flag, epoch, commit, flat, _ = await self.store.script(
            LINK, "hook_put", self.store.keys.prefix, str(known or ""), str(to), 0, packed(rows)
        )
        waiting = {flat[i].decode(): int(flat[i + 1]) for i in range(0, len(flat), 2)}
        return Put(bool(flag), Position(epoch.decode(), int(commit)), waiting)

    # -- attempts ---------------------------------------------------------------

    async def lease(self, person: str, count: int) -> Leased | None:
        """Up to `count` deliveries that are due, at most `PARALLEL` under way over all workers; None: no webhook."""
        reply = await self.store.script(
            LINK, "hook_lease", self.store.keys.prefix, person, count, PARALLEL, LEASE_MS, self.ahead_ms
        )
        if reply is None:
            return None
        now, next_at, hook, flat = reply
        deliveries = [
            Delivery(person, flat[i].decode(), flat[i + 1].decode(), flat[i + 2], int(flat[i + 3]), int(flat[i + 4]))
            for i in range(0, len(flat), 5)
        ]
        secret = opened(self.store.city, self.store.secret, person, unpack(hook))
        return Leased(int(now), int(next_at), webhook(person, hook, secret), deliveries)

    async def settle(self, delivery: Delivery, outcome: Outcome, error: str = "", wait_ms: int = 0) -> str:
        """Say what came of an attempt.

        Returns:
            What it is now: `ok`, `again`, `dead`; `late` when another worker has it, `gone` when nobody waits for it.
        """
        return await self._settle(delivery.person, delivery.id, delivery.attempt, outcome, error, wait_ms)

    async def spill(self, person: str) -> int:
        """Make dead letters of the oldest beyond `MAX_WAITING`; how many. What is under way stays."""
        key, spilt = self.store.keys.hook("age", person), 0
        (waiting,) = await self.store.many(LINK, [["ZCARD", key]])
        over = int(waiting) - MAX_WAITING
        if over <= 0:
            return 0
        (oldest,) = await self.store.many(LINK, [["ZRANGE", key, 0, over + PARALLEL - 1]])
        for id_ in oldest:
            if spilt == over:
                break
            error = f"more than {MAX_WAITING} waited"
            spilt += await self._settle(person, id_.decode(), 0, "spill", error, 0) == "dead"
        return spilt

    async def _settle(self, person: str, id_: str, attempt: int, outcome: str, error: str, wait_ms: int) -> str:
        reply = await self.store.script(
            LINK, "hook_settle", self.store.keys.prefix, person, id_, attempt, outcome, error[:200], wait_ms,
            TRY_FOR_MS, MAX_DEAD, self.ahead_ms,
        )  # fmt: skip
        return str(reply.decode())

    async def seal(self) -> int:
        """Seal the secrets that lie open still, since before they were sealed; how many."""
        (hooks,) = await self.store.many(LINK, [["HGETALL", self.store.keys.hooks]])
        done = 0
        for person, blob in pairs(hooks).items():
            fields = unpack(blob)
            if OPEN in fields:
                secret = sealed(self.store.city, self.store.secret, person, fields.pop(OPEN))
                anew = packed({**fields, **secret})
                done += await self.store.script(LINK, "hook_seal", self.store.keys.prefix, person, blob, anew)
        return done

    async def sweep(self, person: str) -> int:
        """Forget dead letters of more than 30 days; how many."""
        keys, swept = self.store.keys, 0
        dead, letters = keys.hook("dead", person), keys.hook("letter", person)
        before = self.store.now() + self.ahead_ms - KEEP_DEAD_MS
        while True:
            (old,) = await self.store.many(LINK, [["ZRANGEBYSCORE", dead, "-inf", before, "LIMIT", 0, BATCH]])
            if not old:
                return swept
            await self.store.many(LINK, [["HDEL", letters, *old], ["ZREM", dead, *old]])
            swept += len(old)


def webhook(person: str, blob: bytes, secret: str = "") -> Webhook:
    """As the store keeps it; `secret` when it was opened."""
    fields = unpack(blob)
    return Webhook(person, fields["url"], secret, int(fields["since"]), int(fields["after"]))


def packed(value: Any) -> bytes:
    """MessagePack for the store's Lua, whose reader knows no bin type: bytes travel as raw."""
    blob: bytes = msgpack.packb(value, use_bin_type=False)
    return blob


def pairs(flat: Sequence[bytes]) -> dict[str, bytes]:
    return {flat[place].decode(): flat[place + 1] for place in range(0, len(flat), 2)}
