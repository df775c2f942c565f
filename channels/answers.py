"""What each command answers, as structs: for the documents and for whoever writes a client.

Services answer with plain maps; every answer of the tests' cities is held against its struct here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from msgspec import UNSET, Struct

from channels.alerts import Status, Texts
from channels.faces_help import Area, Entry, Priority
from channels.faces_market import Answer, OrderState, OwnWant, ShopsOrder
from channels.faces_parts import Maybe, Part
from channels.faces_vans import TicketState
from channels.medic_table import State
from channels.van_things import StopState


class OtherCity(Part, frozen=True, kw_only=True):
    """Where a call is that lies across the border: `?city=<code>` with this token follows it, at the same host."""

    code: str
    name: str
    token: str
    person: str
    host: Maybe[str] = UNSET


class Called(Part, frozen=True, kw_only=True):
    """`existing`: this device had a request already; it is the same. `city`: it lies in another one, and is there."""

    request: str
    candidates: int
    existing: Maybe[bool] = UNSET
    city: Maybe[OtherCity] = UNSET


class RequestNamed(Part, frozen=True):
    request: str


class RequestStepped(Part, frozen=True):
    request: str
    state: State


class RequestCancelled(RequestStepped, frozen=True, kw_only=True):
    """`cancel_requested`: a medic is under way; medic or desk ends it."""

    cancel_requested: Maybe[bool] = UNSET
    in_grace: Maybe[bool] = UNSET


class Described(Part, frozen=True):
    request: str
    priority: Priority


class OnOff(Part, frozen=True):
    state: Literal["off", "on", "busy"]
    since: int
    reachable: bool


class BackupAsked(Part, frozen=True):
    """`backup`: the request that asks for a second medic."""

    request: str
    backup: str
    candidates: int


class Escalated(Part, frozen=True):
    request: str
    wave: int


class Merged(RequestStepped, frozen=True, kw_only=True):
    into: str


class AlarmTaken(Part, frozen=True):
    alarm: str
    silent_until: int


class TestRung(Part, frozen=True):
    """The desk whose phones ring as a test, and since when."""

    test_ring: str
    rung_at: int


class OrderPlaced(Part, frozen=True, kw_only=True):
    """`later`: the shop is closed; it rings there at `opens_at`."""

    order: str
    state: OrderState
    later: Maybe[bool] = UNSET
    opens_at: Maybe[int] = UNSET


class OrderStepped(Part, frozen=True, kw_only=True):
    order: str
    state: OrderState
    shop: Maybe[str] = UNSET


class OrderHeard(Part, frozen=True, kw_only=True):
    """Empty when the level was known."""

    order: Maybe[str] = UNSET


class RequestRead(Part, frozen=True, kw_only=True):
    """The whole way of a request; `next`: the `from` of the part that follows. The same id again: `{}`."""

    request: Maybe[dict[str, Any]] = UNSET
    timeline: Maybe[list[Entry]] = UNSET
    next: Maybe[int] = UNSET


class OrderRead(Part, frozen=True):
    order: ShopsOrder


class ShopNamed(Part, frozen=True):
    shop: str


class ProductNamed(Part, frozen=True):
    shop: str
    product: str


class WantPosted(Part, frozen=True):
    """`asked`: how many shops so far."""

    want: str
    asked: int


class WantAnswered(Part, frozen=True):
    want: str
    answers: int


class WantPicked(Part, frozen=True):
    want: str
    order: str


class WantClosed(Part, frozen=True):
    want: str
    state: str


class WantRead(Part, frozen=True):
    want: OwnWant | Answer


class VanNamed(Part, frozen=True):
    van: str


class StopNamed(Part, frozen=True):
    stop: str


class VanPressed(Part, frozen=True):
    van: str
    stop: str
    state: StopState


class TrackerMade(Part, frozen=True, kw_only=True):
    """`key`: told once, never again."""

    van: str
    key: Maybe[str] = UNSET


class TripsSaved(Part, frozen=True, kw_only=True):
    """`same`: nothing had to be changed."""

    van: str
    trips: list[str]
    same: Maybe[bool] = UNSET


class TripCancelled(Part, frozen=True):
    van: str
    trip: str


class NewsSeen(Part, frozen=True):
    """`ringing`: something was changed after what the crew read."""

    van: str
    state: Literal["ringing", "seen"]


class ReminderSet(Part, frozen=True):
    stop: str
    minutes: int
    eta: int


class ReminderDismissed(Part, frozen=True):
    stop: str
    state: Literal["dismissed"]


class TicketTaken(Part, frozen=True, kw_only=True):
    """`existing`: this person had one already."""

    ticket: str
    number: int
    ahead: int
    state: TicketState
    existing: Maybe[bool] = UNSET


class TicketStepped(Part, frozen=True):
    ticket: str
    number: int
    state: TicketState


class StopAsked(Part, frozen=True, kw_only=True):
    """`existing`: this person's name stood there already."""

    kelurahan: str
    month: str
    names: int
    existing: Maybe[bool] = UNSET


