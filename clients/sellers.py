"""Simulated sellers: they answer like people, and not all of them.

A seller's phone gives its receipts by itself; the person looks, and accepts
after a few seconds. Now and then one rejects, misses the order, pauses the shop
for a while, or loses the network in the middle, so that ladders, alternatives
and closed shops are seen. The demo visitor's shop waits 20 s for a human first
and always answers then; what a human accepted is left to the human, and an
order that a human placed is answered by whoever has it.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final, NamedTuple

from clients.client import Change, Client
from clients.stage import SIM_PHONE, VISITOR_SHOP, Stage

View = dict[str, Any]

VISITOR_SHOP_S: Final = 20.0
PAUSE_MIN: Final = 10
GONE_S: Final = (40.0, 90.0)
"""How long a seller without network is gone: longer than the 10 s after which a phone is deaf."""

ANSWERS_WANT: Final = 0.5
MANNERS: Final = (("accept", 0.76), ("reject", 0.09), ("miss", 0.07), ("pause", 0.04), ("lose", 0.04))


class Manner(NamedTuple):
    """How one seller treats one order: seconds until they look up, and what they do then."""

    look_s: float
    act: str


def manner_of(rng: random.Random, simulated: bool, shop: str) -> Manner:
    """Draw it. A human's order is accepted, and so is everything in the visitor's shop."""
    if shop == VISITOR_SHOP:
        return Manner(VISITOR_SHOP_S, "accept")
    look_s, chance = rng.uniform(2, 7), rng.random()
    if not simulated:
        return Manner(look_s, "accept")
    for act, share in MANNERS:
        chance -= share
        if chance < 0:
            return Manner(look_s, act)
    return Manner(look_s, "accept")


class Seller:
    """One simulated seller behind one shop."""

    def __init__(self, stage: Stage, name: str, shop: str, client: Client) -> None:
        self.stage, self.name, self.shop, self.client = stage, name, shop, client
        self._topic = f"shop/{shop}"
        self._busy: set[str] = set()
        self._wants: str | None = None

    async def start(self) -> None:
        self.client.watch(self._topic, self._hear)
        await self.client.join(self._topic)

    def _hear(self, change: Change) -> None:
        view = change.view
        if view is None:
            return
        if view.get("type") == "shop" and self._wants is None and self.shop != VISITOR_SHOP:
            self._wants = f"wants/{view['kelurahan']}/{view['category']}"
            self.stage.spawn(self._listen(self._wants), f"wants of {self.shop}")
        if view.get("type") != "order" or change.id in self._busy:
            return
        mine = view["state"] in ("accepted", "preparing", "ready") and view.get("accepted_by") == self.name
        if (view["state"] == "placed" and view.get("ring") != "off") or mine:
            self._busy.add(change.id)
            self.stage.spawn(self._serve(change.id), f"order {change.id}")

    # -- orders -----------------------------------------------------------------

    async def _serve(self, order: str) -> None:
        try:
            if self._state(order) != "placed" or await self._take(order):
                await self._prepare(order)
        finally:
            self._busy.discard(order)

    async def _take(self, order: str) -> bool:
        """Let it ring, then treat it as this seller does, unless a human was faster; whether it is ours."""
        rng = self.stage.rng
        view = self.client.table(self._topic).things.get(order)
        manner = manner_of(rng, view is not None and view["phone"] == SIM_PHONE, self.shop)
        if manner.act == "lose":
            return await self._lose()
        for level in ("received", "shown", "audible"):
            await self.client.call("order.receipt", {"order": order, "level": level})
            await asyncio.sleep(rng.uniform(0.2, 0.8))
        await asyncio.sleep(manner.look_s)
        if self._state(order) != "placed" or manner.act == "miss":
            return False
        await self.client.call("order.receipt", {"order": order, "level": "seen"})
        if manner.act == "reject":
            await self.client.call("order.reject", {"order": order, "reason": rng.choice(["too_busy", "out_of_stock"])})
            return False
        await self.client.call("order.accept", {"order": order, "prep_min": rng.choice([5, 10, 15, 20])})
        if manner.act == "pause":
            await self.client.call("shop.pause", {"shop": self.shop, "minutes": PAUSE_MIN})
        return True

    async def _lose(self) -> bool:
        """The network is gone for a while: no beat is answered, and nobody says goodbye."""
        self.client.asleep = True
        self.client.drop()
        await asyncio.sleep(self.stage.rng.uniform(*GONE_S))
        self.client.asleep = False
        self.client.here()
        return False

    async def _prepare(self, order: str) -> None:
        for to in ("preparing", "ready", "completed"):
            await asyncio.sleep(self.stage.rng.uniform(15, 40))
            states = ("accepted", "preparing", "ready", "completed")
            state = self._state(order)
            if state not in states[:3]:
                return
            if states.index(state) < states.index(to):
                await self.client.call("order.advance", {"order": order, "to": to})

    def _state(self, order: str) -> str:
        view = self.client.table(self._topic).things.get(order)
        return "" if view is None else str(view["state"])

    # -- wants ------------------------------------------------------------------

    async def _listen(self, topic: str) -> None:
        self.client.watch(topic, self._asked)
        await self.client.join(topic)

    def _asked(self, change: Change) -> None:
        view = change.view
        if view is None or view.get("type") != "want" or change.id in self._busy:
            return
        self._busy.add(change.id)
        self.stage.spawn(self._answer(change.topic, change.id, view), f"want {change.id}")

    async def _answer(self, topic: str, want: str, view: View) -> None:
        """Ring when it is this shop's turn, then say yes or nothing; the end of the want ends it."""
        rng, head_start_s = self.stage.rng, 0.0
        try:
            if self.shop not in view["front"]:
                head_start_s = max(0.0, (view["rest_at"] - self.stage.now_ms()) / 1000)
            await asyncio.sleep(head_start_s + rng.uniform(2, 9))
            now = self.client.table(topic).things.get(want)
            if now is None or now["full"] or rng.random() > ANSWERS_WANT:
                return
            kind = rng.choice(["have", "price", "price", "can_order"])
            data: View = {"want": want, "kind": kind}
            if kind == "price":
                data["price"] = rng.randrange(5, 60) * 1000
            await self.client.call("want.answer", data)
        finally:
            self._busy.discard(want)
