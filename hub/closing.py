"""Close codes of a live socket, and whether a client may come back with the same credentials.

4000-4499 come back, 4500-4999 do not (PROTOCOL section 5).
"""

from __future__ import annotations

from typing import Final

DONE: Final = 1000
FRAME_TOO_BIG: Final = 1009
DRAINING: Final = 4000
NODE_UNWELL: Final = 4001
TOO_SLOW: Final = 4008
TOO_MANY_FRAMES: Final = 4029
SIGNED_OUT: Final = 4501
NOT_ALLOWED: Final = 4503
BAD_PROTOCOL: Final = 4504

MEANING: Final = {
    DONE: "done",
    FRAME_TOO_BIG: "frame too big",
    DRAINING: "draining: come back elsewhere",
    NODE_UNWELL: "node unwell: come back elsewhere",
    TOO_SLOW: "too slow: resume",
    TOO_MANY_FRAMES: "too many frames",
    SIGNED_OUT: "signed out",
    NOT_ALLOWED: "not allowed",
    BAD_PROTOCOL: "bad protocol",
}

RECONNECT_FIRST_S: Final = 0.25
RECONNECT_MOST_S: Final = 15.0


def may_return(code: int) -> bool:
    """Whether the same credentials may be tried again after this close code."""
    return not 4500 <= code <= 4999


def backoff_s(attempt: int, chance: float) -> float:
    """Full jitter: a wait drawn from zero to a doubling bound.

    Args:
        attempt: 0 for the first try after a close.
        chance: a random number in [0, 1), given so that tests need no clock.
    """
    bound = min(RECONNECT_MOST_S, RECONNECT_FIRST_S * 2.0 ** min(attempt, 16))
    return bound * chance
