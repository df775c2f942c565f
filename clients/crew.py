"""The simulated crew of a van: it drives the trip, and presses the button where no human does.

The rule: a press that is not ours hands the van to the human who pressed for
two minutes, and each further press does so again. Meanwhile the van still
drives where the human's presses send it, but nobody here presses, and nobody is
called. One press in ten is forgotten, as `gps_noise` says: then the van's fixes
tell the hub, and after three minutes somebody remembers.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from clients.client import Change, Client, Refused, Unanswered
from clients.counter import Counter
from clients.drawn import Line
from clients.gps_noise import NOISE, Roads, hour_factor
from clients.paths import KM_H, Point, Traveller
from clients.stage import ROUND_S, Stage
from clients.timetable import DAY_MIN, MINUTE_MS, Planner, is_soon
from clients.van_phone import Phone, by_page, by_tracker

View = dict[str, Any]

HUMAN_S: Final = 120.0
REMEMBERS_S: Final = 180.0
STAY_S: Final = (35.0, 70.0)
STAY_MOST_S: Final = 180.0
"""However many wait: others wait further on."""
SET_OUT_S: Final = (20.0, 60.0)
"""From a new timetable until the van sets out."""
PLAN_AGAIN_S: Final = 120.0
READ_S: Final = 10.0
"""How soon after its desk made a timetable the crew hears of it."""
LEAST_KMH: Final = 20.0
"""Of a leg, lights aside: a slower one would take a watcher's patience."""
BY_FIX_MS: Final = 5_000
"""What the fixes say is at least so old when it is said; a press is of now."""
DIES_SHARE: Final = 0.25
"""Of the legs on which a phone with a weak battery dies."""
DEAD_S: Final = (60.0, 150.0)


