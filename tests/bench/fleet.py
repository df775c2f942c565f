"""A van on its way, its crew's phone, its tracker's buffers, and the desk that warns the city: what `vans` measures.

Where the van is depends on the time alone, so that whoever tells of it (the crew, a tracker's buffer of two hours)
tells the same, and no fix is in quarantine.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
import uuid
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from channels.geo import distance_m
from hub.app import CITY, internal
from hub.contract import Actor
from hub.seed import read_seed, sow
from tests.bench.rig import Person, Rig
from tests.bench.tap import Phone
from tests.support.processes import ROOT

SEED: Final = Path(ROOT) / "clients" / "seed.json"
SPEED_M_S: Final = 7.0
EVERY_S: Final = 5
FIXES: Final = 1_440
Place = tuple[float, float]


class Way:
    """From stop to stop and back again, for ever."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._legs = [(one, other, distance_m(*one, *other)) for one, other in pairwise(places)]
        self._metres = sum(metres for _, _, metres in self._legs)

    def at(self, seconds: float) -> Place:
        gone = seconds * SPEED_M_S % (2 * self._metres)
        gone = min(gone, 2 * self._metres - gone)
        for one, other, metres in self._legs:
            if gone <= metres:
                share = gone / metres
                return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share
            gone -= metres
        return self._legs[-1][1]


class Fleet:
    """One van on its trip of today; `crew` is its crew, `key` its tracker's."""

    def __init__(self, van: str, way: Way, crew: Person, key: str) -> None:
        self.van, self.way, self.crew, self.key = van, way, crew, key

    async def drive(self, port: int, seconds: float) -> int:
        """The crew's phone tells one fix a second, each due at a whole second; how many it told."""
        phone = await Phone.open(port, self.crew, "vans")
        first = time.time_ns() // 1_000_000_000 + 1
        for number in range(int(seconds)):
            due = first + number
            await asyncio.sleep(max(0.0, due - time.time_ns() / 1e9))
            lat, lon = self.way.at(due)
            location = {"lat": lat, "lon": lon, "accuracy_m": 8.0, "fix_at": due * 1000, "speed_kmh": SPEED_M_S * 3.6}
            data = {"van": self.van, "location": {**location, "heading": 90.0, "battery": 80.0}}
            await phone.send({"t": "tell", "cmd": "van.position", "data": data})
        await asyncio.sleep(0.5)
        await phone.close()
        return int(seconds)

    def buffer(self) -> bytes:
        """The last two hours as a tracker sends them when it is in reach again."""
        now = time.time_ns() // 1_000_000_000
        messages = []
        for at in range(now - (FIXES - 1) * EVERY_S, now + 1, EVERY_S):
            lat, lon = self.way.at(at)
            coords = {"latitude": lat, "longitude": lon, "accuracy": 8.5, "speed": SPEED_M_S, "heading": 90.0}
            place = {"timestamp": at * 1000, "coords": coords, "battery": {"level": 0.8}}
            messages.append({"device_id": self.key, "location": place})
        return json.dumps(messages).encode()

    async def send_buffers(self, port: int, seconds: float) -> list[float]:
        """A buffer a second, each of two hours; how long each took, in ms.

        Raises:
            RuntimeError: one was not taken whole.
        """
        took, until = [], time.monotonic() + seconds
        while time.monotonic() < until:
            body, began = self.buffer(), time.monotonic()
            said = await asyncio.to_thread(_posted, port, body)
            took.append((time.monotonic() - began) * 1000)
            if said["taken"] + said["late"] != FIXES or not said["taken"]:
                raise RuntimeError(f"a buffer was not taken whole: {said}")
            await asyncio.sleep(max(0.0, 1.0 - took[-1] / 1000))
        return took


def _posted(port: int, body: bytes) -> dict[str, Any]:
    url = f"http://127.0.0.1:{port}/v1/trackers/osmand"
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        answer: dict[str, Any] = json.load(reply)
    return dict(answer["data"])


def fleet(city: Rig) -> Fleet:
    """The seed file's first van, its trip begun."""
    seed = read_seed(SEED)
    van = seed["vans"][0]["id"]
    crew = city.staff("crew", van=van)[0]
    key = asyncio.run(_begun(city, {**seed, "shops": []}, Actor(crew.person, "crew", van=van)))
    stops = {stop["id"]: (stop["lat"], stop["lon"]) for stop in seed["stops"]}
    return Fleet(van, Way([stops[stop] for stop in seed["vans"][0]["stops"]]), crew, key)


async def _begun(city: Rig, seed: dict[str, Any], crew: Actor) -> str:
    async with internal(city.store.url, CITY, True) as dispatch:
        await sow(dispatch, seed)
        answers = [
            await dispatch.run("van.depart", {"van": crew.van}, crew, str(uuid.uuid4())),
            await dispatch.run("van.tracker", {"van": crew.van}, crew, str(uuid.uuid4())),
        ]
    assert all(answer.ok for answer in answers), answers
    return str((answers[-1].data or {})["key"])


async def warn(desk: Phone) -> tuple[float, str]:
    """Warn the whole city, urgently; the commit's ms, and the alert's id. Its headline says when it was due."""
    text = {"headline": f"Banjir di Mojokerto TS={time.monotonic_ns()} ", "description": "Sungai Brantas meluap. " * 20}
    data = {
        "category": "met", "event": "Banjir", "urgency": "immediate", "severity": "extreme", "certainty": "observed",
        "expires": time.time_ns() // 1_000_000 + 3_600_000, "areas": "city", "texts": {"id": text},
    }  # fmt: skip
    sent_at, answered_at, answer = await desk.call("alert.publish", data)
    return (answered_at - sent_at) / 1e6, answer["alert"]
