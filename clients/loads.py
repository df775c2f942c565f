"""How much happens in the simulated city: for somebody who watches, or as on a day of the real one.

A normal day has 20 calls, 180 orders and 200 wants, a heavy one 60, 880 and
1,000; a crisis 200 calls in ten minutes, bursts of two orders a second and a
want a second. A day is taken as fourteen waking hours.
"""

from __future__ import annotations

import random
from typing import Final, NamedTuple

DAY_S: Final = 14 * 3600


class Load(NamedTuple):
    """Events per second, and how many residents that needs."""

    calls: float
    orders: float
    wants: float
    residents: int


LOADS: Final = {
    "normal": Load(20 / DAY_S, 180 / DAY_S, 200 / DAY_S, 60),
    "heavy": Load(60 / DAY_S, 880 / DAY_S, 1_000 / DAY_S, 120),
    "crisis": Load(200 / 600, 2.0, 1.0, 600),
}


def next_of(load: Load, rng: random.Random) -> tuple[float, str]:
    """(seconds until the next event, which one): three Poisson processes as one."""
    total = load.calls + load.orders + load.wants
    chance = rng.random() * total
    what = "call" if chance < load.calls else "order" if chance < load.calls + load.orders else "want"
    return rng.expovariate(total), what