class Crew:
    """One simulated crew and its van.

    Args:
        line: what it drives along; None: straight lines. planner: makes the timetable of a trip that begins; None:
            the van sets out at once.
        weak_phone: its phone dies between stops now and then, and comes back.
        tracker: an app of its own writes its place with a key, and not the crew's page.
    """

    def __init__(
        self,
        stage: Stage,
        van: str,
        stops: list[View],
        client: Client,
        *,
        line: Line | None = None,
        planner: Planner | None = None,
        weak_phone: bool = False,
        tracker: bool = False,
    ) -> None:
        self.stage, self.van, self.client = stage, van, client
        self._stops = {stop["id"]: stop for stop in stops}
        self._line, self._planner = line, planner
        self._weak_phone, self._tracker = weak_phone, tracker
        self.traveller = Traveller(stage.ground, self._place(stops[0]["id"]))
        self.phone = Phone(stage, by_page(stage, van, client))
        self.counter = Counter(stage, van, self._stops, client)
        self._roads = Roads(stage.rng)
        self._topic = f"van/{van}"
        self._ours: set[tuple[str, str | None]] = set()
        self._human_until = self._light_until = 0.0
        self._leave_at: float | None = None
        self._stay_ends = self._press_at = self._set_out_at = 0.0
        self._plan_at = self._planned_until = 0.0
        self._heading: str | None = None

    async def start(self) -> None:
        """Begin where the trip was left."""
        await self.client.join(self._topic)
        await self.counter.start()
        if self._tracker:
            key = str((await self.client.call("van.tracker", {"van": self.van}))["key"])
            self.phone = Phone(self.stage, by_tracker(self.stage, key))
        self.traveller = Traveller(self.stage.ground, self._left_at() or self.traveller.place)
        self.client.watch(self._topic, self._hear)
        self.client.watch(f"crew/{self.van}", self._read)
        self.stage.spawn(self._drive(), f"van {self.van}")

    def _left_at(self) -> Point | None:
        """Where the van was left: at a stop, where its last fix was, or before its first stop."""
        view = self._view()
        at, fix = view.get("stop") or view.get("next"), self.client.table(self._topic).fixes.get(self.van)
        if view["state"] != "at_stop" and fix is not None:
            return Point(fix["lat"], fix["lon"])
        if not isinstance(at, str) or at not in self._stops:
            return None
        before = self._line.before(at) if view["state"] == "off" and self._line is not None else None
        return before or self._place(at)

    def due(self) -> str | None:
        """The press that is due now, or None: the van is where it was going, or has stood long enough."""
        view, now = self._view(), self.stage.now()
        if now < self._human_until or self.phone.dead:
            return None
        if view["state"] == "off":
            return "van.depart" if view.get("next") and now >= self._set_out_at else None
        if view["state"] == "driving":
            there = self._heading == view.get("next") and self.traveller.arrived
            return "van.arrive" if there and now >= self._press_at else None
        leaves = self._leave_at is not None and now >= self._leave_at and not self._kept(view["stop"])
        return "van.depart" if leaves and now >= self._press_at else None

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
        what = "arrived" if cmd == "van.arrive" else "departed" if stop else "set out"
        self._say(stop or view.get("next"), what, {"shown_ms": round((seen[0] - began) * 1000, 1)})

    def _say(self, stop: str | None, what: str, figures: View) -> None:
        where = self._stops.get(stop or "", {})
        event = {
            "event": "van",
            "kelurahan": self.stage.name(where.get("kelurahan")),
            "van": self._view()["name"],
            "stop": where.get("name", ""),
            "state": what,
            **figures,
        }
        self.stage.emit({**event, "text": van_text(event)})

    def _hear(self, change: Change) -> None:
        """Whose press was that?"""
        view = change.view
        if view is None or change.kind not in ("van.arrived", "van.departed", "van.skipped", "van.set_out"):
            return
        if (seen := _by_fix(view, change.kind)) is not None:
            stop, age_s = seen
            self._say(stop, change.kind.removeprefix("van."), {"seen_s": age_s})
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
                self._stand(view)
            else:
                self._leave_at = None
                if view["state"] == "driving":
                    self._head_for(view.get("next"))
                elif view["state"] == "off" and view.get("next"):
                    await self._plan(view)
            self._roll()
            self.phone.carry(self.traveller.place)

    def _stand(self, view: View) -> None:
        """At a stop: serve, and leave when it is time; who forgot to press drives off all the same."""
        now, stop = self.stage.now(), view["stop"]
        if self._leave_at is None:
            self._leave_at = now + self.stage.rng.uniform(*STAY_S)
            self._stay_ends = now + STAY_MOST_S
            self._press_at = self._leave_at + self._forgotten_s()
        human = now < self._human_until
        if not human and not self.phone.dead and now < self._stay_ends and self.counter.waiting(stop):
            self.counter.begin(stop)
        gone = now >= self._leave_at and self._press_at > self._leave_at and not self._kept(stop) and not human
        self._head_for(view["next"] if gone and view.get("next") else stop)

    def _kept(self, stop: str) -> bool:
        """Whether somebody at the counter keeps the van."""
        return self.counter.busy or (self.stage.now() < self._stay_ends and self.counter.waiting(stop))

    def _forgotten_s(self) -> float:
        return REMEMBERS_S if self.stage.rng.random() < NOISE.forgets_share else 0.0

    async def _plan(self, view: View) -> None:
        """A trip that begins gets its timetable from now on."""
        now = self.stage.now()
        if self._planner is None or now < self._plan_at or is_soon(view, self.stage.now_ms()):
            return
        self._plan_at = now + PLAN_AGAIN_S
        self._set_out_at = now + self.stage.rng.uniform(*SET_OUT_S)
        self._planned_until = now + READ_S
        await self._planner.plan(view, self.traveller.place, {stop: self._place(stop) for stop in self._stops})

    def _read(self, change: Change) -> None:
        """The timetable that this crew waited for is no news to it; what a person at the desk changes rings."""
        view = change.view
        if view is not None and view["state"] == "ringing" and self.stage.now() < self._planned_until:
            self.stage.spawn(self._say_read(view["rung_at"]), f"news {self.van}")

    async def _say_read(self, rung_at: int) -> None:
        with contextlib.suppress(Refused, Unanswered):
            await self.client.call("news.seen", {"van": self.van, "rung_at": rung_at})

    def _roll(self) -> None:
        """Drive on for a round; a red light now and then."""
        now, rng = self.stage.now(), self.stage.rng
        if self.traveller.arrived or now < self._light_until:
            return
        self.traveller.advance(ROUND_S)
        if self.traveller.arrived:
            self._press_at = now + self._forgotten_s()
        pieces = self.traveller.speed * ROUND_S / NOISE.piece_m
        if rng.random() < NOISE.light_share * pieces:
            self._light_until = now + rng.uniform(*NOISE.light_s)

    def _head_for(self, stop: str | None) -> None:
        if stop is None or stop not in self._stops or stop == self._heading:
            return
        self._heading = stop
        start, place = self.traveller.place, self._place(stop)
        hour = (self.stage.now_ms() + self.stage.zone_ms) / MINUTE_MS % DAY_MIN / 60
        way = self.stage.ground.route(start, place) if self._line is None else self._line.way(start, stop, place)
        self.traveller.take(way, max(LEAST_KMH * KM_H, self._roads.leg() * hour_factor(hour)))
        if self._weak_phone and self.stage.rng.random() < DIES_SHARE:
            self.phone.die(self.stage.rng.uniform(*DEAD_S))

    def _view(self) -> View:
        return self.client.table(self._topic).things.get(self.van, {"state": "", "name": ""})

    def _place(self, stop: str) -> Point:
        found = self._stops[stop]
        return Point(found["lat"], found["lon"])


def _by_fix(view: View, kind: str) -> tuple[str, float] | None:
    """The stop where the hub found an arrival or a departure in the fixes, and how long after; None for a press."""
    field = {"van.arrived": "arrived_at", "van.departed": "departed_at"}.get(kind)
    rows = [(row[field], row["stop"]) for row in view.get("trip", ()) if field and row.get(field)]
    if not rows:
        return None
    at, stop = max(rows)
    late_ms = view["at"] - at
    return (stop, round(late_ms / 1000, 1)) if late_ms >= BY_FIX_MS else None


def van_text(event: dict[str, Any]) -> str:
    """A van's press, or what its fixes said, as one sentence."""
    said = {"set out": "set out", "arrived": f"arrived at {event['stop']}", "departed": f"left {event['stop']}"}
    done = f"{event['van']} {said[event['state']]}"
    if "seen_s" in event:
        return f"{done}, seen in its fixes after {event['seen_s']:.0f} s"
    return f"{done}, followers read it after {event['shown_ms']:.0f} ms"
