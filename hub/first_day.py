"""The first day of a city: while nobody was ever enrolled, there is one link, for an admin.

The store keeps who the first admin is, never the code. So a restart cannot say the same link again; it says a fresh
one for the same person, and the old one is worth nothing any more, as long as neither was used.
"""

from __future__ import annotations

import uuid
from typing import Final

from hub.identity import Enrolment, enrol
from hub.members import GROUPS
from hub.revoking import forget_codes
from hub.store import Store

NAME: Final = "Admin pertama"
FIELD: Final = "first_admin"


async def first_admin(store: Store) -> Enrolment | None:
    """A link for the first admin of an empty city; None once it was used, and where anybody else was enrolled first.

    Raises:
        StoreError: the store could not be asked.
    """
    keys, many = store.keys, store.many
    (known,) = await many("normal", [["HGET", keys.head, FIELD]])
    if known is None:
        enrolled = await many("normal", [["ZCARD", keys.people(group)] for group in GROUPS])
        if any(enrolled):
            return None
        # whoever starts at the same time has one person with us
        _, known = await many("normal", [["HSETNX", keys.head, FIELD, str(uuid.uuid4())], ["HGET", keys.head, FIELD]])
    person = known.decode()
    (signed_in,) = await many("normal", [["SCARD", keys.sessions(person)]])
    if signed_in:
        return None
    await forget_codes(store, person)
    return await enrol(store, role="admin", name=NAME, person=person)
