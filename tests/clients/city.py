"""A city in virtual time: simulated people against screens that answer as a hub would, without any socket."""

from __future__ import annotations

import asyncio
import functools
import json
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ParamSpec, cast

from clients.client import Change, Client, Refused
from clients.following import Watch
from clients.paths import Ground, Point
from clients.people import Medic
from clients.stage import Event, Stage
from hub.recovery import Table

P = ParamSpec("P")
View = dict[str, Any]
GEOJSON = Path(__file__).parents[2] / "static/data/mojokerto-kelurahan.geojson"
GROUND = Ground(json.loads(GEOJSON.read_text()))


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer when nothing else is to do."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        inner = cast(Any, self)
        if not inner._ready and inner._scheduled:
            self._now = max(self._now, inner._scheduled[0]._when)
        cast(Any, super())._run_once()


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test on a loop of its own, where a sleep takes no time."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


class Screen:
    """One person's client, as far as simulated people use it."""

    def __init__(self, city: City, person: str) -> None:
        self.city, self.person = city, person
        self.tables: dict[str, Table] = {}
        self.watches: dict[str, list[Watch]] = {}
        self.calls: list[tuple[str, View]] = []
        self.told: list[tuple[str, View]] = []
        self.left: list[str] = []
        self.asleep, self.drops = False, 0

    def client(self) -> Client:
        return cast(Client, self)

    def watch(self, topic: str, watch: Watch) -> None:
        self.watches.setdefault(topic, []).append(watch)
        self.table(topic)

    async def join(self, topic: str) -> Table:
        for id_, view in self.table(topic).things.items():
            self._tell(Change(topic, id_, "state", view, None, None))
        return self.table(topic)

    def follow(self, topic: str) -> Any:
        watches = self.watches.setdefault(topic, [])
        return type("Followed", (), {"watches": watches})

    def table(self, topic: str) -> Table:
        return self.tables.setdefault(topic, self.city.tables.setdefault(topic, Table()))

    async def call(self, cmd: str, data: View, **_: Any) -> View:
        self.calls.append((cmd, data))
        return self.city.run(self.person, cmd, data)

    async def leave(self, topic: str) -> None:
        self.left.append(topic)

    def tell(self, cmd: str, data: View) -> bool:
        self.told.append((cmd, data))
        return True

    def drop(self) -> None:
        self.drops += 1

    def here(self) -> None:
        return

    async def close(self) -> None:
        return

    def hear(self, change: Change) -> None:
        if change.topic in self.watches:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        for watch in list(self.watches.get(change.topic, ())):
            watch(change)


class City:
    """Screens, the tables that they share, and what commands do to them."""

    def __init__(self, seed: int) -> None:
        self.tables: dict[str, Table] = {}
        self.screens: dict[str, Screen] = {}
        self.accepts: list[str] = []
        self.answers: dict[str, View | Refused] = {}
        """Command -> what every one of them hears."""
        self.events: list[Event] = []
        self.patient = GROUND.somewhere(random.Random(seed), "miji")
        now = asyncio.get_running_loop().time
        self.stage = Stage(
            "http://127.0.0.1:9",
            {},
            GROUND,
            random.Random(seed),
            now=now,
            now_ms=lambda: int(now() * 1000),
            emit=self.events.append,
        )

    def screen(self, person: str) -> Screen:
        return self.screens.setdefault(person, Screen(self, person))

    async def medic(self, person: str, home: str) -> Medic:
        medic = Medic(self.stage, person, home, self.screen(person).client())
        await medic.start()
        return medic

    def calls(self, person: str) -> list[tuple[str, View]]:
        return self.screens[person].calls

    def places(self, person: str) -> list[Point]:
        told = self.screens[person].told
        fixes = [fix for _, data in told for fix in data.get("locations") or [data["location"]]]
        return [Point(fix["lat"], fix["lon"]) for fix in fixes]

    async def live(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def change(self, topic: str, id_: str, kind: str = "x.changed", **fields: Any) -> None:
        """Change a thing's fields in a topic, for everybody who follows it."""
        things = self.tables.setdefault(topic, Table()).things
        things[id_] = {**things.get(id_, {}), "id": id_, **fields}
        for screen in list(self.screens.values()):
            screen.hear(Change(topic, id_, kind, things[id_], None, 0))

    def offer(self, person: str, request: str, *, source: str, state: str = "open", **fields: Any) -> None:
        view = {"type": "offer", "request": request, "state": state, "source": source, "age_ms": 0}
        location = {"lat": self.patient.lat, "lon": self.patient.lon}
        more = {"distance_band": "lt1000", "kelurahan": "miji", "location": location} if state == "won" else {}
        self.change(f"help/{person}", request, **{"distance_band": "lt1000", **view, **more, **fields})

    def run(self, person: str, cmd: str, data: View) -> View:
        if isinstance(answer := self.answers.get(cmd, {}), Refused):
            raise answer
        if answer:
            return answer
        if cmd == "medic.accept":
            request = data["request"]
            if request in self.accepts:
                raise Refused("taken")
            self.accepts.append(request)
            for other, screen in self.screens.items():
                mine = other == person
                if request in screen.table(f"help/{other}").things:
                    won = {"state": "won", "request_state": "accepted"} if mine else {"state": "stood_down"}
                    fields: View = dict(won)
                    if mine:
                        fields["location"] = {"lat": self.patient.lat, "lon": self.patient.lon}
                    self.change(f"help/{other}", request, **fields)
        elif cmd == "medic.advance":
            self.change(f"help/{person}", data["request"], request_state=data["to"])
        elif cmd in ("order.accept", "order.advance", "order.reject"):
            topic = next(topic for topic, table in self.tables.items() if data["order"] in table.things)
            to = {"order.accept": "accepted", "order.reject": "rejected"}.get(cmd) or data["to"]
            self.change(topic, data["order"], state=to, **({"accepted_by": "Sri"} if to == "accepted" else {}))
        return {}


def order_view() -> View:
    return {"type": "order", "state": "placed", "phone": "0812000000", "shop": "s02"}
