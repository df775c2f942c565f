"""Whatever arrives, in whatever order: a client's table is the topic's table, and never goes back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.recovery import Table, step

Frame = dict[str, Any]
TOPIC = "help/ani"


@pytest.mark.parametrize(
    ("mine", "prev", "offset", "wanted"),
    [
        (5, 3, 5, "skip"),
        (5, 1, 2, "skip"),
        (5, 5, 6, "apply"),
        (5, 4, 9, "apply"),
        (5, 6, 7, "hole"),
        (0, 0, 1, "apply"),
        (0, 1, 2, "hole"),
    ],
)
def test_a_position_is_skipped_applied_or_a_hole(mine: int, prev: int, offset: int, wanted: str) -> None:
    """PROTOCOL section 1: the three cases."""
    assert step(mine, prev, offset) == wanted


class Topic:
    """A topic's whole past: its table at every commit, and every frame a hub may make of it."""

    def __init__(self, commits: list[list[tuple[str, int | None]]], epoch: str = "e") -> None:
        self.epoch = epoch
        self.past: list[tuple[int, dict[str, Any]]] = [(0, {})]
        self.groups: list[list[Frame]] = []
        offset = 0
        for number, commit in enumerate(commits):
            prev, offset = offset, offset + 1 + number % 3  # other topics' commits lie between
            table = dict(self.past[-1][1])
            group = []
            for place, (id_, value) in enumerate(commit):
                view = None if value is None else {"v": value}
                table.pop(id_, None)
                if view is not None:
                    table[id_] = view
                change: Frame = {"t": "change", "prev": prev, "offset": offset, "id": id_, "kind": "k", "view": view}
                group.append({**change, "more": True} if place < len(commit) - 1 else change)
            self.groups.append(group)
            self.past.append((offset, table))

    def at(self, offset: int) -> dict[str, Any]:
        return next(table for number, table in self.past if number == offset)

    def state(self, number: int, parts: int = 1) -> list[Frame]:
        """The table after so many commits, in parts."""
        offset, table = self.past[number]
        ids = list(table)
        cuts = [ids[place::parts] for place in range(parts)]
        return [
            {"t": "state", "epoch": self.epoch, "offset": offset, "things": {id_: table[id_] for id_ in cut},
             "fixes": {}, "part": place, "last": place == parts - 1}
            for place, cut in enumerate(cuts)
        ]  # fmt: skip

    def resumed(self, since: int, number: int) -> Frame:
        """What a client at the offset `since` missed up to so many commits."""
        changes = [change for group in self.groups[:number] for change in group if change["offset"] > since]
        return {"t": "resumed", "epoch": self.epoch, "offset": self.past[number][0], "changes": changes}

    def folded(self, first: int, last: int) -> Frame:
        """Commits `first` to `last` (exclusive) folded into the latest views."""
        ids = {change["id"] for group in self.groups[first:last] for change in group}
        offset, table = self.past[last]
        return {
            "t": "folded",
            "prev": self.groups[first][0]["prev"],
            "offset": offset,
            "things": {id_: table.get(id_) for id_ in ids},
        }


commits = st.lists(
    st.lists(st.tuples(st.sampled_from("abcd"), st.none() | st.integers(0, 9)), min_size=1, max_size=3),
    min_size=1,
    max_size=10,
)


@settings(deadline=None, max_examples=200)
@given(past=commits, data=st.data())
def test_any_interleaving_gives_the_topics_table(past: list[list[tuple[str, int | None]]], data: st.DataObject) -> None:
    """Snapshots, live, resumed, folded and repeated changes and holes, in any order: the client's
    table is always the topic's table at its offset, its offset never falls, and one more join makes it whole."""
    topic = Topic(past)
    last = len(topic.groups)
    table = Table()
    for _ in range(data.draw(st.integers(1, 25), label="frames")):
        before = table.offset
        kind = data.draw(st.sampled_from(["live", "state", "resumed", "folded", "cut"]), label="kind")
        if kind == "state":
            frames = topic.state(data.draw(st.integers(0, last)), data.draw(st.integers(1, 3)))
        elif kind == "resumed" and table.epoch is not None:
            up_to = data.draw(st.integers(0, last))
            frames = [topic.resumed(table.offset, up_to)] if topic.past[up_to][0] >= table.offset else []
        elif kind == "folded":
            first = data.draw(st.integers(0, last - 1))
            frames = [topic.folded(first, data.draw(st.integers(first + 1, last)))]
        else:
            frames = topic.groups[data.draw(st.integers(0, last - 1))]
            if kind == "cut":  # the socket ends within a commit or a table of several parts
                frames = frames[:-1] or topic.state(last, 3)[:-1]
        for frame in frames:
            mine = table.offset
            taken = table.receive(frame)
            assert table.offset >= mine
            if taken == "hole":
                assert table.offset == mine
                break
            if table.epoch is not None:
                assert table.things == topic.at(table.offset)
        assert table.offset >= before
    for frame in topic.state(last) if table.epoch is None else [topic.resumed(table.offset, last)]:
        assert table.receive(frame) in ("apply", "skip")
    assert table.things == topic.at(table.offset)
    assert table.offset == topic.past[last][0]


