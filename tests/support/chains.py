"""Chains to break: entries as the hub logs them, and what somebody with the table could do to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from hub.chain import Blocks, Broken, Fault, Link, Logged, Row, Walk, linked

CITY = "35.76"


def entry(number: int) -> Logged:
    body = {
        "cmd": "lamp.switch", "id": f"id-{number}", "by": f"person-{number % 3}", "role": "resident",
        "things": [f"lamp/{number}"],
    }  # fmt: skip
    return Logged(f"{1000 + number}-0", number, 5000 + number, msgspec.msgpack.encode(body))


def chain(count: int, before: Link | None = None) -> list[Row]:
    rows: list[Row] = []
    at = before or Link()
    for number in range(at.seq + 1, at.seq + 1 + count):
        rows.append(linked(CITY, at, entry(number)))
        at = end(rows)
    return rows


def end(rows: list[Row]) -> Link:
    return Link(rows[-1].seq, rows[-1].hash) if rows else Link()


def rehashed(row: Row, before: bytes | None = None) -> Row:
    """The row with the hash of what it says now."""
    link = Link(row.seq - 1, row.prev_hash if before is None else before)
    return linked(row.city, link, Logged(row.log_id, row.commit, row.at, row.body))


def renumbered(rows: Iterable[Row]) -> list[Row]:
    return [replace(row, seq=number) for number, row in enumerate(rows, 1)]


def fault(
    rows: Iterable[Row], mark: Link, heads: Mapping[int, bytes] | None = None, blocks: Blocks | None = None
) -> Fault | None:
    """What a walk over them finds."""
    try:
        for _ in Walk(CITY, mark, heads or {}, blocks).over(iter(list(rows))):
            pass
    except Broken as broken:
        return broken.fault
    return None
