"""A small service that takes shops as the market does: `shop.register`, thing `shop`, topic `shop/<id>`, index `shops`.

What a register says replaces what it said before; products are taken only for a shop that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from msgspec import Meta, Struct, to_builtins
from msgspec.structs import replace

from hub.contract import (
    Actor,
    Change,
    Channel,
    Command,
    CommandSpec,
    Decision,
    Facts,
    Fix,
    Lane,
    Need,
    Receipt,
    Refusal,
    SetEntry,
    State,
    Table,
    Thing,
    TopicRule,
    Write,
)

SYSTEM: Final = frozenset({"system"})
Spans = tuple[tuple[int, int], ...]


class Product(Struct, frozen=True):
    id: str
    name: str
    price: Annotated[int, Meta(ge=0)]
    stock: int | None = None
    made_here: bool = False


class Shop(Struct, frozen=True, omit_defaults=True):
    """A shop as the register says it, and as it is kept."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,40}$")]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    category: Literal["food", "goods", "made_to_order"]
    kelurahan: str
    lat: float | None = None
    lon: float | None = None
    address: str = ""
    owner: str = ""
    phone: str = ""
    nib: str = ""
    hours: tuple[Spans, ...] = ()
    products: Annotated[tuple[Product, ...], Meta(max_length=200)] = ()


class Register(Struct, frozen=True):
    shops: Annotated[tuple[Shop, ...], Meta(min_length=1, max_length=24)]


class Shops(Channel):
    """The service.

    Attributes:
        refuses: a word on why this shop is not taken, or "".
        heard: the ids of each command's shops, in order.
    """

    name: ClassVar[str] = "shop"
    lane: ClassVar[Lane] = "normal"
    commands: Mapping[str, CommandSpec] = {"shop.register": CommandSpec(Register, SYSTEM)}
    tells: Mapping[str, CommandSpec] = {}
    things: Mapping[str, type[Struct]] = {"shop": Shop}
    topics: Sequence[TopicRule] = (TopicRule("shop/<id>", "normal", lambda actor, segments: True),)
    tables: Mapping[str, Table] = {}
    presence: Mapping[str, str] = {}
    receipts: Mapping[str, Receipt] = {}

    def __init__(self) -> None:
        self.refuses: Callable[[Shop], str] = lambda shop: ""
        self.heard: list[list[str]] = []

    def gather(self, state: State, command: Command, actor: Actor) -> Iterable[Need]:
        return [Thing("shop", shop.id) for shop in command.data.shops]

    def decide(self, state: State, command: Command, facts: Facts, actor: Actor, now: int) -> Decision | Refusal:
        self.heard.append([shop.id for shop in command.data.shops])
        for shop in command.data.shops:
            if why := self.refuses(shop):
                return Refusal("bad_data", why, record=False)
        changed = [kept for shop in command.data.shops if (kept := _kept(state, shop)) is not None]
        return Decision(
            {"written": len(changed), "same": len(command.data.shops) - len(changed)},
            writes=tuple(Write("shop", shop.id, shop) for shop in changed),
            index=tuple(SetEntry("shops", shop.id) for shop in changed),
            changes=tuple(change for shop in changed for change in _shown(shop, now)),
        )

    def observe(self, state: State, command: Command, actor: Actor, now: int) -> Fix | None:
        return None


def _kept(state: State, shop: Shop) -> Shop | None:
    """The shop as it will be, or None when that is what it is."""
    before = state.thing(Shop, "shop", shop.id)
    if before is not None and before.products:
        shop = replace(shop, products=before.products)
    return None if shop == before else shop


def _shown(shop: Shop, now: int) -> Iterable[Change]:
    view: dict[str, Any] = {"type": "shop", "state": "closed", "at": now, **to_builtins(shop)}
    view.pop("products", None)
    yield Change(f"shop/{shop.id}", shop.id, "shop.registered", view)
    for product in shop.products:
        face = {"type": "product", "state": "available", "at": now, "shop": shop.id, **to_builtins(product)}
        yield Change(f"shop/{shop.id}", product.id, "product.registered", face)
