"""Simulated residents: they call for a medic, order from a shop, and measure what comes of it.

The figures are read off real frames: when each phone had the offer, how many
phones said that they were heard, when the caller's own screen said `accepted`.
A resident's device makes its secret from the city's people, so the same people
come back at every start.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from clients.client import Client
from clients.follow import Follow
from clients.stage import SIM_PHONE, VISITOR_SHOP, Event, Stage

View = dict[str, Any]

ANSWER_S: Final = 45.0
GIVE_UP_S: Final = 150.0
OVER_S: Final = 20 * 60.0
UNANSWERED: Final = ("called", "offered")
CALL_ENDS: Final = ("cleared", "cancelled", "handed_over", "closed")
CANCELLABLE: Final = ("placed", "accepted")
ORDER_ENDS: Final = ("rejected", "expired", "completed", "cancelled")


def device_of(seed: str, number: int) -> str:
    """The secret of a simulated device: the same at every start of the same city."""
    return hashlib.sha256(f"kentongan simulated resident {seed} {number}".encode()).hexdigest()


class Residents:
    """A pool of residents; each has one thing under way at a time.

    Args:
        count: how many there are; 0: one for each name.
    """

    def __init__(self, stage: Stage, names: list[str], shops: list[View], seed: str, count: int = 0) -> None:
        self._stage, self._names, self._seed = stage, names, seed
        self._shops = [shop for shop in shops if shop["id"] != VISITOR_SHOP]
        self._free = list(range(count or len(names)))
        self._clients: dict[int, Client] = {}

    @property
    def any_free(self) -> bool:
        return bool(self._free)

    async def somebody(self) -> tuple[int, Client]:
        number = self._free.pop(self._stage.rng.randrange(len(self._free)))
        try:
            if number not in self._clients:
                self._clients[number] = await self._stage.client(device=device_of(self._seed, number))
                await _tidied(self._clients[number])
        except BaseException:
            self._free.append(number)
            raise
        return number, self._clients[number]

    def free(self, number: int) -> None:
        """They have nothing under way any more."""
        self._free.append(number)

    def name(self, number: int) -> str:
        return self._names[number % len(self._names)]

    # -- a call -------------------------------------------------------------------

    async def call(self) -> None:
        """One call from the tap to its end; prints one line when it is accepted, or is not."""
        stage, rng = self._stage, self._stage.rng
        kelurahan = rng.choice(list(stage.ground.names))
        place = stage.ground.somewhere(rng, kelurahan)
        number, client = await self.somebody()
        topic = f"help/{client.person}"
        follow = Follow(client, topic, stage)
        try:
            await client.join(topic)
            location = {"lat": place.lat, "lon": place.lon, "accuracy_m": rng.uniform(5, 30), "age_ms": 0}
            data = {"location": location, "for": rng.choice(["me", "family", "other"]), "source": "sim"}
            began = stage.now()
            answer = await client.call("medic.call", {**data, "phone": SIM_PHONE})
            request = str(answer["request"])
            view = await follow.until(request, UNANSWERED, ANSWER_S)
            stage.emit(call_event(stage, stage.name(kelurahan), answer, view, began, follow.left_at))
            if rng.random() < 0.5 and view is not None and view["state"] == "accepted":
                answers = {"breathing": "yes", "awake": "yes", "bleeding": rng.choice(["none", "some"])}
                await client.call("medic.describe", {"request": request, "answers": answers})
            view = await follow.until(request, UNANSWERED, GIVE_UP_S)
            if view is not None and view["state"] in UNANSWERED:
                await client.call("medic.cancel", {"request": request, "reason": "other_help"})
            open_states = (*UNANSWERED, "accepted", "en_route", "on_scene", "at_patient")
            await follow.until(request, open_states, OVER_S)
        finally:
            follow.close()
            self.free(number)

    # -- an order -----------------------------------------------------------------

    async def order(self) -> None:
        """One order from placing to its end; prints one line when the shop has answered, or has not."""
        stage, rng = self._stage, self._stage.rng
        shop = rng.choice(self._shops)
        product = rng.choice(shop["products"])
        number, client = await self.somebody()
        topic = f"person/{client.person}"
        follow = Follow(client, topic, stage)
        try:
            await client.join(topic)
            line = {"product": product["id"], "quantity": rng.choice([1, 1, 2, 3]), "price": product["price"]}
            data = {
                "shop": shop["id"],
                "lines": [line],
                "fulfilment": "pickup",
                "name": self.name(number),
                "phone": SIM_PHONE,
            }
            began = stage.now()
            order = str((await client.call("order.place", data))["order"])
            placed_s = stage.now() - began
            view = await follow.until(order, ("placed",), ANSWER_S)
            state = "placed" if view is None else view["state"]
            event = {
                "event": "order",
                "kelurahan": stage.name(shop["kelurahan"]),
                "shop": shop["name"],
                "total": line["quantity"] * product["price"],
                "placed_ms": round(placed_s * 1000, 1),
                "state": state,
                "answered_s": round(follow.left_at - began, 1) if follow.left_at is not None else None,
            }
            stage.emit({**event, "text": order_text(event)})
            view = await follow.until(order, ("placed", "accepted", "preparing", "ready"), OVER_S)
            if view is not None and view["state"] in CANCELLABLE:
                await client.call("order.cancel", {"order": order, "reason": "too_slow"})
        finally:
            follow.close()
            self.free(number)


async def _tidied(client: Client) -> None:
    """End what this person left open when the city was stopped."""
    table = await client.join(f"person/{client.person}")
    for view in list(table.things.values()):
        if view["type"] == "order" and view["state"] in CANCELLABLE:
            await client.call("order.cancel", {"order": view["id"], "reason": "other"})
        elif view["type"] == "want" and view["state"] == "open":
            await client.call("want.close", {"want": view["id"]})


# -- figures ----------------------------------------------------------------------


def call_event(
    stage: Stage, kelurahan: str, answer: View, view: View | None, began: float, accepted_at: float | None
) -> Event:
    """What came of one call: how many phones rang after how long, who heard it, when it was accepted."""
    rang = sorted(at - began for at in stage.rang.pop(str(answer["request"]), {}).values())
    first = rang[: answer["candidates"]]
    event: Event = {
        "event": "call",
        "kelurahan": kelurahan,
        "request": answer["request"],
        "candidates": answer["candidates"],
        "phones": len(first),
        "rang_ms": round(first[-1] * 1000, 1) if first else None,
        "heard": view["receipts"]["audible"] if view is not None else 0,
        "accepted_s": round(accepted_at - began, 1) if accepted_at is not None and _accepted(view) else None,
        "state": view["state"] if view is not None else "unknown",
    }
    return {**event, "text": call_text(event)}


def _accepted(view: View | None) -> bool:
    return view is not None and "accepted" in view["times"]


def call_text(event: Event) -> str:
    """The figures of a call as one sentence."""
    parts = ["called"]
    if event["rang_ms"] is None:
        parts.append("nobody's phone rang" if not event["candidates"] else "no simulated phone rang")
    else:
        phones = f"{event['phones']} phone{'s' * (event['phones'] != 1)}"
        parts.append(f"{phones} ringing after {event['rang_ms']:.0f} ms")
    parts.append(f"heard by {event['heard']}")
    if event["accepted_s"] is not None:
        parts.append(f"accepted after {event['accepted_s']} s")
    else:
        parts.append("not accepted yet" if event["state"] in UNANSWERED else str(event["state"]))
    return ", ".join(parts)


def order_text(event: Event) -> str:
    """The figures of an order as one sentence."""
    rupiah = f"{event['total']:,}".replace(",", ".")
    text = f"order at {event['shop']}, Rp {rupiah}"
    if event["answered_s"] is None:
        return f"{text}, not answered yet"
    return f"{text}, {event['state']} after {event['answered_s']} s"
