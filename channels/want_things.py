"""What wants speak in: their table, the data of their commands, what is kept of them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from channels import rules
from channels.offers import Offer
from channels.order_things import BUYER, SELLER, TIMER, Fulfilment, OrderId
from channels.shop_things import AnyPhone, Category, Name, Rupiah, Word
from hub.contract import Rule, Table

WAVE_MS: Final = (0, 30_000, 90_000)
"""When each wave starts, counted from the commit: the own kelurahan, its neighbours, the whole city."""
FEW: Final = 3
FEW_MS: Final = 5_000
"""A wave that reached fewer shops than this is followed by the next one sooner; one that reached none, at once."""
NEIGHBOURS: Final = 5
MOST_ANSWERS: Final = 10
FRONT: Final = 10
"""Shops of a wave that ring at once; the others ring when their head start is over."""
HEAD_START_MS: Final = 10_000
OTHERS_EARLY: Final = 5
"""Answers that shops outside the front may take before the head start is over."""
MOST_OPEN: Final = 3
RETIRE_MS: Final = rules.ENDED_MS

_BUYER_ONLY = "the buyer"

WANT: Table = {
    "new": {"want.post": Rule(BUYER, "open")},
    "open": {
        "want.answer": Rule(SELLER, None, "a seller whose shop was asked; at most ten"),
        "want.pick": Rule(BUYER, "picked", _BUYER_ONLY),
        "want.close": Rule(BUYER, "closed", _BUYER_ONLY),
        "want.wave": Rule(TIMER),
        "want.expire": Rule(TIMER, "expired"),
    },
    "picked": {},
    "closed": {},
    "expired": {},
}
"""`want.read` and `want.retire` may happen in every state and change none, so they are no rows."""

AnswerKind = Literal["have", "price", "can_order"]


# -- data of commands ---------------------------------------------------------


class Post(Struct, frozen=True, kw_only=True):
    """`order`: the expired order that it comes from. `name` and `phone` stay hidden until a shop is picked."""

    category: Category
    words: Annotated[str, Meta(min_length=2, max_length=120)]
    quantity: Annotated[int, Meta(ge=1, le=999)] = 1
    budget: Rupiah | None = None
    kelurahan: Name
    until_s: Annotated[int, Meta(ge=60, le=86_400)] = 1_800
    name: Annotated[str, Meta(max_length=60)] = ""
    phone: AnyPhone = ""
    order: OrderId | None = None


class AnswerWant(Struct, frozen=True):
    """`price` is for one piece; kind `price` needs one."""

    want: OrderId
    kind: AnswerKind
    price: Rupiah | None = None


class Pick(Struct, frozen=True, kw_only=True):
    """`answer` is the id of the shop that gave it."""

    want: OrderId
    answer: Word
    name: Annotated[str, Meta(max_length=60)] = ""
    phone: AnyPhone = ""
    fulfilment: Fulfilment = "pickup"
    address: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=200)] = ""


class OneWant(Struct, frozen=True):
    want: OrderId


# -- things -------------------------------------------------------------------


class Said(Struct, frozen=True, omit_defaults=True):
    """One shop's answer."""

    name: str
    kelurahan: str
    kind: AnswerKind
    at: int
    seller: str
    price: int | None = None
    distance_m: int = 0


class Asked(Struct, frozen=True):
    """A kelurahan whose shops are asked.

    Args:
        shops: how many open ones of the category were there when its wave began.
        rest_at: when those outside the wave's front ring as well.
    """

    shops: int
    wave: int
    rest_at: int


class Want(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something that somebody looks for.

    Args:
        asked: by kelurahan.
        offers: the shops of each wave's front, and all that answered; the one picked has `won`.
        order: the order that it became, or came from (`origin`).
    """

    v: int = 1
    id: str
    state: str
    at: int
    buyer: str
    category: Category
    words: str
    quantity: int
    kelurahan: str
    posted_at: int
    until: int
    budget: int | None = None
    name: str = ""
    phone: str = ""
    origin: str = ""
    wave: int = 0
    asked: dict[str, Asked] = {}
    offers: dict[str, Offer] = {}
    answers: dict[str, Said] = {}
    picked: str = ""
    order: str = ""
    ended_at: int = 0
    retire_ms: int = RETIRE_MS

    @property
    def full(self) -> bool:
        return len(self.answers) >= MOST_ANSWERS

    @property
    def reached(self) -> int:
        """How many shops were asked."""
        return sum(asked.shops for asked in self.asked.values())


class Turn(Struct, frozen=True):
    """The last shops of the last front that wants from one kelurahan had in one wave: small ones and others."""

    small: str = ""
    other: str = ""
