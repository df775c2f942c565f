"""How much happens in the simulated city: for somebody who watches, or as on a day of the real one.

A normal day has 20 calls, 180 orders and 200 wants, a heavy one 60, 880 and
1,000; a crisis 200 calls in ten minutes, bursts of two orders a second and a
want a second. A day is taken as fourteen waking hours.

At the vans 300 follow at once on a normal day and 2,000 on a heavy one. The table
says nothing of numbers and reminders: a normal day takes half of the 1,260
numbers that the three vans have, a heavy one asks for more than there are; one
follower in three sets a reminder, and few ask for a stop.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

DAY_S: Final = 14 * 3600


class Crowd(NamedTuple):
    """How many follow the vans at once, and how many numbers, reminders and wishes for stops a second."""

    followers: int
    numbers: float
    reminders: float
    wishes: float


class Load(NamedTuple):
    """Events per second, how many residents that needs, and who is at the vans."""

    calls: float
    orders: float
    wants: float
    residents: int
    vans: Crowd


SHOW: Final = Crowd(12, 1 / 30, 1 / 60, 1 / 300)
"""For somebody who watches."""

NORMAL: Final = Crowd(300, 630 / DAY_S, 100 / DAY_S, 20 / DAY_S)
HEAVY: Final = Crowd(2_000, 1_600 / DAY_S, 700 / DAY_S, 100 / DAY_S)

LOADS: Final = {
    "normal": Load(20 / DAY_S, 180 / DAY_S, 200 / DAY_S, 60, NORMAL),
    "heavy": Load(60 / DAY_S, 880 / DAY_S, 1_000 / DAY_S, 120, HEAVY),
    "crisis": Load(200 / 600, 2.0, 1.0, 600, NORMAL),
}


def next_of(load: Load, rng: random.Random) -> tuple[float, str]:
    """(seconds until the next event, which one): three Poisson processes as one."""
    total = load.calls + load.orders + load.wants
    chance = rng.random() * total
    what = "call" if chance < load.calls else "order" if chance < load.calls + load.orders else "want"
    return rng.expovariate(total), what


def next_at_vans(crowd: Crowd, rng: random.Random) -> tuple[float, str]:
    """(seconds until the next act at the vans, which one)."""
    total = crowd.numbers + crowd.reminders + crowd.wishes
    chance = rng.random() * total
    what = "number" if chance < crowd.numbers else "reminder" if chance < crowd.numbers + crowd.reminders else "wish"
    return rng.expovariate(total), what
