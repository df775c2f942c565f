"""The simulated crew of a van: it drives the trip, and presses the button where no human does.

The rule: a press that is not ours hands the van to the human who pressed for
two minutes, and each further press does so again. Meanwhile the van still
drives where the human's presses send it, but nobody here presses.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from clients.client import Change, Client
from clients.paths import KM_H, Point, Traveller
from clients.stage import ROUND_S, Stage

View = dict[str, Any]

HUMAN_S: Final = 120.0
NEAR_M: Final = 40.0


class Crew:
    """One simulated crew and its van."""

    def __init__(self, stage: Stage, van: str, stops: list[View], client: Client) -> None:
        self.stage, self.van, self.client = stage, van, client
        self._stops = {stop["id"]: stop for stop in stops}
        self.traveller = Traveller(stage.ground, self._place(stops[0]["id"]))
        self._topic = f"van/{van}"
        self._ours: set[tuple[str, str | None]] = set()
        self._human_until = 0.0
        self._leave_at: float | None = None
        self._heading: str | None = None

    async def start(self) -> None:
        """Begin where the trip was left."""
        await self.client.join(self._topic)
        view = self._view()
        at = view.get("stop") or view.get("next")
        if isinstance(at, str) and at in self._stops:
            self.traveller = Traveller(self.stage.ground, self._place(at))
        self.client.watch(self._topic, self._hear)
        self.stage.spawn(self._drive(), f"van {self.van}")

    def due(self) -> str | None:
        """The press that is due now, or None: the van is where it was going, or has stood long enough."""
        view = self._view()
        if self.stage.now() < self._human_until:
            return None
        if view["state"] == "off":
            return "van.depart" if view.get("next") else None
        if view["state"] == "driving":
            return "van.arrive" if self._heading == view.get("next") and self.traveller.arrived else None
        return "van.depart" if self._leave_at is not None and self.stage.now() >= self._leave_at else None

    async def press(self, cmd: str) -> None:
        """Press the button, and print the line with what a follower's screen measured."""
        stage, view = self.stage, self._view()
        stop = view.get("next") if cmd == "van.arrive" else view.get("stop")
        self._ours.add((cmd, stop))
        began = stage.now()
        heard = asyncio.Event()
        seen: list[float] = []

        def hear(change: Change) -> None:
            if change.kind not in ("moved", "state"):
                seen.append(stage.now())
                heard.set()

        self.client.watch(self._topic, hear)
        try:
            await self.client.call(cmd, {"van": self.van} if stop is None else {"van": self.van, "stop": stop})
            async with asyncio.timeout(5):
                await heard.wait()
        except TimeoutError:
            return
        finally:
            self.client.follow(self._topic).watches.remove(hear)
        where = self._stops.get(stop or view.get("next") or "", {})
        what = "arrived" if cmd == "van.arrive" else "departed" if stop else "set out"
        event = {
            "event": "van",
            "kelurahan": stage.name(where.get("kelurahan")),
            "van": view["name"],
            "stop": where.get("name", ""),
            "state": what,
            "shown_ms": round((seen[0] - began) * 1000, 1),
        }
        stage.emit({**event, "text": van_text(event)})

    def _hear(self, change: Change) -> None:
        """Whose press was that?"""
        view = change.view
        if view is None or change.kind not in ("van.arrived", "van.departed", "van.skipped", "van.set_out"):
            return
        if change.kind == "van.arrived":
            key: tuple[str, str | None] = ("van.arrive", view.get("stop"))
        else:
            key = next((ours for ours in self._ours if ours[0] == "van.depart"), ("", None))
        if key in self._ours:
            self._ours.discard(key)
        else:
            self._human_until = self.stage.now() + HUMAN_S

    async def _drive(self) -> None:
        """Follow the trip's state, whoever makes it, and say where the van is."""
        while True:
            await asyncio.sleep(ROUND_S)
            view = self._view()
            if view["state"] == "at_stop":
                if self._leave_at is None:
                    self._leave_at = self.stage.now() + self.stage.rng.uniform(35, 70)
                self._head_for(view["stop"])
            else:
                self._leave_at = None
                if view["state"] == "driving":
                    self._head_for(view.get("next"))
            self.traveller.advance(ROUND_S)
            lat, lon = self.traveller.place
            location = {"lat": round(lat, 6), "lon": round(lon, 6), "accuracy_m": 8.0}
            self.client.tell("van.position", {"van": self.van, "location": location})

    def _head_for(self, stop: str | None) -> None:
        if stop is not None and stop in self._stops and stop != self._heading:
            self._heading = stop
            self.traveller.go(self._place(stop), self.stage.rng.uniform(22, 32) * KM_H)

    def _view(self) -> View:
        return self.client.table(self._topic).things.get(self.van, {"state": "", "name": ""})

    def _place(self, stop: str) -> Point:
        found = self._stops[stop]
        return Point(found["lat"], found["lon"])


def van_text(event: dict[str, Any]) -> str:
    """A van's press as one sentence."""
    said = {"set out": "set out", "arrived": f"arrived at {event['stop']}", "departed": f"left {event['stop']}"}
    return f"{event['van']} {said[event['state']]}, followers read it after {event['shown_ms']:.0f} ms"
