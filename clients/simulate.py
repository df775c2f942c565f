"""A city's day with simulated people: medics, sellers, crews of vans, who waits for them, and residents.

    python -m clients.simulate --url http://127.0.0.1:8000 --people people.json

The people file (`-` is standard input) names the staff with fresh enrolment
codes, the shops, the vans and the stops. One JSON object per line on standard
output: first `{"event": "city", "on_duty": 15}`, then every 10 to 20 s a `call`,
an `order`, a `want` or a `van` with figures measured on real frames and a `text`,
beside them a `ticket` for each number that is called, a `reminder` that rang or a
stop that is `asked` for, and every few minutes an `alert` (always an exercise) or
a `workshop`; with `--load normal`, `heavy` or `crisis` as often as on such a day.

Everybody is a client like any other: hubs and store may go and come back.
SIGTERM ends it within a second.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from clients.announcers import practise_now_and_then, teach_now_and_then
from clients.client import Client, Refused, Unanswered
from clients.crew import Crew
from clients.fleet import fleet
from clients.http import request
from clients.loads import LOADS, SHOW, Load, next_of
from clients.paths import Ground
from clients.people import Medic
from clients.residents import CALL_ENDS, Residents
from clients.seekers import seek
from clients.sellers import Seller
from clients.stage import ROUND_S, VISITOR_SHOP, Event, Stage
from clients.waiting import Waiting

ON_DUTY: Final = 15
KEPT_FREE: Final = 6
"""With fewer medics than this without a patient no further call is made: a visitor's call finds somebody."""

FIRST_CALL_S: Final = 3.0
PAUSE_S: Final = (10.0, 15.0)
"""Between two beginnings; a call's line is printed some seconds later, when it is accepted."""

CALL_SHARE: Final = 0.45
WANT_SHARE: Final = 0.2
START_S: Final = 30.0
END_S: Final = 0.8
AT_ONCE: Final = 12
GEOJSON: Final = Path(__file__).parent.parent / "static" / "data" / "mojokerto-kelurahan.geojson"

People = dict[str, Any]


class City:
    """The simulated people of one city, and what they do next."""

    def __init__(self, stage: Stage, people: People, load: Load | None = None) -> None:
        self.stage, self.people, self.load = stage, people, load
        self.medics: list[Medic] = []
        self.crews: list[Crew] = []
        self.sellers: dict[str, list[Client]] = {}
        """Category -> the sellers who are signed in; the visitor's shop is not among them."""
        count = load.residents if load is not None else 0
        self.residents = Residents(stage, people["residents"], people["shops"], seed_of(people), count)
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> int:
        """Sign everybody in; how many medics are on duty."""
        stage, people = self.stage, self.people
        homes = list(stage.ground.names)
        stage.rng.shuffle(homes)
        on_duty = people["medics"][:ON_DUTY]
        await self._each(self._medic(one, homes[number % len(homes)]) for number, one in enumerate(on_duty))
        stage.spawn(self._others(), "others")
        return len(self.medics)

    async def _others(self) -> None:
        """The rest of the city comes while the first call is on its way."""
        await self._end_old_calls()
        self.crews = await fleet(self.stage, self.people)
        if self.crews:
            crowd = self.load.vans if self.load is not None else SHOW
            waiting = Waiting(self.stage, self.people, seed_of(self.people), crowd)
            self.stage.spawn(waiting.live(), "waiting")
        await self._each(self._seller(one) for one in self.people["sellers"])
        if self.load is None:
            await self.speak()

    async def speak(self) -> None:
        """The city desk practises alerts and PLUT gives workshops, where the people file names them."""
        if (desk := self.people.get("city_desk")) is not None:
            client = await self.stage.client(code=desk["code"])
            self.stage.spawn(practise_now_and_then(self.stage, client), "alerts")
        if (plut := self.people.get("plut")) is not None:
            client = await self.stage.client(code=plut["code"])
            self.stage.spawn(teach_now_and_then(self.stage, client, self.sellers), "workshops")

    async def _each(self, work: Any) -> None:
        async def through(one: Coroutine[Any, Any, None]) -> None:
            async with self._gate:
                try:
                    await one
                except (Refused, Unanswered, OSError) as exc:
                    print(f"a simulated person stayed at home: {exc}", file=sys.stderr)

        await asyncio.gather(*(through(one) for one in work))

    async def _medic(self, one: People, home: str) -> None:
        medic = Medic(self.stage, one["person"], home, await self.stage.client(code=one["code"], audible=True))
        await medic.start()
        self.medics.append(medic)

    async def _seller(self, one: People) -> None:
        client = await self.stage.client(code=one["code"], audible=True)
        await Seller(self.stage, one["name"], one["shop"], client).start()
        category = next((shop["category"] for shop in self.people["shops"] if shop["id"] == one["shop"]), None)
        if category is not None and one["shop"] != VISITOR_SHOP:
            self.sellers.setdefault(category, []).append(client)

    async def _end_old_calls(self) -> None:
        """End what simulated callers left open before; a human's call is not ours to end."""
        client: Client = await self.stage.client(code=self.people["dispatcher"]["code"])
        table = await client.join("dispatch")
        for view in old_calls(table.things):
            try:
                await client.call("medic.close", {"request": view["id"], "outcome": "treated"})
            except Refused:
                continue  # somebody else ended it meanwhile
        await client.close()

    async def run(self) -> None:
        """Something happens every 10 to 20 s, a call first; under a load as often as that says."""
        await asyncio.sleep(FIRST_CALL_S)
        self.stage.spawn(self.residents.call(), "call")
        if self.load is not None:
            self.stage.spawn(self._press_always(), "presses")
        while self.load is None:
            await asyncio.sleep(self.stage.rng.uniform(*PAUSE_S))
            self._next()
        while True:
            pause_s, what = next_of(self.load, self.stage.rng)
            await asyncio.sleep(pause_s)
            if self.residents.any_free:
                self._begin(what)

    def _next(self) -> None:
        """A press that is due goes first, then chance decides between a call, a want and an order."""
        if self._press_if_due() or not self.residents.any_free:
            return
        free = sum(1 for medic in self.medics if medic.mission is None)
        chance = self.stage.rng.random()
        if free >= KEPT_FREE and chance < CALL_SHARE:
            self._begin("call")
        else:
            self._begin("want" if chance > 1 - WANT_SHARE else "order")

    def _press_if_due(self) -> bool:
        due = [(crew, press) for crew in self.crews if (press := crew.due()) is not None]
        for crew, press in due[:1]:
            self.stage.spawn(crew.press(press), "press")
        return bool(due)

    async def _press_always(self) -> None:
        """Under a load nobody watches the rhythm: crews press when they are due."""
        while True:
            await asyncio.sleep(ROUND_S)
            self._press_if_due()

    def _begin(self, what: str) -> None:
        shops = self.people["shops"]
        if what == "want":
            self.stage.spawn(seek(self.stage, self.residents, shops), what)
        else:
            self.stage.spawn(self.residents.call() if what == "call" else self.residents.order(), what)


