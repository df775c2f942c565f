"""The archive's chain: whatever is done to its rows is found, and named by row and kind."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hub.chain import GENESIS, Link, Logged, Row, linked, read
from tests.support.chains import CITY, chain, end, entry, fault, rehashed, renumbered

rows_and_one = st.integers(1, 12).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count - 1)))
OTHER: dict[str, Any] = {
    "log_id": "9-9", "commit": 99, "at": 99, "body": msgspec.msgpack.encode({"cmd": "forged"}), "id": "x",
    "type": "x.y", "version": 9, "person": "x", "role": "x", "things": "x/x", "figures": 1, "city": "00.00",
    "prev_hash": b"p" * 32, "hash": b"h" * 32,
}  # fmt: skip
CONTENT = ("log_id", "commit", "at", "body")


@given(st.integers(0, 20))
def test_a_chain_is_whole_until_somebody_changes_it(count: int) -> None:
    """Of any length; the first row follows 32 zero bytes."""
    rows = chain(count)
    assert fault(rows, end(rows)) is None
    assert fault(rows, end(rows), {row.seq: row.hash for row in rows}) is None
    assert not rows or rows[0].prev_hash == GENESIS


@given(rows_and_one, st.sampled_from(sorted(OTHER)))
def test_a_changed_column_is_named(where: tuple[int, int], column: str) -> None:
    """Every one of them, in every row, also those that are only read out of the body."""
    count, at = where
    rows = chain(count)
    mark = end(rows)
    rows[at] = replace(rows[at], **{column: OTHER[column]})
    found = fault(rows, mark)
    assert found is not None
    assert (found.how, found.seq) == ("changed", at + 1)


@given(rows_and_one, st.sampled_from(CONTENT))
def test_a_changed_row_with_a_hash_of_its_own_is_named(where: tuple[int, int], column: str) -> None:
    """The row after it, or the end that the archive knows, vouches for what it was."""
    count, at = where
    rows = chain(count)
    mark = end(rows)
    rows[at] = rehashed(replace(rows[at], **{column: OTHER[column]}))
    found = fault(rows, mark)
    assert found is not None
    assert (found.how, found.seq) == ("changed", at + 1)


@given(rows_and_one, st.integers(1, 3), st.booleans())
def test_removed_rows_are_named(where: tuple[int, int], many: int, renumber: bool) -> None:
    """By the first of them, whether or not the rest was renumbered; at the end they are cut."""
    count, at = where
    rows = chain(count)
    mark, last = end(rows), at + many >= count
    del rows[at : at + many]
    found = fault(renumbered(rows) if renumber else rows, mark)
    assert found is not None
    assert (found.how, found.seq) == ("cut" if last else "removed", at + 1)


@given(rows_and_one, st.integers(1, 3), st.sampled_from(["own hashes", "no hashes"]))
def test_inserted_rows_are_named(where: tuple[int, int], many: int, how: str) -> None:
    """By the first of them, with hashes that fit or with none, before a row or at the end."""
    count, at = where
    for place in (at, count):
        rows = chain(count)
        mark = end(rows)
        forged: list[Row] = []
        before = end(rows[:place])
        for number in range(many):
            forged.append(linked(CITY, before, entry(700 + number)))
            before = end(forged)
        if how == "no hashes":
            forged = [replace(row, hash=b"x" * 32) for row in forged]
        found = fault(renumbered([*rows[:place], *forged, *rows[place:]]), mark)
        assert found is not None
        assert (found.how, found.seq) == ("inserted", place + 1)


@given(rows_and_one)
def test_a_chain_made_anew_shows_against_a_head(where: tuple[int, int]) -> None:
    """Every later hash and the archive's own end forged: a head that was signed or kept does not agree."""
    count, at = where
    rows = chain(count)
    heads = {count: rows[-1].hash, **({at: rows[at - 1].hash} if at else {})}
    link = end(rows[:at])
    forged = rows[:at]
    for number in range(at, count):
        logged = entry(700) if number == at else entry(number + 1)
        forged.append(linked(CITY, link, logged))
        link = end(forged)
    assert fault(forged, link) is None
    found = fault(forged, link, heads)
    assert found is not None
    assert (found.how, found.seq) == ("changed", at + 1)
    assert f"rows {at + 1} to {count}" in found.why


@given(rows_and_one)
def test_a_cut_end_shows_against_a_head(where: tuple[int, int]) -> None:
    """Also when the archive's own end was set back with it."""
    count, at = where
    rows = chain(count)
    left = rows[:at]
    assert fault(left, end(left)) is None
    found = fault(left, end(left), {count: rows[-1].hash})
    assert found is not None
    assert (found.how, found.seq) == ("cut", at + 1)


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x01", msgspec.msgpack.encode(["x"])])
def test_what_nobody_can_read_is_kept(body: bytes) -> None:
    """An entry of another make is archived as it came."""
    row = linked(CITY, Link(), Logged("1-0", 1, 1, body))
    assert (row.type, row.body) == ("unreadable", body)
    assert fault([row], end([row])) is None


def test_columns_are_read_out_of_the_body() -> None:
    """Command, id, who, as what, which things, and whether a report reads it."""
    said = {"v": 2, "cmd": "a.b", "id": "i", "by": "p", "role": "r", "things": ["t/1", "t/2"], "figures": [["x"]]}
    assert read(msgspec.msgpack.encode(said)) == {
        "id": "i", "type": "a.b", "version": 2, "person": "p", "role": "r", "things": "t/1 t/2", "figures": 1,
    }  # fmt: skip
