"""A new device for somebody who is enrolled already, and the lost one that it replaces.

They stay the same person: what they hold, their name and their past follow them. The old device stays signed in
until the new link is used, so that nobody is cut off by a link that never arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.errors import DataError
from hub.identity import Enrolment, Identity, enrol
from hub.members import Member
from hub.revoking import EVERY
from hub.store import Store

KEPT: Final = ("role", "name", "shop", "van", "desk", "vehicle")
"""What a person is, whatever device they use."""


def check_same(member: Member, given: Mapping[str, str | None]) -> None:
    """Refuse what would make them somebody else; None is not given.

    Raises:
        DataError: names the field and what it is.
    """
    for name, value in given.items():
        known = getattr(member, name) or ""
        if value is not None and value.strip() != known:
            raise DataError(name, f"expected {known!r}, as this person is enrolled, or nothing")


async def replaced(store: Store, member: Member, wanted: str | bool | None) -> str | None:
    """What a code has to say of the sign-ins that end with its use: an id, `all`, or None.

    Raises:
        DataError: it names no sign-in of theirs that stands.
        StoreError: the store could not be asked.
    """
    if wanted is None or wanted is False:
        return None
    if wanted is True or wanted == EVERY:
        return EVERY
    rows = await Identity(store).sessions(member.person)
    if wanted not in {row["id"] for row in rows if row["expires_at"] > store.now()}:
        expected = f"expected true or the id of a sign-in of this person that stands, got {wanted[:40]!r}"
        raise DataError("replace", expected)
    return wanted


async def renew(store: Store, member: Member, replace: str | None) -> Enrolment:
    """Make a one-time code for one more device of this person; who was barred is no more."""
    await store.many("normal", [["SREM", store.keys.barred, member.person]])
    return await enrol(
        store, role=member.role, name=member.name, person=member.person, shop=member.shop, van=member.van,
        desk=member.desk, vehicle=member.vehicle, replace=replace,
    )  # fmt: skip
