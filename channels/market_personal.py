"""What of shops, orders and wants is personal, and whose; and a thing of theirs without it.

A shop is nobody's who signs in: what it says of its people is under the name `shop.<id>`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from channels import order_things, shop_things, want_things
from channels.draft import Draft, Kind
from channels.order_things import Buyer, Order
from channels.order_views import BUYER_KIND, ORDER_KIND
from channels.shop_things import Ear, Seller, Shop
from channels.shop_views import SHOP_KIND
from channels.want_things import Want
from channels.want_views import WANT_KIND
from hub.contract import ITS_ID, Card, Decision, Personal

Declared = Mapping[type[Struct], Personal]

_BUYER: Final = {"name": "name", "phone": "phone", "address": "address", "note": "note"}

SHOPS: Final[Declared] = {
    shop_things.Save: Personal({"phone": "phone", "address": "address", "contact": "phone"}, whose="shop"),
    Shop: Personal(
        {"owner": "name", "phone": "phone", "address": "address", "contact": "phone"},
        whose=ITS_ID,
        called="shop.",
        parts={"sellers": Ear},
    ),
    Ear: Personal({"name": "name"}, whose=ITS_ID),
    Seller: Personal({"name": "name"}, whose=ITS_ID, goes=True),
}
SHOPS_PLAIN: Final[Mapping[str, str]] = {
    "name": "of a shop or its goods: the public register",
    "kelurahan": "an area of hundreds of homes",
    "ShopData": "the public register of shops; the log says which",
    "person": "an id",
}
ORDERS: Final[Declared] = {
    order_things.Place: Personal(_BUYER),
    Order: Personal(
        {**_BUYER, "contact": "phone", "accepted_by": "name"},
        whose="buyer",
        open=frozenset({"placed", "accepted", "preparing", "ready"}),
    ),
    Buyer: Personal({"no_shows": "note"}, whose=ITS_ID, goes=True),
}
ORDER_CARDS: Final[Mapping[str, Card]] = {"order": Card("order", frozenset({"name", "phone", "address", "note"}))}
WANTS: Final[Declared] = {
    want_things.Post: Personal({"words": "note", "name": "name", "phone": "phone"}),
    want_things.Pick: Personal(_BUYER),
    Want: Personal({"words": "note", "name": "name", "phone": "phone"}, whose="buyer", open=frozenset({"open"})),
}
WANTS_PLAIN: Final[Mapping[str, str]] = {"kelurahan": "an area of hundreds of homes"}

KINDS: Final[Mapping[str, Kind]] = {
    "shop": SHOP_KIND,
    "seller": Kind("seller", lambda seller, now: {}),
    "order": ORDER_KIND,
    "buyer": BUYER_KIND,
    "want": WANT_KIND,
}


def redrawn(type_: str, id_: str, before: Any, after: Any, now: int) -> Decision:
    """A thing with fewer fields, or gone, and what screens see of it."""
    draft = Draft(now, "privacy.erased")
    draft.put(KINDS[type_], id_, before, after)
    return draft.decision()
