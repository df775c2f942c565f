"""What desks see of phones that can be woken."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from channels.faces_parts import Face, Maybe, Part


class LostPhone(Face, frozen=True, kw_only=True, tag="alarm"):
    """Somebody of this desk whose device a push service gave up; at the van and the city desk the only alarm."""

    state: Literal["ringing"]
    since: int
    began: int
    reason: Literal["unwakeable"]
    count: int
    person: str
    role: str
    name: str


class Missed(Part, frozen=True):
    person: str
    role: str
    name: str


class RingTest(Face, frozen=True, kw_only=True, tag="test_ring"):
    """The last test ring of a desk's phones. `missed`: whom nothing reached; `more` such people are not listed.

    `next_at`: when the next one is due. While it rings nothing is counted yet.
    """

    state: Literal["ringing", "over"]
    rung_at: int
    next_at: Maybe[int] = UNSET
    asked: Maybe[int] = UNSET
    reached: Maybe[int] = UNSET
    missed: Maybe[list[Missed]] = UNSET
    more: Maybe[int] = UNSET
