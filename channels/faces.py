"""What every topic's screens see: a struct for each type of view, by the pattern of the topic.

Views are made as plain maps where they are decided (`*_views.py`); here stands what they look like, for the documents
and for whoever writes a client. A view that holds another key, or lacks one of these, fails the tests: every view of
the tests' cities is held against its struct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from channels.faces_help import (
    Alert,
    DeskRequest,
    Drill,
    Duty,
    MedicAlarm,
    OnDuty,
    OwnRequest,
    ResponseTimes,
    Ringing,
    RosterMedic,
)
from channels.faces_market import (
    Answer,
    AskedWant,
    BuyersOrder,
    ListedShop,
    MarketAlarm,
    MarketOrder,
    MarketWant,
    OwnShop,
    OwnWant,
    Product,
    Seat,
    ShopsOrder,
    SignUp,
    TroubledShop,
    Workshop,
)
from channels.faces_phones import LostPhone, RingTest
from channels.faces_vans import (
    AskedStop,
    BriefStop,
    CrewsQueue,
    DeskVan,
    Plan,
    Queue,
    Reminder,
    Ticket,
    TripNews,
    Van,
    VanWithTrip,
    WholeStop,
    WholeTrip,
)

FACES: Final[Mapping[str, tuple[type[Struct], ...]]] = {
    "help/<person>": (OwnRequest, Ringing, Duty),
    "dispatch": (DeskRequest, Drill, MedicAlarm, ResponseTimes, RingTest),
    "warnings": (Alert,),
    "roster": (RosterMedic,),
    "city": (Alert, OnDuty),
    "person/<id>": (BuyersOrder, OwnWant, Ticket, Reminder, Seat),
    "shop/<id>": (OwnShop, Product, ShopsOrder, Answer),
    "shops/<kelurahan>": (ListedShop,),
    "wants/<kelurahan>/<category>": (AskedWant,),
    "dispatch/market": (TroubledShop, MarketOrder, MarketWant, MarketAlarm, RingTest),
    "workshops/<category>": (Workshop,),
    "plut": (Workshop, SignUp),
    "vans": (Van,),
    "van/<id>": (VanWithTrip,),
    "stops": (BriefStop,),
    "stop/<id>": (WholeStop, Queue),
    "queue/<van>": (CrewsQueue,),
    "crew/<van>": (TripNews,),
    "dispatch/van": (DeskVan, WholeTrip, Plan, Queue, AskedStop, LostPhone, RingTest),
    "dispatch/city": (LostPhone, RingTest),
}
"""The types of view in the topics of each pattern; in one topic no two have the same `type`."""
