"""What is broken, when and for how long: the same for the same seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct

from tests.faults.city import LEASE_S, City, now_ms

What = Literal[
    "kill hub", "freeze hub", "drain hub", "kill worker", "freeze worker", "kill store", "freeze store",
    "silence bus link", "silence store link", "cut store links", "cut clients", "half-open clients", "delay clients",
]  # fmt: skip

FIRST_S: Final = 2.0
BUS_KINDS: Final = ("bus:urgent", "bus:urgent", "bus:normal", "bus:bulk", "moved")

MENU: Final[dict[What, tuple[int, float, float]]] = {
    "kill hub": (5, 0.3, 2.0),
    "freeze hub": (4, 0.5, 6.0),
    "drain hub": (2, 0.3, 1.0),
    "kill worker": (4, 0.3, 3.0),
    "freeze worker": (4, 1.0, 8.0),
    "kill store": (4, 0.1, 1.5),
    "freeze store": (4, 0.2, 3.0),
    "silence bus link": (7, 0.0, 0.0),
    "silence store link": (4, 0.0, 0.0),
    "cut store links": (3, 0.0, 0.0),
    "cut clients": (5, 0.0, 0.0),
    "half-open clients": (5, 2.0, 8.0),
    "delay clients": (3, 1.0, 4.0),
}
"""Of each fault: how often, against the others, and its shortest and longest time in seconds."""


class Fault(Struct, frozen=True):
    """One fault.

    Args:
        part: the part's name, empty where the store or nobody is meant.
        chance: in [0, 1): which link, how many clients, how slow.
    """

    at_s: float
    what: What
    part: str
    lasts_s: float
    chance: float


def schedule(seed: int, seconds: float, parts: dict[str, str], every_s: float) -> list[Fault]:
    """Faults until `seconds`, on average one in `every_s`.

    Every kind comes once before chance decides, so that a short run sees them all.

    Args:
        parts: name -> kind.
    """
    rng = random.Random(seed)
    weights = [weight for weight, _, _ in MENU.values()]
    first = list(MENU)
    rng.shuffle(first)
    busy: dict[str, float] = {}
    found: list[Fault] = []
    at = FIRST_S
    while at < seconds:
        what = first[-1] if first else rng.choices(list(MENU), weights)[0]
        _, shortest, longest = MENU[what]
        lasts = rng.uniform(shortest, longest)
        part = _target(what, parts, rng)
        name = part or what
        if busy.get(name, 0.0) <= at:
            busy[name] = at + lasts + 1.0
            found.append(Fault(round(at, 3), what, part, round(lasts, 3), rng.random()))
            del first[-1:]
        at += min(rng.expovariate(1 / every_s), 3 * every_s)
    return found


def _target(what: What, parts: dict[str, str], rng: random.Random) -> str:
    if "store" in what and "link" not in what:
        return ""
    workers = [name for name, kind in parts.items() if kind == "worker"]
    hubs = [name for name, kind in parts.items() if kind != "worker"]
    if "worker" in what:
        return rng.choice(workers)
    return rng.choice([*hubs, *workers] if "store link" in what else hubs)


class Breaker:
    """Carries a schedule out.

    Args:
        say: hears each fault in words.
    """

    def __init__(self, city: City, seed: int, say: Callable[[str], None]) -> None:
        self._city, self._say = city, say
        self._rng = random.Random(seed ^ 0x5EED)
        self.done: dict[str, int] = {}

    async def run(self, faults: list[Fault]) -> None:
        """Start each fault in its time; returns when the last has ended."""
        started = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, started + fault.at_s - asyncio.get_running_loop().time()))
                group.create_task(self._one(fault))

    async def _one(self, fault: Fault) -> None:
        self.done[fault.what] = self.done.get(fault.what, 0) + 1
        self._say(f"{fault.what} {fault.part} {fault.lasts_s:.1f} s")
        since = now_ms()
        if fault.what == "kill store":
            await self._city.kill_store(fault.lasts_s)
        elif fault.what == "freeze store":
            await self._city.freeze_store(fault.lasts_s)
        else:
            await self._to_part(fault)
        if "store" in fault.what or "worker" in fault.part:
            self._city.disturb(since, LEASE_S)

    async def _to_part(self, fault: Fault) -> None:
        city, part = self._city, self._city.parts[fault.part]
        if fault.what.startswith("kill"):
            await city.kill(part)
            await asyncio.sleep(fault.lasts_s)
            city.start_part(part)
        elif fault.what.startswith("freeze"):
            city.freeze(part)
            await asyncio.sleep(fault.lasts_s)
            city.thaw(part)
        elif fault.what == "drain hub":
            await city.drain(part)
            await asyncio.sleep(fault.lasts_s)
            city.start_part(part)
        elif fault.what == "silence bus link":
            for wire in part.store.living(BUS_KINDS[int(fault.chance * len(BUS_KINDS))])[:1]:
                wire.silent = True
        elif fault.what == "silence store link":
            links = part.store.living("")
            for wire in links[int(fault.chance * len(links)) :][:1]:
                wire.silent = True
        elif fault.what == "cut store links":
            for wire in part.store.living():
                wire.cut()
        else:
            await self._to_clients(fault)

    async def _to_clients(self, fault: Fault) -> None:
        door = self._city.parts[fault.part].door
        assert door is not None
        wires = door.living()
        some = self._rng.sample(wires, int(len(wires) * (0.1 + 0.5 * fault.chance)))
        if fault.what == "cut clients":
            for wire in some:
                wire.cut()
        elif fault.what == "half-open clients":
            for wire in some[: len(some) // 2 + 1]:
                wire.silent = True
            await asyncio.sleep(fault.lasts_s)
            door.bury()
        else:
            door.slow_down(0.05 + 0.4 * fault.chance)
            await asyncio.sleep(fault.lasts_s)
            door.slow_down(0)