def old_calls(things: dict[str, Any]) -> list[dict[str, Any]]:
    """The open requests of simulated callers on the medic desk's board."""
    requests = (view for view in things.values() if view["type"] == "request")
    return [view for view in requests if view["source"] == "sim" and view["state"] not in CALL_ENDS]


def seed_of(people: People) -> str:
    """What the residents' devices are made from: the same for the same city's people at every start."""
    given = people.get("seed")
    return str(given) if given else hashlib.sha256(json.dumps(people["residents"]).encode()).hexdigest()


async def simulate(
    base: str, people: People, rng: random.Random, stopping: asyncio.Event, load: Load | None = None
) -> None:
    """Live the city's day until told to stop."""
    loop = asyncio.get_running_loop()
    config = await _config(base, rng)
    ground = Ground(json.loads(GEOJSON.read_text("utf-8")))
    stage = Stage(base, config, ground, rng, now=loop.time, now_ms=lambda: int(time.time() * 1000), emit=_print)
    city = City(stage, people, load)

    async def live() -> None:
        on_duty = await city.start()
        stage.emit({"event": "city", "on_duty": on_duty})
        await city.run()

    living = asyncio.create_task(live(), name="city")
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait((living, told), return_when=asyncio.FIRST_COMPLETED)
    living.cancel()
    try:
        async with asyncio.timeout(END_S):
            await stage.close()
    except TimeoutError:
        pass  # a socket that says nothing is left to the process's end
    told.cancel()
    results = await asyncio.gather(living, told, return_exceptions=True)
    if isinstance(results[0], Exception):
        raise results[0]


async def _config(base: str, rng: random.Random) -> dict[str, Any]:
    until = time.monotonic() + START_S
    while True:
        try:
            answer = await request("GET", base + "/v1/config")
            if answer.status == 200:
                return answer.body
        except OSError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.25 * rng.random())


def _print(event: Event) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clients.simulate", description="Simulate a city's day.")
    parser.add_argument("--url", required=True, help="the public hub's address")
    parser.add_argument("--people", required=True, help="the people file, - for standard input")
    parser.add_argument("--seed", type=int, default=None, help="the same seed draws the same day")
    parser.add_argument("--load", choices=sorted(LOADS), help="as much as on such a day; else for somebody who watches")
    options = parser.parse_args(arguments)
    text = sys.stdin.read() if options.people == "-" else Path(options.people).read_text("utf-8")

    async def run() -> None:
        stopping = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stopping.set)
        await simulate(
            options.url.rstrip("/"), json.loads(text), random.Random(options.seed), stopping, LOADS.get(options.load)
        )

    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
