"""What everybody heard and was answered, small enough to be kept whole.

Views are kept as digests; the store's log has the views themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

GONE = 0
"""The digest of a view that left its table."""

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


def digest(view: Mapping[str, Any] | None) -> int:
    """64 bits of a view; `GONE` for none."""
    if view is None:
        return GONE
    return int.from_bytes(hashlib.blake2b(_encode(view), digest_size=8).digest(), "big") or 1


def thing_digest(id_: str, view_digest: int) -> int:
    """What one thing adds to its table's digest."""
    if view_digest == GONE:
        return 0
    data = id_.encode() + view_digest.to_bytes(8, "big")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def table_digest(things: Mapping[str, Mapping[str, Any]]) -> int:
    """64 bits of a table; the order of its things is nothing."""
    total = 0
    for id_, view in things.items():
        total ^= thing_digest(id_, digest(view))
    return total


class Said(Struct, frozen=True):
    """One change as a hub said it."""

    prev: int
    offset: int
    id: str
    kind: str
    view: int
    more: bool


class Told(Struct, frozen=True):
    """One frame about a topic, and the client's table before and after it.

    Args:
        t: `state` (its last part), `resumed`, `change` or `folded`.
        said: the changes in the frame; of a `folded` one its things (prev and offset are the frame's).
        frame_table: a `state` frame's whole table.
        before, after: the client's offset; its epochs beside them.
        table: digest of the client's table after the frame, None when it was not taken.
        taken: of a change that was applied, whether the client's table shows it.
    """

    topic: str
    t: str
    epoch: str
    offset: int
    said: tuple[Said, ...]
    frame_table: int
    before: int
    before_epoch: str
    after: int
    after_epoch: str
    table: int | None = None
    taken: bool = True


class Answered(Struct, frozen=True):
    """A final answer."""

    ok: bool
    code: str
    data: dict[str, Any]
    door: str


class Act(Struct):
    """One act of one person, under one id, with every final answer that it ever got."""

    person: str
    role: str
    id: str
    cmd: str
    data: dict[str, Any]
    at: int
    answers: list[Answered] = []

    @property
    def ok(self) -> Answered | None:
        return next((answer for answer in self.answers if answer.ok), None)


class Final(Struct, frozen=True):
    """A client's table when everything was quiet."""

    epoch: str
    offset: int
    things: dict[str, dict[str, Any]]


class History(Struct):
    """One person's."""

    name: str
    person: str = ""
    role: str = ""
    told: list[Told] = []
    acts: list[Act] = []
    final: dict[str, Final] = {}
    retries: dict[str, int] = {}
    connects: int = 0
