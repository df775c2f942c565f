"""A crisis at the medic desk, by the protocol alone: calls from everywhere, medics who answer, a desk that ends some.

It runs in a thread of its own beside the browser. Its own table of `dispatch` is
what a page is compared with.
"""

from __future__ import annotations

import asyncio
import json
import queue
import random
import threading
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final, Self

from clients.client import Client
from clients.following import Change
from tests.browser.city import SEED, City

View = dict[str, Any]

CORNERS: Final[list[View]] = json.loads(SEED.read_text())["stops"]
STOOD_S: Final = 5.0
"""An alarm that was in the table for so long must have been on the page."""
STEPS: Final = ("en_route", "on_scene", "at_patient", "cleared")
LIMIT_S: Final = 180.0


class Crowd:
    """Calls from all kelurahan.

    Args:
        calls: how many; `over_s`: within which time.
        medics: how many are on duty, answer, and move every second.

    `turns` gets the number of calls made so far after every tenth; 0 once
    everybody is on duty. `alarms`: id -> [first in the table, left it or None].
    """

    def __init__(self, city: City, *, calls: int, over_s: float, medics: int) -> None:
        self._url, self._calls, self._over_s = city.url, calls, over_s
        self._desk_code = _code(city.enrol("dispatcher", "Fitri", desk="medic"))
        self._medic_codes = [_code(city.enrol("medic", f"Petugas {n}", vehicle="motor")) for n in range(medics)]
        self._rng = random.Random(7)
        self._over: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._desk: Client
        self.turns: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.alarms: dict[str, list[float | None]] = {}
        self.requests: set[str] = set()
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._main, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(20)
        assert self.failed is None, self.failed

    def table(self) -> dict[str, View]:
        """`dispatch` as it stands now."""
        return dict(self._desk.table("dispatch").things)

    def stood(self) -> set[str]:
        """Every alarm that was in the table long enough to be seen."""
        now = time.monotonic()
        return {id_ for id_, (since, until) in self.alarms.items() if (until or now) - (since or 0.0) >= STOOD_S}

    # -- the thread -----------------------------------------------------------------

    def _main(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self.failed = error
            self.turns.put(-1)

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            self._desk = await stack.enter_async_context(Client(self._url, code=self._desk_code))
            await self._desk.join("dispatch")
            self._desk.watch("dispatch", self._heard)
            working = [
                asyncio.create_task(
                    _medic(await stack.enter_async_context(Client(self._url, code=code, audible=True)), n)
                )
                for n, code in enumerate(self._medic_codes)
            ]
            try:
                self.turns.put(0)
                await self._call_all()
                await self._over.wait()
            finally:
                for one in working:
                    one.cancel()
                await asyncio.gather(*working, return_exceptions=True)

    def _heard(self, change: Change) -> None:
        kind = (change.view or {}).get("type")
        if kind == "request":
            self.requests.add(change.id)
        elif kind == "alarm":
            self.alarms.setdefault(change.id, [time.monotonic(), None])[1] = None
        elif change.view is None and change.id in self.alarms:
            self.alarms[change.id][1] = time.monotonic()

    async def _call_all(self) -> None:
        began = time.monotonic()
        async with asyncio.TaskGroup() as all_:
            for number in range(self._calls):
                await asyncio.sleep(max(0.0, began + number * self._over_s / self._calls - time.monotonic()))
                all_.create_task(self._one(number))
                if number % 10 == 9:
                    self.turns.put(number + 1)

    async def _one(self, number: int) -> None:
        """One caller by phone: some are red, some ask for a visit, some are soon ended by the desk."""
        corner = CORNERS[number % len(CORNERS)]
        place = {
            "lat": corner["lat"] + self._rng.uniform(-0.002, 0.002),
            "lon": corner["lon"] + self._rng.uniform(-0.002, 0.002),
            "accuracy_m": 20.0,
        }
        data = {"location": place, "source": "phone_119", "landmark": f"gang {number}", "phone": "0811 000 000"}
        urgency = "visit" if number % 12 == 5 else "now"
        request = (await self._desk.call("medic.call", {**data, "urgency": urgency}, limit_s=60.0))["request"]
        about = {"request": request}
        if number % 4 == 0:
            await self._give("medic.describe", {**about, "answers": {"breathing": "no"}, "note": "tidak bernapas"})
        if number % 5 == 1:
            await asyncio.sleep(self._rng.uniform(2, 8))
            await self._give("medic.close", {**about, "outcome": "treated"})
        elif number % 9 == 2:
            await self._give("medic.escalate", about)
        if number % 7 == 3:
            await self._give("alarm.take", {"alarm": f"{request}.red"})

    async def _give(self, cmd: str, data: View) -> None:
        """A step that may meet others' hands."""
        await _tried(self._desk.call(cmd, data, limit_s=60.0))


async def _medic(client: Client, number: int) -> None:
    """On duty, moving, and taking one request after the other through its steps."""
    await client.join(f"help/{client.person}")
    await client.call("medic.duty", {"on": True})
    corner, step = CORNERS[number % len(CORNERS)], 0
    while True:
        lat, lon = corner["lat"] + step % 20 * 0.0001, corner["lon"]
        client.tell("medic.position", {"location": {"lat": lat, "lon": lon, "accuracy_m": 8.0}})
        views = list(client.table(f"help/{client.person}").things.values())
        await _medic_acts(client, [view for view in views if view["type"] == "offer"], step)
        step += 1
        await asyncio.sleep(1.0)


async def _medic_acts(client: Client, offers: list[View], step: int) -> None:
    held = next(
        (one for one in offers if one["state"] == "won" and one["request_state"] in ("accepted", *STEPS[:3])), None
    )
    if held is not None:
        if step % 3 == 0:
            at = held["request_state"]
            to = STEPS[0] if at == "accepted" else STEPS[STEPS.index(at) + 1]
            await _tried(client.call("medic.advance", {"request": held["request"], "to": to}))
        return
    for offer in offers:
        if offer["state"] == "open":
            await _tried(client.call("medic.receipt", {"request": offer["request"], "level": "received"}))
            await _tried(client.call("medic.accept", {"request": offer["request"]}))
            return


async def _tried(step: Coroutine[Any, Any, View]) -> None:
    """Others may have been faster: that is what a crisis is like."""
    try:
        await step
    except Exception as refused:
        if type(refused).__name__ != "Refused":
            raise


def _code(url: str) -> str:
    return url.rpartition("=")[2]
