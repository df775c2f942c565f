"""One socket's queue: bounded, urgent first, folding when slow."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.outbox import BULK, NORMAL, PIECE_BYTES, URGENT, Limits, Outbox

SMALL = Limits(fold_bytes=1000, urgent_bytes=2000)


def drained(outbox: Outbox) -> list[bytes]:
    pieces = []
    while data := outbox.take():
        pieces.append(data)
    return pieces


def test_urgent_overtakes_all_that_waits() -> None:
    """Urgent, then normal, then bulk, each in its own order."""
    outbox = Outbox()
    for lane, data in ((BULK, b"b1"), (NORMAL, b"n1"), (URGENT, b"u1"), (BULK, b"b2"), (URGENT, b"u2")):
        outbox.push(lane, data)
    assert outbox.take() == b"u1u2n1b1b2"
    assert outbox.empty


def test_nothing_waits_in_an_idle_outbox() -> None:
    """An idle socket holds no queue, and there is nothing to take."""
    outbox = Outbox()
    assert (outbox.take(), outbox.waiting, outbox.empty) == (b"", 0, True)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([URGENT, NORMAL, BULK]), st.integers(1, 40_000)), max_size=30))
def test_pieces_are_whole_frames_of_at_most_sixteen_kilobytes(frames: list[tuple[int, int]]) -> None:
    """A piece holds whole frames, more than 16 KB only when one frame alone does; nothing is lost or reordered."""
    outbox = Outbox(Limits(1 << 30, 1 << 30))
    for number, (lane, size) in enumerate(frames):
        outbox.push(lane, bytes([number]) * size)
    whole = [bytes([n]) * size for n, (_, size) in sorted(enumerate(frames), key=lambda one: one[1][0])]
    assert outbox.waiting == sum(map(len, whole))
    pieces = drained(outbox)
    assert b"".join(pieces) == b"".join(whole)
    for piece in pieces:
        assert len(piece) <= PIECE_BYTES or len(set(piece)) == 1
    assert outbox.waiting == 0


def test_an_urgent_lane_over_its_limit_says_so() -> None:
    """Urgent frames are never folded: the socket is closed."""
    outbox = Outbox(SMALL)
    assert outbox.push(URGENT, b"x" * 2000)
    assert not outbox.push(URGENT, b"x")
    assert not outbox.folds(URGENT, "help/ani")


def test_an_answer_to_a_join_is_not_what_makes_a_socket_slow() -> None:
    """A table larger than the limit can be joined; it counts again once it was taken."""
    outbox = Outbox(SMALL)
    assert outbox.push(URGENT, b"x" * 5000, granted=True)
    assert outbox.push(URGENT, b"y" * 1500)
    assert not outbox.push(URGENT, b"y" * 1500)
    drained(outbox)
    assert not outbox.push(URGENT, b"x" * 5000)


def test_what_is_granted_has_a_bound() -> None:
    """A client that asks for tables and never reads them is closed as well."""
    outbox = Outbox(SMALL)
    asked = 0
    while outbox.push(BULK, b"x" * 100_000, granted=True):
        asked += 1
    assert outbox.waiting < 6 * 1024 * 1024


def test_a_slow_topic_folds_and_its_neighbour_does_too() -> None:
    """Over the bound every topic of the lane folds; a topic that is behind goes on folding."""
    outbox = Outbox(SMALL)
    assert not outbox.folds(BULK, "vans")
    outbox.push(BULK, b"x" * 1001)
    assert outbox.folds(BULK, "vans")
    assert not outbox.folds(NORMAL, "roster")
    outbox.fold("vans", 5, ["v1"])
    drained(outbox)
    assert outbox.folds(BULK, "vans")
    assert not outbox.folds(BULK, "shops/kranggan")


def test_a_fold_begins_at_its_first_change() -> None:
    """`prev` is that of the run's first change; ids are collected."""
    outbox = Outbox(SMALL)
    outbox.fold("vans", 5, ["v1"])
    outbox.fold("vans", 9, ["v2", "v1"])
    taken = outbox.take_behind()
    assert taken is not None
    assert (taken[0], taken[1].prev, taken[1].ids) == ("vans", 5, {"v1", "v2"})
    assert outbox.take_behind() is None


def test_a_fold_waits_until_its_lanes_are_drained() -> None:
    """What was queued before must be read before."""
    outbox = Outbox(SMALL)
    outbox.push(NORMAL, b"n")
    outbox.fold("vans", 5, ["v1"])
    assert outbox.take_behind() is None
    assert not outbox.empty
    drained(outbox)
    assert outbox.take_behind() is not None


def test_a_topic_left_is_forgotten() -> None:
    """A fresh snapshot, or leaving, ends the fold."""
    outbox = Outbox(SMALL)
    outbox.fold("vans", 5, ["v1"])
    outbox.forget("vans")
    outbox.forget("never")
    assert outbox.take_behind() is None


def test_a_cleared_outbox_holds_nothing() -> None:
    """A closed socket leaves nothing behind."""
    outbox = Outbox(SMALL)
    outbox.push(URGENT, b"u")
    outbox.fold("vans", 5, ["v1"])
    outbox.clear()
    assert (outbox.empty, outbox.waiting, outbox.take()) == (True, 0, b"")
