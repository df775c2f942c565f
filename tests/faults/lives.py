"""What the simulated people do, each in a loop of their own, until they are told to stop.

They act as the pages do: every act has an id of its own and is repeated until it
is answered for good. What they choose comes from the seed; when they choose it,
from what they see.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from channels.medic_table import HELD
from tests.faults.city import now_ms
from tests.faults.crowd import SLOW, Crowd
from tests.faults.person import Person

LOOK_S: Final = 0.4
STEPS: Final = ("en_route", "on_scene", "at_patient", "cleared")
REASONS: Final = ("solved", "mistake", "other_help", "other")
RED: Final = {"breathing": "no", "awake": "no", "bleeding": "unknown"}
CALM: Final = {"breathing": "yes", "awake": "yes", "bleeding": "none"}

View = dict[str, Any]


class Lives:
    """Runs everybody; a `pace` of 2 halves all their pauses."""

    def __init__(self, crowd: Crowd, *, pace: float = 1.0) -> None:
        self._crowd, self._pace = crowd, pace
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        crowd = self._crowd
        for number, medic in enumerate(crowd.medics):
            self._tasks.append(asyncio.create_task(self._medic(medic, mute=number % 6 == 5, lazy=number % 8 == 3)))
        for number, one in enumerate(crowd.residents):
            self._tasks.append(asyncio.create_task(self._resident(one, buys=number % 2 == 0)))
        self._tasks += [asyncio.create_task(self._desk(one)) for one in crowd.dispatchers]
        self._tasks += [asyncio.create_task(self._seller(shop, one)) for shop, one in crowd.sellers.items()]
        if crowd.crew is not None:
            self._tasks.append(asyncio.create_task(self._drive(crowd.crew)))

    async def finish(self, within_s: float) -> list[str]:
        """Tell everybody to stop and wait until each has the answers that they wait for; who has not."""
        self._crowd.stopping.set()
        _, late = await asyncio.wait(self._tasks, timeout=within_s)
        for task in late:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        faults = [repr(one) for one in results if isinstance(one, Exception)]
        waiting = [
            f"{one.history.name} {act.cmd} {act.id}"
            for one in self._crowd.everybody
            for act in one.history.acts
            if not act.answers
        ]
        return faults + waiting

    async def _pause(self, one: Person, shortest_s: float, longest_s: float) -> bool:
        """Wait a while; false when it is time to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(one.rng.uniform(shortest_s, longest_s) / self._pace):
                await self._crowd.stopping.wait()
        return not self._crowd.stopping.is_set()

    # -- residents ----------------------------------------------------------------

    async def _resident(self, one: Person, buys: bool) -> None:
        if not await self._pause(one, 0.5, 14):
            return
        while True:
            if buys and one.rng.random() < 0.6:
                await self._buy(one)
            else:
                await self._call(one)
            if not await self._pause(one, 4, 16):
                return

    def _place(self, one: Person) -> tuple[str, View]:
        kelurahan = one.rng.choice(sorted(self._crowd.places))
        lat, lon = self._crowd.places[kelurahan]
        near = {"lat": lat + one.rng.uniform(-2e-4, 2e-4), "lon": lon + one.rng.uniform(-2e-4, 2e-4)}
        return kelurahan, {**near, "accuracy_m": one.rng.choice((10.0, 30.0, 80.0))}

    async def _call(self, one: Person) -> None:
        rng = one.rng
        kelurahan, location = self._place(one)
        data: View = {"drill": True} if rng.random() < 0.08 else {}
        data |= {"kelurahan": kelurahan} if rng.random() < 0.15 else {"location": location}
        answer = await one.act("medic.call", data, both_doors=rng.random() < 0.4)
        if answer is None or not answer.ok:
            return
        request = answer.data["request"]
        if not await self._pause(one, 0.2, 3):
            return
        if rng.random() < 0.35:
            answers = RED if rng.random() < 0.25 else CALM
            await one.act("medic.describe", {"request": request, "answers": answers, "note": "di depan masjid"})
        if rng.random() < 0.2:
            await one.act("medic.cancel", {"request": request, "reason": rng.choice(REASONS)})
        for _ in range(60):
            view = one.table(f"help/{one.person}").things.get(request)
            if view is not None and view["state"] in ("cleared", "cancelled", "handed_over", "closed"):
                return
            if not await self._pause(one, 0.5, 1.5):
                return

    async def _buy(self, one: Person) -> None:
        rng = one.rng
        shop = rng.choice(self._crowd.shops)
        product = rng.choice(shop["products"])
        line = {"product": product["id"], "quantity": 1, "price": product["price"]}
        data = {"shop": shop["id"], "lines": [line], "fulfilment": "pickup", "name": "Ani", "phone": "081234567"}
        answer = await one.act("order.place", data)
        if answer is not None and answer.ok and rng.random() < 0.2 and await self._pause(one, 0.3, 2):
            await one.act("order.cancel", {"order": answer.data["order"]})

    # -- medics ---------------------------------------------------------------------

    async def _medic(self, one: Person, *, mute: bool, lazy: bool) -> None:
        """One medic. A mute phone gives no receipts; a lazy holder stays where they are until asked, or longer."""
        rng = one.rng
        await one.act("medic.duty", {"on": True, "drills": rng.random() < 0.3})
        shown: set[str] = set()
        refused: set[str] = set()
        while True:
            if rng.random() < 0.3:
                one.tell("medic.position", {"location": self._place(one)[1]})
            mine = list(one.table(f"help/{one.person}").things.values())
            offers = [view for view in mine if view["type"] == "offer"]
            held = next((v for v in offers if v["state"] == "won" and v.get("request_state") in HELD), None)
            if not mute:
                await self._receipts(one, [v for v in offers if v["state"] == "open" and v["id"] not in shown], shown)
            if held is not None:
                if not lazy or rng.random() < 0.003 or ("asked_until" in held and rng.random() < 0.01):
                    await self._work(one, held)
            else:
                await self._answer(one, [v for v in offers if v["state"] == "open" and v["id"] not in refused], refused)
                if rng.random() < 0.004:
                    await self._rest(one)
            if not await self._pause(one, LOOK_S / 2, LOOK_S * 2):
                return

    async def _receipts(self, one: Person, offers: list[View], shown: set[str]) -> None:
        for offer in offers:
            shown.add(offer["id"])
            for level in ("received", "shown"):
                if one.rng.random() < 0.85:
                    await one.act("medic.receipt", {"request": offer["id"], "level": level})

    async def _answer(self, one: Person, offers: list[View], refused: set[str]) -> None:
        rng, now = one.rng, now_ms()
        ripe = [v for v in offers if now - v["called_at"] >= SLOW.get(v["kelurahan"], 400)]
        if not ripe or rng.random() < 0.4:
            return
        chosen = rng.sample(ripe, min(len(ripe), 2 if rng.random() < 0.3 else 1))
        if rng.random() < 0.1:
            refused.update(view["id"] for view in chosen)
            await asyncio.gather(*(one.act("medic.decline", {"request": view["id"]}) for view in chosen))
            return
        answers = await asyncio.gather(
            *(one.act("medic.accept", {"request": view["id"]}, both_doors=rng.random() < 0.2) for view in chosen)
        )
        for view, answer in zip(chosen, answers, strict=True):
            if answer is not None and not answer.ok and answer.code != "busy":
                refused.add(view["id"])

    async def _work(self, one: Person, held: View) -> None:
        rng, request = one.rng, held["id"]
        if rng.random() < 0.12:
            await one.act("medic.release", {"request": request})
        elif rng.random() < 0.03:
            await one.act("medic.backup", {"request": request})
        elif rng.random() < 0.5:
            at = STEPS.index(held["request_state"]) if held["request_state"] in STEPS else -1
            await one.act("medic.advance", {"request": request, "to": STEPS[min(at + rng.choice((1, 1, 2)), 3)]})

    async def _rest(self, one: Person) -> None:
        """Off duty for a while, or a phone that sleeps and turns deaf."""
        if one.rng.random() < 0.5:
            await one.act("medic.duty", {"on": False})
            await self._pause(one, 2, 5)
            await one.act("medic.duty", {"on": True})
        else:
            one.asleep = True
            await self._pause(one, 8, 14)
            one.asleep = False

    # -- the others -----------------------------------------------------------------

    async def _desk(self, one: Person) -> None:
        rng = one.rng
        while await self._pause(one, 0.8, 2.5):
            things = list(one.table("dispatch").things.values())
            alarms = [v for v in things if v["type"] == "alarm" and v["state"] == "ringing"]
            if alarms and rng.random() < 0.5:
                await one.act("alarm.take", {"alarm": rng.choice(alarms)["id"]})
            waiting = [v for v in things if v["type"] == "request" and v["state"] in ("called", "offered")]
            now = now_ms()
            old = [v for v in waiting if now - v["called_at"] > 100_000]
            if old:
                await one.act("medic.hand_over", {"request": old[0]["id"], "operator": "Rudi, PSC 119"})
            elif waiting and rng.random() < 0.12:
                await self._steps_in(one, rng.choice(waiting))

    async def _steps_in(self, one: Person, request: View) -> None:
        rng = one.rng
        free = [v["id"] for v in one.table("roster").things.values() if v["state"] == "on"]
        if free and rng.random() < 0.6:
            await one.act("medic.assign", {"request": request["id"], "medic": rng.choice(free)})
        elif rng.random() < 0.5:
            await one.act("medic.escalate", {"request": request["id"]})
        else:
            await one.act("medic.close", {"request": request["id"], "outcome": "treated"})

    async def _seller(self, shop: str, one: Person) -> None:
        while await self._pause(one, 0.3, 1.5):
            for view in list(one.table(f"shop/{shop}").things.values()):
                if view["type"] != "order" or one.rng.random() < 0.3:
                    continue
                order, state = view["id"], view["state"]
                if state == "placed":
                    await one.act("order.receipt", {"order": order, "level": "received"})
                    await one.act("order.accept", {"order": order, "prep_min": 10})
                elif state in ("accepted", "preparing", "ready"):
                    await one.act("order.advance", {"order": order, "to": "ready" if state != "ready" else "completed"})

    async def _drive(self, one: Person) -> None:
        van = self._crowd.van
        stops = {stop["id"]: stop for stop in self._crowd.seed["stops"]}
        while await self._pause(one, 0.5, 1.5):
            view = one.table("vans").things.get(van)
            if view is None:
                continue
            await one.act("van.arrive" if view["state"] == "driving" else "van.depart", {"van": van})
            stop = stops[view.get("stop") or view.get("next") or next(iter(stops))]
            location = {"lat": stop["lat"], "lon": stop["lon"], "accuracy_m": 8.0}
            one.tell("van.position", {"van": van, "location": location})
