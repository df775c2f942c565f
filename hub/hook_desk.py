"""Webhooks, the operator's side: set, look at, remove; dead letters looked at and put back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from hub.commit import unpack
from hub.errors import DataError
from hub.hook_secrets import sealed
from hub.hook_urls import literal, public, target
from hub.hooks import BATCH, LINK, MAX_WAITING, PARTS, Webhook, packed, pairs, webhook
from hub.store import Store

MAX_WEBHOOKS: Final = 100


class Standing(Struct, frozen=True):
    """How a webhook does; times are ms, 0 for never."""

    person: str
    name: str
    url: str
    since: int
    waiting: int
    dead: int
    ok_at: int
    failed_at: int
    error: str


class Letter(Struct, frozen=True):
    """A delivery that was given up. `since`: dead since; `at`: of the change it tells of."""

    person: str
    id: str
    kind: str
    thing: str
    attempts: int
    error: str
    since: int
    at: int


class _Body(Struct):
    kind: str
    at: int


_body: Final = msgspec.json.Decoder(_Body)


class HookDesk:
    """The webhooks of one city, as its operator handles them."""

    def __init__(self, store: Store) -> None:
        self._store, self._keys = store, store.keys

    async def set(self, person: str, url: str, *, private: bool) -> Webhook:
        """Send a service account's changes to a URL from now on, with a new secret.

        What waits for an older URL goes to this one, at once.

        Args:
            private: whether addresses that are not public may be named.

        Raises:
            DataError: no service account, no URL of a receiver, or too many webhooks.
        """
        check_url(url, private=private)
        name, known, head, count = await self._store.many(
            LINK,
            [
                ["HGET", self._keys.services, person],
                ["HGET", self._keys.hooks, person],
                ["HGET", self._keys.lanes, "normal"],
                ["HLEN", self._keys.hooks],
            ],
        )
        if name is None:
            raise DataError("person", f"expected a service account (`kentongan enrol service`), got {person[:80]!r}")
        if known is None and count >= MAX_WEBHOOKS:
            raise DataError("person", f"expected at most {MAX_WEBHOOKS} webhooks in a city")
        before = webhook(person, known) if known is not None else None
        since, after = (before.since, before.after) if before else (self._store.now(), int(head or 0))
        made = Webhook(person, url, secrets.token_urlsafe(32), since, after)
        secret = sealed(self._store.city, self._store.secret, person, made.secret)
        fields = {"url": made.url, **secret, "since": since, "after": after}
        due = self._keys.hook("due", person)
        await self._store.many(
            LINK,
            [["HSET", self._keys.hooks, person, packed(fields)], ["ZUNIONSTORE", due, 1, due, "WEIGHTS", 0]],
        )
        return made

    async def remove(self, person: str) -> Standing:
        """Forget a webhook with all that waits and all its dead letters; how it stood.

        Raises:
            DataError: it has none.
        """
        standing = await self._standing(person)
        await self._store.many(LINK, [["HDEL", self._keys.hooks, person]])  # from here on nothing is put or leased
        due, lease = await self._store.many(
            LINK, [["ZRANGE", self._keys.hook(part, person), 0, -1] for part in ("due", "lease")]
        )
        lines = [self._keys.hookline(person, thing.decode()) for thing in {*due, *lease}]
        for place in range(0, len(lines), BATCH):
            await self._store.many(LINK, [["UNLINK", *lines[place : place + BATCH]]])
        await self._store.many(LINK, [["UNLINK", *(self._keys.hook(part, person) for part in PARTS)]])
        return standing

    async def all(self) -> list[Standing]:
        """Every webhook, by the service account's name."""
        (people,) = await self._store.many(LINK, [["HKEYS", self._keys.hooks]])
        found = [await self._standing(person.decode()) for person in people]
        return sorted(found, key=lambda standing: (standing.name, standing.person))

    async def _standing(self, person: str) -> Standing:
        hook, name, waiting, dead, health = await self._store.many(
            LINK,
            [
                ["HGET", self._keys.hooks, person],
                ["HGET", self._keys.services, person],
                ["ZCARD", self._keys.hook("age", person)],
                ["ZCARD", self._keys.hook("dead", person)],
                ["HGETALL", self._keys.hook("health", person)],
            ],
        )
        if hook is None:
            raise DataError("person", f"expected one with a webhook (`kentongan webhook list`), got {person[:80]!r}")
        seen = pairs(health)
        ok_at, failed_at = int(seen.get("ok_at", 0)), int(seen.get("failed_at", 0))
        error = seen.get("error", b"").decode() if failed_at > ok_at else ""
        kept = webhook(person, hook)
        return Standing(
            person, (name or b"").decode(), kept.url, kept.since, waiting, dead, ok_at, failed_at, error
        )  # fmt: skip

    async def letters(self, person: str) -> list[Letter]:
        """The dead letters of a service account, the oldest first.

        Raises:
            DataError: it has no webhook.
        """
        await self._standing(person)
        (flat,) = await self._store.many(LINK, [["ZRANGE", self._keys.hook("dead", person), 0, -1, "WITHSCORES"]])
        found = []
        for place in range(0, len(flat), 2 * BATCH):
            page = flat[place : place + 2 * BATCH]
            (blobs,) = await self._store.many(LINK, [["HMGET", self._keys.hook("letter", person), *page[::2]]])
            for id_, since, blob in zip(page[::2], page[1::2], blobs, strict=True):
                if blob is not None:
                    found.append(_letter(person, id_.decode(), int(float(since)), blob))
        return found

    async def replay(self, person: str, ids: Sequence[str] = ()) -> int:
        """Put dead letters back, all when none is named; how many.

        Each goes behind what waits of its thing and has its 24 h anew. What is beyond the room of the queue
        stays a dead letter.

        Raises:
            DataError: no webhook, or an id that is no dead letter of it; then nothing was put back.
        """
        known = [letter.id for letter in await self.letters(person)]
        for id_ in ids:
            if id_ not in known:
                raise DataError("id", f"expected a dead letter (`kentongan webhook dead`), got {id_[:80]!r}")
        back, wanted = 0, [id_ for id_ in known if id_ in set(ids)] if ids else known
        for place in range(0, len(wanted), BATCH):
            rows = [[person, id_, 0, False, False] for id_ in wanted[place : place + BATCH]]
            *_, put = await self._store.script(
                LINK, "hook_put", self._keys.prefix, "", "", MAX_WAITING, packed(rows)
            )  # fmt: skip
            back += int(put)
        return back


def check_url(url: str, *, private: bool) -> None:
    """Refuse what can be no receiver, before anything is written.

    Raises:
        DataError: `target` cannot take it apart, or it names an address that is not public and must be.
    """
    address = literal(target(url).host)
    if address is not None and not private and not public(address):
        raise DataError(
            "url", f"expected a public address, got {address} (KENTONGAN_WEBHOOK_PRIVATE=true lets webhooks go there)"
        )


def _letter(person: str, id_: str, since: int, blob: bytes) -> Letter:
    thing, body, attempts, error = unpack(blob)
    told = _body.decode(body)
    return Letter(person, id_, told.kind, thing, int(attempts), error, since, told.at)
