"""What a hub remembers for resumes."""

from __future__ import annotations

import pytest

from hub import wire
from hub.bus import BusChange, Entry
from hub.commit import pack
from hub.recent import Keep, Kept, Recent, by_topic


def kept(prev: int, offset: int, at: int = 0, size: int = 1) -> Kept:
    return Kept(prev, offset, at, [BusChange("a", prev, "x", "k", pack("v" * size))])


def filled(*pairs: tuple[int, int], keep: Keep | None = None) -> Recent:
    recent = Recent(keep) if keep is not None else Recent()
    for prev, offset in pairs:
        recent.add("a", kept(prev, offset, offset * 1000))
    return recent


@pytest.mark.parametrize(
    ("since", "wanted"), [(3, [5, 9]), (4, [5, 9]), (5, [9]), (8, [9]), (9, []), (2, None), (0, None), (10, None)]
)
def test_only_what_is_proven_is_given(since: int, wanted: list[int] | None) -> None:
    """Every change after a position, or None where one might be missing, or the asker is ahead of us."""
    found = filled((3, 5), (5, 9)).after("a", since)
    assert (None if found is None else [one.offset for one in found]) == wanted


def test_an_unknown_topic_proves_nothing() -> None:
    """No change remembered says nothing about changes forgotten."""
    assert Recent().after("a", 5) is None


def test_the_oldest_go_by_time_and_by_size() -> None:
    """What is older than the time, or beyond the bytes, is forgotten, and with it the proof."""
    by_time = filled((0, 1), (1, 2), (2, 30), keep=Keep(ms=15_000, bytes=1 << 20))
    assert by_time.after("a", 0) is None
    assert by_time.after("a", 2) == [kept(2, 30, 30_000)]
    by_size = Recent(Keep(ms=1 << 40, bytes=5000))
    for number in range(20):
        by_size.add(f"t{number % 3}", kept(max(0, number - 2), number + 1, 0, 1000))
    assert by_size.after("t0", 0) is None
    assert by_size._bytes <= 5000
    assert len(by_size._order) == 4


def test_one_topics_share_of_a_commit_stays_together() -> None:
    """Changes of one commit in one topic: the same positions, `more` on all but the last."""
    view = pack({"v": 1})
    changes = [BusChange("a", 3, "x", "k", view), BusChange("b", 0, "x", "k", view), BusChange("a", 3, "y", "k", None)]
    shares = by_topic(Entry("bulk", 7, "e", 5, 99, changes))
    assert set(shares) == {"a", "b"}
    frames = shares["a"].frames()
    assert [(f["prev"], f["offset"], f["id"], f.get("more")) for f in frames] == [(3, 7, "x", True), (3, 7, "y", None)]


@pytest.mark.parametrize("fmt", ["msgpack", "json"])
def test_a_share_is_encoded_as_frames(fmt: wire.Format) -> None:
    """Each change is a whole WebSocket frame; a thing that left has a view of null."""
    share = Kept(3, 7, 99, [BusChange("a", 3, "x", "on", pack({"v": 1})), BusChange("a", 3, "y", "off", None)])
    data, frames = share.encode(fmt), []
    while data:
        size = data[1]
        frames.append(wire.decode(data[2 : 2 + size], fmt))
        data = data[2 + size :]
    head = {"t": "change", "topic": "a", "prev": 3, "offset": 7, "at": 99}
    assert frames == [
        {**head, "id": "x", "kind": "on", "view": {"v": 1}, "more": True},
        {**head, "id": "y", "kind": "off", "view": None},
    ]
