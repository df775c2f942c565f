"""Views of shops, orders and wants, and of workshops."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from channels.faces_parts import Face, Maybe, Part
from channels.order_things import Fulfilment
from channels.shop_things import Category
from channels.want_things import AnswerKind

OrderState = Literal["placed", "accepted", "preparing", "ready", "completed", "rejected", "expired", "cancelled"]
WantState = Literal["open", "picked", "closed", "expired"]


class _Shop(Face, frozen=True, kw_only=True):
    """What every screen sees of a shop. `why`: why it is closed. `busy_min`: longer than usual."""

    state: Literal["open", "closed"]
    name: str
    category: Category
    kelurahan: str
    why: Maybe[Literal["hours", "paused", "deaf"]] = UNSET
    opens_at: Maybe[int] = UNSET
    busy_min: Maybe[int] = UNSET


class Offered(Part, frozen=True):
    id: str
    name: str
    price: int


class ListedShop(_Shop, frozen=True, kw_only=True, tag="shop"):
    """A shop in the list of its kelurahan, with up to three products that can be had."""

    products: list[Offered]


class TroubledShop(_Shop, frozen=True, kw_only=True, tag="shop"):
    """A shop that paused itself, as the market desk sees it."""

    self_paused: bool
    expired: int


class Seller(Part, frozen=True):
    """Who sells here, and whether they can be rung; `at`: since when it is so."""

    person: str
    name: str
    reachable: bool
    connected: bool
    at: int


class Contact(Part, frozen=True):
    name: str
    phone: str


class OwnShop(_Shop, frozen=True, kw_only=True, tag="shop"):
    """A shop as its sellers see it. `hours`: seven days from Monday, each [opens, closes] in minutes from midnight."""

    lat: float
    lon: float
    hours: list[list[tuple[int, int]]]
    deaf: bool
    expired: int
    sellers: list[Seller]
    address: Maybe[str] = UNSET
    owner: Maybe[str] = UNSET
    phone: Maybe[str] = UNSET
    nib: Maybe[str] = UNSET
    busy_until: Maybe[int] = UNSET
    self_paused: Maybe[bool] = UNSET
    paused_until: Maybe[int] = UNSET
    contact: Maybe[Contact] = UNSET


class Product(Face, frozen=True, kw_only=True, tag="product"):
    """`stock` null: not counted."""

    state: Literal["available", "sold_out"]
    shop: str
    name: str
    price: int
    stock: int | None
    made_here: bool


class Line(Part, frozen=True):
    """`product` is empty in an order that a want became."""

    product: str
    name: str
    quantity: int
    price: int


class Alternative(Part, frozen=True):
    """Another open shop that has the goods."""

    shop: str
    name: str
    kelurahan: str
    distance_m: int
    lines: list[Line]
    total: int


class _Order(Face, frozen=True, kw_only=True):
    """What buyer, shop and desk see. `ring_at` 0: waits for opening. `times`: state -> when it began."""

    state: OrderState
    shop: str
    shop_name: str
    kelurahan: str
    total: int
    fulfilment: Fulfilment
    placed_at: int
    ring_at: int
    expires_at: int
    ring: Literal["off", "ring", "loud"]
    receipts: dict[str, int]
    times: dict[str, int]
    accepted_by: Maybe[str] = UNSET
    reason: Maybe[str] = UNSET
    cancelled_by: Maybe[str] = UNSET
    want: Maybe[str] = UNSET
    later: Maybe[bool] = UNSET
    opens_at: Maybe[int] = UNSET
    contacted_at: Maybe[int] = UNSET
    unheard: Maybe[bool] = UNSET
    prep_min: Maybe[int] = UNSET
    ready_at: Maybe[int] = UNSET


class MarketOrder(_Order, frozen=True, kw_only=True, tag="market_order"):
    """An order as the market desk sees it: nobody's name, phone, address, note or goods."""


