"""What shops speak in: their table, the data of their commands, what is kept of them.

A shop's products live inside it: its price list, its stock and its face in the
lists are then one thing with one version, and the last piece is sold once.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from channels import rules
from channels.alarms import Alarms
from hub.contract import Rule, Table

ACCEPT_S: Final = rules.ACCEPT_S
"""How long an order rings before it expires, by the shop's category."""

MOST_PRODUCTS: Final = 200
MOST_STOCK: Final = 1_000_000
MOST_REGISTERED: Final = 15
"""Shops in one `shop.register`: each may touch two topics of the 32."""
MOST_SELLERS: Final = 30

SELLER: Final = frozenset({"seller"})
KEEPERS: Final = frozenset({"seller", "dispatcher"})
TIMER: Final = frozenset({"timer"})
HUB: Final = frozenset({"hub"})
SYSTEM: Final = frozenset({"system"})

_OWN = "a seller of the shop"
_DESK = "a seller of the shop, or the market desk"

_EITHER = {
    "shop.register": Rule(SYSTEM),
    "shop.busy": Rule(SELLER, only=_OWN),
    "product.save": Rule(SELLER, only=_OWN),
    "product.stock": Rule(SELLER, only=_OWN),
}

SHOP: Table = {
    "new": {"shop.register": Rule(SYSTEM, "closed")},
    "closed": {
        **_EITHER,
        "shop.save": Rule(KEEPERS, "open", _DESK),
        "shop.pause": Rule(KEEPERS, only=_DESK),
        "shop.resume": Rule(KEEPERS, "open", _DESK),
        "shop.presence": Rule(HUB, "open", "a seller is reachable, within hours, not paused"),
        "shop.turn": Rule(TIMER, "open", "opening time, or the pause is over"),
    },
    "open": {
        **_EITHER,
        "shop.save": Rule(KEEPERS, "closed", _DESK),
        "shop.pause": Rule(KEEPERS, "closed", _DESK),
        "shop.resume": Rule(KEEPERS, only=_DESK),
        "shop.presence": Rule(HUB),
        "shop.turn": Rule(TIMER, "closed", "closing time, or nobody reachable for 30 s"),
    },
}
"""Open = within hours, not paused, reachable; whatever the command, `shop_open.settled` says which it is
(saving matters for its hours)."""

Word = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
GivenName = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
"""A name in a command: not nothing but spaces. What is kept says `Name`, so that older things can be read."""
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9][0-9 ().-]{4,19}\Z")]
AnyPhone = Annotated[str, Meta(pattern=r"^(\+?[0-9][0-9 ().-]{4,19})?\Z")]
Rupiah = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Stock = Annotated[int, Meta(ge=0, le=MOST_STOCK)]
Minute = Annotated[int, Meta(ge=0, le=2_880)]
Category = Literal["food", "goods", "made_to_order"]

Hours = tuple[tuple[tuple[int, int], ...], ...]
"""Seven days from Monday, each with (opens, closes) in minutes from its midnight; empty: always open.
`closes` past 1,440 runs into the next day."""


class Contact(Struct, frozen=True):
    """Another person whom an order that rings in vain is given to."""

    name: Name
    phone: Phone


# -- data of commands ---------------------------------------------------------


class ProductData(Struct, frozen=True, omit_defaults=True):
    """`stock` None: as much as is asked for; 0: sold out."""

    id: Word
    name: Name
    price: Rupiah
    stock: Stock | None = None
    made_here: bool = False


HoursData = Annotated[tuple[Annotated[tuple[tuple[Minute, Minute], ...], Meta(max_length=4)], ...], Meta(max_length=7)]


class ShopData(Struct, frozen=True, kw_only=True):
    """A shop as the register or the seed names it; without a position it stands in the middle of its kelurahan."""

    id: Word
    name: GivenName
    category: Category
    kelurahan: Name
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    address: Annotated[str, Meta(max_length=200)] = ""
    owner: Annotated[str, Meta(max_length=60)] = ""
    phone: AnyPhone = ""
    nib: Annotated[str, Meta(pattern=r"^([0-9]{13})?\Z")] = ""
    hours: HoursData = ()
    products: Annotated[tuple[ProductData, ...], Meta(max_length=MOST_PRODUCTS)] = ()