@settings(deadline=None, max_examples=50)
@given(past=commits, data=st.data())
def test_a_new_epoch_starts_anew(past: list[list[tuple[str, int | None]]], data: st.DataObject) -> None:
    """In a new epoch a lower offset is no step back: the table is replaced whole."""
    old, new = Topic(past, "old"), Topic(past[: data.draw(st.integers(1, len(past)))], "new")
    table = Table()
    for frame in [*old.state(len(old.groups)), *new.state(len(new.groups))]:
        table.receive(frame)
    assert table.since() == {"epoch": "new", "offset": new.past[-1][0]}
    assert table.things == new.past[-1][1]


def full(epoch: str = "e", offset: int = 5, **things: Any) -> Frame:
    return {"t": "state", "epoch": epoch, "offset": offset, "things": things, "fixes": {}, "part": 0, "last": True}


def change(prev: int, offset: int, id_: str = "a", view: Any = None, **more: Any) -> Frame:
    return {"t": "change", "prev": prev, "offset": offset, "id": id_, "kind": "k", "view": view, **more}


def test_a_table_never_filled_has_nothing_to_resume_with() -> None:
    """The first join carries no `since`, and changes before the first snapshot say nothing."""
    table = Table()
    assert table.since() is None
    assert table.receive(change(0, 1, view={"v": 1})) == "skip"
    assert table.things == {}


def test_an_older_snapshot_does_not_take_the_table_back() -> None:
    """A hub that lags answers a join with an older table: the client keeps its own."""
    table = Table()
    table.receive(full(offset=9, a={"v": 9}))
    assert table.receive(full(offset=5, a={"v": 5})) == "skip"
    assert (table.offset, table.things) == (9, {"a": {"v": 9}})


def test_a_commit_is_applied_whole_or_not_at_all() -> None:
    """Changes of one commit wait for the last of them."""
    table = Table()
    table.receive(full(offset=5))
    assert table.receive(change(5, 6, "a", {"v": 1}, more=True)) == "skip"
    assert table.things == {}
    assert table.receive(change(5, 6, "b", {"v": 2})) == "apply"
    assert table.things == {"a": {"v": 1}, "b": {"v": 2}}


def test_a_commit_that_was_cut_off_is_a_hole() -> None:
    """The next commit after half of one says that something is missing, and nothing is applied."""
    table = Table()
    table.receive(full(offset=5))
    table.receive(change(5, 6, "a", {"v": 1}, more=True))
    assert table.receive(change(6, 7, "b", {"v": 2})) == "hole"
    assert (table.offset, table.things) == (5, {})


def test_a_resume_of_another_epoch_is_a_hole() -> None:
    """Positions of another epoch mean nothing here."""
    table = Table()
    table.receive(full())
    assert table.receive({"t": "resumed", "epoch": "f", "offset": 9, "changes": []}) == "hole"


def test_a_resume_with_a_hole_is_a_hole() -> None:
    """A resume that does not begin where the table ends cannot be applied."""
    table = Table()
    table.receive(full())
    resumed = {"t": "resumed", "epoch": "e", "offset": 9, "changes": [change(7, 9, "a", {"v": 1})]}
    assert table.receive(resumed) == "hole"
    assert table.offset == 5


def test_a_snapshot_in_parts_counts_when_it_is_complete() -> None:
    """Half a table is no table; a table begun anew forgets the half."""
    topic = Topic([[("a", 1)], [("b", 2)], [("c", 3)]])
    table = Table()
    parts = topic.state(3, 3)
    assert [table.receive(part) for part in parts[:2]] == ["skip", "skip"]
    assert table.epoch is None
    assert [table.receive(part) for part in parts] == ["skip", "skip", "apply"]
    assert table.things == topic.at(table.offset)


def test_the_newest_fix_wins() -> None:
    """A fix with a larger `fix_at` replaces; an older, a repeated and one of an unknown thing are ignored."""
    table = Table()
    table.receive(full(v1={"v": 1}))
    moved = [{"t": "moved", "id": "v1", "fix": {"fix_at": at}} for at in (5, 3, 5, 8)]
    assert [table.receive(frame) for frame in moved] == ["apply", "skip", "skip", "apply"]
    assert table.receive({"t": "moved", "id": "v2", "fix": {"fix_at": 1}}) == "skip"
    assert table.fixes == {"v1": {"fix_at": 8}}


def test_a_fix_goes_with_its_thing() -> None:
    """A thing that leaves takes its fix along, by a change as by a snapshot."""
    table = Table()
    table.receive({**full(v1={"v": 1}), "fixes": {"v1": {"fix_at": 5}}})
    table.receive(change(5, 6, "v1", None))
    assert table.fixes == {}
    table.receive({**full(offset=7, v1={"v": 1}), "fixes": {"v1": {"fix_at": 9}}})
    table.receive(full(offset=8))
    assert table.fixes == {}


def test_a_frame_of_no_table_is_a_fault() -> None:
    """Only the five kinds of frames about a table are given to it."""
    with pytest.raises(ValueError, match="expected state"):
        Table().receive({"t": "beat"})
