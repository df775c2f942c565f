"""What one city decides for itself: how its calls ring, how long a shop has, how long what ended is shown.

A thing keeps the rules under which it was made, so that a city's new file changes nothing that is under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field


class MedicRules(Struct, frozen=True, omit_defaults=True):
    """How a request rings.

    Args:
        grace_ms: how long one tap takes a call back.
        wave_ms: when each wave starts, counted from the commit; after the last it repeats.
        red_size: how many a red request asks first.
        retire_ms: how long an ended one stays in its tables.
    """

    grace_ms: int = 5_000
    wave_ms: tuple[int, ...] = (0, 20_000, 40_000, 80_000)
    repeat_ms: int = 30_000
    wave_size: int = 3
    red_size: int = 5
    retire_ms: int = 2 * 3_600_000


MEDIC: Final = MedicRules()
WIB_MS: Final = 7 * 3_600_000
ACCEPT_S: Final[Mapping[str, int]] = {"food": 180, "goods": 1_800, "made_to_order": 86_400}
NOTE_MS: Final = 30 * 24 * 3_600_000
ENDED_MS: Final = 24 * 3_600_000


class Rules(Struct, frozen=True):
    """All of them. `accept_s`: by category; `order_ms`, `want_ms`: as `retire_ms`; `zone_ms`: the city's clock.

    `note_ms`: how long what somebody wrote is kept where it is for no one thing; 0: not at all.
    `test_ring`: weekday (0 is Monday) and hour at which all phones are rung as a test; None: never.
    """

    medic: MedicRules = MEDIC
    accept_s: Mapping[str, int] = field(default_factory=lambda: ACCEPT_S)
    order_ms: int = ENDED_MS
    want_ms: int = ENDED_MS
    zone_ms: int = WIB_MS
    note_ms: int = NOTE_MS
    test_ring: tuple[int, int] | None = (0, 10)


RULES: Final = Rules()
