"""What orders speak in: their table, the data of their commands, what is kept of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from channels import rules
from channels.alarms import Alarms
from channels.offers import Level
from channels.shop_things import Contact, GivenName, Phone, Rupiah, Word
from hub.contract import Rule, Table

RETIRE_MS: Final = rules.ENDED_MS
LATER_MS: Final = 72 * 3_600_000
"""How long an order waits for a shop that does not open."""
UNHEARD_MS: Final = 5_000
NO_SHOW_MS: Final = 30 * 86_400_000
MAX_OPEN_ORDERS: Final = 3
MAX_LINES: Final = 12

BUYER: Final = frozenset({"resident", "service"})
SELLER: Final = frozenset({"seller"})
PARTIES: Final = BUYER | SELLER
TIMER: Final = frozenset({"timer"})
HUB: Final = frozenset({"hub"})
DESK: Final = frozenset({"dispatcher"})
LEVELS: Final = ("sent", "received", "shown", "audible", "seen")

_OWN = "a seller of the shop"
_EITHER = "the buyer, or a seller of the shop"
_SELLER_ONLY = "a seller of the shop (the buyer no longer)"

ORDER: Table = {
    "new": {"order.place": Rule(BUYER, "placed")},
    "placed": {
        "order.accept": Rule(SELLER, "accepted", _OWN),
        "order.reject": Rule(SELLER, "rejected", _OWN),
        "order.cancel": Rule(PARTIES, "cancelled", _EITHER),
        "order.receipt": Rule(SELLER | HUB, None, _OWN),
        "order.ladder": Rule(TIMER, None, "louder, the second contact, the desk"),
        "order.expire": Rule(TIMER, "expired"),
    },
    "accepted": {
        "order.advance preparing": Rule(SELLER, "preparing", _OWN),
        "order.advance ready": Rule(SELLER, "ready", _OWN),
        "order.advance completed": Rule(SELLER, "completed", _OWN),
        "order.cancel": Rule(PARTIES, "cancelled", _EITHER),
    },
    "preparing": {
        "order.advance ready": Rule(SELLER, "ready", _OWN),
        "order.advance completed": Rule(SELLER, "completed", _OWN),
        "order.cancel": Rule(SELLER, "cancelled", _SELLER_ONLY),
    },
    "ready": {
        "order.advance completed": Rule(SELLER, "completed", _OWN),
        "order.cancel": Rule(SELLER, "cancelled", _SELLER_ONLY),
    },
    "completed": {},
    "rejected": {},
    "expired": {},
    "cancelled": {},
}
"""Things that may happen in every state and change none are no rows: `order.read`, `order.retire`,
an alarm that is taken or rings again, and `order.shop_turned`, by which a shop's waiting orders hear of it."""

RejectReason = Literal["out_of_stock", "too_busy", "closed", "other"]
CancelReason = Literal["mistake", "too_slow", "out_of_stock", "no_show", "other"]
Fulfilment = Literal["pickup", "delivery"]
OrderId = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.:-]+\Z")]


# -- data of commands ---------------------------------------------------------


class LineData(Struct, frozen=True):
    """`price` is the one that the buyer saw, for one piece."""

    product: Word
    quantity: Annotated[int, Meta(ge=1, le=99)]
    price: Rupiah


class Place(Struct, frozen=True):
    shop: Word
    lines: Annotated[tuple[LineData, ...], Meta(min_length=1, max_length=MAX_LINES)]
    fulfilment: Fulfilment
    name: GivenName
    phone: Phone
    address: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=200)] = ""


class Accept(Struct, frozen=True):
    order: OrderId
    prep_min: Annotated[int, Meta(ge=0, le=1440)]


class Reject(Struct, frozen=True):
    order: OrderId
    reason: RejectReason


class Advance(Struct, frozen=True):
    order: OrderId
    to: Literal["preparing", "ready", "completed"]


class Cancel(Struct, frozen=True):
    order: OrderId
    reason: CancelReason = "other"


class ReceiptData(Struct, frozen=True):
    order: OrderId
    level: Level


class OneOrder(Struct, frozen=True):
    order: OrderId


class ShopTurned(Struct, frozen=True):
    shop: Word


class TakeAlarm(Struct, frozen=True):
    alarm: Annotated[str, Meta(min_length=3, max_length=120, pattern=r"^[A-Za-z0-9_:-][A-Za-z0-9_.:-]+\Z")]


# -- things -------------------------------------------------------------------


class Line(Struct, frozen=True):
    """One line; an order that a want became has one without a product."""

    product: str
    name: str
    quantity: int
    price: int


class Alternative(Struct, frozen=True):
    """Another open shop with the goods, and what they cost there."""

    shop: str
    name: str
    kelurahan: str
    distance_m: int
    lines: tuple[Line, ...]


class Order(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An order.

    Args:
        ring_at: when its ladder began; 0 while it waits for the shop to open (`later`).
        asleep_at: since when it waits because nobody of an open shop can be rung: their phones are woken.
        loud: it rings louder. contacted_at: when it was given to the second contact.
        unheard: no device of the shop received it within 5 s.
        busy_min: what the shop said it takes longer, when it accepted.
        no_shows: how often this buyer left something uncollected in 30 days.
        receipts: seller -> level -> when. times: state -> when it began.
        want: the want that it came from.
        taken: how many of each product it took from the shop's stock; an end without a sale gives them back.
    """

    v: int = 2
    id: str
    state: str
    at: int
    shop: str
    shop_name: str
    kelurahan: str
    buyer: str
    lines: tuple[Line, ...]
    fulfilment: Fulfilment
    name: str
    phone: str
    placed_at: int
    accept_s: int
    ring_at: int = 0
    later: bool = False
    opens_at: int = 0
    asleep_at: int = 0
    loud: bool = False
    contact: Contact | None = None
    contacted_at: int = 0
    unheard: bool = False
    address: str = ""
    note: str = ""
    prep_min: int | None = None
    busy_min: int = 0
    accepted_by: str = ""
    winner: str = ""
    reason: str = ""
    cancelled_by: str = ""
    no_shows: int = 0
    want: str = ""
    taken: dict[str, int] = {}
    receipts: dict[str, dict[str, int]] = {}
    times: dict[str, int] = {}
    alarms: Alarms = {}
    alternatives: tuple[Alternative, ...] = ()
    retire_ms: int = RETIRE_MS

    @property
    def expires_at(self) -> int:
        return self.ring_at + self.accept_s * 1000 if self.ring_at else self.placed_at + LATER_MS

    @property
    def received(self) -> bool:
        """Whether some device of the shop has it: more than `sent`."""
        return any(levels.keys() - {"sent"} for levels in self.receipts.values())


class Buyer(Struct, frozen=True, omit_defaults=True):
    """What is kept of one device's person: open orders and wants, and when goods were not collected."""

    id: str
    open: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    no_shows: tuple[int, ...] = ()
