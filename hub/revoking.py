"""Ending sign-ins: the record says so first, then every hub hears of it and closes what is live.

A lost word is found by each hub's own look at its live sign-ins, once a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.contract import Change, Decision, State
from hub.store import Committed, Store

REVOKED_TOPIC: Final = "revocations"
EVERY: Final = "all"
TRIES: Final = 5
ID_LENGTH: Final = 32
"""Digits of a digest that name a sign-in to people."""


async def end(store: Store, digest: str, row: Sequence[str] = ()) -> None:
    """Note that a sign-in is over, and say it to every hub.

    Args:
        row: more fields of its record, where none may stand yet.
    """
    await store.many("normal", [["HSET", store.keys.session(digest), *row, "revoked", "1"]])
    await tell(store, digest)


async def tell(store: Store, digest: str) -> None:
    """Say to every hub that a sign-in is over, whose record says so already."""
    change = Change(topic=REVOKED_TOPIC, id=digest, kind="session.revoked", view=None)
    for _ in range(TRIES):
        result = await store.commit(
            "urgent", State(), Decision(changes=(change,)),
            epoch=store.epoch, lane_of=lambda topic: "urgent", out=None,
        )  # fmt: skip
        if isinstance(result, Committed):
            break


async def end_of(store: Store, person: str, which: str) -> int:
    """End a person's sign-in by its id, or `all` of them and every code that nobody used yet.

    With `all` they are barred first: the city's account lets them in again only after a new link.

    Returns:
        how many that stood were ended; 0 for an id that is none of this person's.
    """
    if which == EVERY:
        await store.many("normal", [["SADD", store.keys.barred, person]])
        return await end_all(store, person)
    return await _ended(store, person, which)


async def end_all(store: Store, person: str) -> int:
    """End all of a person's sign-ins and every code that nobody used yet; how many sign-ins stood.

    Codes die first: one that is redeemed meanwhile has become a sign-in, and that is ended with the others.
    """
    await forget_codes(store, person)
    return await _ended(store, person, EVERY)


async def _ended(store: Store, person: str, which: str) -> int:
    (known,) = await store.many("normal", [["SMEMBERS", store.keys.sessions(person)]])
    digests = [name.decode() for name in known if which == EVERY or name.decode()[:ID_LENGTH] == which]
    rows = await store.many("normal", [["HMGET", store.keys.session(one), "revoked", "expires"] for one in digests])
    standing = [one for one, row in zip(digests, rows, strict=True) if _stands(row, store.now())]
    for digest in standing:
        await end(store, digest)
    return len(standing)


async def forget_codes(store: Store, person: str) -> None:
    """Make every code worthless that was made for a person and not used."""
    keys = store.keys
    (codes,) = await store.many("normal", [["SMEMBERS", keys.codes(person)]])
    await store.many("normal", [["DEL", *(keys.enrol(code.decode()) for code in codes), keys.codes(person)]])


def _stands(row: list[bytes | None], now: int) -> bool:
    revoked, expires = row
    return revoked is None and expires is not None and int(expires) > now
