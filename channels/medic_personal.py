"""What of a medic request is personal, and whose; and a thing of this service without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from channels import medic_data as data
from channels.medic_commit import Draft
from channels.medic_state import Caller, Medic, Request
from channels.medic_table import HELD, UNANSWERED
from channels.offers import Offer
from hub.contract import ITS_ID, Card, Decision, Personal

PERSONAL: Final[Mapping[type[Struct], Personal]] = {
    data.Call: Personal({"location": "place", "landmark": "place", "phone": "phone"}, whose="request"),
    data.Describe: Personal(
        {"answers": "health", "note": "note", "location": "place", "landmark": "place", "phone": "phone"},
        whose="request",
    ),
    data.Position: Personal({"location": "place"}),
    data.OfRequest: Personal({"reason": "note"}, whose="request"),
    data.Escalate: Personal({"reason": "note"}, whose="request"),
    data.HandOver: Personal({"operator": "name", "reference": "note"}, whose="request"),
    data.Close: Personal({"note": "note"}, whose="request"),
    Request: Personal(
        {
            "place": "place",
            "landmark": "place",
            "phone": "phone",
            "note": "note",
            "answers": "health",
            "holder_place": "place",
            "past": "name",
            "line": "note",
            "operator": "name",
            "reference": "note",
        },
        whose="caller",
        parts={"offers": Offer},
        open=frozenset((*UNANSWERED, *HELD)),
    ),
    Offer: Personal({"name": "name", "vehicle": "name"}, whose=ITS_ID),
    Medic: Personal(
        {"name": "name", "vehicle": "name", "place": "place"}, whose=ITS_ID, open=frozenset({"on", "busy"})
    ),
    Caller: Personal({"unfounded": "note"}, whose=ITS_ID, goes=True),
}
PLAIN: Final[Mapping[str, str]] = {"kelurahan": "an area of hundreds of homes"}
_SHOWN: Final = frozenset({"phone", "note", "landmark", "answers"})
"""What the holder's card has until the patient was left, and the desk's view for longer."""
CARDS: Final[Mapping[str, Card]] = {
    "request": Card("request", _SHOWN | {"location"}, blurred=frozenset({"cleared"})),
    "offer": Card("request", _SHOWN, id="request"),
}


def redrawn(type_: str, id_: str, before: Struct, after: Struct | None, now: int) -> Decision:
    """A request or a duty with fewer fields; a caller's marks, which no screen shows, go."""
    draft = Draft(now, "privacy.erased")
    if isinstance(before, Request) and isinstance(after, Request):
        draft.request(before, after)
    elif isinstance(before, Medic) and isinstance(after, Medic):
        draft.medic(before, after)
    else:
        draft.write(type_, id_, after)
    return draft.decision()
