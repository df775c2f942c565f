"""Everything that is kept of one person, as JSON: `kentongan export`, `GET /v1/privacy/export`."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from hub.archive import Archive
from hub.contract import ITS_ID, FixOf
from hub.dispatch import Dispatch
from hub.identity import COOKIE_ROLES, Identity
from hub.looks import looks_at
from hub.members import member_of
from hub.personal import Declared
from hub.privacy import LINK, Privacy, entry_of
from hub.push import Subscriptions
from hub.seal import kept_keys

Row = tuple[int, bytes]
"""When (ms), and an audit entry as it was logged."""

PAGE: Final = 1_000
NO_KEY: Final = "no key of this person stands: what was sealed with one can be read by nobody"


class Trail:
    """Picks the audit entries that are about one person, in the order in which they were written.

    An entry is about who gave it, whom it names, and whoever owns a thing that an entry before it named.
    """

    def __init__(self, person: str, declared: Declared) -> None:
        self._person, self._needles = person, {person.encode()}
        self._owned = {
            type_
            for type_, struct in declared.types.items()
            if (said := declared.structs.get(struct)) is not None and said.whose not in ("", ITS_ID)
        }

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Those of the rows that are about them."""
        for at, body in rows:
            if any(one in body for one in self._needles):
                said = entry_of(body)
                if self._person in (said.get("by"), said.get("about")):
                    self._needles |= {
                        thing.encode() for thing in said.get("things", ()) if thing.partition("/")[0] in self._owned
                    }
                yield at, body


def archived(archive: Archive, trail: Trail) -> list[Row]:
    """What the archive holds of them. Blocking, and as long as the archive is."""
    return list(trail.of((row.at, row.body) for row in archive.rows()))


async def export(dispatch: Dispatch, person: str, before: list[Row], trail: Trail) -> dict[str, Any] | None:
    """All that is kept of a person; None for who is not known.

    Args:
        before: the archive's rows about them; what the log holds beside them is added.
    """
    store, privacy, sealing = dispatch.store, Privacy(dispatch), dispatch.sealing
    things = await privacy.things(person)
    erased_at = await privacy.erased_at(person)
    if not before and not erased_at and not await privacy.known(person, things):
        return None
    keys = await kept_keys(store, [person])
    known = set(before)
    rows = [*before, *(row for row in trail.of([row async for row in _logged(dispatch)]) if row not in known)]
    member = await member_of(store, person)
    woken = await Subscriptions(store, dispatch).of_all([(role, person) for role in COOKIE_ROLES])
    told: dict[str, Any] = {
        "person": person,
        "city": store.city,
        "at": store.now(),
        "sign_ins": await Identity(store).sessions(person),
        "enrolled": msgspec.to_builtins(member) if member is not None else None,
        "woken_at": [one.endpoint for kept in woken.values() for one in kept],
        "things": {held.name: msgspec.to_builtins(held.state) for held in things},
        "fixes": await _fixes(dispatch, person),
        "looks": [msgspec.structs.asdict(look) for look in await looks_at(store, person)],
        "audit": [{"at": at, **_readable(sealing.opened_entry(entry_of(body), keys))} for at, body in rows],
    }
    if not keys:
        told["note"] = NO_KEY
    return {**told, "erased_at": erased_at} if erased_at else told


async def _logged(dispatch: Dispatch) -> Any:
    """The audit log in the store: what the archive has not taken yet, and what is not trimmed behind it."""
    store, after = dispatch.store, "-"
    while True:
        (page,) = await store.many(LINK, [["XRANGE", store.keys.audit, after, "+", "COUNT", PAGE]])
        for _, fields in page:
            said = dict(zip(fields[::2], fields[1::2], strict=True))
            yield int(said.get(b"at", b"0")), bytes(said.get(b"e", b""))
        if len(page) < PAGE:
            return
        after = "(" + page[-1][0].decode()


async def _fixes(dispatch: Dispatch, person: str) -> dict[str, Any]:
    declared = dispatch.services.declared
    moving = [
        type_
        for type_, struct in declared.types.items()
        if (said := declared.structs.get(struct)) is not None and said.whose == ITS_ID and not said.called
    ]
    state = await dispatch.store.found(LINK, [FixOf(type_, person) for type_ in moving])
    return {
        type_: {"lat": fix.lat, "lon": fix.lon, "fix_at": fix.fix_at}
        for type_ in moving
        if (fix := state.fix(type_, person)) is not None
    }


def _readable(entry: dict[str, Any]) -> dict[str, Any]:
    """With what stayed sealed as base64, so that JSON can say it."""
    sealed = entry.get("sealed")
    if not isinstance(sealed, dict):
        return entry
    return {**entry, "sealed": {name: base64.b64encode(blob).decode() for name, (_, blob) in sealed.items()}}