class AlertSaid(Part, frozen=True, kw_only=True):
    """What was said; or, with `preview`, what would be, in `bytes`."""

    kelurahan: int
    urgent: bool
    alert: Maybe[str] = UNSET
    identifier: Maybe[str] = UNSET
    state: Maybe[str] = UNSET
    preview: Maybe[bool] = UNSET
    bytes: Maybe[int] = UNSET
    status: Maybe[Status] = UNSET
    severity: Maybe[str] = UNSET
    expires: Maybe[int] = UNSET
    whole_city: Maybe[bool] = UNSET
    areas: Maybe[list[Area]] = UNSET
    texts: Maybe[Texts] = UNSET


class WorkshopStepped(Part, frozen=True, kw_only=True):
    workshop: str
    state: str


class Joined(WorkshopStepped, frozen=True, kw_only=True):
    """`ahead`: how many wait before this one. `existing`: it was so already."""

    ahead: Maybe[int] = UNSET
    existing: Maybe[bool] = UNSET


ANSWERS: Final[Mapping[str, type[Struct]]] = {
    "medic.call": Called,
    "medic.cancel": RequestCancelled,
    "medic.describe": Described,
    "medic.duty": OnOff,
    "medic.receipt": RequestNamed,
    "medic.accept": RequestStepped,
    "medic.decline": RequestNamed,
    "medic.release": RequestStepped,
    "medic.backup": BackupAsked,
    "medic.advance": RequestStepped,
    "medic.assign": RequestStepped,
    "medic.escalate": Escalated,
    "medic.merge": Merged,
    "medic.hand_over": RequestStepped,
    "medic.close": RequestStepped,
    "medic.read": RequestRead,
    "alarm.take": AlarmTaken,
    "order.place": OrderPlaced,
    "order.accept": OrderStepped,
    "order.reject": OrderStepped,
    "order.advance": OrderStepped,
    "order.cancel": OrderStepped,
    "order.receipt": OrderHeard,
    "order.read": OrderRead,
    "shop.save": ShopNamed,
    "shop.pause": ShopNamed,
    "shop.resume": ShopNamed,
    "shop.busy": ShopNamed,
    "product.save": ProductNamed,
    "product.stock": ProductNamed,
    "want.post": WantPosted,
    "want.answer": WantAnswered,
    "want.pick": WantPicked,
    "want.close": WantClosed,
    "want.read": WantRead,
    "van.arrive": VanPressed,
    "van.depart": VanPressed,
    "van.skip": VanPressed,
    "van.tracker": TrackerMade,
    "van.save": VanNamed,
    "stop.save": StopNamed,
    "trip.save": TripsSaved,
    "trip.cancel": TripCancelled,
    "news.seen": NewsSeen,
    "reminder.set": ReminderSet,
    "reminder.dismiss": ReminderDismissed,
    "ticket.take": TicketTaken,
    "ticket.cancel": TicketStepped,
    "ticket.call": TicketStepped,
    "ticket.serve": TicketStepped,
    "ticket.no_show": TicketStepped,
    "stop.ask": StopAsked,
    "phone.test": TestRung,
    "alert.publish": AlertSaid,
    "alert.update": AlertSaid,
    "alert.cancel": AlertSaid,
    "workshop.publish": WorkshopStepped,
    "workshop.update": WorkshopStepped,
    "workshop.cancel": WorkshopStepped,
    "workshop.start": WorkshopStepped,
    "workshop.join": Joined,
    "workshop.leave": WorkshopStepped,
}
"""By command; every one that a person gives has one."""