class BuyersOrder(_Order, frozen=True, kw_only=True, tag="order"):
    """An order as its buyer sees it."""

    lines: list[Line]
    name: str
    phone: str
    address: Maybe[str] = UNSET
    note: Maybe[str] = UNSET
    alternatives: Maybe[list[Alternative]] = UNSET


class ShopsOrder(BuyersOrder, frozen=True, kw_only=True, tag="order"):
    """An order as the shop sees it."""

    accepted_person: Maybe[str] = UNSET
    no_shows: Maybe[int] = UNSET
    contact: Maybe[Contact] = UNSET
    asleep_at: Maybe[int] = UNSET


class MarketAlarm(Face, frozen=True, kw_only=True, tag="alarm"):
    """What sounds at the market desk."""

    state: Literal["ringing", "taken"]
    since: int
    began: int
    reason: Literal["unheard", "ignored", "self_paused", "unwakeable"]
    count: int
    name: str
    shop: Maybe[str] = UNSET
    order: Maybe[str] = UNSET
    person: Maybe[str] = UNSET
    role: Maybe[str] = UNSET
    taken_by: Maybe[str] = UNSET
    silent_until: Maybe[int] = UNSET


class _Want(Face, frozen=True, kw_only=True):
    """What somebody looks for, as all see it who see it."""

    state: WantState
    category: Category
    quantity: int
    kelurahan: str
    posted_at: int
    until: int
    wave: int


class MarketWant(_Want, frozen=True, kw_only=True, tag="market_want"):
    """A want as the market desk sees it: figures alone."""

    asked: int
    answers: int


class WantAnswer(Part, frozen=True, kw_only=True):
    """What a shop said to a want; its id is the shop's."""

    id: str
    shop: str
    name: str
    kelurahan: str
    kind: AnswerKind
    at: int
    distance_m: int
    price: Maybe[int] = UNSET


class OwnWant(_Want, frozen=True, kw_only=True, tag="want"):
    """A want as its buyer sees it."""

    words: str
    asked: int
    answers: list[WantAnswer]
    budget: Maybe[int] = UNSET
    picked: Maybe[str] = UNSET
    order: Maybe[str] = UNSET
    origin: Maybe[str] = UNSET


class AskedWant(_Want, frozen=True, kw_only=True, tag="want"):
    """A want as the asked sellers see it. `front`: shops that ring now; the others at `rest_at`."""

    words: str
    front: list[str]
    rest_at: int
    full: bool
    budget: Maybe[int] = UNSET


class Answer(Face, frozen=True, kw_only=True, tag="answer"):
    """A shop's own answer to a want; its id is `want.<want>`."""

    want: str
    state: Literal["open", "won", "thanked"]
    words: str
    quantity: int
    kind: AnswerKind
    price: Maybe[int] = UNSET
    ended: Maybe[Literal["picked", "closed", "expired"]] = UNSET
    order: Maybe[str] = UNSET


class Workshop(Face, frozen=True, kw_only=True, tag="workshop"):
    """A workshop to come, with its counts."""

    state: Literal["open", "started", "ended", "cancelled"]
    title: str
    place: str
    starts_at: int
    until: int
    reason: str
    category: Category
    seats: int
    joined: int
    waiting: int


class Seat(Face, frozen=True, kw_only=True, tag="seat"):
    """One's own seat, or place on the waiting list; the phone rings when `ring_at` is new."""

    state: Literal["joined", "waiting"]
    workshop: str
    category: Category
    title: str
    place: str
    starts_at: int
    until: int
    reason: str
    ring: Literal["", "reminder", "start", "seat"]
    ring_at: int
    workshop_state: Literal["open", "started", "ended", "cancelled"]
    ahead: Maybe[int] = UNSET


class SignUp(Face, frozen=True, kw_only=True, tag="sign_up"):
    """Who signed up, as PLUT sees it; its id is `<workshop>:<person>`."""

    state: Literal["joined", "waiting"]
    person: str
    workshop: str
    name: str
    shop: str
    shop_name: str
