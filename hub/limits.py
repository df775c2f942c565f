"""Rate limits of durable commands: token buckets, pure (time comes in).

New devices are limited per address, known ones per device. No limit ever
refuses what a service marks as unlimited (a call for help).
"""

from __future__ import annotations

from typing import Final

MOST_BUCKETS: Final = 100_000


class Buckets:
    """Token buckets by name.

    Args:
        burst: tokens at once; 0 means no limit.
        per_s: tokens that come back each second.
    """

    def __init__(self, burst: int, per_s: float) -> None:
        self._burst, self._per_s = burst, per_s
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, name: str, now: float) -> int:
        """Take one token: 0 when there was one, else the milliseconds until the next."""
        if self._burst == 0:
            return 0
        level, since = self._levels.pop(name, (float(self._burst), now))
        level = min(float(self._burst), level + (now - since) * self._per_s)
        wait_ms = 0
        if level >= 1.0:
            level -= 1.0
        else:
            wait_ms = int((1.0 - level) / self._per_s * 1000) + 1 if self._per_s else 60_000
        self._levels[name] = (level, now)
        if len(self._levels) > MOST_BUCKETS:
            del self._levels[next(iter(self._levels))]  # the one unused for longest
        return wait_ms
