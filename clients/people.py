"""Simulated medics: they answer like people.

A medic's phone gives its receipts by itself; the person looks, and after 4 to
12 s accepts, declines, or misses it. A call that a human made is left to human
medics for 15 s; then one simulated medic accepts within 10 s. Who accepted
drives there inside the polygons at 25 to 35 km/h and takes every step up to
`cleared` in a few minutes.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final, NamedTuple

from clients.client import Change, Client, Refused, Unanswered
from clients.paths import KM_H, Point, Traveller
from clients.stage import PHONES_KEPT, ROUND_S, Stage

View = dict[str, Any]

HUMAN_FIRST_S: Final = 15.0
SPARE_WITHIN_S: Final = 8.0
HELD: Final = ("accepted", "en_route", "on_scene", "at_patient")
BANDS: Final = ("lt500", "lt1000", "lt2000", "gt2000")


class Answer(NamedTuple):
    """How one person treats one offer: seconds after the offer, and what they do then (None: nothing)."""

    shown_s: float
    audible_s: float
    act_s: float
    act: str | None


def answer_to(rng: random.Random, source: str) -> Answer:
    """Draw how a medic treats an offer; a human's call is not decided here."""
    shown_s = rng.uniform(0.1, 0.6)
    chance = rng.random()
    act = None if source != "sim" or chance > 0.88 else "medic.accept" if chance < 0.74 else "medic.decline"
    return Answer(shown_s, 1.0 + shown_s, rng.uniform(4, 12), act)


