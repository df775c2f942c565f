"""What orders speak in: their tables, the data of their commands, their things and views."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, to_builtins

from hub.contract import Rule, Table, View

ACCEPT_S: Final = {"food": 180, "goods": 1800}
RETIRE_S: Final = 24 * 3600
DEAF_S: Final = 30
MAX_OPEN_ORDERS: Final = 3

SELLER: Final = frozenset({"seller"})
PARTIES: Final = frozenset({"resident", "service", "seller"})
TIMER: Final = frozenset({"timer"})
HUB: Final = frozenset({"hub"})
SYSTEM: Final = frozenset({"system"})
LEVELS: Final = ("sent", "received", "shown", "audible", "seen")
LISTED_PRODUCTS: Final = 3
"""What `shops/<kelurahan>` shows of a shop: a list view stays under 300 bytes."""

# -- tables -------------------------------------------------------------------

_OWN = "a seller of the shop"
_EITHER = "the buyer, or a seller of the shop"
_SELLER_ONLY = "a seller of the shop (the buyer no longer)"

ORDER: Table = {
    "new": {"order.place": Rule(frozenset({"resident", "service"}), "placed")},
    "placed": {
        "order.accept": Rule(SELLER, "accepted", _OWN),
        "order.reject": Rule(SELLER, "rejected", _OWN),
        "order.cancel": Rule(PARTIES, "cancelled", _EITHER),
        "order.receipt": Rule(SELLER | HUB, None, _OWN),
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

SHOP: Table = {
    "new": {"order.seed": Rule(SYSTEM, "open")},
    "open": {
        "order.seed": Rule(SYSTEM),
        "order.presence": Rule(HUB),
        "order.close": Rule(TIMER, "closed", "no seller reachable"),
    },
    "closed": {
        "order.seed": Rule(SYSTEM),
        "order.presence": Rule(HUB, "open", "a seller is reachable"),
    },
}

Word = Annotated[str, Meta(min_length=1, max_length=40)]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 ().-]{4,19}$")]
Rupiah = Annotated[int, Meta(ge=0, le=1_000_000_000)]


# -- data of commands ---------------------------------------------------------


class ProductData(Struct, frozen=True, omit_defaults=True):
    """`stock` None: as much as is asked for."""

    id: Word
    name: Name
    price: Rupiah
    stock: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None


class ShopData(Struct, frozen=True):
    id: Word
    name: Name
    category: Literal["food", "goods"]
    kelurahan: Word
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    products: Annotated[tuple[ProductData, ...], Meta(min_length=1, max_length=12)]


class Seed(Struct, frozen=True):
    shop: ShopData


class LineData(Struct, frozen=True):
    """`price` is the one that the buyer saw, for one piece."""

    product: Word
    quantity: Annotated[int, Meta(ge=1, le=99)]
    price: Rupiah


class Place(Struct, frozen=True):
    shop: Word
    lines: Annotated[tuple[LineData, ...], Meta(min_length=1, max_length=12)]
    fulfilment: Literal["pickup", "delivery"]
    name: Name
    phone: Phone
    address: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=200)] = ""


class Accept(Struct, frozen=True):
    order: Word
    prep_min: Annotated[int, Meta(ge=0, le=1440)]


class Reject(Struct, frozen=True):
    order: Word
    reason: Literal["out_of_stock", "too_busy", "closed", "other"]


class Advance(Struct, frozen=True):
    order: Word
    to: Literal["preparing", "ready", "completed"]


class Cancel(Struct, frozen=True):
    order: Word
    reason: Literal["mistake", "too_slow", "out_of_stock", "other"] = "other"


class ReceiptData(Struct, frozen=True):
    order: Word
    level: Literal["sent", "received", "shown", "audible", "seen"]


class OneOrder(Struct, frozen=True):
    order: Word


class OneShop(Struct, frozen=True):
    shop: Word


class PresenceData(Struct, frozen=True):
    person: Word
    reachable: bool
    connected: bool = False
    shop: Word | None = None


# -- things -------------------------------------------------------------------


class Shop(ShopData, frozen=True, omit_defaults=True):
    """`listening`: the sellers who are reachable."""

    state: str = "open"
    at: int = 0
    listening: tuple[str, ...] = ()


class Line(Struct, frozen=True):
    product: str
    name: str
    quantity: int
    price: int


class Order(Struct, frozen=True, omit_defaults=True):
    """`receipts`: seller -> level -> when. `times`: state -> when it began."""

    id: str
    state: str
    at: int
    shop: str
    shop_name: str
    kelurahan: str
    buyer: str
    lines: tuple[Line, ...]
    fulfilment: str
    name: str
    phone: str
    placed_at: int
    expires_at: int
    accept_s: int
    address: str = ""
    note: str = ""
    prep_min: int | None = None
    accepted_by: str = ""
    winner: str = ""
    reason: str = ""
    receipts: dict[str, dict[str, int]] = {}
    times: dict[str, int] = {}


class Buyer(Struct, frozen=True):
    """The open orders of one device."""

    id: str
    open: tuple[str, ...] = ()


class Seller(Struct, frozen=True):
    """Where a seller sells, for news of their screens that does not say it."""

    id: str
    shop: str


# -- views --------------------------------------------------------------------


def order_view(order: Order) -> View:
    """An order as its buyer and the shop see it."""
    levels = [level for seller in order.receipts.values() for level in seller]
    view: View = {
        "type": "order",
        "id": order.id,
        "state": order.state,
        "at": order.at,
        "shop": order.shop,
        "shop_name": order.shop_name,
        "kelurahan": order.kelurahan,
        "lines": to_builtins(order.lines),
        "total": sum(line.quantity * line.price for line in order.lines),
        "fulfilment": order.fulfilment,
        "name": order.name,
        "phone": order.phone,
        "placed_at": order.placed_at,
        "expires_at": order.expires_at,
        "receipts": {level: levels.count(level) for level in LEVELS},
        "times": order.times,
    }
    for key in ("address", "note", "accepted_by", "reason"):
        if value := getattr(order, key):
            view[key] = value
    if order.prep_min is not None:
        view["prep_min"] = order.prep_min
    return view


def market_view(order: Order) -> View:
    """An order as the market desk sees it: nobody's name, phone, address or note.

    Its type is its own, so that the desk's screens give no receipts of an order.
    """
    hidden = ("name", "phone", "address", "note", "lines")
    view = {key: value for key, value in order_view(order).items() if key not in hidden}
    return {**view, "type": "market_order"}


def shop_view(shop: Shop) -> View:
    """A shop as its sellers see it."""
    return {**_shop_head(shop), "products": to_builtins(shop.products)}


def listed_view(shop: Shop) -> View:
    """A shop in the list of its kelurahan: what can be had now, under 300 bytes."""
    there = [p for p in shop.products if p.stock != 0][:LISTED_PRODUCTS]
    return {**_shop_head(shop), "products": [{"id": p.id, "name": p.name, "price": p.price} for p in there]}


def _shop_head(shop: Shop) -> View:
    return {
        "type": "shop",
        "id": shop.id,
        "state": shop.state,
        "at": shop.at,
        "name": shop.name,
        "category": shop.category,
        "kelurahan": shop.kelurahan,
    }