class Register(Struct, frozen=True):
    shops: Annotated[tuple[ShopData, ...], Meta(min_length=1, max_length=MOST_REGISTERED)]


class Save(Struct, frozen=True, kw_only=True):
    """What is left out stays; `contact` null takes the second contact away."""

    shop: Word
    name: GivenName | None = None
    category: Category | None = None
    address: Annotated[str, Meta(max_length=200)] | None = None
    phone: AnyPhone | None = None
    hours: HoursData | None = None
    contact: Contact | UnsetType | None = UNSET


class Pause(Struct, frozen=True):
    """`minutes` None: until resumed."""

    shop: Word
    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None


class OneShop(Struct, frozen=True):
    shop: Word


class Busy(Struct, frozen=True):
    """`minutes` longer than usual, for the next `for_min`; 0: as usual."""

    shop: Word
    minutes: Annotated[int, Meta(ge=0, le=120)]
    for_min: Annotated[int, Meta(ge=1, le=1_440)] = 60


class SaveProduct(Struct, frozen=True, kw_only=True):
    """A new product, or another face for one that is there: what is left out stays; `gone` takes it away."""

    shop: Word | None = None
    product: Word | None = None
    name: GivenName | None = None
    price: Rupiah | None = None
    stock: Stock | UnsetType | None = UNSET
    made_here: bool | None = None
    gone: bool = False


class StockProduct(Struct, frozen=True, kw_only=True):
    """`stock` as it is now (null: not counted, 0: sold out), or `by` how many it grew: a sale meanwhile is not lost."""

    product: Word
    stock: Stock | UnsetType | None = UNSET
    by: Annotated[int, Meta(ge=-MOST_STOCK, le=MOST_STOCK)] | None = None
    shop: Word | None = None


class Reached(Struct, frozen=True):
    person: Annotated[str, Meta(min_length=1, max_length=80)]
    reachable: bool
    connected: bool = False
    shop: Word | None = None


# -- things -------------------------------------------------------------------


class Ear(Struct, frozen=True, omit_defaults=True):
    """One seller, as the shop hears through them; `at`: since when it is so."""

    name: str
    at: int
    reachable: bool = False
    connected: bool = False


class Shop(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A shop.

    Args:
        state, why, opens_at, turn_at: as `shop_open.settled` last found them; `turn_at`
            is when time alone changes something next, 0 for never.
        sellers: who sells here and whether they can be rung.
        deaf_since: when the last reachable seller was lost; 0 while one is, or none ever was.
        paused_until: 0: until resumed. self_paused: two orders in a row expired.
        expired: orders in a row that nobody answered.
        own: what was saved here since; the register no longer changes it.
        month, sold: orders completed in `month` (30-day periods since the epoch).
        zone_ms: the city's clock, by which its hours go.
    """

    v: int = 2
    id: str
    name: str
    category: Category
    kelurahan: str
    lat: float
    lon: float
    address: str = ""
    owner: str = ""
    phone: str = ""
    nib: str = ""
    hours: Hours = ()
    products: tuple[ProductData, ...] = ()
    contact: Contact | None = None
    state: Literal["open", "closed"] = "closed"
    why: str = "deaf"
    at: int = 0
    opens_at: int = 0
    turn_at: int = 0
    sellers: dict[str, Ear] = {}
    deaf_since: int = 0
    paused: bool = False
    paused_until: int = 0
    self_paused: bool = False
    busy_min: int = 0
    busy_until: int = 0
    expired: int = 0
    month: int = 0
    sold: int = 0
    own: tuple[str, ...] = ()
    alarms: Alarms = {}
    zone_ms: int = rules.WIB_MS

    @property
    def deaf(self) -> bool:
        """Nobody can be rung right now; for an order's ladder that counts at once."""
        return not any(ear.reachable for ear in self.sellers.values())

    @property
    def seen(self) -> bool:
        """Somebody sells here with this app: it is listed, and its hours have timers."""
        return bool(self.sellers)

    def product(self, id_: str) -> ProductData | None:
        return next((product for product in self.products if product.id == id_), None)


class Seller(Struct, frozen=True):
    """Where a seller sells, for news of their screens that does not say it."""

    id: str
    shop: str
    name: str = ""