class Medic:
    """One simulated medic on duty."""

    def __init__(self, stage: Stage, person: str, home: str, client: Client) -> None:
        self.stage, self.person, self.home, self.client = stage, person, home, client
        self.traveller = Traveller(stage.ground, stage.ground.somewhere(stage.rng, home))
        self.mission: str | None = None
        self._rest_s = 0.0
        self._topic = f"help/{person}"

    async def start(self) -> None:
        """Be somewhere, then on duty, with an ear for offers."""
        self.client.watch(self._topic, self._hear)
        await self.client.join(self._topic)
        self._say_where()
        await self.client.call("medic.duty", {"on": True})
        self.stage.spawn(self._live(), f"medic {self.person}")

    def open_offer(self, request: str) -> bool:
        view = self.client.table(self._topic).things.get(request)
        return self.mission is None and view is not None and view["state"] == "open"

    def distance_band(self, request: str) -> int:
        """0 for the nearest band; what a medic knows before accepting."""
        band = self.client.table(self._topic).things[request]["distance_band"]
        return BANDS.index(band) if band in BANDS else len(BANDS)

    async def accept(self, request: str) -> bool:
        """Touch the card and take it; whether it is ours now."""
        try:
            await self._receipt(request, "seen")
            await self.client.call("medic.accept", {"request": request})
        except (Refused, Unanswered):
            return False
        return True

    # -- offers -----------------------------------------------------------------

    def _hear(self, change: Change) -> None:
        view = change.view
        request = change.id
        if change.kind == "moved" or (view is not None and view.get("type") != "offer"):
            return
        if view is not None and view["state"] == "open":
            if request not in self.stage.offers or self.person not in self.stage.offers[request]:
                self._offered(request, view)
            return
        self.stage.offers.get(request, {}).pop(self.person, None)
        if view is not None and view["state"] == "won" and view["request_state"] in HELD and self.mission is None:
            self.mission = request
            self.stage.spawn(self._go(request), f"mission {request}")

    def _offered(self, request: str, view: View) -> None:
        stage = self.stage
        stage.phone_rang(request, self.person)
        first = request not in stage.offers
        while len(stage.offers) > PHONES_KEPT:
            del stage.offers[next(iter(stage.offers))]
        stage.offers.setdefault(request, {})[self.person] = self
        stage.spawn(self._answer(request, view), f"answer {request}")
        if first and view["source"] != "sim":
            stage.spawn(spare_medic(stage, request, view["age_ms"] / 1000), f"spare {request}")

    async def _answer(self, request: str, view: View) -> None:
        plan = answer_to(self.stage.rng, view["source"])
        await self._receipt(request, "received")
        await asyncio.sleep(plan.shown_s)
        await self._receipt(request, "shown")
        await asyncio.sleep(plan.audible_s - plan.shown_s)
        await self._receipt(request, "audible")
        await asyncio.sleep(max(0.0, plan.act_s - plan.audible_s))
        if plan.act is not None and self.open_offer(request):
            if plan.act == "medic.accept":
                await self.accept(request)
            else:
                await self._receipt(request, "seen")
                await self.client.call(plan.act, {"request": request})

    async def _receipt(self, request: str, level: str) -> None:
        if request in self.client.table(self._topic).things:
            await self.client.call("medic.receipt", {"request": request, "level": level})

    # -- a mission ----------------------------------------------------------------

    async def _go(self, request: str) -> None:
        """From accepted to cleared; ends early when the request does."""
        rng = self.stage.rng
        try:
            view = self._view(request)
            if view is not None and view["request_state"] in ("on_scene", "at_patient"):
                self.traveller.place = self._place(view)  # taken up again after a restart
            elif await self._pause(request, 3, 8) and await self._step(request, "en_route"):
                await self._drive(request)
            if await self._step(request, "on_scene") and await self._pause(request, 8, 20):
                await self._step(request, "at_patient")
            if await self._pause(request, 25, 60) or self._view(request) is not None:
                await self._step(request, "cleared")
        finally:
            self.mission = None
            self.traveller.halt()
            self._rest_s = rng.uniform(5, 20)

    async def _drive(self, request: str) -> None:
        target: Point | None = None
        while (view := self._view(request)) is not None and not view.get("cancel_requested"):
            place = self._place(view)
            if place != target:
                target = place
                self.traveller.go(place, self.stage.rng.uniform(25, 35) * KM_H)
            if self.traveller.arrived:
                return
            await asyncio.sleep(1.0)

    def _place(self, view: View) -> Point:
        location = view.get("location")
        if location is not None:
            return Point(location["lat"], location["lon"])
        known = view.get("kelurahan")
        rng = random.Random(view["id"])  # the same guess every time it is asked
        return self.stage.ground.somewhere(rng, known if known in self.stage.ground.names else self.home)

    async def _step(self, request: str, to: str) -> bool:
        """Take a step that is still ahead; false when the request is no longer ours to go on with."""
        view = self._view(request)
        if view is None or (view.get("cancel_requested") and to != "cleared"):
            return False
        states = (*HELD, "cleared")
        if states.index(view["request_state"]) < states.index(to):
            await self.client.call("medic.advance", {"request": request, "to": to}, limit_s=60)
        return True

    async def _pause(self, request: str, least_s: float, most_s: float) -> bool:
        """Wait; false at once when the request ended or its caller wants to cancel."""
        until = self.stage.now() + self.stage.rng.uniform(least_s, most_s)
        while (view := self._view(request)) is not None and not view.get("cancel_requested"):
            left = until - self.stage.now()
            if left <= 0:
                return True
            await asyncio.sleep(min(1.0, left))
        return False

    def _view(self, request: str) -> View | None:
        """The request while it is held by this medic."""
        view = self.client.table(self._topic).things.get(request)
        return view if view is not None and view["state"] == "won" and view["request_state"] in HELD else None

    # -- on the move ----------------------------------------------------------------

    async def _live(self) -> None:
        """Drive about at home between missions, and say where one is."""
        rng, ground = self.stage.rng, self.stage.ground
        while True:
            await asyncio.sleep(ROUND_S)
            self.traveller.advance(ROUND_S)
            if self.mission is None and self.traveller.arrived:
                self._rest_s -= ROUND_S
                if self._rest_s <= 0:
                    self.traveller.go(ground.somewhere(rng, self.home), rng.uniform(15, 25) * KM_H)
                    self._rest_s = rng.uniform(20, 60)
            self._say_where()

    def _say_where(self) -> None:
        lat, lon = self.traveller.place
        location = {"lat": round(lat, 6), "lon": round(lon, 6), "accuracy_m": 8.0}
        self.client.tell("medic.position", {"location": location})


async def spare_medic(stage: Stage, request: str, age_s: float) -> None:
    """A human's call: 15 s for human medics on duty, then one simulated medic comes, within 10 s."""
    await asyncio.sleep(max(0.0, HUMAN_FIRST_S - age_s))
    silent_s = 0.0
    while silent_s < 120:
        ready = [medic for medic in stage.offers.get(request, {}).values() if medic.open_offer(request)]
        if not ready:
            await asyncio.sleep(0.5)
            silent_s += 0.5
            continue
        medic: Medic = min(ready, key=lambda one: one.distance_band(request))
        await asyncio.sleep(stage.rng.uniform(1, SPARE_WITHIN_S))
        if medic.open_offer(request) and await medic.accept(request):
            return
        silent_s = 0.0
