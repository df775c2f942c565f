"""Webhooks for tests: service accounts that have one, and changes of their orders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hub.contract import Change, Decision, View
from hub.hook_desk import HookDesk, Standing
from hub.hooks import Delivery, Hooks, Item, Leased, Position, Webhook
from hub.identity import enrol
from hub.store import Committed, Store
from tests.support.commits import commit

URL = "http://127.0.0.1:9/hook"


async def service(store: Store, name: str = "Kasir") -> str:
    """A fresh service account's person."""
    return (await enrol(store, role="service", name=name)).person


async def hooked(store: Store, url: str = URL, name: str = "Kasir") -> Webhook:
    """A fresh service account with a webhook."""
    return await HookDesk(store).set(await service(store, name), url, private=True)


async def stands(store: Store, true: Callable[[Standing], object], within_s: float = 10.0) -> Standing:
    """How the one webhook of a city does, once this holds of it."""
    desk = HookDesk(store)
    async with asyncio.timeout(within_s):
        while True:
            (one,) = await desk.all()
            if true(one):
                return one


def view(type_: str, id_: str, **more: Any) -> View:
    return {"type": type_, "id": id_, "state": "placed", "at": 1, **more}


def order(person: str, id_: str, kind: str = "order.placed", **more: Any) -> Change:
    return Change(f"person/{person}", id_, kind, view("order", id_, **more))


def retired(person: str, id_: str, kind: str = "order.retired") -> Change:
    return Change(f"person/{person}", id_, kind, None)


async def say(store: Store, *changes: Change) -> int:
    """Commit changes; the commit's number."""
    done = await commit(store, Decision(changes=changes))
    assert isinstance(done, Committed)
    return done.commit


def item(person: str, number: int, thing: str = "o1", body: bytes = b'{"kind":"order.placed","at":5}') -> Item:
    return Item(person, f"e.{number}.0", number, thing, body)


async def put(hooks: Hooks, *items: Item) -> dict[str, int]:
    """Queue deliveries as the feed does, wherever it is; how many wait now."""
    page = await hooks.read(0)
    done = await hooks.put(await hooks.position(), Position(page.epoch, page.head), items)
    assert done.taken
    return done.waiting


async def leases(hooks: Hooks, person: str, count: int = 8) -> list[Delivery]:
    """Lease what is due."""
    leased = await leased_from(hooks, person, count)
    return leased.deliveries


async def leased_from(hooks: Hooks, person: str, count: int = 8) -> Leased:
    leased = await hooks.lease(person, count)
    assert leased is not None
    return leased
