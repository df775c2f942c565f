"""A city's shops, orders and wants in the memory of one test."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from typing import Any

from channels.medic import Medic
from channels.order_things import Order
from channels.orders import Orders
from channels.shop_things import Shop
from channels.shops import Shops
from channels.want_things import Want
from channels.wants import Wants
from hub.contract import SYSTEM, TIMER, Actor, Decision, Reach, Refusal, View
from hub.services import Services
from tests.channels.world import CITY, ROOT, Memory

SEED: list[dict[str, Any]] = json.loads((ROOT / "clients/seed.json").read_text())["shops"]
SERVICES = Services([Medic(CITY), Shops(CITY), Orders(CITY), Wants(CITY)])
OUTWARD = CITY.outward("kranggan")
EMOJI = "👩🏽\u200d🍳"

BUYER = Actor("ani", "resident")
SELLER = Actor("sri", "seller", name="Sri", shop="s1")
OTHER = Actor("tari", "seller", name="Tari", shop="s1")
STRANGER = Actor("yanto", "seller", name="Yanto", shop="s2")
TILL = Actor("till", "service")
MARKET = Actor("endah", "dispatcher", name="Endah", desk="market")
FITRI = Actor("fitri", "dispatcher", name="Fitri", desk="market")
MEDICS = Actor("wulan", "dispatcher", name="Wulan", desk="medic")
ACTORS = {
    "buyer": BUYER,
    "another resident": Actor("budi", "resident"),
    "service": TILL,
    "seller": SELLER,
    "another seller of the shop": OTHER,
    "seller of another shop": STRANGER,
    "seller without a shop": Actor("joko", "seller"),
    "medic": Actor("dewi", "medic"),
    "crew": Actor("agus", "crew", van="v1"),
    "market desk": MARKET,
    "medic desk": MEDICS,
    "admin": Actor("root", "admin"),
    "hub for the seller": Actor("sri", "hub", name="Sri", shop="s1"),
    "hub for the buyer": Actor("ani", "hub"),
    "timer": TIMER,
    "system": SYSTEM,
}


def pairs(*axes: Iterable[str]) -> list[tuple[str, ...]]:
    return list(product(*axes))


def hub_of(seller: Actor) -> Actor:
    """The hub, speaking of a seller's screens."""
    return Actor("hub", "hub", name=seller.name, shop=seller.shop)


def seller_of(shop: str) -> Actor:
    return Actor(f"of-{shop}", "seller", name=f"Penjual {shop}", shop=shop)


class Market(Memory):
    """A city with its shops."""

    services = SERVICES

    def run(self, cmd: str, data: dict[str, Any], actor: Actor, *, age_ms: int = 0) -> Decision | Refusal:
        """One command, refused at the door as `hub.dispatch` refuses it."""
        found = self.services.command(cmd, actor.desk)
        assert found is not None, cmd
        spec = found[1]
        if actor.role not in spec.roles or (actor.role == "dispatcher" and spec.desk not in (None, actor.desk)):
            return Refusal("not_allowed", f"{cmd} is not for {actor.role}")
        return super().run(cmd, data, actor, age_ms=age_ms)

    # -- shops ----------------------------------------------------------------------

    def register(self, *ids: str, **more: Any) -> None:
        """Shops of the register; closed, because nobody sells there yet."""
        for id_ in ids:
            self.ok("shop.register", {"shops": [row(id_, **more)]}, SYSTEM)

    def open_shop(self, *ids: str, **more: Any) -> None:
        """Shops whose one seller can be rung."""
        for id_ in ids:
            self.register(id_, **more)
            self.hears(seller_of(id_))

    def hears(self, seller: Actor, *, reachable: bool = True, connected: bool = True) -> dict[str, Any]:
        """The seller's screens answer, or do not."""
        self.here[seller.person] = Reach(connected=connected, audible=reachable)
        return self.told(seller)

    def deaf(self, seller: Actor) -> dict[str, Any]:
        return self.hears(seller, reachable=False, connected=False)

    def told(self, seller: Actor) -> dict[str, Any]:
        """A hub or the sweep says that something changed; the leases say what."""
        reach = self.here.get(seller.person, Reach())
        data = {"person": seller.person, "reachable": reach.reachable, "connected": reach.connected}
        return self.ok("shop.presence", data, hub_of(seller))

    def shop(self, id_: str = "s1") -> Shop:
        shop = self.things["shop", id_]
        assert isinstance(shop, Shop)
        return shop

    def stock(self, product: str = "p2", shop: str = "s1") -> int | None:
        found = self.shop(shop).product(product)
        assert found is not None
        return found.stock

    # -- orders ---------------------------------------------------------------------

    def place(self, actor: Actor = BUYER, **more: Any) -> str:
        answer = self.ok("order.place", basket(**more), actor)
        order: str = answer["order"]
        return order

    def order(self, id_: str) -> Order:
        order = self.things["order", id_]
        assert isinstance(order, Order)
        return order

    def accept(self, order: str, actor: Actor = SELLER, prep_min: int = 10) -> dict[str, Any]:
        return self.ok("order.accept", {"order": order, "prep_min": prep_min}, actor)

    def receive(self, order: str, actor: Actor = SELLER, level: str = "received") -> dict[str, Any]:
        return self.ok("order.receipt", {"order": order, "level": level}, actor)

    def alarms(self) -> dict[str, View]:
        """Alarms at the market desk by id."""
        table = self.tables.get("dispatch/market", {})
        return {id_: view for id_, view in table.items() if view["type"] == "alarm"}

    # -- wants ----------------------------------------------------------------------

    def post(self, actor: Actor = BUYER, **more: Any) -> str:
        answer = self.ok("want.post", wish(**more), actor)
        want: str = answer["want"]
        return want

    def want(self, id_: str) -> Want:
        want = self.things["want", id_]
        assert isinstance(want, Want)
        return want

    def asked(self, want: str) -> list[str]:
        """The kelurahan whose sellers see it."""
        found = [topic for topic, table in self.tables.items() if topic.startswith("wants/") and want in table]
        return [topic.split("/")[1] for topic in found]

    def answer(self, want: str, shop: str, **more: Any) -> dict[str, Any]:
        return self.ok("want.answer", {"want": want, "kind": "have", **more}, seller_of(shop))


def row(id_: str = "s1", **more: Any) -> dict[str, Any]:
    """One row of the register."""
    return {
        "id": id_,
        "name": "Toko Kue Melati",
        "category": "food",
        "kelurahan": "kranggan",
        "products": [
            {"id": "p1", "name": "Kue lumpur", "price": 3000},
            {"id": "p2", "name": "Lapis legit", "price": 45000, "stock": 8},
        ],
        **more,
    }


def basket(**more: Any) -> dict[str, Any]:
    """What `order.place` takes."""
    return {
        "shop": "s1",
        "lines": [{"product": "p1", "quantity": 2, "price": 3000}],
        "fulfilment": "pickup",
        "name": "Ani",
        "phone": "0812345678",
        **more,
    }


def cakes(quantity: int = 1) -> list[dict[str, Any]]:
    """A line of what is counted: eight are there."""
    return [{"product": "p2", "quantity": quantity, "price": 45000}]


def wish(**more: Any) -> dict[str, Any]:
    """What `want.post` takes."""
    return {"category": "food", "words": "kue lumpur", "kelurahan": "kranggan", "name": "Ani", "phone": "0812345678",
            **more}  # fmt: skip
