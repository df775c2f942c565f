"""What of a shop's topic is public: its own view and its products', and of those only these fields.

Orders and answers live in the same topic, and a shop's view carries its owner, phone and second
contact. What is not named here is never read, so it cannot be found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from hub.bus import BusChange

log = logging.getLogger("kentongan.query")

TOPIC: Final = "shop/"
"""Topics of one shop; `shops/<kelurahan>` is another shape, of another lane."""


class ShopView(Struct, frozen=True, omit_defaults=True):
    """A shop as anybody may know it. Times in ms, `busy_min` minutes, `hours` as it says them itself."""

    id: str
    name: str
    state: str
    category: str = ""
    kelurahan: str = ""
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    why: str | None = None
    opens_at: int | None = None
    busy_min: int = 0
    busy_until: int | None = None
    hours: list[list[tuple[int, int]]] = []


class ProductView(Struct, frozen=True):
    """A product of a shop. Price in rupiah; `stock` None is not counted."""

    id: str
    name: str
    price: int
    state: str = "available"
    stock: int | None = None
    made_here: bool = False


class _Face(Struct, frozen=True):
    type: str = ""


_face: Final = msgspec.msgpack.Decoder(_Face)
_shop: Final = msgspec.msgpack.Decoder(ShopView)
_product: Final = msgspec.msgpack.Decoder(ProductView)


def by_shop(changes: Iterable[BusChange]) -> dict[str, list[BusChange]]:
    """The changes in shops' own topics, each shop's together."""
    found: dict[str, list[BusChange]] = {}
    for change in changes:
        if change.topic.startswith(TOPIC):
            found.setdefault(change.topic.removeprefix(TOPIC), []).append(change)
    return found


def public(shop: str, id_: str, view: bytes | None) -> ShopView | ProductView | None:
    """The public part of a view in a shop's topic; the shop itself stands there by its own id.

    None for what is gone, for what is nobody's business, and for what cannot be read (it is logged).
    """
    if view is None:
        return None
    try:
        kind = _face.decode(view).type
        if kind == "shop" and id_ == shop:
            return _shop.decode(view)
        return _product.decode(view) if kind == "product" and id_ != shop else None
    except msgspec.DecodeError as exc:
        log.error("a view in %s%s is none of ours: %s", TOPIC, shop, exc)  # names the field, never its value
        return None


def restored(face: bytes) -> ShopView:
    """A view as the index keeps it: MessagePack of the public fields alone."""
    return _shop.decode(face)
