"""What of the phones of the city's own people is personal, and a thing of theirs without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from channels.draft import Draft, Kind
from channels.phones_rings import TEST
from channels.phones_things import PHONE_KIND, TEST_KIND, Phone, Somebody, TestRing
from hub.contract import ITS_ID, Decision, Personal

PHONES: Final[Mapping[type[Struct], Personal]] = {
    Phone: Personal({"name": "name"}, whose=ITS_ID, goes=True),
    TestRing: Personal(parts={"missed": Somebody}),
    Somebody: Personal({"name": "name"}, whose="person"),
}
PHONES_PLAIN: Final[Mapping[str, str]] = {
    "person": "an id",
    "role": "a word of the program",
    "alarm": "an id",
    "name": "staff's own, as on the roster: said by the hub, in no audit entry, gone with the next test",
}
KINDS: Final[Mapping[str, Kind]] = {"phone": PHONE_KIND, TEST: TEST_KIND}


def redrawn(type_: str, id_: str, before: Any, after: Any, now: int) -> Decision:
    """A thing without somebody's name, or gone, and what screens see of it."""
    draft = Draft(now, "privacy.erased")
    draft.put(KINDS[type_], id_, before, after)
    return draft.decision()
