"""Enrol everybody of a list: a link for each who has not signed in yet, nothing for who has.

The same list again makes nobody twice: a person is known by role, name and place. Whoever has used a link keeps the
sign-in and gets no other; an unused link is replaced by a fresh one, and is worth nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from hub.enrol_command import THINGS
from hub.identity import enrol
from hub.revoking import forget_codes
from hub.sheet import Fault, shown
from hub.staff_sheet import Person
from hub.store import Store


class Link(Struct, frozen=True):
    """A link that signs somebody in once, within a day; `path` begins at the city's address."""

    line: int
    person: str
    role: str
    name: str
    path: str


class Enrolled(Struct, frozen=True):
    """What became of a list. `same`: how many have a sign-in already; `faults`: shops and vans that are not there."""

    links: tuple[Link, ...]
    same: int
    faults: tuple[Fault, ...]


async def enrol_all(
    store: Store, people: Sequence[Person], heard: Callable[[int], None] = lambda count: None
) -> Enrolled:
    """Enrol them in their order.

    Raises:
        StoreError: the store went away; the list may be enrolled again.
    """
    links: list[Link] = []
    faults: list[Fault] = []
    same = 0
    for one in people:
        fault = await _missing(store, one)
        if fault is not None:
            faults.append(fault)
        elif await _signed_in(store, one.id):
            same += 1
        else:
            await forget_codes(store, one.id)
            made = await enrol(
                store, role=one.role, name=one.name, person=one.id, shop=one.shop, van=one.van, desk=one.desk,
                vehicle=one.vehicle,
            )  # fmt: skip
            links.append(Link(one.line, one.id, one.role, one.name, made.url_path))
        heard(1)
    return Enrolled(tuple(links), same, tuple(faults))


async def _missing(store: Store, one: Person) -> Fault | None:
    """A link to a shop or a van that is not there would open an empty page."""
    for kind in THINGS:
        id_ = getattr(one, kind)
        if id_ is not None:
            (there,) = await store.many("normal", [["EXISTS", store.keys.thing(kind, id_)]])
            if not there:
                return Fault(one.line, kind, f"a {kind} of this city", shown(id_))
    return None


async def _signed_in(store: Store, person: str) -> bool:
    """Whether a sign-in of this person stands."""
    (digests,) = await store.many("normal", [["SMEMBERS", store.keys.sessions(person)]])
    rows = await store.many(
        "normal", [["HMGET", store.keys.session(name.decode()), "revoked", "expires"] for name in digests]
    )
    now = store.now()
    return any(revoked is None and expires is not None and int(expires) > now for revoked, expires in rows)
